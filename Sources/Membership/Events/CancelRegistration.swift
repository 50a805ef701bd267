import Engine
import Store

/// Gives a place up; whoever waits first gets its seats in the same step.
struct CancelRegistration: MutationRule {
    static let name = "registrations.cancel"

    private let desk: RegistrationDesk
    private let id: InputField<String>
    private let reason: InputField<String?>
    private let byOrganizer: InputField<Bool>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("id")
        reason = binder.input("reason")
        byOrganizer = binder.input("byOrganizer")
        answer = binder.output("registration", "promoted")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        var (registration, open) = try desk.open(call[id], at: "id", call)
        let isByOrganizer = call[byOrganizer]
        if isByOrganizer && call.viewer.isMember {
            throw call.forbid("A member does not cancel for the organizer.")
        }
        let promoted = try call.attempt(at: "id") { () throws(EventRefusal) in
            try open.desk.cancel(
                Int64(registration.rawValue), isByOrganizer: isByOrganizer, at: call.now)
        }
        call.audit(desk.registrations.table, registration)
        try desk.save(open, about: registration, reason: call[reason], call)
        try desk.markRefundDue(registration, call)
        call.answer(answer, .row(registration), .rows(RegistrationDesk.refs(promoted)))
    }
}
