import GraphQL
import GraphQLLanguage
import Testing

/// Large and hostile documents; how many errors there are, and how talkative they are.
@Suite struct ValidationLimitsTests {
    @Test func `the rules are those of the specification, in order`() {
        #expect(
            ValidationRule.all.map(\.name) == [
                "ExecutableDefinitions", "KnownOperationTypes", "UniqueOperationNames",
                "LoneAnonymousOperation", "SingleFieldSubscriptions", "KnownTypeNames",
                "FragmentsOnCompositeTypes", "VariablesAreInputTypes", "ScalarLeafs",
                "FieldsOnCorrectType", "UniqueFragmentNames", "KnownFragmentNames",
                "NoUnusedFragments", "PossibleFragmentSpreads", "NoFragmentCycles",
                "UniqueVariableNames", "NoUndefinedVariables", "NoUnusedVariables",
                "KnownDirectives", "UniqueDirectivesPerLocation", "KnownArgumentNames",
                "UniqueArgumentNames", "ValuesOfCorrectType", "ProvidedRequiredArguments",
                "VariablesInAllowedPosition", "OverlappingFieldsCanBeMerged",
                "UniqueInputFieldNames",
            ])
    }

    @Test func `errors stand in the order of the walk, whichever rule finds them`() {
        checkValidation(
            "query Q($a: Int, $b: Int) { dog { x: name x: barks isAtLocation(x: $c) foo } }",
            [
                #"NoUndefinedVariables 1:68 1:1 | Variable "$c" is not defined by operation "Q"."#,
                #"NoUnusedVariables 1:9 | Variable "$a" is never used in operation "Q"."#,
                #"NoUnusedVariables 1:18 | Variable "$b" is never used in operation "Q"."#,
                #"OverlappingFieldsCanBeMerged 1:35 1:43 | Fields "x" conflict because "#
                    + #""name" and "barks" are different fields. Use different aliases on the "#
                    + #"fields to fetch both if this was intentional."#,
                #"FieldsOnCorrectType 1:72 | Cannot query field "foo" on type "Dog"."#,
            ])
    }

    @Test func `after the hundredth error there is one that says so`() throws {
        let fields = (0..<200).map { "f\($0)" }.joined(separator: " ")
        let errors = try errors("{ dog { \(fields) } }")
        #expect(errors.count == 101)
        #expect(errors[99].message == "Cannot query field \"f99\" on type \"Dog\".")
        #expect(
            errors[100].message
                == "Too many validation errors, error limit reached. Validation aborted.")
    }

    @Test func `a hundred errors are not too many`() throws {
        let fields = (0..<100).map { "f\($0)" }.joined(separator: " ")
        #expect(try errors("{ dog { \(fields) } }").count == 100)
    }

    @Test func `an error found late but placed early is among the first`() throws {
        let fields = (0..<200).map { "f\($0)" }.joined(separator: " ")
        let errors = try errors("query Q($a: Int) { dog { \(fields) } }")
        #expect(errors[0].message == "Variable \"$a\" is never used in operation \"Q\".")
        #expect(errors.count == 101)
    }

    @Test func `suggestions can be switched off`() {
        checkValidation(
            """
            query Q($v: Boolea) {
              dog { nam name(surnam: $v) doesKnowCommand(dogCommand: SI) @skip(iff: true) }
              pet { nickname }
              all(c: {requiredField: true, intFiel: 1})
            }
            """,
            [
                #"KnownTypeNames 1:13 | Unknown type "Boolea"."#,
                #"FieldsOnCorrectType 2:9 | Cannot query field "nam" on type "Dog"."#,
                #"KnownArgumentNames 2:18 | Unknown argument "surnam" on field "Dog.name"."#,
                #"ValuesOfCorrectType 2:58 | Value "SI" does not exist in "DogCommand" enum."#,
                #"KnownArgumentNames 2:68 | Unknown argument "iff" on directive "@skip"."#,
                #"ProvidedRequiredArguments 2:62 | Argument "@skip(if:)" of type "Boolean!" is "#
                    + #"required, but it was not provided."#,
                #"FieldsOnCorrectType 3:9 | Cannot query field "nickname" on type "Pet"."#,
                #"ValuesOfCorrectType 4:32 | Expected value of type "ComplexInput" not to "#
                    + #"include unknown field "intFiel", found: { requiredField: true, "#
                    + #"intFiel: 1 }."#,
            ], options: ValidationOptions(suggestions: false))
    }

    @Test func `a value in a message is cut after a hundred characters`() {
        let long = String(repeating: "x", count: 200)
        checkValidation(
            "{ all(a: \"\(long)\") }",
            [
                "ValuesOfCorrectType 1:10 | Int cannot represent non-integer value: "
                    + "\"\(long.prefix(99))..."
            ])
    }

    @Test func `an object in a message is broken into lines like a printed one`() {
        let value =
            #"{requiredField: true, intField: 4, nope: 1, booleanField: false, stringListField: ["a"]}"#
        checkValidation(
            "{ all(c: \(value)) }",
            [
                #"""
                ValuesOfCorrectType 1:45 | Expected value of type "ComplexInput" not to \#
                include unknown field "nope", found: {
                  requiredField: true
                  intField: 4
                  nope: 1
                  booleanField: false
                  stringListField: ["a"]
                }.
                """#
            ])
    }

    @Test func `an object in a message is cut when it has more than five hundred characters`() {
        let long = String(repeating: "x", count: 500)
        checkValidation(
            "{ all(c: {requiredField: true, nope: \"\(long)\"}) }",
            [
                #"ValuesOfCorrectType 1:32 | Expected value of type "ComplexInput" not to "#
                    + #"include unknown field "nope", found: { requiredField: true, nope: ""#
                    + "\(long.prefix(70))...."
            ])
    }

    @Test func `introspection may not nest lists of types`() {
        let document = """
            { __schema { types { ...F } } t: __type(name: "Dog") { ...F ...F } }
            fragment F on __Type { fields { type { fields { type { ...G } } } } }
            fragment G on __Type { interfaces { name } }
            """
        checkValidation(
            document,
            [
                "MaxIntrospectionDepth 1:3 | Maximum introspection depth exceeded",
                "MaxIntrospectionDepth 1:31 | Maximum introspection depth exceeded",
            ])
        checkValidation(
            document, [], options: ValidationOptions(limitsIntrospectionDepth: false))
    }

    @Test func `ordinary introspection is not too deep`() {
        checkValidation(
            """
            {
              __schema {
                types { fields { args { type { ...T } } type { ...T } } possibleTypes { ...T } }
              }
            }
            fragment T on __Type { name ofType { name ofType { name ofType { name } } } }
            """, [])
    }

    @Test(arguments: [
        "{ dog { \(repeated("name", 10_000)) } }",
        "{ dog { \(repeated("isAtLocation(x: 1, y: 2)", 10_000)) } }",
        "{ \(repeated("dog { name nickname }", 10_000)) }",
        "{ dog { \((0..<10_000).map { "a\($0): name" }.joined(separator: " ")) } }",
        "{ dog { ...F0 } } \(chain(1_000) { "name ...F\($0 + 1)" })",
        "{ dog { ...F0 } } \(chain(1_000) { "mother { ...F\($0 + 1) } mother { name } " })",
    ])
    func `a large document that repeats itself is valid`(_ text: String) throws {
        #expect(try errors(text).isEmpty)
    }

    @Test func `a large conflict is told in bounded words`() throws {
        let errors = try errors("{ dog { \(repeated("x: name x: nickname", 2_000)) } }")
        #expect(errors.count == 101)
        let nested = try self.errors(
            "{ dog { \(repeated("x: name", 300)) } dog { \(repeated("x: nickname", 300)) } }")
        #expect(nested.count == 1)
        #expect(nested[0].message.utf8.count < 1_200)
        #expect(nested[0].offsets.count == 40)
    }

    @Test func `a long cycle of fragments is told once`() throws {
        let text = "{ dog { ...F0 } } \(chain(1_500) { "...F\(($0 + 1) % 1_500)" })"
        let errors = try errors(text)
        #expect(errors.map(\.rule) == ["NoFragmentCycles"])
        #expect(errors.first?.offsets.count == 1_500)
    }

    @Test func `sets that merge in ever more combinations end the search`() throws {
        // At each level the fields on X and those on Y merge apart, and both with the rest.
        let schema = makeSchema(
            """
            type Query { n: N }
            interface N { next: N v: Int }
            type X implements N { next: N v: Int }
            type Y implements N { next: N v: Int }
            """)
        let fragments = (0..<40).map { level in
            """
            fragment A\(level) on N {
              ... on X { next { ...P\(level) } } ... on Y { next { ...Q\(level) } }
              next { ...A\(level + 1) }
            }
            fragment P\(level) on N { next { ...P\(level) } }
            fragment Q\(level) on N { next { ...Q\(level) } }
            """
        }
        let text = "{ n { ...A0 } } \(fragments.joined()) fragment A40 on N { v }"
        let errors = validate(try parse(Source(text), limits: .file), schema: schema)
        #expect(errors.last?.message == "Validation aborted.")
        #expect(
            errors.dropLast().map(\.rule)
                == Array(repeating: "NoFragmentCycles", count: 80))
    }

    private func errors(_ text: String) throws -> [GraphQLError] {
        let limits = ParseLimits(documentBytesMax: .max, tokensMax: .max, nestingMax: 64)
        return validate(try parse(Source(text), limits: limits), schema: validationSchema)
    }
}

private func repeated(_ text: String, _ count: Int) -> String {
    Array(repeating: text, count: count).joined(separator: " ")
}

/// Fragments `F0`, `F1`, …, and a last one that ends the chain.
private func chain(_ count: Int, _ selections: (Int) -> String) -> String {
    let links = (0..<count).map { "fragment F\($0) on Dog { \(selections($0)) }" }
    let isOpen = selections(count - 1).contains("F\(count)")
    return links.joined(separator: "\n") + (isOpen ? "fragment F\(count) on Dog { barks }" : "")
}
