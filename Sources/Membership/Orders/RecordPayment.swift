import Engine
import Store

/// Writes down that something other than an order was paid: dues, an event's fee.
///
/// The fee of a registration that waits for it makes the seat the member's own.
struct RecordPayment: MutationRule {
    static let name = "payments.record"

    /// How far ahead of the server's clock another system's may be: five minutes.
    private static let aheadMillisecondsMax: Int64 = 300_000

    private let desk: RegistrationDesk
    private let member: InputField<String?>
    private let purpose: InputField<PaymentPurpose>
    private let amount: InputField<Amount>
    private let method: InputField<PaymentMethod>
    private let externalRef: InputField<String?>
    private let subject: InputField<String?>
    private let at: InputField<Int64?>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        member = binder.input("memberId")
        purpose = binder.input("purpose")
        amount = binder.input("amount")
        method = binder.input("method")
        externalRef = binder.input("externalRef")
        subject = binder.input("subjectId")
        at = binder.input("at")
        answer = binder.output("payment", "registration")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var member: RowRef?
        if let id = call[self.member] {
            member = try desk.members.live(id, at: "memberId", call, allowsSuspended: true)
        }
        let (purpose, amount, method) = (call[purpose], call[amount], call[method])
        if purpose == .order || purpose == .topUp {
            throw call.refuse(
                .invalid, "Orders are paid by payOrder, wallets topped up by topUpWallet.",
                at: "purpose")
        }
        if method == .wallet || method == .points || method == .pass {
            throw call.refuse(
                .invalid, "Only money that came from outside is recorded.", at: "method")
        }
        if amount.minor <= 0 {
            throw call.refuse(OrderRefusal.nonPositive(amount.minor), at: "amount")
        }
        if let at = call[at], at - call.now > Self.aheadMillisecondsMax {
            throw call.refuse(.invalid, "The payment was made in the future.", at: "at")
        }
        var registration: RowRef?
        if purpose == .eventFee, let id = call[subject] {
            registration = try call.row(
                id, in: desk.registrations.table, at: "subjectId")
        }
        let payment = try desk.payments.insert(
            NewPayment(
                member: member, purpose: purpose, amount: amount, method: method,
                externalRef: call[externalRef], subjectID: call[subject], at: call[at]),
            at: "externalRef", call)
        if let registration {
            try desk.pay(registration, with: payment, at: "subjectId", call)
        }
        call.answer(answer, .row(payment), .row(registration))
    }
}
