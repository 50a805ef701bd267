import JSON

@testable import Engine

/// What the small club's mutations mean, in the plainest way: arrays that are searched.
struct NaiveClub {
    struct Member: Equatable {
        var id: String
        var version = 1
        var number: String
        var name: String
        var email: String?
        var points: Int?
        var tier: String?
        var sponsor: String?
    }

    struct Tier: Equatable {
        var id: String
        var version = 1
        var code: String
        var name: String
    }

    struct Visit: Equatable {
        let id: String
        let member: String
    }

    var members: [Member] = []
    var tiers: [Tier] = []
    var visits: [Visit] = []
    private var created = ["mem": 0, "tier": 0, "vis": 0]

    private mutating func nextID(_ prefix: String) -> String {
        created[prefix, default: 0] += 1
        return "\(prefix)_\(created[prefix, default: 0])"
    }

    /// A field that is absent, null or has a value.
    typealias Fields = [String: JSONValue]

    // MARK: Members

    /// The codes of everything that is wrong with fields of a member, keys aside.
    private func faults(_ fields: Fields) -> [String] {
        var codes: [String] = []
        for name in ["number", "name"] where fields[name] == .null { codes.append("REQUIRED") }
        if case .integer(let points)? = fields["points"], !(0...1000).contains(points) {
            codes.append("INVALID")
        }
        if case .string(let id)? = fields["tierId"], !tiers.contains(where: { $0.id == id }) {
            codes.append("NOT_FOUND")
        }
        if case .string(let id)? = fields["sponsorId"], !members.contains(where: { $0.id == id }) {
            codes.append("NOT_FOUND")
        }
        return codes
    }

    private func duplicates(_ fields: Fields, own: String?) -> [String] {
        var codes: [String] = []
        if case .string(let number)? = fields["number"],
            members.contains(where: { $0.number == number && $0.id != own })
        {
            codes.append("DUPLICATE")
        }
        if case .string(let email)? = fields["email"],
            members.contains(where: { $0.email == email && $0.id != own })
        {
            codes.append("DUPLICATE")
        }
        return codes
    }

    private static func apply(_ fields: Fields, to member: inout Member) {
        func text(_ name: String, _ old: String?) -> String? {
            switch fields[name] {
            case .string(let text)?: text
            case nil: old
            default: nil
            }
        }
        member.number = text("number", member.number) ?? ""
        member.name = text("name", member.name) ?? ""
        member.email = text("email", member.email)
        member.tier = text("tierId", member.tier)
        member.sponsor = text("sponsorId", member.sponsor)
        switch fields["points"] {
        case .integer(let points)?: member.points = Int(points)
        case nil: break
        default: member.points = nil
        }
    }

    mutating func createMember(_ fields: Fields) -> [String] {
        let missing = ["number", "name"].filter { fields[$0] == nil }.map { _ in "REQUIRED" }
        let codes = faults(fields) + missing + duplicates(fields, own: nil)
        guard codes.isEmpty else { return codes }
        var member = Member(id: nextID("mem"), number: "", name: "")
        Self.apply(fields, to: &member)
        members.append(member)
        return []
    }

    mutating func updateMember(_ id: String, version: Int?, _ fields: Fields) -> [String] {
        guard let place = members.firstIndex(where: { $0.id == id }) else {
            return ["NOT_FOUND"] + faults(fields)
        }
        var codes = faults(fields)
        if let version, version != members[place].version { codes.append("CONFLICT") }
        codes += duplicates(fields, own: id)
        guard codes.isEmpty else { return codes }
        var changed = members[place]
        Self.apply(fields, to: &changed)
        if changed != members[place] {
            changed.version += 1
            members[place] = changed
        }
        return []
    }

    mutating func upsertMember(number: String, _ fields: Fields) -> [String] {
        if let member = members.first(where: { $0.number == number }) {
            return updateMember(member.id, version: nil, fields)
        }
        var all = fields
        all["number"] = .string(number)
        return createMember(all)
    }

    mutating func deleteMember(_ id: String) -> [String] {
        guard members.contains(where: { $0.id == id }) else { return ["NOT_FOUND"] }
        members.removeAll { $0.id == id }
        visits.removeAll { $0.member == id }
        for place in members.indices where members[place].sponsor == id {
            members[place].sponsor = nil
            members[place].version += 1
        }
        return []
    }

    mutating func updateMembers(withPointsFrom low: Int, _ fields: Fields) -> [String] {
        var codes = faults(fields)
        guard codes.isEmpty else { return codes }
        var copy = self
        for member in members where (member.points ?? -1) >= low {
            codes = copy.updateMember(member.id, version: nil, fields)
            if !codes.isEmpty { return Array(codes.prefix(1)) }
        }
        self = copy
        return []
    }

    // MARK: Tiers and visits

    mutating func createTier(_ code: String, _ name: String) -> [String] {
        if tiers.contains(where: { $0.code == code }) { return ["DUPLICATE"] }
        tiers.append(Tier(id: nextID("tier"), code: code, name: name))
        return []
    }

    mutating func deleteTier(_ id: String) -> [String] {
        guard tiers.contains(where: { $0.id == id }) else { return ["NOT_FOUND"] }
        if members.contains(where: { $0.tier == id }) { return ["REFERENCED"] }
        tiers.removeAll { $0.id == id }
        return []
    }

    mutating func createVisit(_ member: String) -> [String] {
        guard members.contains(where: { $0.id == member }) else { return ["NOT_FOUND"] }
        visits.append(Visit(id: nextID("vis"), member: member))
        return []
    }

    // MARK: As an answer

    /// What the query `dump` answers.
    var json: JSONValue {
        func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
        func connection(_ rows: [JSONValue]) -> JSONValue {
            .object([JSONValue.Member("nodes", .array(rows))])
        }
        let members: [JSONValue] = members.map {
            [
                "id": .string($0.id), "version": .integer(Int64($0.version)),
                "number": .string($0.number), "name": .string($0.name), "email": text($0.email),
                "points": $0.points.map { .integer(Int64($0)) } ?? .null,
                "tierId": text($0.tier), "sponsorId": text($0.sponsor),
            ]
        }
        let tiers: [JSONValue] = tiers.map {
            [
                "id": .string($0.id), "version": .integer(Int64($0.version)),
                "code": .string($0.code), "name": .string($0.name),
            ]
        }
        let visits: [JSONValue] = visits.map {
            ["id": .string($0.id), "memberId": .string($0.member)]
        }
        return [
            "data": [
                "members": connection(members), "tiers": connection(tiers),
                "visits": connection(visits),
            ]
        ]
    }

    static let dump = """
        {
          members(first: 1000) { nodes { id version number name email points tierId sponsorId } }
          tiers(first: 1000) { nodes { id version code name } }
          visits(first: 1000) { nodes { id memberId } }
        }
        """
}
