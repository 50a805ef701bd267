import Engine
import Store

/// The rules of events and registrations.
enum EventRuleList {
    static let mutations: [any MutationRule.Type] = [
        CreateEvent.self, UpdateEvent.self, PublishEvent.self, CancelEvent.self, CloseEvent.self,
        RegisterForEvent.self, ApproveRegistration.self, RejectRegistration.self,
        ConfirmRegistrationOffer.self, CancelRegistration.self, TransferRegistration.self,
        CheckInTicket.self,
    ]
    static let fields: [any FieldRule.Type] = [
        EventSeatsLeft.self, WaitlistPosition.self, EvaluateEvent.self,
    ]
    static let due: [any DueRule.Type] = [RegistrationDue.self]
}

/// Lets go of offers and unpaid seats by the clock, and offers what that frees.
struct RegistrationDue: DueRule {
    static let table = "EventRegistration"
    static let field = "keptUntil"

    private let desk: RegistrationDesk

    init(_ binder: RuleBinder) {
        desk = binder.shared()
    }

    func settle(_ row: RowRef, _ call: RuleCall) throws(MutationStop) {
        let table = desk.registrations
        let registration = call.data.row(table.table, row)
        guard registration[table.keptUntil].map({ $0 <= call.now }) ?? false else { return }
        try desk.settle(registration[table.event], call)
        // Nothing is kept of a registration that has gone another way.
        if call.data.row(table.table, row)[table.keptUntil].map({ $0 <= call.now }) ?? false {
            try call.update(table.table, row) { row in row[table.keptUntil] = nil }
        }
    }
}
