@testable import Membership
import Testing

/// A points account as a store would keep it: takes the changes of decisions, checks that every
/// entry explains itself, and hands out what the next decision needs.
struct StoredAccount {
    struct Entry {
        var draft: PointsEntryDraft
        /// How much of it has been taken back.
        var reversed: Int64 = 0
        /// The lot that an earning made.
        var lot: Int?
    }

    /// The pieces of I21.
    struct LotHistory {
        var taken: Int64 = 0
        var restored: Int64 = 0
        var lapsed: Int64 = 0
        /// As the entries alone tell it.
        var remaining: Int64
        var isActive: Bool
    }

    var totals = PointsTotals()
    var entries: [Entry] = []
    var lots: [PointsLot] = []
    var histories: [LotHistory] = []
    var holds: [PointsHold] = []
    /// Active less owed, pending, and owed points, as the entries alone tell it.
    private(set) var sumOfDeltas: Int64 = 0
    private var sumOfPending: Int64 = 0
    private var replayedActive: Int64 = 0
    private var replayedOwed: Int64 = 0
    private(set) var fault: String?

    /// What a decision needs: open lots and holds, and lots that it names.
    func state(naming named: [LotAllocation] = []) -> PointsAccountState {
        let names = Set(named.map(\.lot))
        return PointsAccountState(
            totals: totals, lastSeq: Int64(entries.count),
            lots: lots.filter {
                $0.status == .pending || $0.status == .active || names.contains($0.ref)
            },
            holds: holds.filter { $0.status == .open })
    }

    mutating func write(_ changes: LedgerChanges) {
        let firstLot = lots.count
        func stored(_ ref: LedgerRef) -> LedgerRef {
            guard case .new(let place) = ref else { return ref }
            return .row(UInt64(firstLot + place))
        }
        for created in changes.createdLots {
            var lot = created.lot
            lot.ref = stored(lot.ref)
            lot.creation = UInt64(lots.count)
            lots.append(lot)
        }
        for lot in changes.changedLots {
            guard case .row(let number) = lot.ref else { continue }
            lots[Int(number)] = lot
        }
        for (place, entry) in changes.entries.enumerated() {
            var entry = entry
            entry.allocations = entry.allocations.map {
                LotAllocation(lot: stored($0.lot), points: $0.points)
            }
            let created = changes.createdLots.indices.filter {
                changes.createdLots[$0].sourceEntry == place
            }
            .map { firstLot + $0 }
            replay(entry, created)
        }
        for hold in changes.endedHolds {
            expect(hold.status != .open, "an ended hold is not open")
            if let place = holds.firstIndex(where: { $0.ref == hold.ref }) { holds[place] = hold }
        }
        for hold in changes.createdHolds {
            var hold = hold
            hold.ref = .row(UInt64(holds.count))
            hold.pins = hold.pins.map { LotAllocation(lot: stored($0.lot), points: $0.points) }
            holds.append(hold)
        }
        totals = changes.totals
        expect(changes.lastSeq == Int64(entries.count), "I19: the last number is told")
        checkRest()
    }

    /// I19, I21 and I22 after every single entry.
    private mutating func replay(_ entry: PointsEntryDraft, _ created: [Int]) {
        let seq = Int64(entries.count) + 1
        expect(entry.seq == seq, "I19: numbers without a gap")
        for lot in created {
            let isActive = entry.pendingDelta == 0
            histories.append(
                LotHistory(remaining: lots[lot].original, isActive: isActive))
            if isActive { replayedActive += lots[lot].original }
        }
        let allocated = entry.allocations.reduce(0) { $0 + $1.points }
        for allocation in entry.allocations {
            guard case .row(let number) = allocation.lot, allocation.points > 0 else {
                expect(false, "an allocation names a lot")
                continue
            }
            let lot = Int(number)
            let isActive = histories[lot].isActive
            switch entry.type {
            case .redeem, .earnReversal, .adjust, .transferOut, .transferIn, .pendingCancel,
                .debtSettle:
                histories[lot].taken += allocation.points
                histories[lot].remaining -= allocation.points
                if isActive { replayedActive -= allocation.points }
            case .redeemReversal:
                histories[lot].restored += allocation.points
                histories[lot].remaining += allocation.points
                replayedActive += allocation.points
            case .expire:
                histories[lot].lapsed += allocation.points
                histories[lot].remaining -= allocation.points
                replayedActive -= allocation.points
            case .earn, .activate:
                if entry.type == .activate {
                    expect(!isActive, "only a pending lot becomes active")
                    histories[lot].isActive = true
                    replayedActive += allocation.points
                }
            }
            expect(histories[lot].remaining >= 0, "a lot never holds less than nothing")
        }
        switch entry.type {
        case .redeem: expect(allocated == -entry.delta, "I22: allocations are what was spent")
        case .expire: expect(allocated == -entry.delta, "I22: allocations are what lapsed")
        case .debtSettle:
            expect(entry.delta == 0, "I25: paying a debt changes no balance")
            replayedOwed -= allocated
        case .earnReversal: replayedOwed += -entry.delta - allocated
        case .adjust, .transferIn:
            if entry.delta < 0 { replayedOwed += -entry.delta - allocated }
        case .transferOut: if entry.delta > 0 { replayedOwed -= entry.delta }
        default: break
        }
        sumOfDeltas += entry.delta
        sumOfPending += entry.pendingDelta
        expect(entry.balanceAfter == sumOfDeltas, "I19: the balance is the sum of the deltas")
        expect(sumOfDeltas == replayedActive - replayedOwed, "I19: sum(delta) = active − owed")
        if case .row(let reversed) = entry.reverses {
            let back = entry.type == .redeemReversal ? entry.delta : -entry.qualifying
            entries[Int(reversed) - 1].reversed += back
        }
        entries.append(Entry(draft: entry, lot: created.first))
    }

    /// I20, I21 and I26 once the operation is over.
    private mutating func checkRest() {
        var active: Int64 = 0
        var pending: Int64 = 0
        for (lot, history) in zip(lots, histories) {
            expect(lot.remaining == history.remaining, "a lot is what its entries made of it")
            expect(
                lot.original
                    == lot.remaining + history.taken - history.restored + history.lapsed,
                "I21: original = remaining + taken − restored + lapsed")
            switch lot.status {
            case .active:
                active += lot.remaining
                expect(lot.remaining > 0, "an active lot holds something")
            case .pending:
                pending += lot.remaining
                expect(lot.remaining > 0, "a pending lot holds something")
            case .depleted, .expired, .cancelled:
                expect(lot.remaining == 0, "a finished lot holds nothing")
            }
        }
        expect(totals.active == active, "I20: active is the sum of the active lots")
        expect(totals.pending == pending, "I20: pending is the sum of the pending lots")
        expect(totals.pending == sumOfPending, "I19: pending is the sum of the pending deltas")
        expect(totals.owed == replayedOwed, "I20: owed is what returns could not take")
        expect(totals.owed == 0 || totals.active == 0, "I20: who owes has none")
        let held = holds.reduce(0) { $0 + ($1.status == .open ? $1.points : 0) }
        expect(totals.held == held, "I20: held is the sum of the open holds")
        expect(held <= totals.active, "I26: never more held than active")
    }

    private mutating func expect(_ condition: Bool, _ sentence: String) {
        if !condition, fault == nil { fault = sentence }
    }

    /// An earning or a spending, to be taken back.
    func reversible(_ place: Int) -> ReversibleEntry {
        let entry = entries[place]
        return ReversibleEntry(
            ref: .row(UInt64(place + 1)), type: entry.draft.type,
            points: abs(entry.draft.delta) + abs(entry.draft.pendingDelta),
            reversed: entry.reversed,
            allocations: entry.draft.type == .redeem
                ? entry.draft.allocations
                : entry.lot.map {
                    [LotAllocation(lot: .row(UInt64($0)), points: lots[$0].original)]
                } ?? [])
    }

    /// The sum of `delta` over the entries whose `at` is `instant` or earlier.
    func recorded(at instant: Int64) -> Int64 {
        entries.reduce(0) { $0 + ($1.draft.at <= instant ? $1.draft.delta : 0) }
    }
}
