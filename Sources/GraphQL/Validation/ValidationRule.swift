import GraphQLLanguage

/// One rule of validation: a name, and what it does at the nodes of a document.
///
/// A rule is data. It has no state of its own: what it must know of the rest of the document lies
/// in the context, in the facts that the walk collects for all rules together. A rule that needs
/// facts from places still to come does its work in `finish` and says at which moment of the walk
/// its error belongs.
public struct ValidationRule: Sendable {
    typealias Hook<Node> = @Sendable (ValidationContext, Node) -> Void

    /// As the reference implementation calls it; stands in `GraphQLError.rule`.
    public let name: String

    var enterDocument: Hook<Document>?
    var enterOperation: Hook<OperationDefinition>?
    var enterFragment: Hook<FragmentDefinition>?
    var enterVariable: Hook<VariableDefinition>?
    /// A type named by a variable definition or a type condition.
    var enterNamedType: Hook<Name>?
    var enterField: Hook<Field>?
    /// After the field's arguments, directives and selections.
    var leaveField: Hook<Field>?
    /// An argument of a field.
    var enterArgument: Hook<Argument>?
    var enterInlineFragment: Hook<InlineFragment>?
    var enterFragmentSpread: Hook<FragmentSpread>?
    var enterDirective: Hook<Directive>?
    /// After the directive's arguments.
    var leaveDirective: Hook<Directive>?
    /// The whole value of an argument, or the default of a variable.
    var enterValue: Hook<TypedValue>?
    /// All directives of a node, when it has any; at the moment of the node.
    var enterDirectives: Hook<[Directive]>?
    /// After the walk, when all facts are known.
    var finish: (@Sendable (ValidationContext) -> Void)?

    init(_ name: String) {
        self.name = name
    }

    init(_ name: String, _ define: (inout ValidationRule) -> Void) {
        self.name = name
        define(&self)
    }

    /// The rules of the specification, in the reference implementation's order.
    public static let all: [ValidationRule] = [
        executableDefinitions,
        knownOperationTypes,
        uniqueOperationNames,
        loneAnonymousOperation,
        singleFieldSubscriptions,
        knownTypeNames,
        fragmentsOnCompositeTypes,
        variablesAreInputTypes,
        scalarLeafs,
        fieldsOnCorrectType,
        uniqueFragmentNames,
        knownFragmentNames,
        noUnusedFragments,
        possibleFragmentSpreads,
        noFragmentCycles,
        uniqueVariableNames,
        noUndefinedVariables,
        noUnusedVariables,
        knownDirectives,
        uniqueDirectivesPerLocation,
        knownArgumentNames,
        uniqueArgumentNames,
        valuesOfCorrectType,
        providedRequiredArguments,
        variablesInAllowedPosition,
        overlappingFieldsCanBeMerged,
        uniqueInputFieldNames,
    ]

    static let allAndIntrospectionDepth = all + [maxIntrospectionDepth]
}

/// A value and the type it should have; nil where that is unknown, or no input type.
struct TypedValue {
    let value: Value
    let type: TypeReference?
}

/// The hooks of a list of rules by kind of node, so that a node costs only the rules that care.
struct RuleDispatch: Sendable {
    struct Entry<Node>: Sendable {
        /// Place of the rule in `rules`.
        let rule: Int
        let hook: ValidationRule.Hook<Node>
    }

    let rules: [ValidationRule]
    let enterDocument: [Entry<Document>]
    let enterOperation: [Entry<OperationDefinition>]
    let enterFragment: [Entry<FragmentDefinition>]
    let enterVariable: [Entry<VariableDefinition>]
    let enterNamedType: [Entry<Name>]
    let enterField: [Entry<Field>]
    let leaveField: [Entry<Field>]
    let enterArgument: [Entry<Argument>]
    let enterInlineFragment: [Entry<InlineFragment>]
    let enterFragmentSpread: [Entry<FragmentSpread>]
    let enterDirective: [Entry<Directive>]
    let leaveDirective: [Entry<Directive>]
    let enterValue: [Entry<TypedValue>]
    let enterDirectives: [Entry<[Directive]>]

    static let standard = RuleDispatch(ValidationRule.all)
    static let withIntrospectionDepth = RuleDispatch(ValidationRule.allAndIntrospectionDepth)

    init(_ rules: [ValidationRule]) {
        func entries<Node>(_ hook: KeyPath<ValidationRule, ValidationRule.Hook<Node>?>)
            -> [Entry<Node>]
        {
            rules.enumerated().compactMap { place, rule in
                rule[keyPath: hook].map { Entry(rule: place, hook: $0) }
            }
        }
        self.rules = rules
        enterDocument = entries(\.enterDocument)
        enterOperation = entries(\.enterOperation)
        enterFragment = entries(\.enterFragment)
        enterVariable = entries(\.enterVariable)
        enterNamedType = entries(\.enterNamedType)
        enterField = entries(\.enterField)
        leaveField = entries(\.leaveField)
        enterArgument = entries(\.enterArgument)
        enterInlineFragment = entries(\.enterInlineFragment)
        enterFragmentSpread = entries(\.enterFragmentSpread)
        enterDirective = entries(\.enterDirective)
        leaveDirective = entries(\.leaveDirective)
        enterValue = entries(\.enterValue)
        enterDirectives = entries(\.enterDirectives)
    }
}
