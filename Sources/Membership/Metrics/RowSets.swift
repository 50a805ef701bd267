import Engine
import Store

/// Sets of rows of one table, numbered from 0: a bit for each row that the table ever had.
struct RowSets {
    let count: Int
    private let wordsPerSet: Int
    private var words: [UInt64]

    init(_ count: Int = 1, of table: RuleTable, _ data: DataView) {
        let view = data.version.table(table.id)
        var pages = 0
        for shard in 0..<view.shardCount { pages = max(pages, view.pageCount(shard: shard)) }
        // A page has 64 rows: one word.
        wordsPerSet = pages * view.shardCount
        self.count = count
        words = Array(repeating: 0, count: wordsPerSet * count)
    }

    /// - Returns: whether the row was not in the set before.
    @discardableResult
    mutating func insert(_ ref: RowRef, into set: Int = 0) -> Bool {
        let number = Int(ref.rawValue)
        guard number &>> 6 < wordsPerSet else { return false }
        let place = set &* wordsPerSet &+ number &>> 6
        let bit: UInt64 = 1 &<< UInt64(number & 63)
        if words[place] & bit != 0 { return false }
        words[place] |= bit
        return true
    }

    mutating func remove(_ ref: RowRef, from set: Int = 0) {
        let number = Int(ref.rawValue)
        guard number &>> 6 < wordsPerSet else { return }
        words[set &* wordsPerSet &+ number &>> 6] &= ~(1 &<< UInt64(number & 63))
    }

    func contains(_ ref: RowRef, in set: Int = 0) -> Bool {
        let number = Int(ref.rawValue)
        guard number &>> 6 < wordsPerSet else { return false }
        return words[set &* wordsPerSet &+ number &>> 6] &>> UInt64(number & 63) & 1 != 0
    }

    /// The rows of a set.
    func count(of set: Int = 0) -> Int {
        var sum = 0
        for place in set * wordsPerSet..<(set + 1) * wordsPerSet {
            sum &+= words[place].nonzeroBitCount
        }
        return sum
    }

    /// The rows that are in both sets.
    func count(ofBoth first: Int, and second: Int) -> Int {
        var sum = 0
        for place in 0..<wordsPerSet {
            let both = words[first &* wordsPerSet &+ place] & words[second &* wordsPerSet &+ place]
            sum &+= both.nonzeroBitCount
        }
        return sum
    }
}

extension FieldRead {
    /// All rows of a table, page by page: the fastest way through many of them.
    func walk(_ table: RuleTable, _ body: (RowRef, RowView) -> Void) throws(FieldStop) {
        let view = data.version.table(table.id)
        for shard in 0..<view.shardCount {
            for number in 0..<view.pageCount(shard: shard) {
                guard let page = view.page(shard: shard, number: number) else { continue }
                var rest = page.live
                try visit(rest.nonzeroBitCount)
                while rest != 0 {
                    let lane = rest.trailingZeroBitCount
                    rest &= rest &- 1
                    body(page.ref(lane: lane), page.row(lane: lane))
                }
            }
        }
    }
}
