extension Tree {
    mutating func remove(
        _ key: TreeKey, hasTies: Bool, writer: NodeWriter, tie: TextTie
    ) -> Bool {
        guard let root = unsafe root else { return false }
        let path = unsafe openPath(
            from: root, to: key, hasTies: hasTies, writer: writer, tie: tie)
        let leaf = unsafe path.leaf
        let leafCount = unsafe TreeNode.count(leaf)
        let position = unsafe TreeNode.lowerBound(
            TreeNode.entries(UnsafeRawPointer(leaf)), count: leafCount, stride: stride, key: key,
            hasTies: hasTies, tie: tie)
        guard unsafe position < leafCount && isEqual(leaf, position, key) else { return false }
        count -= 1
        let place = unsafe TreeNode.entries(leaf) + position &* stride
        unsafe copyWords(
            place + stride, to: place, count: (leafCount &- position &- 1) &* stride)
        unsafe TreeNode.setCount(leaf, leafCount &- 1)
        unsafe closePath(path, writer)
        return true
    }

    /// Whether an entry has the words of `key`.
    func isEqual(_ leaf: UnsafeMutableRawPointer, _ position: Int, _ key: TreeKey) -> Bool {
        let words = unsafe TreeNode.entries(leaf) + position &* stride
        return unsafe words[stride &- 1] == key.locator
            && (stride < 2 || words[0] == key.first) && (stride < 3 || words[1] == key.second)
    }

    /// Counts one entry less on the way up, takes out nodes that are empty, and fills or merges
    /// those that have become too small.
    private mutating func closePath(_ path: Path, _ writer: NodeWriter) {
        var node = unsafe path.leaf
        var isLeaf = true
        var level = unsafe path.branchCount
        while level > 0 {
            level &-= 1
            guard let branch = unsafe path.branches[level] else { return }
            let index = unsafe path.indexes[level]
            let ends = unsafe TreeNode.ends(branch)
            for behind in unsafe index..<TreeNode.count(branch) {
                unsafe ends[behind] &-= 1
            }
            let nodeCount = unsafe TreeNode.count(node)
            if nodeCount == 0 {
                unsafe removeChild(branch, index)
                unsafe writer.retire(node)
            } else {
                unsafe copyWords(
                    firstEntry(of: node, isLeaf: isLeaf),
                    to: TreeNode.firsts(branch) + index &* stride, count: stride)
                if unsafe nodeCount < TreeNode.fillMin && TreeNode.count(branch) > 1 {
                    unsafe refill(branch, max(index &- 1, 0), isLeaf: isLeaf, writer)
                }
            }
            unsafe node = unsafe branch
            isLeaf = false
        }
        lowerRoot(writer)
    }

    /// Takes away levels that lead to one node only.
    private mutating func lowerRoot(_ writer: NodeWriter) {
        while let top = unsafe root {
            let topCount = unsafe TreeNode.count(top)
            if topCount == 0 {
                unsafe root = nil
                height = 0
            } else if height > 1 && topCount == 1 {
                unsafe root = unsafe TreeNode.children(top)[0]
                height -= 1
            } else {
                return
            }
            unsafe writer.retire(top)
        }
    }

    /// Merges two neighbours, or divides what they hold evenly between them.
    private func refill(
        _ branch: UnsafeMutableRawPointer, _ index: Int, isLeaf: Bool, _ writer: NodeWriter
    ) {
        let children = unsafe TreeNode.children(branch)
        let left = unsafe owned(children[index], isLeaf: isLeaf, writer)
        unsafe children[index] = left
        let leftCount = unsafe TreeNode.count(left)
        let rightCount = unsafe TreeNode.count(children[index &+ 1])
        let total = leftCount + rightCount
        if total <= TreeNode.mergedMax {
            let right = unsafe children[index &+ 1]
            unsafe moveFront(rightCount, of: right, to: left, isLeaf)
            unsafe TreeNode.ends(branch)[index] = TreeNode.ends(branch)[index &+ 1]
            unsafe removeChild(branch, index &+ 1)
            unsafe writer.retire(right)
            return
        }
        let right = unsafe owned(children[index &+ 1], isLeaf: isLeaf, writer)
        unsafe children[index &+ 1] = right
        let wanted = total / 2
        if leftCount < wanted {
            let moved = wanted - leftCount
            unsafe moveFront(moved, of: right, to: left, isLeaf)
            unsafe dropFront(moved, of: right, isLeaf)
        } else {
            unsafe moveBack(leftCount - wanted, of: left, to: right, isLeaf)
        }
        unsafe TreeNode.ends(branch)[index] = UInt32(
            TreeNode.start(branch, of: index) + entryCount(of: left, isLeaf: isLeaf))
        unsafe copyWords(
            firstEntry(of: right, isLeaf: isLeaf),
            to: TreeNode.firsts(branch) + (index &+ 1) &* stride, count: stride)
    }

    /// Takes a child out of a branch; what was under it is gone or counted elsewhere.
    private func removeChild(_ branch: UnsafeMutableRawPointer, _ index: Int) {
        let children = unsafe TreeNode.children(branch)
        let ends = unsafe TreeNode.ends(branch)
        let firsts = unsafe TreeNode.firsts(branch)
        let behind = unsafe TreeNode.count(branch) &- index &- 1
        unsafe (children + index).update(from: children + (index &+ 1), count: behind)
        unsafe (ends + index).update(from: ends + (index &+ 1), count: behind)
        unsafe copyWords(
            firsts + (index &+ 1) &* stride, to: firsts + index &* stride,
            count: behind &* stride)
        unsafe TreeNode.setCount(branch, index &+ behind)
    }

    // MARK: Between neighbours

    /// Copies the first entries or children of `right` behind those of `left`. `right` keeps them.
    private func moveFront(
        _ moved: Int, of right: UnsafeMutableRawPointer, to left: UnsafeMutableRawPointer,
        _ isLeaf: Bool
    ) {
        if isLeaf {
            let leftCount = unsafe TreeNode.count(left)
            unsafe copyWords(
                TreeNode.entries(right), to: TreeNode.entries(left) + leftCount &* stride,
                count: moved &* stride)
            unsafe TreeNode.setCount(left, leftCount &+ moved)
        } else {
            unsafe appendChildren(0..<moved, of: right, to: left)
        }
    }

    /// Takes away the first entries or children.
    private func dropFront(_ dropped: Int, of node: UnsafeMutableRawPointer, _ isLeaf: Bool) {
        let kept = unsafe TreeNode.count(node) &- dropped
        if isLeaf {
            let entries = unsafe TreeNode.entries(node)
            unsafe copyWords(entries + dropped &* stride, to: entries, count: kept &* stride)
        } else {
            let children = unsafe TreeNode.children(node)
            let ends = unsafe TreeNode.ends(node)
            let firsts = unsafe TreeNode.firsts(node)
            let gone = unsafe UInt32(TreeNode.start(node, of: dropped))
            unsafe children.update(from: children + dropped, count: kept)
            unsafe copyWords(firsts + dropped &* stride, to: firsts, count: kept &* stride)
            for index in 0..<kept {
                unsafe ends[index] = ends[index &+ dropped] &- gone
            }
        }
        unsafe TreeNode.setCount(node, kept)
    }

    /// Moves the last entries or children of `left` before those of `right`.
    private func moveBack(
        _ moved: Int, of left: UnsafeMutableRawPointer, to right: UnsafeMutableRawPointer,
        _ isLeaf: Bool
    ) {
        let leftCount = unsafe TreeNode.count(left)
        let rightCount = unsafe TreeNode.count(right)
        let kept = leftCount &- moved
        if isLeaf {
            let entries = unsafe TreeNode.entries(right)
            unsafe copyWords(entries, to: entries + moved &* stride, count: rightCount &* stride)
            unsafe copyWords(
                TreeNode.entries(left) + kept &* stride, to: entries, count: moved &* stride)
        } else {
            let children = unsafe TreeNode.children(right)
            let ends = unsafe TreeNode.ends(right)
            let firsts = unsafe TreeNode.firsts(right)
            let start = unsafe UInt32(TreeNode.start(left, of: kept))
            let added = unsafe UInt32(TreeNode.start(left, of: leftCount)) &- start
            unsafe (children + moved).update(from: children, count: rightCount)
            unsafe children.update(from: TreeNode.children(left) + kept, count: moved)
            unsafe copyWords(firsts, to: firsts + moved &* stride, count: rightCount &* stride)
            unsafe copyWords(
                TreeNode.firsts(left) + kept &* stride, to: firsts, count: moved &* stride)
            for index in (0..<rightCount).reversed() {
                unsafe ends[index &+ moved] = ends[index] &+ added
            }
            for index in 0..<moved {
                unsafe ends[index] = TreeNode.ends(left)[index &+ kept] &- start
            }
        }
        unsafe TreeNode.setCount(right, rightCount &+ moved)
        unsafe TreeNode.setCount(left, kept)
    }

    /// Copies children of one branch behind those of another, with what is counted under them.
    func appendChildren(
        _ range: Range<Int>, of source: UnsafeMutableRawPointer, to target: UnsafeMutableRawPointer
    ) {
        let targetCount = unsafe TreeNode.count(target)
        let before = unsafe UInt32(TreeNode.start(source, of: range.lowerBound))
        let base = unsafe UInt32(TreeNode.start(target, of: targetCount))
        unsafe (TreeNode.children(target) + targetCount).update(
            from: TreeNode.children(source) + range.lowerBound, count: range.count)
        unsafe copyWords(
            TreeNode.firsts(source) + range.lowerBound &* stride,
            to: TreeNode.firsts(target) + targetCount &* stride, count: range.count &* stride)
        let from = unsafe TreeNode.ends(source) + range.lowerBound
        let to = unsafe TreeNode.ends(target) + targetCount
        for index in 0..<range.count {
            unsafe to[index] = from[index] &- before &+ base
        }
        unsafe TreeNode.setCount(target, targetCount &+ range.count)
    }
}
