import Engine

/// The rules of points, tiers and rewards.
enum PointsRules {
    static let mutations: [any MutationRule.Type] = []
    static let fields: [any FieldRule.Type] = []
    static let due: [any DueRule.Type] = []
    /// Whose business stored fields are.
    static let keepers: Set<String> = []
}
