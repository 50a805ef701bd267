import Bytes
import Glibc
import SimulatedDisk
import Testing

@testable import Store

/// A journal of its own store, written group by group without the writer's threads.
final class JournalTrial {
    let disk: SimulatedDisk
    let store: Store
    let journal: Journal
    private let log = ChangeLog(codec: PlainCodec())
    private let tools = WriteTools()
    private(set) var time: Int64 = 1_000

    convenience init(
        _ definition: StoreDefinition, disk: SimulatedDisk = SimulatedDisk(), shardCount: Int = 4
    ) throws {
        try self.init(Store(definition, shardCount: shardCount, seed: 11), disk: disk)
    }

    init(_ store: Store, disk: SimulatedDisk = SimulatedDisk()) throws {
        self.disk = disk
        self.store = store
        journal = try Journal.create(
            on: disk, generation: 1, following: .none(sequence: 1),
            definition: store.definition, shardCount: 1 << store.shardBits, codec: PlainCodec(),
            syncMode: .always)
    }

    /// Runs `body` as one group, which becomes a record if it changes anything.
    func commit(now: Int64? = nil, _ body: (WriteGroup) throws -> Void) throws {
        time = now ?? time + 10
        log.removeAll()
        let group = unsafe WriteGroup(
            store, on: store.slots.currentRoot, now: time, log: log, tools: tools)
        try body(group)
        #expect(log.isEmpty == (group.changeCount == 0))
        let draft = group.seal()
        if log.isEmpty {
            let current = unsafe store.slots.currentRoot.sequence
            draft.discard(store: store, after: current, base: nil)
            return
        }
        try journal.append(log, time: time)
        try journal.sync()
        draft.publish(to: store)
        #expect(journal.end.sequence == draft.sequence)
    }
}

/// What recovery makes of a directory with journals from generation 1 on.
struct Recovered {
    let store: Store
    let mark: JournalMark.Finding
    let end: JournalEnd
    let tail: TornTail?
    let changeCount: Int
}

/// Reads the journals of a disk into a new store.
func recover(
    _ disk: any Disk, _ definition: StoreDefinition, shardCount: Int = 4, seed: UInt64 = 11
) throws -> Recovered {
    let store = Store(definition, shardCount: shardCount, seed: seed)
    let layout = FileLayout(definition)
    let finding = try JournalMark.find(on: disk)
    var mark: JournalMark?
    if case .mark(let found) = finding { mark = found }
    let generations = try disk.list("").compactMap { Journal.generation(ofName: $0) }.sorted()
    var end: JournalEnd?
    var tail: TornTail?
    let replay = Replay(
        store, layout: layout, mapping: LayoutMapping(identity: layout), codec: PlainCodec())
    for generation in generations {
        let reader = try JournalReader(
            disk, generation: generation, isNewest: generation == generations.last, mark: mark,
            following: end ?? (generation == 1 ? .none(sequence: 1) : nil))
        #expect(reader.header.layout == layout)
        while let record = try reader.next() { try replay.apply(record) }
        end = reader.end
        tail = reader.tail
    }
    replay.finish()
    return Recovered(
        store: store, mark: finding, end: try #require(end), tail: tail,
        changeCount: replay.changeCount)
}

extension Array where Element == UInt8 {
    /// The array with one bit the other way.
    func flipping(bit: Int) -> [UInt8] {
        var flipped = self
        flipped[bit / 8] ^= 1 << UInt8(bit % 8)
        return flipped
    }
}
