import Engine
import Store

/// An event is over: who has a seat and was not scanned did not come.
struct CloseEvent: MutationRule {
    static let name = "events.close"

    private let desk: RegistrationDesk
    private let id: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("id")
        answer = binder.output("event", "changed")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let event = try call.row(call[id], in: desk.events.table, at: "id")
        var open = desk.openWhole(event, call.data)
        let changed = try call.attempt(at: "id") { () throws(EventRefusal) in
            try open.desk.close(at: call.now)
        }
        call.audit(desk.events.table, event)
        try desk.save(open, call)
        call.answer(answer, .row(event), .rows(RegistrationDesk.refs(changed)))
    }
}
