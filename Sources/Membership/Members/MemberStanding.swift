/// Whether a member may act.
enum MemberStatus: String, CaseIterable, Sendable {
    case prospect = "PROSPECT"
    case active = "ACTIVE"
    case suspended = "SUSPENDED"
    case merged = "MERGED"
    case erased = "ERASED"
}

/// What is asked of a member.
enum MemberAct: Sendable {
    /// Name, identities, tags, consents, notes by staff.
    case edit
    /// Earning, redeeming, registering, being written to.
    case takePart
}

/// Why a member does not do as asked.
enum MemberRefusal: RuleRefusal {
    /// Another member took this one's place.
    case merged(into: Int64?)
    case suspended
    case erased
    case transition(from: MemberStatus)
    case reasonMissing
    /// Money that belongs to the member, in minor units: it is paid out before a member is erased.
    case principalLeft(Int64)

    var code: RuleCode {
        switch self {
        case .merged: .memberMerged
        case .suspended: .memberSuspended
        case .erased: .memberErased
        case .transition, .principalLeft: .invalidTransition
        case .reasonMissing: .required
        }
    }
}

/// A member's status and who took its place.
struct MemberStanding: Equatable, Sendable {
    var status: MemberStatus
    var mergedInto: Int64?

    /// I3: a merged member accepts no write, an erased one neither; a suspended one takes no part.
    func check(_ act: MemberAct) throws(MemberRefusal) {
        switch (status, act) {
        case (.merged, _): throw .merged(into: mergedInto)
        case (.erased, _): throw .erased
        case (.suspended, .takePart): throw .suspended
        default: return
        }
    }

    func suspended(reason: String) throws(MemberRefusal) -> MemberStanding {
        try check(.edit)
        if reason.allSatisfy(\.isWhitespace) { throw .reasonMissing }
        guard status != .suspended else { throw .transition(from: status) }
        return MemberStanding(status: .suspended)
    }

    func reinstated() throws(MemberRefusal) -> MemberStanding {
        try check(.edit)
        guard status == .suspended else { throw .transition(from: status) }
        return MemberStanding(status: .active)
    }

    /// I6: what remains is ids, amounts and dates.
    ///
    /// - Parameter principalMinor: what the member's wallets hold of the member's own money.
    func erased(reason: String, principalMinor: Int64) throws(MemberRefusal) -> MemberStanding {
        try check(.edit)
        if reason.allSatisfy(\.isWhitespace) { throw .reasonMissing }
        if principalMinor > 0 { throw .principalLeft(principalMinor) }
        return MemberStanding(status: .erased)
    }
}
