import Bytes
import Testing

@testable import JSON

struct JSONNumberTests {
    private struct Reading: Equatable {
        var text: String
        var isInteger: Bool
        var int64: Int64?
        var integral: Int64?
        var double: Double?
    }

    private func read(_ text: String) throws -> Reading {
        try withReader(text) { reader throws(JSONError) in
            let number = try reader.readNumber()
            try reader.finish()
            return Reading(
                text: number.text, isInteger: number.isInteger, int64: number.int64,
                integral: number.integralInt64, double: number.double)
        }
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("1", 1), ("-1", -1), ("12345678", 12_345_678),
            ("123456789", 123_456_789), ("1234567890123456", 1_234_567_890_123_456),
            ("-99999999999999999", -99_999_999_999_999_999),
            ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ] as [(String, Int64)]) func `integers are read exactly`(text: String, value: Int64) throws
    {
        let expected = Reading(
            text: text, isInteger: true, int64: value, integral: value, double: Double(value))
        #expect(try read(text) == expected)
        #expect(
            try withReader(text) { reader throws(JSONError) in try reader.readInt64() } == value)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "18446744073709551615",
        "18446744073709551616", "99999999999999999999", "123456789012345678901234567890",
    ]) func `integers beyond the range are out of range`(text: String) throws {
        let expected = Reading(
            text: text, isInteger: true, int64: nil, integral: nil, double: Double(text))
        #expect(try read(text) == expected)
        #expect(throws: JSONError(offset: 1, reason: .numberOutOfRange)) {
            try withReader(" " + text) { reader throws(JSONError) in try reader.readInt64() }
        }
    }

    @Test(
        arguments: [
            ("1.0", 1), ("-1.0", -1), ("1e3", 1000), ("1E+3", 1000), ("10e-1", 1), ("1.50e1", 15),
            ("0.0", 0), ("-0.0", 0), ("0e999999999999", 0), ("100e-2", 1), ("0.0001e4", 1),
            ("922337203685477580.7e1", .max), ("-922337203685477580.8e1", .min),
            ("1.5", nil), ("1e-1", nil), ("1e19", nil), ("922337203685477580.8e1", nil),
            ("1e999999999999", nil), ("1e-999999999999", nil), ("0.1", nil),
            ("12345678901234567890.0", nil),
        ] as [(String, Int64?)])
    func `a fraction or exponent may still be an integer`(text: String, value: Int64?) throws {
        let reading = try read(text)
        #expect(reading.int64 == nil)
        #expect(!reading.isInteger)
        #expect(reading.integral == value)
        #expect(throws: JSONError(offset: 0, reason: .notAnInteger)) {
            try withReader(text) { reader throws(JSONError) in try reader.readInt64() }
        }
    }

    @Test(
        arguments: [
            ("-", .unexpectedEnd, 1), ("[-]", .invalidNumber, 2), ("01", .leadingZero, 0),
            ("-01", .leadingZero, 1), ("00", .leadingZero, 0), ("-00.5", .leadingZero, 1),
            ("[1.]", .invalidNumber, 3), ("1.", .unexpectedEnd, 2), ("[.5]", .expectedValue, 1),
            ("[1.e5]", .invalidNumber, 3), ("[1e]", .invalidNumber, 3),
            ("[1e+]", .invalidNumber, 4),
            ("1e-", .unexpectedEnd, 3), ("[1e5.5]", .expectedCommaOrBracket, 4),
            ("[+1]", .expectedValue, 1), ("[--1]", .invalidNumber, 2),
            ("[1-2]", .expectedCommaOrBracket, 2),
            ("[0x10]", .expectedCommaOrBracket, 2), ("[1_000]", .expectedCommaOrBracket, 2),
            ("[1e5e5]", .expectedCommaOrBracket, 4), ("[1.2.3]", .expectedCommaOrBracket, 4),
            ("[1e+-5]", .invalidNumber, 4), ("[-Infinity]", .invalidNumber, 2),
            ("[-NaN]", .invalidNumber, 2), ("[１]", .expectedValue, 1),
            ("[1a]", .expectedCommaOrBracket, 2),
            ("[- 1]", .invalidNumber, 2), ("[1 .5]", .expectedCommaOrBracket, 3),
        ] as [(String, JSONError.Reason, Int)])
    func `broken numbers are refused`(text: String, reason: JSONError.Reason, offset: Int) {
        check(text, failsWith: reason, at: offset)
        #expect(!NaiveJSON.accepts(Array(text.utf8)))
    }

    @Test(arguments: [
        "0.1", "0.3", "1.7976931348623157e308", "2.2250738585072014e-308", "4.9e-324",
        "5e-324", "2.4703282292062327e-324", "2.4703282292062328e-324", "1e-400", "1e22", "1e23",
        "9007199254740993", "9007199254740992.9999", "9007199254740993.00000000000000000001",
        "123456789012345e22", "123456789012345e-22", "999999999999999e22", "1e-22", "1e-23",
        "0.000000000000000000000000000001", "179769313486231570000e288", "1.5E+3", "-0.0",
        "6.631236846766476e-316", "3.518437208883201171875e13", "62.5364939768271845828",
        "8.10109172351e-10", "1.50000000000000011102230246251565", "9214843084008499.0",
        "100000000000000016777215", "100000000000000016777216", "0.500000000000000166533453693",
        "2.2250738585072011e-308", "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
    ]) func `doubles are the nearest`(text: String) throws {
        let value = try #require(try read(text).double)
        #expect(value.bitPattern == Double(text)?.bitPattern)
    }

    @Test(arguments: [
        "1e400", "-1e400", "1.8e308", "1e309", "1e999999999999999999999",
        "1.7976931348623158079372897140530342e308",
    ]) func `doubles beyond the range are told`(text: String) throws {
        #expect(try read(text).double == nil)
        #expect(throws: JSONError(offset: 0, reason: .numberOutOfRange)) {
            try withReader(text) { reader throws(JSONError) in try reader.readDouble() }
        }
    }

    @Test func `random numbers are what the standard library makes of them`() throws {
        var random = SeededRandom()
        for _ in 0..<40_000 {
            var text = Bool.random(using: &random) ? "-" : ""
            let whole = Int.random(in: 0...22, using: &random)
            if whole == 0 {
                text += "0"
            } else {
                text += "\(Int.random(in: 1...9, using: &random))"
                for _ in 1..<whole { text += "\(Int.random(in: 0...9, using: &random))" }
            }
            if Bool.random(using: &random) {
                text += "."
                for _ in 0...Int.random(in: 0...22, using: &random) {
                    text += "\(Int.random(in: 0...9, using: &random))"
                }
            }
            if Bool.random(using: &random) {
                let bound = Bool.random(using: &random) ? 30 : 400
                text += ["e", "E", "e+", "e-", "E-"].randomElement(using: &random) ?? "e"
                text += "\(Int.random(in: 0...bound, using: &random))"
            }
            let reading = try read(text)
            let nearest = Double(text)
            let expected = nearest?.isFinite == true ? nearest : nil
            guard reading.double?.bitPattern == expected?.bitPattern, reading.text == text,
                reading.int64 == Int64(text)
            else {
                Issue.record("\(text) became \(reading) with \(random)")
                return
            }
        }
    }

    @Test func `any double and any integer read back from their own text`() throws {
        var random = SeededRandom()
        let buffer = ByteBuffer()
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            buffer.removeAll()
            buffer.appendDouble(value)
            let reading = try read(buffer.makeString())
            let integer = Int64(
                bitPattern: random.next() >> UInt64.random(in: 0...63, using: &random))
            guard reading.double == value, try read(String(integer)).int64 == integer else {
                Issue.record("\(value) or \(integer) with \(random)")
                return
            }
        }
    }

    @Test func `a number of a hundred thousand digits is read in one pass and cut to what matters`()
        throws
    {
        let nines = String(repeating: "9", count: 100_000)
        #expect(try read(nines).double == nil)
        #expect(try read("0." + nines).double == 1)
        #expect(try read("-" + nines + "e-100000").double == -1)
        #expect(try read("0." + String(repeating: "0", count: 100_000) + "1e100001").double == 1)
        #expect(try read("1" + String(repeating: "0", count: 100_000) + "e-100000").integral == 1)
        #expect(try read("1." + String(repeating: "0", count: 100_000)).integral == 1)
        #expect(try read("1." + String(repeating: "0", count: 100_000) + "1").integral == nil)
        // Just above the midpoint of two doubles, told by the last digit alone.
        let midpoint = "1.00000000000000011102230246251565404236316680908203125"
        let zeros = String(repeating: "0", count: 100_000)
        #expect(try read(midpoint + zeros).double == 1)
        #expect(try read(midpoint + zeros + "1").double == 1.0.nextUp)
        #expect(refusal("[" + nines + "]") == nil)
        #expect(refusal("1e" + nines) == nil)
        #expect(refusal("1." + nines + "x")?.reason == .trailingData)
    }
}
