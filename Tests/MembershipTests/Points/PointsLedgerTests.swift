import Bytes
import Testing

@testable import Membership

private let start = instant("2026-06-30T12:00:00Z")
private let hour: Int64 = 3_600_000
private let dayLength: Int64 = 24 * hour

/// An account that goes through operations one after the other.
private struct Account {
    var program: PointsProgram
    var stored = StoredAccount()
    var now = start

    init(_ program: PointsProgram = PointsProgram()) {
        self.program = program
    }

    /// Runs one decision and writes it; whatever it throws is written nowhere.
    @discardableResult
    mutating func run<Result>(
        naming allocations: [LotAllocation] = [],
        _ body: (inout PointsLedger) throws(PointsFailure) -> Result
    ) throws(PointsFailure) -> Result {
        var ledger = try PointsLedger(stored.state(naming: allocations), program, now: now)
        let result = try body(&ledger)
        stored.write(ledger.changes)
        #expect(stored.fault == nil)
        return result
    }

    mutating func earn(_ points: Int64, at: Int64? = nil) throws(PointsFailure) {
        try run { (ledger) throws(PointsFailure) in
            _ = try ledger.earn(points: points, occurredAt: at)
        }
    }

    mutating func redeem(_ points: Int64) throws(PointsFailure) {
        try run { (ledger) throws(PointsFailure) in try ledger.redeem(points: points) }
    }

    /// Points in a lot that lapses after so many days.
    mutating func grant(_ points: Int64, days: Int64) throws(PointsFailure) {
        let end = now + days * dayLength
        try run { (ledger) throws(PointsFailure) in
            try ledger.adjust(by: points, expiresAt: end)
        }
    }

    mutating func hold(_ points: Int64, hours: Int64) throws(PointsFailure) -> LedgerRef {
        let number = stored.holds.count
        try run { (ledger) throws(PointsFailure) in
            _ = try ledger.hold(points: points, forMilliseconds: hours * hour)
        }
        return .row(UInt64(number))
    }

    mutating func reverse(
        _ seq: Int, _ points: Int64? = nil
    ) throws(PointsFailure) -> Int64 {
        let entry = stored.reversible(seq - 1)
        return try run(naming: entry.type == .redeem ? entry.allocations : []) {
            (ledger) throws(PointsFailure) in
            try ledger.reverse(entry, points: points)
        }
    }

    func reading() throws(PointsFailure) -> PointsReading {
        try PointsReading(stored.state(), program, at: now)
    }

    /// One line an entry: number, type, delta, pending delta if any, balance.
    var told: [String] {
        stored.entries.map {
            let draft = $0.draft
            let pending = draft.pendingDelta == 0 ? "" : " (\(draft.pendingDelta))"
            return "\(draft.seq) \(draft.type.rawValue) \(draft.delta)\(pending)"
                + " = \(draft.balanceAfter)"
        }
    }

    var remaining: [Int64] { stored.lots.map(\.remaining) }
}

private func failure(_ body: () throws(PointsFailure) -> Void) -> PointsFailure? {
    do throws(PointsFailure) {
        try body()
        return nil
    } catch {
        return error
    }
}

@Suite struct PointsLedgerTests {
    @Test func `I19: pending points count when they become active, and not twice`() throws {
        var account = Account(PointsProgram(pendingDays: 14))
        try account.earn(100)
        try account.earn(40)
        #expect(try account.reverse(2) == 0)
        account.now = instant("2026-07-14T00:00:00Z") - 1
        #expect(
            failure { () throws(PointsFailure) in try account.redeem(1) }
                == .insufficientPoints(spendable: 0, shortfall: 1))
        account.now += 1
        try account.redeem(30)
        #expect(
            account.told == [
                "1 EARN 0 (100) = 0", "2 EARN 0 (40) = 0", "3 PENDING_CANCEL 0 (-40) = 0",
                "4 ACTIVATE 100 (-100) = 100", "5 REDEEM -30 = 70",
            ])
        #expect(account.stored.lots.map(\.status) == [.active, .cancelled])
    }

    @Test func `I20: a lot lapses by the clock, whether or not a job has run`() throws {
        var account = Account()
        try account.grant(100, days: 2)
        try account.grant(50, days: 9)
        account.now = start + 2 * dayLength - 1
        #expect(try account.reading().totals.active == 150)
        account.now += 1
        #expect(try account.reading().totals.active == 50)
        #expect(account.stored.totals.active == 150)
        #expect(
            failure { () throws(PointsFailure) in try account.redeem(51) }
                == .insufficientPoints(spendable: 50, shortfall: 1))
        account.now += dayLength
        try account.redeem(20)
        #expect(
            account.told == [
                "1 ADJUST 100 = 100", "2 ADJUST 50 = 150", "3 EXPIRE -100 = 50",
                "4 REDEEM -20 = 30",
            ])
        // Dated with its own moment, not with that of the mutation that wrote it.
        #expect(account.stored.entries[2].draft.at == start + 2 * dayLength)
        #expect(account.stored.lots.map(\.status) == [.expired, .active])
    }

    @Test func `I21: points spent before they lapse do not lapse again`() throws {
        var account = Account()
        try account.grant(100, days: 2)
        try account.redeem(70)
        try account.grant(200, days: 9)
        account.now += 3 * dayLength
        try account.run { (_) throws(PointsFailure) in }
        #expect(account.told.last == "4 EXPIRE -30 = 200")
        // A job for a day that is over changes nothing.
        account.now -= dayLength / 2
        try account.run { (_) throws(PointsFailure) in }
        #expect(account.stored.entries.count == 4)
    }

    @Test func `I22: what lapses first is spent first, then what was earned first`() throws {
        var account = Account()
        try account.earn(10)
        try account.grant(10, days: 9)
        try account.grant(10, days: 3)
        try account.run { (ledger) throws(PointsFailure) in
            // Earlier earned, lapses with the second.
            try ledger.createLot(
                10, earnedAt: start - 1, activatesAt: start - 1,
                expiresAt: start + 9 * dayLength)
            try ledger.append(.earn, delta: 10, at: start)
        }
        try account.redeem(25)
        let entry = try #require(account.stored.entries.last)
        #expect(
            entry.draft.allocations == [
                LotAllocation(lot: .row(2), points: 10), LotAllocation(lot: .row(3), points: 10),
                LotAllocation(lot: .row(1), points: 5),
            ])
        try account.redeem(15)
        #expect(account.remaining == [0, 0, 0, 0])
        #expect(account.stored.lots.allSatisfy { $0.status == .depleted })
    }

    @Test func `a spending that comes back goes to its own lots, the last taken first`() throws {
        var account = Account()
        try account.grant(10, days: 3)
        try account.grant(10, days: 9)
        try account.redeem(15)
        #expect(try account.reverse(3, 6) == 0)
        // As if only 9 had been spent.
        #expect(account.remaining == [1, 10])
        #expect(
            failure { () throws(PointsFailure) in _ = try account.reverse(3, 10) }
                == .alreadyReversed(left: 9))
        // One lot has lapsed meanwhile: its points come back and lapse at once.
        account.now += 4 * dayLength
        #expect(try account.reverse(3) == 0)
        #expect(
            Array(account.told.dropFirst(3)) == [
                "4 REDEEM_REVERSAL 6 = 11", "5 EXPIRE -1 = 10", "6 REDEEM_REVERSAL 9 = 19",
                "7 EXPIRE -9 = 10",
            ])
        #expect(account.stored.entries[6].draft.at == account.now)
        #expect(
            failure { () throws(PointsFailure) in _ = try account.reverse(3) }
                == .alreadyReversed(left: 0))
        #expect(account.stored.totals.lifetimeSpent == 0)
    }

    @Test func `with days of grace, lapsed points come back anew`() throws {
        var account = Account(PointsProgram(restoreGraceDays: 7))
        try account.grant(10, days: 3)
        try account.grant(10, days: 30)
        try account.redeem(15)
        account.now += 4 * dayLength
        #expect(try account.reverse(3) == 0)
        #expect(account.remaining == [0, 10, 10])
        #expect(account.stored.lots[2].expiresAt == instant("2026-07-12T00:00:00Z"))
        #expect(account.told.last == "4 REDEEM_REVERSAL 15 = 20")
        #expect(account.stored.reversible(2).reversed == 15)
    }

    @Test(arguments: [
        (ReturnPolicy.onlyPending, Int64(100), Int64(0), Int64(60), [Int64(10), 50]),
        (.withinBalance, 40, 0, 0, [0, 0]),
        (.allowNegative, 0, 40, 0, [0, 0]),
    ])
    func `I25: a return takes its own lot, then others, and owes only where it may`(
        policy: ReturnPolicy, shortfall: Int64, owed: Int64, active: Int64, remaining: [Int64]
    ) throws {
        var account = Account(PointsProgram(returnPolicy: policy))
        try account.earn(100)
        try account.earn(50)
        try account.redeem(90)
        #expect(try account.reverse(1) == shortfall)
        #expect(account.stored.totals.owed == owed)
        #expect(account.stored.totals.active == active)
        #expect(account.remaining == remaining)
        let entry = try #require(account.stored.entries.last?.draft)
        #expect(entry.type == .earnReversal)
        #expect(entry.delta == shortfall - 100)
        // What counts towards a tier falls in full.
        #expect(entry.qualifying == -100)
        #expect(
            failure { () throws(PointsFailure) in _ = try account.reverse(1) }
                == .alreadyReversed(left: 0))
        try account.earn(100)
        #expect(account.stored.totals.owed == 0)
        #expect(account.stored.totals.active == active + 100 - owed)
        if owed > 0 {
            #expect(
                Array(account.told.suffix(3)) == [
                    "4 EARN_REVERSAL -100 = -40", "5 EARN 100 = 60", "6 DEBT_SETTLE 0 = 60",
                ])
            #expect(
                account.stored.entries.last?.draft.allocations
                    == [LotAllocation(lot: .row(2), points: 40)])
        }
    }

    @Test func `I23: a refund in parts takes back exactly what the order gave`() throws {
        for (points, total) in [(Int64(100), Int64(299)), (7, 1_000), (1, 3), (99, 100), (0, 5)] {
            for step in [Int64(1), 7, 13, 100] {
                var reversed: Int64 = 0
                var refunded: Int64 = 0
                while refunded < total {
                    refunded = min(total, refunded + step)
                    let entry = ReversibleEntry(
                        ref: .row(1), type: .earn, points: points, reversed: reversed,
                        allocations: [])
                    let due = entry.due(afterRefunding: refunded, of: total)
                    #expect(due >= 0)
                    reversed += due
                    #expect(reversed == points * refunded / total)
                }
                #expect(reversed == points)
            }
        }
    }

    @Test func `a late earning whose points have lapsed is written as a pair`() throws {
        var account = Account(
            PointsProgram(expiry: .rolling(months: 1, .endOfDay)))
        try account.earn(10, at: instant("2026-05-01T10:00:00Z"))
        #expect(account.told == ["1 EARN 10 = 10", "2 EXPIRE -10 = 0"])
        #expect(account.stored.entries[1].draft.at == instant("2026-06-02T00:00:00Z"))
        #expect(account.stored.lots.map(\.status) == [.expired])
        #expect(account.stored.totals.lifetimeEarned == 10)
    }

    @Test func `an earning without points is written where a limit left nothing`() throws {
        var account = Account()
        try account.run { (ledger) throws(PointsFailure) in try ledger.recordLimitedEarning() }
        #expect(account.told == ["1 EARN 0 = 0"])
        #expect(account.stored.lots.isEmpty)
    }

    @Test func `I26: a hold keeps points from being spent, and its lot from lapsing`() throws {
        var account = Account()
        try account.grant(100, days: 1)
        try account.grant(100, days: 9)
        let hold = try account.hold(60, hours: 48)
        #expect(account.stored.totals.spendable == 140)
        #expect(
            failure { () throws(PointsFailure) in _ = try account.hold(141, hours: 1) }
                == .insufficientPoints(spendable: 140, shortfall: 1))
        account.now += dayLength
        #expect(try account.reading().totals.active == 200)
        try account.run { (ledger) throws(PointsFailure) in
            try ledger.capture(hold: hold, points: 45)
        }
        // The rest of the hold is free, and its lot lapses at last.
        #expect(
            Array(account.told.suffix(2)) == ["3 REDEEM -45 = 155", "4 EXPIRE -55 = 100"])
        #expect(account.stored.entries[3].draft.at == account.now)
        for _ in 0..<2 {
            #expect(
                failure { () throws(PointsFailure) in
                    try account.run { (ledger) throws(PointsFailure) in
                        try ledger.capture(hold: hold)
                    }
                } == .holdNotOpen(hold))
        }
    }

    @Test func `I26: a hold whose time is over counts nothing before anybody notices`() throws {
        var account = Account()
        try account.grant(100, days: 1)
        let hold = try account.hold(60, hours: 48)
        account.now += 2 * dayLength - 1
        #expect(try account.reading().totals.held == 60)
        #expect(try account.reading().totals.active == 100)
        account.now += 1
        #expect(try account.reading().totals == PointsTotals(lifetimeExpired: 100))
        #expect(try account.reading().holds.isEmpty)
        let end = account.now
        #expect(
            failure { () throws(PointsFailure) in
                try account.run { (ledger) throws(PointsFailure) in
                    try ledger.capture(hold: hold)
                }
            } == .holdExpired(hold, at: end))
        account.now += dayLength
        try account.run { (_) throws(PointsFailure) in }
        #expect(account.stored.holds[0].status == .expired)
        #expect(account.stored.entries.last?.draft.at == end)
    }

    @Test func `a debt outranks a hold, and only a debt does`() throws {
        for policy in [ReturnPolicy.withinBalance, .allowNegative] {
            var account = Account(PointsProgram(returnPolicy: policy))
            try account.earn(100)
            _ = try account.hold(30, hours: 1)
            _ = try account.hold(50, hours: 1)
            try account.redeem(20)
            let shortfall = try account.reverse(1, 60)
            if policy == .withinBalance {
                #expect(shortfall == 60)
                #expect(account.stored.totals.held == 80)
            } else {
                // The younger hold is not enough.
                #expect(shortfall == 0)
                #expect(account.stored.holds.map(\.status) == [.released, .released])
                #expect(account.stored.totals.active == 20)
            }
        }
    }

    @Test func `points that lapse by inactivity last as long as somebody is active`() throws {
        var account = Account(PointsProgram(expiry: .inactivity(months: 1, .endOfDay)))
        try account.earn(10)
        account.now = instant("2026-07-30T12:00:00Z")
        try account.redeem(1)
        #expect(account.stored.lots[0].expiresAt == instant("2026-08-31T00:00:00Z"))
        account.now = instant("2026-08-30T12:00:00Z")
        let now = account.now
        try account.run { (ledger) throws(PointsFailure) in ledger.noteActivity(at: now) }
        #expect(account.stored.lots[0].expiresAt == instant("2026-10-01T00:00:00Z"))
        // What has lapsed is not revived.
        account.now = instant("2026-10-01T00:00:00Z")
        try account.earn(5)
        #expect(account.remaining == [0, 5])
        // A late earning of an active member lives.
        let last = account.now
        try account.run { (ledger) throws(PointsFailure) in
            _ = try ledger.earn(
                points: 7, occurredAt: instant("2026-01-01T00:00:00Z"), lastActivityAt: last)
        }
        #expect(account.remaining == [0, 5, 7])
    }

    @Test func `a transfer keeps the time at which points lapse`() throws {
        var giver = Account()
        var taker = Account(PointsProgram(expiry: .never, returnPolicy: .allowNegative))
        try giver.grant(10, days: 3)
        try giver.earn(10)
        try taker.run { (ledger) throws(PointsFailure) in
            try ledger.adjust(by: -4, allowNegative: true)
        }
        var sender = try PointsLedger(giver.stored.state(), giver.program, now: start)
        var receiver = try PointsLedger(taker.stored.state(), taker.program, now: start)
        #expect(
            failure { () throws(PointsFailure) in try sender.transfer(points: 21, to: &receiver) }
                == .insufficientPoints(spendable: 20, shortfall: 1))
        try sender.transfer(points: 12, to: &receiver)
        giver.stored.write(sender.changes)
        taker.stored.write(receiver.changes)
        #expect(giver.told.last == "3 TRANSFER_OUT -12 = 8")
        #expect(
            taker.told
                == ["1 ADJUST -4 = -4", "2 TRANSFER_IN 12 = 8", "3 DEBT_SETTLE 0 = 8"])
        #expect(taker.stored.lots.map(\.expiresAt) == [start + 3 * dayLength, nil])
        #expect(taker.stored.lots.map(\.original) == [10, 2])
        #expect(taker.remaining == [6, 2])
        #expect(taker.stored.totals.lifetimeEarned == 0)
        #expect(giver.stored.totals.lifetimeSpent == 0)
    }

    @Test func `early activation counts the time to live from then`() throws {
        var account = Account(
            PointsProgram(pendingDays: 30, expiry: .rolling(months: 12, .endOfDay)))
        try account.earn(10)
        #expect(account.stored.lots[0].expiresAt == instant("2027-07-31T00:00:00Z"))
        try account.run { (ledger) throws(PointsFailure) in try ledger.activate(lots: [.row(0)]) }
        #expect(account.told.last == "2 ACTIVATE 10 (-10) = 10")
        #expect(account.stored.lots[0].expiresAt == instant("2027-07-01T00:00:00Z"))
        for (ref, expected) in [
            (LedgerRef.row(0), PointsFailure.lotNotPending(.row(0), .active)),
            (.row(5), .lotNotFound(.row(5))),
        ] {
            #expect(
                failure { () throws(PointsFailure) in
                    try account.run { (ledger) throws(PointsFailure) in
                        try ledger.activate(lots: [ref])
                    }
                } == expected)
        }
    }

    @Test func `each refusal has its code`() throws {
        var account = Account()
        try account.earn(10)
        try account.redeem(1)
        var closed = account
        closed.program.isOpen = false
        func code(
            _ account: Account, _ body: (inout PointsLedger) throws(PointsFailure) -> Void
        ) -> String? {
            var account = account
            return failure { () throws(PointsFailure) in try account.run(body) }?.code
        }
        #expect(
            code(closed) { (l) throws(PointsFailure) in try l.redeem(points: 1) }
                == "PROGRAM_CLOSED")
        #expect(
            code(closed) { (l) throws(PointsFailure) in try l.earn(points: 1) }
                == "PROGRAM_CLOSED")
        #expect(
            code(account) { (l) throws(PointsFailure) in try l.redeem(points: 10) }
                == "INSUFFICIENT_POINTS")
        for points in [0, -1, Int64.min] {
            #expect(
                code(account) { (l) throws(PointsFailure) in try l.redeem(points: points) }
                    == "NON_POSITIVE_AMOUNT")
            #expect(
                code(account) { (l) throws(PointsFailure) in try l.earn(points: points) }
                    == "NON_POSITIVE_AMOUNT")
            #expect(
                code(account) { (l) throws(PointsFailure) in
                    _ = try l.hold(points: points, forMilliseconds: 1_000)
                } == "NON_POSITIVE_AMOUNT")
        }
        #expect(
            code(account) { (l) throws(PointsFailure) in try l.adjust(by: 0) }
                == "NON_POSITIVE_AMOUNT")
        #expect(
            code(account) { (l) throws(PointsFailure) in try l.adjust(by: -10) }
                == "INSUFFICIENT_POINTS")
        // I25: nothing is owed where the program lets nothing be owed.
        #expect(
            code(account) { (l) throws(PointsFailure) in
                try l.adjust(by: -10, allowNegative: true)
            } == "INSUFFICIENT_POINTS")
        #expect(
            code(account) { (l) throws(PointsFailure) in try l.adjust(by: 1, expiresAt: start) }
                == "LOT_EXPIRED")
        #expect(
            code(account) { (l) throws(PointsFailure) in
                _ = try l.hold(points: 1, forMilliseconds: 999)
            } == "INVALID")
        #expect(
            code(account) { (l) throws(PointsFailure) in
                try l.earn(points: 1, occurredAt: start + 300_001)
            } == "INVALID")
        #expect(
            code(account) { (l) throws(PointsFailure) in try l.release(hold: .row(9)) }
                == "HOLD_NOT_OPEN")
        let adjustment = ReversibleEntry(
            ref: .row(1), type: .adjust, points: 1, reversed: 0, allocations: [])
        #expect(
            code(account) { (l) throws(PointsFailure) in _ = try l.reverse(adjustment) }
                == "NOT_REVERSIBLE")
        #expect(PointsFailure.earnLimitReached(asked: 1, allowed: 0).code == "EARN_LIMIT_REACHED")
        #expect(PointsFailure.holdExpired(.row(1), at: 0).code == "HOLD_EXPIRED")
        #expect(PointsFailure.transferToSelf.code == "INVALID")
        #expect(PointsFailure.ledgerBroken(.negative).code == nil)
    }

    @Test func `I20: rows that contradict each other are refused`() {
        let lot = PointsLot(
            ref: .row(1), status: .active, original: 10, remaining: 10, earnedAt: 0,
            activatesAt: 0, expiresAt: nil, creation: 1)
        let hold = PointsHold(
            ref: .row(1), status: .open, points: 4, expiresAt: start + hour,
            pins: [LotAllocation(lot: .row(1), points: 4)])
        let good = PointsAccountState(
            totals: PointsTotals(active: 10, held: 4), lastSeq: 1, lots: [lot], holds: [hold])
        func refusal(_ change: (inout PointsAccountState) -> Void) -> PointsFailure? {
            var state = good
            change(&state)
            return failure { () throws(PointsFailure) in
                _ = try PointsLedger(state, PointsProgram(), now: start)
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(
            refusal { $0.totals.active = 11 } == .ledgerBroken(.active(total: 11, lots: 10)))
        #expect(
            refusal { $0.totals.pending = 1 } == .ledgerBroken(.pending(total: 1, lots: 0)))
        #expect(refusal { $0.totals.held = 3 } == .ledgerBroken(.held(total: 3, holds: 4)))
        #expect(refusal { $0.totals.owed = -1 } == .ledgerBroken(.negative))
        #expect(
            refusal { $0.holds[0].pins[0].points = 11 } == .ledgerBroken(.pins(lot: .row(1))))
        #expect(refusal { $0.holds[0].points = 5 } == .ledgerBroken(.held(total: 5, holds: 4)))
        #expect(
            refusal { $0.holds[0].pins[0].lot = .row(2) } == .ledgerBroken(.pins(lot: .row(2))))
        #expect(refusal { $0.lots[0].remaining = -1 } == .ledgerBroken(.negative))
    }

    @Test func `nothing that is asked for traps, and no total leaves its range`() throws {
        let extremes: [Int64] = [
            .min, -PointsAmount.max, -1, 0, 1, PointsAmount.max - 1, PointsAmount.max, .max,
        ]
        for policy in ReturnPolicy.allCases {
            for first in extremes {
                for second in extremes {
                    for operation in 0..<7 {
                        var account = Account(PointsProgram(returnPolicy: policy))
                        try account.earn(1)
                        try account.redeem(1)
                        for points in [first, second] {
                            _ = failure { () throws(PointsFailure) in
                                switch operation {
                                case 0: try account.earn(points)
                                case 1: try account.earn(1, at: points)
                                case 2: try account.redeem(points)
                                case 3:
                                    try account.run { (l) throws(PointsFailure) in
                                        try l.adjust(by: points, allowNegative: true)
                                    }
                                case 4: _ = try account.reverse(1, points)
                                case 5: _ = try account.reverse(2, points)
                                default:
                                    try account.run { (l) throws(PointsFailure) in
                                        _ = try l.hold(points: 1, forMilliseconds: points)
                                    }
                                }
                            }
                            let totals = account.stored.totals
                            #expect(abs(totals.balance) <= PointsAmount.max)
                            #expect(totals.lifetimeEarned <= PointsAmount.max)
                        }
                    }
                }
            }
        }
        for now in [Int64.min, Int64.max] {
            _ = failure { () throws(PointsFailure) in
                var ledger = try PointsLedger(
                    PointsAccountState(), PointsProgram(pendingDays: .max), now: now)
                _ = try ledger.earn(points: 1)
                _ = try ledger.hold(points: 1, forMilliseconds: 1_000)
            }
        }
    }
}
