/// A place between two entries of a tree, which moves both ways.
///
/// Within a leaf a step is an addition; from leaf to leaf the cursor descends anew by rank, every
/// 64 entries or so, and therefore needs no memory for the way it came.
// Safe: as the view it was made from.
@safe
public struct TreeCursor: @unchecked Sendable {
    @usableFromInline let tree: TreeView
    /// The entries of the present leaf; only read when `leafCount > 0`.
    @usableFromInline var entries: UnsafePointer<UInt64>?
    @usableFromInline var leafCount: Int
    /// Entries of the present leaf before the cursor.
    @usableFromInline var index: Int
    /// Entries before the present leaf.
    @usableFromInline var start: Int

    init(_ tree: TreeView) {
        self.tree = tree
        unsafe entries = nil
        leafCount = 0
        index = 0
        start = 0
    }

    init(_ tree: TreeView, at place: TreeView.Place?) {
        self.init(tree)
        if let place = unsafe place { unsafe settle(at: place) }
    }

    /// Entries before the cursor.
    @inlinable public var rank: Int { start &+ index }

    /// Moves to the place before the entry with that rank. A rank beyond the last stands for the
    /// end, a negative one for the beginning.
    public mutating func seek(toRank rank: Int) {
        let count = tree.count
        guard let place = unsafe tree.place(ofRank: max(0, min(rank, count &- 1))) else { return }
        unsafe settle(at: place)
        if rank >= count { index &+= 1 }
    }

    /// The row of the entry behind the cursor, which moves over it; nil at the end.
    @inline(__always) @inlinable
    public mutating func next() -> Locator? {
        guard let entry = unsafe nextEntry() else { return nil }
        return unsafe Locator(entry, tree.stride)
    }

    /// The row of the entry before the cursor, which moves back over it; nil at the beginning.
    @inline(__always) @inlinable
    public mutating func previous() -> Locator? {
        guard let entry = unsafe previousEntry() else { return nil }
        return unsafe Locator(entry, tree.stride)
    }

    /// The row of the entry behind the cursor, which moves over it if the entry's first word is
    /// `word`; nil, without a move, if it is not, and at the end.
    @inline(__always) @inlinable
    public mutating func next(ifFirst word: UInt64) -> Locator? {
        guard let entry = unsafe nextEntry() else { return nil }
        if unsafe entry[0] == word { return unsafe Locator(entry, tree.stride) }
        index &-= 1
        return nil
    }

    /// The row of the entry before the cursor, which moves back over it if the entry's first word
    /// is `word`; nil, without a move, if it is not, and at the beginning.
    @inline(__always) @inlinable
    public mutating func previous(ifFirst word: UInt64) -> Locator? {
        guard let entry = unsafe previousEntry() else { return nil }
        if unsafe entry[0] == word { return unsafe Locator(entry, tree.stride) }
        index &+= 1
        return nil
    }

    /// All words of the entry behind the cursor, which moves over it; nil at the end.
    @inlinable
    public mutating func nextKey() -> TreeKey? {
        guard let entry = unsafe nextEntry() else { return nil }
        return unsafe TreeKey(entry, tree.stride)
    }

    /// All words of the entry before the cursor, which moves back over it; nil at the beginning.
    @inlinable
    public mutating func previousKey() -> TreeKey? {
        guard let entry = unsafe previousEntry() else { return nil }
        return unsafe TreeKey(entry, tree.stride)
    }

    /// The entries behind the cursor that lie together, at most `limit` of them, over which it
    /// moves; empty only at the end.
    @inlinable
    public mutating func nextRun(limit: Int = .max) -> TreeRun {
        guard limit > 0, index < leafCount || stepForward(), let entries = unsafe entries else {
            return TreeRun()
        }
        let first = index
        index = min(leafCount, limit &+ first >= first ? limit &+ first : .max)
        return unsafe TreeRun(
            entries: entries + first &* tree.stride, count: index &- first, stride: tree.stride)
    }

    // MARK: Entries

    @inline(__always) @inlinable
    mutating func nextEntry() -> UnsafePointer<UInt64>? {
        guard index < leafCount || stepForward(), let entries = unsafe entries else { return nil }
        let entry = unsafe entries + index &* tree.stride
        index &+= 1
        return unsafe entry
    }

    @inline(__always) @inlinable
    mutating func previousEntry() -> UnsafePointer<UInt64>? {
        guard index > 0 || stepBack(), let entries = unsafe entries else { return nil }
        index &-= 1
        return unsafe entries + index &* tree.stride
    }

    /// Moves from the end of a leaf to the beginning of the next. False when there is none.
    @inline(never) @usableFromInline
    mutating func stepForward() -> Bool {
        let rank = start &+ leafCount
        guard rank < tree.count, let place = unsafe tree.place(ofRank: rank) else { return false }
        unsafe settle(at: place)
        return true
    }

    /// Moves from the beginning of a leaf to the end of the one before. False when there is none.
    @inline(never) @usableFromInline
    mutating func stepBack() -> Bool {
        guard start > 0, let place = unsafe tree.place(ofRank: start &- 1) else { return false }
        unsafe settle(at: place)
        index &+= 1
        return true
    }

    private mutating func settle(at place: TreeView.Place) {
        unsafe entries = unsafe TreeNode.entries(place.leaf)
        unsafe leafCount = TreeNode.count(place.leaf)
        unsafe index = place.index
        unsafe start = place.start
    }
}

/// Entries that lie next to each other in memory, for loops that must not call.
// Safe: as the cursor it came from.
@safe
public struct TreeRun: @unchecked Sendable {
    @usableFromInline let entries: UnsafePointer<UInt64>?
    public let count: Int
    @usableFromInline let stride: Int

    @inlinable
    init() {
        unsafe entries = nil
        count = 0
        stride = 1
    }

    @inlinable
    init(entries: UnsafePointer<UInt64>, count: Int, stride: Int) {
        unsafe self.entries = unsafe entries
        self.count = count
        self.stride = stride
    }

    /// The row of an entry, `0..<count`.
    @inline(__always) @inlinable
    public subscript(index: Int) -> Locator {
        unsafe Locator(entry(index), stride)
    }

    /// The first word of an entry, `0..<count`.
    @inline(__always) @inlinable
    public func first(_ index: Int) -> UInt64 {
        unsafe entry(index)[0]
    }

    /// The word before the locator of an entry, `0..<count`: the ordered one if there is one.
    /// Only in a tree of stride 2 or 3.
    @inline(__always) @inlinable
    public func last(_ index: Int) -> UInt64 {
        unsafe entry(index)[stride &- 2]
    }

    @inline(__always) @inlinable
    func entry(_ index: Int) -> UnsafePointer<UInt64> {
        assert(index >= 0 && index < count)
        return unsafe entries.unsafelyUnwrapped + index &* stride
    }
}

extension TreeKey {
    /// The words of an entry.
    @inline(__always) @inlinable
    init(_ entry: UnsafePointer<UInt64>, _ stride: Int) {
        unsafe self.init(
            first: stride > 1 ? entry[0] : 0, second: stride > 2 ? entry[1] : 0,
            locator: entry[stride &- 1])
    }
}
