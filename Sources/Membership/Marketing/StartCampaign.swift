import Engine
import Store

/// `startCampaign`: begins a campaign, or lets it begin by itself when its time comes; a paused one
/// goes on, and sends nothing twice.
struct StartCampaign: MutationRule {
    static let name = "campaign.start"

    private let desk: CampaignDesk
    private let id: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("campaignId")
        payload = binder.output("campaign")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let campaigns = desk.campaigns
        let ref = try call.row(call[id], in: campaigns.table, at: "campaignId")
        let campaign = campaigns.campaign(ref, call.data)
        guard campaign.status.isEditable else {
            throw call.refuse(
                RuleCode.campaignNotEditable.code, "The campaign is \(campaign.status.rawValue).",
                at: "campaignId")
        }
        try desk.requireOpen(ref, call)
        if let end = campaign.endsAt, end <= call.now {
            throw call.refuse(
                RuleCode.invalidTransition.code, "Its time is over.", at: "campaignId")
        }
        call.audit(campaigns.table, ref)
        if let start = campaign.startsAt, start > call.now, campaign.startedAt == nil {
            try call.update(campaigns.table, ref, isPatch: true) { row in
                row[campaigns.status] = .scheduled
            }
        } else {
            try desk.begin(ref, at: call.now, call)
        }
        call.answer(payload, .row(ref))
    }
}

/// `pauseCampaign`: nothing goes out until it is started again.
struct PauseCampaign: MutationRule {
    static let name = "campaign.pause"

    private let campaigns: CampaignTable
    private let id: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        campaigns = binder.shared()
        id = binder.input("campaignId")
        payload = binder.output("campaign")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let ref = try call.row(call[id], in: campaigns.table, at: "campaignId")
        let status = call.data.row(campaigns.table, ref)[campaigns.status]
        guard status.isSending || status == .scheduled else {
            throw call.refuse(
                RuleCode.invalidTransition.code, "The campaign is \(status.rawValue).",
                at: "campaignId")
        }
        call.audit(campaigns.table, ref)
        try call.update(campaigns.table, ref, isPatch: true) { row in
            row[campaigns.status] = .paused
        }
        call.answer(payload, .row(ref))
    }
}

/// `cancelCampaign`: calls a campaign off for good; what it has not sent is not sent any more.
struct CancelCampaign: MutationRule {
    static let name = "campaign.cancel"

    private let desk: CampaignDesk
    private let id: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("campaignId")
        payload = binder.output("campaign")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let campaigns = desk.campaigns
        let ref = try call.row(call[id], in: campaigns.table, at: "campaignId")
        let status = call.data.row(campaigns.table, ref)[campaigns.status]
        guard status != .finished && status != .cancelled else {
            throw call.refuse(
                RuleCode.invalidTransition.code, "The campaign is \(status.rawValue).",
                at: "campaignId")
        }
        try desk.requireOpen(ref, call)
        call.audit(campaigns.table, ref)
        try desk.end(ref, as: .cancelled, call)
        call.answer(payload, .row(ref))
    }
}

/// `pickCampaignWinner`: once and for all, the version that the rest gets.
struct PickCampaignWinner: MutationRule {
    static let name = "campaign.pickWinner"

    private let desk: CampaignDesk
    private let id: InputField<String>
    private let key: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        id = binder.input("campaignId")
        key = binder.input("variantKey")
        payload = binder.output("campaign", "sentToRest")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let campaigns = desk.campaigns
        let ref = try call.row(call[id], in: campaigns.table, at: "campaignId")
        let campaign = campaigns.campaign(ref, call.data)
        if let winner = campaign.winnerKey {
            throw call.refuse(
                RuleCode.invalidTransition.code, "\(winner) was picked, for good.",
                at: "campaignId")
        }
        guard campaign.status == .testing else {
            throw call.refuse(
                RuleCode.invalidTransition.code,
                "The campaign is \(campaign.status.rawValue): no versions are being compared.",
                at: "campaignId")
        }
        let key = call[self.key]
        guard campaign.variants.contains(where: { $0.key == key && !$0.forAutoRenew }) else {
            throw call.refuse(
                RuleCode.notFound.code, "The campaign has no such version.", at: "variantKey")
        }
        try desk.requireOpen(ref, call)
        call.audit(campaigns.table, ref)
        try call.update(campaigns.table, ref, isPatch: true) { row in
            row[campaigns.winnerKey] = key
            row[campaigns.status] = .running
        }
        let sent = try desk.desk.sendWinner(
            campaigns.campaign(ref, call.data), at: call.now, call)
        call.answer(payload, .row(ref), .int(sent))
    }
}
