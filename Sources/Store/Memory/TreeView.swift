/// The entries of an index in one version, in order.
///
/// Ranks count entries from 0; the number of entries in a range is the difference of two ranks.
/// Each search is one descent, O(log n), without allocation.
// Safe: the version the view came from is pinned, or is the draft of the one thread that uses it.
@safe
public struct TreeView: @unchecked Sendable {
    @usableFromInline let root: UnsafeRawPointer?
    /// Entries in all.
    public let count: Int
    /// Levels, leaves included; 0 when there is no entry.
    @usableFromInline let height: Int
    /// Words of an entry.
    public let stride: Int

    @inlinable
    init(root: UnsafeRawPointer?, count: Int, height: Int, stride: Int) {
        unsafe self.root = unsafe root
        self.count = count
        self.height = height
        self.stride = stride
    }

    /// Entries before `key`.
    public func rank(of key: TreeKey) -> Int {
        guard let place = unsafe place(of: key, hasTies: false, tie: { _ in 0 }) else { return 0 }
        return unsafe place.start &+ place.index
    }

    /// Entries before `key` in an index on texts.
    public func rank(of key: TreeKey, tie: TextTie) -> Int {
        guard let place = unsafe place(of: key, hasTies: true, tie: tie) else { return 0 }
        return unsafe place.start &+ place.index
    }

    /// A cursor before the entry with that rank; a rank beyond the last stands for the end.
    public func cursor(atRank rank: Int) -> TreeCursor {
        var cursor = TreeCursor(self)
        cursor.seek(toRank: rank)
        return cursor
    }

    /// A cursor before the first entry that is not before `key`.
    public func cursor(at key: TreeKey) -> TreeCursor {
        unsafe TreeCursor(self, at: place(of: key, hasTies: false, tie: { _ in 0 }))
    }

    /// A cursor before the first entry that is not before `key`, in an index on texts.
    public func cursor(at key: TreeKey, tie: TextTie) -> TreeCursor {
        unsafe TreeCursor(self, at: place(of: key, hasTies: true, tie: tie))
    }

    /// A place between the entries of a leaf, and the entries before that leaf.
    @unsafe
    struct Place {
        let leaf: UnsafeRawPointer
        let index: Int
        let start: Int
    }

    /// The place before the first entry of a leaf that is not before `key`, or the leaf's end when
    /// the next leaf begins with it. Nil in an empty tree.
    private func place(of key: TreeKey, hasTies: Bool, tie: TextTie) -> Place? {
        guard var node = unsafe root else { return nil }
        var start = 0
        var level = height
        while level > 1 {
            let before = unsafe TreeNode.lowerBound(
                TreeNode.firsts(node), count: TreeNode.count(node), stride: stride, key: key,
                hasTies: hasTies, tie: tie)
            let index = max(before &- 1, 0)
            unsafe start &+= TreeNode.start(node, of: index)
            unsafe node = unsafe UnsafeRawPointer(TreeNode.children(node)[index])
            level &-= 1
        }
        let index = unsafe TreeNode.lowerBound(
            TreeNode.entries(node), count: TreeNode.count(node), stride: stride, key: key,
            hasTies: hasTies, tie: tie)
        return unsafe Place(leaf: node, index: index, start: start)
    }

    /// The place of the entry with that rank, which exists.
    func place(ofRank rank: Int) -> Place? {
        guard var node = unsafe root else { return nil }
        var start = 0
        var level = height
        while level > 1 {
            let within = UInt32(truncatingIfNeeded: rank &- start)
            let count = unsafe TreeNode.count(node)
            let ends = unsafe TreeNode.ends(node)
            var index = 0
            var length = count
            while length > 1 {
                let half = length &>> 1
                index = unsafe ends[index &+ half &- 1] <= within ? index &+ half : index
                length &-= half
            }
            unsafe start &+= TreeNode.start(node, of: index)
            unsafe node = unsafe UnsafeRawPointer(TreeNode.children(node)[index])
            level &-= 1
        }
        return unsafe Place(leaf: node, index: rank &- start, start: start)
    }
}

extension Locator {
    /// The last word of an entry.
    @inline(__always) @inlinable
    init(_ entry: UnsafePointer<UInt64>, _ stride: Int) {
        unsafe self.init(rawValue: entry[stride &- 1])
    }
}
