import Engine
import GraphQL
import Store

/// What a campaign is for.
enum CampaignKind: String, CaseIterable, SchemaEnum {
    case broadcast = "BROADCAST"
    case welcome = "WELCOME"
    case birthday = "BIRTHDAY"
    case dormantWakeUp = "DORMANT_WAKE_UP"
    case winBack = "WIN_BACK"
    case nearUpgrade = "NEAR_UPGRADE"
    case pointsExpiring = "POINTS_EXPIRING"
    case browsedNotBought = "BROWSED_NOT_BOUGHT"
    case renewalReminder = "RENEWAL_REMINDER"
    case festival = "FESTIVAL"
    case flashDiscount = "FLASH_DISCOUNT"
    case memberDay = "MEMBER_DAY"
    case redemptionDay = "REDEMPTION_DAY"
    case eventInvite = "EVENT_INVITE"
    case location = "LOCATION"
    case custom = "CUSTOM"

    /// Whether members give occasion one by one; the others go to all at once when they start.
    var isTriggered: Bool {
        switch self {
        case .welcome, .birthday, .dormantWakeUp, .winBack, .nearUpgrade, .pointsExpiring,
            .browsedNotBought, .renewalReminder:
            true
        case .broadcast, .festival, .flashDiscount, .memberDay, .redemptionDay, .eventInvite,
            .location, .custom:
            false
        }
    }

    /// I8: what somebody who belongs has to be told needs no consent to marketing.
    var purpose: ConsentPurpose {
        switch self {
        case .welcome, .renewalReminder: .service
        default: .marketing
        }
    }
}

/// How far a campaign has come.
enum CampaignStatus: String, CaseIterable, SchemaEnum {
    case draft = "DRAFT"
    case scheduled = "SCHEDULED"
    case testing = "TESTING"
    case running = "RUNNING"
    case paused = "PAUSED"
    case finished = "FINISHED"
    case cancelled = "CANCELLED"

    /// Whether it may be written anew.
    var isEditable: Bool { self == .draft || self == .scheduled || self == .paused }
    /// Whether its messages go out.
    var isSending: Bool { self == .testing || self == .running }
}

/// One thing that gives occasion.
struct CampaignTrigger: StoredObject, Equatable {
    /// Days after the date in question; before it when negative.
    var offsetDays: Int?
    /// How many days ahead, or how many days of silence, are looked at.
    var withinDays: Int?
    /// How many points at least, or how far below the next tier at most.
    var points: Int64?

    static let fieldNames = ["offsetDays", "withinDays", "points"]

    init(offsetDays: Int? = nil, withinDays: Int? = nil, points: Int64? = nil) {
        self.offsetDays = offsetDays
        self.withinDays = withinDays
        self.points = points
    }

    init(_ values: [CoercedValue]) {
        offsetDays = values[0].integer.map { Int($0) }
        withinDays = values[1].integer.map { Int($0) }
        points = values[2].integer
    }

    var values: [CoercedValue] {
        [
            .integer(offsetDays.map { Int64($0) }), .integer(withinDays.map { Int64($0) }),
            .integer(points),
        ]
    }
}

/// One version of a campaign's message.
struct CampaignVariant: StoredObject, Equatable {
    var key: String
    /// In percent.
    var weight: Int
    /// The place in the schema's enum: ``MessageTable/channel(at:)``.
    var channelPlace: Int
    var subject: String?
    var body: String
    var couponTemplate: RowRef?
    /// For those whose membership renews by itself.
    var forAutoRenew = false

    static let fieldNames = [
        "key", "weight", "channel", "subject", "body", "couponTemplate", "forAutoRenew",
    ]

    init(
        key: String, weight: Int, channelPlace: Int, subject: String?, body: String,
        couponTemplate: RowRef?, forAutoRenew: Bool
    ) {
        self.key = key
        self.weight = weight
        self.channelPlace = channelPlace
        self.subject = subject
        self.body = body
        self.couponTemplate = couponTemplate
        self.forAutoRenew = forAutoRenew
    }

    init(_ values: [CoercedValue]) {
        key = values[0].text ?? ""
        weight = values[1].integer.map { Int($0) } ?? 0
        channelPlace = if case .enumValue(let place) = values[2] { place } else { 0 }
        subject = values[3].text
        body = values[4].text ?? ""
        couponTemplate = values[5].integer.flatMap { UInt32(exactly: $0) }.map {
            RowRef(rawValue: $0)
        }
        forAutoRenew = values[6] == .boolean(true)
    }

    var values: [CoercedValue] {
        [
            .string(key), .int(Int64(weight)), .enumValue(channelPlace),
            subject.map { .string($0) } ?? .null, .string(body),
            .integer(couponTemplate.map { Int64($0.rawValue) }), .boolean(forAutoRenew),
        ]
    }
}

extension CoercedValue {
    fileprivate static func integer(_ number: Int64?) -> CoercedValue {
        number.map { .int($0) } ?? .null
    }

    fileprivate var integer: Int64? { if case .int(let number) = self { number } else { nil } }
    fileprivate var text: String? { if case .string(let text) = self { text } else { nil } }
}

/// A campaign as it was read.
struct Campaign {
    let ref: RowRef
    /// The public id, of which assignments are a hash. I43
    let id: String
    let kind: CampaignKind
    let status: CampaignStatus
    let segment: RowRef?
    let triggers: [CampaignTrigger]
    let variants: [CampaignVariant]
    let winnerKey: String?
    let controlPct: Int
    let testPct: Int
    let goal: ActivityType?
    let attributionHours: Int
    let cooldownDays: Int
    let weeklyMax: Int?
    let quietHours: QuietHours?
    let startsAt: Int64?
    let endsAt: Int64?
    let startedAt: Int64?

    /// Those that may still be sent, to members whose membership renews by itself or to the others.
    func open(forAutoRenew: Bool) -> [CampaignVariant] {
        variants.filter {
            $0.forAutoRenew == forAutoRenew && (winnerKey == nil || $0.key == winnerKey)
        }
    }

    /// Whether versions are still being compared.
    var isTest: Bool { winnerKey == nil && variants.count { !$0.forAutoRenew } > 1 }
}

/// The rows of campaigns.
struct CampaignTable: BoundTables {
    let table: RuleTable
    let name: RowField<String>
    let kind: EnumField<CampaignKind>
    let status: EnumField<CampaignStatus>
    let segment: RowField<RowRef?>
    let event: RowField<RowRef?>
    let triggers: ValueListField<CampaignTrigger>
    let variants: ValueListField<CampaignVariant>
    let winnerKey: RowField<String?>
    let controlPct: RowField<Int>
    let testPct: RowField<Int>
    let goal: OptionalEnumField<ActivityType>
    let attributionHours: RowField<Int>
    let cooldownDays: RowField<Int>
    let weeklyMax: RowField<Int?>
    let quietFromHour: RowField<Int?>
    let quietToHour: RowField<Int?>
    let startsAt: RowField<Int64?>
    let endsAt: RowField<Int64?>
    let startedAt: RowField<Int64?>
    let ofStatus: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("Campaign")
        table = row.table
        name = row("name")
        kind = row("kind")
        status = row("status")
        segment = row("segment")
        event = row("event")
        triggers = row("triggers")
        variants = row("variants")
        winnerKey = row("winnerKey")
        controlPct = row("controlPct")
        testPct = row("testPct")
        goal = row("goal")
        attributionHours = row("attributionHours")
        cooldownDays = row("cooldownDays")
        weeklyMax = row("weeklyMax")
        quietFromHour = row("quietFromHour")
        quietToHour = row("quietToHour")
        startsAt = row("startsAt")
        endsAt = row("endsAt")
        startedAt = row("startedAt")
        ofStatus = row.index(["status"], ordered: "startsAt")
    }

    func campaign(_ ref: RowRef, _ data: DataView) -> Campaign {
        let row = data.row(table, ref)
        return Campaign(
            ref: ref, id: data.id(ref, of: table), kind: row[kind], status: row[status],
            segment: row[segment], triggers: row[triggers], variants: row[variants],
            winnerKey: row[winnerKey], controlPct: row[controlPct], testPct: row[testPct],
            goal: row[goal], attributionHours: row[attributionHours],
            cooldownDays: row[cooldownDays], weeklyMax: row[weeklyMax],
            quietHours: QuietHours(from: row[quietFromHour], to: row[quietToHour]),
            startsAt: row[startsAt], endsAt: row[endsAt], startedAt: row[startedAt])
    }

    /// Those of a status.
    func campaigns(_ status: CampaignStatus, _ data: DataView) -> [Campaign] {
        data.rows(ofStatus, self.status.part(status)).map { campaign($0, data) }
    }
}
