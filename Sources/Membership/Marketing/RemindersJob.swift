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
    private let memberships: RuleTable
    private let member: RowField<RowRef>
    private let type: RowField<RowRef>
    private let status: EnumField<MembershipStatus>
    private let endDate: RowField<Int32?>
    private let autoRenew: RowField<Bool>
    private let inheritedFrom: RowField<RowRef?>
    private let byEnd: RuleIndex
    private let types: RuleTable
    private let chapter: RowField<RowRef>
    private let calendars: ChapterCalendars

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        calendars = binder.shared()
        let row = binder.table("Membership")
        memberships = row.table
        member = row("member")
        type = row("type")
        status = row("status")
        endDate = row("endDate")
        autoRenew = row("autoRenew")
        inheritedFrom = row("inheritedFrom")
        byEnd = row.index([], ordered: "endDate")
        let typeRow = binder.table("MembershipType")
        types = typeRow.table
        chapter = typeRow("chapter")
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
                let chapter = data.row(types, row[type])[chapter]
                let today = calendars.calendar(of: chapter, data).day(of: asOf)
                guard let end = row[endDate], Int64(end) + Int64(offset) == Int64(today) else {
                    return true
                }
                guard row[inheritedFrom] == nil, isTold(row[status]),
                    !row[autoRenew] || offset <= 0
                else { return true }
                found.append(
                    MessageDesk.Occasion(
                        member: row[member],
                        occurrence: "\(data.id(ref, of: memberships))|\(end)|\(offset)",
                        membership: ref, autoRenews: row[autoRenew]))
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
