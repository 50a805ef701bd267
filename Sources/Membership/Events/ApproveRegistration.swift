import Engine
import Store

/// Staff let a registration in; where its seats are gone it goes on the waitlist.
struct ApproveRegistration: MutationRule {
    static let name = "registrations.approve"

    private let desk: RegistrationDesk
    private let id: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("id")
        answer = binder.output("registration", "promoted")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var (registration, open) = try desk.open(call[id], at: "id", call)
        let promoted = try call.attempt(at: "id") { () throws(EventRefusal) in
            try open.desk.approve(Int64(registration.rawValue), at: call.now)
        }
        call.audit(desk.registrations.table, registration)
        try desk.save(open, call)
        call.answer(answer, .row(registration), .rows(RegistrationDesk.refs(promoted)))
    }
}
