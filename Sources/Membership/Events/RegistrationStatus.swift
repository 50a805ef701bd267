/// How far an event has come.
enum EventStatus: String, CaseIterable, Sendable {
    case draft = "DRAFT"
    case published = "PUBLISHED"
    case registrationClosed = "REGISTRATION_CLOSED"
    case running = "RUNNING"
    case finished = "FINISHED"
    case cancelled = "CANCELLED"

    func mayBecome(_ next: EventStatus) -> Bool {
        switch (self, next) {
        case (.draft, .published), (.draft, .cancelled): true
        case (.published, .registrationClosed), (.published, .running), (.published, .finished),
            (.published, .cancelled):
            true
        case (.registrationClosed, .published), (.registrationClosed, .running),
            (.registrationClosed, .finished), (.registrationClosed, .cancelled):
            true
        case (.running, .finished), (.running, .cancelled): true
        // Taken up again for scans that came late.
        case (.finished, .running): true
        default: false
        }
    }
}

/// How far a registration has come.
enum RegistrationStatus: String, CaseIterable, Sendable {
    /// Waits for staff, and holds its seat.
    case awaitingApproval = "AWAITING_APPROVAL"
    /// Waits for the fee, and holds its seat.
    case pendingPayment = "PENDING_PAYMENT"
    case registered = "REGISTERED"
    /// Waits for a seat.
    case waitlisted = "WAITLISTED"
    /// Was offered a freed seat, and holds it for now.
    case offered = "OFFERED"
    case attended = "ATTENDED"
    case noShow = "NO_SHOW"
    case cancelled = "CANCELLED"
    case rejected = "REJECTED"
    /// Neither paid nor confirmed in time.
    case expired = "EXPIRED"

    /// I37: whether it counts towards the seats taken.
    var holdsSeats: Bool {
        switch self {
        case .awaitingApproval, .pendingPayment, .registered, .offered, .attended, .noShow: true
        case .waitlisted, .cancelled, .rejected, .expired: false
        }
    }

    /// I38: whether it stands in the way of another registration of the same member.
    var isLive: Bool { holdsSeats || self == .waitlisted }

    /// Whether staff and rules may take it there.
    ///
    /// Besides the table of transitions: an approval that finds no seat goes on the waitlist, and a
    /// scan that came late shows that somebody was there after all.
    func mayBecome(_ next: RegistrationStatus) -> Bool {
        switch (self, next) {
        case (.awaitingApproval, .pendingPayment), (.awaitingApproval, .registered),
            (.awaitingApproval, .rejected), (.awaitingApproval, .cancelled),
            (.awaitingApproval, .waitlisted):
            true
        case (.pendingPayment, .registered), (.pendingPayment, .expired),
            (.pendingPayment, .cancelled):
            true
        case (.waitlisted, .offered), (.waitlisted, .cancelled): true
        case (.offered, .registered), (.offered, .pendingPayment), (.offered, .expired),
            (.offered, .cancelled):
            true
        case (.registered, .attended), (.registered, .noShow), (.registered, .cancelled): true
        case (.noShow, .attended): true
        default: false
        }
    }

    /// How far it has come towards being there, for ``Registration/kept(_:_:)``.
    fileprivate var rank: Int {
        switch self {
        case .attended: 9
        case .registered: 8
        case .pendingPayment: 7
        case .offered: 6
        case .awaitingApproval: 5
        case .waitlisted: 4
        case .noShow: 3
        case .expired: 2
        case .cancelled: 1
        case .rejected: 0
        }
    }
}

extension Registration {
    /// Which of two registrations for one event is kept when their members become one: the one that
    /// has come further, then the one made first. The other, if it is live, is cancelled.
    static func kept(_ first: Registration, _ second: Registration) -> Registration {
        let left = (first.status.rank, -first.seq)
        let right = (second.status.rank, -second.seq)
        return left >= right ? first : second
    }
}

/// Why an event or a registration does not do as asked.
enum EventRefusal: ExplainedRefusal {
    /// Seats must be at least one.
    case seatCount(Int)
    case closed(EventStatus)
    case cancelled
    case notEligible
    case alreadyRegistered(registration: Int64)
    /// And there is no waitlist, or not for so many seats.
    case full(seatsLeft: Int)
    case offerExpired(until: Int64)
    case deadlinePassed(Int64)
    case capacityBelowTaken(taken: Int)
    case registration(from: RegistrationStatus)
    case event(from: EventStatus)
    case endsBeforeItStarts
    /// A ticket of another event, or one that was passed on.
    case ticketUnknown
    case nonceMissing
    case alreadyCheckedIn(at: Int64)
    /// Who is not inside cannot leave.
    case notInside
    case notPaid
    case notApproved

    var code: RuleCode {
        switch self {
        case .seatCount, .endsBeforeItStarts: .invalid
        case .closed: .eventClosed
        case .cancelled: .eventCancelled
        case .notEligible: .notEligible
        case .alreadyRegistered: .alreadyRegistered
        case .full: .eventFull
        case .offerExpired: .offerExpired
        case .deadlinePassed: .cancelDeadlinePassed
        case .capacityBelowTaken: .capacityBelowTaken
        case .registration, .event, .notInside: .invalidTransition
        case .ticketUnknown: .notFound
        case .nonceMissing: .required
        case .alreadyCheckedIn: .alreadyCheckedIn
        case .notPaid: .notPaid
        case .notApproved: .notApproved
        }
    }

    var message: String {
        switch self {
        case .seatCount(let count): "There is no such number of seats as \(count)."
        case .closed(let status): "The event is \(status.rawValue)."
        case .cancelled: "The event was called off."
        case .notEligible: "The event is for other members."
        case .alreadyRegistered: "The member is registered for the event already."
        case .full(let left):
            left == 0 ? "The event has no free seats." : "The event has \(left) free seats left."
        case .offerExpired(let until): "The seat was offered until \(momentText(until))."
        case .deadlinePassed(let deadline):
            "This could be done until \(momentText(deadline))."
        case .capacityBelowTaken(let taken): "\(taken) seats are taken."
        case .registration(let status): "The registration is \(status.rawValue)."
        case .event(let status): "The event is \(status.rawValue)."
        case .endsBeforeItStarts: "An event ends after it begins."
        case .ticketUnknown: "The event has no such ticket."
        case .nonceMissing: "A scan has a nonce, by which it is known again."
        case .alreadyCheckedIn(let first): "The ticket was let in at \(momentText(first))."
        case .notInside: "Whoever holds the ticket is not inside."
        case .notPaid: "The fee was not paid."
        case .notApproved: "The registration was not approved."
        }
    }
}
