import Bytes
import Engine
import Store

/// A membership as it was read, and what writing it back needs to know.
struct LoadedHolding {
    let ref: RowRef
    let member: RowRef
    var holding: Holding
    /// Terms that have a row.
    let storedTerms: Int
    /// The day it is now, where the type is sold.
    let today: Int32
    let calendar: LocalCalendar
}

/// Reads memberships with their terms, and writes them back with all that follows: the status, the
/// moment at which it changes next, and the memberships that share them.
struct HoldingDesk: BoundTables {
    let types: MembershipTypeTable
    let memberships: MembershipTable
    let terms: TermTable
    let desk: MemberDesk
    private let chapters: ChapterCalendars

    init(_ binder: RuleBinder) {
        types = binder.shared()
        memberships = binder.shared()
        terms = binder.shared()
        desk = binder.shared()
        chapters = binder.shared()
    }

    func calendar(of type: RowRef, _ data: DataView) -> LocalCalendar {
        chapters.calendar(of: data.row(types.table, type)[types.chapter], data)
    }

    // MARK: Reading

    /// - Parameter now: the moment to judge by.
    func load(_ ref: RowRef, _ data: DataView, now: Int64? = nil) -> LoadedHolding {
        let row = data.row(memberships.table, ref)
        let typeRef = row[memberships.type]
        let calendar = calendar(of: typeRef, data)
        let today = calendar.day(of: now ?? data.now)
        let type = types.type(typeRef, data)
        let dates = TermDates(start: row[memberships.startDate], end: row[memberships.endDate])
        let stored = data.rows(terms.ofMembership, .row(ref)).map { terms.term($0, data) }
        var holding = Holding(
            key: Int64(ref.rawValue), type: type, joined: row[memberships.joinDate], dates: dates,
            terms: stored, visitsLeft: row[memberships.visitsLeft],
            autoRenew: row[memberships.autoRenew], cancelledFrom: row[memberships.cancelledFrom],
            inheritedFrom: row[memberships.inheritedFrom].map { Int64($0.rawValue) })
        if let count = row[memberships.pendingTerms] {
            let pendingType = row[memberships.pendingType].map { types.type($0, data) } ?? type
            holding.pending = PendingTerms(
                count: count, type: pendingType, start: row[memberships.pendingStart])
        }
        if let from = row[memberships.pausedFrom] {
            holding.pause = Pause(from: from, until: row[memberships.pausedUntil])
        }
        if let status = row[memberships.statusOverride] {
            holding.pinned = StatusOverride(status: status, until: row[memberships.overrideUntil])
        }
        complete(&holding, row[memberships.status])
        return LoadedHolding(
            ref: ref, member: row[memberships.member], holding: holding,
            storedTerms: stored.count, today: today, calendar: calendar)
    }

    /// A membership that came from a file has dates and a status, and no terms: the dates are its
    /// first term, which counts unless the status says that it waits.
    private func complete(_ holding: inout Holding, _ status: MembershipStatus) {
        guard holding.terms.isEmpty, holding.pending == nil, holding.inheritedFrom == nil else {
            return
        }
        if status == .pending {
            holding.pending = PendingTerms(
                count: 1, type: holding.type, start: holding.dates.start)
            return
        }
        if holding.cancelledFrom == nil && status == .cancelled {
            holding.cancelledFrom = holding.dates.start
        }
        if holding.pause == nil && status == .suspended {
            holding.pause = Pause(from: holding.dates.start)
        }
        holding.isDeceased = holding.isDeceased || status == .deceased
        holding.terms = [
            Term(
                seq: 1, kind: .new, type: holding.type.key, dates: holding.dates, payment: nil,
                countedOn: holding.dates.start)
        ]
    }

    /// The status on a day, the shared membership's included.
    func status(_ loaded: LoadedHolding, _ data: DataView) -> MembershipStatus {
        let holding = loaded.holding
        if let pinned = holding.pinned, pinned.holds(on: loaded.today) { return pinned.status }
        guard let primary = holding.inheritedFrom else { return holding.status(on: loaded.today) }
        return load(RowRef(key: primary), data, now: loaded.calendar.start(ofDay: loaded.today))
            .holding.facts.inheritedStatus(
                on: loaded.today, ownCancelledFrom: holding.cancelledFrom,
                isHeirDeceased: holding.isDeceased)
    }

    /// When the status changes next by itself.
    private func nextChange(_ loaded: LoadedHolding, _ data: DataView) -> Int64? {
        let holding = loaded.holding
        var day = holding.facts.nextChange(after: loaded.today)
        if let primary = holding.inheritedFrom {
            let shared = load(
                RowRef(key: primary), data, now: loaded.calendar.start(ofDay: loaded.today))
            let own = [holding.cancelledFrom, holding.pinned?.until.map { $0 &+ 1 }]
                .compactMap { $0 }.filter { $0 > loaded.today }
            day = ([shared.holding.facts.nextChange(after: loaded.today)] + own)
                .compactMap { $0 }.min()
        }
        return day.map { loaded.calendar.start(ofDay: $0) }
    }

    // MARK: Writing

    /// Writes a membership that changed, its new terms, and the memberships that share it.
    ///
    /// - Returns: the first of the terms that were added.
    @discardableResult
    func save(
        _ loaded: LoadedHolding, isPatch: Bool = true, _ call: RuleCall,
        _ set: (RowBuilder) -> Void = { _ in }
    ) throws(MutationStop) -> RowRef? {
        let holding = loaded.holding
        var added: RowRef?
        if let last = holding.terms.last, last.seq > loaded.storedTerms {
            for term in holding.terms where term.seq > loaded.storedTerms {
                let new = try terms.insert(term, of: loaded.ref, call)
                // A term that only now gets its row was there before.
                let isNew = term.seq > max(loaded.storedTerms, 1) || loaded.storedTerms > 0
                if added == nil && (isNew || holding.terms.count == 1) { added = new }
            }
        }
        let data = call.data
        let status = status(loaded, data)
        let changesAt = nextChange(loaded, data)
        try call.update(memberships.table, loaded.ref, isPatch: isPatch) { row in
            fill(row, holding)
            row[memberships.status] = status
            row[memberships.changesAt] = changesAt
            set(row)
        }
        for heir in call.data.rows(memberships.heirs, .row(loaded.ref)) {
            var shared = load(heir, call.data)
            shared.holding = shared.holding.following(holding)
            try save(shared, isPatch: isPatch, call)
        }
        return added
    }

    /// A new membership.
    func insert(
        _ holding: Holding, of member: RowRef, _ calendar: LocalCalendar, _ call: RuleCall
    ) throws(MutationStop) -> (membership: RowRef, term: RowRef?) {
        let ref = try call.insert(memberships.table) { row in
            row[memberships.member] = member
            fill(row, holding)
            if let primary = holding.inheritedFrom {
                row[memberships.inheritedFrom] = RowRef(key: primary)
            }
        }
        call.auditNew(memberships.table, ref)
        var holding = holding
        holding.key = Int64(ref.rawValue)
        let loaded = LoadedHolding(
            ref: ref, member: member, holding: holding, storedTerms: 0,
            today: calendar.day(of: call.now), calendar: calendar)
        return (ref, try save(loaded, isPatch: false, call))
    }

    private func fill(_ row: RowBuilder, _ holding: Holding) {
        row[memberships.type] = RowRef(key: holding.type.key)
        row[memberships.joinDate] = holding.joined
        row[memberships.startDate] = holding.dates.start
        row[memberships.endDate] = holding.dates.end
        row[memberships.autoRenew] = holding.autoRenew
        row[memberships.cancelledFrom] = holding.cancelledFrom
        row[memberships.pausedFrom] = holding.pause?.from
        row[memberships.pausedUntil] = holding.pause?.until
        row[memberships.visitsLeft] = holding.visitsLeft.map { Int(Int32(clamping: $0)) }
        row[memberships.pendingTerms] = holding.pending?.count
        row[memberships.pendingType] = holding.pending.map { RowRef(key: $0.type.key) }
        row[memberships.pendingStart] = holding.pending?.start
        row[memberships.statusOverride] = holding.pinned?.status
        row[memberships.overrideUntil] = holding.pinned?.until
    }

    // MARK: The clock

    /// Whether the status is not that of a moment, or the clock does not know when it changes.
    func isStale(_ ref: RowRef, _ data: DataView, at moment: Int64) -> Bool {
        // What the clock is to change later is right until then.
        if let changesAt = data.row(memberships.table, ref)[memberships.changesAt],
            changesAt > moment
        {
            return false
        }
        let loaded = load(ref, data, now: moment)
        let row = data.row(memberships.table, ref)
        return status(loaded, data) != row[memberships.status]
            || nextChange(loaded, data) != row[memberships.changesAt]
    }

    /// Brings the status up to a moment.
    ///
    /// - Returns: whether anything is different now.
    func refresh(
        _ ref: RowRef, at moment: Int64, _ call: RuleCall
    ) throws(MutationStop) -> Bool {
        let data = call.data
        let loaded = load(ref, data, now: moment)
        let row = data.row(memberships.table, ref)
        let old = row[memberships.status]
        let status = status(loaded, data)
        let changesAt = nextChange(loaded, data)
        if status == old && row[memberships.changesAt] == changesAt { return false }
        try call.update(memberships.table, ref) { row in
            row[memberships.status] = status
            row[memberships.changesAt] = changesAt
        }
        if status == .expired && old != .expired { try noteLapse(loaded, call) }
        return true
    }

    private func noteLapse(_ loaded: LoadedHolding, _ call: RuleCall) throws(MutationStop) {
        let end = Int64(loaded.holding.dates.end ?? loaded.today)
        let day = end + Int64(loaded.holding.type.graceDays) + 1
        let over = Int32(clamping: min(day, Int64(loaded.today)))
        try desk.note(
            .lapsed, of: loaded.member, at: loaded.calendar.start(ofDay: over),
            subjectID: call.data.id(loaded.ref, of: memberships.table), call)
    }

    // MARK: Refusals

    /// Lets the pure rule decide.
    func decide(
        at field: String, _ call: RuleCall, _ rule: () throws(TermRefusal) -> Holding
    ) throws(MutationStop) -> Holding {
        do throws(TermRefusal) {
            return try rule()
        } catch {
            throw call.refuse(
                error.code.code, message(error, call.data), at: error.field ?? field)
        }
    }

    /// As ISO 8601 writes it.
    private func spelled(_ day: Int32) -> String {
        let date = CivilDate(dayNumber: day)
        func padded(_ number: Int, _ count: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(count - digits.count, 0)) + digits
        }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
    }

    private func message(_ refusal: TermRefusal, _ data: DataView) -> String {
        func id(_ key: Int64) -> String { data.id(RowRef(key: key), of: memberships.table) }
        return switch refusal {
        case .notSold: "This type of membership is not sold."
        case .termCount(let count): "\(count) terms are not 1 to \(Holding.termsMax)."
        case .beyondCalendar: "The last day would lie beyond the year 9999."
        case .alreadyHeld(let membership):
            "The member has the membership \(id(membership)) of the same chapter."
        case .unpaid(let minor): "The fee of \(minor) in minor units must be paid first."
        case .notRenewable(let status): "The membership is \(status.rawValue)."
        case .otherChapter: "The other type is sold by another chapter."
        case .lifetime: "The membership has no end that could be moved."
        case .inherited(let primary):
            "The membership shares \(id(primary)), which is the one to change."
        case .inheritLimit(let most): "At most \(most) members share this membership."
        case .primaryNotCurrent(let status): "The membership to share is \(status.rawValue)."
        case .transition(let status): "The membership is \(status.rawValue)."
        case .pausePastEnd(let end): "The membership ends on \(spelled(end))."
        case .dayBefore(let day): "The day lies before \(spelled(day))."
        case .reasonMissing: "A reason must be given."
        }
    }
}

extension TermRefusal {
    /// The field of the input that it is about, when there is one.
    fileprivate var field: String? {
        switch self {
        case .termCount: "terms"
        case .pausePastEnd, .dayBefore: "until"
        case .reasonMissing: "reason"
        default: nil
        }
    }
}
