import GraphQLLanguage
import JSON
import Testing

@testable import GraphQL

@Suite struct VariableCoercionTests {
    @Test func `built-in scalars take their JSON`() throws {
        #expect(try variable("7", "Int") == .value(.int(7)))
        #expect(try variable("7.0", "Int") == .value(.int(7)))
        #expect(try variable("2e3", "Int") == .value(.int(2_000)))
        #expect(try variable("-2147483648", "Int") == .value(.int(-2_147_483_648)))
        #expect(try variable("7", "Float") == .value(.float(7)))
        #expect(try variable("7.5", "Float") == .value(.float(7.5)))
        #expect(
            try variable("123456789012345678901234567890", "Float")
                == .value(.float(0x1.8ee90ff6c373ep+96)))
        #expect(try variable("\"a\"", "String") == .value(.string("a")))
        #expect(try variable("false", "Boolean") == .value(.boolean(false)))
        #expect(try variable("\"a\"", "ID") == .value(.string("a")))
        #expect(try variable("12", "ID") == .value(.string("12")))
        #expect(
            try variable("123456789012345678901234567890", "ID")
                == .value(.string("123456789012345678901234567890")))
        #expect(try variable("null", "Int") == .value(.null))
    }

    @Test(arguments: [
        ("1.5", "Int", "Int cannot represent non-integer value: 1.5"),
        ("\"1\"", "Int", "Int cannot represent non-integer value: \"1\""),
        ("true", "Int", "Int cannot represent non-integer value: true"),
        ("2147483648", "Int", "Int cannot represent non 32-bit signed integer value: 2147483648"),
        (
            "99999999999999999999", "Int",
            "Int cannot represent non 32-bit signed integer value: 99999999999999999999"
        ),
        ("\"1.5\"", "Float", "Float cannot represent non numeric value: \"1.5\""),
        ("1", "String", "String cannot represent a non string value: 1"),
        ("1", "Boolean", "Boolean cannot represent a non boolean value: 1"),
        ("\"true\"", "Boolean", "Boolean cannot represent a non boolean value: \"true\""),
        ("1.5", "ID", "ID cannot represent value: 1.5"),
        ("true", "ID", "ID cannot represent value: true"),
        ("[1]", "ID", "ID cannot represent value: [1]"),
        ("null", "Int!", "Expected value of non-null type \"Int!\" not to be null."),
    ])
    func `built-in scalars refuse other JSON`(
        _ text: String, _ type: String, _ message: String
    ) throws {
        #expect(try variable(text, type) == .errors([": " + message]))
    }

    @Test func `an ID is no number with a fraction, even of zero`() throws {
        #expect(try variable("1.0", "ID") == .errors([": ID cannot represent value: 1.0"]))
    }

    @Test func `enums take strings`() throws {
        #expect(try variable("\"RED\"", "Color") == .value(.enumValue(0)))
        #expect(
            try variable("\"GREE\"", "Color")
                == .errors([
                    ": Value \"GREE\" does not exist in \"Color\" enum. "
                        + "Did you mean the enum value \"GREEN\" or \"RED\"?"
                ]))
        #expect(
            try variable("3", "Color")
                == .errors([": Enum \"Color\" cannot represent non-string value: 3."]))
    }

    @Test func `a single value is a list of one`() throws {
        #expect(try variable("1", "[[Int]]") == .value(.list([.list([.int(1)])])))
        #expect(
            try variable("[1, [2]]", "[[Int]]")
                == .value(.list([.list([.int(1)]), .list([.int(2)])])))
        #expect(
            try variable("[1, \"x\", null]", "[Int!]")
                == .errors([
                    "[1]: Int cannot represent non-integer value: \"x\"",
                    "[2]: Expected value of non-null type \"Int!\" not to be null.",
                ]))
    }

    @Test func `input objects take their defaults and tell all faults`() throws {
        #expect(
            try variable(#"{"note": null, "product": 1}"#, "Line")
                == .value(
                    object((0, .string("1")), (1, .int(1)), (2, .enumValue(1)), (3, .null))))
        #expect(
            try variable(#"{"lines": [{"count": "x"}, 5], "tag": 1}"#, "Order")
                == .errors([
                    ".lines[0]: Expected value of type \"Line\" to include required field "
                        + "\"product\", found: { count: \"x\" }.",
                    ".lines[0].count: Int cannot represent non-integer value: \"x\"",
                    ".lines[1]: Expected value of type \"Line\" to be an object, found: 5.",
                    ": Expected value of type \"Order\" not to include unknown field \"tag\". "
                        + "Did you mean \"tags\"? Found: { lines: [{ count: \"x\" }, 5], tag: 1 }.",
                ]))
    }

    @Test func `exactly one field of a OneOf input object is given, and not null`() throws {
        let message =
            "Within OneOf Input Object type \"Choice\", exactly one field must be specified, "
            + "and the value for that field must be non-null."
        #expect(try variable(#"{"text": "a"}"#, "Choice") == .value(object((0, .string("a")))))
        #expect(try variable("{}", "Choice") == .errors([": " + message]))
        #expect(
            try variable(#"{"text": "a", "number": null}"#, "Choice") == .errors([": " + message]))
        #expect(try variable(#"{"text": null}"#, "Choice") == .errors([".text: " + message]))
    }

    @Test func `a custom scalar asks its codec, without one it takes any value`() throws {
        #expect(try variable("4", "Even") == .value(.int(4)))
        #expect(
            try variable("4.0", "Even")
                == .errors([
                    ": Expected value of type \"Even\", but encountered error \"Not even.\"; "
                        + "found: 4.0."
                ]))
        #expect(try variable(#"{"a":[1]}"#, "Any") == .value(.string(#"{"a":[1]}"#)))
    }

    @Test func `values in messages are shown in part`() throws {
        #expect(
            try variable("[[[[1]]], [1,2,3,4,5,6,7,8,9,10,11,12], {}, []]", "Color")
                == .errors([
                    ": Enum \"Color\" cannot represent non-string value: [[[[Array]]], "
                        + "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ... 2 more items], {}, []]."
                ]))
        let long = String(repeating: "y", count: 300)
        #expect(
            try variable("\"\(long)\"", "Int")
                == .errors([
                    ": Int cannot represent non-integer value: \"\(long.prefix(99))..."
                ]))
    }

    // MARK: All variables of an operation

    @Test func `absent, null and default differ`() throws {
        let operation = "query Q($a: Int = 3, $b: Int = 3, $c: Int = 3, $d: Int, $e: Int) { f }"
        #expect(
            try variables(operation, #"{"b": null, "c": 4, "e": null, "extra": {"x": 1}}"#)
                == ["a": .int(3), "b": .null, "c": .int(4), "e": .null])
    }

    @Test func `defaults are coerced`() throws {
        #expect(
            try variables("query Q($a: [Int] = 3, $l: Line = {product: 1}) { f }", nil)
                == [
                    "a": .list([.int(3)]),
                    "l": object((0, .string("1")), (1, .int(1)), (2, .enumValue(1))),
                ])
    }

    @Test func `all faults of all variables are told`() throws {
        let operation = """
            query Q(
              $a: Int!
              $b: Int!
              $c: Line = {count: "x"}
              $d: Query
              $e: [Int!]
              $f: Missing!
            ) { f }
            """
        #expect(
            try errors(operation, #"{"b": null, "e": [1, null], "d": 3}"#) == [
                "2:3 Variable \"$a\" has invalid value: Expected a value of non-null type "
                    + "\"Int!\" to be provided.",
                "3:3 Variable \"$b\" has invalid value: Expected value of non-null type "
                    + "\"Int!\" not to be null.",
                "4:3 Variable \"$c\" has invalid default value: Expected value of type \"Line\" "
                    + "to include required field \"product\", found: { count: \"x\" }.",
                "4:3 Variable \"$c\" has invalid default value at .count: Int cannot represent "
                    + "non-integer value: \"x\"",
                "5:7 Variable \"$d\" expected value of type \"Query\" which cannot be used as an "
                    + "input type.",
                "6:3 Variable \"$e\" has invalid value at [1]: Expected value of non-null type "
                    + "\"Int!\" not to be null.",
                "7:7 Variable \"$f\" expected value of type \"Missing!\" which cannot be used as "
                    + "an input type.",
            ])
    }

    @Test func `after fifty faults there is one that says so`() throws {
        let items = Array(repeating: "\"x\"", count: 1_000).joined(separator: ",")
        let errors = try errors("query Q($a: [Int]) { f }", "{\"a\": [\(items)]}")
        #expect(errors.count == 51)
        #expect(
            errors[49]
                == "1:9 Variable \"$a\" has invalid value at [49]: Int cannot represent "
                + "non-integer value: \"x\"")
        #expect(
            errors[50]
                == " Too many errors processing variables, error limit reached. "
                + "Execution aborted.")
    }

    private func coerced(_ text: String, _ provided: String?) throws(VariableErrors)
        -> [String: CoercedValue]
    {
        guard let document = try? parse(Source(text)),
            case .operation(let operation)? = document.definitions.first
        else { return [:] }
        let members = provided.flatMap { try? JSONValue(parsing: $0) }?.members
        return try coerceVariables(
            definitions: operation.variables, provided: members, schema: coercionSchema,
            codecs: [:], source: document.source)
    }

    private func variables(_ text: String, _ provided: String?) throws -> [String: CoercedValue] {
        try coerced(text, provided)
    }

    private func errors(_ text: String, _ provided: String) throws -> [String] {
        do throws(VariableErrors) {
            let values = try coerced(text, provided)
            Issue.record("coerced to \(values)")
            return []
        } catch {
            return error.errors.map { error in
                let places = error.locations.map { "\($0.line):\($0.column)" }
                return "\(places.joined()) \(error.message)"
            }
        }
    }
}
