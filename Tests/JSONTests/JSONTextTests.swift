import Bytes
import Testing

@testable import JSON

struct JSONTextTests {
    private func string(_ text: [UInt8]) throws -> (bytes: [UInt8], escapes: Bool, ascii: Bool) {
        try withReader(text) { reader throws(JSONError) in
            let text = try reader.readString()
            try reader.finish()
            let buffer = ByteBuffer(capacity: 1)
            text.append(to: buffer)
            #expect(buffer.bytes == text.unescapedBytes)
            #expect(Array(text.makeString().utf8) == text.unescapedBytes)
            return (text.unescapedBytes, text.hasEscapes, text.isASCII)
        }
    }

    @Test(arguments: [
        (#""""#, ""), (#""a""#, "a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u20AC\uD834\uDD1E""#, "Aé€𝄞"), (#""\u0000""#, "\u{0}"),
        (#""\u007f\u0080\u07ff\u0800\uffff""#, "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}"),
        (#""\ud800\udc00\udbff\udfff""#, "\u{10000}\u{10FFFF}"),
        (#""\uD7FF\uE000""#, "\u{D7FF}\u{E000}"),
        (#""\\u0041""#, "\\u0041"), (#""a/b""#, "a/b"), ("\"\u{7F}\"", "\u{7F}"),
        ("\"é€𝄞\u{2028}\u{FEFF}\"", "é€𝄞\u{2028}\u{FEFF}"),
        (#""0123456789\n0123456789\t0123456789é""#, "0123456789\n0123456789\t0123456789é"),
    ]) func `strings are unescaped`(text: String, value: String) throws {
        let result = try string(Array(text.utf8))
        #expect(result.bytes == Array(value.utf8))
        #expect(result.escapes == text.contains("\\"))
        #expect(result.ascii == text.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test(
        arguments: [
            (#""\x""#, .invalidEscape, 1), (#""ab\'""#, .invalidEscape, 3),
            (#""\U0041""#, .invalidEscape, 1),
            (#""\0""#, .invalidEscape, 1), (#""\u00g0""#, .invalidEscape, 1),
            (#""\u 041""#, .invalidEscape, 1),
            (#""\u004""#, .invalidEscape, 1), (#""\u+041""#, .invalidEscape, 1),
            (#""\é""#, .invalidEscape, 1),
            ("\"\\\n\"", .invalidEscape, 1), ("\"\\", .unexpectedEnd, 2),
            ("\"\\u", .unexpectedEnd, 3),
            ("\"\\u12", .unexpectedEnd, 5), ("\"\\\"", .unexpectedEnd, 3),
            (#""\ud800""#, .loneSurrogate, 1), (#""\uDC00""#, .loneSurrogate, 1),
            (#""\udfff\ud800""#, .loneSurrogate, 1), (#""\ud800\ud800""#, .loneSurrogate, 1),
            (#""\ud800x\udc00""#, .loneSurrogate, 1), (#""\ud800\n""#, .loneSurrogate, 1),
            (#""\ud800\u0041""#, .loneSurrogate, 1), (#""abc\ud83d def""#, .loneSurrogate, 4),
            (#""\ud83d\u00zz""#, .invalidEscape, 1), (#""\ud800\udc0""#, .invalidEscape, 1),
            ("\"\\ud800", .unexpectedEnd, 7), ("\"\\ud800\\", .unexpectedEnd, 8),
            ("\"\\ud800\\u", .unexpectedEnd, 9), ("\"\\ud800\\udc0", .unexpectedEnd, 12),
            ("\"\\ud800\\x", .loneSurrogate, 1), ("\"a\u{0}\"", .controlCharacter, 2),
            ("\"a\nb\"", .controlCharacter, 2), ("\"\t\"", .controlCharacter, 1),
            ("\"0123456789abcdef\u{1F}\"", .controlCharacter, 17),
        ] as [(String, JSONError.Reason, Int)])
    func `broken strings are refused`(text: String, reason: JSONError.Reason, offset: Int) {
        check(text, failsWith: reason, at: offset)
        #expect(!NaiveJSON.accepts(Array(text.utf8)))
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]]) func `what is not UTF-8 is refused at every place`(bad: [UInt8])
    {
        for lead in 0...20 {
            let clean = [0x22] + [UInt8](repeating: 0x61, count: lead)
            check(clean + bad + [0x22], failsWith: .invalidUTF8, at: 1 + lead)
            check(clean + [0xC3, 0xA9] + bad + [0x22], failsWith: .invalidUTF8, at: 3 + lead)
            #expect(refusal([0x7B] + clean + bad + [0x22])?.reason == .invalidUTF8)
        }
    }

    @Test func `every byte at every place of a string of every length is judged rightly`() {
        for length in 1...26 {
            for place in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var text = [0x22] + [UInt8](repeating: 0x61, count: length) + [0x22]
                    text[1 + place] = byte
                    let reason: JSONError.Reason? =
                        switch byte {
                        case 0..<0x20: .controlCharacter
                        case 0x22: .trailingData
                        case 0x5C: place == length - 1 ? .unexpectedEnd : .invalidEscape
                        case 0x80...: .invalidUTF8
                        default: nil
                        }
                    let found = refusal(text)
                    guard found?.reason == reason else {
                        Issue.record(
                            "\(byte) at \(place) of \(length): \(String(describing: found))")
                        return
                    }
                }
            }
        }
    }

    @Test func `a key matches byte by byte, escaped or not`() throws {
        func matches(_ text: String, _ key: StaticString) throws -> Bool {
            try withReader(text) { reader throws(JSONError) in
                try reader.readString().matches(key)
            }
        }
        #expect(try matches("\"\"", ""))
        #expect(try matches("\"query\"", "query"))
        #expect(try !matches("\"query\"", "quer"))
        #expect(try !matches("\"query\"", "querz"))
        #expect(try !matches("\"query\"", "Query"))
        #expect(try matches("\"operationName\"", "operationName"))
        #expect(try !matches("\"operationName\"", "operationNamE"))
        #expect(try !matches("\"xperationName\"", "operationName"))
        #expect(try matches("\"variables\"", "variables"))
        #expect(try !matches("\"variablez\"", "variables"))
        #expect(try matches("\"\\u0071uery\"", "query"))
        #expect(try !matches("\"\\u0072uery\"", "query"))
        // The same letter to people, not the same bytes.
        #expect(try !matches("\"e\u{301}\"", "é"))
    }

    @Test func `equality of bytes holds at every length and fails at every place`() {
        for count in 0...40 {
            let a = (0..<count).map { UInt8($0) }
            func equal(_ x: [UInt8], _ y: [UInt8]) -> Bool {
                unsafe x.withUnsafeBytes { x in
                    unsafe y.withUnsafeBytes { y in unsafe areEqual(x, y) }
                }
            }
            #expect(equal(a, a))
            #expect(!equal(a, a + [0]))
            for place in 0..<count {
                var b = a
                b[place] ^= 0x80
                #expect(!equal(a, b))
            }
        }
    }

    @Test func `a key set finds every key that comes twice`() throws {
        for count in [0, 1, 7, 8, 9, 10, 31, 32, 33, 200, 3_000] {
            let keys = (0..<count).map { "\"k\($0)\"" }
            for escape in [false, true] {
                var text = "[" + keys.joined(separator: ",")
                for index in 0..<count {
                    text += escape ? ",\"\\u006b\(index)\"" : ",\"k\(index)\""
                }
                text += "]"
                if count == 0 { text = "[]" }
                try withReader(text) { reader throws(JSONError) in
                    var set = JSONKeySet()
                    var place = 0
                    try reader.beginArray()
                    while try reader.nextElement() {
                        #expect(set.insert(try reader.readString()) == (place < count))
                        place += 1
                    }
                    #expect(place == 2 * count)
                    set.removeAll()
                }
            }
        }
    }

    @Test func `an emptied key set knows no key`() throws {
        try withReader(
            "[" + (0..<20).map { "\"\($0)\"" }.joined(separator: ",") + "]"
        ) { reader throws(JSONError) in
            var set = JSONKeySet()
            var texts: [JSONText] = []
            try reader.beginArray()
            while try reader.nextElement() { texts.append(try reader.readString()) }
            for _ in 0..<3 {
                let areNew = texts.map { set.insert($0) }
                #expect(areNew == [Bool](repeating: true, count: 20))
                let areNewAgain = texts.map { set.insert($0) }
                #expect(areNewAgain == [Bool](repeating: false, count: 20))
                set.removeAll()
            }
        }
    }
}
