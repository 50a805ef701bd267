import Engine
import Store

/// Opens a draft for registration.
struct PublishEvent: MutationRule {
    static let name = "events.publish"

    private let desk: RegistrationDesk
    private let id: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("id")
        answer = binder.output("event")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let event = try call.row(call[id], in: desk.events.table, at: "id")
        var open = desk.open(event, call.data)
        try call.attempt(at: "id") { () throws(EventRefusal) in try open.desk.publish() }
        call.audit(desk.events.table, event)
        try desk.save(open, call)
        call.answer(answer, .row(event))
    }
}
