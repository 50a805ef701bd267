import Engine
import Store

/// The words of a message: a version's, with what stands in braces filled in.
struct MessageText: BoundTables {
    private let messages: MessageTable
    private let campaigns: CampaignTable
    private let members: MemberTable

    init(_ binder: RuleBinder) {
        messages = binder.shared()
        campaigns = binder.shared()
        members = binder.shared()
    }

    /// The version of a message, and the name of whom it is for.
    func version(
        of message: RowRef, _ data: DataView
    ) -> (variant: CampaignVariant, name: String)? {
        let row = data.row(messages.table, message)
        guard let campaign = row[messages.campaign], let key = row[messages.variantKey],
            let variant = data.row(campaigns.table, campaign)[campaigns.variants]
                .first(where: { $0.key == key })
        else { return nil }
        return (variant, data.row(members.table, row[messages.member])[members.name])
    }

    /// A template with the member's name in it.
    static func filled(_ template: String, name: String) -> String {
        template.split(separator: "{name}", omittingEmptySubsequences: false)
            .joined(separator: name)
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
        guard let (variant, name) = texts.version(of: read.owner, read.data) else { return .null }
        return .string(variant.subject.map { MessageText.filled($0, name: name) })
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
        guard let (variant, name) = texts.version(of: read.owner, read.data) else { return .null }
        return .string(MessageText.filled(variant.body, name: name))
    }
}
