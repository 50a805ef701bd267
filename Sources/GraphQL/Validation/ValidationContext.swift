import GraphQLLanguage

/// Where the walk is, what it has found so far, and the errors: all that a rule sees.
///
/// One context serves one call of `validate`, on one thread.
final class ValidationContext {
    let document: Document
    let schema: Schema
    let codecs: ScalarCodecs
    let options: ValidationOptions
    let dispatch: RuleDispatch

    var facts = DocumentFacts()
    /// By the number of a fragment's name. Known from the beginning, because spreads come before
    /// definitions.
    private(set) var fragmentTypes: [TypeID?] = []
    private(set) var operationCount = 0

    // Where the walk is.

    /// Counts the nodes that were entered or left.
    var moment = 0
    /// Counts the spreads of fragments.
    var spreadCount = 0
    /// The type whose fields are selected here; nil when unknown.
    var parentType: TypeID?
    /// What the field or fragment here answers with; nil when unknown.
    var type: TypeReference?
    /// The definition of the field here; nil when there is none.
    var field: FieldReference?
    /// Whether that definition has a required argument.
    var hasRequiredArguments = false
    /// Where the directive here stands.
    var directiveLocation = DirectiveLocation.query
    /// What the value here means; nil before it is known, and when it means nothing.
    var value: CoercedValue?
    /// False when the value here is known to be without variables.
    var valueMayHaveVariables = true

    // The errors.

    /// Place of the rule at work.
    var rule = 0
    private var found: [(moment: Int, rule: Int, error: GraphQLError)] = []
    private var foundInStage = 0

    private var cachedFragmentGraph: FragmentGraph?
    /// `String!`, `__Schema!` and `__Type`: the types of the fields that every schema has.
    private let typenameType: TypeReference?
    private let schemaFieldType: TypeReference?
    private let typeFieldType: TypeReference?

    init(document: Document, schema: Schema, codecs: ScalarCodecs, options: ValidationOptions) {
        self.document = document
        self.schema = schema
        self.codecs = codecs
        self.options = options
        dispatch = options.limitsIntrospectionDepth ? .withIntrospectionDepth : .standard
        typenameType = schema.type(named: "String").map { TypeReference(named: $0).nonNull }
        schemaFieldType = schema.type(named: "__Schema").map { TypeReference(named: $0).nonNull }
        typeFieldType = schema.type(named: "__Type").map { TypeReference(named: $0) }
        facts.reserve(forByteCount: document.source.bytes.count)
        for definition in document.definitions {
            switch definition {
            case .operation: operationCount += 1
            case .fragment(let fragment):
                let name = facts.announceFragment(fragment.name)
                let type = schema.type(named: fragment.typeCondition)
                if name == fragmentTypes.count {
                    fragmentTypes.append(type)
                } else {
                    fragmentTypes[name] = type
                }
            default: break
            }
        }
    }

    /// Only after the walk.
    var fragmentGraph: FragmentGraph {
        if let graph = cachedFragmentGraph { return graph }
        let graph = FragmentGraph(facts)
        cachedFragmentGraph = graph
        return graph
    }

    // MARK: Definitions of fields

    /// Goes to the field that a selection on `parent` means.
    func find(_ name: Name, on parent: TypeID?) {
        field = nil
        type = nil
        hasRequiredArguments = false
        guard let parent else { return }
        if let member = schema.member(name, of: parent) {
            field = .member(parent, member.index)
            type = member.type
            hasRequiredArguments = member.hasRequiredArguments
            return
        }
        switch name.value {
        case "__typename":
            field = .typename
            type = typenameType
        case "__schema" where parent == schema.queryType:
            field = .schema
            type = schemaFieldType
        case "__type" where parent == schema.queryType:
            field = .type
            type = typeFieldType
            hasRequiredArguments = true
        default: break
        }
    }

    /// The rule to call, of which reports then tell.
    @inline(__always)
    func begin<Kind>(_ call: (place: Int, rule: Kind)) -> Kind {
        rule = call.place
        return call.rule
    }

    // MARK: Uses of variables, after the walk

    /// The uses of variables by an operation: its own, then those of the fragments it uses.
    func forEachUse(
        in operation: Int, _ body: (DocumentFacts.VariableUse) -> Void
    ) {
        for place in facts.operations[operation].variableUses { body(facts.variableUses[place]) }
        for fragment in fragmentGraph.used[operation] {
            for place in facts.fragments[fragment].variableUses { body(facts.variableUses[place]) }
        }
    }

    /// The same for all operations, with the place of each used variable's definition among the
    /// operation's variables; nil for one that is not defined.
    func forEachOperationWithUses(
        _ body: (DocumentFacts.Operation, Int?, DocumentFacts.VariableUse) -> Void
    ) {
        guard !facts.variableUses.isEmpty else { return }
        var definitions = [Int](repeating: -1, count: facts.names.count)
        for place in facts.operations.indices where !isFull {
            let operation = facts.operations[place]
            for (index, variable) in operation.variables.enumerated() {
                definitions[variable.name] = index
            }
            forEachUse(in: place) { use in
                let definition = definitions[use.name]
                body(operation, definition < 0 ? nil : definition, use)
            }
            for variable in operation.variables { definitions[variable.name] = -1 }
        }
    }

    // MARK: Errors

    /// True when further errors of this stage would not be shown.
    var isFull: Bool { foundInStage > options.errorsMax }

    func report(_ message: String, at offsets: Int...) {
        report(message, at: offsets, moment: moment)
    }

    /// - Parameter moment: of the walk, at which the error belongs.
    func report(_ message: String, at offsets: [Int], moment: Int) {
        if isFull { return }
        foundInStage += 1
        let name = dispatch.names[rule]
        found.append(
            (moment, rule, GraphQLError(message, at: offsets, in: document.source, rule: name)))
    }

    /// Lets the rules look at the whole, and answers the errors in their order.
    ///
    /// Each stage reports in order of moments and stops just over the limit, so that what it left
    /// out could not have come among the first.
    func finish() -> [GraphQLError] {
        for (place, rule) in dispatch.whole {
            self.rule = place
            foundInStage = 0
            rule.finish(self)
        }
        if found.isEmpty { return [] }
        let order = found.indices.sorted { a, b in
            let (left, right) = (found[a], found[b])
            return (left.moment, left.rule, a) < (right.moment, right.rule, b)
        }
        var errors = order.prefix(options.errorsMax).map { found[$0].error }
        if found.count > errors.count {
            errors.append(
                GraphQLError(
                    "Too many validation errors, error limit reached. Validation aborted.",
                    in: document.source, rule: "Validation"))
        }
        return errors
    }

    // MARK: Names of things

    func name(of type: TypeID) -> String { schema.types[type.index].name }

    /// ` Did you mean …?` where options allow it.
    func didYouMean(_ input: String, among names: @autoclosure () -> [String]) -> String {
        options.suggestions ? GraphQL.didYouMean(input, among: names()) : ""
    }
}

/// The definition of a selected field: a field of a type, or one of the three that every schema has.
///
/// Source: GraphQL, September 2025, §4.1, §4.2.
public enum FieldReference: Sendable {
    /// A place in the type's `fields`.
    case member(TypeID, Int)
    case typename
    case schema
    case type
}

extension Schema {
    func arguments(of field: FieldReference) -> [InputValue] {
        switch field {
        case .member(let type, let index): types[type.index].fields[index].arguments
        case .typename, .schema: []
        case .type: string.map { [InputValue(name: "name", type: $0.nonNull)] } ?? []
        }
    }

    /// What an argument's definition says of the values it takes.
    struct ArgumentPlace {
        /// Among the arguments of the field.
        let index: Int
        let type: TypeReference
        let hasDefault: Bool
    }

    func argumentPlace(_ name: Name, of field: FieldReference) -> ArgumentPlace? {
        switch field {
        case .member(let type, let index):
            let field = types[type.index].fields[index]
            guard let place = field.argumentIndex[name] else { return nil }
            let argument = field.arguments[place]
            return ArgumentPlace(
                index: place, type: argument.type, hasDefault: argument.defaultValue != nil)
        case .typename, .schema: return nil
        case .type:
            guard name.value == "name", let string else { return nil }
            return ArgumentPlace(index: 0, type: string.nonNull, hasDefault: false)
        }
    }

    private var string: TypeReference? {
        type(named: "String").map { TypeReference(named: $0) }
    }
}
