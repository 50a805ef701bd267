/// What is known of a message after it left.
enum MessageEventKind: String, CaseIterable, Sendable {
    case sent = "SENT"
    case delivered = "DELIVERED"
    case bounced = "BOUNCED"
    case opened = "OPENED"
    case machineOpened = "MACHINE_OPENED"
    case clicked = "CLICKED"
    case unsubscribed = "UNSUBSCRIBED"
    case failed = "FAILED"
}

/// How far a message has come: the status never goes back, and each time is that of the first.
struct MessageProgress: Equatable, Sendable {
    var status: MessageStatus
    var sentAt: Int64?
    var deliveredAt: Int64?
    var bouncedAt: Int64?
    var firstOpenedAt: Int64?
    var machineOpened = false
    var firstClickedAt: Int64?
    var unsubscribedAt: Int64?

    /// What happened to the message, in whatever order it is learnt.
    ///
    /// - Parameter at: when it happened, in milliseconds since 1970-01-01T00:00:00Z.
    mutating func note(_ kind: MessageEventKind, at: Int64) {
        guard status != .suppressed else { return }
        switch kind {
        case .sent:
            first(&sentAt, at)
            rise(to: .sent)
        case .delivered:
            first(&deliveredAt, at)
            rise(to: .delivered)
        case .bounced:
            // What came back was not opened: a later one is of another kind.
            guard rank(status) < rank(.opened) else { return }
            first(&bouncedAt, at)
            status = .bounced
        case .failed:
            guard rank(status) < rank(.delivered) else { return }
            status = .failed
        case .machineOpened:
            machineOpened = true
            arrived(at)
        case .opened:
            first(&firstOpenedAt, at)
            arrived(at)
            rise(to: .opened)
        case .clicked:
            first(&firstClickedAt, at)
            // Whoever follows a link has opened it.
            first(&firstOpenedAt, at)
            arrived(at)
            rise(to: .clicked)
        case .unsubscribed:
            first(&unsubscribedAt, at)
            arrived(at)
        }
    }

    /// Opened or clicked, it must have arrived.
    private mutating func arrived(_ at: Int64) {
        first(&deliveredAt, at)
        rise(to: .delivered)
    }

    private func first(_ time: inout Int64?, _ at: Int64) {
        time = min(time ?? at, at)
    }

    private mutating func rise(to next: MessageStatus) {
        if rank(next) > rank(status) { status = next }
    }

    private func rank(_ status: MessageStatus) -> Int {
        switch status {
        case .queued: 0
        case .sent: 1
        // A receipt that comes late shows that it was not lost after all.
        case .failed: 1
        case .delivered: 2
        case .bounced: 3
        case .opened: 4
        case .clicked: 5
        case .converted: 6
        case .suppressed: 7
        }
    }
}

/// Openings by machines, which fetch everything in a message before anybody sees it.
enum MachineOpening {
    /// - Parameters:
    ///   - userAgent: of the request for the picture in the message. The privacy proxy of Apple's
    ///     mail gives the first half of one and nothing else.
    ///   - delay: milliseconds from delivery; nobody reads in less than a second.
    static func isMachine(userAgent: String?, delay: Int64?) -> Bool {
        userAgent == "Mozilla/5.0" || delay.map { 0..<1_000 ~= $0 } ?? false
    }
}
