/// The layout of the blocks a tree is made of, and the search in one of them.
///
///     leaf     0   header of the pool, with the number of entries at 12
///              16  entries, each of `stride` words
///     branch   0   header of the pool, with the number of children at 12
///              16  addresses of the children
///              528 ends: of each child, the entries under it and all children before it (UInt32)
///              784 the first entry under each child, of `stride` words
///
/// Ends, not counts: a rank costs one load a level. The first entries are exact, also that of the
/// first child: a row that is gone is in no branch, so comparing texts never reads a dead row.
///
/// All leaves of a stride are of one size, all branches too, for `capacity` entries or children.
@usableFromInline
enum TreeNode {
    /// Entries of a leaf and children of a branch. 64 balances the bytes that a change copies
    /// against the height: a million entries need four levels.
    @inlinable static var capacity: Int { 64 }
    /// With fewer than this, a node is merged with its neighbour or filled from it, if it has one.
    static var fillMin: Int { 16 }
    /// Two nodes become one when it leaves room for this and no sooner, lest it split at once.
    static var mergedMax: Int { 48 }
    /// 2^32 entries in nodes that are a quarter full need nine levels.
    static var heightMax: Int { 12 }

    @inlinable static var entriesOffset: Int { 16 }
    @inlinable static var childrenOffset: Int { 16 }
    @inlinable static var endsOffset: Int { 528 }
    @inlinable static var firstsOffset: Int { 784 }

    static func leafByteCount(stride: Int) -> Int { entriesOffset + 8 * capacity * stride }
    static func branchByteCount(stride: Int) -> Int { firstsOffset + 8 * capacity * stride }

    // MARK: Reading

    /// Entries of a leaf or children of a branch.
    @inline(__always) @inlinable
    static func count(_ node: UnsafeRawPointer) -> Int {
        unsafe Int(node.load(fromByteOffset: 12, as: UInt32.self))
    }

    @inline(__always) @inlinable
    static func entries(_ leaf: UnsafeRawPointer) -> UnsafePointer<UInt64> {
        unsafe (leaf + entriesOffset).assumingMemoryBound(to: UInt64.self)
    }

    @inline(__always)
    static func children(_ branch: UnsafeRawPointer) -> UnsafePointer<UnsafeMutableRawPointer> {
        unsafe (branch + childrenOffset).assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    }

    @inline(__always)
    static func ends(_ branch: UnsafeRawPointer) -> UnsafePointer<UInt32> {
        unsafe (branch + endsOffset).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    static func firsts(_ branch: UnsafeRawPointer) -> UnsafePointer<UInt64> {
        unsafe (branch + firstsOffset).assumingMemoryBound(to: UInt64.self)
    }

    /// Entries under the children before `index`.
    @inline(__always)
    static func start(_ branch: UnsafeRawPointer, of index: Int) -> Int {
        unsafe index == 0 ? 0 : Int(ends(branch)[index &- 1])
    }

    // MARK: Searching

    /// How many of `count` sorted entries are before `key`.
    /// - Parameters:
    ///   - hasTies: entries with equal words before the locator are ordered by `tie` first.
    static func lowerBound(
        _ entries: UnsafePointer<UInt64>, count: Int, stride: Int, key: TreeKey, hasTies: Bool,
        tie: TextTie
    ) -> Int {
        if hasTies {
            return unsafe partitionByHalves(entries, count, stride) { entry in
                unsafe isBefore(entry, stride, key, tie)
            }
        }
        switch stride {
        case 1:
            return unsafe partition(entries, count, 1) { unsafe $0[0] < key.locator }
        case 2:
            let wanted = UInt128(key.first) &<< 64 | UInt128(key.locator)
            return unsafe partition(entries, count, 2) { entry in
                unsafe UInt128(entry[0]) &<< 64 | UInt128(entry[1]) < wanted
            }
        default:
            let wanted = UInt128(key.second) &<< 64 | UInt128(key.locator)
            return unsafe partition(entries, count, 3) { entry in
                let first = unsafe entry[0]
                let rest = unsafe UInt128(entry[1]) &<< 64 | UInt128(entry[2])
                let isBefore = first < key.first ? 1 : 0
                let isEqual = first == key.first ? 1 : 0
                return isBefore | isEqual & (rest < wanted ? 1 : 0) != 0
            }
        }
    }

    /// How many entries at the front fulfil a predicate that none fulfils behind one that does
    /// not.
    ///
    /// Every eighth entry is looked at, then the eight where the answer lies: in each of the two
    /// rounds no load waits for another, and the processor has nothing to guess. In nodes that are
    /// not in its caches, halving takes six loads that wait for each other.
    @inline(__always)
    private static func partition(
        _ entries: UnsafePointer<UInt64>, _ count: Int, _ stride: Int,
        _ isBefore: (UnsafePointer<UInt64>) -> Bool
    ) -> Int {
        var start = 0
        var probe = 7
        while probe < count {
            unsafe start &+= isBefore(entries + probe &* stride) ? 8 : 0
            probe &+= 8
        }
        var found = start
        var index = start
        let end = min(start &+ 8, count)
        while index < end {
            unsafe found &+= isBefore(entries + index &* stride) ? 1 : 0
            index &+= 1
        }
        return found
    }

    /// The same by halving, for predicates that cost more than a load.
    @inline(__always)
    private static func partitionByHalves(
        _ entries: UnsafePointer<UInt64>, _ count: Int, _ stride: Int,
        _ isBefore: (UnsafePointer<UInt64>) -> Bool
    ) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low &+ high) &>> 1
            if unsafe isBefore(entries + middle &* stride) {
                low = middle &+ 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Whether an entry comes before a key, the texts behind equal words being compared by `tie`.
    private static func isBefore(
        _ entry: UnsafePointer<UInt64>, _ stride: Int, _ key: TreeKey, _ tie: TextTie
    ) -> Bool {
        let word: UInt64
        if stride == 3 {
            if unsafe entry[0] != key.first { return unsafe entry[0] < key.first }
            word = key.second
        } else {
            word = key.first
        }
        let own = unsafe entry[stride &- 2]
        if own != word { return own < word }
        let locator = unsafe entry[stride &- 1]
        if word != KeyEncoding.null {
            let order = tie(Locator(rawValue: locator))
            if order != 0 { return order > 0 }
        }
        return locator < key.locator
    }

    // MARK: Writing

    @inline(__always)
    static func setCount(_ node: UnsafeMutableRawPointer, _ count: Int) {
        unsafe node.storeBytes(
            of: UInt32(truncatingIfNeeded: count), toByteOffset: 12, as: UInt32.self)
    }

    @inline(__always)
    static func entries(_ leaf: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UInt64> {
        unsafe (leaf + entriesOffset).assumingMemoryBound(to: UInt64.self)
    }

    @inline(__always)
    static func children(
        _ branch: UnsafeMutableRawPointer
    ) -> UnsafeMutablePointer<UnsafeMutableRawPointer> {
        unsafe (branch + childrenOffset).assumingMemoryBound(to: UnsafeMutableRawPointer.self)
    }

    @inline(__always)
    static func ends(_ branch: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UInt32> {
        unsafe (branch + endsOffset).assumingMemoryBound(to: UInt32.self)
    }

    @inline(__always)
    static func firsts(_ branch: UnsafeMutableRawPointer) -> UnsafeMutablePointer<UInt64> {
        unsafe (branch + firstsOffset).assumingMemoryBound(to: UInt64.self)
    }
}
