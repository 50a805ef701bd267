import Bytes
import Engine
import Store

/// `submitFeedback`: an answer, a suggestion, a complaint. One NPS answer by a member in each wave.
/// Rules may give points for it, to whoever takes part.
struct SubmitFeedback: MutationRule {
    static let name = "feedback.submit"
    static let commentLengthMax = 10_000
    static let waveLengthMax = 64

    private let desk: MemberDesk
    private let points: PointsDesk
    private let feedback: FeedbackTable
    private let events: RuleTable
    private let calendars: ChapterCalendars
    private let member: InputField<String>
    private let kind: InputField<FeedbackKind>
    private let score: InputField<Int?>
    private let comment: InputField<String?>
    private let subject: InputField<String?>
    private let wave: InputField<String?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        points = binder.shared()
        feedback = binder.shared()
        calendars = binder.shared()
        events = binder.table("Event").table
        member = binder.input("memberId")
        kind = binder.input("kind")
        score = binder.input("score")
        comment = binder.input("comment")
        subject = binder.input("subjectId")
        wave = binder.input("wave")
        payload = binder.output("feedback")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try desk.live(call[self.member], at: "memberId", call, allowsSuspended: true)
        let kind = call[self.kind]
        let comment = call[self.comment]
        check(kind, comment, call)
        try call.throwIfRefused()
        let wave = try kind == .nps ? freeWave(of: member, call) : call[self.wave]
        let subject = call[self.subject]
        let event = subject.flatMap { call.data.ref(id: $0, in: events) }
        if kind == .eventRating && event == nil {
            throw call.refuse(
                RuleCode.notFound.code, "The id of the event must be given.", at: "subjectId")
        }
        let answer = try call.insert(feedback.table) { row in
            row[feedback.member] = member
            row[feedback.kind] = kind
            row[feedback.score] = call[score]
            row[feedback.comment] = comment
            row[feedback.subjectID] = subject
            row[feedback.event] = event
            row[feedback.wave] = wave
            row[feedback.at] = call.now
        }
        call.auditNew(feedback.table, answer)
        try desk.note(
            .feedbackGiven, of: member, at: call.now,
            subjectID: call.data.id(answer, of: feedback.table), call)
        if (try? desk.standing(member, call.data).check(.takePart)) != nil {
            try points.occasion(
                .feedbackGiven, member: member, at: call.now, event: event, call)
        }
        call.answer(payload, .row(answer))
    }

    /// Notes all that is wrong with what was given.
    private func check(_ kind: FeedbackKind, _ comment: String?, _ call: RuleCall) {
        do throws(FeedbackRefusal) {
            try kind.check(score: call[score])
        } catch {
            call.note(error.code.code, message(error, kind), at: "score")
        }
        if kind.scores == nil, (comment ?? "").allSatisfy(\.isWhitespace) {
            call.note(RuleCode.required.code, "Say it in words.", at: "comment")
        }
        if (comment ?? "").unicodeScalars.count > Self.commentLengthMax {
            call.note(
                RuleCode.tooLong.code, "At most \(Self.commentLengthMax) characters.",
                at: "comment")
        }
        if (call[wave] ?? "").unicodeScalars.count > Self.waveLengthMax {
            call.note(
                RuleCode.tooLong.code, "At most \(Self.waveLengthMax) characters.", at: "wave")
        }
    }

    /// The round that was named, or the quarter of the year, in which the member has not answered.
    private func freeWave(of member: RowRef, _ call: RuleCall) throws(MutationStop) -> String {
        let calendar = calendars.calendar(
            of: call.data.row(desk.members.table, member)[desk.members.homeChapter], call.data)
        let wave = call[self.wave] ?? Self.quarter(of: calendar.day(of: call.now))
        var isTaken = false
        call.data.forEach(
            feedback.ofMemberAndKind, .row(member), feedback.kind.part(.nps), reversed: true
        ) { _, row in
            isTaken = row[feedback.wave] == wave
            return !isTaken
        }
        guard !isTaken else {
            throw call.refuse(
                RuleCode.uniqueViolation.code,
                "The member has answered in the wave \(wave) already.", at: "wave")
        }
        return wave
    }

    /// `2026-Q2`.
    static func quarter(of day: Int32) -> String {
        let date = CivilDate(dayNumber: day)
        return "\(date.year)-Q\((date.month - 1) / 3 + 1)"
    }

    private func message(_ refusal: FeedbackRefusal, _ kind: FeedbackKind) -> String {
        switch refusal {
        case .scoreMissing: "A score must be given for \(kind.rawValue)."
        case .scoreOutOfRange(_, let range):
            "The score for \(kind.rawValue) is \(range.lowerBound) to \(range.upperBound)."
        case .scoreWithoutScale: "There is no score for \(kind.rawValue)."
        }
    }
}

/// `resolveFeedback`: that a complaint or a suggestion was dealt with.
struct ResolveFeedback: MutationRule {
    static let name = "feedback.resolve"

    private let feedback: FeedbackTable
    private let id: InputField<String>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        feedback = binder.shared()
        id = binder.input("feedbackId")
        payload = binder.output("feedback")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let answer = try call.row(call[id], in: feedback.table, at: "feedbackId")
        guard call.data.row(feedback.table, answer)[feedback.resolvedAt] == nil else {
            throw call.refuse(
                RuleCode.invalidTransition.code, "It was dealt with before.", at: "feedbackId")
        }
        call.audit(feedback.table, answer)
        try call.update(feedback.table, answer, isPatch: true) { row in
            row[feedback.resolvedAt] = call.now
        }
        call.answer(payload, .row(answer))
    }
}
