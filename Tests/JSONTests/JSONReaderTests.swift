import Bytes
import Testing

@testable import JSON

struct JSONReaderTests {
    // MARK: Walking

    @Test func `a document is walked without a tree`() throws {
        let text = #"{"id":7,"tags":["a","b"],"on":true,"none":null,"rest":{"deep":[[1]]},"f":1.5}"#
        let seen = try withReader(text) { reader throws(JSONError) in
            var seen: [String] = []
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if key.matches("id") {
                    seen.append("id=\(try reader.readInt64())")
                } else if key.matches("tags") {
                    try reader.beginArray()
                    while try reader.nextElement() {
                        seen.append("tag=\(try reader.readString().makeString())")
                    }
                } else if key.matches("on") {
                    seen.append("on=\(try reader.readBool())")
                } else if key.matches("none") {
                    seen.append("null=\(reader.takeNull())")
                } else if key.matches("f") {
                    seen.append("null=\(reader.takeNull())")
                    seen.append("f=\(try reader.readDouble())")
                } else {
                    let raw = try unsafe reader.readRawValue()
                    seen.append(unsafe "raw=\(String(decoding: raw, as: UTF8.self))")
                }
            }
            try reader.finish()
            return seen
        }
        #expect(
            seen == [
                "id=7", "tag=a", "tag=b", "on=true", "null=true", #"raw={"deep":[[1]]}"#,
                "null=false", "f=1.5",
            ])
    }

    @Test func `a raw value is cut without the white space around it`() throws {
        let raws = try withReader(" [ {\"a\" : 1 } , \"x\" ,\t-1.5e3\n, null ] ") {
            reader throws(JSONError) in
            var raws: [String] = []
            try reader.beginArray()
            while try reader.nextElement() {
                let raw = try unsafe reader.readRawValue()
                raws.append(unsafe String(decoding: raw, as: UTF8.self))
            }
            try reader.finish()
            return raws
        }
        #expect(raws == ["{\"a\" : 1 }", "\"x\"", "-1.5e3", "null"])
    }

    @Test func `values that follow one another are read until the end`() throws {
        let values = try withReader("1\n{\"a\":2}\n\n[3]\n") { reader throws(JSONError) in
            var values: [JSONValue] = []
            while !reader.isAtEnd() { values.append(try JSONValue(reading: &reader)) }
            return values
        }
        #expect(values == [1, ["a": 2], [3]])
    }

    @Test func `peeking passes white space alone`() throws {
        for (text, kind) in [
            ("{}", .object), ("[]", .array), ("\"\"", .string), ("-1", .number), ("0", .number),
            ("true", .boolean), ("false", .boolean), ("null", .null),
        ] as [(String, JSONKind)] {
            let offset = try withReader(" \n" + text) { reader throws(JSONError) in
                #expect(try reader.peekKind() == kind)
                #expect(try reader.peekKind() == kind)
                return reader.offset
            }
            #expect(offset == 2)
        }
    }

    @Test func `asking for another kind names the kind and the place`() {
        let texts: [(JSONKind, String)] = [
            (.object, " {}"), (.array, " []"), (.string, " \"\""), (.number, " 1"),
            (.boolean, " true"), (.null, " null"),
        ]
        for (kind, text) in texts {
            for (wanted, _) in texts {
                let expected = JSONError(offset: 1, reason: .expected(wanted))
                var thrown: JSONError?
                do {
                    try withReader(text) { reader throws(JSONError) in
                        switch wanted {
                        case .object: try reader.beginObject()
                        case .array: try reader.beginArray()
                        case .string: _ = try reader.readString()
                        case .number: _ = try reader.readNumber()
                        case .boolean: _ = try reader.readBool()
                        case .null: try reader.readNull()
                        }
                    }
                } catch {
                    thrown = error
                }
                #expect(thrown == (kind == wanted ? nil : expected))
            }
        }
    }

    // MARK: Structure

    @Test(arguments: [
        "{}", "[]", "[[]]", "[{}]", "{\"a\":{}}", "{\"\":0}", "[1]", "[1,2]", "\"\"", "0",
        "null", "true", "false", " \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n",
        "{ \"a\" : 1 , \"b\" : [ ] }", "[[],[],[[]]]", "{\"a\":1,\"b\":{\"c\":[{},{}]}}",
        "[null,true,false]", "[-0]", "[\"a\",\"\\u0000\"]",
    ]) func `well-formed texts are accepted`(text: String) {
        #expect(refusal(text) == nil)
        #expect(NaiveJSON.accepts(Array(text.utf8)))
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd, 0), ("   ", .unexpectedEnd, 3), ("[", .unexpectedEnd, 1),
            ("{", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3),
            ("{\"a", .unexpectedEnd, 3), ("{\"a\"", .unexpectedEnd, 4),
            ("{\"a\":", .unexpectedEnd, 5), ("{\"a\":1", .unexpectedEnd, 6),
            ("{\"a\":1,", .unexpectedEnd, 7), ("tru", .unexpectedEnd, 3), ("f", .unexpectedEnd, 1),
            ("nul", .unexpectedEnd, 3), ("fals", .unexpectedEnd, 4), ("\"abc", .unexpectedEnd, 4),
            ("[\"a\\", .unexpectedEnd, 4),
            ("]", .expectedValue, 0), ("}", .expectedValue, 0), (",", .expectedValue, 0),
            ("[,1]", .expectedValue, 1), ("[1,]", .expectedValue, 3), ("[1,,2]", .expectedValue, 3),
            ("[1 2]", .expectedCommaOrBracket, 3), ("[1}", .expectedCommaOrBracket, 2),
            ("[1:2]", .expectedCommaOrBracket, 2), ("[\"a\" \"b\"]", .expectedCommaOrBracket, 5),
            ("{1:2}", .expectedKey, 1), ("{a:1}", .expectedKey, 1), ("{'a':1}", .expectedKey, 1),
            ("{,}", .expectedKey, 1), ("{\"a\":1,}", .expectedKey, 7),
            ("{null:1}", .expectedKey, 1),
            ("{\"a\":1,,\"b\":2}", .expectedKey, 7), ("{\"a\" 1}", .expectedColon, 5),
            ("{\"a\",1}", .expectedColon, 4), ("{\"a\"}", .expectedColon, 4),
            ("{\"a\"::1}", .expectedValue, 5), ("{\"a\":}", .expectedValue, 5),
            ("{\"a\":1 \"b\":2}", .expectedCommaOrBrace, 7),
            ("{\"a\":1]", .expectedCommaOrBrace, 6),
            ("{\"a\":1;", .expectedCommaOrBrace, 6), ("[]]", .trailingData, 2),
            ("{}{}", .trailingData, 2), ("1 2", .trailingData, 2), ("null,", .trailingData, 4),
            ("\"a\"b", .trailingData, 3), ("truex", .trailingData, 4), ("nulll", .trailingData, 4),
            ("[1]\u{0}", .trailingData, 3), ("[1]/**/", .trailingData, 3),
            ("True", .expectedValue, 0), ("TRUE", .expectedValue, 0), ("nil", .expectedValue, 0),
            ("trux", .expectedValue, 0), ("fulse", .expectedValue, 0), ("nope", .expectedValue, 0),
            ("undefined", .expectedValue, 0), ("NaN", .expectedValue, 0),
            ("Infinity", .expectedValue, 0), ("'a'", .expectedValue, 0),
            ("//x\n1", .expectedValue, 0),
            ("\u{B}1", .expectedValue, 0), ("\u{C}1", .expectedValue, 0),
            ("\u{A0}1", .expectedValue, 0),
            ("\u{2028}1", .expectedValue, 0), ("*", .expectedValue, 0),
            ("\u{0}", .expectedValue, 0),
            ("[1,\u{FEFF}2]", .expectedValue, 3), ("é", .expectedValue, 0),
            ("\u{FEFF}1", .byteOrderMark, 0), ("\u{FEFF}", .byteOrderMark, 0),
            ("\u{FEFF}{}", .byteOrderMark, 0),
        ] as [(String, JSONError.Reason, Int)])
    func `broken structure is refused`(text: String, reason: JSONError.Reason, offset: Int) {
        check(text, failsWith: reason, at: offset)
        #expect(!NaiveJSON.accepts(Array(text.utf8)))
    }

    @Test func `sixteen and thirty-two bit encodings are refused`() {
        check([0xFF, 0xFE, 0x5B, 0, 0x5D, 0], failsWith: .expectedValue, at: 0)
        check([0xFE, 0xFF, 0, 0x5B, 0, 0x5D], failsWith: .expectedValue, at: 0)
        check([0x5B, 0, 0x5D, 0], failsWith: .expectedValue, at: 1)
        check([0, 0, 0, 0x31], failsWith: .expectedValue, at: 0)
    }

    // MARK: Nesting

    @Test(arguments: [1, 2, 63, 64, 65, 512])
    func `nesting is accepted up to the bound and refused beyond`(depthMax: Int) {
        let full = String(repeating: "[", count: depthMax)
        let good = full + String(repeating: "]", count: depthMax)
        #expect(refusal(good, depthMax: depthMax) == nil)
        #expect(
            refusal("[" + good + "]", depthMax: depthMax)
                == JSONError(offset: depthMax, reason: .tooDeep(max: depthMax)))
        let objects = String(repeating: "{\"a\":", count: depthMax)
        let closing = String(repeating: "}", count: depthMax)
        #expect(refusal(objects + "1" + closing, depthMax: depthMax) == nil)
        #expect(
            refusal(objects + "{}" + closing, depthMax: depthMax)
                == JSONError(offset: 5 * depthMax, reason: .tooDeep(max: depthMax)))
    }

    @Test func `a bound of zero admits scalars alone`() {
        #expect(refusal("1", depthMax: 0) == nil)
        #expect(refusal("[]", depthMax: 0) == JSONError(offset: 0, reason: .tooDeep(max: 0)))
    }

    @Test func `a hundred thousand opening brackets are refused early`() {
        check(
            String(repeating: "[", count: 100_000), failsWith: .tooDeep(max: 64), at: 64)
        check(
            String(repeating: "{\"a\":", count: 100_000), failsWith: .tooDeep(max: 64), at: 320)
    }

    @Test func `siblings do not add to the depth`() {
        let text = "[" + String(repeating: "[[]],{\"a\":{}},", count: 10_000) + "1]"
        #expect(refusal(text, depthMax: 3) == nil)
    }

    // MARK: Any text

    @Test func `every cut of a document is refused at its end`() {
        let text = Array(
            #"{"k\u00e9y":[1,-2.5e+10,true,false,null,"é\ud83d\ude00x",{"a":{}}],"z":"\\"}"#.utf8)
        #expect(refusal(text) == nil)
        for count in text.indices {
            let cut = Array(text[..<count])
            let error = refusal(cut)
            // A cut inside a wide character is a fault of its own.
            let isWide = count < text.count && text[count] & 0xC0 == 0x80
            if isWide {
                #expect(error == JSONError(offset: count - 1, reason: .invalidUTF8))
            } else {
                #expect(error == JSONError(offset: count, reason: .unexpectedEnd))
            }
        }
    }

    @Test func `every changed byte is judged as the grammar judges it`() {
        let text = Array(#"[{"k":-1.5e+3,"é":"\u00e9\ud83d\ude00\n"},true,null, 10]"#.utf8)
        for place in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[place] = byte
                let isAccepted = refusal(changed) == nil
                #expect(isAccepted == NaiveJSON.accepts(changed), "\(byte) at \(place)")
            }
        }
    }

    @Test func `random texts are judged as the grammar judges them`() {
        var random = SeededRandom()
        let pieces: [[UInt8]] =
            [
                "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\\", "\\u12", "\\ud83d", "\\udc00",
                "0",
                "1", "-", ".", "e", "E", "+", "true", "null", "é", "😀", " ", "\n", "\t", "\"key\":",
                "12345678", "[]", "{}", "\u{0}",
            ].map { Array($0.utf8) } + [[0x80], [0xC0], [0xED, 0xA0, 0x80], [0xFF]]
        var acceptedCount = 0
        for _ in 0..<60_000 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 1...7, using: &random) {
                text += pieces.randomElement(using: &random) ?? []
            }
            let isAccepted = refusal(text) == nil
            if isAccepted { acceptedCount += 1 }
            guard isAccepted == NaiveJSON.accepts(text) else {
                Issue.record("\(String(decoding: text, as: UTF8.self)) with \(random)")
                return
            }
        }
        #expect(acceptedCount > 0)
    }

    // MARK: Faults

    @Test func `a fault is told in words with its place`() {
        #expect(
            refusal("[1,]").map(String.init(describing:)) == "expected a value at byte 3")
        #expect(
            refusal("[[[]]]", depthMax: 2).map(String.init(describing:))
                == "values are nested deeper than 2 at byte 2")
        #expect(
            JSONError(offset: 5, reason: .expected(.object)).description
                == "expected an object at byte 5")
    }
}
