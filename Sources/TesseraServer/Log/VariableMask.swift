import Engine
import GraphQLLanguage
import JSON

/// Hides the variables of a request that lead to sensitive fields, before a log shows them.
///
/// A value is hidden when it stands under the name of a field with `@sensitive`, be it of an input or
/// of a filter, and when the document uses the variable there. Names count, whatever table they are
/// of: rather too much is hidden than too little. Without a document everything is.
struct VariableMask: Sendable {
    private let names: Set<String>

    private static let shown = JSONValue.string("***")

    init(_ model: Model) {
        var names: Set<String> = []
        for table in model.tables {
            for field in table.fields where field.isSensitive { names.insert(field.name) }
        }
        self.names = names
    }

    /// - Parameter names: of sensitive fields.
    init(names: Set<String>) {
        self.names = names
    }

    /// The variables as they may be read; nil when there are none.
    ///
    /// - Parameter document: the text that uses them; nil when it is not known.
    func masked(_ request: GraphQLRequest, document: [UInt8]?) -> JSONValue? {
        guard let bytes = request.variablesJSON, let value = try? JSONValue(parsing: bytes),
            let members = value.members, !members.isEmpty
        else { return nil }
        guard let document, let parsed = try? parse(Source(bytes: document)) else {
            return .object(members.map { JSONValue.Member($0.key, VariableMask.shown) })
        }
        var hidden: Set<String> = []
        collect(parsed, into: &hidden)
        return .object(
            members.map { member in
                let isHidden = hidden.contains(member.key) || names.contains(member.key)
                return JSONValue.Member(
                    member.key, isHidden ? hide(member.value) : masked(member.value))
            })
    }

    /// A value in which everything under a sensitive name is hidden.
    private func masked(_ value: JSONValue) -> JSONValue {
        if let members = value.members {
            return .object(
                members.map { member in
                    JSONValue.Member(
                        member.key,
                        names.contains(member.key) ? hide(member.value) : masked(member.value))
                })
        }
        if let elements = value.elements { return .array(elements.map(masked)) }
        return value
    }

    /// That there is nothing is no secret.
    private func hide(_ value: JSONValue) -> JSONValue {
        value.isNull ? value : VariableMask.shown
    }

    // MARK: The document

    private func collect(_ document: Document, into hidden: inout Set<String>) {
        for definition in document.definitions {
            switch definition {
            case .operation(let operation): collect(operation.selectionSet, into: &hidden)
            case .fragment(let fragment): collect(fragment.selectionSet, into: &hidden)
            case .schema, .type, .directive: continue
            }
        }
    }

    /// A document nests no deeper than the parser lets it.
    private func collect(_ selectionSet: SelectionSet, into hidden: inout Set<String>) {
        for selection in selectionSet.selections {
            switch selection {
            case .field(let field):
                for argument in field.arguments {
                    collect(
                        argument.value, isSensitive: names.contains(argument.name.value),
                        into: &hidden)
                }
                if let inner = field.selectionSet { collect(inner, into: &hidden) }
            case .inlineFragment(let fragment): collect(fragment.selectionSet, into: &hidden)
            case .fragmentSpread: continue
            }
        }
    }

    private func collect(_ value: Value, isSensitive: Bool, into hidden: inout Set<String>) {
        switch value.kind {
        case .variable(let name): if isSensitive { hidden.insert(name) }
        case .list(let values):
            for value in values { collect(value, isSensitive: isSensitive, into: &hidden) }
        case .object(let fields):
            for field in fields {
                collect(
                    field.value, isSensitive: isSensitive || names.contains(field.name.value),
                    into: &hidden)
            }
        default: return
        }
    }
}
