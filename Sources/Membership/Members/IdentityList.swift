/// One identity of a member, as far as the choice of the primary one asks.
struct OwnIdentity: Equatable, Sendable {
    var key: Int64
    var kind: IdentityKind
    var isPrimary: Bool
}

extension Identity {
    /// The identities with `key` as the primary one of its kind. I2: at most one of each kind is.
    static func making(primary key: Int64, of identities: [OwnIdentity]) -> [OwnIdentity] {
        guard let kind = identities.first(where: { $0.key == key })?.kind else {
            return identities
        }
        return identities.map { identity in
            var identity = identity
            if identity.kind == kind { identity.isPrimary = identity.key == key }
            return identity
        }
    }

    /// After a merge, the survivor's primary identities stay, and the absorbed member's fill the
    /// kinds that have none.
    static func merged(_ survivor: [OwnIdentity], _ absorbed: [OwnIdentity]) -> [OwnIdentity] {
        var kinds = Set(survivor.filter(\.isPrimary).map(\.kind))
        return survivor
            + absorbed.map { identity in
                var identity = identity
                identity.isPrimary = identity.isPrimary && kinds.insert(identity.kind).inserted
                return identity
            }
    }
}
