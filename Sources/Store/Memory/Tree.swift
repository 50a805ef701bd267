/// The root of a persistent B+tree, as a version's block keeps it.
///
/// A change copies the nodes from the root to a leaf, unless its group has made them already, and
/// leaves all others shared with the versions before. Nodes have at least a quarter of their
/// places filled, except the last of each level: ascending entries, as they come in order of
/// creation, and building from sorted entries leave full nodes behind.
///
/// The value is good for one group: after a change, the value from before leads to freed memory.
// Safe: `root` is reached through a version that the caller has pinned or is making.
@safe
struct Tree {
    var root: UnsafeMutableRawPointer?
    /// Levels, leaves included; 0 when there is no entry.
    var height: Int
    /// Entries in all.
    var count: Int
    /// Words of an entry, `1...3`.
    let stride: Int

    init(stride: Int) {
        precondition(stride >= 1 && stride <= 3)
        unsafe self.init(root: nil, height: 0, count: 0, stride: stride)
    }

    init(root: UnsafeMutableRawPointer?, height: Int, count: Int, stride: Int) {
        unsafe self.root = unsafe root
        self.height = height
        self.count = count
        self.stride = stride
    }

    /// What the group sees of its own tree until the next change.
    var view: TreeView {
        unsafe TreeView(root: root, count: count, height: height, stride: stride)
    }

    /// Adds an entry. Its locator is that of a row, so that no other entry equals it.
    /// - Returns: false, when the tree has the entry already.
    @discardableResult
    mutating func insert(_ key: TreeKey, writer: NodeWriter) -> Bool {
        insert(key, hasTies: false, writer: writer, tie: { _ in 0 })
    }

    /// Adds an entry to an index on texts; `tie` compares with the text of the entry's row.
    /// - Returns: false, when the tree has the entry already.
    @discardableResult
    mutating func insert(_ key: TreeKey, writer: NodeWriter, tie: TextTie) -> Bool {
        insert(key, hasTies: true, writer: writer, tie: tie)
    }

    /// Takes an entry away.
    /// - Returns: false, when the tree does not have the entry.
    @discardableResult
    mutating func remove(_ key: TreeKey, writer: NodeWriter) -> Bool {
        remove(key, hasTies: false, writer: writer, tie: { _ in 0 })
    }

    /// Takes an entry away from an index on texts; `tie` compares with the text by which the entry
    /// was added, and the rows of all entries still have the texts by which those were.
    /// - Returns: false, when the tree does not have the entry.
    @discardableResult
    mutating func remove(_ key: TreeKey, writer: NodeWriter, tie: TextTie) -> Bool {
        remove(key, hasTies: true, writer: writer, tie: tie)
    }

    /// Takes all entries away. O(nodes).
    mutating func removeAll(writer: NodeWriter) {
        unsafe forEachNode { unsafe writer.retire($0) }
        self = Tree(stride: stride)
    }

    /// Calls `body` for every node, children before their parent.
    func forEachNode(_ body: (UnsafeMutableRawPointer) -> Void) {
        if let root = unsafe root { unsafe Tree.visit(root, level: height, body) }
    }

    /// Recursion as deep as the tree, at most ``TreeNode/heightMax``.
    private static func visit(
        _ node: UnsafeMutableRawPointer, level: Int, _ body: (UnsafeMutableRawPointer) -> Void
    ) {
        if level > 1 {
            for index in unsafe 0..<TreeNode.count(node) {
                let child = unsafe TreeNode.children(UnsafeRawPointer(node))[index]
                unsafe visit(child, level: level - 1, body)
            }
        }
        unsafe body(node)
    }

    // MARK: The way down

    /// The nodes from the root to a leaf, all made by this group.
    @unsafe
    struct Path {
        /// The branches, the root first, and the child taken in each.
        var branches: InlineArray<12, UnsafeMutableRawPointer?>
        var indexes: InlineArray<12, Int>
        var branchCount: Int
        var leaf: UnsafeMutableRawPointer
        /// Whether each child taken was the last.
        var isLast: Bool
    }

    /// Makes the group's own all nodes on the way to where `key` is or belongs.
    mutating func openPath(
        from root: UnsafeMutableRawPointer, to key: TreeKey, hasTies: Bool, writer: NodeWriter,
        tie: TextTie
    ) -> Path {
        precondition(height <= TreeNode.heightMax && key.locator != .max)
        // The child to take is the last that does not begin behind the key.
        var behind = key
        behind.locator &+= 1
        var level = height
        var node = unsafe owned(root, isLeaf: level == 1, writer)
        unsafe self.root = unsafe node
        var path = unsafe Path(
            branches: InlineArray(repeating: nil), indexes: InlineArray(repeating: 0),
            branchCount: 0, leaf: node, isLast: true)
        while level > 1 {
            let count = unsafe TreeNode.count(node)
            let before = unsafe TreeNode.lowerBound(
                TreeNode.firsts(UnsafeRawPointer(node)), count: count, stride: stride,
                key: behind, hasTies: hasTies, tie: tie)
            let index = max(before &- 1, 0)
            unsafe path.branches[path.branchCount] = node
            unsafe path.indexes[path.branchCount] = index
            unsafe path.branchCount += 1
            if index != count &- 1 { unsafe path.isLast = false }
            level &-= 1
            let child = unsafe owned(TreeNode.children(node)[index], isLeaf: level == 1, writer)
            unsafe TreeNode.children(node)[index] = child
            unsafe node = unsafe child
        }
        unsafe path.leaf = unsafe node
        return unsafe path
    }

    /// The node itself if this group has made it, else a copy in its place.
    func owned(
        _ node: UnsafeMutableRawPointer, isLeaf: Bool, _ writer: NodeWriter
    ) -> UnsafeMutableRawPointer {
        if unsafe writer.isOwned(node) { return unsafe node }
        let count = unsafe TreeNode.count(node)
        let copy: UnsafeMutableRawPointer
        if isLeaf {
            unsafe copy = unsafe makeLeaf(writer)
            unsafe copyWords(
                TreeNode.entries(node), to: TreeNode.entries(copy), count: count &* stride)
        } else {
            unsafe copy = unsafe makeBranch(writer)
            unsafe TreeNode.children(copy).update(from: TreeNode.children(node), count: count)
            unsafe TreeNode.ends(copy).update(from: TreeNode.ends(node), count: count)
            unsafe copyWords(
                TreeNode.firsts(node), to: TreeNode.firsts(copy), count: count &* stride)
        }
        unsafe TreeNode.setCount(copy, count)
        unsafe writer.retire(node)
        return unsafe copy
    }

    func makeLeaf(_ writer: NodeWriter) -> UnsafeMutableRawPointer {
        unsafe writer.allocate(byteCount: TreeNode.leafByteCount(stride: stride))
    }

    func makeBranch(_ writer: NodeWriter) -> UnsafeMutableRawPointer {
        unsafe writer.allocate(byteCount: TreeNode.branchByteCount(stride: stride))
    }

    /// The words of the first entry under a node.
    func firstEntry(
        of node: UnsafeMutableRawPointer, isLeaf: Bool
    ) -> UnsafeMutablePointer<UInt64> {
        unsafe isLeaf ? TreeNode.entries(node) : TreeNode.firsts(node)
    }

    /// Entries under a node.
    func entryCount(of node: UnsafeMutableRawPointer, isLeaf: Bool) -> Int {
        let count = unsafe TreeNode.count(node)
        return unsafe isLeaf ? count : TreeNode.start(node, of: count)
    }

    func copyWords(
        _ source: UnsafeMutablePointer<UInt64>, to target: UnsafeMutablePointer<UInt64>,
        count: Int
    ) {
        unsafe target.update(from: source, count: count)
    }
}
