import Engine
import Store

/// Tells members that their membership ends, some days before, on the day, and after.
///
/// One reminder for each membership, last day and offset: who has renewed has another last day and
/// is told of that one. Whose membership renews by itself is told of the charge, and only before
/// it; who shares another's membership, or whose own has expired or was cancelled, is told nothing.
struct RemindersJob: Job {
    static let name = JobName.reminders

    /// When the campaign names no days.
    static let usualOffsets = [-30, -7, 0, 7]

    private let desk: CampaignDesk
    private let memberships: MembershipTable
    private let types: MembershipTypeTable
    private let byEnd: RuleIndex
    private let calendars: ChapterCalendars

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        memberships = binder.shared()
        types = binder.shared()
        calendars = binder.shared()
        byEnd = binder.table("Membership").index([], ordered: "endDate")
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        var count = 0
        for status in [CampaignStatus.running, .testing] {
            for campaign in desk.campaigns.campaigns(status, call.data)
            where campaign.kind == .renewalReminder {
                for occasion in occasions(of: campaign, asOf: asOf, call.data) {
                    try call.visit(1)
                    guard desk.isMeant(occasion.member, campaign, call.data) else { continue }
                    if try desk.desk.send(campaign, occasion, at: asOf, call) != nil { count += 1 }
                }
            }
        }
        return count
    }

    private func occasions(
        of campaign: Campaign, asOf: Int64, _ data: DataView
    ) -> [MessageDesk.Occasion] {
        let given = campaign.triggers.compactMap(\.offsetDays)
        let greenwich = LocalCalendar.utc.day(of: asOf)
        var found: [MessageDesk.Occasion] = []
        for offset in given.isEmpty ? Self.usualOffsets : given {
            let day = LocalCalendar.adding(days: -offset, to: greenwich)
            // Elsewhere it is a day earlier or later than in Greenwich.
            data.forEach(byEnd, from: Int64(day) - 1, to: Int64(day) + 1) { ref, row in
                let chapter = data.row(types.table, row[memberships.type])[types.chapter]
                let today = calendars.calendar(of: chapter, data).day(of: asOf)
                guard let end = row[memberships.endDate], Int64(end) + Int64(offset) == Int64(today)
                else {
                    return true
                }
                guard row[memberships.inheritedFrom] == nil, isTold(row[memberships.status]),
                    !row[memberships.autoRenew] || offset <= 0
                else { return true }
                found.append(
                    MessageDesk.Occasion(
                        member: row[memberships.member],
                        occurrence: "\(data.id(ref, of: memberships.table))|\(end)|\(offset)",
                        membership: ref, autoRenews: row[memberships.autoRenew]))
                return true
            }
        }
        return found
    }

    private func isTold(_ status: MembershipStatus) -> Bool {
        switch status {
        case .new, .current, .grace: true
        case .pending, .expired, .cancelled, .suspended, .deceased: false
        }
    }
}
