/// How an event went.
///
/// Counts are registrations, not seats; the rates carry what they are made of.
struct EventEvaluation: Equatable, Sendable {
    /// Members whom an invitation reached.
    var invited: Int
    /// Registrations that had a seat in the end: registered, attended, not shown.
    var registered: Int
    var attended: Int
    var noShow: Int
    var cancelled: Int
    /// Seats taken of all seats.
    var fill: Ratio
    /// Attended of those whose event is over.
    var attendance: Ratio
    /// Fees paid and not given back, in minor units; `nil` when it is beyond what can be told.
    var revenueMinor: Int64?

    init(_ desk: EventDesk, invited: Int = 0, at now: Int64) {
        var counts: [RegistrationStatus: Int] = [:]
        var fees: [Int64] = []
        for registration in desk.registrations {
            let status = registration.status(at: now)
            counts[status, default: 0] += 1
            if registration.isPaid && status.holdsSeats { fees.append(registration.feeMinor) }
        }
        let attended = counts[.attended] ?? 0
        let noShow = counts[.noShow] ?? 0
        self.invited = invited
        self.attended = attended
        self.noShow = noShow
        registered = (counts[.registered] ?? 0) + attended + noShow
        cancelled = counts[.cancelled] ?? 0
        fill = Ratio(
            desk.rules.capacity == nil ? 0 : Int64(desk.seatsTaken(at: now)),
            Int64(desk.rules.capacity ?? 0))
        attendance = Ratio(Int64(attended), Int64(attended + noShow))
        revenueMinor = Exact.sum(of: fees)
    }
}
