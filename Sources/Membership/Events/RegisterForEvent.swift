import Engine
import Store

/// A seat, a place in the queue for approval or payment, or one on the waitlist.
struct RegisterForEvent: MutationRule {
    static let name = "events.register"

    /// Seats that one registration asks for at most: a coach, not a stadium.
    static let seatsMax = 10_000

    private let desk: RegistrationDesk
    private let campaigns: RuleTable
    private let event: InputField<String>
    private let member: InputField<String>
    private let seats: InputField<Int>
    private let joinWaitlist: InputField<Bool>
    private let campaign: InputField<String?>
    private let ticketCode: InputField<String?>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        campaigns = binder.table("Campaign").table
        event = binder.input("eventId")
        member = binder.input("memberId")
        seats = binder.input("seats")
        joinWaitlist = binder.input("joinWaitlist")
        campaign = binder.input("sourceCampaignId")
        ticketCode = binder.input("ticketCode")
        answer = binder.output("registration", "promoted", "event")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let event = try call.row(call[event], in: desk.events.table, at: "eventId")
        let member = try desk.members.live(call[member], at: "memberId", call)
        var campaign: RowRef?
        if let id = call[self.campaign] {
            campaign = try call.row(id, in: campaigns, at: "sourceCampaignId")
        }
        let data = call.data
        let seats = call[seats]
        if seats > Self.seatsMax {
            throw call.refuse(EventRefusal.seatCount(seats), at: "seats")
        }
        let fee = desk.fee(of: member, for: event, seats: seats, data)
        let request = RegistrationRequest(
            key: -1, member: Int64(member.rawValue), seats: seats,
            seq: desk.registrations.nextSeq(of: event, data), feeMinor: fee?.minor ?? 0,
            isEligible: desk.isEligible(member, for: event, data),
            joinsWaitlist: call[joinWaitlist])
        var open = desk.open(event, member: member, data)
        let promoted: [Registration]
        do throws(EventRefusal) {
            promoted = try open.desk.register(request, at: call.now)
        } catch {
            if case .seatCount = error { throw call.refuse(error, at: "seats") }
            throw call.refuse(error, at: "eventId")
        }
        guard let made = open.desk.registrations.last else { return }
        call.audit(desk.events.table, event)
        let registration = try desk.insert(
            made, into: open, fee: fee, ticketCode: try newCode(call), source: campaign, call)
        try desk.members.note(
            .eventRegistered, of: member, at: call.now,
            subjectID: call.data.id(event, of: desk.events.table), call)
        call.answer(
            answer, .row(registration), .rows(RegistrationDesk.refs(promoted)), .row(event))
    }

    private func newCode(_ call: RuleCall) throws(MutationStop) -> String {
        let table = desk.registrations
        guard let given = call[ticketCode] else {
            return CouponCode.random { call.data.find(table.byTicket, .text($0)) == nil }
        }
        if given.isEmpty || given.unicodeScalars.count > 64 {
            throw call.refuse(
                .invalid, "A ticket's code has 1 to 64 characters.", at: "ticketCode")
        }
        if call.data.find(table.byTicket, .text(given)) != nil {
            throw call.refuse(.uniqueViolation, "There is such a ticket already.", at: "ticketCode")
        }
        return given
    }
}
