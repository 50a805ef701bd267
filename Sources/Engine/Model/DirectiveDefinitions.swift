import GraphQLLanguage

/// The directives of schema files, in the schema definition language: what
/// `tessera schema directives` prints.
///
/// The text may lie beside the schema files, so that editors know the directives; a definition that
/// differs from the one here is refused.
public let directiveDefinitions = #"""
    enum IndexKind { ORDERED TEXT MONTH_DAY }
    enum OnDelete { RESTRICT CASCADE SET_NULL }
    enum WriteKind { CREATE UPDATE DELETE }
    enum TextFormat { EMAIL PHONE URL SLUG }

    "Any literal that fits where it stands."
    scalar Literal

    "An integer within ±(2^53−1): what JSON numbers carry exactly."
    scalar Long
    "A day: 2026-06-30."
    scalar Date
    "A time with its offset, RFC 3339: 2026-06-30T12:00:00Z."
    scalar DateTime
    "An e-mail address."
    scalar EmailAddress
    "Any JSON document."
    scalar JSON

    """
    Keeps rows of this type. idPrefix begins each id; shardBy names the relation beside whose row \#
    the rows lie; the rows of an append-only table are never changed; write says which mutations \#
    are generated.
    """
    directive @table(plural: String, idPrefix: String, shardBy: String, appendOnly: Boolean = false, write: [WriteKind!] = []) on OBJECT

    """
    No two rows agree in these fields, names with blanks between; also a look-up on Query. With \#
    where, only among the rows that satisfy it: {endedAt: {isNull: true}, status: {in: [A, B]}}.
    """
    directive @key(fields: String!, where: Literal) repeatable on OBJECT

    """
    Keeps rows in order: by a field, or among the rows that agree in all fields but the last. \#
    MONTH_DAY: the last is a Date, by month and day whatever the year. TEXT: the words of one text, \#
    for search.
    """
    directive @index(fields: [String!], kind: IndexKind = ORDERED, name: String) repeatable on OBJECT | FIELD_DEFINITION

    """
    The rows form a tree: parent names the relation to the row above, which is null at the top. \#
    Filters get within: the row with an id and all rows below it.
    """
    directive @tree(parent: String!) on OBJECT

    """
    A list of rows: inverse names the relation of theirs that leads here, through the table \#
    between. Of a single row: what becomes of this row when that one is deleted.
    """
    directive @relation(inverse: String, through: String, onDelete: OnDelete = RESTRICT) on FIELD_DEFINITION

    "What a field holds when it is not given: a value, or the time of the write."
    directive @default(value: Literal, now: Boolean) on FIELD_DEFINITION

    "Which values are accepted; lengths are counted in Unicode scalars."
    directive @constraint(min: Float, max: Float, minLength: Int, maxLength: Int, format: TextFormat) on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

    "A field that a rule works out: at each reading, or kept up to date when it is stored."
    directive @computed(rule: String!, stored: Boolean = false) on FIELD_DEFINITION

    "The rule that answers a mutation."
    directive @rule(name: String!) on FIELD_DEFINITION

    """
    Who may: without it nobody but an administrator, once access control is on. Of a type: which \#
    operations (READ, AGGREGATE, CREATE, UPDATE, DELETE; READ unless said), and of which rows: \#
    {member: {id: {eq: "$viewer.memberId"}}}. Of its field: who sees it. Of a mutation: who may ask \#
    for it, and whose ids the input must name. Of an extension of Query: who may INTROSPECT.
    """
    directive @allow(roles: [String!]!, operations: [String!], where: Literal) repeatable on OBJECT | FIELD_DEFINITION

    """
    Never shown in a log, and to no role but admin, manager, staff and member, unless an @allow of \#
    the field names it.
    """
    directive @sensitive on FIELD_DEFINITION

    "Makes all fields of a mutation one transaction."
    directive @transaction on MUTATION

    """#
    + costDirectives

/// Printed in the generated API too.
///
/// Source: IBM GraphQL Cost Directives specification, https://ibm.github.io/graphql-specs/cost-spec.html
let costDirectives = #"""
    "What a field or an argument adds to the cost of an operation."
    directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR

    "How long a list is taken to be."
    directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION

    """#

/// The directives, enums and scalars that schema files may use, parsed.
struct DirectiveCatalog {
    let document: Document
    /// Tessera's own, and those of GraphQL.
    let directives: [String: DirectiveDefinition]
    /// Tessera's own enums and scalars.
    let types: [String: TypeDefinition]

    init() {
        document = Self.parsed(directiveDefinitions)
        var directives: [String: DirectiveDefinition] = [:]
        var types: [String: TypeDefinition] = [:]
        for definition in document.definitions + Self.parsed(Self.languageDirectives).definitions {
            switch definition {
            case .directive(let directive): directives[directive.name.value] = directive
            case .type(let type): types[type.name.value] = type
            case .operation, .fragment, .schema: break
            }
        }
        self.directives = directives
        self.types = types
    }

    private static func parsed(_ text: String) -> Document {
        do {
            return try parse(Source(name: "built-in directives", text), limits: .file)
        } catch {
            preconditionFailure("the built-in directives do not parse: \(error)")
        }
    }

    /// Source: GraphQL, September 2025, §3.13.
    private static let languageDirectives = """
        directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
        directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
        directive @deprecated(reason: String! = "No longer supported") on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
        directive @specifiedBy(url: String!) on SCALAR
        directive @oneOf on INPUT_OBJECT
        """

    /// Whether a literal fits the type of a directive's argument.
    func accepts(_ value: Value, for type: TypeNode) -> Bool {
        switch type {
        case .nonNull(let inner):
            if case .null = value.kind { return false }
            return accepts(value, for: inner)
        case .list(let inner, _):
            guard case .list(let items) = value.kind else { return accepts(value, for: inner) }
            return items.allSatisfy { accepts($0, for: inner) }
        case .named(let name):
            return accepts(value, forNamed: name.value)
        }
    }

    private func accepts(_ value: Value, forNamed type: String) -> Bool {
        switch (type, value.kind) {
        case (_, .null), ("Literal", _): true
        case ("Int", .int(let digits)): Int32(digits) != nil
        case ("Float", .int(let text)), ("Float", .float(let text)):
            Double(text)?.isFinite ?? false
        case ("String", .string), ("Boolean", .boolean): true
        case (_, .enum(let name)):
            types[type]?.enumValues.contains { $0.name.value == name } ?? false
        default: false
        }
    }

    /// Whether a definition says what the built-in one of the same name says; descriptions and the
    /// order of locations do not count.
    func agrees(_ definition: DirectiveDefinition) -> Bool {
        guard let own = directives[definition.name.value] else { return false }
        return Self.outline(own) == Self.outline(definition)
    }

    /// As above.
    func agrees(_ definition: TypeDefinition) -> Bool {
        guard let own = types[definition.name.value] else { return false }
        return own.kind == definition.kind && definition.directives.isEmpty
            && own.enumValues.map(\.name.value) == definition.enumValues.map(\.name.value)
    }

    private static func outline(_ definition: DirectiveDefinition) -> [String] {
        let arguments = definition.arguments.map { argument in
            let standard = argument.defaultValue.map { " = " + literalText($0) } ?? ""
            return "\(argument.name.value): \(typeText(argument.type))\(standard)"
        }
        return arguments + [definition.isRepeatable ? "repeatable" : "once"]
            + definition.locations.map(\.value).sorted()
    }
}

/// A type reference as written: `[Member!]!`.
func typeText(_ type: TypeNode) -> String {
    switch type {
    case .named(let name): name.value
    case .list(let inner, _): "[\(typeText(inner))]"
    case .nonNull(let inner): "\(typeText(inner))!"
    }
}

/// A literal on one line, as a document would spell it.
func literalText(_ value: Value) -> String {
    switch value.kind {
    case .variable(let name): "$" + name
    case .int(let text), .float(let text), .enum(let text): text
    case .string(let string): quoted(string.value)
    case .boolean(let flag): flag ? "true" : "false"
    case .null: "null"
    case .list(let items): "[" + items.map(literalText).joined(separator: ", ") + "]"
    case .object(let fields):
        "{"
            + fields.map { "\($0.name.value): \(literalText($0.value))" }.joined(separator: ", ")
            + "}"
    }
}

/// A text between double quotes, as GraphQL and JSON spell it.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{00}"..."\u{1F}", "\u{7F}":
            result += "\\u00" + (scalar.value < 0x10 ? "0" : "")
            result += String(scalar.value, radix: 16)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
