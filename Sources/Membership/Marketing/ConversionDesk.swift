import Engine
import Store

/// Which messages reached the goal of their campaign.
///
/// A member converts by the first activity of the goal's type within the hours of attribution after
/// the message arrived; when several messages with this goal arrived before, the last of them has
/// it. One conversion a member and campaign.
struct ConversionDesk: BoundTables {
    private let campaigns: CampaignTable
    private let messages: MessageTable
    private let activities: ActivityTable
    private let orders: RuleTable
    private let attributedOrder: RowField<RowRef?>

    private static let hourMilliseconds: Int64 = 3_600_000

    /// What a member did, and when.
    struct Conversion: Equatable {
        let at: Int64
        /// The order that was bought, when that is the goal.
        let order: RowRef?
    }

    init(_ binder: RuleBinder) {
        campaigns = binder.shared()
        messages = binder.shared()
        activities = binder.shared()
        orders = binder.table("Order").table
        attributedOrder = binder.table("Message")("attributedOrder")
    }

    /// How a message, or the lack of one, was followed by the goal.
    ///
    /// - Parameter until: what happened later is not known yet.
    func conversion(
        of row: RowView, _ message: RowRef, _ campaign: Campaign, until: Int64, _ data: DataView
    ) -> Conversion? {
        let isControl = row[messages.suppressedReason] == .controlGroup
        guard let goal = campaign.goal,
            let from = isControl ? row[messages.queuedAt] : row[messages.deliveredAt]
        else { return nil }
        let (end, overflow) = from.addingReportingOverflow(
            Int64(campaign.attributionHours) * Self.hourMilliseconds)
        let member = row[messages.member]
        var found: Conversion?
        data.forEach(
            activities.ofMemberAndType, .row(member), activities.type.part(goal), from: from + 1,
            to: min(overflow ? .max : end, until)
        ) { _, activity in
            let subject = activity[activities.subjectID]
            found = Conversion(
                at: activity[activities.at],
                order: goal == .purchase
                    ? subject.flatMap { data.unguarded.ref(id: $0, in: orders) } : nil)
            return false
        }
        guard let found else { return nil }
        if !isControl, isOutdone(message, member, goal, from: from, by: found.at, data) {
            return nil
        }
        return found
    }

    /// Whether another message with the same goal arrived later, and still before it was reached.
    private func isOutdone(
        _ message: RowRef, _ member: RowRef, _ goal: ActivityType, from: Int64, by at: Int64,
        _ data: DataView
    ) -> Bool {
        var isOutdone = false
        data.forEach(messages.ofMember, .row(member)) { other, row in
            guard other != message, let arrived = row[messages.deliveredAt],
                let campaign = row[messages.campaign],
                data.row(campaigns.table, campaign)[campaigns.goal] == goal
            else { return true }
            // Of two that arrived at once, the later row counts.
            isOutdone =
                arrived <= at
                && (arrived > from || arrived == from && other.rawValue > message.rawValue)
            return !isOutdone
        }
        return isOutdone
    }

    /// Marks the messages that reached the goal.
    ///
    /// - Returns: how many did so newly.
    func stamp(
        _ campaign: Campaign, asOf: Int64, _ call: RuleCall
    ) throws(MutationStop) -> Int {
        guard campaign.goal != nil else { return 0 }
        var converted: Set<RowRef> = []
        var count = 0
        for message in call.data.rows(messages.ofCampaign, .row(campaign.ref)) {
            try call.visit(1)
            let data = call.data
            let row = data.row(messages.table, message)
            let member = row[messages.member]
            if row[messages.convertedAt] != nil { converted.insert(member) }
            guard row[messages.status] != .suppressed, !converted.contains(member),
                let conversion = conversion(of: row, message, campaign, until: asOf, data)
            else { continue }
            converted.insert(member)
            count += 1
            try call.update(messages.table, message) { row in
                row[messages.status] = .converted
                row[messages.convertedAt] = conversion.at
                row[attributedOrder] = conversion.order
            }
        }
        return count
    }
}
