import Bytes

/// When a membership is to end.
enum CancelMode: String, CaseIterable, Sendable {
    /// Now.
    case immediate = "IMMEDIATE"
    /// After its last day.
    case atTermEnd = "AT_TERM_END"
}

extension Holding {
    /// Ends it now, or lets it run to its last day. Nothing is deleted, and no term is shortened.
    ///
    /// After its last day a membership that was cancelled to its end has no grace; renewing it
    /// before then takes the cancellation back.
    ///
    /// - Throws: `transition` when it is cancelled or its member has died; `lifetime` and
    ///   `inherited` where there is no own term to run to its end.
    func cancelled(_ mode: CancelMode, on today: Int32) throws(TermRefusal) -> Holding {
        let status = facts.unpinnedStatus(on: today)
        if status == .cancelled || status == .deceased { throw .transition(from: status) }
        var holding = self
        holding.autoRenew = false
        holding.pending = nil
        switch mode {
        case .immediate:
            holding.cancelledFrom = today
            holding.pause = nil
        case .atTermEnd:
            if let inheritedFrom { throw .inherited(from: inheritedFrom) }
            guard let end = dates.end else { throw .lifetime }
            holding.cancelledFrom = max(today, end &+ 1)
        }
        return holding
    }

    /// Lets it renew by itself, or not.
    ///
    /// - Throws: `inherited`; `lifetime` without an end; `transition` when it is cancelled, or to
    ///   be cancelled, or its member has died.
    func renewing(byItself isOn: Bool, on today: Int32) throws(TermRefusal) -> Holding {
        if let inheritedFrom { throw .inherited(from: inheritedFrom) }
        let status = facts.unpinnedStatus(on: today)
        if isOn {
            if type.unit == .lifetime && dates.end == nil { throw .lifetime }
            if cancelledFrom != nil || status == .deceased { throw .transition(from: status) }
        }
        var holding = self
        holding.autoRenew = isOn
        return holding
    }

    /// Pauses it from `today` on.
    ///
    /// - Parameter until: the last day of the pause; until resumed when `nil`.
    /// - Throws: `inherited`; `transition` unless it is new or current; `dayBefore` and
    ///   `pausePastEnd` for a last day before today or after the membership's.
    func suspended(on today: Int32, until: Int32?) throws(TermRefusal) -> Holding {
        if let inheritedFrom { throw .inherited(from: inheritedFrom) }
        let status = facts.unpinnedStatus(on: today)
        guard status == .new || status == .current else { throw .transition(from: status) }
        if let until {
            if until < today { throw .dayBefore(today) }
            if let end = dates.end, until > end { throw .pausePastEnd(end: end) }
        }
        var holding = self
        holding.pause = Pause(from: today, until: until)
        return holding
    }

    /// Ends the pause; also one whose last day has gone by, so that its days can be given back.
    ///
    /// - Parameter isExtended: whether as many days as were paused are added at the end, as a term
    ///   of their own.
    /// - Throws: `transition` when there is no pause, or it is cancelled; `beyondCalendar`.
    func resumed(on today: Int32, isExtended: Bool = true) throws(TermRefusal) -> Holding {
        let status = facts.unpinnedStatus(on: today)
        guard let pause, status != .cancelled, status != .deceased else {
            throw .transition(from: status)
        }
        var holding = self
        holding.pause = nil
        let days = Holding.pausedDays(pause, on: today)
        guard isExtended, days > 0, let end = dates.end else { return holding }
        guard Int64(end) + days <= Int64(CivilDate.dayNumberMax) else { throw .beyondCalendar }
        let added = TermDates(start: end + 1, end: end + Int32(days))
        holding.terms.append(
            Term(
                seq: (terms.last?.seq ?? 0) + 1, kind: .adjustment, type: type.key, dates: added,
                payment: nil, countedOn: today))
        holding.dates.end = added.end
        return holding
    }

    /// How many days of a pause have been, before `today`.
    private static func pausedDays(_ pause: Pause, on today: Int32) -> Int64 {
        let over = min(Int64(today), pause.until.map { Int64($0) + 1 } ?? Int64(today))
        return max(over - Int64(pause.from), 0)
    }

    /// Pins a status, or with `nil` removes the pin.
    ///
    /// - Parameter until: the last day on which it holds.
    /// - Throws: `reasonMissing`, `dayBefore`.
    func pinned(
        _ status: MembershipStatus?, until: Int32?, reason: String, on today: Int32
    ) throws(TermRefusal) -> Holding {
        if reason.allSatisfy(\.isWhitespace) { throw .reasonMissing }
        if let until, until < today { throw .dayBefore(today) }
        var holding = self
        holding.pinned = status.map { StatusOverride(status: $0, until: until) }
        return holding
    }

    /// A membership that shares this one: its dates and its status, and no terms of its own.
    ///
    /// - Parameter count: how many already share it and have not ended.
    /// - Throws: `inherited` when this one is shared itself, `primaryNotCurrent`, `inheritLimit`.
    func shared(by count: Int, on today: Int32) throws(TermRefusal) -> Holding {
        if let inheritedFrom { throw .inherited(from: inheritedFrom) }
        let status = status(on: today)
        guard status.isCurrent else { throw .primaryNotCurrent(status) }
        if let most = type.inheritedMax, count >= most { throw .inheritLimit(most) }
        return Holding(
            type: type, joined: min(today, dates.start), dates: dates, autoRenew: false,
            inheritedFrom: key)
    }

    /// A membership that shares `primary`, after a change of that one. I14: its dates and type are
    /// the primary's; what it is by itself, such as cancelled, stays.
    func following(_ primary: Holding) -> Holding {
        var holding = self
        holding.type = primary.type
        holding.dates = primary.dates
        holding.joined = min(joined, primary.dates.start)
        return holding
    }
}
