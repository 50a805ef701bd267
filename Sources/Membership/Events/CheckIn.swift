/// Which way somebody goes.
enum CheckInDirection: String, CaseIterable, Sendable {
    case entry = "ENTRY"
    case exit = "EXIT"
}

/// One scan of a ticket that was let through.
struct CheckIn: Equatable, Sendable {
    /// Milliseconds since 1970.
    var at: Int64
    var direction: CheckInDirection
    /// Chosen by the device; the same scan sent twice has the same.
    var nonce: String
}

/// What a device sends.
struct ScanRequest: Equatable, Sendable {
    var direction: CheckInDirection = .entry
    var nonce: String
    /// When it was scanned, which may be long before it was sent.
    var at: Int64
    /// Written down whatever the rules say: the person has been let in by a device without a line.
    var isForced = false
}

/// What a scan is answered with.
enum CheckInDecision: Equatable, Sendable {
    /// The same scan came before; nothing is written.
    case replayed(CheckIn)
    /// Let through; the registration may have a new status by it.
    case admitted(CheckIn, becomes: RegistrationStatus?)
}

extension CheckIn {
    /// For how long after an event its scans are still taken.
    static let lateMilliseconds: Int64 = 48 * 3_600_000

    /// Whether a ticket is let through.
    ///
    /// I40: without re-entry a ticket enters once, even if its holder has left since; with it, it
    /// may enter again at any time. Only who is inside can leave. The first entry of a registration
    /// that has its seat makes it attended.
    ///
    /// - Parameters:
    ///   - scan: what the device sent.
    ///   - registration: whose ticket it is.
    ///   - log: the earlier scans of the ticket, in any order.
    ///   - rules: those of the event.
    ///   - now: when it was received.
    /// - Throws: `nonceMissing`, `cancelled`, `closed`, `notApproved`, `notPaid`, `registration`,
    ///   `alreadyCheckedIn`, `notInside`. A forced scan is refused only for a missing nonce.
    static func decide(
        _ scan: ScanRequest, _ registration: Registration, log: [CheckIn], rules: EventRules,
        at now: Int64
    ) throws(EventRefusal) -> CheckInDecision {
        guard !scan.nonce.isEmpty else { throw .nonceMissing }
        if let earlier = log.first(where: { $0.nonce == scan.nonce }) { return .replayed(earlier) }
        // An offline scan counts as of when it was made.
        let status = registration.status(at: min(scan.at, now))
        if !scan.isForced {
            try check(rules, at: now)
            try check(status)
            try check(scan, log, rules)
        }
        let checkIn = CheckIn(at: scan.at, direction: scan.direction, nonce: scan.nonce)
        let becomesAttended = scan.direction == .entry && status.mayBecome(.attended)
        return .admitted(checkIn, becomes: becomesAttended ? .attended : nil)
    }

    private static func check(_ rules: EventRules, at now: Int64) throws(EventRefusal) {
        switch rules.status {
        case .cancelled: throw .cancelled
        case .draft: throw .closed(.draft)
        case .finished:
            let (end, isOver) = rules.endsAt.addingReportingOverflow(lateMilliseconds)
            if !isOver && now >= end { throw .closed(.finished) }
        case .published, .registrationClosed, .running: return
        }
    }

    private static func check(_ status: RegistrationStatus) throws(EventRefusal) {
        switch status {
        case .registered, .attended, .noShow: return
        case .pendingPayment: throw .notPaid
        case .awaitingApproval, .rejected: throw .notApproved
        case .waitlisted, .offered, .cancelled, .expired: throw .registration(from: status)
        }
    }

    private static func check(
        _ scan: ScanRequest, _ log: [CheckIn], _ rules: EventRules
    ) throws(EventRefusal) {
        let entries = log.filter { $0.direction == .entry }
        switch scan.direction {
        case .entry:
            if !rules.allowsReentry, let first = entries.map(\.at).min() {
                throw .alreadyCheckedIn(at: first)
            }
        case .exit:
            if entries.count <= log.count - entries.count { throw .notInside }
        }
    }
}
