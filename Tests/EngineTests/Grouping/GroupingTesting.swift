import Bytes
import Foundation
import JSON
import Store
import Testing

@testable import Engine

/// Scores of teams of regions: every kind of column, each of them null now and then.
struct ScoreFixture {
    let fixture: EngineFixture
    let reader: Reader

    private static let schema = """
        type Region @table(idPrefix: "reg") { name: String rank: Int founded: DateTime since: Date }
        type Team @table(idPrefix: "tea") {
          name: String region: Region @relation(onDelete: SET_NULL) level: Int colour: Colour
          founded: DateTime
        }
        enum Colour { RED GREEN BLUE }
        type Score @table(idPrefix: "sco") {
          team: Team @relation(onDelete: SET_NULL) colour: Colour won: Boolean points: Int big: Long
          weight: Float note: String at: DateTime day: Date rank: Int!
        }
        """

    init(_ chance: Chance, scoreCount: Int) throws {
        fixture = try EngineFixture(Self.schema, rows: Self.randomRows(chance, scoreCount))
        reader = try #require(fixture.store.makeReader())
    }

    private static func randomRows(_ chance: Chance, _ scoreCount: Int) -> JSONValue {
        func maybe(_ value: @autoclosure () -> JSONValue) -> JSONValue {
            chance.percent(10) ? .null : value()
        }
        func time() -> JSONValue {
            // From 1970 to 2040, more often in few of those years.
            let span: Int64 = chance.percent(50) ? 2_200_000_000 : 70_000_000
            return .string(spelled(Int64(chance.below(Int(span))) * 1_000))
        }
        func day() -> JSONValue { .string(spelledDay(Int32(chance.below(20_000)))) }
        func colour() -> JSONValue { .string(chance.pick(["RED", "GREEN", "BLUE"])) }
        let words = ["", "a", "b", "Ærø", "longer than eight", "longer than nine", "\u{1F600}"]
        let noteCount = chance.pick([3, 40, 5_000])
        let pointRange = chance.pick([2, 300, 1_000_000])
        let regions = (0..<6).map { number in
            JSONValue.object([
                .init("id", .string("reg_\(number)")),
                .init("name", maybe(.string(chance.pick(words)))),
                .init("rank", maybe(.integer(Int64(chance.below(4))))),
                .init("founded", maybe(time())),
                .init("since", maybe(day())),
            ])
        }
        let teamCount = chance.pick([3, 60, 900])
        let teams = (0..<teamCount).map { number in
            JSONValue.object([
                .init("id", .string("tea_\(number)")),
                .init("name", maybe(.string(chance.pick(words) + "\(chance.below(50))"))),
                .init("region", maybe(.string("reg_\(chance.below(6))"))),
                .init("level", maybe(.integer(Int64(chance.below(9) - 4)))),
                .init("colour", maybe(colour())), .init("founded", maybe(time())),
            ])
        }
        let scores = (0..<scoreCount).map { number in
            JSONValue.object([
                .init("id", .string("sco_\(number)")),
                .init("team", maybe(.string("tea_\(chance.below(teamCount))"))),
                .init("colour", maybe(colour())),
                .init("won", maybe(.bool(chance.percent(50)))),
                .init("points", maybe(.integer(Int64(chance.below(pointRange) - pointRange / 2)))),
                .init(
                    "big",
                    maybe(.integer(Int64(chance.between(-1, 1)) * Int64(chance.below(1 << 53))))),
                .init("weight", maybe(.double(Double(chance.below(400) - 200) / 4))),
                .init("note", maybe(.string(chance.pick(words) + "\(chance.below(noteCount))"))),
                .init("at", maybe(time())), .init("day", maybe(day())),
                .init("rank", .integer(Int64(chance.below(5)))),
            ])
        }
        return .object([
            .init("Region", .array(regions)), .init("Team", .array(teams)),
            .init("Score", .array(scores)),
        ])
    }

    func table(_ name: String) throws -> TableModel {
        try #require(fixture.model.table(named: name))
    }

    func column(_ table: String, _ field: String) throws -> Column {
        let model = try self.table(table)
        switch try #require(model.field(field)).kind {
        case .column(let id, _), .toOne(let id, _):
            return fixture.context.layouts.column(model.id, id)
        default:
            throw FixtureError.noColumn(field)
        }
    }

    enum FixtureError: Error { case noColumn(String) }

    /// All rows of a table, or those that a predicate leaves of it.
    func pages(_ table: TableModel, _ residual: Engine.Predicate?) -> ResolvedList {
        var source = ListSource(kind: .pages)
        source.residual = residual
        return list(table, source)
    }

    /// Some rows by their places.
    func rows(_ table: TableModel, _ refs: [RowRef], _ residual: Engine.Predicate?) -> ResolvedList
    {
        var source = ListSource(kind: .rows)
        source.rows = refs.map(\.rawValue)
        source.residual = residual
        return list(table, source)
    }

    private func list(_ table: TableModel, _ source: ListSource) -> ResolvedList {
        ResolvedList(
            table: table.id, source: source,
            order: fixture.context.creationOrder(of: table.id), size: 10, isFromEnd: false,
            offset: 0, after: nil, before: nil)
    }
}

/// A table of groups as it would be without any art: rows looked at one by one, a calendar asked
/// for each of them.
struct NaiveGroups {
    private let request: GroupRequest
    private let view: VersionView
    private let calendar: Calendar
    private(set) var rows: [[GroupKeyValue]: [RowView]] = [:]

    init(_ request: GroupRequest, _ view: VersionView) {
        self.request = request
        self.view = view
        calendar = Calendar.local(request.calendar.identifier)
        if request.keys.isEmpty { rows[[]] = [] }
    }

    mutating func add(_ row: RowView) {
        rows[request.keys.map { value($0, row) }, default: []].append(row)
    }

    func keys(of row: RowView) -> [GroupKeyValue] { request.keys.map { value($0, row) } }

    private func value(_ key: GroupKey, _ start: RowView) -> GroupKeyValue {
        var row = start
        for step in key.path {
            if row.isNull(step.column) { return .null }
            row = view.table(step.target).row(row.reference(step.column))
        }
        if row.isNull(key.column) { return .null }
        switch key.column.code {
        case .reference: return .row(row.reference(key.column))
        case .double: return .double(row.double(key.column))
        case .bytes: return unsafe .text([UInt8](row.bytes(key.column)))
        default:
            let value = row.integer(key.column)
            guard let bucket = key.bucket else { return .integer(value) }
            if key.column.code == .int32 {
                let utc = Calendar.local("UTC")
                return .integer(utc.start(of: bucket, at: value * 86_400_000) / 86_400_000)
            }
            return .integer(calendar.start(of: bucket, at: value))
        }
    }

    func result(_ rows: [RowView], _ aggregate: AggregateColumn) -> ColumnResult.Value {
        let column = aggregate.column
        let rows = rows.filter { !$0.isNull(column) }
        switch aggregate.function {
        case .countDistinct:
            switch column.code {
            case .bytes:
                return .integer(
                    Int64(Set(rows.map { unsafe [UInt8]($0.bytes(column)) }).count))
            case .double: return .integer(Int64(Set(rows.map { $0.double(column) }).count))
            case .reference: return .integer(Int64(Set(rows.map { $0.reference(column) }).count))
            default: return .integer(Int64(Set(rows.map { $0.integer(column) }).count))
            }
        case .sum, .average:
            if aggregate.function == .average, rows.isEmpty { return .null }
            if column.code == .double {
                let sum = rows.reduce(0) { $0 + $1.double(column) }
                return .double(aggregate.function == .sum ? sum : sum / Double(rows.count))
            }
            let sum = rows.reduce(Int128(0)) { $0 + Int128($1.integer(column)) }
            if aggregate.function == .average { return .double(Double(sum) / Double(rows.count)) }
            return sum.magnitude < 1 << 53 ? .integer(Int64(sum)) : .outOfRange
        case .min, .max:
            if rows.isEmpty { return .null }
            let isMin = aggregate.function == .min
            switch column.code {
            case .bytes:
                let texts = rows.map { unsafe [UInt8]($0.bytes(column)) }.sorted {
                    $0.lexicographicallyPrecedes($1)
                }
                return .text((isMin ? texts.first : texts.last) ?? [])
            case .double:
                let numbers = rows.map { $0.double(column) }.sorted()
                return .double((isMin ? numbers.first : numbers.last) ?? 0)
            default:
                let numbers = rows.map { $0.integer(column) }.sorted()
                return .integer((isMin ? numbers.first : numbers.last) ?? 0)
            }
        }
    }
}

extension Calendar {
    /// The calendar of a zone, with weeks as ISO has them.
    static func local(_ zone: String) -> Calendar {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
        return calendar
    }

    /// The instant at which the bucket of `instant` begins, in milliseconds.
    func start(of bucket: DateBucket, at instant: Int64) -> Int64 {
        let component: Component =
            switch bucket {
            case .hour: .hour
            case .day: .day
            case .week: .weekOfYear
            case .month: .month
            case .quarter: .quarter
            case .year: .year
            }
        let date = Date(timeIntervalSince1970: Double(instant) / 1_000)
        if bucket == .quarter {
            // Foundation's quarters are not to be trusted everywhere.
            let month = self.component(.month, from: date)
            var parts = dateComponents([.year, .month], from: date)
            parts.month = (month - 1) / 3 * 3 + 1
            let first = self.date(from: parts) ?? date
            return Int64(
                (dateInterval(of: .month, for: first)?.start ?? first).timeIntervalSince1970 * 1_000
            )
        }
        let start = dateInterval(of: component, for: date)?.start ?? date
        return Int64((start.timeIntervalSince1970 * 1_000).rounded())
    }
}
