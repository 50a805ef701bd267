import Engine

/// The rules of members, their terms, and what is known of them.
enum MemberRules {
    static let mutations: [any MutationRule.Type] = [
        EnrollMember.self, UpdateMember.self, UpsertMember.self, AddMemberIdentity.self,
        VerifyMemberIdentity.self, SuspendMember.self, ReinstateMember.self,
        EraseMember.self, MergeMembers.self, UnmergeMembers.self, ExcludeDuplicate.self,
        ImportMembers.self,
        ApplyMembership.self, ActivateMembership.self, RenewMembership.self,
        CancelMembership.self, SetMembershipAutoRenew.self, SuspendMembership.self,
        ResumeMembership.self, OverrideMembershipStatus.self, InheritMembership.self,
        SetConsent.self, AssignTags.self, RemoveTags.self, SaveSegment.self, RecordActivity.self,
    ]
    static let fields: [any FieldRule.Type] = [
        MemberByIdentity.self, DuplicateCandidates.self, MembershipIsCurrent.self,
        MembershipDaysToExpiry.self, TagMemberCount.self, PreviewSegment.self,
    ]
    static let due: [any DueRule.Type] = [MembershipClock.self, TagClock.self]
    /// Whose business stored fields are.
    static let keepers: Set<String> = []
    static let errorCodes = RuleCode.errorCodes
}
