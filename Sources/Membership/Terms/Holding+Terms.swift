/// What a member already holds, as far as an application asks.
struct HeldMembership: Equatable, Sendable {
    var key: Int64
    var chapter: Int64
    var status: MembershipStatus
    var isInherited = false
}

extension Holding {
    /// A membership asked for on `today`.
    ///
    /// What costs nothing and needs no approval counts at once; the rest is pending until
    /// ``activated(on:payment:isWaived:)``.
    ///
    /// - Parameters:
    ///   - start: the first day asked for; today when `nil`. May lie in the past or the future.
    ///   - count: how many terms, one after the other.
    ///   - held: all memberships of the member. One of the same chapter stands in the way unless
    ///     it is cancelled, or shared and over.
    /// - Throws: `notSold`, `termCount`, `alreadyHeld`, `lifetime` for several lifetimes,
    ///   `beyondCalendar`.
    static func applied(
        for type: MembershipType, on today: Int32, start: Int32? = nil, count: Int = 1,
        held: [HeldMembership] = []
    ) throws(TermRefusal) -> Holding {
        guard type.isActive else { throw .notSold(type: type.key) }
        try check(count, of: type)
        if !type.allowsSeveral {
            let other = held.first {
                $0.chapter == type.chapter && $0.status != .cancelled
                    && !($0.isInherited && !$0.status.isCurrent)
            }
            if let other { throw .alreadyHeld(membership: other.key) }
        }
        let day = start ?? today
        let terms = try joiningTerms(count, of: type, from: day, on: today, payment: nil)
        let first = terms[0].dates.start
        var holding = Holding(
            type: type, joined: min(today, first),
            dates: TermDates(start: first, end: terms[terms.count - 1].dates.end),
            autoRenew: type.autoRenew)
        if type.waitsForActivation {
            holding.pending = PendingTerms(count: count, type: type, start: start)
        } else {
            holding.append(terms, count, of: type)
        }
        return holding
    }

    /// Counts the pending terms, because they are paid or approved. Once: with nothing pending, or
    /// a payment that already bought a term, nothing changes.
    ///
    /// Dates that were relative to the activation are those of `today`. A renewal that is paid only
    /// after the grace is a return.
    ///
    /// - Parameters:
    ///   - payment: which payment succeeded.
    ///   - isWaived: whether staff let it pass without one.
    /// - Throws: `unpaid`, `beyondCalendar`, `transition` from cancelled or deceased.
    func activated(
        on today: Int32, payment: Int64?, isWaived: Bool = false
    ) throws(TermRefusal) -> Holding {
        if let payment, terms.contains(where: { $0.payment == payment }) { return self }
        guard let pending else { return self }
        let status = facts.unpinnedStatus(on: today)
        if status == .cancelled || status == .deceased { throw .transition(from: status) }
        if pending.type.feeMinor > 0 && payment == nil && !isWaived {
            throw .unpaid(feeMinor: pending.type.feeMinor)
        }
        var holding = self
        holding.pending = nil
        if terms.isEmpty {
            let new = try Holding.joiningTerms(
                pending.count, of: pending.type, from: pending.start ?? today, on: today,
                payment: payment)
            holding.joined = min(today, new[0].dates.start)
            holding.append(new, pending.count, of: pending.type)
        } else {
            try holding.extend(pending.count, of: pending.type, on: today, payment: payment)
        }
        return holding
    }

    /// Further terms, from the day after the last while the membership is held or in grace, from
    /// `today` after that.
    ///
    /// What must be paid and is not yet stays pending and moves no date. Visits are added to those
    /// left; a change from visits to days begins today and ends them.
    ///
    /// - Parameters:
    ///   - other: the type to change to; the same chapter's.
    ///   - payment: which payment bought them.
    ///   - isWaived: whether staff let it pass without one.
    /// - Throws: `inherited`, `lifetime`, `notRenewable`, `otherChapter`, `notSold`, `termCount`,
    ///   `unpaid` when the first term is not paid yet, `beyondCalendar`.
    func renewed(
        _ count: Int = 1, into other: MembershipType? = nil, on today: Int32, payment: Int64?,
        isWaived: Bool = false
    ) throws(TermRefusal) -> Holding {
        if let inheritedFrom { throw .inherited(from: inheritedFrom) }
        let status = status(on: today)
        if status == .cancelled || status == .deceased { throw .notRenewable(status) }
        if type.unit == .lifetime && dates.end == nil { throw .lifetime }
        if let payment, terms.contains(where: { $0.payment == payment }) { return self }
        if terms.isEmpty { throw .unpaid(feeMinor: type.feeMinor) }
        let next = other ?? type
        guard next.chapter == type.chapter else { throw .otherChapter(next.chapter) }
        guard next.isActive else { throw .notSold(type: next.key) }
        try Holding.check(count, of: next)
        var holding = self
        if next.feeMinor > 0 && payment == nil && !isWaived {
            // The dates are worked out all the same: better refused now than when it is paid.
            try holding.extend(count, of: next, on: today, payment: nil)
            holding = self
            holding.pending = PendingTerms(count: count, type: next, start: nil)
            return holding
        }
        holding.pending = nil
        try holding.extend(count, of: next, on: today, payment: payment)
        return holding
    }

    private static func check(_ count: Int, of type: MembershipType) throws(TermRefusal) {
        guard 1...termsMax ~= count else { throw .termCount(count) }
        if type.unit == .lifetime && count > 1 { throw .lifetime }
    }

    /// Several terms at once are the same as one after the other.
    private static func joiningTerms(
        _ count: Int, of type: MembershipType, from day: Int32, on today: Int32, payment: Int64?
    ) throws(TermRefusal) -> [Term] {
        guard let first = TermDates(joining: day, type) else { throw .beyondCalendar }
        return try run(
            count, of: type, from: first, .new, .renewal, seq: 1, on: today, payment: payment)
    }

    private static func run(
        _ count: Int, of type: MembershipType, from first: TermDates, _ kind: TermKind,
        _ rest: TermKind, seq: Int, on today: Int32, payment: Int64?
    ) throws(TermRefusal) -> [Term] {
        var terms = [
            Term(
                seq: seq, kind: kind, type: type.key, dates: first, payment: payment,
                countedOn: today)
        ]
        while terms.count < count {
            // Visits add up; they do not follow each other in time.
            guard let end = terms[terms.count - 1].dates.end else { break }
            // A last day is at most that of the year 9999, far from the largest number.
            guard let dates = TermDates(renewingFrom: end &+ 1, type, previous: type) else {
                throw .beyondCalendar
            }
            terms.append(
                Term(
                    seq: seq + terms.count, kind: rest, type: type.key, dates: dates,
                    payment: payment, countedOn: today))
        }
        return terms
    }

    /// Adds terms that are paid for.
    private mutating func extend(
        _ count: Int, of next: MembershipType, on today: Int32, payment: Int64?
    ) throws(TermRefusal) {
        // What staff pinned says nothing about the dates, and in a pause no day is used up.
        let judged = pause.map { $0.holds(on: today) ? $0.from : today } ?? today
        let isReturn = facts.datedStatus(on: judged) == .expired
        let kind: TermKind = isReturn ? .rejoin : next.key == type.key ? .renewal : .upgrade
        let first: TermDates?
        if isReturn || dates.end == nil {
            first = TermDates(rejoining: max(today, dates.start), next)
        } else {
            first = dates.end.flatMap {
                TermDates(renewingFrom: $0 &+ 1, next, previous: type)
            }
        }
        guard let first else { throw .beyondCalendar }
        let new = try Holding.run(
            count, of: next, from: first, kind, kind == .rejoin ? .renewal : kind,
            seq: (terms.last?.seq ?? 0) + 1, on: today, payment: payment)
        append(new, count, of: next, isReturn: isReturn)
    }

    private mutating func append(
        _ new: [Term], _ count: Int, of next: MembershipType, isReturn: Bool = true
    ) {
        let hadVisits = type.unit == .visit && next.unit == .visit
        terms += new
        if next.unit == .visit {
            let (bought, isOver) = (next.visits ?? 0).multipliedReportingOverflow(by: count)
            let (sum, isSumOver) = bought.addingReportingOverflow(
                hadVisits ? max(visitsLeft ?? 0, 0) : 0)
            visitsLeft = isOver || isSumOver ? Int.max : sum
        } else {
            visitsLeft = nil
        }
        // Visits that are bought on top begin no new run.
        let start = hadVisits && !isReturn ? dates.start : nil
        if let run = Holding.lastRun(of: terms) { dates = run }
        if let start { dates.start = start }
        type = next
        cancelledFrom = nil
    }
}
