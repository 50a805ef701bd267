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
    /// Known from the beginning, because spreads come before definitions.
    private(set) var fragmentTypes: [String: TypeID?] = [:]
    private(set) var operationCount = 0

    // Where the walk is.

    /// Counts the nodes that were entered or left.
    var moment = 0
    /// The type whose fields are selected here; nil when unknown.
    var parentType: TypeID?
    /// What the field or fragment here answers with; nil when unknown.
    var type: TypeReference?
    /// The definition of the field here; nil when there is none.
    var field: FieldReference?
    /// The definition of the argument here; nil when there is none.
    var argument: InputValue?
    /// The name of the field here.
    var fieldName = ""
    /// Where the directive here stands.
    var directiveLocation = DirectiveLocation.query

    // The errors.

    /// Place in `dispatch.rules` of the rule at work.
    var rule = 0
    private var found: [(moment: Int, rule: Int, error: GraphQLError)] = []
    private var foundInStage = 0

    private var cachedFragmentGraph: FragmentGraph?

    init(document: Document, schema: Schema, codecs: ScalarCodecs, options: ValidationOptions) {
        self.document = document
        self.schema = schema
        self.codecs = codecs
        self.options = options
        dispatch = options.limitsIntrospectionDepth ? .withIntrospectionDepth : .standard
        for definition in document.definitions {
            switch definition {
            case .operation: operationCount += 1
            case .fragment(let fragment):
                fragmentTypes[fragment.name.value] = schema.type(
                    named: fragment.typeCondition.value)
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

    /// The same for all operations, with their variables by name.
    func forEachOperationWithUses(
        _ body: (
            DocumentFacts.Operation, [DocumentFacts.NameID: VariableDefinition],
            DocumentFacts.VariableUse
        ) -> Void
    ) {
        for (place, operation) in facts.operations.enumerated() where !isFull {
            var definitions: [DocumentFacts.NameID: VariableDefinition] = [:]
            for variable in operation.variables {
                if let name = facts.names.existingID(of: variable.name.value) {
                    definitions[name] = variable
                }
            }
            forEachUse(in: place) { body(operation, definitions, $0) }
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
        let name = dispatch.rules[rule].name
        found.append(
            (moment, rule, GraphQLError(message, at: offsets, in: document.source, rule: name)))
    }

    /// Lets the rules look at the whole, and answers the errors in their order.
    ///
    /// Each stage reports in order of moments and stops just over the limit, so that what it left
    /// out could not have come among the first.
    func finish() -> [GraphQLError] {
        for (place, rule) in dispatch.rules.enumerated() {
            guard let finish = rule.finish else { continue }
            self.rule = place
            foundInStage = 0
            finish(self)
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
enum FieldReference {
    /// A place in the type's `fields`.
    case member(TypeID, Int)
    case typename
    case schema
    case type
}

extension Schema {
    /// The field that a selection on `parent` means; nil when there is none.
    func field(_ name: String, on parent: TypeID) -> FieldReference? {
        if let index = types[parent.index].memberIndex[name] { return .member(parent, index) }
        switch name {
        case "__typename": return .typename
        case "__schema": return parent == queryType ? .schema : nil
        case "__type": return parent == queryType ? .type : nil
        default: return nil
        }
    }

    func type(of field: FieldReference) -> TypeReference? {
        switch field {
        case .member(let type, let index): types[type.index].fields[index].type
        case .typename: builtIn("String")?.nonNull
        case .schema: builtIn("__Schema")?.nonNull
        case .type: builtIn("__Type")
        }
    }

    func arguments(of field: FieldReference) -> [InputValue] {
        switch field {
        case .member(let type, let index): types[type.index].fields[index].arguments
        case .typename, .schema: []
        case .type: builtIn("String").map { [InputValue(name: "name", type: $0.nonNull)] } ?? []
        }
    }

    private func builtIn(_ name: String) -> TypeReference? {
        type(named: name).map { TypeReference(named: $0) }
    }
}
