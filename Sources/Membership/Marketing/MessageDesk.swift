import Engine
import Store

/// Puts messages into the queue, or says why not. What takes them out of it and sends them is
/// another system, which reads the messages with the status `QUEUED` of campaigns that are running.
struct MessageDesk: BoundTables {
    let messages: MessageTable
    private let members: MemberTable
    private let consents: ConsentTable
    private let coupons: CouponDesk
    private let calendars: ChapterCalendars

    private static let weekMilliseconds: Int64 = 7 * NightlyOrder.dayMilliseconds

    init(_ binder: RuleBinder) {
        messages = binder.shared()
        members = binder.shared()
        consents = binder.shared()
        coupons = binder.shared()
        calendars = binder.shared()
    }

    /// What a message is about.
    struct Occasion {
        var member: RowRef
        /// What happens to the member only once: a birthday's year, a membership's last day.
        var occurrence: String
        var membership: RowRef?
        var autoRenews = false
    }

    /// Queues a message of a campaign, or holds it back and says why. I41
    ///
    /// - Parameter at: the moment as of which it is queued.
    /// - Returns: the message; nil when there was one for this occasion already, or when no
    ///   version is meant for the member.
    @discardableResult
    func send(
        _ campaign: Campaign, _ occasion: Occasion, at: Int64, _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        let data = call.data
        let memberID = data.id(occasion.member, of: members.table)
        let key = "\(campaign.id)|\(memberID)|\(occasion.occurrence)"
        guard data.find(messages.byDedupeKey, .text(key)) == nil else { return nil }
        let split = CampaignSplit(campaign: campaign.id, member: memberID)
        let variants = campaign.open(forAutoRenew: occasion.autoRenews)
        let weights = campaign.winnerKey == nil ? variants.map(\.weight) : variants.map { _ in 1 }
        guard let place = split.variant(weights: weights) else { return nil }
        let variant = variants[place]
        let channel = messages.channel(at: variant.channelPlace)
        let member = data.row(members.table, occasion.member)
        let facts = MessageFacts(
            hasConsent: consents.isGranted(
                channel, campaign.kind.purpose, by: occasion.member, data),
            isActive: member[members.status] == .active,
            messagesThisWeek: campaign.weeklyMax == nil || campaign.kind.purpose != .marketing
                ? 0 : marketing(to: occasion.member, since: at - Self.weekMilliseconds, data),
            weeklyMax: campaign.kind.purpose == .marketing ? campaign.weeklyMax : nil,
            hadSameCampaignLately: hadLately(campaign, occasion.member, at: at, data),
            isControl: split.isControl(percent: campaign.controlPct),
            awaitsWinner: !campaign.kind.isTriggered && campaign.isTest
                && !split.isTested(percent: campaign.testPct))
        var reason = facts.suppression
        var coupon: RowRef?
        if reason == nil, let template = variant.couponTemplate {
            coupon = try self.coupon(template, for: occasion.member, of: campaign.ref, call)
            if coupon == nil { reason = .couponUnavailable }
        }
        let calendar = calendars.calendar(of: member[members.homeChapter], data)
        let putOff = campaign.quietHours?.end(after: at, calendar)
        // Of those who get none, and of those who wait, nobody can say which version it is.
        let hasVersion = reason != .controlGroup && reason != .awaitingWinner
        return try call.insert(messages.table) { row in
            row[messages.member] = occasion.member
            row[messages.campaign] = campaign.ref
            row[messages.membership] = occasion.membership
            row[messages.coupon] = coupon
            row[messages.variantKey] = hasVersion ? variant.key : nil
            row[messages.channel] = channel
            row[messages.purpose] = campaign.kind.purpose
            row[messages.status] = reason == nil ? .queued : .suppressed
            row[messages.suppressedReason] = reason
            row[messages.dedupeKey] = key
            row[messages.queuedAt] = at
            row[messages.sendAfter] = reason == nil ? putOff : nil
        }
    }

    /// The coupon that comes with a message; nil when there are no more of them.
    private func coupon(
        _ template: RowRef, for member: RowRef, of campaign: RowRef, _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        let issued = try coupons.tryIssue(
            template: template, member: member, campaign: campaign, call)
        return switch issued {
        case .success(let coupon): coupon
        case .failure: nil
        }
    }

    /// Gives those who waited for the winner their message.
    ///
    /// - Parameter campaign: with its winner.
    /// - Returns: how many there were.
    func sendWinner(_ campaign: Campaign, at: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        guard let winner = campaign.open(forAutoRenew: false).first else { return 0 }
        let channel = messages.channel(at: winner.channelPlace)
        let purpose = campaign.kind.purpose
        var count = 0
        for message in call.data.rows(messages.ofCampaign, .row(campaign.ref)) {
            let data = call.data
            let row = data.row(messages.table, message)
            guard row[messages.suppressedReason] == .awaitingWinner else { continue }
            let member = row[messages.member]
            let hasConsent = consents.isGranted(channel, purpose, by: member, data)
            let home = data.row(members.table, member)
            let isActive = home[members.status] == .active
            let calendar = calendars.calendar(of: home[members.homeChapter], data)
            var reason: SuppressionReason? =
                !hasConsent ? .consentMissing : isActive ? nil : .memberStatus
            var coupon: RowRef?
            if reason == nil, let template = winner.couponTemplate {
                coupon = try self.coupon(template, for: member, of: campaign.ref, call)
                if coupon == nil { reason = .couponUnavailable }
            }
            try call.update(messages.table, message) { row in
                row[messages.variantKey] = winner.key
                row[messages.channel] = channel
                row[messages.queuedAt] = at
                row[messages.status] = reason == nil ? .queued : .suppressed
                row[messages.suppressedReason] = reason
                row[messages.coupon] = coupon
                row[messages.sendAfter] = campaign.quietHours?.end(after: at, calendar)
            }
            count += 1
        }
        return count
    }

    /// Takes back what is queued for a member who no longer agrees to it.
    ///
    /// - Parameter channel: all of them when nil.
    func withdraw(
        from member: RowRef, _ channel: Channel?, _ purpose: ConsentPurpose, _ call: RuleCall
    ) throws(MutationStop) {
        try suppress(call.data.rows(messages.ofMember, .row(member)), .consentWithdrawn, call) {
            (channel == nil || $0[messages.channel] == channel) && $0[messages.purpose] == purpose
        }
    }

    /// Takes back what a campaign has queued and not sent.
    func cancelQueue(of campaign: RowRef, _ call: RuleCall) throws(MutationStop) {
        try suppress(
            call.data.rows(messages.ofCampaign, .row(campaign)), .campaignEnded, call
        ) { _ in true }
    }

    private func suppress(
        _ candidates: [RowRef], _ reason: SuppressionReason, _ call: RuleCall,
        where isMeant: (RowView) -> Bool
    ) throws(MutationStop) {
        for message in candidates {
            let row = call.data.row(messages.table, message)
            let waits =
                row[messages.status] == .queued
                || row[messages.suppressedReason] == .awaitingWinner
            guard waits, isMeant(row) else { continue }
            try call.update(messages.table, message) { row in
                row[messages.status] = .suppressed
                row[messages.suppressedReason] = reason
            }
        }
    }

    /// Marketing messages that a member got, or is to get, since a moment.
    private func marketing(to member: RowRef, since: Int64, _ data: DataView) -> Int {
        var count = 0
        data.forEach(messages.ofMember, .row(member), from: since + 1) { _, row in
            if row[messages.purpose] == .marketing, row[messages.status] != .suppressed {
                count += 1
            }
            return true
        }
        return count
    }

    private func hadLately(
        _ campaign: Campaign, _ member: RowRef, at: Int64, _ data: DataView
    ) -> Bool {
        guard campaign.cooldownDays > 0 else { return false }
        let since = at - Int64(campaign.cooldownDays) * NightlyOrder.dayMilliseconds
        var had = false
        data.forEach(
            messages.ofCampaignAndMember, .row(campaign.ref), .row(member), from: since + 1
        ) { _, row in
            had = row[messages.status] != .suppressed
            return !had
        }
        return had
    }
}
