import Engine
import Store

/// Starts campaigns, looks for the occasions that members give, and ends campaigns.
struct CampaignDesk: BoundTables {
    let campaigns: CampaignTable
    let desk: MessageDesk
    private let members: MemberTable
    private let activities: ActivityTable
    private let segmentMembers: SegmentMemberTable
    private let tiers: TierDesk
    private let lots: LotTable
    private let accounts: AccountTable
    private let byJoining: RuleIndex
    private let lotsByEnd: RuleIndex
    private let calendars: ChapterCalendars

    init(_ binder: RuleBinder) {
        campaigns = binder.shared()
        desk = binder.shared()
        members = binder.shared()
        activities = binder.shared()
        calendars = binder.shared()
        segmentMembers = binder.shared()
        tiers = binder.shared()
        lots = binder.shared()
        accounts = binder.shared()
        lotsByEnd = binder.table("PointsLot").index(["status"], ordered: "expiresAt")
        byJoining = binder.table("Member").index([], ordered: "joinedAt")
    }

    // MARK: Beginning and end

    /// Begins a campaign: one to all at once freezes its audience, one with a trigger is armed.
    func begin(_ ref: RowRef, at: Int64, _ call: RuleCall) throws(MutationStop) {
        let plan = campaigns.campaign(ref, call.data)
        try call.update(campaigns.table, ref, isPatch: true) { row in
            row[campaigns.status] = plan.isTest ? .testing : .running
            if plan.startedAt == nil { row[campaigns.startedAt] = at }
        }
        guard !plan.kind.isTriggered, plan.startedAt == nil else { return }
        let campaign = campaigns.campaign(ref, call.data)
        for member in audience(of: campaign, call.data) {
            try call.visit(1)
            try desk.send(campaign, .init(member: member, occurrence: "1"), at: at, call)
        }
    }

    /// Refuses a campaign that goes to members whom the viewer may not see.
    func requireOpen(_ ref: RowRef, _ call: RuleCall) throws(MutationStop) {
        guard call.isGuarded(members.table) else { return }
        for member in audience(of: campaigns.campaign(ref, call.data), call.data) {
            try call.visit(1)
            if call.isOpen(members.table, member) { continue }
            throw call.forbid("The campaign is for members who are not open to this role.")
        }
    }

    /// Ends a campaign: what it has not sent is not sent any more.
    func end(_ ref: RowRef, as status: CampaignStatus, _ call: RuleCall) throws(MutationStop) {
        try desk.cancelQueue(of: ref, call)
        try call.update(campaigns.table, ref, isPatch: true) { row in
            row[campaigns.status] = status
        }
    }

    /// The live members that a campaign is for.
    private func audience(of campaign: Campaign, _ data: DataView) -> [RowRef] {
        guard let segment = campaign.segment else {
            var found: [RowRef] = []
            data.forEach(members.table) { ref, row in
                if isLive(row) { found.append(ref) }
            }
            return found
        }
        return data.rows(segmentMembers.ofSegment, .row(segment)).map {
            data.row(segmentMembers.table, $0)[segmentMembers.member]
        }.filter { isLive(data.row(members.table, $0)) }
    }

    private func isLive(_ row: RowView) -> Bool {
        switch row[members.status] {
        case .active, .suspended, .prospect: true
        case .merged, .erased: false
        }
    }

    func isMeant(_ member: RowRef, _ campaign: Campaign, _ data: DataView) -> Bool {
        guard let segment = campaign.segment else { return true }
        return data.find(segmentMembers.byPair, .row(segment), .row(member)) != nil
    }

    // MARK: Occasions

    /// Sends what the day gives occasion to.
    ///
    /// - Returns: how many messages were queued or held back.
    func tick(_ campaign: Campaign, asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        var count = 0
        for occasion in occasions(of: campaign, asOf: asOf, call.data) {
            try call.visit(1)
            guard isMeant(occasion.member, campaign, call.data) else { continue }
            if try desk.send(campaign, occasion, at: asOf, call) != nil { count += 1 }
        }
        return count
    }

    /// A member has just joined: no need to wait for the night.
    func welcome(_ member: RowRef, _ call: RuleCall) throws(MutationStop) {
        for status in [CampaignStatus.running, .testing] {
            for campaign in campaigns.campaigns(status, call.data)
            where campaign.kind == .welcome && isMeant(member, campaign, call.data) {
                try desk.send(
                    campaign, .init(member: member, occurrence: Self.joining), at: call.now, call)
            }
        }
    }

    private static let joining = "joined"

    private func occasions(
        of campaign: Campaign, asOf: Int64, _ data: DataView
    ) -> [MessageDesk.Occasion] {
        switch campaign.kind {
        case .welcome: joined(campaign, asOf, data)
        case .birthday: birthdays(campaign, asOf, data)
        case .dormantWakeUp: quiet(campaign, usualDays: 31, asOf, data)
        case .winBack: quiet(campaign, usualDays: 91, asOf, data)
        case .browsedNotBought: browsed(campaign, asOf, data)
        case .pointsExpiring: expiring(campaign, asOf, data)
        case .nearUpgrade: climbing(campaign, asOf, data)
        // Reminders of renewal have a job of their own; the others go to all at once.
        case .renewalReminder, .broadcast, .festival, .flashDiscount, .memberDay, .redemptionDay,
            .eventInvite, .location, .custom:
            []
        }
    }

    /// Who joined in the last days, since the campaign began.
    private func joined(
        _ campaign: Campaign, _ asOf: Int64, _ data: DataView
    ) -> [MessageDesk.Occasion] {
        let days = campaign.triggers.lazy.compactMap(\.withinDays).max() ?? 7
        let since = max(
            campaign.startedAt ?? asOf, asOf - Int64(days) * NightlyOrder.dayMilliseconds)
        return data.rows(byJoining, from: since, to: asOf).map {
            .init(member: $0, occurrence: Self.joining)
        }
    }

    /// Whose birthday it is, or is near, in the chapter's days.
    private func birthdays(
        _ campaign: Campaign, _ asOf: Int64, _ data: DataView
    ) -> [MessageDesk.Occasion] {
        let offsets = campaign.triggers.compactMap(\.offsetDays)
        var found: [MessageDesk.Occasion] = []
        data.forEach(members.table) { ref, row in
            guard row[members.status] == .active, let birthday = row[members.birthday] else {
                return
            }
            let today = calendars.calendar(of: row[members.homeChapter], data).day(of: asOf)
            for offset in offsets.isEmpty ? [0] : offsets {
                let day = LocalCalendar.adding(days: -offset, to: today)
                if let year = Birthday.year(of: birthday, on: day) {
                    found.append(.init(member: ref, occurrence: "\(year)|\(offset)"))
                }
            }
        }
        return found
    }

    /// Who has done nothing for some days; a new silence is a new occasion.
    private func quiet(
        _ campaign: Campaign, usualDays: Int, _ asOf: Int64, _ data: DataView
    ) -> [MessageDesk.Occasion] {
        let days = campaign.triggers.compactMap(\.withinDays).min() ?? usualDays
        let limit = asOf - Int64(days) * NightlyOrder.dayMilliseconds
        // Who has been quiet for long is for another kind of campaign.
        let longest: Int64 =
            campaign.kind == .dormantWakeUp && days < 91
            ? asOf - 91 * NightlyOrder.dayMilliseconds : .min
        var found: [MessageDesk.Occasion] = []
        data.forEach(members.table) { ref, row in
            let last = row[members.lastActiveAt] ?? row[members.joinedAt]
            guard row[members.status] == .active, last <= limit, last > longest else { return }
            let calendar = calendars.calendar(of: row[members.homeChapter], data)
            found.append(.init(member: ref, occurrence: "\(calendar.day(of: last))"))
        }
        return found
    }

    /// Who looked at something a day ago or more, and has bought nothing since.
    private func browsed(
        _ campaign: Campaign, _ asOf: Int64, _ data: DataView
    ) -> [MessageDesk.Occasion] {
        let days = campaign.triggers.compactMap(\.withinDays).max() ?? 3
        let since = asOf - Int64(days) * NightlyOrder.dayMilliseconds
        var last: [RowRef: Int64] = [:]
        data.forEach(
            activities.ofType, activities.type.part(.browse), from: since,
            to: asOf - NightlyOrder.dayMilliseconds
        ) { _, row in
            last[row[activities.member]] = row[activities.at]
            return true
        }
        return last.sorted { ($0.value, $0.key.rawValue) < ($1.value, $1.key.rawValue) }
            .compactMap { member, at in
                let bought = data.rows(
                    activities.ofMemberAndType, .row(member), activities.type.part(.purchase),
                    from: at, limit: 1)
                guard bought.isEmpty else { return nil }
                let home = data.row(members.table, member)[members.homeChapter]
                let day = calendars.calendar(of: home, data).day(of: at)
                return .init(member: member, occurrence: "\(day)")
            }
    }

    /// Whose points lapse soon, one occasion for each account and day on which some do.
    private func expiring(
        _ campaign: Campaign, _ asOf: Int64, _ data: DataView
    ) -> [MessageDesk.Occasion] {
        let days = campaign.triggers.compactMap(\.withinDays).max() ?? 30
        let least = campaign.triggers.compactMap(\.points).min() ?? 1
        var sums: [String: (member: RowRef, points: Int64)] = [:]
        data.forEach(
            lotsByEnd, lots.status.part(.active), from: asOf + 1,
            to: asOf + Int64(days) * NightlyOrder.dayMilliseconds
        ) { _, row in
            let account = row[lots.account]
            let program = data.row(accounts.table, account)[accounts.program]
            guard let end = row[lots.expiresAt] else { return true }
            // The last moment at which the points are good.
            let day = tiers.programs.calendar(of: program, data).day(of: end - 1)
            let key = "\(data.id(account, of: accounts.table))|\(day)"
            sums[key] = (row[lots.member], (sums[key]?.points ?? 0) &+ row[lots.remaining])
            return true
        }
        return sums.filter { $0.value.points >= least }.sorted { $0.key < $1.key }.map {
            .init(member: $0.value.member, occurrence: $0.key)
        }
    }

    /// Who is close to the next tier, once for each tier from each term of the present one.
    private func climbing(
        _ campaign: Campaign, _ asOf: Int64, _ data: DataView
    ) -> [MessageDesk.Occasion] {
        let gap = campaign.triggers.compactMap(\.points).max() ?? 500
        var found: [MessageDesk.Occasion] = []
        data.forEach(tiers.programs.table) { program, row in
            guard row[tiers.programs.isDefault], row[tiers.programs.active],
                let rules = try? tiers.programs.tierRules(program, data)
            else { return }
            data.forEach(members.table) { member, row in
                let standing = tiers.standing(member, program, rules, data)
                guard row[members.status] == .active, let open = standing.open,
                    let progress = try? rules.progress(standing, now: asOf),
                    let next = progress.nextTier, let missing = progress.toNext, missing <= gap
                else { return }
                found.append(
                    .init(member: member, occurrence: "\(next)|\(open.effectiveFrom)"))
            }
        }
        return found
    }
}
