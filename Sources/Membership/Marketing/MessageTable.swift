import Engine
import Store

extension SuppressionReason: SchemaEnum {}

/// How far a message has come.
enum MessageStatus: String, CaseIterable, SchemaEnum {
    case queued = "QUEUED"
    case suppressed = "SUPPRESSED"
    case sent = "SENT"
    case delivered = "DELIVERED"
    case bounced = "BOUNCED"
    case opened = "OPENED"
    case clicked = "CLICKED"
    case converted = "CONVERTED"
    case failed = "FAILED"
}

/// What was sent to members, and what was held back.
struct MessageTable: BoundTables {
    let table: RuleTable
    let memberTable: RuleTable
    let member: RowField<RowRef>
    let campaign: RowField<RowRef?>
    let membership: RowField<RowRef?>
    let coupon: RowField<RowRef?>
    let variantKey: RowField<String?>
    let channel: EnumField<Channel>
    let purpose: EnumField<ConsentPurpose>
    let status: EnumField<MessageStatus>
    let suppressedReason: OptionalEnumField<SuppressionReason>
    let dedupeKey: RowField<String>
    let queuedAt: RowField<Int64>
    let sendAfter: RowField<Int64?>
    let sentAt: RowField<Int64?>
    let deliveredAt: RowField<Int64?>
    let bouncedAt: RowField<Int64?>
    let firstOpenedAt: RowField<Int64?>
    let machineOpened: RowField<Bool>
    let firstClickedAt: RowField<Int64?>
    let convertedAt: RowField<Int64?>
    let unsubscribedAt: RowField<Int64?>
    /// I41: at most one message for a campaign, a member and an occasion.
    let byDedupeKey: RuleKey
    let ofCampaign: RuleIndex
    let ofCampaignAndMember: RuleIndex
    let ofMember: RuleIndex
    let ofStatus: RuleIndex
    /// By their place in the schema's enum.
    private let channels: [Int64: Channel]

    init(_ binder: RuleBinder) {
        let row = binder.table("Message")
        table = row.table
        memberTable = binder.table("Member").table
        member = row("member")
        campaign = row("campaign")
        membership = row("membership")
        coupon = row("coupon")
        variantKey = row("variantKey")
        channel = row("channel")
        purpose = row("purpose")
        status = row("status")
        suppressedReason = row("suppressedReason")
        dedupeKey = row("dedupeKey")
        queuedAt = row("queuedAt")
        sendAfter = row("sendAfter")
        sentAt = row("sentAt")
        deliveredAt = row("deliveredAt")
        bouncedAt = row("bouncedAt")
        firstOpenedAt = row("firstOpenedAt")
        machineOpened = row("machineOpened")
        firstClickedAt = row("firstClickedAt")
        convertedAt = row("convertedAt")
        unsubscribedAt = row("unsubscribedAt")
        byDedupeKey = row.key("dedupeKey")
        ofCampaign = row.index(["campaign"], ordered: "queuedAt")
        ofCampaignAndMember = row.index(["campaign", "member"], ordered: "queuedAt")
        ofMember = row.index(["member"], ordered: "queuedAt")
        ofStatus = row.index(["status"], ordered: "queuedAt")
        var channels: [Int64: Channel] = [:]
        for case (let channel, .int(let place)) in Channel.allCases.map({ [channel] in
            ($0, channel.part($0))
        }) {
            channels[place] = channel
        }
        self.channels = channels
    }

    /// A channel by its place in the schema's enum, as values keep it.
    func channel(at place: Int) -> Channel { channels[Int64(place)] ?? .api }

    /// The reverse of ``channel(at:)``.
    func place(of channel: Channel) -> Int {
        channels.first { $0.value == channel }.map { Int($0.key) } ?? 0
    }
}
