import Bytes
import Foundation
@testable import Membership
import Testing

/// Two accounts of one program, each kept twice: by the rules and by the naive model.
private struct Twins {
    let program: PointsProgram
    var stored = [StoredAccount(), StoredAccount()]
    var models = [PointsModel(), PointsModel()]
    var now: Int64
    var random: SeededRandom
    var lastOperation = ""
    /// Back-dated earnings change what the balance was; without them, it must stay what it was.
    let mayLieBack: Bool
    var history: [[Int64: Int64]] = [[:], [:]]
    private var hasWritten = false
    /// What the program as a whole issued and adjusted, for I23.
    var issued: Int64 = 0
    var adjusted: Int64 = 0
    var clawedBack: Int64 = 0
    var cancelled: Int64 = 0
    var fault: String?

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        let zone = random.pick([
            "Asia/Shanghai", "Europe/Oslo", "America/New_York", "Pacific/Apia", "UTC",
        ])
        let rounding = random.pick(ExpiryRule.Rounding.allCases)
        let months = random.number(in: 1...3)
        let expiry: ExpiryRule = random.pick([
            .never, .rolling(months: months, rounding), .rolling(months: months, .none),
            .calendar(months: months - 1, .endOfMonth), .inactivity(months: months, rounding),
        ])
        program = PointsProgram(
            calendar: calendar(zone), pendingDays: random.pick([0, 0, 3, 14]), expiry: expiry,
            returnPolicy: random.pick(ReturnPolicy.allCases))
        mayLieBack = random.chance(percent: 50)
        now = instant("2026-01-20T08:00:00Z") + Int64(random.number(in: 0...300)) * 86_400_000
    }

    mutating func step() {
        let a = random.number(in: 0...1)
        if random.chance(percent: 60) { passTime(a) }
        hasWritten = false
        models[a].pass(to: now)
        do throws(PointsFailure) {
            switch random.number(in: 0...99) {
            case 0..<26: try earn(a)
            case 26..<40: try redeem(a)
            case 40..<50: try hold(a)
            case 50..<60: try endHold(a)
            case 60..<70: try reverseRedeem(a)
            case 70..<80: try reverseEarn(a)
            case 80..<86: try adjust(a)
            case 86..<89: try activate(a)
            case 89..<95: try transfer(a)
            case 95: try transferAll(a)
            default: try settle(a)
            }
        } catch {
            expect(false, "unforeseen \(error)")
        }
        compare(a)
    }

    /// To any moment, or to the very one at which something is due, or to just before it.
    private mutating func passTime(_ a: Int) {
        let later =
            now + Int64(random.number(in: 0...25)) * 43_200_000 + Int64(random.number(in: 0...99))
        guard random.chance(percent: 40) else { return now = later }
        var moments = models[a].holds.values.map(\.until)
        for lot in models[a].lots.suffix(12) {
            moments.append(lot.activatesAt)
            if let expiresAt = lot.expiresAt { moments.append(expiresAt) }
        }
        moments = moments.filter { $0 > now && $0 < now + 40 * 86_400_000 }.sorted()
        now = moments.isEmpty ? later : random.pick(moments) - Int64(random.number(in: 0...1))
    }

    private mutating func settle(_ a: Int) throws(PointsFailure) {
        lastOperation = "expiry"
        let ledger = try PointsLedger(stored[a].state(), program, now: now)
        let moments = ledger.changes.entries.map(\.at)
        expect(moments == moments.sorted(), "what is due is written in its order")
        write(a, ledger)
        // Running it again changes nothing.
        let again = try PointsLedger(stored[a].state(), program, now: now).changes
        expect(
            again.entries.isEmpty && again.changedLots.isEmpty && again.endedHolds.isEmpty,
            "expiry runs once")
    }

    private mutating func earn(_ a: Int) throws(PointsFailure) {
        let count = random.number(in: 1...9)
        let at =
            random.chance(percent: 70) || !mayLieBack
            ? now : now - Int64(random.number(in: 0...120)) * 86_400_000
        lastOperation = "earn \(count) at \(spelled(at))"
        var ledger = try PointsLedger(stored[a].state(), program, now: now)
        try ledger.earn(points: Int64(count), occurredAt: at)
        issued += Int64(count)
        if case .inactivity = program.expiry { extend(a, at) }
        let activatesAt = program.activation(ofEarningAt: at)
        models[a].add(
            count,
            PointsModel.Lot(
                earnedAt: at, activatesAt: activatesAt,
                expiresAt: program.expiry.moment(from: activatesAt, in: program.calendar)),
            now: now)
        write(a, ledger)
    }

    private mutating func extend(_ a: Int, _ at: Int64) {
        let program = program
        models[a].extend(
            { program.expiry.moment(from: $0, in: program.calendar) }, from: at, now: now)
    }

    private mutating func redeem(_ a: Int) throws(PointsFailure) {
        let count = random.number(in: 1...12)
        lastOperation = "redeem \(count)"
        var ledger = try PointsLedger(stored[a].state(), program, now: now)
        guard
            try demand(
                a, count,
                { () throws(PointsFailure) in
                    try ledger.redeem(points: Int64(count))
                })
        else { return }
        write(a, ledger)
        models[a].spend(models[a].order().prefix(count), number: stored[a].entries.count)
        if case .inactivity = program.expiry { extend(a, now) }
    }

    /// Whether it succeeded; it must fail exactly when the model has too few.
    private mutating func demand(
        _ a: Int, _ count: Int, _ body: () throws(PointsFailure) -> Void
    ) throws(PointsFailure) -> Bool {
        let free = models[a].spendable
        do throws(PointsFailure) {
            try body()
            expect(free >= count, "spent \(count) of \(free)")
            return true
        } catch .insufficientPoints(let spendable, let shortfall) {
            expect(spendable == Int64(free), "spendable \(spendable), not \(free)")
            expect(shortfall == Int64(count - free), "shortfall")
            return false
        }
    }

    private mutating func hold(_ a: Int) throws(PointsFailure) {
        let count = random.number(in: 1...8)
        let duration = Int64(random.number(in: 1...120)) * 43_200_000
        lastOperation = "hold \(count) for \(duration / 86_400_000) days"
        var ledger = try PointsLedger(stored[a].state(), program, now: now)
        guard
            try demand(
                a, count,
                { () throws(PointsFailure) in
                    try ledger.hold(points: Int64(count), forMilliseconds: duration)
                })
        else { return }
        let number = stored[a].holds.count
        write(a, ledger)
        let places = Array(models[a].order().prefix(count))
        for place in places { models[a].points[place].hold = number }
        models[a].holds[number] = PointsModel.Hold(until: now + duration, points: places)
    }

    private mutating func endHold(_ a: Int) throws(PointsFailure) {
        guard !stored[a].holds.isEmpty else { return }
        let number =
            stored[a].holds.count - 1 - random.number(in: 0...min(3, stored[a].holds.count - 1))
        let capture = random.chance(percent: 50)
        let model = models[a].holds[number]
        let size = model?.points.count ?? 1
        let count = random.number(in: 1...size)
        lastOperation = (capture ? "capture \(count) of hold" : "release hold") + " \(number)"
        var ledger = try PointsLedger(stored[a].state(), program, now: now)
        do throws(PointsFailure) {
            if capture {
                try ledger.capture(hold: .row(UInt64(number)), points: Int64(count))
            } else {
                try ledger.release(hold: .row(UInt64(number)))
            }
        } catch .holdNotOpen, .holdExpired {
            expect(model == nil, "the hold is open")
            return
        }
        guard let model else { return expect(false, "the hold is not open") }
        write(a, ledger)
        if capture {
            let entry = stored[a].entries.lastIndex { $0.draft.type == .redeem } ?? 0
            models[a].spend(model.points.prefix(count), number: entry + 1)
            models[a].drop(number)
            if case .inactivity = program.expiry { extend(a, now) }
        } else {
            models[a].drop(number)
        }
        models[a].pass(to: now)
    }

    private mutating func entry(_ a: Int, _ type: PointsEntryType) -> Int? {
        let places = stored[a].entries.indices.filter { stored[a].entries[$0].draft.type == type }
        return places.isEmpty ? nil : random.pick(places.suffix(6))
    }

    private mutating func reverseRedeem(_ a: Int) throws(PointsFailure) {
        guard let place = entry(a, .redeem) else { return }
        let entry = stored[a].reversible(place)
        let left = models[a].spendings[place + 1]?.count ?? 0
        let count = random.chance(percent: 50) ? nil : random.number(in: 1...4)
        lastOperation = "reverse redeem \(place + 1): \(count ?? left)"
        var ledger = try PointsLedger(
            stored[a].state(naming: entry.allocations), program, now: now)
        do throws(PointsFailure) {
            try ledger.reverse(entry, points: count.map(Int64.init))
        } catch .alreadyReversed(let reallyLeft) {
            expect(reallyLeft == Int64(left) && (count ?? 1) > left, "left of a spending")
            return
        }
        write(a, ledger)
        models[a].giveBack(count ?? left, of: place + 1, now: now)
    }

    private mutating func reverseEarn(_ a: Int) throws(PointsFailure) {
        guard let place = entry(a, .earn) else { return }
        let entry = stored[a].reversible(place)
        let left = Int(entry.points - entry.reversed)
        let count = random.chance(percent: 50) ? nil : random.number(in: 1...4)
        lastOperation = "reverse earn \(place + 1): \(count ?? left)"
        var ledger = try PointsLedger(stored[a].state(), program, now: now)
        let shortfall: Int64
        do throws(PointsFailure) {
            shortfall = try ledger.reverse(entry, points: count.map(Int64.init))
        } catch .alreadyReversed(let reallyLeft) {
            expect(reallyLeft == Int64(left) && (count ?? 1) > left, "left of an earning")
            return
        }
        write(a, ledger)
        let missing = models[a].clawBack(
            count ?? left, lot: stored[a].entries[place].lot ?? -1, program.returnPolicy, now: now)
        expect(shortfall == Int64(missing), "shortfall \(shortfall), not \(missing)")
    }

    private mutating func adjust(_ a: Int) throws(PointsFailure) {
        let count = random.number(in: 1...9)
        var ledger = try PointsLedger(stored[a].state(), program, now: now)
        if random.chance(percent: 40) {
            let end =
                random.chance(percent: 50)
                ? nil : now + Int64(random.number(in: 1...90)) * 86_400_000
            lastOperation = "adjust +\(count)"
            try ledger.adjust(by: Int64(count), expiresAt: end)
            adjusted += Int64(count)
            models[a].add(
                count,
                PointsModel.Lot(
                    earnedAt: now, activatesAt: now,
                    expiresAt: end ?? program.expiry.moment(from: now, in: program.calendar)),
                now: now)
        } else {
            let mayOwe = random.chance(percent: 50)
            lastOperation = "adjust -\(count), \(mayOwe)"
            let reallyMayOwe = mayOwe && program.returnPolicy == .allowNegative
            if reallyMayOwe {
                try ledger.adjust(by: Int64(-count), allowNegative: true)
            } else {
                guard
                    try demand(
                        a, count,
                        { () throws(PointsFailure) in
                            try ledger.adjust(by: Int64(-count), allowNegative: mayOwe)
                        })
                else { return }
            }
            adjusted -= Int64(count)
            let missing = models[a].take(count, first: nil, mayOwe: reallyMayOwe, now: now)
            expect(missing == 0, "adjusted in full")
        }
        write(a, ledger)
    }

    private mutating func activate(_ a: Int) throws(PointsFailure) {
        let pending = models[a].lots.indices.filter { lot in
            models[a].points.contains { $0.lot == lot && $0.life == .pending }
        }
        guard !pending.isEmpty else { return }
        let lot = random.pick(pending)
        lastOperation = "activate \(lot)"
        var ledger = try PointsLedger(stored[a].state(), program, now: now)
        try ledger.activate(lots: [.row(UInt64(lot))])
        write(a, ledger)
        models[a].lots[lot].activatesAt = now
        models[a].lots[lot].expiresAt = program.expiry.moment(from: now, in: program.calendar)
        for place in models[a].points.indices
        where models[a].points[place].lot == lot && models[a].points[place].life == .pending {
            models[a].points[place].life = .active
        }
        models[a].payDebt()
    }

    private mutating func transfer(_ a: Int) throws(PointsFailure) {
        let b = 1 - a
        models[b].pass(to: now)
        let count = random.number(in: 1...8)
        lastOperation = "transfer \(count)"
        var sender = try PointsLedger(stored[a].state(), program, now: now)
        var receiver = try PointsLedger(stored[b].state(), program, now: now)
        let now = now
        let lots = models[a].lots
        let movable = models[a].order { point in
            lots[models[a].points[point].lot].expiresAt.map { $0 > now } ?? true
        }
        do throws(PointsFailure) {
            try sender.transfer(points: Int64(count), to: &receiver)
        } catch .insufficientPoints(let spendable, _) {
            expect(
                movable.count < count && spendable == Int64(movable.count), "too few to transfer")
            return
        }
        expect(movable.count >= count, "transferred \(count) of \(movable.count)")
        write(a, sender)
        write(b, receiver)
        move(Array(movable.prefix(count)), from: a, to: b)
        compare(b)
    }

    private mutating func move(_ places: [Int], from a: Int, to b: Int) {
        var groups: [(lot: Int, count: Int)] = []
        for place in places {
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

    private mutating func transferAll(_ a: Int) throws(PointsFailure) {
        let b = 1 - a
        models[b].pass(to: now)
        lastOperation = "transfer all"
        var sender = try PointsLedger(stored[a].state(), program, now: now)
        var receiver = try PointsLedger(stored[b].state(), program, now: now)
        do throws(PointsFailure) {
            try sender.transferAll(to: &receiver)
        } catch .holdsOpen(let count) {
            expect(models[a].holds.count == count, "open holds")
            return
        }
        expect(models[a].holds.isEmpty, "no holds")
        write(a, sender)
        write(b, receiver)
        move(models[a].order(), from: a, to: b)
        let pending = models[a].points.indices.filter { models[a].points[$0].life == .pending }
        move(pending.sorted { models[a].points[$0].lot < models[a].points[$1].lot }, from: a, to: b)
        let owed = models[a].owed
        models[a].owed = 0
        if owed > 0 { _ = models[b].take(owed, first: nil, mayOwe: true, now: now) }
        compare(b)
    }

    private mutating func write(_ a: Int, _ ledger: PointsLedger) {
        let changes = ledger.changes
        for entry in changes.entries {
            switch entry.type {
            case .earnReversal: clawedBack -= entry.delta
            case .pendingCancel: cancelled -= entry.pendingDelta
            default: break
            }
        }
        stored[a].write(changes)
        hasWritten = true
        if let fault = stored[a].fault { expect(false, fault) }
    }

    private mutating func compare(_ a: Int) {
        let model = models[a]
        let census = model.census
        let reading: PointsReading
        do throws(PointsFailure) {
            reading = try PointsReading(stored[a].state(), program, at: now)
        } catch {
            return expect(false, "unreadable: \(error)")
        }
        let totals = reading.totals
        expect(!hasWritten || stored[a].totals == totals, "nothing that is due is left")
        history[a][now] = Int64(census.active - model.owed)
        expect(totals.active == census.active, "active \(totals.active), not \(census.active)")
        expect(totals.pending == census.pending, "pending \(totals.pending)")
        expect(totals.held == census.held, "held \(totals.held), not \(census.held)")
        expect(totals.owed == model.owed, "owed \(totals.owed), not \(model.owed)")
        expect(totals.lifetimeSpent == model.spent, "spent \(totals.lifetimeSpent)")
        expect(
            totals.lifetimeExpired == census.lapsed,
            "lapsed \(totals.lifetimeExpired), not \(census.lapsed)")
        expect(
            (try? reading.balance(recorded: stored[a].recorded(at: now)))
                == Int64(census.active - model.owed), "balance now")
        for lot in reading.lots {
            guard case .row(let number) = lot.ref else { continue }
            expect(
                lot.remaining == census.byLot[Int(number)],
                "lot \(number) holds \(lot.remaining), not \(census.byLot[Int(number)])")
            expect(lot.expiresAt == model.lots[Int(number)].expiresAt, "lot \(number) lapses")
        }
        expect(stored[a].lots.count == model.lots.count, "as many lots")
    }

    /// The ledger tells what the balance was at each instant, whenever its entries were written.
    mutating func checkHistory() {
        guard !mayLieBack else { return }
        for a in 0...1 {
            for (instant, balance) in history[a] {
                // What is due since the last entry is not written yet.
                let reading = try? PointsReading(stored[a].state(), program, at: instant)
                let told = try? reading?.balance(recorded: stored[a].recorded(at: instant))
                expect(told == balance, "balance at \(spelled(instant)), \(told ?? -1)")
            }
        }
    }

    /// I23, over both accounts; what was due and is not written yet is still active or pending.
    mutating func checkConservation() {
        var sum: Int64 = 0
        for account in stored {
            sum += account.totals.balance + account.totals.pending
            sum += account.totals.lifetimeSpent + account.totals.lifetimeExpired
        }
        expect(issued + adjusted == sum + clawedBack + cancelled, "I23: nothing is lost or made")
    }

    private mutating func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) {
        if !condition, fault == nil { fault = "\(sentence()) after \(lastOperation)" }
    }
}

@Suite struct PointsModelTests {
    /// `TESSERA_POINTS_OPERATIONS=2000000` runs more.
    static let operationCount =
        ProcessInfo.processInfo.environment["TESSERA_POINTS_OPERATIONS"].flatMap { Int($0) }
        ?? 200_000

    @Test(arguments: 0..<4)
    func `I19 to I26: random operations leave what counting points one by one leaves`(
        part: UInt64
    ) {
        let length = 50
        let count = PointsModelTests.operationCount / length / 4
        for number in 0..<UInt64(count) {
            let seed = number * 4 + part
            var twins = Twins(seed: seed)
            for step in 0..<length where twins.fault == nil {
                twins.step()
                if let fault = twins.fault {
                    Issue.record("seed \(seed), step \(step): \(fault), \(twins.program)")
                }
            }
            twins.checkConservation()
            if number % 8 == 0 { twins.checkHistory() }
            if let fault = twins.fault {
                Issue.record("seed \(seed): \(fault)")
                return
            }
        }
    }
}
