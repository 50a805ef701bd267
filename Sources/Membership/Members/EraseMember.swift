import Engine
import Store

/// Blanks a member: name, contacts and free texts go; ids, amounts and dates remain (I6).
///
/// What the member could still use is given up: coupons are voided, places at events and
/// memberships cancelled, consents withdrawn. Money of the member's own is paid out first. Those
/// whose place the member took in a merge are blanked too: they are the same person.
struct EraseMember: MutationRule {
    static let name = "members.erase"

    private let id: InputField<String>
    private let reason: InputField<String>
    private let desk: MemberDesk
    private let identities: IdentityTable
    private let consents: ConsentTable
    private let wallets: WalletDesk
    private let coupons: CouponDesk
    private let registrations: RegistrationDesk
    private let holdings: HoldingDesk
    private let worn: MemberTagTable
    private let contained: SegmentMemberTable
    private let messages: MessageDesk
    private let feedback: FeedbackTable
    private let merges: MergeTable
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("id")
        reason = binder.input("reason")
        desk = binder.shared()
        identities = binder.shared()
        consents = binder.shared()
        wallets = binder.shared()
        coupons = binder.shared()
        registrations = binder.shared()
        holdings = binder.shared()
        worn = binder.shared()
        contained = binder.shared()
        messages = binder.shared()
        feedback = binder.shared()
        merges = binder.shared()
        payload = binder.output("member")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let members = desk.members
        let member = try call.row(call[id], in: members.table, at: "id")
        let reason = Identity.trimmed(call[reason])
        let principal = principal(of: member, call.data)
        let next = try desk.next(member, call) { standing throws(MemberRefusal) in
            try standing.erased(reason: reason, principalMinor: principal)
        }
        try registrations.cancelAll(of: member, reason: "", call)
        try coupons.voidAll(of: member, reason: "", call)
        try cancelMemberships(of: member, call)
        try withdrawConsents(of: member, call)
        for purpose in ConsentPurpose.allCases {
            try messages.withdraw(from: member, nil, purpose, call)
        }
        try blank(member, call)
        try call.update(members.table, member, isPatch: true) { row in
            row[members.status] = next.status
            row[members.statusReason] = reason
        }
        // Only now, so that the audit does not keep what was blanked.
        call.auditNew(members.table, member)
        call.answer(payload, .row(member))
    }

    private func blank(_ member: RowRef, _ call: RuleCall) throws(MutationStop) {
        let members = desk.members
        for identity in call.data.rows(identities.ofMember, .row(member)) {
            try call.update(identities.table, identity, isPatch: true) { row in
                row[identities.value] = ""
                row[identities.normalized] = nil
                row[identities.primary] = false
            }
        }
        for tag in call.data.rows(worn.ofMember, .row(member)) {
            try call.delete(worn.table, tag)
        }
        for place in call.data.rows(contained.ofMember, .row(member)) {
            try call.delete(contained.table, place)
        }
        for activity in call.data.rows(desk.activities.ofMember, .row(member)) {
            try call.update(desk.activities.table, activity) { row in
                row[desk.activities.payload] = nil
            }
        }
        for given in call.data.rows(feedback.ofMember, .row(member)) {
            try call.update(feedback.table, given) { $0[feedback.comment] = nil }
        }
        try call.update(members.table, member, isPatch: true) { row in
            row[members.name] = ""
            row[members.gender] = .unknown
            row[members.birthday] = nil
            row[members.preferences] = nil
            row[members.attributes] = nil
        }
        // What a merge remembers of two profiles goes too: it cannot be undone any more.
        for merge in call.data.rows(merges.ofSurvivor, .row(member)) {
            let row = call.data.row(merges.table, merge)
            let (absorbed, status) = (row[merges.absorbed], row[merges.status])
            try call.update(merges.table, merge) { $0[merges.moved] = JSONDocument("{}") }
            if status == .merged { try blank(absorbed, call) }
        }
    }

    /// The member's own money, in minor units of whatever currencies.
    private func principal(of member: RowRef, _ data: DataView) -> Int64 {
        var sum: Int64 = 0
        for wallet in data.rows(wallets.wallets.ofMember, .row(member)) {
            let own = data.row(wallets.wallets.table, wallet)[wallets.wallets.principal]
            let (next, isOver) = sum.addingReportingOverflow(own?.minor ?? 0)
            sum = isOver ? .max : next
        }
        return sum
    }

    private func cancelMemberships(of member: RowRef, _ call: RuleCall) throws(MutationStop) {
        for membership in call.data.rows(holdings.memberships.ofMember, .row(member)) {
            var loaded = holdings.load(membership, call.data)
            // One that is over or cancelled stays as it is.
            if !holdings.status(loaded, call.data).isOver,
                let cancelled = try? loaded.holding.cancelled(.immediate, on: loaded.today)
            {
                loaded.holding = cancelled
            }
            loaded.holding.autoRenew = false
            try holdings.save(loaded, call) { row in
                row[holdings.memberships.cancelReason] = nil
                row[holdings.memberships.overrideReason] = nil
            }
        }
    }

    private func withdrawConsents(of member: RowRef, _ call: RuleCall) throws(MutationStop) {
        let before = consents.consents(of: member, call.data)
        for consent in call.data.rows(consents.ofMember, .row(member)) {
            try call.update(consents.table, consent) { $0[consents.evidence] = nil }
        }
        for entry in before.withdrawn {
            try consents.add(entry, of: member, source: .api, evidence: nil, call)
        }
    }
}

extension MembershipStatus {
    /// Whether nothing is left that could be cancelled.
    fileprivate var isOver: Bool { self == .expired || self == .cancelled || self == .deceased }
}
