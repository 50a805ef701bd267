extension Tree {
    mutating func insert(
        _ key: TreeKey, hasTies: Bool, writer: NodeWriter, tie: TextTie
    ) -> Bool {
        guard let root = unsafe root else {
            let leaf = unsafe makeLeaf(writer)
            unsafe setEntry(leaf, 0, key)
            unsafe TreeNode.setCount(leaf, 1)
            unsafe self.root = unsafe leaf
            height = 1
            count = 1
            return true
        }
        let path = unsafe openPath(
            from: root, to: key, hasTies: hasTies, writer: writer, tie: tie)
        let leaf = unsafe path.leaf
        let leafCount = unsafe TreeNode.count(leaf)
        let position = unsafe TreeNode.lowerBound(
            TreeNode.entries(UnsafeRawPointer(leaf)), count: leafCount, stride: stride, key: key,
            hasTies: hasTies, tie: tie)
        if unsafe position < leafCount && isEqual(leaf, position, key) { return false }
        count += 1
        if position == 0 {
            // A new least entry: the way led through first children only.
            for level in unsafe 0..<path.branchCount {
                if let branch = unsafe path.branches[level] {
                    unsafe write(key, to: TreeNode.firsts(branch))
                }
            }
        }
        if leafCount < TreeNode.capacity {
            unsafe makeRoom(leaf, at: position, count: leafCount)
            unsafe setEntry(leaf, position, key)
            unsafe TreeNode.setCount(leaf, leafCount &+ 1)
            unsafe countUp(path, branchCount: path.branchCount)
        } else {
            let isAppend = unsafe path.isLast && position == leafCount
            let sibling = unsafe splitLeaf(leaf, adding: key, at: position, isAppend, writer)
            unsafe insertSibling(sibling, of: leaf, isAppend: isAppend, path, writer)
        }
        return true
    }

    /// Counts one more entry under the children taken in the first branches of a path.
    private func countUp(_ path: Path, branchCount: Int) {
        for level in 0..<branchCount {
            guard let branch = unsafe path.branches[level] else { continue }
            let ends = unsafe TreeNode.ends(branch)
            for index in unsafe path.indexes[level]..<TreeNode.count(branch) {
                unsafe ends[index] &+= 1
            }
        }
    }

    /// Halves a full leaf and adds an entry to the half where it belongs. When entries come in
    /// order, the full leaf stays as it is and a new one begins.
    /// - Returns: the new leaf, to the right of the old one.
    private func splitLeaf(
        _ leaf: UnsafeMutableRawPointer, adding key: TreeKey, at position: Int, _ isAppend: Bool,
        _ writer: NodeWriter
    ) -> UnsafeMutableRawPointer {
        let capacity = TreeNode.capacity
        let kept = isAppend ? capacity : capacity / 2
        let moved = capacity - kept
        let sibling = unsafe makeLeaf(writer)
        unsafe copyWords(
            TreeNode.entries(leaf) + kept * stride, to: TreeNode.entries(sibling),
            count: moved * stride)
        let isLeft = position <= kept && !isAppend
        let target = unsafe isLeft ? leaf : sibling
        let targetCount = isLeft ? kept : moved
        let place = isLeft ? position : position - kept
        unsafe makeRoom(target, at: place, count: targetCount)
        unsafe setEntry(target, place, key)
        unsafe TreeNode.setCount(leaf, isLeft ? kept + 1 : kept)
        unsafe TreeNode.setCount(sibling, isLeft ? moved : moved + 1)
        return unsafe sibling
    }

    /// Puts a new node to the right of the last node of a path, splitting full branches upwards.
    /// Both nodes together hold one entry more than the old one did.
    private mutating func insertSibling(
        _ sibling: UnsafeMutableRawPointer, of node: UnsafeMutableRawPointer, isAppend: Bool,
        _ path: Path, _ writer: NodeWriter
    ) {
        var left = unsafe node
        var right = unsafe sibling
        var isLeaf = true
        var level = unsafe path.branchCount
        while level > 0 {
            level &-= 1
            guard let branch = unsafe path.branches[level] else { return }
            let index = unsafe path.indexes[level]
            let branchCount = unsafe TreeNode.count(branch)
            if branchCount < TreeNode.capacity {
                unsafe insertChild(branch, index &+ 1, right, after: left, isLeaf)
                unsafe countUp(path, branchCount: level)
                return
            }
            let next = unsafe makeBranch(writer)
            let kept = isAppend ? branchCount : branchCount / 2
            unsafe appendChildren(kept..<branchCount, of: branch, to: next)
            unsafe TreeNode.setCount(branch, kept)
            if isAppend {
                // Nothing changed to the left: the new entry is alone in the new nodes.
                unsafe insertChild(next, 0, right, after: nil, isLeaf)
            } else if index < kept {
                unsafe insertChild(branch, index &+ 1, right, after: left, isLeaf)
            } else {
                unsafe insertChild(next, index &+ 1 &- kept, right, after: left, isLeaf)
            }
            unsafe left = unsafe branch
            unsafe right = unsafe next
            isLeaf = false
        }
        let top = unsafe makeBranch(writer)
        unsafe insertChild(top, 0, left, after: nil, isLeaf)
        unsafe insertChild(top, 1, right, after: left, isLeaf)
        unsafe root = unsafe top
        height &+= 1
    }

    /// Puts a child into a branch that has room: as its last, or behind `after`, which has given
    /// entries to it and is counted anew; together they hold one entry more than before.
    private func insertChild(
        _ branch: UnsafeMutableRawPointer, _ index: Int, _ child: UnsafeMutableRawPointer,
        after: UnsafeMutableRawPointer?, _ isLeaf: Bool
    ) {
        let count = unsafe TreeNode.count(branch)
        let children = unsafe TreeNode.children(branch)
        let ends = unsafe TreeNode.ends(branch)
        let firsts = unsafe TreeNode.firsts(branch)
        var end = index == 0 ? 0 : unsafe ends[index &- 1]
        if let after = unsafe after {
            let before = unsafe UInt32(TreeNode.start(branch, of: index &- 1))
            end = unsafe before &+ UInt32(entryCount(of: after, isLeaf: isLeaf))
            unsafe ends[index &- 1] = end
        }
        unsafe (children + (index &+ 1)).update(from: children + index, count: count &- index)
        unsafe (ends + (index &+ 1)).update(from: ends + index, count: count &- index)
        unsafe copyWords(
            firsts + index &* stride, to: firsts + (index &+ 1) &* stride,
            count: (count &- index) &* stride)
        unsafe children[index] = child
        unsafe ends[index] = end &+ UInt32(entryCount(of: child, isLeaf: isLeaf))
        unsafe copyWords(
            firstEntry(of: child, isLeaf: isLeaf), to: firsts + index &* stride, count: stride)
        unsafe TreeNode.setCount(branch, count &+ 1)
        for behind in (index &+ 1)..<(count &+ 1) {
            unsafe ends[behind] &+= 1
        }
    }

    /// Opens a place for an entry in a leaf with room. The number of entries is left to the caller.
    private func makeRoom(_ leaf: UnsafeMutableRawPointer, at position: Int, count: Int) {
        let place = unsafe TreeNode.entries(leaf) + position &* stride
        unsafe copyWords(place, to: place + stride, count: (count &- position) &* stride)
    }

    private func setEntry(_ leaf: UnsafeMutableRawPointer, _ position: Int, _ key: TreeKey) {
        unsafe write(key, to: TreeNode.entries(leaf) + position &* stride)
    }

    private func write(_ key: TreeKey, to words: UnsafeMutablePointer<UInt64>) {
        if stride > 1 { unsafe words[0] = key.first }
        if stride > 2 { unsafe words[1] = key.second }
        unsafe words[stride &- 1] = key.locator
    }
}
