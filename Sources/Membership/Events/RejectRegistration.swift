import Engine
import Store

/// Staff turn a registration away, and its seats are offered on.
struct RejectRegistration: MutationRule {
    static let name = "registrations.reject"

    private let desk: RegistrationDesk
    private let id: InputField<String>
    private let reason: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("id")
        reason = binder.input("reason")
        answer = binder.output("registration", "promoted")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var (registration, open) = try desk.open(call[id], at: "id", call)
        let promoted = try call.attempt(at: "id") { () throws(EventRefusal) in
            try open.desk.reject(Int64(registration.rawValue), at: call.now)
        }
        call.audit(desk.registrations.table, registration)
        try desk.save(open, about: registration, reason: call[reason], call)
        call.answer(answer, .row(registration), .rows(RegistrationDesk.refs(promoted)))
    }
}
