import Engine
import Store

/// Where other subjects ask for members: who may act, and what is remembered of it.
struct MemberDesk: BoundTables {
    let members: MemberTable
    let activities: ActivityTable
    private let memberships: MembershipTable
    private let chapters: ChapterCalendars

    init(_ binder: RuleBinder) {
        members = binder.shared()
        activities = binder.shared()
        memberships = binder.shared()
        chapters = binder.shared()
    }

    /// The member that an id means, who may act.
    ///
    /// - Parameters:
    ///   - field: of the input, for the error's path.
    ///   - allowsSuspended: for what staff note about a member; a suspended member takes no part.
    /// - Throws: `NOT_FOUND`, `MEMBER_MERGED` with the survivor's id in its message (I3),
    ///   `MEMBER_ERASED`, `MEMBER_SUSPENDED`.
    func live(
        _ id: String, at field: String, _ call: RuleCall, allowsSuspended: Bool = false
    ) throws(MutationStop) -> RowRef {
        let member = try call.row(id, in: members.table, at: field)
        try check(member, at: field, call, allowsSuspended: allowsSuspended)
        return member
    }

    /// As ``live(_:at:_:allowsSuspended:)``, for a member that another row leads to.
    func check(
        _ member: RowRef, at field: String, _ call: RuleCall, allowsSuspended: Bool = false
    ) throws(MutationStop) {
        do throws(MemberRefusal) {
            try standing(member, call.data).check(allowsSuspended ? .edit : .takePart)
        } catch {
            throw call.refuse(error.code.code, message(error, member, call.data), at: field)
        }
    }

    func standing(_ member: RowRef, _ data: DataView) -> MemberStanding {
        let row = data.row(members.table, member)
        return MemberStanding(
            status: row[members.status],
            mergedInto: row[members.mergedInto].map { Int64($0.rawValue) })
    }

    /// I4: who stands for a member after all merges.
    func survivor(of member: RowRef, _ data: DataView) -> RowRef {
        let last = MergeDecision.survivor(of: Int64(member.rawValue)) { key in
            guard let raw = UInt32(exactly: key) else { return nil }
            return data.row(members.table, RowRef(rawValue: raw))[members.mergedInto].map {
                Int64($0.rawValue)
            }
        }
        return UInt32(exactly: last).map { RowRef(rawValue: $0) } ?? member
    }

    /// What a refusal says to the person who asked.
    func message(_ refusal: MemberRefusal, _ member: RowRef, _ data: DataView) -> String {
        let id = data.id(member, of: members.table)
        return switch refusal {
        case .merged:
            "The member \(id) became one with \(name(of: survivor(of: member, data), data))."
        case .suspended: "The member \(id) is suspended."
        case .erased: "The member \(id) was erased."
        case .transition(let status): "The member \(id) is \(status.rawValue)."
        case .reasonMissing: "A reason must be given."
        case .principalLeft(let minor):
            "The member's wallets hold \(minor) in minor units, to be paid out first."
        }
    }

    /// The id, for those who may see the member.
    private func name(of member: RowRef, _ data: DataView) -> String {
        data.isOpen(members.table, member) ? data.id(member, of: members.table) : "another"
    }

    /// Adds a line to the member's timeline. What the member did moves `lastActiveAt` forward, and
    /// a member who was gone is won back by it.
    ///
    /// - Parameters:
    ///   - at: milliseconds since 1970-01-01T00:00:00Z.
    ///   - subjectID: the public id of what it was about.
    ///   - payload: a JSON document.
    @discardableResult
    func note(
        _ type: ActivityType, of member: RowRef, at: Int64, channel: Channel? = nil,
        subjectID: String? = nil, payload: String? = nil, _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let activity = try call.insert(activities.table) { row in
            row[activities.member] = member
            row[activities.type] = type
            row[activities.at] = at
            if let channel { row[activities.channel] = channel }
            if let subjectID { row[activities.subjectID] = subjectID }
            if let payload { row[activities.payload] = JSONDocument(payload) }
        }
        guard type.isOwn else { return activity }
        let row = call.data.row(members.table, member)
        let last = row[members.lastActiveAt]
        if let last, last >= at { return activity }
        let stage = row[members.lifecycleStage]
        let calendar = chapters.calendar(of: row[members.homeChapter], call.data)
        let quiet =
            Int(calendar.day(of: at)) - Int(calendar.day(of: last ?? row[members.joinedAt]))
        var facts = LifecycleFacts(
            joined: calendar.day(of: row[members.joinedAt]), lastActive: calendar.day(of: at),
            returned: row[members.returnedAt].map { calendar.day(of: $0) })
        // A membership that ran out keeps a member gone, whatever the member does.
        facts.isLapsed = stage == .churned && memberships.isLapsed(member, call.data)
        let isReturn =
            quiet > LifecycleRules().dormantDays || stage == .churned && !facts.isLapsed
        if isReturn { facts.returned = calendar.day(of: at) }
        let next = facts.stage(on: calendar.day(of: call.now))
        try call.update(members.table, member) { row in
            row[members.lastActiveAt] = at
            if isReturn { row[members.returnedAt] = at }
            if next != stage { row[members.lifecycleStage] = next }
        }
        if next != stage { try noteStage(from: stage, to: next, of: member, at: call.now, call) }
        return activity
    }

    /// A line about a new stage.
    func noteStage(
        from: LifecycleStage, to: LifecycleStage, of member: RowRef, at: Int64, _ call: RuleCall
    ) throws(MutationStop) {
        let payload = #"{"from":"\#(from.rawValue)","to":"\#(to.rawValue)"}"#
        try note(.stageChanged, of: member, at: at, payload: payload, call)
    }
}
