import Engine
import Store

/// Calls an event off: all registrations end, and fees that were paid are to be given back.
struct CancelEvent: MutationRule {
    static let name = "events.cancel"

    private let desk: RegistrationDesk
    private let id: InputField<String>
    private let reason: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("id")
        reason = binder.input("reason")
        answer = binder.output("event", "cancelled")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let event = try call.row(call[id], in: desk.events.table, at: "id")
        let reason = call[reason]
        if reason.allSatisfy(\.isWhitespace) {
            throw call.refuse(.required, "A reason must be given.", at: "reason")
        }
        var open = desk.openWhole(event, call.data)
        let ended = try call.attempt(at: "id") { () throws(EventRefusal) in
            try open.desk.cancelEvent(at: call.now)
        }
        call.audit(desk.events.table, event)
        try desk.save(open, call)
        let refs = RegistrationDesk.refs(ended)
        for registration in refs {
            try call.visit(1)
            try call.update(desk.registrations.table, registration) { row in
                row[desk.registrations.reason] = reason
            }
            try desk.markRefundDue(registration, call)
            try desk.notices.queue(.cancelled, registration, call)
        }
        call.answer(answer, .row(event), .rows(refs))
    }
}
