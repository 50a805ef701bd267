import GraphQLLanguage

/// One rule of validation, as others see it.
public struct ValidationRule: Sendable {
    /// As the reference implementation calls it; stands in `GraphQLError.rule`.
    public let name: String

    let type: any Rule.Type

    init(_ type: any Rule.Type) {
        name = type.name
        self.type = type
    }

    /// The rules of the specification, in the reference implementation's order.
    public static let all: [ValidationRule] = [
        ValidationRule(ExecutableDefinitions.self),
        ValidationRule(KnownOperationTypes.self),
        ValidationRule(UniqueOperationNames.self),
        ValidationRule(LoneAnonymousOperation.self),
        ValidationRule(SingleFieldSubscriptions.self),
        ValidationRule(KnownTypeNames.self),
        ValidationRule(FragmentsOnCompositeTypes.self),
        ValidationRule(VariablesAreInputTypes.self),
        ValidationRule(ScalarLeafs.self),
        ValidationRule(FieldsOnCorrectType.self),
        ValidationRule(UniqueFragmentNames.self),
        ValidationRule(KnownFragmentNames.self),
        ValidationRule(NoUnusedFragments.self),
        ValidationRule(PossibleFragmentSpreads.self),
        ValidationRule(NoFragmentCycles.self),
        ValidationRule(UniqueVariableNames.self),
        ValidationRule(NoUndefinedVariables.self),
        ValidationRule(NoUnusedVariables.self),
        ValidationRule(KnownDirectives.self),
        ValidationRule(UniqueDirectivesPerLocation.self),
        ValidationRule(KnownArgumentNames.self),
        ValidationRule(UniqueArgumentNames.self),
        ValidationRule(ValuesOfCorrectType.self),
        ValidationRule(ProvidedRequiredArguments.self),
        ValidationRule(VariablesInAllowedPosition.self),
        ValidationRule(OverlappingFieldsCanBeMerged.self),
        ValidationRule(UniqueInputFieldNames.self),
    ]

    static let maxIntrospectionDepth = ValidationRule(MaxIntrospectionDepth.self)
}

/// What a rule does at the nodes of a document.
///
/// A rule has no state. What it must know of the rest of the document lies in the context, in the
/// facts that the walk notes down for all rules together. A rule that needs facts from places still
/// to come is a `WholeRule`: it works after the walk, and says at which moment of it an error
/// belongs. The other protocols are the kinds of node that a rule can be called at.
protocol Rule: SendableMetatype {
    static var name: String { get }
}

protocol DocumentRule: Rule {
    static func enterDocument(_ document: Document, _ context: ValidationContext)
}

protocol OperationRule: Rule {
    static func enterOperation(_ operation: OperationDefinition, _ context: ValidationContext)
}

/// The type condition is `context.type`.
protocol FragmentRule: Rule {
    static func enterFragment(_ fragment: FragmentDefinition, _ context: ValidationContext)
}

protocol VariableRule: Rule {
    static func enterVariable(_ variable: VariableDefinition, _ context: ValidationContext)
}

/// At a type named by a variable definition or a type condition; `type` is nil when the schema does
/// not have it.
protocol NamedTypeRule: Rule {
    static func enterNamedType(_ name: Name, _ type: TypeID?, _ context: ValidationContext)
}

protocol FieldRule: Rule {
    static func enterField(_ field: Field, _ context: ValidationContext)
}

/// After the field's arguments, directives and selections.
protocol FieldLeaveRule: Rule {
    static func leaveField(_ field: Field, _ context: ValidationContext)
}

/// At an argument of a field; `isDefined` tells whether the field has a definition that knows it.
protocol ArgumentRule: Rule {
    static func enterArgument(
        _ argument: Argument, of field: Field, isDefined: Bool, _ context: ValidationContext)
}

/// The type condition, or without one the enclosing type, is `context.type`.
protocol InlineFragmentRule: Rule {
    static func enterInlineFragment(_ fragment: InlineFragment, _ context: ValidationContext)
}

/// `isDefined` tells whether the document has the fragment, `type` is its type condition.
protocol FragmentSpreadRule: Rule {
    static func enterFragmentSpread(
        _ spread: FragmentSpread, isDefined: Bool, type: TypeID?, _ context: ValidationContext)
}

protocol DirectiveRule: Rule {
    static func enterDirective(_ directive: Directive, _ context: ValidationContext)
}

/// After the directive's arguments.
protocol DirectiveLeaveRule: Rule {
    static func leaveDirective(_ directive: Directive, _ context: ValidationContext)
}

/// At the whole value of an argument that is no variable, or the default of a variable.
protocol ValueRule: Rule {
    static func enterValue(_ typed: TypedValue, _ context: ValidationContext)
}

/// At a node that has directives, with all of them.
protocol DirectivesRule: Rule {
    static func enterDirectives(_ directives: [Directive], _ context: ValidationContext)
}

/// After the walk, when all facts are known.
protocol WholeRule: Rule {
    static func finish(_ context: ValidationContext)
}

/// A value and the type it should have; nil where that is unknown, or no input type.
struct TypedValue {
    let value: Value
    let type: TypeReference?
}

/// The rules by kind of node, so that a node costs only the rules that care.
final class RuleDispatch: Sendable {
    let names: [String]
    let document: [(place: Int, rule: any DocumentRule.Type)]
    let operation: [(place: Int, rule: any OperationRule.Type)]
    let fragment: [(place: Int, rule: any FragmentRule.Type)]
    let variable: [(place: Int, rule: any VariableRule.Type)]
    let namedType: [(place: Int, rule: any NamedTypeRule.Type)]
    let field: [(place: Int, rule: any FieldRule.Type)]
    let fieldLeave: [(place: Int, rule: any FieldLeaveRule.Type)]
    let argument: [(place: Int, rule: any ArgumentRule.Type)]
    let inlineFragment: [(place: Int, rule: any InlineFragmentRule.Type)]
    let fragmentSpread: [(place: Int, rule: any FragmentSpreadRule.Type)]
    let directive: [(place: Int, rule: any DirectiveRule.Type)]
    let directiveLeave: [(place: Int, rule: any DirectiveLeaveRule.Type)]
    let value: [(place: Int, rule: any ValueRule.Type)]
    let directives: [(place: Int, rule: any DirectivesRule.Type)]
    let whole: [(place: Int, rule: any WholeRule.Type)]

    static let standard = RuleDispatch(ValidationRule.all)
    static let withIntrospectionDepth = RuleDispatch(
        ValidationRule.all + [.maxIntrospectionDepth])

    init(_ rules: [ValidationRule]) {
        func ofKind<Kind>() -> [(place: Int, rule: Kind)] {
            rules.enumerated().compactMap { place, rule in
                (rule.type as? Kind).map { (place, $0) }
            }
        }
        names = rules.map(\.name)
        document = ofKind()
        operation = ofKind()
        fragment = ofKind()
        variable = ofKind()
        namedType = ofKind()
        field = ofKind()
        fieldLeave = ofKind()
        argument = ofKind()
        inlineFragment = ofKind()
        fragmentSpread = ofKind()
        directive = ofKind()
        directiveLeave = ofKind()
        value = ofKind()
        directives = ofKind()
        whole = ofKind()
    }
}
