import GraphQL
import GraphQLLanguage
import Store

/// Makes a model of schema files.
///
/// - Parameter rules: what the files can name with `@rule` and `@computed`.
/// - Throws: everything that is wrong with the files, in their order. Files that do not parse hide
///   what is wrong with the others.
/// - Complexity: O(size of the files + size of the generated schema); a start-up cost.
public func buildModel(_ files: [SchemaFile], rules: RuleLibrary = .none) throws(ModelErrors)
    -> Model
{
    let sources = files.map { Source(name: $0.path, bytes: $0.bytes) }
    var builder = ModelBuilder(documents: try parseAll(sources), rules: rules)
    builder.collect()
    builder.checkDirectives()
    builder.draftValues()
    builder.draftTables()
    builder.resolveLists()
    builder.resolveKeysAndIndexes()
    builder.checkNames()
    builder.collectRuleUses()
    builder.checkAsSchema()
    try builder.problems.throwIfAny()
    let model = try builder.assemble()
    builder.checkRules(of: model)
    try builder.problems.throwIfAny()
    return model
}

private func parseAll(_ sources: [Source]) throws(ModelErrors) -> [Document] {
    var documents: [Document] = []
    var problems = ProblemList(sources: sources)
    for (file, source) in sources.enumerated() {
        do {
            documents.append(try parse(source, limits: .file))
        } catch {
            let place = Place(file: file, offset: error.offset)
            let isDefault = source.bytes.dropFirst(error.offset).first == UInt8(ascii: "=")
            problems.report(
                plain(error.message), at: place,
                hint: isDefault ? "the default of a field is written @default(value: …)" : nil)
        }
    }
    try problems.throwIfAny()
    return documents
}

/// A message of the language rooms in the form of this one's.
func plain(_ message: String) -> String {
    let prefix = "Syntax Error: "
    let text = message.hasPrefix(prefix) ? message.dropFirst(prefix.count) : message[...]
    return String(text.hasSuffix(".") ? text.dropLast() : text)
}

/// The work on the way from syntax to model. Each step adds to the drafts and reports what it finds
/// wrong; a step never reports what an earlier one has reported, and leaves out what that broke.
struct ModelBuilder {
    let documents: [Document]
    let rules: RuleLibrary
    let catalog = DirectiveCatalog()
    var problems: ProblemList

    /// Every named type of the files, by name; of two with one name the first.
    var declarations: [String: Declaration] = [:]
    /// The names of `declarations` in the order of the files.
    var declaredNames: [String] = []
    /// `extend type Query` and `extend type Mutation`.
    var rootExtensions: [Declaration] = []

    var tables: [TableDraft] = []
    var values: [ValueDraft] = []
    var enums: [EnumModel] = []
    var indexes = IndexDrafts()
    /// The fields that rules answer, and where they name them.
    var ruleUses: [(use: RuleUse, place: Place)] = []
    /// What the fields of declared inputs accept, by the names of type and field.
    var inputConstraints: [String: [String: ConstraintModel]] = [:]

    init(documents: [Document], rules: RuleLibrary) {
        self.documents = documents
        self.rules = rules
        problems = ProblemList(sources: documents.map(\.source))
    }
}

/// A type that the files define.
struct Declaration {
    enum Role: Equatable {
        case table(TableID)
        case `enum`(EnumID)
        /// Without `@table`; stored if the second is set, which `draftValues` does.
        case object(ValueID?)
        /// For arguments of rules.
        case input
        /// Of a kind that schema files may not define: has been reported.
        case refused
    }

    let syntax: TypeDefinition
    let file: Int
    var role: Role

    var name: String { syntax.name.value }
    var place: Place { place(syntax.name.offset) }

    func place(_ offset: Int) -> Place { Place(file: file, offset: offset) }
}

/// A table on the way.
struct TableDraft {
    let id: TableID
    let declaration: Declaration
    let directive: TableDirective
    let singular: String
    let plural: String
    /// Without the underscore.
    let idPrefix: String
    var fields: [FieldDraft] = []
    var columns = TableDefinition.systemColumns
    var shardBy: ColumnID?
    var keys: [KeyDraft] = []
    var tree: TreeDraft?

    var name: String { declaration.name }

    func field(_ name: String) -> FieldDraft? { fields.first { $0.name == name } }
}

/// A declared field of a table on the way.
struct FieldDraft {
    enum Shape {
        case column(ColumnID, StoredType)
        case toOne(ColumnID, target: TableID)
        case toMany(ListDraft)
        /// Worked out by a rule at each reading.
        case computed
        /// Wrong in a way that has been reported.
        case none
    }

    let syntax: FieldDefinition
    let isNullable: Bool
    var shape: Shape
    var constraint: ConstraintModel?
    var defaultValue: DefaultModel?

    var name: String { syntax.name.value }
    /// Whether a rule keeps it, as `@computed(stored: true)` says.
    var isKept: Bool { syntax.isStoredComputed }
    var relation: RelationDirective? {
        syntax.directives.first(named: "relation").map(RelationDirective.init)
    }
}

/// A to-many relation on the way.
struct ListDraft {
    let target: TableID
    /// What follows is nil until `resolveLists` has found it.
    var link: Link?

    struct Link {
        let table: TableID
        let ownerColumn: ColumnID
        let targetColumn: ColumnID?
        let index: IndexDrafts.Place
    }
}

/// A key on the way.
struct KeyDraft {
    let fields: [String]
    let columns: [ColumnID]
    let index: IndexDrafts.Place
    let place: Place
}

/// `@tree` on the way.
struct TreeDraft {
    let parent: ColumnID
    let index: IndexDrafts.Place
}

/// An object type without `@table` that a stored field uses.
struct ValueDraft {
    let id: ValueID
    let declaration: Declaration
    var fields: [ValueModel.Field] = []
}

extension FieldDefinition {
    /// Whether a rule works it out at each reading.
    var isComputed: Bool { directives.first(named: "computed") != nil && !isStoredComputed }

    /// Whether a rule keeps it in a column.
    var isStoredComputed: Bool {
        guard let directive = directives.first(named: "computed"),
            case .boolean(true)? = directive.arguments.first(where: { $0.name.value == "stored" })?
                .value.kind
        else { return false }
        return true
    }
}
