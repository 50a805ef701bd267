import Bytes
import SimulatedDisk
import Testing

@testable import Store

/// A small table with one column of each kind of encoding.
private let definition = StoreDefinition(
    tables: [
        table(
            "Note",
            [
                ColumnDefinition(name: "text", kind: .bytes(.text), isNullable: true),
                ColumnDefinition(name: "amount", kind: .int64),
                ColumnDefinition(name: "rate", kind: .double, isNullable: true),
                ColumnDefinition(name: "state", kind: .int8, enumNames: ["NEW", "DONE"]),
                ColumnDefinition(
                    name: "parent", kind: .reference(TableID(0)), isNullable: true,
                    onDelete: .setNull),
                ColumnDefinition(name: "tags", kind: .bytes(.value), isNullable: true),
                ColumnDefinition(name: "open", kind: .bool, isNullable: true),
                ColumnDefinition(name: "day", kind: .int32, isNullable: true),
                ColumnDefinition(name: "data", kind: .bytes(.json), isNullable: true),
            ])
    ],
    indexes: [
        IndexDefinition(name: "text", table: TableID(0), equality: [4], isUnique: true),
        IndexDefinition(name: "parent", table: TableID(0), equality: [8]),
    ])

private let notes = TableID(0)

/// Three records: two rows, a change with a deletion, another row.
private func smallTrial() throws -> JournalTrial {
    let trial = try JournalTrial(definition)
    var first = RowRef.none
    try trial.commit { group in
        try group.transaction { transaction in
            let row = trial.store.makeRowBuilder(notes)
            row.set(0, text: "a")
            row.set(4, text: "say \"hi\"")
            row.set(5, int: -7)
            row.set(6, double: 2.5)
            row.set(7, int: 1)
            row.set(9, .bytes([1, 2, 255]))
            row.set(10, int: 1)
            row.set(11, int: -3)
            row.set(12, text: "{\"k\":[1,null]}")
            first = try transaction.insert(notes, row)
            row.reset()
            row.set(0, text: "b")
            row.set(5, int: 1 << 50)
            row.set(7, int: 0)
            row.set(8, reference: first)
            try transaction.insert(notes, row)
        }
    }
    try trial.commit { group in
        try group.transaction { transaction in _ = try transaction.delete(notes, first) }
    }
    try trial.commit { group in
        try group.transaction { transaction in
            let row = trial.store.makeRowBuilder(notes)
            row.set(0, text: "c")
            row.set(5, int: 0)
            row.set(7, int: 1)
            try transaction.insert(notes, row)
        }
    }
    return trial
}

private let journalName = Journal.name(generation: 1)

@Suite struct JournalTests {
    @Test func `names carry the generation in ten digits`() {
        #expect(Journal.name(generation: 7) == "journal-0000000007.log")
        #expect(Journal.generation(ofName: "journal-0000000007.log") == 7)
        #expect(Journal.generation(ofName: "journal-7.log") == nil)
        #expect(Journal.generation(ofName: "journal-0000000007.log.tmp") == nil)
        #expect(Journal.generation(ofName: "journal.mark") == nil)
    }

    @Test func `what was written is read back`() throws {
        let trial = try smallTrial()
        let recovered = try recover(trial.disk, definition)
        #expect(recovered.tail == nil)
        #expect(recovered.end == trial.journal.end)
        #expect(recovered.mark == .mark(JournalMark(trial.journal.end)))
        #expect(recovered.changeCount == 5)
        #expect(try recovered.store.image() == trial.store.image())
        #expect(try recovered.store.faults() == [])
    }

    @Test(arguments: 1...40)
    func `a store grows again from its journal`(seed: Int) throws {
        var run = try ModelRun(seed: UInt64(seed))
        let trial = try JournalTrial(run.store)
        run.write = { _, now, body in try trial.commit(now: now, body) }
        for group in 0..<10 as Range<UInt64> {
            try run.group()
            let disk = trial.disk.copy().powerCut(seed: UInt64(seed) * 10 + group)
            let recovered = try recover(disk, run.store.definition, seed: run.store.seed)
            let isSame = try recovered.store.image() == run.store.image()
            try #require(isSame, "another content after a power cut, seed \(seed)")
        }
        try run.finish()
        let recovered = try recover(
            trial.disk, run.store.definition, seed: run.store.seed)
        let isSame = try recovered.store.image() == run.store.image()
        try #require(isSame, "another content after the replay, seed \(seed)")
        #expect(try recovered.store.faults() == [], "seed \(seed)")
        // Once more over what is there already: nothing happens.
        let layout = FileLayout(run.store.definition)
        let replay = Replay(
            recovered.store, layout: layout, mapping: LayoutMapping(identity: layout),
            codec: PlainCodec())
        let reader = try JournalReader(
            trial.disk, generation: 1, isNewest: true, mark: nil, following: nil)
        while let record = try reader.next() { try replay.apply(record) }
        replay.finish()
        #expect(replay.changeCount == 0)
    }

    @Test(arguments: 1...3)
    func `a record that is refused leaves a store and its memory as they were`(
        refused: Int
    ) throws {
        let trial = try smallTrial()
        let store = Store(definition, shardCount: 4, seed: 11)
        let byteCount = store.pool.bytesInUse
        let image = try store.image()
        #expect(throws: JournalDamage.Reason.changes) {
            let layout = FileLayout(definition)
            let replay = Replay(
                store, layout: layout, mapping: LayoutMapping(identity: layout),
                codec: PlainCodec())
            let reader = try JournalReader(
                trial.disk, generation: 1, isNewest: true, mark: nil, following: nil)
            for _ in 1..<refused { try replay.apply(try #require(try reader.next())) }
            let record = try #require(try reader.next())
            try replay.apply(
                unsafe JournalRecord(
                    sequence: record.sequence, time: record.time, offset: record.offset,
                    body: UnsafeRawBufferPointer(rebasing: record.body.dropLast())))
        }
        #expect(store.pool.bytesInUse == byteCount)
        #expect(try store.image() == image)
        #expect(try store.faults() == [])
    }

    @Test func `no flipped bit of an acknowledged journal goes unnoticed`() throws {
        let trial = try smallTrial()
        let whole = try #require(trial.disk.bytes(of: journalName))
        for bit in 0..<whole.count * 8 where bit % 8 == bit / 8 % 8 {
            let disk = trial.disk.copy()
            disk.replace(journalName, with: whole.flipping(bit: bit))
            #expect(throws: JournalError.self, "bit \(bit)") { try recover(disk, definition) }
        }
    }

    @Test func `without a mark, a flipped bit is reported or cuts the tail at a commit`() throws {
        let trial = try smallTrial()
        let whole = try #require(trial.disk.bytes(of: journalName))
        var damageCount = 0
        var tails: Set<Int> = []
        for bit in 0..<whole.count * 8 where bit % 8 == bit / 8 % 8 {
            let disk = trial.disk.copy()
            disk.replace(JournalMark.fileName, with: nil)
            disk.replace(journalName, with: whole.flipping(bit: bit))
            do {
                let recovered = try recover(disk, definition)
                let tail = try #require(recovered.tail, "bit \(bit) was not noticed")
                #expect(tail.offset + tail.byteCount == whole.count)
                #expect(recovered.end.sequence == 3)
                #expect(recovered.mark == .missing)
                tails.insert(tail.offset)
            } catch is JournalError {
                damageCount += 1
            }
        }
        // Only the header of the last record can be taken for the tail of a write.
        #expect(tails.count == 1)
        #expect(damageCount == whole.count - RecordHeader.byteCount)
    }

    @Test func `a flipped bit of the mark is reported and harmless`() throws {
        let trial = try smallTrial()
        let whole = try #require(trial.disk.bytes(of: JournalMark.fileName))
        #expect(whole.count == 40)
        for bit in 0..<whole.count * 8 {
            let disk = trial.disk.copy()
            disk.replace(JournalMark.fileName, with: whole.flipping(bit: bit))
            let recovered = try recover(disk, definition)
            #expect(recovered.mark == .damaged)
            #expect(try recovered.store.image() == trial.store.image())
        }
    }

    @Test func `a journal cut anywhere is damaged when more was acknowledged`() throws {
        let trial = try smallTrial()
        let whole = try #require(trial.disk.bytes(of: journalName))
        for count in 0..<whole.count {
            let disk = trial.disk.copy()
            disk.replace(journalName, with: Array(whole.prefix(count)))
            #expect(throws: JournalError.self, "\(count) bytes") {
                try recover(disk, definition)
            }
        }
    }

    @Test func `a record cut off behind the mark is a torn tail`() throws {
        let trial = try smallTrial()
        let before = trial.journal.end
        let image = try trial.store.image()
        let mark = try #require(trial.disk.bytes(of: JournalMark.fileName))
        try trial.commit { group in
            try group.transaction { transaction in
                _ = try transaction.delete(notes, image.rows[0][0].ref)
            }
        }
        let whole = try #require(trial.disk.bytes(of: journalName))
        for count in before.offset..<whole.count {
            let disk = trial.disk.copy()
            disk.replace(JournalMark.fileName, with: mark)
            disk.replace(journalName, with: Array(whole.prefix(count)))
            let recovered = try recover(disk, definition)
            #expect(recovered.end == before)
            #expect(try recovered.store.image() == image)
            let tail =
                count == before.offset
                ? nil
                : TornTail(
                    file: journalName, offset: before.offset, byteCount: count - before.offset,
                    recordCount: 0)
            #expect(recovered.tail == tail)
            // Junk in the same place, even with a sound header, is one too.
            var junk = whole
            junk[whole.count - 1] ^= 1
            disk.replace(journalName, with: junk)
            #expect(try recover(disk, definition).tail?.offset == before.offset)
        }
    }

    @Test func `a journal goes on behind the tail that was cut`() throws {
        let trial = try smallTrial()
        let end = trial.journal.end
        let whole = try #require(trial.disk.bytes(of: journalName))
        trial.disk.replace(journalName, with: whole + [1, 2, 3])
        #expect(try recover(trial.disk, definition).tail?.byteCount == 3)
        let journal = try Journal.resume(
            on: trial.disk, at: end, definition: definition, shardCount: 4, codec: PlainCodec(),
            syncMode: .always)
        #expect(journal.end == end)
        #expect(trial.disk.bytes(of: journalName) == whole)
        #expect(try recover(trial.disk, definition).tail == nil)
    }

    @Test func `generations follow each other`() throws {
        let trial = try smallTrial()
        let first = trial.journal.end
        try trial.journal.rotate()
        #expect(trial.journal.end.generation == 2)
        #expect(trial.journal.end.sequence == first.sequence)
        try trial.commit { group in
            try group.transaction { transaction in
                let row = trial.store.makeRowBuilder(notes)
                row.set(0, text: "d")
                row.set(5, int: 0)
                row.set(7, int: 1)
                try transaction.insert(notes, row)
            }
        }
        let recovered = try recover(trial.disk, definition)
        #expect(try recovered.store.image() == trial.store.image())
        #expect(recovered.end == trial.journal.end)
        // A torn tail of a file that another follows is none.
        let whole = try #require(trial.disk.bytes(of: journalName))
        for bytes in [whole + [0], whole.dropLast(), whole.flipping(bit: whole.count * 8 - 1)] {
            let disk = trial.disk.copy()
            disk.replace(journalName, with: Array(bytes))
            #expect(throws: JournalError.self) { try recover(disk, definition) }
        }
        // The whole last record is missing: the next file does not follow.
        let disk = trial.disk.copy()
        var offset = 0
        let reader = try JournalReader(
            disk, generation: 1, isNewest: false, mark: nil, following: nil)
        while let record = try reader.next() { offset = record.offset }
        disk.replace(journalName, with: Array(whole.prefix(offset)))
        let error = #expect(throws: JournalError.self) { try recover(disk, definition) }
        #expect(
            error
                == .damaged(
                    JournalDamage(
                        file: Journal.name(generation: 2), offset: 0, lastSequence: 3,
                        reason: .sequence(expected: 4, found: 5))))
    }

    @Test func `records of another journal are not taken`() throws {
        let trial = try smallTrial()
        let other = try JournalTrial(definition)
        for id in ["x", "y", "z"] {
            try other.commit { group in
                try group.transaction { transaction in
                    let row = other.store.makeRowBuilder(notes)
                    row.set(0, text: id)
                    row.set(5, int: 0)
                    row.set(7, int: 1)
                    try transaction.insert(notes, row)
                }
            }
        }
        func records(_ disk: SimulatedDisk) throws -> [Int] {
            let reader = try JournalReader(
                disk, generation: 1, isNewest: true, mark: nil, following: nil)
            var offsets: [Int] = []
            while let record = try reader.next() { offsets.append(record.offset) }
            return offsets + [reader.end.offset]
        }
        let own = try #require(trial.disk.bytes(of: journalName))
        let foreign = try #require(other.disk.bytes(of: journalName))
        let ownPlaces = try records(trial.disk)
        let foreignPlaces = try records(other.disk)
        let mixed =
            own[..<ownPlaces[1]] + foreign[foreignPlaces[1]..<foreignPlaces[2]]
            + own[ownPlaces[2]...]
        let disk = trial.disk.copy()
        disk.replace(journalName, with: Array(mixed))
        let error = #expect(throws: JournalError.self) { try recover(disk, definition) }
        #expect(
            error
                == .damaged(
                    JournalDamage(
                        file: journalName, offset: ownPlaces[1], lastSequence: 2, reason: .hash)))
        // Swapped records are out of order.
        let swapped =
            own[..<ownPlaces[0]] + own[ownPlaces[1]..<ownPlaces[2]]
            + own[ownPlaces[0]..<ownPlaces[1]] + own[ownPlaces[2]...]
        disk.replace(journalName, with: Array(swapped))
        #expect(throws: JournalError.self) { try recover(disk, definition) }
    }

    @Test func `a later format is refused by both numbers`() throws {
        let bytes = ByteBuffer()
        bytes.append(repeating: 0, count: RecordHeader.byteCount)
        bytes.append("{\"format\":9,\"generation\":1}")
        let disk = SimulatedDisk()
        let file = try disk.create(journalName)
        _ = try unsafe bytes.withRecord(
            following: .none(sequence: 1), kind: .header, time: 0
        ) { record throws(DiskError) in try unsafe file.write(record, at: 0) }
        let error = #expect(throws: JournalError.self) {
            try JournalReader(
                disk, generation: 1, isNewest: true, mark: nil, following: nil)
        }
        #expect(
            error
                == .damaged(
                    JournalDamage(
                        file: journalName, offset: 0, lastSequence: 0,
                        reason: .newerFormat(found: 9, known: 1))))
    }
}
