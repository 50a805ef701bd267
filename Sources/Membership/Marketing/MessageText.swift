import Bytes
import Engine
import Store

/// The words of a message: a version's, with what stands in braces filled in.
struct MessageText: BoundTables {
    private let messages: MessageTable
    private let campaigns: CampaignTable
    private let members: MemberTable
    private let memberships: MembershipTable

    init(_ binder: RuleBinder) {
        messages = binder.shared()
        campaigns = binder.shared()
        members = binder.shared()
        memberships = binder.shared()
    }

    /// The version of a message, and what its words in braces stand for.
    func version(
        of message: RowRef, _ data: DataView
    ) -> (variant: CampaignVariant, words: [(name: String, value: String)])? {
        let row = data.row(messages.table, message)
        guard let campaign = row[messages.campaign], let key = row[messages.variantKey],
            let variant = data.row(campaigns.table, campaign)[campaigns.variants]
                .first(where: { $0.key == key })
        else { return nil }
        let member = data.row(members.table, row[messages.member])
        var words = [("name", member[members.name]), ("memberNo", member[members.memberNo])]
        let end = row[messages.membership].flatMap {
            data.row(memberships.table, $0)[memberships.endDate]
        }
        if let end { words.append(("endDate", MessageText.text(of: end))) }
        return (variant, words)
    }

    /// `2026-06-30`.
    static func text(of day: Int32) -> String {
        let date = CivilDate(dayNumber: day)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(date.year)-\(two(date.month))-\(two(date.day))"
    }

    /// A template with its words filled in; braces around anything else stay as they are.
    static func filled(_ template: String, _ words: [(name: String, value: String)]) -> String {
        var rest = template[...]
        var text = ""
        while let open = rest.firstIndex(of: "{") {
            text += rest[..<open]
            rest = rest[open...]
            let word = words.first { rest.hasPrefix("{\($0.name)}") }
            text += word?.value ?? "{"
            rest = rest.dropFirst(word.map { $0.name.count + 2 } ?? 1)
        }
        return text + rest
    }
}

/// `Message.subject`.
struct MessageSubject: FieldRule {
    static let name = "message.subject"

    private let texts: MessageText

    init(_ binder: RuleBinder) {
        texts = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        guard let (variant, words) = texts.version(of: read.owner, read.data) else { return .null }
        return .string(variant.subject.map { MessageText.filled($0, words) })
    }
}

/// `Message.body`.
struct MessageBody: FieldRule {
    static let name = "message.body"

    private let texts: MessageText

    init(_ binder: RuleBinder) {
        texts = binder.shared()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        guard let (variant, words) = texts.version(of: read.owner, read.data) else { return .null }
        return .string(MessageText.filled(variant.body, words))
    }
}
