import Bytes
import Engine
import Foundation
import Testing

@testable import Membership

/// Two members' accounts in one program, each kept twice: by the API and by the naive model.
private struct ClubTwins {
    let club: PointsClub
    let program: PointsProgram
    let members: [String]
    var models = [PointsModel(), PointsModel()]
    var random: SeededRandom
    var lastOperation = ""
    var fault: String?
    /// Of each account by the order of their creation.
    private var holds: [[String]] = [[], []]
    /// Spendings and earnings by their ids, with the number that the model knows them by.
    private var spendings: [[(id: String, number: Int)]] = [[], []]
    private var earnings: [[(id: String, lot: Int, left: Int)]] = [[], []]
    /// What counts towards a tier, and when.
    private var qualifying: [[(at: Int64, points: Int)]] = [[], []]
    private var spendingCount = 0

    private var now: Int64 { club.fixture.now }

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        let months = random.number(in: 1...3)
        let rounding = random.pick(ExpiryRule.Rounding.allCases)
        let (policy, expiry): (String, ExpiryRule) = random.pick([
            ("NEVER", .never), ("ROLLING", .rolling(months: months, rounding)),
            ("ROLLING", .rolling(months: months, rounding)),
            ("CALENDAR", .calendar(months: months, rounding)),
        ])
        let pendingDays = random.pick([0, 0, 3, 14])
        let returns = random.pick(ReturnPolicy.allCases)
        program = PointsProgram(
            calendar: calendar("Europe/Oslo"), pendingDays: pendingDays, expiry: expiry,
            returnPolicy: returns)
        club = try PointsClub(
            now: "2026-0\(random.number(in: 1...9))-20T08:00:00Z",
            program: """
                , pendingDays: \(pendingDays), expiryPolicy: \(policy), expiryMonths: \(months),
                rounding: \(rounding.rawValue), returnPolicy: \(returns.rawValue)
                """)
        members = [club.member, club.other]
    }

    mutating func step() throws {
        let a = random.number(in: 0...1)
        if random.chance(percent: 60) { passTime(a) }
        models[a].pass(to: now)
        models[1 - a].pass(to: now)
        switch random.number(in: 0...99) {
        case 0..<28: try earn(a)
        case 28..<43: try redeem(a)
        case 43..<53: try hold(a)
        case 53..<64: try endHold(a)
        case 64..<74: try reverseSpending(a)
        case 74..<84: try reverseEarning(a)
        case 84..<92: try adjust(a)
        default: try transfer(a)
        }
        for a in 0...1 { try compare(a) }
    }

    /// To any moment, or to the very one at which something is due, or to just before it.
    private mutating func passTime(_ a: Int) {
        var later =
            now + Int64(random.number(in: 0...25)) * 43_200_000 + Int64(random.number(in: 0...99))
        var moments = models[a].holds.values.map(\.until)
        for lot in models[a].lots.suffix(12) {
            moments.append(lot.activatesAt)
            if let expiresAt = lot.expiresAt { moments.append(expiresAt) }
        }
        moments = moments.filter { $0 > now && $0 < now + 40 * 86_400_000 }.sorted()
        if random.chance(percent: 40), !moments.isEmpty {
            later = random.pick(moments) - Int64(random.number(in: 0...1))
        }
        club.fixture.advance(milliseconds: later - now)
    }

    /// Runs a mutation.
    ///
    /// - Returns: the payload, and the code of its user error.
    private mutating func run(_ mutation: String, _ input: String, _ fields: String) throws -> (
        payload: [String: Any], code: String?
    ) {
        lastOperation = "\(mutation)(\(input))"
        let value = try club.fixture.value(
            "mutation { \(mutation)(input: {\(input)}) { \(fields) userErrors { code } } }",
            at: mutation)
        let payload = value as? [String: Any] ?? [:]
        let errors = payload["userErrors"] as? [[String: Any]] ?? []
        return (payload, errors.first?["code"] as? String)
    }

    private func number(_ value: Any?) -> Int { (value as? NSNumber)?.intValue ?? .min }

    private mutating func earn(_ a: Int) throws {
        let count = random.number(in: 1...9)
        let at =
            random.chance(percent: 70) ? now : now - Int64(random.number(in: 0...120)) * 86_400_000
        let (payload, code) = try run(
            "earnPoints",
            "\(club.owner(members[a])) points: \(count), occurredAt: \"\(spelled(at))\"",
            "entries { id }")
        let entries = payload["entries"] as? [[String: Any]] ?? []
        guard code == nil, let id = entries.first?["id"] as? String else {
            return expect(false, "\(code ?? "no entry")")
        }
        earnings[a].append((id, models[a].lots.count, count))
        qualifying[a].append((at, count))
        let activatesAt = program.activation(ofEarningAt: at)
        models[a].add(
            count,
            PointsModel.Lot(
                earnedAt: at, activatesAt: activatesAt,
                expiresAt: program.expiry.moment(from: activatesAt, in: program.calendar)),
            now: now)
    }

    private mutating func redeem(_ a: Int) throws {
        let count = random.number(in: 1...12)
        let free = models[a].spendable
        let (payload, code) = try run(
            "redeemPoints", "\(club.owner(members[a])) points: \(count), reason: \"x\"",
            "entry { id }")
        guard demanded(code, count, of: free) else { return }
        spend(a, payload, models[a].order().prefix(count))
    }

    private mutating func spend(
        _ a: Int, _ payload: [String: Any], _ places: some Sequence<Int>
    ) {
        let id = (payload["entry"] as? [String: Any])?["id"] as? String ?? ""
        spendingCount += 1
        spendings[a].append((id, spendingCount))
        models[a].spend(places, number: spendingCount)
    }

    /// Whether it succeeded; it must fail exactly when the model has too few.
    private mutating func demanded(_ code: String?, _ count: Int, of free: Int) -> Bool {
        let isRefused = code == "INSUFFICIENT_POINTS"
        expect(code == nil || isRefused, "\(code ?? "")")
        expect(isRefused == (count > free), "\(code ?? "done") for \(count) of \(free)")
        return code == nil
    }

    private mutating func hold(_ a: Int) throws {
        let count = random.number(in: 1...8)
        let seconds = random.number(in: 1...120) * 43_200
        let free = models[a].spendable
        let (payload, code) = try run(
            "createPointsHold",
            "\(club.owner(members[a])) points: \(count), ttlSeconds: \(seconds)", "hold { id }")
        guard demanded(code, count, of: free) else { return }
        let places = Array(models[a].order().prefix(count))
        let number = holds[a].count
        holds[a].append((payload["hold"] as? [String: Any])?["id"] as? String ?? "")
        for place in places { models[a].points[place].hold = number }
        models[a].holds[number] = PointsModel.Hold(
            until: now + Int64(seconds) * 1_000, points: places)
    }

    private mutating func endHold(_ a: Int) throws {
        guard !holds[a].isEmpty else { return }
        let number = holds[a].count - 1 - random.number(in: 0...min(3, holds[a].count - 1))
        let model = models[a].holds[number]
        let count = random.number(in: 1...(model?.points.count ?? 1))
        let capture = random.chance(percent: 50)
        let (payload, code) =
            capture
            ? try run(
                "capturePointsHold", "holdId: \"\(holds[a][number])\", points: \(count)",
                "entry { id }")
            : try run("releasePointsHold", "holdId: \"\(holds[a][number])\"", "hold { status }")
        guard let model else {
            return expect(code != nil || !capture, "the hold is open")
        }
        expect(code == nil, "\(code ?? "")")
        if capture { spend(a, payload, model.points.prefix(count)) }
        models[a].drop(number)
        models[a].pass(to: now)
    }

    private mutating func reverseSpending(_ a: Int) throws {
        guard !spendings[a].isEmpty else { return }
        let spending = random.pick(spendings[a].suffix(6))
        let left = models[a].spendings[spending.number]?.count ?? 0
        let count = random.chance(percent: 50) ? nil : random.number(in: 1...4)
        let points = count.map { ", points: \($0)" } ?? ""
        let (_, code) = try run(
            "reversePoints", "entryId: \"\(spending.id)\", reason: \"x\"\(points)", "shortfall")
        if code == "ALREADY_REVERSED" {
            return expect((count ?? 1) > left, "left of a spending")
        }
        expect(code == nil && (count ?? 1) <= left, "\(code ?? "done") of \(left)")
        models[a].giveBack(count ?? left, of: spending.number, now: now)
    }

    private mutating func reverseEarning(_ a: Int) throws {
        guard !earnings[a].isEmpty else { return }
        let place = earnings[a].count - 1 - random.number(in: 0...min(5, earnings[a].count - 1))
        let (id, lot, left) = earnings[a][place]
        let count = random.chance(percent: 50) ? nil : random.number(in: 1...4)
        let points = count.map { ", points: \($0)" } ?? ""
        let (payload, code) = try run(
            "reversePoints", "entryId: \"\(id)\", reason: \"x\"\(points)", "shortfall")
        if code == "ALREADY_REVERSED" {
            return expect((count ?? 1) > left, "left of an earning")
        }
        expect(code == nil && (count ?? 1) <= left, "\(code ?? "done") of \(left)")
        let taken = count ?? left
        earnings[a][place].left -= taken
        let missing = models[a].clawBack(taken, lot: lot, program.returnPolicy, now: now)
        expect(number(payload["shortfall"]) == missing, "shortfall, not \(missing)")
        qualifying[a].append((now, -taken))
    }

    private mutating func adjust(_ a: Int) throws {
        let count = random.number(in: 1...9)
        if random.chance(percent: 40) {
            let end =
                random.chance(percent: 50)
                ? nil : now + Int64(random.number(in: 1...90)) * 86_400_000
            let expiresAt = end.map { ", expiresAt: \"\(spelled($0))\"" } ?? ""
            let (_, code) = try run(
                "adjustPoints",
                "\(club.owner(members[a])) delta: \(count), reason: \"x\"\(expiresAt)",
                "account { id }")
            expect(code == nil, "\(code ?? "")")
            models[a].add(
                count,
                PointsModel.Lot(
                    earnedAt: now, activatesAt: now,
                    expiresAt: end ?? program.expiry.moment(from: now, in: program.calendar)),
                now: now)
            return
        }
        let mayOwe = random.chance(percent: 50)
        let free = models[a].spendable
        let (_, code) = try run(
            "adjustPoints",
            """
            \(club.owner(members[a])) delta: -\(count), reason: "x", allowNegative: \(mayOwe)
            """, "account { id }")
        let reallyMayOwe = mayOwe && program.returnPolicy == .allowNegative
        if reallyMayOwe {
            expect(code == nil, "\(code ?? "")")
        } else if !demanded(code, count, of: free) {
            return
        }
        _ = models[a].take(count, first: nil, mayOwe: reallyMayOwe, now: now)
    }

    private mutating func transfer(_ a: Int) throws {
        let b = 1 - a
        let count = random.number(in: 1...8)
        let now = now
        let model = models[a]
        let movable = model.order { point in
            model.lots[model.points[point].lot].expiresAt.map { $0 > now } ?? true
        }
        let (_, code) = try run(
            "transferPoints",
            """
            fromMemberId: "\(members[a])", toMemberId: "\(members[b])",
            programId: "\(club.program)", points: \(count), reason: "x"
            """, "from { id }")
        guard demanded(code, count, of: movable.count) else { return }
        var groups: [(lot: Int, count: Int)] = []
        for place in movable.prefix(count) {
            let lot = models[a].points[place].lot
            models[a].points[place].life = .gone
            if groups.last?.lot == lot {
                groups[groups.count - 1].count += 1
            } else {
                groups.append((lot, 1))
            }
        }
        for group in groups { models[b].add(group.count, models[a].lots[group.lot], now: now) }
    }

    private mutating func compare(_ a: Int) throws {
        let nodes = try club.fixture.value(
            """
            { member(id: "\(members[a])") { pointsAccounts { nodes {
                active pending held owed spendable lifetimeSpent lifetimeExpired
                lots(first: 1000) { nodes { remaining expiresAt } } } } } }
            """, at: "member.pointsAccounts.nodes")
        guard let account = (nodes as? [[String: Any]])?.first else {
            return expect(models[a].points.isEmpty, "there is an account")
        }
        let census = models[a].census
        for (name, value) in [
            ("active", census.active), ("pending", census.pending), ("held", census.held),
            ("owed", models[a].owed), ("spendable", models[a].spendable),
            ("lifetimeSpent", models[a].spent), ("lifetimeExpired", census.lapsed),
        ] {
            let told = number(account[name])
            expect(told == value, "\(name) \(told), not \(value)")
        }
        let lots = (account["lots"] as? [String: Any])?["nodes"] as? [[String: Any]] ?? []
        let told = lots.map { "\(number($0["remaining"])) \($0["expiresAt"] as? String ?? "-")" }
        let sought = models[a].lots.indices.map { lot in
            "\(census.byLot[lot]) \(models[a].lots[lot].expiresAt.map(spelled) ?? "-")"
        }
        expect(told == sought, "lots \(told), not \(sought)")
    }

    /// I19 over the whole ledger, and what the tier follows from.
    mutating func checkLedger() throws {
        for a in 0...1 {
            let nodes = try club.fixture.value(
                """
                { member(id: "\(members[a])") { pointsAccounts { nodes {
                    active pending owed
                    entries(first: 1000) { nodes { seq delta pendingDelta balanceAfter } } } } } }
                """, at: "member.pointsAccounts.nodes")
            guard let account = (nodes as? [[String: Any]])?.first else { continue }
            let entries = (account["entries"] as? [String: Any])?["nodes"] as? [[String: Any]] ?? []
            var balance = 0
            var pending = 0
            for (place, entry) in entries.enumerated() {
                balance += number(entry["delta"])
                pending += number(entry["pendingDelta"])
                expect(number(entry["seq"]) == place + 1, "I19: numbers without a gap")
                expect(number(entry["balanceAfter"]) == balance, "I19: sum(delta)")
            }
            expect(
                balance == number(account["active"]) - number(account["owed"]),
                "I19: sum(delta) = active − owed")
            expect(pending == number(account["pending"]), "I19: sum(pendingDelta)")
            let year = program.calendar.day(of: now)
            let start = program.calendar.start(ofDay: LocalCalendar.startOfYear(of: year))
            let sum = qualifying[a].reduce(0) { $0 + ($1.at >= start ? $1.points : 0) }
            let achieved = try club.fixture.number(
                """
                { tierAssignmentByMemberAndProgram(memberId: "\(members[a])",
                    programId: "\(club.program)") { qualifying { achieved } } }
                """, at: "tierAssignmentByMemberAndProgram.qualifying.achieved")
            expect(Int(achieved) == sum, "qualifying \(achieved), not \(sum)")
        }
    }

    private mutating func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) {
        if !condition, fault == nil { fault = "\(sentence()) after \(lastOperation)" }
    }
}

struct PointsAPIModelTests {
    /// `TESSERA_POINTS_CLUBS=1000` plays more.
    private static let clubCount =
        ProcessInfo.processInfo.environment["TESSERA_POINTS_CLUBS"].flatMap { UInt64($0) } ?? 24

    @Test func `I19 to I26: the API leaves what counting points one by one leaves`() throws {
        for seed in 0..<Self.clubCount {
            var twins = try ClubTwins(seed: seed)
            for step in 0..<40 where twins.fault == nil {
                try twins.step()
                if let fault = twins.fault {
                    Issue.record("seed \(seed), step \(step): \(fault), \(twins.program)")
                }
            }
            if twins.fault == nil { try twins.checkLedger() }
            try twins.club.checkStore()
            if let fault = twins.fault {
                Issue.record("seed \(seed): \(fault)")
                return
            }
        }
    }
}
