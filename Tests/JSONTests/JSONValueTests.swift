import Bytes
import Testing

@testable import JSON

struct JSONValueTests {
    @Test func `a tree is read and written`() throws {
        let value = try JSONValue(parsing: #" {"a":[1,-2.5,true,null,"x\n"],"b":{}} "#)
        #expect(value == ["a": [1, -2.5, true, nil, "x\n"], "b": [:]])
        #expect(value.description == #"{"a":[1,-2.5,true,null,"x\n"],"b":{}}"#)
    }

    @Test func `the indented form has one member a line`() {
        let value: JSONValue = ["a": [1, [:], []], "b": ["c": nil]]
        let expected = """
            {
              "a": [
                1,
                {},
                []
              ],
              "b": {
                "c": null
              }
            }
            """
        #expect(value.indentedText == expected)
        #expect((7 as JSONValue).indentedText == "7")
    }

    @Test func `a value is looked into`() {
        let value: JSONValue = [
            "n": nil, "b": true, "i": 7, "d": 1.5, "s": "text", "a": [1, 2], "o": ["k": "v"],
        ]
        #expect(value["n"]?.isNull == true)
        #expect(value["b"]?.bool == true)
        #expect(value["i"]?.int64 == 7)
        #expect(value["i"]?.double == 7)
        #expect(value["d"]?.double == 1.5)
        #expect(value["d"]?.int64 == nil)
        #expect(value["s"]?.string == "text")
        #expect(value["a"]?[1] == 2)
        #expect(value["a"]?[2] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["a"]?.elements?.count == 2)
        #expect(value["o"]?["k"] == "v")
        #expect(value["o"]?.members == [JSONValue.Member("k", "v")])
        #expect(value["missing"] == nil)
        #expect(value["s"]?["k"] == nil)
        #expect(value["s"]?[0] == nil)
        #expect(value["s"]?.isNull == false)
        #expect(value["s"]?.int64 == nil)
        #expect(value["s"]?.double == nil)
        #expect(value["i"]?.string == nil)
    }

    @Test func `numbers keep their exact value`() {
        func isInteger(_ text: String) -> Bool {
            if case .integer = try? JSONValue(parsing: text) { true } else { false }
        }
        func isDouble(_ text: String) -> Bool {
            if case .double = try? JSONValue(parsing: text) { true } else { false }
        }
        func isText(_ text: String) -> Bool {
            if case .number(text) = try? JSONValue(parsing: text) { true } else { false }
        }
        for text in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
            #expect(isInteger(text), "\(text)")
        }
        for text in ["0.1", "1.0", "1.50", "1e3", "1e21", "-2.5e-7"] {
            #expect(isDouble(text), "\(text)")
        }
        for text in [
            "9223372036854775808", "1e400", "-1e400", "1e-400",
            "0.1000000000000000055511151231257827",
            "123456789012345678901234567890", "1.00000000000000000000000000000001",
        ] {
            #expect(isText(text), "\(text)")
        }
        // 2⁶³ is a double, yet its shortest form is another number.
        #expect(isText("9223372036854775808e0"))
        #expect(JSONValue.number("1e400").double == nil)
        #expect(JSONValue.number("9223372036854775808").double == 9_223_372_036_854_775_808)
        #expect(JSONValue.double(3).int64 == 3)
    }

    @Test func `numbers are equal when they are worth the same`() throws {
        let same = ["100", "100.0", "1e2", "1.00E+2", "1000e-1", "0.001e5"]
        for a in same {
            for b in same { #expect(try JSONValue(parsing: a) == JSONValue(parsing: b)) }
        }
        #expect(try JSONValue(parsing: "1e400") == JSONValue(parsing: "10e399"))
        #expect(try JSONValue(parsing: "1e400") != JSONValue(parsing: "1e401"))
        #expect(try JSONValue(parsing: "0") == JSONValue(parsing: "-0.0"))
        #expect(
            try JSONValue(parsing: "9007199254740993") != JSONValue(parsing: "9007199254740992.0"))
        #expect((1 as JSONValue) != "1")
        #expect((1 as JSONValue) != true)
        #expect((0 as JSONValue) != nil)
    }

    @Test func `strings and keys are equal byte by byte`() {
        #expect(JSONValue.string("é") != JSONValue.string("e\u{301}"))
        #expect(JSONValue.object([.init("é", 1)]) != JSONValue.object([.init("e\u{301}", 1)]))
        #expect(JSONValue.object([.init("é", 1)])["e\u{301}"] == nil)
    }

    @Test func `the order of members counts for equality alone`() {
        let a: JSONValue = ["x": 1, "y": [["p": 1, "q": 2]]]
        let b: JSONValue = ["y": [["q": 2, "p": 1.0]], "x": 1]
        #expect(a != b)
        #expect(a.isEquivalent(to: b))
        #expect(!a.isEquivalent(to: ["x": 1]))
        #expect(!a.isEquivalent(to: ["x": 1, "z": [["p": 1, "q": 2]]]))
        #expect(!a.isEquivalent(to: ["x": 1, "y": [["p": 1, "q": 3]]]))
        #expect(!(["a", "b"] as JSONValue).isEquivalent(to: ["b", "a"]))
    }

    @Test(arguments: [
        (#"{"a":1,"a":2}"#, 7), (#"{"a":1,"b":{"c":1,"d":2,"c":3}}"#, 24),
        (#"{"a":1,"\u0061":2}"#, 7), (#"{"":1,"":1}"#, 6), (#"[{"a":1},{"a":1,"a":1}]"#, 16),
    ]) func `the same key twice is refused`(text: String, offset: Int) {
        #expect(throws: JSONError(offset: offset, reason: .duplicateKey)) {
            try JSONValue(parsing: text)
        }
    }

    @Test func `equal keys in different objects are no duplicates`() {
        check(#"[{"a":1},{"a":{"a":2}}]"#, is: [["a": 1], ["a": ["a": 2]]])
        check("{\"\u{E9}\":1,\"e\u{301}\":2}", is: .object([.init("é", 1), .init("e\u{301}", 2)]))
    }

    @Test func `a duplicate among many keys is found`() {
        let keys = (0..<5_000).map { "\"key\($0)\":\($0)" }
        let text = "{" + keys.joined(separator: ",")
        #expect(throws: Never.self) { try JSONValue(parsing: text + "}") }
        #expect(throws: JSONError(offset: text.utf8.count + 1, reason: .duplicateKey)) {
            try JSONValue(parsing: text + ",\"key77\":0}")
        }
    }

    @Test func `random trees read back from both forms`() throws {
        var random = SeededRandom()
        for _ in 0..<1_500 {
            let value = randomValue(depth: 0, &random)
            let back = try JSONValue(parsing: value.description)
            let backFromIndented = try JSONValue(parsing: value.indentedText)
            guard back == value, backFromIndented == value, value.isEquivalent(to: back),
                back.description == value.description
            else {
                Issue.record("\(value) with \(random)")
                return
            }
        }
    }

    private func randomValue(depth: Int, _ random: inout SeededRandom) -> JSONValue {
        switch Int.random(in: 0...(depth < 6 ? 9 : 6), using: &random) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64(bitPattern: random.next()))
        case 3: return .integer(Int64.random(in: -1000...1000, using: &random))
        case 4:
            let value = Double(bitPattern: random.next())
            return .double(value.isFinite ? value : 0.5)
        case 5: return .number("\(random.next())\(random.next())")
        case 6: return .string(randomText(&random))
        case 7, 8:
            return .array(
                (0..<Int.random(in: 0...5, using: &random)).map { _ in
                    randomValue(depth: depth + 1, &random)
                })
        default:
            return .object(
                (0..<Int.random(in: 0...12, using: &random)).map { index in
                    .init("\(index)" + randomText(&random), randomValue(depth: depth + 1, &random))
                })
        }
    }

    private func randomText(_ random: inout SeededRandom) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...30, using: &random) {
            let bound: UInt32 = [0x30, 0x80, 0x800, 0x10FFFF].randomElement(using: &random) ?? 0x80
            if let scalar = Unicode.Scalar(UInt32.random(in: 0...bound, using: &random)) {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
