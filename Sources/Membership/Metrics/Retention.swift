/// Who stayed, who was active. Members are keys; merged, erased and prospective ones are left out
/// by whoever gathers them.
enum Retention {
    /// Of those held at the beginning, those held at the end. Its ``Ratio/rest`` is the churn.
    ///
    /// On sets, so that who left and came back within the time counts once, and who joined within
    /// it not at all.
    static func rate(start: Set<Int64>, end: Set<Int64>) -> Ratio {
        Ratio(start.intersection(end).count, start.count)
    }

    /// Of the members, those with a qualifying activity.
    static func activeRate(members: Set<Int64>, active: Set<Int64>) -> Ratio {
        Ratio(members.intersection(active).count, members.count)
    }

    /// What counts as activity unless told otherwise: not what is done to a member, such as a
    /// message or an expiry.
    static let qualifyingActivities: Set<String> = [
        "LOGIN", "PURCHASE", "EVENT_CHECKED_IN", "POINTS_REDEEMED", "POSTED", "SCANNED",
    ]
}

extension Holding {
    /// Whether it counted on a day of the past, by the log of its terms: within a term, or in the
    /// grace after one.
    func wasCurrent(on day: Int32) -> Bool {
        if isDeceased { return false }
        if let cancelledFrom, day >= cancelledFrom { return false }
        if let pause, pause.holds(on: day) { return false }
        return terms.contains { term in
            guard day >= term.dates.start else { return false }
            guard let end = term.dates.end else { return true }
            return Int64(day) <= Int64(end) + Int64(type.graceDays)
        }
    }
}
