import Engine
import Foundation
import Store
import Testing

@testable import Membership

/// The schema files at the top of this package.
let schemaFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("schema").path

/// The small club, loaded once for all tests, which only read it.
final class LoadedClub: Sendable {
    let model: Model
    let store: Store

    init() throws {
        model = try buildModel(try loadSchemaFiles(schemaFolder), rules: membershipRules)
        store = Store(model.storeDefinition, seed: 3)
        try SampleClub(.small).load(into: store, model)
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

/// Reads the small club.
func withSmallClub(_ body: (ClubView) throws -> Void) throws {
    let club = try LoadedClub.small.get()
    let reader = try #require(club.store.makeReader())
    try reader.withVersion { view in
        try body(ClubView(model: club.model, store: club.store, view: view))
    }
}

struct SampleClubTests {
    @Test func `the small club is as large as it says, and the store is consistent`() throws {
        try withSmallClub { club in
            #expect(club.store.check(club.view).isEmpty)
            let counts = club.model.tables.map { "\($0.name) \(club.view.table($0.id).count)" }
                .filter { !$0.hasSuffix(" 0") }
            #expect(
                counts == [
                    "Chapter 14", "Event 300", "TierEvent 1260", "EventRegistration 5663",
                    "LoyaltyProgram 1", "Tier 5", "TierAssignment 5139", "Member 2000",
                    "MemberIdentity 4187", "MembershipType 5", "Membership 1753",
                    "PointsAccount 2000", "PointsEntry 60000",
                ])
        }
    }

    @Test func `a few rows are exactly these`() throws {
        try withSmallClub { club in
            let members = try club.rows("Member")
            let shown = [0, 1, 1_999].map { place in
                let member = members[place]
                return
                    "\(member.text("id")) \(member.text("memberNo")) \(member.text("name")) "
                    + "\(member.name("status")) \(member.int("joinedAt")) \(member.text("preferences"))"
            }
            #expect(
                shown == [
                    #"1 M100001 山本 美咲 ACTIVE 1672631631532 {"language":"ja","newsletter":true}"#,
                    #"2 M100002 杨超 ACTIVE 1672645153537 {"language":"zh","newsletter":true}"#,
                    #"2000 M102000 Mateo Castillo ACTIVE 1779978682087 {"language":"es","newsletter":true}"#,
                ])
            let entries = try club.rows("PointsEntry")
            let lines = [0, 30_000, 59_999].map { place in
                let entry = entries[place]
                return "\(entry.text("id")) \(entry.int("seq")) \(entry.name("type")) "
                    + "\(entry.int("delta")) \(entry.int("balanceAfter")) \(entry.int("at")) "
                    + "\(entry.text("reason")) \(entry.text("originMemberId"))"
            }
            #expect(
                lines == [
                    "1 1 EARN 78 78 1673337563850 referral mem_10",
                    "30001 29 EARN 118 1200 1757693029000 referral mem_692",
                    "60000 29 EARN 56 2763 1782817122054 purchase mem_1956",
                ])
        }
    }

    @Test func `each account is the sum of its ledger, line by line`() throws {
        try withSmallClub { club in
            struct Totals: Equatable {
                var seq: Int64 = 0
                var active: Int64 = 0
                var earned: Int64 = 0
                var spent: Int64 = 0
                var at: Int64 = .min
            }
            var totals: [RowRef: Totals] = [:]
            var faults: [String] = []
            for entry in try club.rows("PointsEntry") {
                var sum = totals[entry.reference("account")] ?? Totals()
                let delta = entry.int("delta")
                sum.seq += 1
                sum.active += delta
                switch entry.name("type") {
                case "EARN": sum.earned += delta
                case "REDEEM", "REDEEM_REVERSAL": sum.spent -= delta
                default: break
                }
                if entry.int("seq") != sum.seq || entry.int("balanceAfter") != sum.active
                    || sum.active < 0 || entry.int("pendingDelta") != 0
                    || entry.int("at") <= sum.at || entry.int("at") > SampleClub.now
                {
                    faults.append(entry.text("id"))
                }
                sum.at = entry.int("at")
                totals[entry.reference("account")] = sum
            }
            #expect(faults == [])
            for account in try club.rows("PointsAccount") {
                let sum = totals[account.ref] ?? Totals()
                let isGood =
                    account.int("active") == sum.active && account.int("spendable") == sum.active
                    && account.int("lifetimeEarned") == sum.earned
                    && account.int("lifetimeSpent") == sum.spent && account.int("held") == 0
                    && account.int("owed") == 0 && account.int("pending") == 0
                if !isGood { faults.append(account.text("id")) }
            }
            #expect(faults == [])
        }
    }

    @Test func `what a reversal takes back is a redemption of the same account`() throws {
        try withSmallClub { club in
            var redemptions: [RowRef: (account: RowRef, delta: Int64)] = [:]
            var reversed: Set<RowRef> = []
            var faults: [String] = []
            for entry in try club.rows("PointsEntry") {
                let account = entry.reference("account")
                let type = entry.name("type")
                if type == "REDEEM" { redemptions[entry.ref] = (account, entry.int("delta")) }
                let target = entry.reference("reverses")
                if target == .none && type != "REDEEM_REVERSAL" { continue }
                let isGood =
                    type == "REDEEM_REVERSAL" && redemptions[target]?.account == account
                    && redemptions[target]?.delta == -entry.int("delta")
                    && reversed.insert(target).inserted
                if !isGood { faults.append(entry.text("id")) }
            }
            #expect(faults == [])
            #expect(reversed.count > 100)
        }
    }

    @Test func `the tier follows from the points earned, and its history has no gap`() throws {
        try withSmallClub { club in
            let tiers = try club.rows("Tier")
            var ranks: [RowRef: Int64] = [:]
            for tier in tiers { ranks[tier.ref] = tier.int("rank") }
            var earned: [RowRef: Int64] = [:]
            for account in try club.rows("PointsAccount") {
                earned[account.reference("member")] = account.int("lifetimeEarned")
            }
            var current: [RowRef: ClubRow] = [:]
            for assignment in try club.rows("TierAssignment") {
                let member = assignment.reference("member")
                let last = current[member]
                #expect(
                    last?.maybeInt("effectiveTo")
                        == last.map { _ in assignment.int("effectiveFrom") })
                #expect(assignment.reference("previousTier") == last?.reference("tier") ?? .none)
                #expect(assignment.name("reason") == (last == nil ? "ENROLLED" : "UPGRADED"))
                current[member] = assignment
            }
            var count = [Int64: Int]()
            for member in try club.rows("Member") {
                let tier = member.reference("tier")
                let due = tiers.last { $0.int("threshold") <= earned[member.ref] ?? 0 }
                #expect(tier == due?.ref)
                #expect(current[member.ref]?.reference("tier") == tier)
                #expect(current[member.ref]?.maybeInt("effectiveTo") == nil)
                count[ranks[tier] ?? -1, default: 0] += 1
            }
            #expect(count.keys.sorted() == [0, 1, 2, 3, 4])
        }
    }

    @Test func `an event has as many seats taken as its registrations hold, within its capacity`()
        throws
    {
        try withSmallClub { club in
            var ranks: [RowRef: Int64] = [:]
            for tier in try club.rows("Tier") { ranks[tier.ref] = tier.int("rank") }
            var seats: [RowRef: Int64] = [:]
            var pairs: Set<[RowRef]> = []
            var attended: [RowRef: Int] = [:]
            var statuses: Set<String> = []
            for registration in try club.rows("EventRegistration") {
                let event = registration.reference("event")
                let pair = [event, registration.reference("member")]
                #expect(pairs.insert(pair).inserted)
                let status = registration.name("status")
                statuses.insert(status)
                if SamplePeople.seatedStatuses.contains(status) {
                    seats[event, default: 0] += registration.int("seats")
                }
                if status == "ATTENDED" { attended[event, default: 0] += 1 }
            }
            #expect(
                statuses.sorted() == [
                    "ATTENDED", "AWAITING_APPROVAL", "CANCELLED", "NO_SHOW", "PENDING_PAYMENT",
                    "REGISTERED", "WAITLISTED",
                ])
            var credited: [RowRef: Int] = [:]
            for entry in try club.rows("PointsEntry") where entry.reference("event") != .none {
                credited[entry.reference("event"), default: 0] += 1
            }
            #expect(credited == attended)
            var tiers: [RowRef: [Int64]] = [:]
            for link in try club.rows("TierEvent") {
                tiers[link.reference("event"), default: []].append(
                    ranks[link.reference("tier")] ?? -1)
            }
            for event in try club.rows("Event") {
                #expect(event.int("seatsTaken") == seats[event.ref] ?? 0)
                #expect(event.int("seatsTaken") <= event.maybeInt("capacity") ?? .max)
                #expect(event.int("endsAt") > event.int("startsAt"))
                let isOver = event.int("endsAt") < SampleClub.now
                #expect(isOver || event.name("status") != "FINISHED")
                let lowest = ranks[event.reference("minTier")] ?? 0
                #expect(tiers[event.ref] == Array(lowest...4))
            }
        }
    }

    @Test func `memberships stand where their dates put them`() throws {
        try withSmallClub { club in
            let today = SampleClub.now / 86_400_000
            var graces: [RowRef: (grace: Int64, new: Int64)] = [:]
            for type in try club.rows("MembershipType") {
                graces[type.ref] = (type.int("graceDays"), type.int("newDays"))
            }
            var ends: [RowRef: Int64?] = [:]
            for membership in try club.rows("Membership") {
                let end = membership.maybeInt("endDate")
                ends[membership.ref] = end
                let days = try #require(graces[membership.reference("type")])
                let due =
                    if let end, end < today {
                        today <= end + days.grace ? "GRACE" : "EXPIRED"
                    } else if today - membership.int("joinDate") < days.new {
                        "NEW"
                    } else {
                        "CURRENT"
                    }
                #expect(membership.name("status") == due)
                #expect(end ?? .max > membership.int("startDate"))
                let source = membership.reference("inheritedFrom")
                if source != .none { #expect(ends[source] == end) }
            }
        }
    }

    @Test func `the same size gives the same bytes whatever the store's seed`() throws {
        let model = try buildModel(try loadSchemaFiles(schemaFolder), rules: membershipRules)
        func names(seed: UInt64) throws -> [String] {
            let store = Store(model.storeDefinition, shardCount: 4, seed: seed)
            try SampleClub(.small).load(into: store, model)
            let reader = try #require(store.makeReader())
            return try reader.withVersion { view in
                try ClubView(model: model, store: store, view: view).rows("MemberIdentity").map {
                    "\($0.text("id")) \($0.text("value")) \($0.text("normalized"))"
                }
            }
        }
        let first = try names(seed: 1)
        #expect(try names(seed: 2) == first)
        #expect(first.count == 4187)
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
                try SampleClub(.small).load(into: store, model)
                return nil
            } catch {
                return error
            }
        }
        #expect(
            try fault("type Member @table { name: String }")?.description
                == "Chapter: there is no such table")
        #expect(
            try fault("type Chapter @table { name: String level: Int }")?.description
                == #"Chapter: there is no field "code"; there are "id", "version", "createdAt", "updatedAt", "name" and "level""#
        )
    }
}
