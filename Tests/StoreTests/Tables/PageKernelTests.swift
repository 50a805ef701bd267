import Bytes
import Testing

@testable import Store

/// Kernels against a loop over the rows.
@Suite struct PageKernelTests {
    private static let kinds: [ColumnKind] = [
        .bool, .int8, .int16, .int32, .int64, .double, .reference(TableID(0)),
    ]

    /// A page of 64 rows, some deleted, with a plain and a nullable column of every kind, full of
    /// values that lie close to the limits and to each other.
    private static func store(_ numbers: inout SeededRandom) throws -> Store {
        var columns: [ColumnDefinition] = []
        for kind in kinds {
            columns.append(
                ColumnDefinition(
                    name: "\(kind)", kind: kind,
                    isNullable: kind == .reference(TableID(0))))
            columns.append(
                ColumnDefinition(name: "\(kind)?", kind: kind, isNullable: true))
        }
        let store = Store(
            StoreDefinition(tables: [table("T", columns)], indexes: []), shardCount: 1, seed: 1)
        var refs: [RowRef] = []
        for number in 0..<64 {
            var values: [ColumnID: CellValue] = [:]
            for (position, column) in columns.enumerated() {
                values[position + 4] =
                    column.kind == .reference(TableID(0))
                    ? refs.isEmpty || numbers.chance(percent: 20)
                        ? .null : .row(refs[numbers.below(min(refs.count, 3))])
                    : column.isNullable && numbers.chance(percent: 30)
                        ? .null : numbers.edgeValue(column.kind)
            }
            refs.append(try store.insert(0, id: "\(number)", values))
        }
        for position in 0..<64 where position > 3 && numbers.chance(percent: 15) {
            try store.delete(0, refs[position])
        }
        return store
    }

    @Test(arguments: 1...10)
    func `masks of ranges hold the live rows in them`(seed: Int) throws {
        var numbers = SeededRandom(seed: UInt64(seed))
        let store = try PageKernelTests.store(&numbers)
        let reader = try #require(store.makeReader())
        let page = try #require(reader.pin().table(TableID(0)).page(shard: 0, number: 0))
        for (position, column) in store.columns(of: TableID(0)).enumerated().dropFirst(4) {
            let kind = store.definition.tables[0].columns[position].kind
            for _ in 0..<200 {
                switch column.code {
                case .double:
                    let low = numbers.edgeDouble()
                    let high = numbers.edgeDouble()
                    let wanted = mask(page, column) {
                        $0.double(column) >= low && $0.double(column) <= high
                    }
                    #expect(page.maskInRange(column, low, high) == wanted, "seed \(seed)")
                case .reference:
                    let target = RowRef(rawValue: UInt32(numbers.below(4)))
                    let wanted = mask(page, column) { $0.reference(column) == target }
                    #expect(page.maskEqual(column, target) == wanted, "seed \(seed)")
                    #expect(page.maskEqual(column, .none) == 0)
                default:
                    let low = numbers.edgeInteger(kind)
                    let high = numbers.edgeInteger(kind)
                    let wanted = mask(page, column) {
                        $0.integer(column) >= low && $0.integer(column) <= high
                    }
                    #expect(page.maskInRange(column, low, high) == wanted, "seed \(seed)")
                }
            }
        }
        reader.unpin()
    }

    @Test(arguments: 1...10)
    func `sums and bounds are those of the rows`(seed: Int) throws {
        var numbers = SeededRandom(seed: UInt64(seed))
        let store = try PageKernelTests.store(&numbers)
        let reader = try #require(store.makeReader())
        let page = try #require(reader.pin().table(TableID(0)).page(shard: 0, number: 0))
        for column in store.columns(of: TableID(0)).dropFirst(4) where column.code != .reference {
            for round in 0..<50 {
                let chosen = round == 0 ? UInt64.max : numbers.next()
                let mask = chosen & page.live & page.validity(column)
                guard mask != 0 else { continue }
                let rows = (0..<64).filter { mask >> UInt64($0) & 1 != 0 }.map(page.row(lane:))
                if column.code == .double {
                    let values = rows.map { $0.double(column) }
                    #expect(page.sumOfDoubles(column, mask) == values.reduce(0, +))
                    let bounds = page.boundsOfDoubles(column, mask)
                    #expect(bounds.least == values.min())
                    #expect(bounds.greatest == values.max())
                } else {
                    let values = rows.map { $0.integer(column) }
                    #expect(page.sum(column, mask) == values.reduce(0, +), "seed \(seed)")
                    let bounds = page.bounds(column, mask)
                    #expect(bounds.least == values.min())
                    #expect(bounds.greatest == values.max())
                }
            }
        }
        reader.unpin()
    }

    @Test func `the sum of a full page is that of its rows`() throws {
        let store = Store(
            StoreDefinition(
                tables: [table("T", [ColumnDefinition(name: "n", kind: .int64)])], indexes: []),
            shardCount: 1, seed: 1)
        let greatest = Int64(RowBuilder.integerMax)
        for number in 0..<64 { try store.insert(0, id: "\(number)", [4: .int(greatest)]) }
        let reader = try #require(store.makeReader())
        let page = try #require(reader.pin().table(TableID(0)).page(shard: 0, number: 0))
        #expect(page.live == .max)
        #expect(page.sum(store.column(TableID(0), 4), .max) == 64 * greatest)
        reader.unpin()
    }

    private func mask(
        _ page: PageView, _ column: Column, _ isHit: (RowView) -> Bool
    ) -> UInt64 {
        var mask: UInt64 = 0
        for lane in 0..<64 where page.live >> UInt64(lane) & 1 != 0 {
            let row = page.row(lane: lane)
            if !row.isNull(column) && isHit(row) { mask |= 1 << UInt64(lane) }
        }
        return mask
    }
}

extension SeededRandom {
    mutating func edgeValue(_ kind: ColumnKind) -> CellValue {
        switch kind {
        case .double: return .double(edgeDouble())
        default:
            let (low, high) = SeededRandom.limits(kind)
            return .int(min(max(edgeInteger(kind), low), high))
        }
    }

    mutating func edgeDouble() -> Double {
        pick([-1e300, -1.5, -0.0, 0.0, 1e-300, 1.5, 2.5, 1e300])
    }

    mutating func edgeInteger(_ kind: ColumnKind) -> Int64 {
        let (low, high) = SeededRandom.limits(kind)
        return pick([
            low, low + 1, -1, 0, 1, 2, high / 2, high - 1, high, low - 1, high + 1, .min, .max,
        ])
    }

    private static func limits(_ kind: ColumnKind) -> (Int64, Int64) {
        switch kind {
        case .bool: (0, 1)
        case .int8: (0, 255)
        case .int16: (0, 65535)
        case .int32: (Int64(Int32.min), Int64(Int32.max))
        default: (-Int64(RowBuilder.integerMax), Int64(RowBuilder.integerMax))
        }
    }
}
