import Engine
import Store

/// `saveCampaign`: writes a new campaign, or one that is not running anew as a whole.
struct SaveCampaign: MutationRule {
    static let name = "campaign.save"
    static let variantsMax = 26
    static let triggersMax = 32
    static let bodyLengthMax = 100_000

    private let campaigns: CampaignTable
    private let messages: MessageTable
    private let segments: RuleTable
    private let events: RuleTable
    private let templates: RuleTable
    private let id: InputField<String?>
    private let name: InputField<String>
    private let kind: InputField<CampaignKind>
    private let segment: InputField<String?>
    private let event: InputField<String?>
    private let triggers: InputField<[CampaignTrigger]?>
    private let variants: InputField<[InputObject]>
    private let variant: VariantInput
    private let controlPct: InputField<Int>
    private let testPct: InputField<Int>
    private let goal: InputField<ActivityType?>
    private let attributionHours: InputField<Int>
    private let cooldownDays: InputField<Int>
    private let weeklyMax: InputField<Int?>
    private let quietFromHour: InputField<Int?>
    private let quietToHour: InputField<Int?>
    private let startsAt: InputField<Int64?>
    private let endsAt: InputField<Int64?>
    private let payload: ResultShape

    private struct VariantInput {
        let key: InputField<String>
        let weight: InputField<Int>
        let channel: InputField<Channel>
        let subject: InputField<String?>
        let body: InputField<String>
        let couponTemplate: InputField<String?>
        let forAutoRenew: InputField<Bool>
    }

    init(_ binder: RuleBinder) {
        campaigns = binder.shared()
        messages = binder.shared()
        segments = binder.table("Segment").table
        events = binder.table("Event").table
        templates = binder.table("CouponTemplate").table
        id = binder.input("id")
        name = binder.input("name")
        kind = binder.input("kind")
        segment = binder.input("segmentId")
        event = binder.input("eventId")
        triggers = binder.input("triggers")
        variants = binder.input("variants")
        controlPct = binder.input("controlPct")
        testPct = binder.input("testPct")
        goal = binder.input("goal")
        attributionHours = binder.input("attributionHours")
        cooldownDays = binder.input("cooldownDays")
        weeklyMax = binder.input("weeklyMax")
        quietFromHour = binder.input("quietFromHour")
        quietToHour = binder.input("quietToHour")
        startsAt = binder.input("startsAt")
        endsAt = binder.input("endsAt")
        payload = binder.output("campaign")
        let inner = binder.object("variants")
        variant = VariantInput(
            key: inner.input("key"), weight: inner.input("weight"),
            channel: inner.input("channel"), subject: inner.input("subject"),
            body: inner.input("body"), couponTemplate: inner.input("couponTemplateId"),
            forAutoRenew: inner.input("forAutoRenew"))
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let known = try existing(call)
        let segment = try row(call[self.segment], in: segments, at: "segmentId", call)
        let event = try row(call[self.event], in: events, at: "eventId", call)
        let variants = try readVariants(call)
        checkPlan(event: event, call)
        check(variants, call)
        try call.throwIfRefused()
        func fill(_ row: RowBuilder) {
            row[campaigns.name] = call[name]
            row[campaigns.kind] = call[kind]
            row[campaigns.segment] = segment
            row[campaigns.event] = event
            row[campaigns.triggers] = call[triggers] ?? []
            row[campaigns.variants] = variants
            row[campaigns.controlPct] = call[controlPct]
            row[campaigns.testPct] = call[testPct]
            row[campaigns.goal] = call[goal]
            row[campaigns.attributionHours] = call[attributionHours]
            row[campaigns.cooldownDays] = call[cooldownDays]
            row[campaigns.weeklyMax] = call[weeklyMax]
            row[campaigns.quietFromHour] = call[quietFromHour]
            row[campaigns.quietToHour] = call[quietToHour]
            row[campaigns.startsAt] = call[startsAt]
            row[campaigns.endsAt] = call[endsAt]
        }
        if let known {
            call.audit(campaigns.table, known)
            try call.update(campaigns.table, known, isPatch: true, fill)
            call.answer(payload, .row(known))
        } else {
            let made = try call.insert(campaigns.table, fill)
            call.auditNew(campaigns.table, made)
            call.answer(payload, .row(made))
        }
    }

    private func existing(_ call: RuleCall) throws(MutationStop) -> RowRef? {
        guard let id = call[id] else { return nil }
        let ref = try call.row(id, in: campaigns.table, at: "id")
        let status = call.data.row(campaigns.table, ref)[campaigns.status]
        guard status.isEditable else {
            throw call.refuse(
                RuleCode.campaignNotEditable.code, "The campaign is \(status.rawValue).", at: "id")
        }
        return ref
    }

    private func row(
        _ id: String?, in table: RuleTable, at field: String, _ call: RuleCall
    ) throws(MutationStop) -> RowRef? {
        guard let id else { return nil }
        return try call.row(id, in: table, at: field)
    }

    private func readVariants(_ call: RuleCall) throws(MutationStop) -> [CampaignVariant] {
        var read: [CampaignVariant] = []
        for (place, input) in call[variants].enumerated() {
            var template: RowRef?
            if let id = input[variant.couponTemplate] {
                template = try call.row(
                    id, in: templates, at: "variants", "\(place)", "couponTemplateId")
            }
            read.append(
                CampaignVariant(
                    key: input[variant.key], weight: input[variant.weight],
                    channelPlace: messages.place(of: input[variant.channel]),
                    subject: input[variant.subject], body: input[variant.body],
                    couponTemplate: template, forAutoRenew: input[variant.forAutoRenew]))
        }
        return read
    }

    /// Notes all that is wrong beside the versions.
    private func checkPlan(event: RowRef?, _ call: RuleCall) {
        let invalid = RuleCode.invalid.code
        if call[name].allSatisfy(\.isWhitespace) {
            call.note(RuleCode.required.code, "A campaign has a name.", at: "name")
        }
        if call[kind] == .eventInvite, event == nil {
            call.note(RuleCode.required.code, "An invitation is to an event.", at: "eventId")
        }
        for (field, value, range) in [
            ("controlPct", call[controlPct], 0...50), ("testPct", call[testPct], 5...100),
            ("attributionHours", call[attributionHours], 1...8_760),
            ("cooldownDays", call[cooldownDays], 0...3_650),
            ("weeklyMax", call[weeklyMax] ?? 1, 1...Int(Int32.max)),
            ("quietFromHour", call[quietFromHour] ?? 0, 0...23),
            ("quietToHour", call[quietToHour] ?? 0, 0...23),
        ] where !(range ~= value) {
            call.note(invalid, "From \(range.lowerBound) to \(range.upperBound).", at: field)
        }
        if (call[quietFromHour] == nil) != (call[quietToHour] == nil) {
            call.note(invalid, "Quiet hours have a beginning and an end.", at: "quietToHour")
        }
        if let end = call[endsAt], end <= max(call[startsAt] ?? call.now, call.now) {
            call.note(invalid, "It would be over before it begins.", at: "endsAt")
        }
        let triggers = call[self.triggers] ?? []
        if triggers.count > Self.triggersMax {
            call.note(invalid, "At most \(Self.triggersMax) of them.", at: "triggers")
        }
        for (place, trigger) in triggers.enumerated() {
            let isSound =
                -3_650...3_650 ~= trigger.offsetDays ?? 0 && 0...3_650 ~= trigger.withinDays ?? 0
                && trigger.points ?? 0 >= 0
            if !isSound {
                call.note(
                    invalid, "Days are at most ten years, points not negative.", at: "triggers",
                    "\(place)")
            }
        }
    }

    /// Notes all that is wrong with the versions: their names differ, and their weights make 100.
    private func check(_ variants: [CampaignVariant], _ call: RuleCall) {
        let invalid = RuleCode.invalid.code
        if variants.isEmpty || variants.count > Self.variantsMax {
            call.note(invalid, "1 to \(Self.variantsMax) versions.", at: "variants")
        }
        var keys: Set<String> = []
        for (place, variant) in variants.enumerated() {
            let path = "\(place)"
            if !(1...32 ~= variant.key.unicodeScalars.count)
                || !keys.insert(variant.key).inserted
            {
                call.note(
                    invalid, "1 to 32 characters, another key for each.", at: "variants", path,
                    "key")
            }
            if !(0...100 ~= variant.weight) {
                call.note(invalid, "From 0 to 100.", at: "variants", path, "weight")
            }
            if variant.body.allSatisfy(\.isWhitespace) {
                call.note(
                    RuleCode.required.code, "A message has a text.", at: "variants", path, "body")
            }
            if variant.body.unicodeScalars.count > Self.bodyLengthMax {
                call.note(
                    RuleCode.tooLong.code, "At most \(Self.bodyLengthMax) characters.",
                    at: "variants", path, "body")
            }
            if (variant.subject ?? "").unicodeScalars.count > 998 {
                call.note(
                    RuleCode.tooLong.code, "At most 998 characters.", at: "variants", path,
                    "subject")
            }
            if variant.forAutoRenew, call[kind] != .renewalReminder {
                call.note(
                    invalid, "Only a renewal reminder has it.", at: "variants", path,
                    "forAutoRenew")
            }
        }
        for forAutoRenew in [false, true] {
            let weights = variants.filter { $0.forAutoRenew == forAutoRenew }.map(\.weight)
            if !weights.isEmpty, weights.reduce(0, &+) != 100 {
                call.note(invalid, "The weights must make 100.", at: "variants")
            }
        }
    }
}
