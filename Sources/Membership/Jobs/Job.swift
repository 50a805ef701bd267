import Engine
import Store

/// Work that the clock asks for, for all rows at once.
///
/// A job changes what is due as of a moment, and nothing when it runs a second time for the same
/// one. Whoever runs it (``RunJob``) sees to it that moments only grow.
protocol Job: Sendable {
    static var name: JobName { get }

    /// Binds the job to its tables; a job has no input.
    init(_ binder: RuleBinder)

    /// - Parameter asOf: the moment, in milliseconds since 1970-01-01T00:00:00Z; at most a day after
    ///   that of the run before, and maybe long before `call.now`.
    /// - Returns: how many rows were due.
    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int
}

/// The jobs, in the order of the night: what was earned counts before tiers are told, tiers before
/// points lapse, and messages go out when everything else is known.
enum JobName: String, CaseIterable, SchemaEnum {
    case pendingActivation = "PENDING_ACTIVATION"
    case tierEvaluation = "TIER_EVALUATION"
    case pointsExpiry = "POINTS_EXPIRY"
    case membershipStatus = "MEMBERSHIP_STATUS"
    case lifecycle = "LIFECYCLE"
    case waitlistOffers = "WAITLIST_OFFERS"
    case holdExpiry = "HOLD_EXPIRY"
    case couponExpiry = "COUPON_EXPIRY"
    case reminders = "REMINDERS"
    case campaignTick = "CAMPAIGN_TICK"
}
