/// Which of two members a field is taken from.
enum MergeSide: String, Sendable {
    case survivor = "SURVIVOR"
    case absorbed = "ABSORBED"
}

/// The fields of a member that a merge chooses between.
enum MergeField: String, CaseIterable, Sendable {
    case name
    case gender
    case birthday
    case homeChapter
    case preferences
    case attributes
}

/// One of two members about to become one.
struct MergeMember: Equatable, Sendable {
    var key: Int64
    var isOrganization = false
    var standing = MemberStanding(status: .active)
    var openHolds = 0
    var openOrders = 0
    /// The fields that have a value; an unknown gender is none.
    var filled: Set<MergeField> = []
    /// Milliseconds since 1970.
    var joinedAt: Int64 = 0
    var lastActiveAt: Int64?
}

/// Why two members do not become one.
enum MergeRefusal: RuleRefusal {
    case itself
    case member(Int64, MemberRefusal)
    case otherKind
    case openHolds(member: Int64, count: Int)
    case openOrders(member: Int64, count: Int)
    /// The identities of one person lead to several members.
    case severalMembers([Int64])
    case alreadyUndone

    var code: RuleCode {
        switch self {
        case .itself: .mergeSelf
        case .member(_, let refusal): refusal.code
        case .otherKind, .openHolds, .openOrders, .severalMembers: .mergeConflict
        case .alreadyUndone: .invalidTransition
        }
    }
}

/// What becomes of the fields of two members that become one.
struct MergeDecision: Equatable, Sendable {
    /// Every field, and whose value the survivor has afterwards.
    var sources: [MergeField: MergeSide]
    /// The earlier of the two.
    var joinedAt: Int64
    /// The later of the two.
    var lastActiveAt: Int64?

    /// The survivor's value wins unless a choice says otherwise, or the survivor has none.
    ///
    /// - Throws: `itself`, `member` for one that is merged or erased, `otherKind`, `openHolds`,
    ///   `openOrders`.
    init(
        _ survivor: MergeMember, _ absorbed: MergeMember, choices: [MergeField: MergeSide] = [:]
    ) throws(MergeRefusal) {
        if survivor.key == absorbed.key { throw .itself }
        for member in [survivor, absorbed] {
            do throws(MemberRefusal) {
                try member.standing.check(.edit)
            } catch {
                throw .member(member.key, error)
            }
        }
        if survivor.isOrganization != absorbed.isOrganization { throw .otherKind }
        for member in [survivor, absorbed] {
            if member.openHolds > 0 {
                throw .openHolds(member: member.key, count: member.openHolds)
            }
            if member.openOrders > 0 {
                throw .openOrders(member: member.key, count: member.openOrders)
            }
        }
        sources = [:]
        for field in MergeField.allCases {
            let isMissing =
                !survivor.filled.contains(field) && absorbed.filled.contains(field)
            sources[field] = choices[field] ?? (isMissing ? .absorbed : .survivor)
        }
        joinedAt = min(survivor.joinedAt, absorbed.joinedAt)
        let actives = [survivor.lastActiveAt, absorbed.lastActiveAt].compactMap { $0 }
        lastActiveAt = actives.max()
    }

    /// Who stands for `member` after all merges. I4: a ring, which no merge makes, ends where it
    /// began.
    static func survivor(of member: Int64, mergedInto: (Int64) -> Int64?) -> Int64 {
        var seen: Set<Int64> = [member]
        var current = member
        while let next = mergedInto(current) {
            guard seen.insert(next).inserted else { return member }
            current = next
        }
        return current
    }

    /// The one member to whom identities lead; `nil` when they lead to nobody, so that a new one is
    /// made.
    ///
    /// - Parameter owners: for each identity, whose it is.
    /// - Throws: `severalMembers`: never a silent pick.
    static func owner(of owners: [Int64?]) throws(MergeRefusal) -> Int64? {
        let members = Set(owners.compactMap { $0 }).sorted()
        guard members.count <= 1 else { throw .severalMembers(members) }
        return members.first
    }
}
