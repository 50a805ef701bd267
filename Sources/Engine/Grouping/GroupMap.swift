/// From the codes of a row's keys to the number of its group: groups are counted from 0 in the
/// order in which they occur.
///
/// As long as the codes of all keys together need few bits, they are the place in an array; beyond
/// that they are hashed. It begins with the bits that occur and makes room as greater codes come.
// Safe: the cells are freed with the map, and handed to nobody.
@safe
final class GroupMap {
    private let keyCount: Int
    private let directBitsMax: Int
    private(set) var count = 0
    /// The codes of each group, key by key.
    private var codes: Cells<UInt32>
    /// Bits of each key's codes, as long as places are direct.
    private var bits: [Int]
    private var isDirect = true
    /// Group and 1 by the codes' bits; 0 where there is none.
    private var direct: Cells<UInt32>
    /// By hash: its upper half, and group and 1; 0 where there is none.
    private var hashed: Cells<UInt64>
    private let places = Cells<UInt64>(count: 64, filling: 0)
    private let hash = WordHash.shared

    /// Bits of a place in the array at the most, for long lists and for short ones. Reason: the array
    /// takes 16 MB and is touched only where there are groups; for a short list, asking for it
    /// costs more than it saves.
    static let directBitsMax = (long: 22, short: 12)

    init(keyCount: Int, isLong: Bool) {
        self.keyCount = keyCount
        directBitsMax = isLong ? Self.directBitsMax.long : Self.directBitsMax.short
        codes = Cells(count: 16 &* max(1, keyCount), filling: 0)
        bits = Array(repeating: 0, count: keyCount)
        direct = Cells(count: 1, filling: 0)
        hashed = Cells(count: 1, filling: 0)
    }

    deinit {
        codes.free()
        direct.free()
        hashed.free()
        places.free()
    }

    /// The code of a group's key.
    func code(_ group: Int, _ key: Int) -> UInt32 { codes[group &* keyCount &+ key] }

    /// Finds the groups of a batch of rows, and makes those that are missing.
    ///
    /// - Parameter keys: the codes, key by key.
    func place(_ keys: [Cells<UInt32>], count: Int, into groups: Cells<UInt32>) {
        if isDirect { fit(keys, count) }
        if isDirect {
            findDirectPlaces(keys, count)
            let direct = self.direct
            for index in 0..<count {
                let place = Int(truncatingIfNeeded: places[index])
                var group = direct[place]
                if group == 0 {
                    group = add(keys, index)
                    direct[place] = group
                }
                groups[index] = group &- 1
            }
        } else {
            findHashes(keys, count)
            for index in 0..<count {
                groups[index] = hashedGroup(keys, index, makingIt: true) &- 1
            }
        }
    }

    /// The group of one row's codes, which are the first of each key's; nil when there is none.
    func group(_ keys: [Cells<UInt32>]) -> Int? {
        let group: UInt32
        if isDirect {
            for key in 0..<keyCount where UInt64(keys[key][0]) &>> UInt64(bits[key]) != 0 {
                return nil
            }
            findDirectPlaces(keys, 1)
            group = direct[Int(truncatingIfNeeded: places[0])]
        } else {
            findHashes(keys, 1)
            group = hashedGroup(keys, 0, makingIt: false)
        }
        return group == 0 ? nil : Int(group) - 1
    }

    private func add(_ keys: [Cells<UInt32>], _ index: Int) -> UInt32 {
        let first = count &* keyCount
        codes.grow(to: first &+ keyCount, filling: 0)
        for key in 0..<keyCount { codes[first &+ key] = keys[key][index] }
        count &+= 1
        return UInt32(truncatingIfNeeded: count)
    }

    // MARK: Direct places

    @inline(__always)
    private func findDirectPlaces(_ keys: [Cells<UInt32>], _ count: Int) {
        let places = self.places
        var shift: UInt64 = 0
        for key in 0..<keyCount {
            let codes = keys[key]
            if key == 0 {
                for index in 0..<count { places[index] = UInt64(codes[index]) }
            } else {
                for index in 0..<count { places[index] |= UInt64(codes[index]) &<< shift }
            }
            shift &+= UInt64(bits[key])
        }
        if keyCount == 0 { places.fill(with: 0) }
    }

    /// Makes the array as wide as the codes need.
    private func fit(_ keys: [Cells<UInt32>], _ count: Int) {
        var isGrown = false
        for key in 0..<keyCount {
            let codes = keys[key]
            var all: UInt32 = 0
            for index in 0..<count { all |= codes[index] }
            let needed = UInt32.bitWidth - all.leadingZeroBitCount
            if needed > bits[key] {
                bits[key] = needed
                isGrown = true
            }
        }
        if isGrown { layOut() }
    }

    private func layOut() {
        let width = bits.reduce(0, +)
        guard width <= directBitsMax else {
            isDirect = false
            direct.free()
            direct = Cells(count: 1, filling: 0)
            layOutHashed(count: max(64, (4 * count).nextPowerOfTwo))
            return
        }
        direct.free()
        direct = Cells(zeros: 1 << width)
        for group in 0..<count {
            var place = 0
            var shift = 0
            for key in 0..<keyCount {
                place |= Int(code(group, key)) << shift
                shift += bits[key]
            }
            direct[place] = UInt32(truncatingIfNeeded: group &+ 1)
        }
    }

    // MARK: Places by hash

    @inline(__always)
    private func findHashes(_ keys: [Cells<UInt32>], _ count: Int) {
        for index in 0..<count {
            var hash: UInt64 = 0
            for key in 0..<keyCount { hash = self.hash(hash ^ UInt64(keys[key][index])) }
            places[index] = hash
        }
    }

    private func hash(ofGroup group: Int) -> UInt64 {
        var hash: UInt64 = 0
        for key in 0..<keyCount { hash = self.hash(hash ^ UInt64(code(group, key))) }
        return hash
    }

    /// The group and 1; 0 when there is none.
    private func hashedGroup(
        _ keys: [Cells<UInt32>], _ index: Int, makingIt: Bool
    ) -> UInt32 {
        let hash = places[index]
        let tag = hash & Self.tagMask
        let mask = hashed.count &- 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = hashed[place]
            if entry == 0 { break }
            if entry & Self.tagMask == tag {
                let group = Int(entry & ~Self.tagMask) &- 1
                if isGroup(group, keys, index) {
                    return UInt32(truncatingIfNeeded: group &+ 1)
                }
            }
            place = (place &+ 1) & mask
        }
        guard makingIt else { return 0 }
        let group = add(keys, index)
        hashed[place] = tag | UInt64(group)
        if 2 &* count > hashed.count { layOutHashed(count: 4 &* hashed.count) }
        return group
    }

    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

    private func isGroup(_ group: Int, _ keys: [Cells<UInt32>], _ index: Int) -> Bool {
        for key in 0..<keyCount where code(group, key) != keys[key][index] { return false }
        return true
    }

    private func layOutHashed(count placeCount: Int) {
        hashed.free()
        hashed = Cells(zeros: placeCount)
        let mask = placeCount &- 1
        for group in 0..<count {
            let hash = hash(ofGroup: group)
            var place = Int(truncatingIfNeeded: hash) & mask
            while hashed[place] != 0 { place = (place &+ 1) & mask }
            hashed[place] = hash & Self.tagMask | UInt64(group &+ 1)
        }
    }
}

extension Int {
    /// The least power of two that is not less.
    fileprivate var nextPowerOfTwo: Int {
        self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
