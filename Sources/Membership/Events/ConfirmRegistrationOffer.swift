import Engine
import Store

/// Takes an offered seat; with its payment, or without one where there is no fee or it comes later.
/// A registration that waits for its fee is confirmed by the payment.
struct ConfirmRegistrationOffer: MutationRule {
    static let name = "registrations.confirmOffer"

    private let desk: RegistrationDesk
    private let id: InputField<String>
    private let payment: InputField<String?>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("id")
        payment = binder.input("paymentId")
        answer = binder.output("registration", "promoted")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let table = desk.registrations
        let registration = try call.row(call[id], in: table.table, at: "id")
        let row = call.data.row(table.table, registration)
        let event = row[table.event]
        try checkOffer(registration, call)
        call.audit(table.table, registration)
        if let id = call[payment] {
            let payment = try call.row(id, in: desk.payments.table, at: "paymentId")
            let promoted = try desk.pay(registration, with: payment, at: "paymentId", call)
            call.answer(answer, .row(registration), .rows(promoted))
            return
        }
        var open = desk.open(event, registration: registration, call.data)
        let promoted = try call.attempt(at: "id") { () throws(EventRefusal) in
            try open.desk.confirm(Int64(registration.rawValue), at: call.now)
        }
        try desk.save(open, call)
        call.answer(answer, .row(registration), .rows(RegistrationDesk.refs(promoted)))
    }

    /// An offer that was over when the clock was looked at is told as that, not as a status.
    private func checkOffer(_ registration: RowRef, _ call: RuleCall) throws(MutationStop) {
        let row = call.data.row(desk.registrations.table, registration)
        if row[desk.registrations.status] == .expired,
            let until = row[desk.registrations.offeredUntil]
        {
            throw call.refuse(EventRefusal.offerExpired(until: until), at: "id")
        }
    }
}
