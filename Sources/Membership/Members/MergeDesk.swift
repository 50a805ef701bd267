import Engine
import Store

/// What merging and its undoing have in common.
struct MergeDesk: BoundTables {
    let desk: MemberDesk
    let merges: MergeTable
    let identities: IdentityTable
    let profiles: ProfileDesk
    let consents: ConsentTable
    let worn: MemberTagTable
    let contained: SegmentMemberTable
    let segments: SegmentTable
    let registrations: RegistrationDesk
    let points: PointsDesk
    let wallets: WalletDesk
    let holdings: HoldingDesk
    let orders: OrderTable
    let holds: HoldTable
    let movable: MovableRows
    var members: MemberTable { desk.members }
    var tiers: TierDesk { points.tiers }

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        merges = binder.shared()
        identities = binder.shared()
        profiles = binder.shared()
        consents = binder.shared()
        worn = binder.shared()
        contained = binder.shared()
        segments = binder.shared()
        registrations = binder.shared()
        points = binder.shared()
        wallets = binder.shared()
        holdings = binder.shared()
        orders = binder.shared()
        holds = binder.shared()
        movable = binder.shared()
    }

    // MARK: Fields of members

    func fields(of member: RowRef, _ data: DataView) -> MergeRecord.Fields {
        let row = data.row(members.table, member)
        return MergeRecord.Fields(
            name: row[members.name], gender: row[members.gender].rawValue,
            birthday: row[members.birthday],
            homeChapter: data.id(row[members.homeChapter], of: profiles.chapters.table),
            preferences: row[members.preferences]?.text, attributes: row[members.attributes]?.text,
            joinedAt: row[members.joinedAt], lastActiveAt: row[members.lastActiveAt])
    }

    func write(
        _ fields: MergeRecord.Fields, to member: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        let home = call.data.unguarded.ref(id: fields.homeChapter, in: profiles.chapters.table)
        try call.update(members.table, member, isPatch: true) { row in
            row[members.name] = fields.name
            if let gender = Gender(rawValue: fields.gender) { row[members.gender] = gender }
            row[members.birthday] = fields.birthday
            if let home { row[members.homeChapter] = home }
            row[members.preferences] = fields.preferences.map { JSONDocument($0) }
            row[members.attributes] = fields.attributes.map { JSONDocument($0) }
            row[members.joinedAt] = fields.joinedAt
            row[members.lastActiveAt] = fields.lastActiveAt
        }
    }

    /// A member as the decision about a merge asks for it.
    func mergeMember(_ member: RowRef, _ data: DataView) -> MergeMember {
        let row = data.row(members.table, member)
        var filled: Set<MergeField> = [.name, .homeChapter]
        if row[members.gender] != .unknown { filled.insert(.gender) }
        if row[members.birthday] != nil { filled.insert(.birthday) }
        if row[members.preferences] != nil { filled.insert(.preferences) }
        if row[members.attributes] != nil { filled.insert(.attributes) }
        var openOrders = 0
        for order in data.rows(orders.ofMember, .row(member))
        where data.row(orders.table, order)[orders.status] == .open {
            openOrders += 1
        }
        return MergeMember(
            key: Int64(member.rawValue),
            isOrganization: row[members.kind] == .organization,
            standing: desk.standing(member, data), openHolds: openHolds(of: member, data),
            openOrders: openOrders, filled: filled, joinedAt: row[members.joinedAt],
            lastActiveAt: row[members.lastActiveAt])
    }

    private func openHolds(of member: RowRef, _ data: DataView) -> Int {
        var count = 0
        for account in data.rows(points.books.accounts.ofMember, .row(member)) {
            for hold in data.rows(holds.byStatus, .row(account), holds.status.part(.open))
            where data.row(holds.table, hold)[holds.expiresAt] > data.now {
                count += 1
            }
        }
        return count
    }

    // MARK: Tiers

    /// The programs that have levels for the member, with the open assignment.
    func openTiers(of member: RowRef, _ data: DataView) -> [(program: RowRef, open: RowRef)] {
        var programs: [RowRef] = []
        data.forEach(tiers.programs.table) { ref, _ in programs.append(ref) }
        return programs.sorted { $0.rawValue < $1.rawValue }.compactMap { program in
            let (ref, open, _) = tiers.assignments.last(member, program, data)
            guard let ref, open != nil else { return nil }
            return (program, ref)
        }
    }

    // MARK: Refusals

    func refuse(
        _ refusal: MergeRefusal, at field: String, _ call: RuleCall
    ) -> MutationStop {
        let message =
            switch refusal {
            case .itself: "A member does not become one with itself."
            case .member(let key, let inner):
                desk.message(inner, RowRef(key: key), call.data)
            case .otherKind: "A person and an organisation do not become one."
            case .openHolds(let member, let count):
                "\(id(member, call)) has \(count) open holds of points."
            case .openOrders(let member, let count):
                "\(id(member, call)) has \(count) open orders."
            case .severalMembers: "The identities lead to several members."
            case .alreadyUndone: "The merge was undone."
            }
        return call.refuse(refusal.code.code, message, at: field)
    }

    private func id(_ key: Int64, _ call: RuleCall) -> String {
        call.data.id(RowRef(key: key), of: members.table)
    }
}
