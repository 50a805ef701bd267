import Engine
import Store

/// The seats that are still free; null without a limit.
struct EventSeatsLeft: FieldRule {
    static let name = "events.seatsLeft"

    private let events: EventTable

    init(_ binder: RuleBinder) {
        events = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let row = read.data.row(events.table, read.owner)
        return .int(row[events.capacity].map { Int64(max($0 - row[events.seatsTaken], 0)) })
    }
}

/// A registration's place on the waitlist, from 1; null when it does not wait.
struct WaitlistPosition: FieldRule {
    static let name = "registrations.waitlistPosition"

    private let registrations: RegistrationTable

    init(_ binder: RuleBinder) {
        registrations = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let row = read.data.row(registrations.table, read.owner)
        guard row[registrations.status] == .waitlisted else { return .null }
        let (event, at, seq) = (
            row[registrations.event], row[registrations.registeredAt], row[registrations.seq]
        )
        var position: Int64 = 1
        read.data.forEach(
            registrations.ofEventByStatus, .row(event), registrations.status.part(.waitlisted),
            to: at
        ) { ref, other in
            if (other[registrations.registeredAt], other[registrations.seq]) < (at, seq) {
                position += 1
            }
            return true
        }
        try read.visit(Int(position))
        return .int(position)
    }
}

/// How an event went.
struct EvaluateEvent: FieldRule {
    static let name = "events.evaluation"

    private let desk: RegistrationDesk
    private let money: MoneyShape
    private let chapters: RuleTable
    private let chapterCurrency: RowField<String>
    private let campaignsOfEvent: RuleIndex
    private let messagesOfCampaign: RuleIndex
    private let messageStatus: EnumField<MessageStatus>
    private let feedbackOfEvent: RuleIndex
    private let feedbackKind: EnumField<FeedbackKind>
    private let score: RowField<Int?>
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        money = binder.shared()
        let chapter = binder.table("Chapter")
        chapters = chapter.table
        chapterCurrency = chapter("currency")
        campaignsOfEvent = binder.table("Campaign").index(["event"], ordered: "name")
        let message = binder.table("Message")
        messagesOfCampaign = message.index(["campaign"], ordered: "queuedAt")
        messageStatus = message("status")
        let feedback = binder.table("Feedback")
        feedbackOfEvent = feedback.index(["event"], ordered: "at")
        feedbackKind = feedback("kind")
        score = feedback("score")
        shape = binder.output(
            "invited", "registered", "attended", "noShow", "cancelled", "fillRate",
            "attendanceRate", "csat", "nps", "revenue")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let data = read.data
        let event = desk.openWhole(read.owner, data)
        try read.visit(event.desk.registrations.count)
        let evaluation = EventEvaluation(
            event.desk, invited: try invited(read), at: read.now)
        let row = data.row(desk.events.table, read.owner)
        let currency =
            row[desk.events.fee]?.currency ?? row[desk.events.memberFee]?.currency
            ?? data.row(chapters, row[desk.events.chapter])[chapterCurrency]
        let answers = try answers(read)
        return shape.object(
            .int(evaluation.invited), .int(evaluation.registered), .int(evaluation.attended),
            .int(evaluation.noShow), .int(evaluation.cancelled), .double(evaluation.fill.value),
            .double(evaluation.attendance.value), .double(answers.csat.csat.value),
            .double(answers.nps.nps.value),
            money.value(Amount(minor: evaluation.revenueMinor ?? Exact.max, currency: currency)))
    }

    /// Messages that reached somebody.
    private func invited(_ read: FieldRead) throws(FieldStop) -> Int {
        var count = 0
        for campaign in read.data.rows(campaignsOfEvent, .row(read.owner)) {
            var seen = 0
            read.data.forEach(messagesOfCampaign, .row(campaign)) { _, row in
                seen += 1
                switch row[messageStatus] {
                case .delivered, .opened, .clicked, .converted: count += 1
                case .queued, .suppressed, .sent, .bounced, .failed: break
                }
                return true
            }
            try read.visit(seen)
        }
        return count
    }

    private func answers(
        _ read: FieldRead
    ) throws(FieldStop) -> (csat: Satisfaction, nps: Satisfaction) {
        var (ratings, recommendations): ([Int], [Int]) = ([], [])
        read.data.forEach(feedbackOfEvent, .row(read.owner)) { _, row in
            switch row[feedbackKind] {
            case .csat, .eventRating: ratings += row[score].map { [$0] } ?? []
            case .nps: recommendations += row[score].map { [$0] } ?? []
            case .suggestion, .complaint, .exitReason: break
            }
            return true
        }
        try read.visit(ratings.count + recommendations.count)
        return (Satisfaction(ratings), Satisfaction(recommendations))
    }
}
