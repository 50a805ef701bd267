/// How many different values of a column each group has, exactly.
///
/// Values come as codes. Each group has a row of bits, one for each code, as long as these take
/// little memory; else pairs of group and code are kept in a hash set.
// Safe: the cells are freed with the object, and handed to nobody.
@safe
final class DistinctCounts {
    let coder: ColumnCoder
    private let found = Cells<UInt32>(count: 64, filling: 0)
    private var counts: Cells<Int>
    /// Rows of bits by group.
    private var rows = Cells<Cells<UInt64>>(count: 0)
    private var rowCount = 0
    private var wordCount = 0
    private var hasPairs = false
    /// `group << 32 | code`, and 1 more so that 0 is a free place.
    private var pairs = Cells<UInt64>(count: 1, filling: 0)
    private(set) var pairCount = 0
    private let hash = WordHash.shared

    /// Words of all rows of bits at the most: 64 MB. Reason: pairs cost 16 to 32 bytes each.
    static let wordCountMax = 8 << 20
    /// Words that need not be worth it: 8 MB. Reason: few groups with many values each have them
    /// soon.
    private static let wordCountMin = 1 << 20

    private let wordCountMax: Int
    /// Words of all rows of bits until it is looked at again whether they are worth it.
    private var wordCountAllowed: Int

    init(_ coder: ColumnCoder, wordCountMax: Int = wordCountMax) {
        self.coder = coder
        self.wordCountMax = wordCountMax
        wordCountAllowed = min(wordCountMax, DistinctCounts.wordCountMin)
        counts = Cells(count: 0, filling: 0)
    }

    deinit {
        found.free()
        counts.free()
        pairs.free()
        freeRows()
    }

    private func freeRows() {
        for group in 0..<rowCount { rows[group].free() }
        rows.free()
    }

    func count(_ group: Int) -> Int { group < counts.count ? counts[group] : 0 }

    /// Values kept in memory.
    var valueCount: Int { pairCount &+ coder.valueCount }

    @inline(__always)
    func add<Batch: RowBatch>(_ batch: Batch, _ groups: Cells<UInt32>, groupCount: Int) {
        coder.encode(batch, into: found)
        counts.grow(to: groupCount, filling: 0)
        for index in 0..<batch.count where found[index] != 0 {
            insert(Int(groups[index]), found[index])
        }
    }

    @inline(__always)
    private func insert(_ group: Int, _ code: UInt32) {
        let word = Int(code &>> 6)
        let bit: UInt64 = 1 &<< UInt64(code & 63)
        if group < rowCount {
            let row = rows[group]
            if word < row.count {
                let old = row[word]
                if old & bit == 0 {
                    row[word] = old | bit
                    counts[group] &+= 1
                }
                return
            }
        }
        insertSlowly(group, code)
    }

    @inline(never)
    private func insertSlowly(_ group: Int, _ code: UInt32) {
        if makeRoom(group, Int(code &>> 6) &+ 1) {
            insert(group, code)
        } else {
            insertPair(group, code)
        }
    }

    /// False when the group's values are to be kept as pairs.
    private func makeRoom(_ group: Int, _ words: Int) -> Bool {
        if hasPairs { return false }
        while rowCount <= group {
            let empty = Cells<UInt64>(count: 0)
            rows.grow(to: rowCount &+ 1, filling: empty)
            rows[rowCount] = empty
            rowCount &+= 1
        }
        var row = rows[group]
        let old = row.count
        if words <= old { return true }
        let new = max(words, 2 &* old)
        if wordCount &+ new &- old > wordCountAllowed && !allowMoreWords() {
            makePairs()
            return false
        }
        wordCount &+= new &- old
        row.growExactly(to: new)
        rows[group] = row
        return true
    }

    /// Allows twice as many words, if the values found so far would take as much memory as pairs.
    private func allowMoreWords() -> Bool {
        var valueCount = 0
        for group in 0..<counts.count { valueCount &+= counts[group] }
        guard valueCount >= wordCountAllowed / 4, 2 &* wordCountAllowed <= wordCountMax else {
            return false
        }
        wordCountAllowed &*= 2
        return true
    }

    private func makePairs() {
        hasPairs = true
        for group in 0..<rowCount {
            counts[group] = 0
            forEachCode(rows[group]) { insertPair(group, $0) }
        }
        freeRows()
        rows = Cells(count: 0)
        rowCount = 0
        wordCount = 0
    }

    @inline(__always)
    private func forEachCode(_ row: Cells<UInt64>, _ body: (UInt32) -> Void) {
        for word in 0..<row.count {
            var rest = row[word]
            while rest != 0 {
                let code = word &* 64 &+ rest.trailingZeroBitCount
                rest &= rest &- 1
                body(UInt32(truncatingIfNeeded: code))
            }
        }
    }

    private func insertPair(_ group: Int, _ code: UInt32) {
        if 2 &* pairCount >= pairs.count { growPairs() }
        let pair = (UInt64(group) &<< 32 | UInt64(code)) &+ 1
        let mask = pairs.count &- 1
        var place = Int(truncatingIfNeeded: hash(pair)) & mask
        while pairs[place] != 0 {
            if pairs[place] == pair { return }
            place = (place &+ 1) & mask
        }
        pairs[place] = pair
        pairCount &+= 1
        counts[group] &+= 1
    }

    private func growPairs() {
        let larger = Cells<UInt64>(zeros: max(1_024, 4 &* pairs.count))
        let mask = larger.count &- 1
        for old in 0..<pairs.count where pairs[old] != 0 {
            var place = Int(truncatingIfNeeded: hash(pairs[old])) & mask
            while larger[place] != 0 { place = (place &+ 1) & mask }
            larger[place] = pairs[old]
        }
        pairs.free()
        pairs = larger
    }

    /// Takes over what another one found.
    ///
    /// - Parameter groups: for each group of `other`, the one here.
    func merge(_ other: DistinctCounts, _ groups: [UInt32], groupCount: Int) {
        counts.grow(to: groupCount, filling: 0)
        let codes = other.coder.translation(into: coder)
        for group in 0..<other.rowCount {
            let row = other.rows[group]
            let target = Int(groups[group])
            if let codes {
                forEachCode(row) { insert(target, codes[Int($0)]) }
            } else if row.count > 0 {
                merge(row, into: target)
            }
        }
        for place in 0..<other.pairs.count where other.pairs[place] != 0 {
            let pair = other.pairs[place] &- 1
            let code = UInt32(truncatingIfNeeded: pair)
            insert(Int(groups[Int(pair &>> 32)]), codes?[Int(code)] ?? code)
        }
    }

    private func merge(_ row: Cells<UInt64>, into group: Int) {
        guard makeRoom(group, row.count) else {
            forEachCode(row) { insertPair(group, $0) }
            return
        }
        let own = rows[group]
        var added = 0
        for word in 0..<row.count {
            let old = own[word]
            let new = old | row[word]
            added &+= new.nonzeroBitCount &- old.nonzeroBitCount
            own[word] = new
        }
        counts[group] &+= added
    }
}
