import GraphQLLanguage
import Testing

@testable import GraphQL

@Suite struct LiteralCoercionTests {
    @Test func `built-in scalars take their literals`() throws {
        #expect(try literal("-2147483648", "Int") == .value(.int(-2_147_483_648)))
        #expect(try literal("2147483647", "Int!") == .value(.int(2_147_483_647)))
        #expect(try literal("1", "Float") == .value(.float(1)))
        #expect(try literal("1.5e2", "Float") == .value(.float(150)))
        #expect(try literal("\"é\"", "String") == .value(.string("é")))
        #expect(try literal("true", "Boolean") == .value(.boolean(true)))
        #expect(try literal("\"4\"", "ID") == .value(.string("4")))
        #expect(try literal("4", "ID") == .value(.string("4")))
        #expect(
            try literal("123456789012345678901234567890", "ID")
                == .value(.string("123456789012345678901234567890")))
        #expect(try literal("null", "Int") == .value(.null))
    }

    @Test(arguments: [
        ("1.0", "Int", "Int cannot represent non-integer value: 1.0"),
        ("\"1\"", "Int", "Int cannot represent non-integer value: \"1\""),
        ("true", "Int", "Int cannot represent non-integer value: true"),
        ("2147483648", "Int", "Int cannot represent non 32-bit signed integer value: 2147483648"),
        ("-2147483649", "Int", "Int cannot represent non 32-bit signed integer value: -2147483649"),
        ("\"1\"", "Float", "Float cannot represent non numeric value: \"1\""),
        ("1e999", "Float", "Float cannot represent non numeric value: 1e999"),
        ("1", "String", "String cannot represent a non string value: 1"),
        ("X", "String", "String cannot represent a non string value: X"),
        ("1", "Boolean", "Boolean cannot represent a non boolean value: 1"),
        ("\"true\"", "Boolean", "Boolean cannot represent a non boolean value: \"true\""),
        ("1.0", "ID", "ID cannot represent a non-string and non-integer value: 1.0"),
        ("true", "ID", "ID cannot represent a non-string and non-integer value: true"),
        ("[1]", "Int", "Int cannot represent non-integer value: [1]"),
        ("{a: $x}", "Int", "Int cannot represent non-integer value: { a: $x }"),
        ("null", "Int!", "Expected value of non-null type \"Int!\" not to be null."),
    ])
    func `built-in scalars refuse others`(_ text: String, _ type: String, _ message: String) throws
    {
        #expect(try literal(text, type) == .errors([": " + message]))
    }

    @Test func `enums take names, not strings`() throws {
        #expect(try literal("BLUE", "Color") == .value(.enumValue(2)))
        #expect(
            try literal("\"RED\"", "Color")
                == .errors([
                    ": Enum \"Color\" cannot represent non-enum value: \"RED\". "
                        + "Did you mean the enum value \"RED\" or \"GREEN\"?"
                ]))
        #expect(
            try literal("YELLOW", "Color")
                == .errors([": Value \"YELLOW\" does not exist in \"Color\" enum."]))
    }

    /// Source: GraphQL, September 2025, §3.11, the table of examples.
    @Test func `a single value is a list of one`() throws {
        #expect(try literal("[1, 2, 3]", "[Int]") == .value(.list([.int(1), .int(2), .int(3)])))
        #expect(try literal("1", "[Int]") == .value(.list([.int(1)])))
        #expect(try literal("null", "[Int]") == .value(.null))
        #expect(
            try literal("[1, \"b\", true]", "[Int]")
                == .errors([
                    "[1]: Int cannot represent non-integer value: \"b\"",
                    "[2]: Int cannot represent non-integer value: true",
                ]))
        #expect(
            try literal("[[1], [2, 3]]", "[[Int]]")
                == .value(.list([.list([.int(1)]), .list([.int(2), .int(3)])])))
        #expect(
            try literal("[1, 2, 3]", "[[Int]]")
                == .value(.list([.list([.int(1)]), .list([.int(2)]), .list([.int(3)])])))
        #expect(try literal("[1, null]", "[[Int]]") == .value(.list([.list([.int(1)]), .null])))
        #expect(try literal("1", "[[Int]]") == .value(.list([.list([.int(1)])])))
        #expect(
            try literal("[1, null]", "[Int!]")
                == .errors(["[1]: Expected value of non-null type \"Int!\" not to be null."]))
    }

    @Test func `input objects take their defaults, in the order of their fields`() throws {
        #expect(
            try literal("{note: \"n\", product: 3}", "Line")
                == .value(
                    object(
                        (0, .string("3")), (1, .int(1)), (2, .enumValue(1)), (3, .string("n")))))
        #expect(
            try literal("{lines: {product: 1, count: 2, color: null}}", "Order")
                == .value(
                    object(
                        (0, .list([object((0, .string("1")), (1, .int(2)), (2, .null))])),
                        (1, object((0, .string("p")), (1, .int(1)), (2, .enumValue(1)))))))
    }

    @Test func `all faults of an input object are told, with their paths`() throws {
        let written = "{ lines: [{ count: \"x\" }, 5], tag: 1, tags: [true] }"
        #expect(
            try literal("{lines: [{count: \"x\"}, 5], tag: 1, tags: [true]}", "Order")
                == .errors([
                    ".lines[0]: Expected value of type \"Line\" to include required field "
                        + "\"product\", found: { count: \"x\" }.",
                    ".lines[0].count: Int cannot represent non-integer value: \"x\"",
                    ".lines[1]: Expected value of type \"Line\" to be an object, found: 5.",
                    ".tags[0]: String cannot represent a non string value: true",
                    ": Expected value of type \"Order\" not to include unknown field \"tag\". "
                        + "Did you mean \"tags\"? Found: \(written).",
                ]))
    }

    @Test func `a field that stands twice is refused`() throws {
        #expect(
            try literal("{product: 1, product: 2}", "Line")
                == .errors([": There can be only one input field named \"product\"."]))
    }

    @Test func `exactly one field of a OneOf input object is given, and not null`() throws {
        let message =
            "Within OneOf Input Object type \"Choice\", exactly one field must be specified, "
            + "and the value for that field must be non-null."
        #expect(try literal("{number: 1}", "Choice") == .value(object((1, .int(1)))))
        #expect(try literal("{text: $t}", "Choice") == .value(object((0, .variable("t")))))
        #expect(try literal("{}", "Choice") == .errors([": " + message]))
        #expect(try literal("{text: \"a\", number: 1}", "Choice") == .errors([": " + message]))
        #expect(try literal("{text: \"a\", number: null}", "Choice") == .errors([": " + message]))
        #expect(try literal("{text: null}", "Choice") == .errors([".text: " + message]))
    }

    @Test func `variables stay, also inside lists and objects`() throws {
        #expect(try literal("$v", "Int!") == .value(.variable("v")))
        #expect(
            try literal("[$a, [$b, 1]]", "[[Int]]")
                == .value(.list([.variable("a"), .list([.variable("b"), .int(1)])])))
        #expect(
            try literal("{product: $p, count: $c}", "Line")
                == .value(
                    object((0, .variable("p")), (1, .variable("c")), (2, .enumValue(1)))))
    }

    @Test func `a custom scalar asks its codec`() throws {
        #expect(try literal("4", "Even") == .value(.int(4)))
        #expect(try literal("[2, 4]", "[Even]") == .value(.list([.int(2), .int(4)])))
        #expect(
            try literal("3", "Even!")
                == .errors([
                    ": Expected value of type \"Even\", but encountered error \"Not even.\"; "
                        + "found: 3."
                ]))
    }

    @Test func `a custom scalar without a codec takes any value`() throws {
        #expect(try literal("5", "Any") == .value(.int(5)))
        #expect(try literal("99999999999999999999", "Any") == .value(.float(1e20)))
        #expect(try literal("1.5", "Any") == .value(.float(1.5)))
        #expect(try literal("X", "Any") == .value(.string("X")))
        #expect(try literal("true", "Any") == .value(.boolean(true)))
        #expect(
            try literal("{a: [1, 2.5, \"q\\\"\", X, null], b: {}}", "Any")
                == .value(.string(#"{"a":[1,2.5,"q\"","X",null],"b":{}}"#)))
    }

    @Test func `a variable cannot stand inside a custom scalar`() throws {
        #expect(
            try literal("{a: [$x]}", "Any")
                == .errors([
                    ": Expected value of type \"Any\", but encountered error "
                        + "\"A variable cannot stand inside a custom scalar.\"; "
                        + "found: { a: [$x] }."
                ]))
    }

    @Test func `faults know where they stand in the document`() throws {
        let value = try parseValue(Source("[{product: 1, count: null}, {oops: 3}]"))
        let type = try type("[Line]")
        do throws(CoercionErrors) {
            _ = try coerceLiteral(
                value, to: type, schema: coercionSchema, codecs: [:])
            Issue.record("the literal is wrong")
        } catch {
            #expect(error.errors.map(\.offset) == [21, 28, 29])
        }
    }
}
