import Bytes

@testable import GraphQLLanguage

/// Random trees that the grammar allows, the same for the same seed.
struct RandomDocument {
    private var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func below(_ bound: Int) -> Int { random.below(bound) }

    private mutating func chance(_ percent: Int) -> Bool { random.chance(percent: percent) }

    private mutating func one<Element>(of elements: [Element]) -> Element { random.pick(elements) }

    private mutating func several<Element>(
        _ range: ClosedRange<Int>, _ make: (inout RandomDocument) -> Element
    ) -> [Element] {
        var elements: [Element] = []
        for _ in 0..<(range.lowerBound + below(range.count)) { elements.append(make(&self)) }
        return elements
    }

    private mutating func perhaps<Element>(
        _ percent: Int, _ make: (inout RandomDocument) -> Element
    ) -> Element? {
        chance(percent) ? make(&self) : nil
    }

    // MARK: Documents

    mutating func document() -> Document {
        Document(definitions: several(1...4) { $0.definition() }, source: Source(""))
    }

    private mutating func definition() -> Definition {
        switch below(10) {
        case 0...2: .operation(operation())
        case 3...4: .fragment(fragment())
        case 5: .schema(schema())
        case 6...8: .type(type())
        default: .directive(directiveDefinition())
        }
    }

    private mutating func operation() -> OperationDefinition {
        OperationDefinition(
            description: perhaps(20) { $0.string() }, type: one(of: OperationType.allCases),
            name: perhaps(60) { $0.name() },
            variables: several(0...3) { random in
                VariableDefinition(
                    description: random.perhaps(20) { $0.string() }, name: random.name(),
                    type: random.typeReference(3),
                    defaultValue: random.perhaps(40) { $0.value(3, isConst: true) },
                    directives: random.directives(isConst: true))
            },
            directives: directives(), selectionSet: selectionSet(3))
    }

    private mutating func fragment() -> FragmentDefinition {
        var name = name()
        if name.value == "on" { name = Name("F") }
        return FragmentDefinition(
            description: perhaps(20) { $0.string() }, name: name, typeCondition: self.name(),
            directives: directives(), selectionSet: selectionSet(3))
    }

    private mutating func selectionSet(_ levels: Int) -> SelectionSet {
        SelectionSet(selections: several(1...3) { $0.selection(levels) })
    }

    private mutating func selection(_ levels: Int) -> Selection {
        switch below(6) {
        case 0:
            var name = name()
            if name.value == "on" { name = Name("F") }
            return .fragmentSpread(FragmentSpread(name: name, directives: directives()))
        case 1 where levels > 0:
            return .inlineFragment(
                InlineFragment(
                    typeCondition: perhaps(70) { $0.name() }, directives: directives(),
                    selectionSet: selectionSet(levels - 1)))
        default:
            return .field(
                Field(
                    alias: perhaps(20) { $0.name() }, name: name(), arguments: arguments(),
                    directives: directives(),
                    selectionSet: levels > 0 ? perhaps(40) { $0.selectionSet(levels - 1) } : nil))
        }
    }

    // MARK: Values

    private mutating func arguments(isConst: Bool = false) -> [Argument] {
        chance(60)
            ? []
            : several(1...3) { Argument(name: $0.name(), value: $0.value(3, isConst: isConst)) }
    }

    private mutating func directives(isConst: Bool = false) -> [Directive] {
        chance(75)
            ? []
            : several(1...2) {
                Directive(name: $0.name(), arguments: $0.arguments(isConst: isConst))
            }
    }

    mutating func value(_ levels: Int, isConst: Bool) -> Value {
        switch below(levels > 0 ? 11 : 8) {
        case 0: Value(isConst ? .null : .variable(name().value))
        case 1: Value(.int(one(of: ["0", "-0", "1", "-17", "98765432109876543210"])))
        case 2: Value(.float(one(of: ["0.0", "1e5", "-1.50E-7", "3.14", "2e+0"])))
        case 3: Value(.boolean(chance(50)))
        case 4: Value(.null)
        case 5: Value(.enum(enumValueName().value))
        case 6, 7: Value(.string(string()))
        case 8: Value(.list(several(0...4) { $0.value(levels - 1, isConst: isConst) }))
        default:
            Value(
                .object(
                    several(0...3) {
                        ObjectField(
                            name: $0.name(), value: $0.value(levels - 1, isConst: isConst))
                    }))
        }
    }

    /// A quoted string of any scalars, or a block string of what block strings can hold.
    mutating func string() -> StringValue {
        let pieces = [
            "x", "y", "é", "😀", " ", "  ", "\t", "\n", "\n\n", "\n  ", "\"", "\"\"\"", "\\", "\r",
            "\\\"\"\"", "\u{0}", "\u{B}", "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}", "\u{FEFF}", "#",
            "a longer piece of text that makes lines too long for one", "\\u0041", "\u{10FFFF}",
        ]
        let value = several(0...6) { $0.one(of: pieces) }.joined()
        return StringValue(value, isBlock: chance(50) && Printer.hasBlockForm(value))
    }

    private mutating func name() -> Name {
        Name(
            one(of: [
                "a", "b", "_", "__typename", "on", "query", "type", "true", "null", "extend",
                "fragment", "implements", "repeatable", "Member", "exactlyFifteenB",
                "sixteenBytesLong", "a_rather_long_name_that_takes_a_good_deal_of_a_line",
            ]))
    }

    private mutating func enumValueName() -> Name {
        let name = name()
        return ["true", "false", "null"].contains(name.value) ? Name("E") : name
    }

    private mutating func typeReference(_ levels: Int) -> TypeNode {
        let type: TypeNode =
            levels > 0 && chance(30)
            ? .list(typeReference(levels - 1), offset: 0) : .named(name())
        return chance(40) ? .nonNull(type) : type
    }

    // MARK: The type system

    private mutating func schema() -> SchemaDefinition {
        let isExtension = chance(40)
        let directives = directives(isConst: true)
        let mayBeEmpty = isExtension && !directives.isEmpty
        return SchemaDefinition(
            isExtension: isExtension,
            description: isExtension ? nil : perhaps(30) { $0.string() }, directives: directives,
            operationTypes: several((mayBeEmpty ? 0 : 1)...3) {
                .init(operation: $0.one(of: OperationType.allCases), type: $0.name())
            })
    }

    private mutating func type() -> TypeDefinition {
        let kind = one(of: TypeDefinition.Kind.allCases)
        var type = TypeDefinition(
            kind: kind, isExtension: chance(30), name: name(),
            directives: directives(isConst: true))
        if type.isExtension {
            if type.directives.isEmpty { type.directives = [Directive(name: name())] }
        } else {
            type.description = perhaps(40) { $0.string() }
        }
        switch kind {
        case .scalar: break
        case .object, .interface:
            type.interfaces = several(0...2) { $0.name() }
            type.fields = several(0...3) { random in
                FieldDefinition(
                    description: random.perhaps(20) { $0.string() }, name: random.name(),
                    arguments: random.inputValues(), type: random.typeReference(3),
                    directives: random.directives(isConst: true))
            }
        case .union: type.memberTypes = several(0...3) { $0.name() }
        case .enum:
            type.enumValues = several(0...3) { random in
                EnumValueDefinition(
                    description: random.perhaps(20) { $0.string() }, name: random.enumValueName(),
                    directives: random.directives(isConst: true))
            }
        case .inputObject: type.inputFields = inputValues()
        }
        return type
    }

    private mutating func inputValues() -> [InputValueDefinition] {
        several(0...3) { random in
            InputValueDefinition(
                description: random.perhaps(20) { $0.string() }, name: random.name(),
                type: random.typeReference(3),
                defaultValue: random.perhaps(40) { $0.value(3, isConst: true) },
                directives: random.directives(isConst: true))
        }
    }

    private mutating func directiveDefinition() -> DirectiveDefinition {
        DirectiveDefinition(
            description: perhaps(30) { $0.string() }, name: name(), arguments: inputValues(),
            isRepeatable: chance(50),
            locations: several(1...3) {
                Name($0.one(of: ["QUERY", "FIELD", "OBJECT", "ENUM_VALUE", "VARIABLE_DEFINITION"]))
            })
    }
}
