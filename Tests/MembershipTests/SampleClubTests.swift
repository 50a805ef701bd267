import Engine
import Foundation
import Store
import Testing

@testable import Membership

/// The schema files at the top of this package.
let schemaFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("schema").path

/// The tiny club, loaded once for all tests, which only read it.
final class LoadedClub: Sendable {
    let model: Model
    let store: Store

    init() throws {
        model = try buildModel(try loadSchemaFiles(schemaFolder), rules: membershipRules)
        store = Store(model.storeDefinition, seed: 3)
        try SampleClub(.tiny).load(into: store, model)
    }

    static let small = Result { try LoadedClub() }
}

/// Rows of a loaded store by names, read column by column.
struct ClubView {
    let model: Model
    let store: Store
    let view: VersionView

    /// The rows of a table in the order of creation.
    func rows(_ name: String) throws -> [ClubRow] {
        let table = ClubTable(try #require(model.table(named: name)), self)
        var rows: [ClubRow] = []
        view.table(table.id).forEachRow { row, ref in
            rows.append(ClubRow(table: table, row: row, ref: ref))
        }
        return rows.sorted { $0.row.creation < $1.row.creation }
    }
}

/// The columns of a table by the names of the fields.
final class ClubTable {
    let id: TableID
    private var columns: [String: Column] = [:]
    private var enums: [String: [String]] = [:]

    init(_ table: TableModel, _ club: ClubView) {
        id = table.id
        for field in table.fields {
            switch field.kind {
            case .id: columns[field.name] = club.store.column(id, TableDefinition.idColumn)
            case .column(let column, let type):
                columns[field.name] = club.store.column(id, column)
                if case .enum(let place) = type { enums[field.name] = club.model[place].values }
            case .toOne(let column, _), .referenceID(let column, _):
                columns[field.name] = club.store.column(id, column)
            case .toMany, .computed: break
            }
        }
    }

    func column(_ name: String) -> Column {
        guard let column = columns[name] else { fatalError("no column \(name)") }
        return column
    }

    func values(_ name: String) -> [String] { enums[name] ?? [] }
}

struct ClubRow {
    let table: ClubTable
    let row: RowView
    let ref: RowRef

    func int(_ name: String) -> Int64 { row.integer(table.column(name)) }

    func maybeInt(_ name: String) -> Int64? {
        let column = table.column(name)
        return row.isNull(column) ? nil : row.integer(column)
    }

    func text(_ name: String) -> String {
        unsafe String(decoding: row.bytes(table.column(name)), as: UTF8.self)
    }

    func reference(_ name: String) -> RowRef { row.reference(table.column(name)) }

    /// The name of an enum's value.
    func name(_ field: String) -> String { table.values(field)[Int(int(field))] }
}

/// Reads the tiny club.
func withSmallClub(_ body: (ClubView) throws -> Void) throws {
    let club = try LoadedClub.small.get()
    let reader = try #require(club.store.makeReader())
    try reader.withVersion { view in
        try body(ClubView(model: club.model, store: club.store, view: view))
    }
}

struct SampleClubTests {
    @Test func `every kind of row is there, and the store is consistent`() throws {
        try withSmallClub { club in
            #expect(club.store.check(club.view).isEmpty)
            let members = try #require(club.model.table(named: "Member"))
            #expect(club.view.table(members.id).count == 60)
            let empty = club.model.tables.filter { club.view.table($0.id).count == 0 }.map(\.name)
            #expect(Set(empty).isSubset(of: ["Message", "MemberMerge"]), "\(empty)")
        }
    }

    @Test func `each account is the sum of its ledger, line by line`() throws {
        try withSmallClub { club in
            struct Sums {
                var seq: Int64 = 0
                var active: Int64 = 0
                var pending: Int64 = 0
            }
            var sums: [RowRef: Sums] = [:]
            for entry in try club.rows("PointsEntry") {
                var sum = sums[entry.reference("account")] ?? Sums()
                sum.seq += 1
                sum.active += entry.int("delta")
                sum.pending += entry.int("pendingDelta")
                #expect(entry.int("seq") == sum.seq)
                #expect(entry.int("balanceAfter") == sum.active)
                #expect(entry.int("at") <= SampleClub.now)
                sums[entry.reference("account")] = sum
            }
            for account in try club.rows("PointsAccount") {
                let sum = sums[account.ref] ?? Sums()
                #expect(account.int("active") - account.int("owed") == sum.active)
                #expect(account.int("pending") == sum.pending)
            }
        }
    }

    @Test func `the lots of an account hold what is active and pending`() throws {
        try withSmallClub { club in
            var held: [RowRef: [String: Int64]] = [:]
            for lot in try club.rows("PointsLot") {
                held[lot.reference("account"), default: [:]][lot.name("status"), default: 0] +=
                    lot.int("remaining")
            }
            for account in try club.rows("PointsAccount") {
                #expect(held[account.ref]?["ACTIVE"] ?? 0 == account.int("active"))
                #expect(held[account.ref]?["PENDING"] ?? 0 == account.int("pending"))
            }
        }
    }

    @Test func `a member's history of tiers has no gap, and its open row is the tier`() throws {
        try withSmallClub { club in
            var current: [RowRef: ClubRow] = [:]
            for assignment in try club.rows("TierAssignment") {
                let member = assignment.reference("member")
                let last = current[member]
                #expect(
                    last?.maybeInt("effectiveTo")
                        == last.map { _ in assignment.int("effectiveFrom") })
                current[member] = assignment
            }
            for member in try club.rows("Member") {
                #expect(current[member.ref]?.reference("tier") == member.reference("tier"))
                #expect(current[member.ref]?.maybeInt("effectiveTo") == nil)
            }
        }
    }

    @Test func `an event has as many seats taken as its registrations hold, within its capacity`()
        throws
    {
        let seated: Set<String> = [
            "AWAITING_APPROVAL", "PENDING_PAYMENT", "REGISTERED", "OFFERED", "ATTENDED", "NO_SHOW",
        ]
        try withSmallClub { club in
            var seats: [RowRef: Int64] = [:]
            for registration in try club.rows("EventRegistration")
            where seated.contains(registration.name("status")) {
                seats[registration.reference("event"), default: 0] += registration.int("seats")
            }
            for event in try club.rows("Event") {
                #expect(event.int("seatsTaken") == seats[event.ref] ?? 0)
                #expect(event.int("seatsTaken") <= event.maybeInt("capacity") ?? .max)
            }
        }
    }

    @Test func `the same size gives the same rows whatever the store's seed`() throws {
        let model = try buildModel(try loadSchemaFiles(schemaFolder), rules: membershipRules)
        func lines(seed: UInt64) throws -> [String] {
            let store = Store(model.storeDefinition, shardCount: 4, seed: seed)
            try SampleClub(.tiny).load(into: store, model)
            let reader = try #require(store.makeReader())
            return try reader.withVersion { view in
                let club = ClubView(model: model, store: store, view: view)
                return try club.rows("PointsEntry").map {
                    "\($0.text("id")) \($0.name("type")) \($0.int("delta")) \($0.int("at"))"
                }
                    + club.rows("EventRegistration").map {
                        "\($0.text("id")) \($0.name("status")) \($0.text("ticketCode"))"
                    }
            }
        }
        #expect(try lines(seed: 1) == lines(seed: 2))
    }

    @Test func `the club's time is noon at the end of June 2026`() {
        #expect(SampleClub.now == 1_782_820_800_000)
        #expect(SampleDay(year: 1970, month: 1, day: 2).number == 1)
        #expect(SampleDay(year: 2000, month: 2, day: 28).number == 11_015)
        #expect(SampleDay(year: 2026, month: 6, day: 30).number == 20_634)
    }

    @Test func `a schema without the club's tables or fields is refused by name`() throws {
        func fault(_ schema: String) throws -> SampleClubError? {
            let model = try buildModel([
                SchemaFile(path: "a.graphql", bytes: Array(schema.utf8))
            ])
            let store = Store(model.storeDefinition, seed: 1)
            do {
                try SampleClub(.tiny).load(into: store, model)
                return nil
            } catch {
                return error
            }
        }
        let reason = try #require(try fault("type Member @table { name: String }")).description
        #expect(reason.hasPrefix("createChapter: "))
        #expect(reason.contains("mutation"))
    }
}
