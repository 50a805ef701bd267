import Engine

/// The rules of points, tiers and rewards.
enum PointsRules {
    static let mutations: [any MutationRule.Type] = [
        EarnPoints.self, ActivatePoints.self, RedeemPoints.self, ReversePoints.self,
        AdjustPoints.self, TransferPoints.self, CreatePointsHold.self, CapturePointsHold.self,
        ReleasePointsHold.self, EvaluateTier.self, SetTier.self, RedeemReward.self,
        FulfilReward.self, CancelReward.self,
    ]
    static let fields: [any FieldRule.Type] = [
        ExpiringPoints.self, BalanceAt.self, QuotePoints.self, TierQualifying.self,
        ProgramLiability.self,
    ]
    static let due: [any DueRule.Type] = [PointsClock.self, TierClock.self]
    /// Whose business stored fields are.
    static let keepers: Set<String> = []
}
