import Engine
import Store

/// Lets a ticket through a door. The same scan sent twice is written once; the first entry makes
/// the member one who came, and earns.
struct CheckInTicket: MutationRule {
    static let name = "events.checkIn"

    /// How far ahead of the server's clock a device's may be: five minutes.
    private static let aheadMillisecondsMax: Int64 = 300_000

    private let desk: RegistrationDesk
    private let checkIns: CheckInTable
    private let points: PointsDesk
    private let staffTable: RuleTable
    private let ticketCode: InputField<String>
    private let event: InputField<String>
    private let direction: InputField<CheckInDirection>
    private let nonce: InputField<String>
    private let at: InputField<Int64?>
    private let force: InputField<Bool>
    private let device: InputField<String?>
    private let staff: InputField<String?>
    private let answer: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        checkIns = binder.shared()
        points = binder.shared()
        staffTable = binder.table("Staff").table
        ticketCode = binder.input("ticketCode")
        event = binder.input("eventId")
        direction = binder.input("direction")
        nonce = binder.input("nonce")
        at = binder.input("at")
        force = binder.input("force")
        device = binder.input("device")
        staff = binder.input("staffId")
        answer = binder.output("registration", "checkIn", "wasKnown", "points")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let table = desk.registrations
        let event = try call.row(call[event], in: desk.events.table, at: "eventId")
        var staff: RowRef?
        if let id = call[self.staff] { staff = try call.row(id, in: staffTable, at: "staffId") }
        let found = call.data.find(table.byTicket, .text(call[ticketCode]))
        guard let registration = found,
            call.data.row(table.table, registration)[table.event] == event
        else { throw call.refuse(EventRefusal.ticketUnknown, at: "ticketCode") }
        let scan = ScanRequest(
            direction: call[direction], nonce: call[nonce], at: call[at] ?? call.now,
            isForced: call[force])
        if scan.at - call.now > Self.aheadMillisecondsMax {
            throw call.refuse(.invalid, "The scan was made in the future.", at: "at")
        }
        let log = checkIns.log(of: registration, call.data)
        let row = call.data.row(table.table, registration)
        let state = table.registration(registration, row)
        let member = row[table.member]
        let rules = desk.events.rules(event, call.data)
        let decision: CheckInDecision
        do throws(EventRefusal) {
            decision = try CheckIn.decide(
                scan, state, log: log.map(\.scan), rules: rules, at: call.now)
        } catch {
            throw call.refuse(error, at: error == .nonceMissing ? "nonce" : "ticketCode")
        }
        switch decision {
        case .replayed(let earlier):
            let ref = log.first { $0.scan == earlier }?.ref
            call.answer(answer, .row(registration), .row(ref), .bool(true), .list([]))
        case .admitted(let made, let status):
            let (device, isForced) = (call[device], call[force])
            let checkIn = try call.insert(checkIns.table) { row in
                row[checkIns.registration] = registration
                row[checkIns.event] = event
                row[checkIns.at] = made.at
                row[checkIns.direction] = made.direction
                row[checkIns.nonce] = made.nonce
                row[checkIns.device] = device
                row[checkIns.staff] = staff
                row[checkIns.forced] = isForced
            }
            call.audit(table.table, registration)
            var entries: [RowRef] = []
            if status == .attended {
                entries = try attend(registration, member, event, at: made.at, call)
            }
            call.answer(
                answer, .row(registration), .row(checkIn), .bool(false), .rows(entries))
        }
    }

    private func attend(
        _ registration: RowRef, _ member: RowRef, _ event: RowRef, at: Int64, _ call: RuleCall
    ) throws(MutationStop) -> [RowRef] {
        try call.update(desk.registrations.table, registration) { row in
            row[desk.registrations.status] = .attended
        }
        guard desk.members.standing(member, call.data).status == .active else { return [] }
        try desk.members.note(
            .eventCheckedIn, of: member, at: at,
            subjectID: call.data.id(event, of: desk.events.table), call)
        return try points.occasion(.eventCheckedIn, member: member, at: at, event: event, call)
    }
}
