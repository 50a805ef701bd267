import Engine

/// The rules of members, their terms, and what is known of them.
enum MemberRules {
    static let mutations: [any MutationRule.Type] = [
        EnrollMember.self, UpdateMember.self, UpsertMember.self, AddMemberIdentity.self,
        VerifyMemberIdentity.self, SuspendMember.self, ReinstateMember.self,
        ExcludeDuplicate.self, ImportMembers.self,
    ]
    static let fields: [any FieldRule.Type] = [MemberByIdentity.self, DuplicateCandidates.self]
    static let due: [any DueRule.Type] = []
    /// Whose business stored fields are.
    static let keepers: Set<String> = []
    static let errorCodes = RuleCode.errorCodes
}
