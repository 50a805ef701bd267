import Testing

@testable import GraphQL

@Suite struct SubstitutionTests {
    @Test func `variables are filled in at all levels`() throws {
        #expect(
            try substituted("[[$a], $b]", "[[Int]]", ["a": .int(1), "b": .list([.int(2)])])
                == .value(.list([.list([.int(1)]), .list([.int(2)])])))
        #expect(
            try substituted(
                "{lines: [{product: $p, count: $c}]}", "Order",
                ["p": .string("x"), "c": .int(5)])
                == .value(
                    object(
                        (
                            0,
                            .list([object((0, .string("x")), (1, .int(5)), (2, .enumValue(1)))])
                        ),
                        (1, object((0, .string("p")), (1, .int(1)), (2, .enumValue(1)))))))
    }

    @Test func `a field whose variable is absent takes its default or is left out`() throws {
        #expect(
            try substituted("{product: 1, count: $c, color: $d, note: $n}", "Line", [:])
                == .value(object((0, .string("1")), (1, .int(1)), (2, .enumValue(1)))))
    }

    @Test func `an item whose variable is absent is null`() throws {
        #expect(
            try substituted("[1, $a]", "[Int]", [:]) == .value(.list([.int(1), .null])))
    }

    @Test func `a null variable is null where null may be`() throws {
        #expect(
            try substituted("{product: 1, note: $n}", "Line", ["n": .null])
                == .value(
                    object((0, .string("1")), (1, .int(1)), (2, .enumValue(1)), (3, .null))))
    }

    @Test func `nothing or null at a non-null place is an error`() throws {
        #expect(
            try substituted("{product: $p}", "Line", [:])
                == .errors([
                    ".product: Expected variable \"$p\" provided to type \"ID!\" "
                        + "to provide a runtime value."
                ]))
        #expect(
            try substituted("{product: 1, count: $c}", "Line", ["c": .null])
                == .errors([
                    ".count: Expected variable \"$c\" provided to non-null type \"Int!\" "
                        + "not to be null."
                ]))
        #expect(
            try substituted("[1, $a]", "[Int!]", [:])
                == .errors([
                    "[1]: Expected variable \"$a\" provided to type \"Int!\" "
                        + "to provide a runtime value."
                ]))
    }

    @Test func `a OneOf input object wants its variable`() throws {
        let place = "Expected variable \"$t\" provided to field \"text\" for OneOf Input Object "
        #expect(
            try substituted("{text: $t}", "Choice", ["t": .string("a")])
                == .value(object((0, .string("a")))))
        #expect(
            try substituted("{text: $t}", "Choice", [:])
                == .errors([": \(place)type \"Choice\" to provide a runtime value."]))
        #expect(
            try substituted("{text: $t}", "Choice", ["t": .null])
                == .errors([": \(place)type \"Choice\" not to be null."]))
    }

    @Test func `an argument is what was given, else its default, else absent`() throws {
        #expect(try argument("withDefault", nil, [:]) == .value(.int(7)))
        #expect(try argument("withDefault", .variable("v"), [:]) == .value(.int(7)))
        #expect(try argument("withDefault", .variable("v"), ["v": .int(1)]) == .value(.int(1)))
        #expect(try argument("int", .variable("v"), ["v": .null]) == .value(.null))
        #expect(try argument("int", .variable("v"), [:]) == nil)
        #expect(try argument("int", nil, [:]) == nil)
    }

    @Test func `an argument that must have a value has one`() throws {
        #expect(
            try argument("withDefault", .variable("v"), ["v": .null])
                == .errors([
                    ": Expected variable \"$v\" provided to non-null type \"Int!\" not to be null."
                ]))
        #expect(
            try argument("required", .variable("v"), [:])
                == .errors([
                    ": Expected variable \"$v\" provided to type \"Int!\" "
                        + "to provide a runtime value."
                ]))
        #expect(
            try argument("required", nil, [:])
                == .errors([": Expected a value of non-null type \"Int!\" to be provided."]))
    }

    @Test func `a value knows whether it waits for variables`() {
        #expect(CoercedValue.list([.int(1), object((0, .variable("v")))]).hasVariables)
        #expect(!CoercedValue.list([.int(1), object((0, .string("v")))]).hasVariables)
    }

    @Test func `a fault is told in a sentence`() {
        let error = CoercionError("No.", path: [.field("a"), .index(2), .field("b")])
        #expect(
            error.sentence("Argument \"x\" has invalid value")
                == "Argument \"x\" has invalid value at .a[2].b: No.")
        #expect(CoercionError("No.").sentence("It is wrong") == "It is wrong: No.")
    }

    /// Nil for absent.
    private func substituted(
        _ text: String, _ typeText: String, _ variables: [String: CoercedValue]
    ) throws -> Coerced? {
        guard case .value(let value) = try literal(text, typeText) else {
            Issue.record("\(text) is no \(typeText)")
            return nil
        }
        let type = try type(typeText)
        do throws(CoercionErrors) {
            return try substitute(
                value, type: type, variables: variables, schema: coercionSchema, codecs: [:]
            ).map { .value($0) }
        } catch {
            return .errors(error.errors.map { "\($0.pathText): \($0.message)" })
        }
    }

    /// Nil for absent.
    private func argument(
        _ name: String, _ given: CoercedValue?, _ variables: [String: CoercedValue]
    ) throws -> Coerced? {
        let field = try #require(coercionSchema[coercionSchema.queryType].field("f"))
        let definition = try #require(field.argument(name))
        do throws(CoercionErrors) {
            return try argumentValue(
                given, of: definition, variables: variables, schema: coercionSchema, codecs: [:]
            ).map { .value($0) }
        } catch {
            return .errors(error.errors.map { "\($0.pathText): \($0.message)" })
        }
    }
}
