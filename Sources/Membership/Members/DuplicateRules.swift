import Foundation

/// What of a member is compared to find duplicates.
enum DuplicateField: String, CaseIterable, Sendable {
    case name = "NAME"
    case birthday = "BIRTHDAY"
    case gender = "GENDER"
    case homeChapter = "HOME_CHAPTER"
    case phone = "PHONE"
    case email = "EMAIL"
    /// The part of an e-mail address before the `@`.
    case emailName = "EMAIL_NAME"
    case cardNo = "CARD_NO"
    case unionID = "WECHAT_UNIONID"
}

/// How much of two values must be equal.
enum DuplicateExtent: Equatable, Sendable {
    case whole
    /// So many characters from the beginning.
    case prefix(Int)
    /// So many characters at the end: a phone number without its country.
    case suffix(Int)
}

/// One line of a rule: a field, how much of it counts, and what it is worth.
struct DuplicateRule: Equatable, Sendable {
    var field: DuplicateField
    var extent: DuplicateExtent = .whole
    var weight: Int
}

/// What is known about a member, for finding duplicates.
struct DuplicateProfile: Equatable, Sendable {
    var isOrganization = false
    var name = ""
    /// A day number.
    var birthday: Int32?
    /// `nil` when unknown.
    var gender: String?
    var homeChapter: Int64?
    /// Normalised, by kind.
    var identities: [IdentityKind: [String]] = [:]

    fileprivate func values(of field: DuplicateField) -> [String] {
        switch field {
        case .name:
            let folded = name.precomposedStringWithCompatibilityMapping.lowercased()
            let words = folded.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return words.isEmpty ? [] : [words]
        case .birthday: return birthday.map { [String($0)] } ?? []
        case .gender: return gender.map { [$0] } ?? []
        case .homeChapter: return homeChapter.map { [String($0)] } ?? []
        case .phone: return identities[.phone] ?? []
        case .email: return identities[.email] ?? []
        case .emailName:
            return (identities[.email] ?? []).compactMap { address in
                address.lastIndex(of: "@").map { String(address[..<$0]) }
            }
        case .cardNo: return identities[.cardNo] ?? []
        case .unionID: return identities[.wechatUnionID] ?? []
        }
    }
}

/// How alike two members are.
struct DuplicateScore: Equatable, Sendable {
    var score: Int
    /// The fields that agree, in the rules' order.
    var matched: [DuplicateField]
    /// The fields that both have and that differ.
    var conflicts: [DuplicateField]
}

/// Weighted fields and the sum from which two members may be one.
///
/// Source: CiviCRM's dedupe rules.
struct DuplicateRules: Equatable, Sendable {
    var rules: [DuplicateRule]
    /// The score from which a pair is shown.
    var threshold: Int

    /// Name and birthday, or a name and one way to reach the member, make a pair.
    static let standard = DuplicateRules(
        rules: [
            DuplicateRule(field: .name, weight: 50),
            DuplicateRule(field: .birthday, weight: 50),
            DuplicateRule(field: .phone, extent: .suffix(8), weight: 60),
            DuplicateRule(field: .emailName, weight: 50),
            DuplicateRule(field: .unionID, weight: 100),
            DuplicateRule(field: .homeChapter, weight: 10),
        ], threshold: 100)

    /// The same whichever member comes first. A person and an organisation are never alike.
    func score(_ first: DuplicateProfile, _ second: DuplicateProfile) -> DuplicateScore {
        var result = DuplicateScore(score: 0, matched: [], conflicts: [])
        guard first.isOrganization == second.isOrganization else { return result }
        for rule in rules {
            let left = rule.parts(of: first)
            let right = rule.parts(of: second)
            if left.isEmpty || right.isEmpty { continue }
            if Set(left).isDisjoint(with: right) {
                result.conflicts.append(rule.field)
            } else {
                result.matched.append(rule.field)
                let (sum, isOver) = result.score.addingReportingOverflow(rule.weight)
                result.score = isOver ? .max : sum
            }
        }
        return result
    }

    /// The fewest rules of which each pair that reaches the threshold meets one: rules whose
    /// weights together stay below it are left out, those that least tell members apart first.
    var telling: [DuplicateRule] {
        var rest = max(threshold, 1) - 1
        var telling: [DuplicateRule] = []
        for rule in rules.sorted(by: { $0.field.isVague && !$1.field.isVague }) {
            if rule.field.isVague, rule.weight <= rest {
                rest -= max(rule.weight, 0)
            } else {
                telling.append(rule)
            }
        }
        return telling
    }
}

extension DuplicateRule {
    /// What of a profile the rule compares.
    func parts(of profile: DuplicateProfile) -> [String] {
        profile.values(of: field).map { text in
            switch extent {
            case .whole: text
            case .prefix(let count): String(text.prefix(max(count, 0)))
            case .suffix(let count): String(text.suffix(max(count, 0)))
            }
        }
    }
}

extension DuplicateField {
    /// Whether many members share each of its values.
    fileprivate var isVague: Bool {
        self == .homeChapter || self == .gender || self == .birthday
    }
}
