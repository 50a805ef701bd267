import Bytes
import Dispatch
import Synchronization
import Testing

@testable import Store

/// A store of one tree: the least that has versions.
private final class VersionedTree: @unchecked Sendable {
    let pool = NodePool()
    let slots: ReaderSlots
    /// By the number of the version, where its tree begins; kept by the test alone.
    private(set) var trees: [UInt64: Tree] = [:]

    init(stride: Int) {
        let layout = VersionLayout(tableCount: 2, indexCount: 1, shardBits: 4)
        let writer = NodeWriter(pool: pool, stamp: 1)
        let root = unsafe VersionRoot(layout: layout, strides: [stride], writer: writer)
        slots = unsafe ReaderSlots(pool: pool, first: root)
        trees[1] = unsafe root.tree(of: IndexID(0))
    }

    func write(_ body: (inout Tree, NodeWriter) -> Void) {
        let previous = unsafe slots.currentRoot
        let writer = unsafe NodeWriter(pool: pool, stamp: previous.sequence + 1)
        let root = unsafe VersionRoot(copying: previous, writer: writer)
        var tree = unsafe root.tree(of: IndexID(0))
        body(&tree, writer)
        unsafe root.setTree(of: IndexID(0), to: tree)
        trees[writer.stamp] = tree
        unsafe slots.publish(root, retiring: writer.takeRetired())
    }

    func forget(version: UInt64) {
        trees[version] = nil
    }

    /// The bytes of all blocks that these versions lead to.
    func bytes(of views: [VersionView]) -> Int {
        var blocks: [UnsafeMutableRawPointer: Int] = unsafe [:]
        for view in views {
            let root = unsafe view.root
            unsafe blocks[UnsafeMutableRawPointer(mutating: root)] = NodePool.byteCount(of: root)
            unsafe trees[view.sequence]?.forEachNode { node in
                unsafe blocks[node] = NodePool.byteCount(of: node)
            }
        }
        return unsafe blocks.values.reduce(0, +)
    }

    func makeReader() -> Reader? {
        Reader(slots, keeping: self)
    }

    var currentView: VersionView { unsafe slots.currentRoot.view }

    /// Frees the current version; the bytes still in use after that are lost.
    func end() -> Int {
        let root = unsafe slots.currentRoot
        unsafe root.tree(of: IndexID(0)).forEachNode { unsafe pool.release($0) }
        unsafe pool.release(root.block)
        return pool.bytesInUse
    }
}

@Suite struct ReaderSlotsTests {
    private static let index = IndexID(0)

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `what a pin sees stays and everything else is freed at once`(seed: UInt64) throws {
        var numbers = SeededRandom(seed: seed)
        var model = TreeModel(stride: 2, hasTexts: false)
        let store = VersionedTree(stride: 2)
        let readers = try (0..<8).map { _ in try #require(store.makeReader()) }
        var pins: [(reader: Reader, view: VersionView, keys: [TreeKey])] = []
        for step in 0..<600 {
            switch numbers.below(8) {
            case 0, 1:
                let free = readers.filter { reader in !pins.contains { $0.reader === reader } }
                if let reader = free.first {
                    pins.append((reader, reader.pin(), model.keys))
                }
            case 2, 3:
                if !pins.isEmpty {
                    pins.remove(at: numbers.below(pins.count)).reader.unpin()
                }
            default:
                store.write { tree, writer in
                    for _ in 0..<numbers.below(12) {
                        if numbers.below(3) > 0 || model.keys.isEmpty {
                            let key = model.newKey(&numbers)
                            model.insert(key)
                            tree.insert(key, writer: writer)
                        } else {
                            let key = model.remove(at: numbers.below(model.keys.count))
                            tree.remove(key, writer: writer)
                        }
                    }
                }
            }
            let views = pins.map { $0.view } + [store.currentView]
            #expect(
                store.pool.bytesInUse == store.bytes(of: views), "seed \(seed), step \(step)")
            #expect(store.slots.pinCount == pins.count)
            if step % 20 == 0 {
                for pin in pins {
                    #expect(pin.view.tree(Self.index).keys == pin.keys, "seed \(seed)")
                    #expect(pin.view.tree(Self.index).firstFault() == nil, "seed \(seed)")
                }
            }
        }
        for pin in pins { pin.reader.unpin() }
        #expect(store.slots.hangingCount == 0)
        #expect(store.currentView.tree(Self.index).keys == model.keys)
        #expect(store.end() == 0, "seed \(seed)")
    }

    @Test func `an old pin keeps its own version and not those between`() throws {
        let store = VersionedTree(stride: 1)
        store.write { tree, writer in
            for number in UInt64(1)...10_000 {
                tree.insert(TreeKey(locator: number), writer: writer)
            }
        }
        let old = try #require(store.makeReader())
        let view = old.pin()
        let before = store.pool.bytesInUse
        for round in UInt64(1)...500 {
            store.write { tree, writer in
                tree.remove(TreeKey(locator: round), writer: writer)
                tree.insert(TreeKey(locator: 20_000 + round), writer: writer)
            }
        }
        // At most every node twice: that of the old version and that of the current one.
        #expect(store.pool.bytesInUse <= 2 * before + 500 * 8 * 2)
        #expect(view.tree(Self.index).keys.map { $0.locator } == Array(1...10_000))
        #expect(store.slots.hangingCount > 0)
        old.unpin()
        #expect(store.slots.hangingCount == 0)
        #expect(store.pool.bytesInUse == store.bytes(of: [store.currentView]))
        #expect(store.end() == 0)
    }

    @Test func `a block goes from pin to pin and is freed with the last`() throws {
        let store = VersionedTree(stride: 1)
        store.write { tree, writer in tree.insert(TreeKey(locator: 1 as UInt64), writer: writer) }
        let readers = try (0..<4).map { _ in try #require(store.makeReader()) }
        let views = readers.map { $0.pin() }
        store.write { tree, writer in tree.insert(TreeKey(locator: 2 as UInt64), writer: writer) }
        let all = store.bytes(of: [views[0], store.currentView])
        for reader in [2, 0, 3] {
            readers[reader].unpin()
            #expect(store.pool.bytesInUse == all && store.slots.hangingCount == 2)
        }
        readers[1].unpin()
        #expect(store.pool.bytesInUse == store.bytes(of: [store.currentView]))
        #expect(store.end() == 0)
    }

    @Test func `a reader that goes away gives back its pin and its slot`() throws {
        let store = VersionedTree(stride: 1)
        var readers: [Reader] = []
        for _ in 0..<ReaderSlots.slotCount {
            readers.append(try #require(store.makeReader()))
        }
        #expect(store.makeReader() == nil)
        _ = readers[77].pin()
        store.write { tree, writer in tree.insert(TreeKey(locator: 1 as UInt64), writer: writer) }
        #expect(store.slots.hangingCount == 1)
        readers.remove(at: 77)
        #expect(store.slots.hangingCount == 0 && store.slots.pinCount == 0)
        let again = try #require(store.makeReader())
        #expect(again.withVersion { $0.sequence } == 2)
        readers.removeAll()
        #expect(store.end() == 0)
    }

    @Test func `a store stays as long as a reader of it`() throws {
        weak var store: VersionedTree?
        var reader: Reader?
        do {
            let made = VersionedTree(stride: 1)
            store = made
            reader = made.makeReader()
        }
        #expect(store != nil && reader != nil)
        #expect(reader?.withVersion { $0.sequence } == 1)
        #expect(store?.end() == 0)
        reader = nil
        #expect(store == nil)
    }

    @Test(arguments: [Reader.PinStep.sequenceRead, .pinWritten, .rootRead], 1...3)
    func `a version published while a reader pins is the one it gets`(
        step: Reader.PinStep, publications: Int
    ) throws {
        let store = VersionedTree(stride: 1)
        let reader = try #require(store.makeReader())
        var interruptions = 0
        let view = reader.pin { place in
            guard place == step && interruptions < publications else { return }
            interruptions += 1
            for round in 0..<UInt64(interruptions) {
                store.write { tree, writer in
                    let locator = store.currentView.sequence * 10 + round
                    tree.insert(TreeKey(locator: locator), writer: writer)
                }
            }
        }
        #expect(interruptions == publications)
        #expect(view.sequence == store.currentView.sequence)
        #expect(unsafe view.root == store.currentView.root)
        #expect(store.slots.hangingCount == 0 && store.slots.pinCount == 1)
        #expect(store.pool.bytesInUse == store.bytes(of: [store.currentView]))
        reader.unpin()
        #expect(store.end() == 0)
    }

    @Test func `readers see whole versions while a writer publishes`() {
        let store = VersionedTree(stride: 2)
        let last: UInt64 = 2_000
        let width: UInt64 = 2_000
        // Every version holds `width` entries in a row; each write moves them a few places on.
        store.write { tree, writer in
            for number in 2..<width + 2 { add(number, to: &tree, writer) }
        }
        let failures = Atomic<Int>(0)
        let ready = DispatchSemaphore(value: 0)
        let group = DispatchGroup()
        let readerCount = 3
        for number in 0..<readerCount {
            DispatchQueue(label: "reader \(number)").async(group: group) {
                guard let reader = store.makeReader() else {
                    failures.add(1, ordering: .relaxed)
                    ready.signal()
                    return
                }
                ready.signal()
                var sequence: UInt64 = 0
                while sequence < last {
                    let view = reader.pin()
                    // One reader looks so briefly that it often meets a version being published.
                    let isRight = number == 0 ? isBegun(view, width) : isWhole(view, width)
                    if view.sequence < sequence || !isRight {
                        failures.add(1, ordering: .relaxed)
                    }
                    sequence = view.sequence
                    reader.unpin()
                }
            }
        }
        for _ in 0..<readerCount { ready.wait() }
        for sequence in 3...last {
            store.write { tree, writer in
                tree.remove(key(sequence - 1), writer: writer)
                add(sequence + width - 1, to: &tree, writer)
            }
        }
        group.wait()
        #expect(failures.load(ordering: .relaxed) == 0)
        #expect(store.slots.hangingCount == 0)
        #expect(store.pool.bytesInUse == store.bytes(of: [store.currentView]))
        #expect(store.end() == 0)
    }

    private func key(_ number: UInt64) -> TreeKey {
        TreeKey(first: number, locator: number &* 3)
    }

    private func add(_ number: UInt64, to tree: inout Tree, _ writer: NodeWriter) {
        tree.insert(key(number), writer: writer)
    }

    private func isBegun(_ view: VersionView, _ width: UInt64) -> Bool {
        let tree = view.tree(Self.index)
        var cursor = tree.cursor(at: .before(first: view.sequence))
        let first = cursor.next(ifFirst: view.sequence)?.rawValue
        return tree.count == Int(width) && first == key(view.sequence).locator
    }

    /// Whether a version holds the numbers that its own number says, all of them in order.
    private func isWhole(_ view: VersionView, _ width: UInt64) -> Bool {
        let tree = view.tree(Self.index)
        var cursor = tree.cursor(atRank: 0)
        var number = view.sequence
        while let entry = cursor.nextKey() {
            guard entry == key(number) else { return false }
            number += 1
        }
        return number == view.sequence + width && tree.count == Int(width)
    }
}
