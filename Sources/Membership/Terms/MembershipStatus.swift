/// Where a membership stands.
enum MembershipStatus: String, CaseIterable, Sendable {
    /// Waits for payment or approval, or for its first day.
    case pending = "PENDING"
    /// In its first days.
    case new = "NEW"
    case current = "CURRENT"
    /// Past its last day, in the days of grace.
    case grace = "GRACE"
    case expired = "EXPIRED"
    /// Ended before its last day, or not to go on after it.
    case cancelled = "CANCELLED"
    /// Paused.
    case suspended = "SUSPENDED"
    case deceased = "DECEASED"

    /// Whether a membership in this status counts as held.
    var isCurrent: Bool { self == .new || self == .current || self == .grace }
}

/// A status pinned by staff.
struct StatusOverride: Equatable, Sendable {
    var status: MembershipStatus
    /// The last day on which it holds; without end when `nil`.
    var until: Int32?

    func holds(on day: Int32) -> Bool { until.map { day <= $0 } ?? true }
}

/// A pause of a membership.
struct Pause: Equatable, Sendable {
    /// The first day of the pause.
    var from: Int32
    /// The last day of it; until resumed when `nil`.
    var until: Int32?

    func holds(on day: Int32) -> Bool { day >= from && (until.map { day <= $0 } ?? true) }
}

/// All that a membership's status follows from. A stored status is only a memory of it.
struct StatusFacts: Equatable, Sendable {
    /// The first day of the unbroken run of terms.
    var start: Int32
    /// The last day, included; none for a lifetime or for visits.
    var end: Int32?
    var newDays: Int = 0
    var graceDays: Int = 0
    /// Whether the first term waits for payment or approval.
    var isFirstTermOpen = false
    /// Visits left, where the term is measured in visits.
    var visitsLeft: Int?
    var pinned: StatusOverride?
    var isDeceased = false
    /// The first day on which it is cancelled.
    var cancelledFrom: Int32?
    var pause: Pause?

    /// The status on `day`. The first that fits, in this order: pinned, deceased, cancelled,
    /// suspended, pending, new, current, grace, expired.
    ///
    /// A membership that is past its last day is never new, however many days count as new. One
    /// that is measured in visits is over when they are used up, and has no grace. Source:
    /// CiviCRM's order of membership status rules.
    func status(on day: Int32) -> MembershipStatus {
        if let pinned, pinned.holds(on: day) { return pinned.status }
        return unpinnedStatus(on: day)
    }

    /// As ``status(on:)``, whatever staff pinned.
    func unpinnedStatus(on day: Int32) -> MembershipStatus {
        if isDeceased { return .deceased }
        if let cancelledFrom, day >= cancelledFrom { return .cancelled }
        if let pause, pause.holds(on: day) { return .suspended }
        return datedStatus(on: day)
    }

    /// What the dates, the payments and the visits say by themselves.
    func datedStatus(on day: Int32) -> MembershipStatus {
        if isFirstTermOpen || day < start { return .pending }
        if let visitsLeft, visitsLeft <= 0 { return .expired }
        guard let end else { return isNew(on: day) ? .new : .current }
        if day <= end { return isNew(on: day) ? .new : .current }
        return Int64(day) <= Int64(end) + Int64(graceDays) ? .grace : .expired
    }

    /// The next day, after `day`, on which the status changes by itself; `nil` if it never does.
    func nextChange(after day: Int32) -> Int32? {
        let now = status(on: day)
        var days: [Int64] = [Int64(start), Int64(start) + Int64(newDays)]
        if let end { days += [Int64(end) + 1, Int64(end) + Int64(graceDays) + 1] }
        if let until = pinned?.until { days.append(Int64(until) + 1) }
        if let cancelledFrom { days.append(Int64(cancelledFrom)) }
        if let pause { days.append(Int64(pause.from)) }
        if let until = pause?.until { days.append(Int64(until) + 1) }
        return days.sorted()
            .lazy.filter { $0 > Int64(day) }
            .compactMap { Int32(exactly: $0) }
            .first { status(on: $0) != now }
    }

    private func isNew(on day: Int32) -> Bool {
        Int64(day) < Int64(start) + Int64(newDays)
    }
}

extension StatusFacts {
    /// The status of a membership that shares this one: this one's, unless it was ended by itself.
    ///
    /// - Parameters:
    ///   - day: the day asked for.
    ///   - ownCancelledFrom: the first day on which the sharing one is cancelled.
    ///   - isHeirDeceased: whether the member who shares has died.
    func inheritedStatus(
        on day: Int32, ownCancelledFrom: Int32? = nil, isHeirDeceased: Bool = false
    ) -> MembershipStatus {
        if isHeirDeceased { return .deceased }
        if let ownCancelledFrom, day >= ownCancelledFrom { return .cancelled }
        let status = status(on: day)
        // Who shares lives on; what is shared has ended.
        return status == .deceased ? .cancelled : status
    }
}
