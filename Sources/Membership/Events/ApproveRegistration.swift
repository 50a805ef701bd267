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
        let registration = try call.row(call[id], in: desk.registrations.table, at: "id")
        let event = call.data.row(desk.registrations.table, registration)[desk.registrations.event]
        var open = desk.open(event, registration: registration, call.data)
        let promoted = try call.attempt(at: "id") { () throws(EventRefusal) in
            try open.desk.approve(Int64(registration.rawValue), at: call.now)
        }
        call.audit(desk.registrations.table, registration)
        try desk.save(open, call)
        call.answer(answer, .row(registration), .rows(RegistrationDesk.refs(promoted)))
    }
}
