import Engine

/// The rules of members, their terms, and what is known of them.
enum MemberRules {
    static let mutations: [any MutationRule.Type] = []
    static let fields: [any FieldRule.Type] = []
    static let due: [any DueRule.Type] = []
    /// Whose business stored fields are.
    static let keepers: Set<String> = []
    static let errorCodes: [ErrorCode] = []
}
