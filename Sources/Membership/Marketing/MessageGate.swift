import Engine

/// Why a message is held back.
enum SuppressionReason: String, CaseIterable, Sendable {
    case consentMissing = "CONSENT_MISSING"
    case memberStatus = "MEMBER_STATUS"
    case frequencyCapped = "FREQUENCY_CAPPED"
    case cooldown = "COOLDOWN"
    case controlGroup = "CONTROL_GROUP"
    case consentWithdrawn = "CONSENT_WITHDRAWN"
    case campaignEnded = "CAMPAIGN_ENDED"
    case awaitingWinner = "AWAITING_WINNER"
    case couponUnavailable = "COUPON_UNAVAILABLE"
}

/// What decides whether a message goes out.
struct MessageFacts: Equatable, Sendable {
    var hasConsent = true
    var isActive = true
    /// Marketing messages in the last seven days.
    var messagesThisWeek = 0
    var weeklyMax: Int?
    var hadSameCampaignLately = false
    var isControl = false
    var awaitsWinner = false

    /// Nil when it goes out. The first that applies, in this order; the control group is drawn from
    /// those who would have got one, or else it would be another mix of people.
    var suppression: SuppressionReason? {
        if !hasConsent { return .consentMissing }
        if !isActive { return .memberStatus }
        if let weeklyMax, messagesThisWeek >= weeklyMax { return .frequencyCapped }
        if hadSameCampaignLately { return .cooldown }
        if isControl { return .controlGroup }
        if awaitsWinner { return .awaitingWinner }
        return nil
    }
}

/// The hours in which nobody is disturbed: a message is put off until they are over.
struct QuietHours: Equatable, Sendable {
    /// 0 to 23; the first that is quiet and the first that is not.
    let from: Int
    let to: Int

    /// Nil when there are none: both must be given, and differ.
    init?(from: Int?, to: Int?) {
        guard let from, let to, from != to, 0...23 ~= from, 0...23 ~= to else { return nil }
        self.from = from
        self.to = to
    }

    /// The first moment, from `instant` on, that is not quiet; nil when `instant` itself is not.
    ///
    /// Hours are counted from the beginning of the local day: on the two days in the year on which
    /// the clock is changed they may be one off.
    func end(after instant: Int64, _ calendar: LocalCalendar) -> Int64? {
        let hourMilliseconds: Int64 = 3_600_000
        let day = calendar.day(of: instant)
        let start = calendar.start(ofDay: day)
        let hour = (instant - start) / hourMilliseconds
        let isQuiet =
            from < to ? hour >= from && hour < to : hour >= from || hour < to
        guard isQuiet else { return nil }
        let endDay = from > to && hour >= from ? LocalCalendar.adding(days: 1, to: day) : day
        return calendar.start(ofDay: endDay) + Int64(to) * hourMilliseconds
    }
}
