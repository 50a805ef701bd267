import Bytes
import Testing

@testable import Store

private func oneTable(_ columns: [ColumnDefinition], shardCount: Int = 1) -> Store {
    Store(
        StoreDefinition(tables: [table("T", columns)], indexes: []), shardCount: shardCount,
        seed: 3)
}

@Suite struct PageTests {
    @Test func `columns are aligned and do not overlap`() {
        let kinds: [ColumnKind] = [
            .int8, .bool, .bytes(.text), .int16, .double, .reference(TableID(0)), .int32, .bool,
            .int64, .int8,
        ]
        let layout = TableLayout(
            table(
                "T",
                kinds.enumerated().map {
                    ColumnDefinition(name: "\($0)", kind: $1, isNullable: $0 % 2 == 0)
                }))
        var ranges: [Range<Int>] = [0..<PageLayout.columns]
        for column in layout.columns {
            let offset = Int(column.offset)
            let width = column.code == .bool ? 8 : column.code.width
            #expect(offset % width == 0)
            ranges.append(offset..<offset + (column.code == .bool ? 8 : 64 * width))
            if column.isNullable {
                let validity = Int(column.validityOffset)
                #expect(validity % 8 == 0)
                ranges.append(validity..<validity + 8)
            }
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        for (left, right) in zip(ranges, ranges.dropFirst()) {
            #expect(left.upperBound == right.lowerBound)
        }
        #expect(ranges.last?.upperBound == layout.fixedByteCount)
    }

    @Test func `values of every kind are read as they were written`() throws {
        let columns = [
            ColumnDefinition(name: "bool", kind: .bool), ColumnDefinition(name: "8", kind: .int8),
            ColumnDefinition(name: "16", kind: .int16), ColumnDefinition(name: "32", kind: .int32),
            ColumnDefinition(name: "64", kind: .int64),
            ColumnDefinition(name: "double", kind: .double),
            ColumnDefinition(name: "text", kind: .bytes(.text)),
        ]
        let store = oneTable(columns)
        let max64 = Int64(RowBuilder.integerMax)
        let rows: [[CellValue]] = [
            [.int(0), .int(0), .int(0), .int(0), .int(0), .double(0), .bytes([])],
            [
                .int(1), .int(255), .int(65535), .int(Int64(Int32.max)), .int(max64),
                .double(.greatestFiniteMagnitude), .bytes(Array(0...255)),
            ],
            [
                .int(0), .int(128), .int(32768), .int(Int64(Int32.min)), .int(-max64),
                .double(-.leastNonzeroMagnitude), .bytes(Array(repeating: 7, count: 100_000)),
            ],
        ]
        for (number, values) in rows.enumerated() {
            let cells = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($0 + 4, $1) })
            let ref = try store.insert(0, id: "\(number)", cells)
            #expect(try store.values(0, ref)?.dropFirst(4) == values[...])
        }
        #expect(try store.image().rows[0].map { Array($0.values.dropFirst(4)) } == rows)
    }

    @Test func `every byte in every place of a text is flagged for what it is`() throws {
        let store = oneTable([ColumnDefinition(name: "text", kind: .bytes(.text))])
        let builder = store.makeRowBuilder(TableID(0))
        for length in [1, 2, 7, 8, 9, 15, 16, 17, 33] {
            for place in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var text = [UInt8](repeating: 0x61, count: length)
                    text[place] = byte
                    builder.reset()
                    builder.set(4, .bytes(text))
                    let cell = unsafe builder.cell(4).pointee
                    var wanted: ByteFlags = byte < 0x80 ? .isASCII : []
                    if byte < 0x20 || byte == 0x22 || byte == 0x5C { wanted.insert(.needsEscape) }
                    if ByteSlot(rawValue: cell.word).flags != wanted {
                        Issue.record("byte \(byte) in place \(place) of \(length)")
                    }
                }
            }
        }
        builder.reset()
        builder.set(4, text: "")
        #expect(unsafe ByteSlot(rawValue: builder.cell(4).pointee.word).flags == .isASCII)
        let ref = try store.insert(0, id: "x", [4: .bytes(Array("é\"".utf8))])
        let reader = try #require(store.makeReader())
        let flags = reader.withVersion {
            $0.table(TableID(0)).row(ref).byteFlags(store.column(TableID(0), 4))
        }
        #expect(flags == .needsEscape)
    }

    @Test func `a page grows with its texts and gives the room of old ones back`() throws {
        let store = oneTable([ColumnDefinition(name: "text", kind: .bytes(.text))])
        var refs: [RowRef] = []
        for number in 0..<64 { refs.append(try store.insert(0, id: "\(number)", [4: .bytes([])])) }
        let small = store.bytesInUse
        var texts = [[UInt8]](repeating: [], count: 64)
        var numbers = SeededRandom(seed: 4)
        for _ in 0..<600 {
            let place = numbers.below(64)
            let length = numbers.chance(percent: 10) ? numbers.below(100_000) : numbers.below(300)
            texts[place] = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ place) }
            try store.update(0, refs[place], [4: .bytes(texts[place])])
            if numbers.chance(percent: 10) { #expect(try store.faults() == []) }
        }
        #expect(try store.image().rows[0].map { $0.values[4] } == texts.map { .bytes($0) })
        let used = texts.reduce(0) { $0 + $1.count }
        #expect(store.bytesInUse <= small + 2 * used + 1024)
        for ref in refs { try store.update(0, ref, [4: .bytes([1])]) }
        #expect(store.bytesInUse <= small + 2048)
        #expect(try store.faults() == [])
    }

    @Test func `texts change many times within one group`() throws {
        let store = oneTable([
            ColumnDefinition(name: "a", kind: .bytes(.text)),
            ColumnDefinition(name: "b", kind: .bytes(.text), isNullable: true),
        ])
        var numbers = SeededRandom(seed: 8)
        var model: [RowRef: (CellValue, CellValue)] = [:]
        try store.write(now: 0) { group in
            try group.transaction { transaction in
                var refs: [RowRef] = []
                for number in 0..<3000 {
                    let builder = store.makeRowBuilder(TableID(0))
                    let a = CellValue.bytes(numbers.text())
                    let b = numbers.chance(percent: 30) ? CellValue.null : .bytes(numbers.text())
                    builder.set(4, a)
                    builder.set(5, b)
                    if refs.isEmpty || numbers.chance(percent: 10) {
                        builder.set(0, text: "\(number)")
                        refs.append(try transaction.insert(TableID(0), builder))
                        model[refs[refs.count - 1]] = (a, b)
                    } else {
                        let ref = numbers.pick(refs)
                        try transaction.update(
                            TableID(0), ref, changes: builder, raisesVersion: false)
                        model[ref] = (a, b)
                    }
                }
            }
        }
        #expect(try store.faults() == [])
        for row in try store.image().rows[0] {
            #expect(row.values[4] == model[row.ref]?.0)
            #expect(row.values[5] == model[row.ref]?.1)
        }
    }

    @Test func `the directory finds pages at every depth`() throws {
        let store = oneTable([ColumnDefinition(name: "number", kind: .int32)])
        try store.load(now: 0) { loader in
            let builder = store.makeRowBuilder(TableID(0))
            // One page more than a branch of branches, almost, holds: 64 × 256 rows and then some.
            for number in 0..<64 * 300 {
                builder.reset()
                builder.set(0, text: "\(number)")
                builder.set(4, int: Int64(number))
                let ref = try loader.append(TableID(0), builder)
                #expect(ref == RowRef(rawValue: UInt32(number)))
            }
            #expect(loader.finish() == [])
        }
        let reader = try #require(store.makeReader())
        let view = reader.pin()
        let rows = view.table(TableID(0))
        let column = store.column(TableID(0), 4)
        for number in 0..<64 * 300 {
            let ref = RowRef(rawValue: UInt32(number))
            #expect(rows.row(ref).int32(column) == Int32(number))
            #expect(rows.liveRow(ref) != nil)
        }
        for number in [64 * 300, 64 * 65536, Int(Int32.max), Int(UInt32.max)] {
            #expect(rows.liveRow(RowRef(rawValue: UInt32(number))) == nil)
        }
        #expect(rows.page(shard: 0, number: 300) == nil)
        reader.unpin()
        for number in stride(from: 0, to: 64 * 300, by: 977) {
            try store.update(0, RowRef(rawValue: UInt32(number)), [4: .int(-1)])
        }
        #expect(try store.faults() == [])
    }

    @Test func `null references read as no row`() throws {
        let store = oneTable([
            ColumnDefinition(name: "next", kind: .reference(TableID(0)), isNullable: true)
        ])
        let column = store.column(TableID(0), 4)
        let a = try store.insert(0, id: "a")
        let b = try store.insert(0, id: "b", [4: .row(a)])
        let reader = try #require(store.makeReader())
        #expect(reader.withVersion { $0.table(TableID(0)).row(a).reference(column) } == .none)
        #expect(reader.withVersion { $0.table(TableID(0)).row(b).reference(column) } == a)
        try store.update(0, b, [4: .null])
        #expect(reader.withVersion { $0.table(TableID(0)).row(b).reference(column) } == .none)
    }
}
