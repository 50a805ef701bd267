import Engine
import Store

/// A club made up for trying things out: members, their points, tiers, events and memberships.
///
/// The same size always gives the same rows, down to the last byte.
public struct SampleClub {
    /// How much there is of it.
    public enum Size: Sendable {
        /// 2,000 members, 300 events, 60,000 points entries.
        case small
        /// Ten times as much.
        case large

        var factor: Int { self == .small ? 1 : 10 }
    }

    /// The club's time: 2026-06-30T12:00:00Z, in milliseconds since 1970-01-01T00:00:00Z. What has
    /// happened lies before it; some events are yet to come.
    public static let now: Int64 = 1_782_820_800_000

    private let size: Size

    public init(_ size: Size) {
        self.size = size
    }

    public var memberCount: Int { 2_000 * size.factor }
    public var eventCount: Int { 300 * size.factor }
    public var entryCount: Int { 60_000 * size.factor }

    /// Loads the club into a store without rows.
    ///
    /// About 0.2 s for the small one.
    /// - Throws: when the model is not that of Tessera's own schema files, or one that has grown
    ///   out of it; nothing is loaded then.
    public func load(into store: Store, _ model: Model) throws(SampleClubError) {
        let organisation = SampleOrganisation(eventCount: eventCount)
        let people = SamplePeople(
            organisation, memberCount: memberCount, entryCount: entryCount)
        try store.load(now: SampleClub.now) { loader throws(SampleClubError) in
            do throws(RowWriter.Fault) {
                var rows = SampleRows(model, store, loader)
                try rows.write(organisation, people)
                try rows.write(people, in: organisation)
            } catch {
                throw .refused(error)
            }
            let violations = loader.finish()
            if !violations.isEmpty { throw .violations(count: violations.count) }
        }
    }
}

/// Why the sample club cannot be loaded.
public enum SampleClubError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A table or a field is missing, or takes something else.
    case refused(RowWriter.Fault)
    /// Rows have the same key, as a schema with other keys sees them.
    case violations(count: Int)

    public var description: String {
        switch self {
        case .refused(let fault): fault.description
        case .violations(let count): "\(count) rows break a key of the schema"
        }
    }
}
