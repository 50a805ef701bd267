import Engine
import Store

extension MessageEventKind: SchemaEnum {}

/// `recordMessageEvent`: what the channel tells of a message. One about a message that is unknown is
/// no error: the channel could do nothing about it.
struct RecordMessageEvent: MutationRule {
    static let name = "message.event"

    private let desk: MessageDesk
    private let members: MemberDesk
    private let consents: ConsentTable
    private let id: InputField<String>
    private let kind: InputField<MessageEventKind>
    private let at: InputField<Int64?>
    private let userAgent: InputField<String?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        members = binder.shared()
        consents = binder.shared()
        id = binder.input("messageId")
        kind = binder.input("kind")
        at = binder.input("at")
        userAgent = binder.input("userAgent")
        payload = binder.output("message")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let messages = desk.messages
        guard let ref = call.data.ref(id: call[id], in: messages.table) else {
            return call.answer(payload, .null)
        }
        let at = min(call[self.at] ?? call.now, call.now)
        let row = call.data.row(messages.table, ref)
        let (member, channel, purpose) =
            (row[messages.member], row[messages.channel], row[messages.purpose])
        let before = progress(row)
        var after = before
        var kind = call[self.kind]
        let delay = before.deliveredAt.map { at - $0 }
        if kind == .opened, MachineOpening.isMachine(userAgent: call[userAgent], delay: delay) {
            kind = .machineOpened
        }
        after.note(kind, at: at)
        guard after != before else { return call.answer(payload, .row(ref)) }
        try write(after, to: ref, call)
        let subject = call.data.id(ref, of: messages.table)
        if before.firstOpenedAt == nil, after.firstOpenedAt != nil {
            try members.note(
                .messageOpened, of: member, at: at, channel: channel, subjectID: subject, call)
        }
        if before.firstClickedAt == nil, after.firstClickedAt != nil {
            try members.note(
                .messageClicked, of: member, at: at, channel: channel, subjectID: subject, call)
        }
        if before.unsubscribedAt == nil, after.unsubscribedAt != nil {
            try withdraw(member, channel, purpose, at: at, call)
        }
        call.answer(payload, .row(ref))
    }

    private func progress(_ row: RowView) -> MessageProgress {
        let messages = desk.messages
        return MessageProgress(
            status: row[messages.status], sentAt: row[messages.sentAt],
            deliveredAt: row[messages.deliveredAt], bouncedAt: row[messages.bouncedAt],
            firstOpenedAt: row[messages.firstOpenedAt],
            machineOpened: row[messages.machineOpened],
            firstClickedAt: row[messages.firstClickedAt],
            unsubscribedAt: row[messages.unsubscribedAt])
    }

    private func write(
        _ progress: MessageProgress, to ref: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        let messages = desk.messages
        try call.update(messages.table, ref) { row in
            row[messages.status] = progress.status
            row[messages.sentAt] = progress.sentAt
            row[messages.deliveredAt] = progress.deliveredAt
            row[messages.bouncedAt] = progress.bouncedAt
            row[messages.firstOpenedAt] = progress.firstOpenedAt
            row[messages.machineOpened] = progress.machineOpened
            row[messages.firstClickedAt] = progress.firstClickedAt
            row[messages.unsubscribedAt] = progress.unsubscribedAt
        }
    }

    /// Whoever asks for no more gets no more: a line in the log, and the queue is cleared.
    private func withdraw(
        _ member: RowRef, _ channel: Channel, _ purpose: ConsentPurpose, at: Int64,
        _ call: RuleCall
    ) throws(MutationStop) {
        let entry = ConsentEntry(
            channel: channel.rawValue, purpose: purpose, isGranted: false)
        try consents.add(entry, of: member, source: channel, evidence: nil, call)
        try desk.withdraw(from: member, channel, purpose, call)
    }
}
