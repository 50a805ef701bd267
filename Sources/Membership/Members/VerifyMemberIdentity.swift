import Engine
import Store

/// Notes that a member has proved to own an identity.
struct VerifyMemberIdentity: MutationRule {
    static let name = "members.verifyIdentity"

    private let identity: InputField<String>
    private let makePrimary: InputField<Bool>
    private let profiles: ProfileDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        identity = binder.input("identityId")
        makePrimary = binder.input("makePrimary")
        profiles = binder.shared()
        payload = binder.output("member", "identity")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let table = profiles.identities
        let known = try call.row(call[identity], in: table.table, at: "identityId")
        let row = call.data.row(table.table, known)
        let owner = row[table.member]
        let isVerified = row[table.verifiedAt] != nil
        try profiles.desk.check(owner, at: "identityId", call, allowsSuspended: true)
        call.audit(table.table, known)
        if !isVerified {
            try call.update(table.table, known, isPatch: true) { row in
                row[table.verifiedAt] = call.now
            }
        }
        if call[makePrimary] {
            let before = profiles.ofMember(owner, call.data)
            let after = Identity.making(primary: Int64(known.rawValue), of: before)
            // The old one first: at no moment are there two of a kind (I2).
            for identity in after.sorted(by: { !$0.isPrimary && $1.isPrimary })
            where !before.contains(identity) {
                try call.update(table.table, identity.row, isPatch: true) { row in
                    row[table.primary] = identity.isPrimary
                }
            }
        }
        call.answer(payload, .row(owner), .row(known))
    }
}

extension OwnIdentity {
    /// Its row; keys are made from rows.
    var row: RowRef { RowRef(rawValue: UInt32(truncatingIfNeeded: key)) }
}
