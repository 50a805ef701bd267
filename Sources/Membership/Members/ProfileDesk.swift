import Engine
import Store

/// Writes what inputs say about members: new ones, changes, identities.
struct ProfileDesk: BoundTables {
    let desk: MemberDesk
    let members: MemberTable
    let identities: IdentityTable
    let chapters: ChapterCalendars
    private let version: RowField<Int>

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        members = binder.shared()
        identities = binder.shared()
        chapters = binder.shared()
        version = binder.table("Member")("version")
    }

    // MARK: Reading inputs

    /// - Parameter chapter: whose region phone numbers are from when the input names no home.
    func read(
        _ fields: ProfileFields, _ input: InputObject, at path: [String], chapter: RowRef?,
        _ data: DataView
    ) -> Profile {
        let calendar = chapter.map { chapters.calendar(of: $0, data) } ?? .utc
        return fields.read(
            input, at: path, chapters.table, data, today: calendar.day(of: data.now) &+ 1
        ) { home in
            region(of: home ?? chapter, data)
        }
    }

    /// Where phone numbers without a country's code are from.
    func region(of chapter: RowRef?, _ data: DataView) -> PhoneRegion? {
        chapter.flatMap { PhoneRegion.of(zone: chapters.zone(of: $0, data)) }
    }

    func home(of member: RowRef, _ data: DataView) -> RowRef {
        data.row(members.table, member)[members.homeChapter]
    }

    func version(of member: RowRef, _ data: DataView) -> Int {
        data.row(members.table, member)[version]
    }

    /// What stands in the way of a profile when it is written for `member`, or for a new one.
    func conflicts(_ profile: Profile, for member: RowRef?, _ data: DataView) -> [InputProblem] {
        var problems: [InputProblem] = []
        if let number = profile.memberNo.value,
            let other = data.find(members.byNumber, .text(number)), other != member
        {
            problems.append(
                InputProblem(
                    code: .uniqueViolation, message: "Another member has this number.",
                    path: profile.path + ["memberNo"]))
        }
        for identity in profile.identities {
            if let problem = conflict(identity, for: member, data) { problems.append(problem) }
        }
        return problems
    }

    /// I1: an identity leads to one member.
    func conflict(_ identity: NewIdentity, for member: RowRef?, _ data: DataView) -> InputProblem? {
        guard let owner = identities.owner(identity.kind, identity.normalized, data),
            owner != member
        else { return nil }
        return InputProblem(
            code: .identityTaken, message: InputProblem.identityTaken,
            path: identity.path + ["value"])
    }

    // MARK: Writing

    /// A new member with identities, and the first line of the timeline.
    func create(
        _ profile: Profile, home: RowRef, source: Channel, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let number = profile.memberNo.value ?? nextNumber(call.data)
        let member = try call.insert(members.table) { row in
            row[members.memberNo] = number
            row[members.name] = profile.name.value ?? ""
            row[members.homeChapter] = profile.homeChapter.value ?? home
            row[members.joinedAt] = call.now
            row[members.profileByHand] = !source.isMachine
            if let kind = profile.kind.value { row[members.kind] = kind }
            if let gender = profile.gender.value { row[members.gender] = gender }
            if let birthday = profile.birthday.value { row[members.birthday] = birthday }
            let none = JSONMembers()
            if let preferences = profile.preferences.value {
                row[members.preferences] = JSONDocument(none.patched(with: preferences).text)
            }
            if let attributes = profile.attributes.value {
                row[members.attributes] = JSONDocument(none.patched(with: attributes).text)
            }
        }
        call.auditNew(members.table, member)
        for identity in profile.identities { try add(identity, to: member, source: source, call) }
        try desk.note(.registered, of: member, at: call.now, channel: source, call)
        return member
    }

    /// The number on a card that nobody has yet.
    private func nextNumber(_ data: DataView) -> String {
        let number = "M\(100_000 &+ data.version.table(members.table.id).nextCreation)"
        var candidate = number
        var copy = 1
        while data.find(members.byNumber, .text(candidate)) != nil {
            copy += 1
            candidate = "\(number)-\(copy)"
        }
        return candidate
    }

    /// Gives a member an identity; the first of its kind is the primary one (I2).
    @discardableResult
    func add(
        _ identity: NewIdentity, to member: RowRef, source: Channel, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let kind = identities.kind.part(identity.kind)
        let isFirst = !ofMember(member, call.data).contains {
            identities.kind.part($0.kind) == kind && $0.isPrimary
        }
        return try call.insert(identities.table) { row in
            row[identities.member] = member
            row[identities.kind] = identity.kind
            row[identities.value] = identity.value
            row[identities.normalized] = identity.normalized
            row[identities.source] = source
            row[identities.primary] = isFirst
        }
    }

    func ofMember(_ member: RowRef, _ data: DataView) -> [OwnIdentity] {
        data.rows(identities.ofMember, .row(member)).map { ref in
            let row = data.row(identities.table, ref)
            return OwnIdentity(
                key: Int64(ref.rawValue), kind: row[identities.kind],
                isPrimary: row[identities.primary])
        }
    }

    /// How a profile is written over what is known.
    enum Mode {
        /// Null clears what may be empty.
        case patch
        /// Null says nothing.
        case overwrite
        /// Only what is not known yet.
        case fill
    }

    /// - Returns: whether anything is different now.
    func change(
        _ member: RowRef, _ profile: Profile, _ mode: Mode, byHand: Bool, _ call: RuleCall
    ) throws(MutationStop) -> Bool {
        let row = call.data.row(members.table, member)
        let fills = mode == .fill
        let hasGender = row[members.gender] != .unknown
        let hasBirthday = row[members.birthday] != nil
        let preferences = patched(row[members.preferences], profile.preferences, mode)
        let attributes = patched(row[members.attributes], profile.attributes, mode)
        let isByHand = row[members.profileByHand]
        call.audit(members.table, member)
        let isChanged = try call.update(members.table, member, isPatch: true) { row in
            if !fills {
                if let number = profile.memberNo.value { row[members.memberNo] = number }
                if let kind = profile.kind.value { row[members.kind] = kind }
                if let name = profile.name.value { row[members.name] = name }
                if let chapter = profile.homeChapter.value { row[members.homeChapter] = chapter }
            }
            if !fills || !hasGender, let gender = profile.gender.value {
                row[members.gender] = gender
            }
            if !fills || !hasBirthday, let birthday = profile.birthday.value {
                row[members.birthday] = birthday
            }
            if mode == .patch {
                if profile.gender.isNull { row[members.gender] = .unknown }
                if profile.birthday.isNull { row[members.birthday] = nil }
            }
            if let preferences { row[members.preferences] = preferences.json }
            if let attributes { row[members.attributes] = attributes.json }
            if byHand && !isByHand { row[members.profileByHand] = true }
        }
        if isChanged { try desk.note(.profileUpdated, of: member, at: call.now, call) }
        return isChanged
    }

    /// What becomes of a column; `nil` when it stays.
    private struct Replacement {
        let json: JSONDocument?
    }

    private func patched(
        _ old: JSONDocument?, _ given: Given<JSONMembers>, _ mode: Mode
    ) -> Replacement? {
        switch given {
        case .absent: return nil
        case .null: return mode == .patch ? Replacement(json: nil) : nil
        case .value(let patch):
            let known = old.flatMap { JSONMembers($0.text) } ?? JSONMembers()
            let new = known.patched(with: patch, fillsOnly: mode == .fill)
            if new == known { return nil }
            return Replacement(json: JSONDocument(new.text))
        }
    }
}

extension Channel {
    /// Whether what comes by it was written by a program: it does not replace what people wrote.
    var isMachine: Bool { self == .import || self == .api }
}
