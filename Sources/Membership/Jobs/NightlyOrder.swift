import Engine

/// The jobs there are; ``JobName`` says in which order they run.
enum NightlyOrder {
    static let jobs: [any Job.Type] = [
        CampaignTickJob.self, CouponExpiryJob.self, HoldExpiryJob.self, LifecycleJob.self,
        MembershipStatusJob.self, PendingActivationJob.self, PointsExpiryJob.self,
        RemindersJob.self, TierEvaluationJob.self, WaitlistOffersJob.self,
    ]

    static let dayMilliseconds: Int64 = 86_400_000

    /// So many days are caught up with in one run: a year, and nobody waits for ever.
    static let daysMax: Int64 = 366

    /// Bound to a schema, in the order of the night.
    static func bound(_ binder: RuleBinder) -> [(name: JobName, job: any Job)] {
        JobName.allCases.compactMap { name in
            jobs.first { $0.name == name }.map { (name, $0.init(binder)) }
        }
    }

    /// Milliseconds of a day, in UTC, at which the night's work is done.
    private static let nightMilliseconds: Int64 = 2 * 3_600_000

    /// The night that comes after a run, if it is over.
    ///
    /// - Parameter last: the moment of the run before; nil for none: then it is the latest night.
    static func night(after last: Int64?, upTo now: Int64) -> Int64? {
        func night(before moment: Int64) -> Int64 {
            let (days, _) = (moment - nightMilliseconds).quotientAndRemainder(
                dividingBy: dayMilliseconds)
            return days * dayMilliseconds + nightMilliseconds
        }
        guard let last else { return night(before: now) }
        let next = night(before: last) + dayMilliseconds
        return next <= now ? next : nil
    }

    /// The moments for which a job runs: a day apart, the last one `asOf`.
    ///
    /// - Parameter last: that of the run before; nil for the first, which looks at `asOf` alone.
    /// - Returns: nil when they are more than ``daysMax``; none when `asOf` is not after `last`.
    static func moments(after last: Int64?, upTo asOf: Int64) -> [Int64]? {
        guard let last else { return [asOf] }
        guard asOf > last else { return [] }
        let (span, overflow) = asOf.subtractingReportingOverflow(last)
        let count = (span - 1) / dayMilliseconds + 1
        guard !overflow, count <= daysMax else { return nil }
        return (0..<count).map { asOf - (count - 1 - $0) * dayMilliseconds }
    }
}
