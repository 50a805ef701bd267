import Engine
import Store

/// A seat goes to another member, with a new ticket: the old one lets nobody in.
struct TransferRegistration: MutationRule {
    static let name = "registrations.transfer"

    private let desk: RegistrationDesk
    private let id: InputField<String>
    private let receiver: InputField<String>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("id")
        receiver = binder.input("toMemberId")
        answer = binder.output("registration")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let table = desk.registrations
        let registration = try call.row(call[id], in: table.table, at: "id")
        let receiver = try desk.members.live(call[receiver], at: "toMemberId", call)
        let event = call.data.row(table.table, registration)[table.event]
        var open = desk.open(event, registration: registration, member: receiver, call.data)
        let isEligible = desk.isEligible(receiver, for: event, call.data)
        do throws(EventRefusal) {
            try open.desk.transfer(
                Int64(registration.rawValue), to: Int64(receiver.rawValue),
                isEligible: isEligible, at: call.now)
        } catch {
            switch error {
            case .notEligible, .alreadyRegistered: throw call.refuse(error, at: "toMemberId")
            default: throw call.refuse(error, at: "id")
            }
        }
        call.audit(table.table, registration)
        try desk.save(open, call)
        let code = CouponCode.random { call.data.find(table.byTicket, .text($0)) == nil }
        try call.update(table.table, registration) { row in row[table.ticketCode] = code }
        try desk.members.note(
            .eventRegistered, of: receiver, at: call.now,
            subjectID: call.data.id(event, of: desk.events.table), call)
        call.answer(answer, .row(registration))
    }
}
