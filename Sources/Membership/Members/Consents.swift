/// What a message is for, or what is done with the member's data.
enum ConsentPurpose: String, CaseIterable, Sendable {
    case marketing = "MARKETING"
    case service = "SERVICE"
    case profiling = "PROFILING"
}

/// One line of the log of consents, which only grows.
struct ConsentEntry: Equatable, Sendable {
    /// Spelled as the API spells channels.
    var channel: String
    var purpose: ConsentPurpose
    var isGranted: Bool
}

/// Where a consent holds.
struct ConsentScope: Hashable, Sendable {
    var channel: String
    var purpose: ConsentPurpose
}

/// Why a consent is not written down.
enum ConsentRefusal: RuleRefusal {
    /// Consent to marketing is worth nothing without what it was given by.
    case evidenceMissing

    var code: RuleCode { .required }
}

/// What a member agreed to. I7: the latest line of a channel and purpose counts.
struct Consents: Equatable, Sendable {
    private var latest: [ConsentScope: Bool] = [:]

    /// - Parameter log: the oldest first.
    init(_ log: [ConsentEntry] = []) {
        for entry in log {
            latest[ConsentScope(channel: entry.channel, purpose: entry.purpose)] = entry.isGranted
        }
    }

    /// Whether the member agrees. Never asked, a member agrees to be served, and to nothing else.
    ///
    /// I8: a receipt or a renewal notice asks for `service` alone.
    func isGranted(_ channel: String, _ purpose: ConsentPurpose) -> Bool {
        latest[ConsentScope(channel: channel, purpose: purpose)] ?? (purpose == .service)
    }

    /// The lines to add to this member's log when nothing is agreed to any more.
    var withdrawn: [ConsentEntry] {
        latest.keys.sorted { ($0.channel, $0.purpose.rawValue) < ($1.channel, $1.purpose.rawValue) }
            .filter { latest[$0] ?? false }
            .map { ConsentEntry(channel: $0.channel, purpose: $0.purpose, isGranted: false) }
    }

    /// The lines to add to this member's log when `absorbed` becomes part of this one: after them
    /// only that is granted which both members granted.
    ///
    /// By channel and purpose, so that the same two members always give the same lines.
    func restricted(by absorbed: Consents) -> [ConsentEntry] {
        let scopes = Set(latest.keys).union(absorbed.latest.keys).sorted {
            ($0.channel, $0.purpose.rawValue) < ($1.channel, $1.purpose.rawValue)
        }
        return scopes.compactMap { scope in
            let own = isGranted(scope.channel, scope.purpose)
            let both = own && absorbed.isGranted(scope.channel, scope.purpose)
            guard both != own else { return nil }
            return ConsentEntry(
                channel: scope.channel, purpose: scope.purpose, isGranted: both)
        }
    }

    /// - Throws: `evidenceMissing` when marketing is granted without saying by what.
    static func check(
        _ entry: ConsentEntry, evidence: String?
    ) throws(ConsentRefusal) {
        guard entry.isGranted, entry.purpose == .marketing else { return }
        if (evidence ?? "").allSatisfy(\.isWhitespace) { throw .evidenceMissing }
    }
}
