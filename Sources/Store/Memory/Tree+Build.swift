extension Tree {
    /// A tree of sorted entries, all nodes full but the last of each level.
    ///
    /// O(n), about the time of copying the words. Building trees side by side wants a writer each.
    /// - Parameters:
    ///   - entries: the words of all entries, one after the other, in ascending order (texts
    ///     behind equal words compared), none twice.
    static func build(
        stride: Int, entries: UnsafeBufferPointer<UInt64>, writer: NodeWriter
    ) -> Tree {
        precondition(entries.count % stride == 0)
        var tree = Tree(stride: stride)
        tree.count = entries.count / stride
        guard tree.count > 0, let words = entries.baseAddress else { return tree }
        precondition(tree.count <= Int(UInt32.max), "more entries than rows can be")
        var nodes: [UnsafeMutableRawPointer] = unsafe []
        unsafe nodes.reserveCapacity(tree.count / TreeNode.capacity + 1)
        var done = 0
        while done < tree.count {
            let filled = min(TreeNode.capacity, tree.count - done)
            let leaf = unsafe tree.makeLeaf(writer)
            unsafe TreeNode.entries(leaf).update(
                from: words + done * stride, count: filled * stride)
            unsafe TreeNode.setCount(leaf, filled)
            unsafe nodes.append(leaf)
            done += filled
        }
        tree.height = 1
        while unsafe nodes.count > 1 {
            unsafe nodes = unsafe tree.buildLevel(over: nodes, isLeaf: tree.height == 1, writer)
            tree.height += 1
        }
        unsafe tree.root = unsafe nodes.first
        return tree
    }

    private func buildLevel(
        over nodes: [UnsafeMutableRawPointer], isLeaf: Bool, _ writer: NodeWriter
    ) -> [UnsafeMutableRawPointer] {
        var branches: [UnsafeMutableRawPointer] = unsafe []
        var next = 0
        while unsafe next < nodes.count {
            let branch = unsafe makeBranch(writer)
            let filled = unsafe min(TreeNode.capacity, nodes.count - next)
            var end: UInt32 = 0
            for index in 0..<filled {
                let node = unsafe nodes[next + index]
                end += unsafe UInt32(entryCount(of: node, isLeaf: isLeaf))
                unsafe TreeNode.children(branch)[index] = node
                unsafe TreeNode.ends(branch)[index] = end
                unsafe copyWords(
                    firstEntry(of: node, isLeaf: isLeaf),
                    to: TreeNode.firsts(branch) + index * stride, count: stride)
            }
            unsafe TreeNode.setCount(branch, filled)
            unsafe branches.append(branch)
            next += filled
        }
        return unsafe branches
    }
}
