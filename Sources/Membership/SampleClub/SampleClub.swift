import Engine
import Store

/// A club made up for trying things out: members, their points, tiers, events, orders and
/// memberships.
///
/// Three and a half years of its life are played through the club's own mutations, each at its time;
/// so everything that the rules keep is as they keep it. The same size always gives the same rows.
public struct SampleClub {
    /// How much there is of it.
    public enum Size: Sendable {
        /// 60 members: enough for every kind of thing to happen.
        case tiny
        /// 400 members.
        case small
        /// Ten times as many.
        case large

        var memberCount: Int {
            switch self {
            case .tiny: 60
            case .small: 400
            case .large: 4_000
            }
        }
    }

    /// The club's time: 2026-06-30T12:00:00Z, in milliseconds since 1970-01-01T00:00:00Z. What has
    /// happened lies before it; some events are yet to come.
    public static let now: Int64 = 1_782_820_800_000

    private let size: Size

    public init(_ size: Size) {
        self.size = size
    }

    public var memberCount: Int { size.memberCount }
    var eventCount: Int { max(24, size.memberCount / 8) }

    /// Plays the club into a store without rows.
    ///
    /// - Throws: when the model is not that of Tessera's own schema files, or one that has grown
    ///   out of it.
    public func load(into store: Store, _ model: Model) throws(SampleClubError) {
        let stage = SampleStage(EngineContext(model: model, store: store) { SampleClub.now })
        let organisation = SampleOrganisation(eventCount: eventCount)
        let founded = try organisation.found(on: stage)
        var play = SamplePlay(organisation, founded, memberCount: memberCount, on: stage)
        try play.run()
    }
}

/// Why the sample club cannot be loaded.
public enum SampleClubError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A mutation that the schema does not know, or not so, and what it says.
    case refused(field: String, reason: String)

    public var description: String {
        switch self {
        case .refused(let field, let reason): "\(field): \(reason)"
        }
    }
}
