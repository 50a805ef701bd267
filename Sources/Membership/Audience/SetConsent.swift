import Engine
import Store

/// Notes that a member agrees to something, or no longer does: then what is queued for it is not
/// sent.
struct SetConsent: MutationRule {
    static let name = "consents.set"

    private static let evidenceMax = 2_000

    private let member: InputField<String>
    private let channel: InputField<Channel>
    private let purpose: InputField<ConsentPurpose>
    private let granted: InputField<Bool>
    private let source: InputField<Channel>
    private let evidence: InputField<String?>
    private let consents: ConsentTable
    private let desk: MemberDesk
    private let messages: MessageDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        member = binder.input("memberId")
        channel = binder.input("channel")
        purpose = binder.input("purpose")
        granted = binder.input("granted")
        source = binder.input("source")
        evidence = binder.input("evidence")
        consents = binder.shared()
        desk = binder.shared()
        messages = binder.shared()
        payload = binder.output("member", "consent")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try desk.live(call[member], at: "memberId", call, allowsSuspended: true)
        let evidence = call[evidence]
        let entry = ConsentEntry(
            channel: call[channel].rawValue, purpose: call[purpose], isGranted: call[granted])
        do throws(ConsentRefusal) {
            try Consents.check(entry, evidence: evidence)
        } catch {
            throw call.refuse(
                error.code.code, "Consent to marketing needs what it was given by.",
                at: "evidence")
        }
        if (evidence?.unicodeScalars.count ?? 0) > Self.evidenceMax {
            throw call.refuse(
                RuleCode.tooLong.code, "Evidence has at most \(Self.evidenceMax) characters.",
                at: "evidence")
        }
        let added = try consents.add(
            entry, of: member, source: call[source], evidence: evidence, call)
        call.auditNew(consents.table, added)
        if !entry.isGranted {
            try messages.withdraw(from: member, call[channel], entry.purpose, call)
        }
        if !call[granted] {
            try messages.withdraw(from: member, call[channel], call[purpose], call)
        }
        call.answer(payload, .row(member), .row(added))
    }
}
