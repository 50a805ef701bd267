import Engine
import Store

/// Adds a line to a member's timeline.
struct RecordActivity: MutationRule {
    static let name = "activities.record"

    /// How far the clocks of front ends may be ahead, in milliseconds.
    private static let skewMax: Int64 = 5 * 60 * 1_000
    private static let subjectMax = 128

    private let member: InputField<String>
    private let type: InputField<ActivityType>
    private let at: InputField<Int64>
    private let channel: InputField<Channel?>
    private let subject: InputField<String?>
    private let particulars: InputField<JSONDocument?>
    private let desk: MemberDesk
    private let points: PointsDesk
    private let chapters: ChapterCalendars
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        member = binder.input("memberId")
        type = binder.input("type")
        at = binder.input("at")
        channel = binder.input("channel")
        subject = binder.input("subjectId")
        particulars = binder.input("payload")
        desk = binder.shared()
        points = binder.shared()
        chapters = binder.shared()
        payload = binder.output("activity")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try desk.live(call[member], at: "memberId", call, allowsSuspended: true)
        let at = call[at]
        if at > call.now &+ Self.skewMax {
            throw call.refuse(
                RuleCode.invalid.code, "What has not happened yet cannot be recorded.", at: "at")
        }
        if (call[subject]?.utf8.count ?? 0) > Self.subjectMax {
            throw call.refuse(
                RuleCode.tooLong.code, "A subject has at most \(Self.subjectMax) bytes.",
                at: "subjectId")
        }
        let trigger = try trigger(of: member, at: at, call)
        let activity = try desk.note(
            call[type], of: member, at: at, channel: call[channel], subjectID: call[subject],
            payload: call[particulars]?.text, call)
        if let trigger { try points.occasion(trigger, member: member, at: at, call) }
        call.answer(payload, .row(activity))
    }

    /// What the activity may earn: the first sign-in of a day, the scan of a code. A suspended
    /// member earns nothing.
    private func trigger(
        of member: RowRef, at: Int64, _ call: RuleCall
    ) throws(MutationStop) -> EarningTrigger? {
        let row = call.data.row(desk.members.table, member)
        guard row[desk.members.status] == .active else { return nil }
        switch call[type] {
        case .scanned: return .scanned
        case .login:
            let calendar = chapters.calendar(of: row[desk.members.homeChapter], call.data)
            let day = calendar.day(of: at)
            let others = call.data.rows(
                desk.activities.ofMemberAndType, .row(member),
                desk.activities.type.part(.login), from: calendar.start(ofDay: day),
                to: calendar.end(ofDay: day) &- 1, limit: 1)
            return others.isEmpty ? .dailySignIn : nil
        default: return nil
        }
    }
}
