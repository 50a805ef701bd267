import Engine
import Store

/// Pairs of members who may be the same, the most alike first.
///
/// Only members that share one of the telling fields are compared: those fields without which no
/// pair reaches the threshold. O(members + pairs that share one).
struct DuplicateCandidates: FieldRule {
    static let name = "members.duplicates"

    /// As many pairs as somebody looks through.
    private static let firstMax = 1_000
    /// A value that so many members share tells nothing: a switchboard's number, a common name.
    private static let sharedMax = 200

    private let threshold: InputField<Int>
    private let first: InputField<Int>
    private let members: MemberTable
    private let identities: IdentityTable
    private let exclusions: ExclusionTable
    private let pair: ResultShape

    init(_ binder: RuleBinder) {
        threshold = binder.input("threshold")
        first = binder.input("first")
        members = binder.shared()
        identities = binder.shared()
        exclusions = binder.shared()
        pair = binder.output("a", "b", "score", "matched", "conflicts")
    }

    private struct Pair: Hashable {
        let a: RowRef
        let b: RowRef
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let count = read[first]
        guard 0...Self.firstMax ~= count else {
            throw .refused("first is 0 to \(Self.firstMax).")
        }
        let threshold = read[threshold]
        guard threshold > 0 else { throw .refused("threshold is at least 1.") }
        var rules = DuplicateRules.standard
        rules.threshold = threshold
        let profiles = try profiles(read)
        var found: [(pair: Pair, score: DuplicateScore)] = []
        for pair in try pairs(profiles, rules, read) {
            try read.visit(1)
            guard let one = profiles[pair.a], let other = profiles[pair.b] else { continue }
            let score = rules.score(one, other)
            if score.score < threshold { continue }
            if exclusions.find(pair.a, pair.b, read.data) != nil { continue }
            found.append((pair, score))
        }
        found.sort {
            ($1.score.score, $0.pair.a.rawValue, $0.pair.b.rawValue)
                < ($0.score.score, $1.pair.a.rawValue, $1.pair.b.rawValue)
        }
        return .list(
            found.prefix(count).map { found in
                pair.object(
                    .row(found.pair.a), .row(found.pair.b), .int(found.score.score),
                    .list(found.score.matched.map { .enum($0) }),
                    .list(found.score.conflicts.map { .enum($0) }))
            })
    }

    /// Members who may still become one with another.
    private func profiles(_ read: FieldRead) throws(FieldStop) -> [RowRef: DuplicateProfile] {
        var profiles: [RowRef: DuplicateProfile] = [:]
        read.data.forEach(members.table) { ref, row in
            let status = row[members.status]
            if status == .merged || status == .erased { return }
            guard read.data.isOpen(members.table, ref) else { return }
            var profile = DuplicateProfile()
            profile.isOrganization = row[members.kind] == .organization
            profile.name = row[members.name]
            profile.birthday = row[members.birthday]
            let gender = row[members.gender]
            profile.gender = gender == .unknown ? nil : gender.rawValue
            profile.homeChapter = Int64(row[members.homeChapter].rawValue)
            profiles[ref] = profile
        }
        try read.visit(profiles.count)
        read.data.forEach(identities.table) { _, row in
            guard let normalized = row[identities.normalized] else { return }
            profiles[row[identities.member]]?.identities[row[identities.kind], default: []]
                .append(normalized)
        }
        return profiles
    }

    private func pairs(
        _ profiles: [RowRef: DuplicateProfile], _ rules: DuplicateRules, _ read: FieldRead
    ) throws(FieldStop) -> [Pair] {
        var groups: [String: [RowRef]] = [:]
        let telling = rules.telling
        for (ref, profile) in profiles {
            for (place, rule) in telling.enumerated() {
                for value in rule.parts(of: profile) {
                    groups["\(place) \(value)", default: []].append(ref)
                }
            }
        }
        try read.visit(groups.count)
        var pairs: Set<Pair> = []
        for group in groups.values where 2...Self.sharedMax ~= group.count {
            let members = group.sorted { $0.rawValue < $1.rawValue }
            for (place, a) in members.enumerated() {
                for b in members[(place + 1)...] where a != b { pairs.insert(Pair(a: a, b: b)) }
            }
            try read.visit(group.count)
        }
        return Array(pairs)
    }
}
