/// What is wrong with a tree: a fact of the first place where it does not hold together.
public enum TreeFault: Sendable, Equatable {
    /// The root's record and the nodes disagree on the number of entries.
    case count(recorded: Int, found: Int)
    /// A branch counts other than what is under its child.
    case end(level: Int, recorded: Int, found: Int)
    /// A branch holds another first entry than there is under its child.
    case first(level: Int, rank: Int)
    /// An entry is not behind the one before it.
    case order(rank: Int)
    /// A node that is not the last of its level is less than a quarter full, or too full.
    case fill(level: Int, count: Int)
    /// No entries but a height, or the reverse.
    case height(Int)
}

extension TreeView {
    /// Walks the whole tree and reports the first fault, or nil. O(n).
    /// - Parameter texts: for an index on texts, compares the texts of two rows: negative, zero or
    ///   positive as the first is before, equal to or after the second.
    public func firstFault(
        texts: (Locator, Locator) -> Int = { _, _ in 0 }
    ) -> TreeFault? {
        guard let root = unsafe root else {
            if count != 0 { return .count(recorded: count, found: 0) }
            return height == 0 ? nil : .height(height)
        }
        if height < 1 || height > TreeNode.heightMax { return .height(height) }
        var walk = Walk()
        if let fault = unsafe check(root, level: height, isLast: true, &walk, texts) {
            return fault
        }
        return walk.count == count ? nil : .count(recorded: count, found: walk.count)
    }

    private struct Walk {
        var count = 0
        var previous: TreeKey?
    }

    /// Recursion as deep as the tree, at most ``TreeNode/heightMax``.
    private func check(
        _ node: UnsafeRawPointer, level: Int, isLast: Bool, _ walk: inout Walk,
        _ texts: (Locator, Locator) -> Int
    ) -> TreeFault? {
        let nodeCount = unsafe TreeNode.count(node)
        if nodeCount < (isLast ? 1 : TreeNode.fillMin) || nodeCount > TreeNode.capacity {
            return .fill(level: level, count: nodeCount)
        }
        if level == 1 { return unsafe checkLeaf(node, &walk, texts) }
        let start = walk.count
        for index in 0..<nodeCount {
            let child = unsafe UnsafeRawPointer(TreeNode.children(node)[index])
            let childFirst =
                unsafe level == 2 ? TreeNode.entries(child) : TreeNode.firsts(child)
            let first = unsafe TreeNode.firsts(node) + index * stride
            if unsafe TreeKey(first, stride) != TreeKey(childFirst, stride) {
                return .first(level: level, rank: walk.count)
            }
            let isLastChild = isLast && index == nodeCount - 1
            if let fault = unsafe check(
                child, level: level - 1, isLast: isLastChild, &walk, texts)
            {
                return fault
            }
            let end = unsafe Int(TreeNode.ends(node)[index])
            if end != walk.count - start {
                return .end(level: level, recorded: end, found: walk.count - start)
            }
        }
        return nil
    }

    private func checkLeaf(
        _ leaf: UnsafeRawPointer, _ walk: inout Walk, _ texts: (Locator, Locator) -> Int
    ) -> TreeFault? {
        for index in unsafe 0..<TreeNode.count(leaf) {
            let key = unsafe TreeKey(TreeNode.entries(leaf) + index * stride, stride)
            if let previous = walk.previous, !isBefore(previous, key, texts) {
                return .order(rank: walk.count)
            }
            walk.previous = key
            walk.count += 1
        }
        return nil
    }

    private func isBefore(
        _ left: TreeKey, _ right: TreeKey, _ texts: (Locator, Locator) -> Int
    ) -> Bool {
        if left.first != right.first { return left.first < right.first }
        if left.second != right.second { return left.second < right.second }
        let word = stride == 3 ? left.second : left.first
        if stride > 1 && word != KeyEncoding.null {
            let order = texts(Locator(rawValue: left.locator), Locator(rawValue: right.locator))
            if order != 0 { return order < 0 }
        }
        return left.locator < right.locator
    }
}
