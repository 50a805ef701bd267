import Foundation

/// What a merge moved and changed: enough to undo it exactly. Kept as JSON in its row, by the public
/// ids of rows, which stay whatever becomes of the store.
struct MergeRecord: Codable, Equatable, Sendable {
    /// The rows of one relation that lead to the survivor now.
    struct Moved: Codable, Equatable, Sendable {
        var table: String
        var field: String
        var ids: [String]
    }

    /// A consent that was taken from the survivor, because the absorbed member had not given it.
    struct Withdrawn: Codable, Equatable, Sendable {
        var channel: String
        var purpose: String
    }

    /// A registration that gave way to a better one of the same event.
    struct Cancelled: Codable, Equatable, Sendable {
        var id: String
        var status: String
    }

    /// The survivor's tier in a program.
    struct Tier: Codable, Equatable, Sendable {
        /// The assignment that was open before; none for a first one.
        var before: String?
        /// The assignment that is open since.
        var after: String
        /// The tier of `before`.
        var tier: String?
    }

    /// Money that went from one wallet to another.
    struct Wallet: Codable, Equatable, Sendable {
        struct Part: Codable, Equatable, Sendable {
            var from: String
            var to: String
            var amount: Int64
        }

        var from: String
        var to: String
        var principal: Int64
        var bonuses: [Part]
    }

    /// Two memberships whose terms became those of one.
    struct Membership: Codable, Equatable, Sendable {
        struct Term: Codable, Equatable, Sendable {
            var id: String
            var seq: Int
        }

        var kept: String
        var emptied: String
        /// The terms that were the emptied one's, with their numbers there.
        var terms: [Term]
        var keptJoinDate: Int32
        var emptiedDates: Span
    }

    struct Span: Codable, Equatable, Sendable {
        var join: Int32
        var start: Int32
        var end: Int32?
    }

    /// The fields of the survivor that the merge may change.
    struct Fields: Codable, Equatable, Sendable {
        var name: String
        var gender: String
        var birthday: Int32?
        var homeChapter: String
        var preferences: String?
        var attributes: String?
        var joinedAt: Int64
        var lastActiveAt: Int64?
    }

    var absorbedStatus: String
    var before: Fields
    var after: Fields
    var moved: [Moved] = []
    /// Identities that were the primary ones of the absorbed member, and are none of the survivor's.
    var demoted: [String] = []
    var withdrawn: [Withdrawn] = []
    var cancelled: [Cancelled] = []
    var tiers: [Tier] = []
    /// The survivor's entries by which the points came.
    var points: [String] = []
    var wallets: [Wallet] = []
    var memberships: [Membership] = []
    /// Memberships that overlap another since.
    var flagged: [String] = []

    init(absorbedStatus: String, before: Fields, after: Fields) {
        self.absorbedStatus = absorbedStatus
        self.before = before
        self.after = after
    }

    /// How many rows of each table changed hands.
    var counts: [String: Int] {
        var counts: [String: Int] = [:]
        for moved in moved where !moved.ids.isEmpty {
            counts[moved.table, default: 0] += moved.ids.count
        }
        if !points.isEmpty { counts["PointsEntry"] = points.count }
        if !wallets.isEmpty { counts["Wallet"] = wallets.count }
        for joined in memberships { counts["MembershipTerm", default: 0] += joined.terms.count }
        return counts
    }

    /// As the row keeps it.
    var json: String { text(self) }

    var countsJSON: String { text(counts) }

    private func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Nil for a row that was not written by a merge.
    init?(json: String) {
        guard
            let record = try? JSONDecoder().decode(MergeRecord.self, from: Data(json.utf8))
        else { return nil }
        self = record
    }
}
