/// Where a member stands between joining and leaving.
enum LifecycleStage: String, CaseIterable, Sendable {
    /// Joined, and not active yet.
    case registered = "REGISTERED"
    case active = "ACTIVE"
    case dormant = "DORMANT"
    case churned = "CHURNED"
    /// Gone once, and active again.
    case wonBack = "WON_BACK"
}

/// A chapter's thresholds, in days.
struct LifecycleRules: Equatable, Sendable {
    /// For so long after joining, somebody who has done nothing yet is registered.
    var registeredDays = 30
    /// For so long after the last activity, a member is active.
    var activeDays = 30
    /// For so long after it, not yet gone.
    var dormantDays = 90
    /// For so long after coming back, won back.
    var wonBackDays = 30
}

/// What a member's stage follows from. Days are day numbers.
struct LifecycleFacts: Equatable, Sendable {
    var joined: Int32
    /// The last day with an activity other than joining.
    var lastActive: Int32?
    /// The day of the first activity after the member had been gone, if ever.
    var returned: Int32?
    /// Whether a membership has expired and none is held.
    var isLapsed = false

    /// The stage on `day`; a stored stage is only a memory of it.
    func stage(on day: Int32, _ rules: LifecycleRules = LifecycleRules()) -> LifecycleStage {
        if isLapsed { return .churned }
        guard let lastActive else {
            let age = Int(day) - Int(joined)
            // Who never did anything grows quiet like everybody else.
            return age <= rules.registeredDays
                ? .registered : age <= rules.dormantDays ? .dormant : .churned
        }
        let quiet = Int(day) - Int(lastActive)
        if quiet > rules.dormantDays { return .churned }
        if quiet > rules.activeDays { return .dormant }
        if let returned, returned <= day, Int(day) - Int(returned) <= rules.wonBackDays {
            return .wonBack
        }
        return .active
    }

    /// The next day, after `day`, on which the stage changes by itself; `nil` if it never does.
    func nextChange(after day: Int32, _ rules: LifecycleRules = LifecycleRules()) -> Int32? {
        let now = stage(on: day, rules)
        let quietSince = lastActive ?? joined
        var days = [rules.registeredDays, rules.activeDays, rules.dormantDays].map {
            Int64(quietSince) + Int64($0) + 1
        }
        if let returned {
            days += [Int64(returned), Int64(returned) + Int64(rules.wonBackDays) + 1]
        }
        return days.sorted().lazy.filter { $0 > Int64(day) }.compactMap { Int32(exactly: $0) }
            .first { stage(on: $0, rules) != now }
    }

    /// The day of the last return: the last activity that came after so long a silence that the
    /// member was gone.
    ///
    /// - Parameter days: those with an activity, in ascending order.
    static func returned(
        _ days: [Int32], joined: Int32, _ rules: LifecycleRules = LifecycleRules()
    ) -> Int32? {
        var last = joined
        var returned: Int32?
        for day in days {
            if Int(day) - Int(last) > rules.dormantDays { returned = day }
            last = max(last, day)
        }
        return returned
    }
}
