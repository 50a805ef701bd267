import Bytes
import Testing

@testable import Store

@Suite struct TreeTests {
    /// A tree over several groups, with all versions kept: what a group retires is freed at last.
    private struct History {
        let pool = NodePool()
        var writer: NodeWriter
        var tree: Tree
        var retired: [RetiredBlock] = []

        init(stride: Int) {
            writer = NodeWriter(pool: pool, stamp: 1)
            tree = Tree(stride: stride)
        }

        mutating func beginGroup() {
            retired += writer.takeRetired()
            writer = NodeWriter(pool: pool, stamp: writer.stamp + 1)
        }

        /// Frees all nodes and returns the bytes that are then still in use.
        mutating func end() -> Int {
            beginGroup()
            tree.removeAll(writer: writer)
            beginGroup()
            for block in retired { unsafe pool.release(block.block) }
            return pool.bytesInUse
        }
    }

    private static let kinds: [(stride: Int, hasTexts: Bool)] = [
        (1, false), (2, false), (3, false), (2, true), (3, true),
    ]

    /// Compares everything a reader can ask of a tree with the model.
    private func check(
        _ view: TreeView, _ model: inout TreeModel, _ numbers: inout SeededRandom,
        _ comment: Comment
    ) {
        let keys = model.keys
        #expect(view.count == keys.count, comment)
        #expect(model.firstFault(of: view) == nil, comment)
        #expect(view.keys == keys, comment)
        #expect(view.keysBackward == keys.reversed(), comment)
        for _ in 0..<8 {
            let (key, text) = model.probe(&numbers)
            let rank = model.rank(of: key, text: text)
            #expect(model.rank(of: key, text: text, in: view) == rank, comment)
            var cursor = model.cursor(at: key, text: text, in: view)
            #expect(cursor.rank == rank, comment)
            #expect(cursor.nextKey() == (rank < keys.count ? keys[rank] : nil), comment)
            cursor = model.cursor(at: key, text: text, in: view)
            #expect(cursor.previousKey() == (rank > 0 ? keys[rank - 1] : nil), comment)
        }
        for _ in 0..<4 {
            let rank = numbers.below(keys.count + 2) - 1
            var cursor = view.cursor(atRank: rank)
            let place = max(0, min(rank, keys.count))
            #expect(cursor.rank == place, comment)
            let end = min(keys.count, place + numbers.below(200))
            var taken: [TreeKey] = []
            while cursor.rank < end, let key = cursor.nextKey() { taken.append(key) }
            #expect(taken == Array(keys[place..<end]), comment)
            while cursor.rank > place, let key = cursor.previousKey() {
                #expect(key == taken.popLast(), comment)
            }
        }
        if model.stride > 1, !keys.isEmpty {
            for word in [keys[numbers.below(keys.count)].first, numbers.next(), 0] {
                let first = keys.first { $0.first == word }
                var cursor = view.cursor(at: .before(first: word))
                #expect(cursor.next(ifFirst: word)?.rawValue == first?.locator, comment)
            }
        }
    }

    @Test(arguments: TreeTests.kinds, [1, 2, 3] as [UInt64])
    func `a tree is a sorted array`(kind: (stride: Int, hasTexts: Bool), seed: UInt64) {
        let comment: Comment = "stride \(kind.stride), texts \(kind.hasTexts), seed \(seed)"
        var numbers = SeededRandom(seed: seed)
        var model = TreeModel(stride: kind.stride, hasTexts: kind.hasTexts)
        var history = History(stride: kind.stride)
        var olderTrees: [(tree: Tree, model: TreeModel)] = []
        // Growing, shrinking to nothing, growing again.
        for (phase, insertsOfTen) in [9, 6, 1, 0, 7].enumerated() {
            for group in 0..<40 {
                history.beginGroup()
                for _ in 0..<numbers.below(80) {
                    if numbers.below(10) < insertsOfTen {
                        let key = model.newKey(&numbers)
                        model.insert(key)
                        #expect(model.insert(key, into: &history.tree, history.writer), comment)
                    } else if !model.keys.isEmpty {
                        let key = model.remove(at: numbers.below(model.keys.count))
                        #expect(model.remove(key, from: &history.tree, history.writer), comment)
                    }
                }
                if group % 8 == 0 {
                    check(history.tree.view, &model, &numbers, comment)
                    olderTrees.append((history.tree, model))
                }
            }
            if phase == 3 {
                while !model.keys.isEmpty {
                    let key = model.remove(at: numbers.below(model.keys.count))
                    #expect(model.remove(key, from: &history.tree, history.writer), comment)
                }
                #expect(history.tree.height == 0 && history.tree.view.keys.isEmpty, comment)
            }
        }
        for index in olderTrees.indices {
            check(olderTrees[index].tree.view, &olderTrees[index].model, &numbers, comment)
        }
        #expect(history.end() == 0, comment)
    }

    @Test(arguments: 1...3)
    func `a tree of three levels keeps its order and counts`(stride: Int) {
        let seed = UInt64(stride) + 100
        let comment: Comment = "stride \(stride), seed \(seed)"
        var numbers = SeededRandom(seed: seed)
        var model = TreeModel(stride: stride, hasTexts: false)
        var history = History(stride: stride)
        for _ in 0..<12_000 {
            let key = model.newKey(&numbers)
            model.insert(key)
            history.tree.insert(key, writer: history.writer)
        }
        #expect(history.tree.height >= 3, comment)
        check(history.tree.view, &model, &numbers, comment)
        history.beginGroup()
        let old = (tree: history.tree, keys: model.keys)
        // Front to back in one half, back to front in the other: every way to merge and to borrow.
        while model.keys.count > 6_000 {
            let key = model.remove(at: 0)
            let isDone = history.tree.remove(key, writer: history.writer)
            #expect(isDone, comment)
        }
        check(history.tree.view, &model, &numbers, comment)
        while model.keys.count > 300 {
            let key = model.remove(at: model.keys.count - 1 - numbers.below(64))
            let isDone = history.tree.remove(key, writer: history.writer)
            #expect(isDone, comment)
            if model.keys.count % 1_000 == 0 {
                check(history.tree.view, &model, &numbers, comment)
            }
        }
        check(history.tree.view, &model, &numbers, comment)
        #expect(old.tree.view.keys == old.keys && old.tree.view.firstFault() == nil, comment)
        #expect(history.end() == 0, comment)
    }

    @Test(arguments: TreeTests.kinds)
    func `a built tree has the entries it was built from`(kind: (stride: Int, hasTexts: Bool)) {
        var numbers = SeededRandom(seed: 7)
        for count in Array(0...70) + [127, 128, 129, 4_095, 4_096, 4_097, 9_000] {
            let comment: Comment = "stride \(kind.stride), texts \(kind.hasTexts), \(count)"
            var model = TreeModel(stride: kind.stride, hasTexts: kind.hasTexts)
            for _ in 0..<count { model.insert(model.newKey(&numbers)) }
            var history = History(stride: kind.stride)
            history.tree = Tree.build(model.keys, stride: kind.stride, writer: history.writer)
            check(history.tree.view, &model, &numbers, comment)
            history.beginGroup()
            let old = history.tree
            let oldKeys = model.keys
            for _ in 0..<100 {
                let key = model.newKey(&numbers)
                model.insert(key)
                #expect(model.insert(key, into: &history.tree, history.writer), comment)
            }
            check(history.tree.view, &model, &numbers, comment)
            #expect(old.view.keys == oldKeys, comment)
            #expect(history.end() == 0, comment)
        }
    }

    @Test(arguments: 1...3)
    func `a built tree and one of ascending entries have full nodes`(stride: Int) {
        let count = 64 * 64 * 3
        let keys = (1...count).map { key(first: 0, second: 0, locator: $0 << 32) }
        let leaf = TreeNode.leafByteCount(stride: stride)
        let branch = TreeNode.branchByteCount(stride: stride)
        let wanted = count / 64 * leaf + (3 + 1) * branch
        var built = History(stride: stride)
        built.tree = Tree.build(keys, stride: stride, writer: built.writer)
        #expect(built.pool.bytesInUse == wanted)
        #expect(built.end() == 0)
        var grown = History(stride: stride)
        for key in keys { grown.tree.insert(key, writer: grown.writer) }
        #expect(grown.pool.bytesInUse == wanted)
        #expect(grown.tree.view.firstFault() == nil && grown.tree.view.keys == keys)
        #expect(grown.end() == 0)
    }

    @Test func `an entry is added once and removed once`() {
        var history = History(stride: 2)
        let keys = (1...1_000).map { key(first: $0 % 10, second: 0, locator: $0) }
        for key in keys {
            let isDone = history.tree.insert(key, writer: history.writer)
            #expect(isDone)
        }
        for key in keys {
            let isDone = history.tree.insert(key, writer: history.writer)
            #expect(!isDone)
        }
        let other = TreeKey(first: 3, locator: 5_000 as UInt64)
        let isDone = history.tree.remove(other, writer: history.writer)
        #expect(!isDone)
        #expect(history.tree.count == 1_000 && history.tree.view.firstFault() == nil)
        for key in keys {
            let isDone = history.tree.remove(key, writer: history.writer)
            #expect(isDone)
        }
        for key in keys {
            let isDone = history.tree.remove(key, writer: history.writer)
            #expect(!isDone)
        }
        #expect(history.tree.count == 0 && history.pool.bytesInUse == 0)
    }

    @Test func `removing in any order leaves no node behind`() {
        for seed in UInt64(1)...6 {
            var numbers = SeededRandom(seed: seed)
            var history = History(stride: 3)
            var keys = (1...6_000).map {
                key(first: $0 % 7, second: $0, locator: $0)
            }
            for key in keys { history.tree.insert(key, writer: history.writer) }
            switch seed {
            case 1: break
            case 2: keys.reverse()
            default: keys.shuffle(using: &numbers)
            }
            for (index, key) in keys.enumerated() {
                let isDone = history.tree.remove(key, writer: history.writer)
                #expect(isDone, "seed \(seed)")
                if index % 500 == 0 {
                    #expect(history.tree.view.firstFault() == nil, "seed \(seed)")
                }
            }
            #expect(unsafe history.tree.root == nil && history.pool.bytesInUse == 0)
        }
    }

    @Test(arguments: [1, 2, 65, 130, 4_097, 4_161, 8_193])
    func `nodes at the end go when they are empty`(count: Int) {
        let keys = (1...count).map { key(first: $0, second: 0, locator: $0) }
        var history = History(stride: 2)
        history.tree = Tree.build(keys, stride: 2, writer: history.writer)
        for kept in (0..<count).reversed().prefix(200) {
            history.beginGroup()
            let isDone = history.tree.remove(keys[kept], writer: history.writer)
            #expect(isDone && history.tree.count == kept)
            #expect(history.tree.view.firstFault() == nil)
        }
        let kept = max(0, count - 200)
        #expect(history.tree.view.keys == Array(keys[..<kept]))
        // And the tree goes on from there.
        for key in keys[kept...] { history.tree.insert(key, writer: history.writer) }
        #expect(history.tree.view.keys == keys && history.tree.view.firstFault() == nil)
        #expect(history.end() == 0)
    }

    @Test func `writers side by side serve one group`() {
        let pool = NodePool()
        let keys = (1...500).map { key(first: 0, second: 0, locator: $0) }
        let first = NodeWriter(pool: pool, stamp: 1)
        var trees = (0..<2).map { _ in Tree.build(keys, stride: 1, writer: first) }
        let group = NodeWriter(pool: pool, stamp: 2)
        let helper = NodeWriter(pool: pool, stamp: 2)
        trees[0].removeAll(writer: group)
        trees[1].removeAll(writer: helper)
        group.absorb(helper)
        let retired = group.takeRetired()
        #expect(retired.count == 2 * 9 && retired.allSatisfy { $0.birth == 1 })
        #expect(helper.takeRetired().isEmpty && group.takeRetired().isEmpty)
        for block in retired { unsafe pool.release(block.block) }
        #expect(pool.bytesInUse == 0)
    }

    @Test func `runs and steps by first word cover the same entries`() {
        var history = History(stride: 3)
        let keys = (0..<5_000).map {
            key(first: $0 / 90, second: $0 / 7, locator: $0)
        }
        var numbers = SeededRandom(seed: 11)
        for key in keys.shuffled(using: &numbers) {
            history.tree.insert(key, writer: history.writer)
        }
        let view = history.tree.view

        for limit in [1, 7, 64, 1_000, Int.max] {
            var forward = view.cursor(atRank: 11)
            var taken: [TreeKey] = []
            while true {
                let run = forward.nextRun(limit: limit)
                if run.count == 0 { break }
                #expect(run.count <= limit)
                taken += entries(of: run)
            }
            #expect(taken == Array(keys[11...]) && forward.rank == keys.count)
        }

        for word in UInt64(0)...60 {
            let wanted = keys.filter { $0.first == word }.map { $0.locator }
            var forward = view.cursor(at: .before(first: word))
            var taken: [UInt64] = []
            while let locator = forward.next(ifFirst: word) { taken.append(locator.rawValue) }
            #expect(taken == wanted)
            #expect(forward.next()?.rawValue == keys.first { $0.first > word }?.locator)
            var backward = view.cursor(at: .after(first: word))
            taken = []
            while let locator = backward.previous(ifFirst: word) { taken.append(locator.rawValue) }
            #expect(taken == wanted.reversed())
            #expect(backward.previous()?.rawValue == keys.last { $0.first < word }?.locator)
        }
        #expect(history.end() == 0)
    }

    private func key(first: Int, second: Int, locator: Int) -> TreeKey {
        TreeKey(first: UInt64(first), second: UInt64(second), locator: UInt64(locator))
    }

    private func entries(of run: TreeRun) -> [TreeKey] {
        var keys: [TreeKey] = []
        for index in 0..<run.count {
            let locator: Locator = run[index]
            keys.append(
                TreeKey(first: run.first(index), second: run.last(index), locator: locator))
        }
        return keys
    }

    @Test func `the check finds what is wrong`() {
        var history = History(stride: 2)
        for number in 1...1_000 {
            history.tree.insert(
                TreeKey(first: UInt64(number), locator: UInt64(number)), writer: history.writer)
        }
        let view = history.tree.view
        let root = unsafe history.tree.root.unsafelyUnwrapped
        #expect(view.firstFault() == nil)

        unsafe TreeNode.ends(root)[3] += 1
        #expect(view.firstFault() == .end(level: 2, recorded: 257, found: 256))
        unsafe TreeNode.ends(root)[3] -= 1

        unsafe TreeNode.firsts(root)[2] += 1
        #expect(view.firstFault() == .first(level: 2, rank: 64))
        unsafe TreeNode.firsts(root)[2] -= 1

        let leaf = unsafe TreeNode.children(root)[5]
        unsafe TreeNode.entries(leaf)[8] = 0
        #expect(view.firstFault() == .order(rank: 324))
        unsafe TreeNode.entries(leaf)[8] = 325

        unsafe TreeNode.setCount(leaf, 10)
        #expect(view.firstFault() == .fill(level: 1, count: 10))
        unsafe TreeNode.setCount(leaf, 64)

        history.tree.count += 1
        #expect(history.tree.view.firstFault() == .count(recorded: 1_001, found: 1_000))
        history.tree.count -= 1
        #expect(history.end() == 0)
    }
}
