import Engine
import Store

/// Counts what became of a campaign's messages.
struct CampaignFigureDesk: BoundTables {
    let campaigns: CampaignTable
    private let messages: MessageTable
    private let conversions: ConversionDesk
    private let purchases: PurchaseFigures
    private let money: MoneyShape
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        campaigns = binder.shared()
        messages = binder.shared()
        conversions = binder.shared()
        purchases = binder.shared()
        money = binder.shared()
        shape = binder.result(
            "CampaignMetrics", "targeted", "suppressed", "control", "sent", "delivered", "bounced",
            "uniqueOpens", "machineOpens", "uniqueClicks", "converted", "controlConverted",
            "unsubscribed", "deliveryRate", "bounceRate", "openRate", "clickRate",
            "clickToOpenRate", "conversionRate", "lift", "pValue", "revenue")
    }

    /// - Parameter variant: of one version alone; the control group belongs to all of them.
    func figures(
        of ref: RowRef, variant: String?, _ read: FieldRead
    ) throws(FieldStop) -> (figures: CampaignFigures, revenue: CurrencySums) {
        let data = read.data
        let campaign = campaigns.campaign(ref, data)
        var figures = CampaignFigures()
        var revenue = CurrencySums()
        var converted = RowSets(of: messages.memberTable, data)
        for message in data.rows(messages.ofCampaign, .row(ref)) {
            try read.visit(1)
            let row = data.row(messages.table, message)
            let isControl = row[messages.suppressedReason] == .controlGroup
            if let variant, !isControl, row[messages.variantKey] != variant { continue }
            figures.add(row, messages)
            guard
                let conversion = conversions.conversion(
                    of: row, message, campaign, until: read.now, data)
            else { continue }
            if isControl {
                figures.controlConverted += 1
            } else if converted.insert(row[messages.member]) {
                figures.converted += 1
                guard let order = conversion.order else { continue }
                let bought = data.row(purchases.orders.table, order)
                revenue.add(bought[purchases.orders.netMinor], purchases.currency(bought))
            }
        }
        return (figures, revenue)
    }

    func value(
        of campaign: RowRef, variant: String?, _ read: FieldRead
    ) throws(FieldStop) -> RuleValue {
        let (figures, revenue) = try figures(of: campaign, variant: variant, read)
        return shape.object(
            .int(figures.targeted), .int(figures.suppressed), .int(figures.control),
            .int(figures.sent), .int(figures.delivered), .int(figures.bounced),
            .int(figures.uniqueOpens), .int(figures.machineOpens), .int(figures.uniqueClicks),
            .int(figures.converted), .int(figures.controlConverted), .int(figures.unsubscribed),
            .double(figures.deliveryRate.value), .double(figures.bounceRate.value),
            .double(figures.openRate.value), .double(figures.clickRate.value),
            .double(figures.clickToOpenRate.value), .double(figures.conversionRate.value),
            .double(figures.lift), .double(figures.pValue),
            .list(revenue.amounts.map(money.value)))
    }
}

extension CampaignFigures {
    /// One message more.
    fileprivate mutating func add(_ row: RowView, _ messages: MessageTable) {
        targeted += 1
        if row[messages.status] == .suppressed {
            if row[messages.suppressedReason] == .controlGroup {
                control += 1
            } else {
                suppressed += 1
            }
            return
        }
        if row[messages.sentAt] != nil || row[messages.deliveredAt] != nil { sent += 1 }
        if row[messages.deliveredAt] != nil { delivered += 1 }
        if row[messages.bouncedAt] != nil { bounced += 1 }
        let isOpened = row[messages.firstOpenedAt] != nil
        if isOpened { uniqueOpens += 1 }
        if row[messages.machineOpened] && !isOpened { machineOpens += 1 }
        if row[messages.firstClickedAt] != nil { uniqueClicks += 1 }
        if row[messages.unsubscribedAt] != nil { unsubscribed += 1 }
    }
}

/// `Campaign.metrics`: what became of its messages, or of those of one version.
struct CampaignMetrics: FieldRule {
    static let name = "campaign.metrics"

    private let desk: CampaignFigureDesk
    private let variant: InputField<String?>

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        variant = binder.input("variantKey")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        try desk.value(of: read.owner, variant: read[variant], read)
    }
}

/// `report.campaignComparison`: campaigns side by side.
struct ReportCampaigns: FieldRule {
    static let name = "report.campaignComparison"

    private let desk: CampaignFigureDesk
    private let ids: InputField<[String]>
    private let shape: ResultShape

    private static let campaignsMax = 100

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        ids = binder.input("ids")
        shape = binder.output("campaign", "metrics")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let ids = read[ids]
        guard ids.count <= ReportCampaigns.campaignsMax else {
            throw .refused("ids: at most \(ReportCampaigns.campaignsMax)")
        }
        var compared: [RuleValue] = []
        for id in ids {
            guard let campaign = try read.row(id, in: desk.campaigns.table, at: "ids") else {
                continue
            }
            compared.append(
                shape.object(
                    .row(campaign), try desk.value(of: campaign, variant: nil, read)))
        }
        return .list(compared)
    }
}
