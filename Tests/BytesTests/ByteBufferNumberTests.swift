import Testing

@testable import Bytes

struct ByteBufferNumberTests {
    private func written(_ value: Int64) -> String {
        let buffer = ByteBuffer()
        buffer.appendInteger(value)
        return buffer.makeString()
    }

    private func written(_ value: Double) -> String {
        let buffer = ByteBuffer()
        buffer.appendDouble(value)
        return buffer.makeString()
    }

    @Test func `integers at every power of ten and two are written exactly`() {
        var values: [Int64] = [0, .min, .max, .min + 1]
        var power: Int64 = 1
        for _ in 0..<18 {
            power *= 10
            values += [power - 1, power, power + 1, power * 9, 1 - power, -power, -1 - power]
        }
        for shift in 0..<63 { values += [1 << shift, (1 << shift) - 1, -(1 << shift)] }
        for value in values { #expect(written(value) == String(value)) }
    }

    @Test func `all small integers are written exactly`() {
        let buffer = ByteBuffer()
        var expected = ""
        for value in -1_000...110_000 {
            buffer.appendInteger(value)
            buffer.append(byte: 0x20)
            expected += "\(value) "
        }
        #expect(buffer.makeString() == expected)
    }

    @Test func `random integers of every width are written exactly`() {
        var random = SeededRandom()
        for _ in 0..<100_000 {
            let bits = random.next() >> UInt64.random(in: 0...63, using: &random)
            let value = Int64(bitPattern: bits)
            guard written(value) == String(value) else {
                Issue.record("\(value) with \(random)")
                return
            }
            let buffer = ByteBuffer()
            buffer.appendUnsigned(bits)
            guard buffer.makeString() == String(bits) else {
                Issue.record("\(bits) with \(random)")
                return
            }
        }
        let buffer = ByteBuffer()
        buffer.appendUnsigned(.max)
        #expect(buffer.makeString() == "18446744073709551615")
    }

    @Test func `the digits of each number below ten thousand come out of each lane`() {
        for value in UInt64(0)..<10_000 {
            let text = String(value)
            let four = String(repeating: "0", count: 4 - text.count) + text
            let digits = asciiDigits(ofBelowTenToEight: value * 10_000 + (9_999 - value))
            let bytes = (0..<8).map { UInt8(truncatingIfNeeded: digits >> UInt64($0 * 8)) }
            let other = String(9_999 - value)
            let otherFour = String(repeating: "0", count: 4 - other.count) + other
            #expect(bytes == Array((four + otherFour).utf8))
        }
    }

    @Test(arguments: [
        (0.0, "0"), (-0.0, "0"), (1.0, "1"), (-1.0, "-1"), (1.5, "1.5"), (-1.5, "-1.5"),
        (0.1, "0.1"), (0.3, "0.3"), (0.1 + 0.2, "0.30000000000000004"), (12.34, "12.34"),
        (100.0, "100"), (1_000_000.25, "1000000.25"), (48.137_154, "48.137154"),
        (123_456_789.012_345, "123456789.012345"),
        (999_999_999_999_999.9, "999999999999999.9"),
        (1e15, "1000000000000000"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
        (123_456_789_012_345_680_000.0, "123456789012345680000"),
        (1.5e21, "1.5e+21"), (1.234_5e+300, "1.2345e+300"), (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"), (1e-7, "1e-7"), (1.23e-7, "1.23e-7"), (-1e-7, "-1e-7"),
        (9_007_199_254_740_991.0, "9007199254740991"),
        (9_007_199_254_740_992.0, "9007199254740992"),
        (4_611_686_018_427_387_904.0, "4611686018427388000"),
        (9_223_372_036_854_775_808.0, "9223372036854776000"),
        (1.797_693_134_862_315_7e308, "1.7976931348623157e+308"),
        (2.225_073_858_507_201_4e-308, "2.2250738585072014e-308"),
        (.leastNonzeroMagnitude, "5e-324"),
        (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
    ]) func `floating point is written as JavaScript prints it`(value: Double, text: String) {
        #expect(written(value) == text)
    }

    @Test func `decimals of up to eight places are written as they were typed`() {
        var random = SeededRandom()
        for _ in 0..<50_000 {
            let places = Int.random(in: 1...8, using: &random)
            let whole = Int.random(in: 1...999_999, using: &random)
            var fraction = ""
            for _ in 1..<places { fraction += "\(Int.random(in: 0...9, using: &random))" }
            fraction += "\(Int.random(in: 1...9, using: &random))"
            let text = "\(whole).\(fraction)"
            guard let value = Double(text), written(value) == text, written(-value) == "-" + text
            else {
                Issue.record("\(text) with \(random)")
                return
            }
        }
    }

    @Test func `any bit pattern reads back as itself and is no longer than the shortest`() {
        var random = SeededRandom()
        for _ in 0..<50_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = written(value)
            let significant = { (text: String) -> Int in
                let mantissa = text.split(separator: "e")[0].filter { $0.isNumber }
                return mantissa.drop { $0 == "0" }.reversed().drop { $0 == "0" }.count
            }
            guard let back = Double(text), back.bitPattern == value.bitPattern,
                significant(text) == significant(value.description)
            else {
                Issue.record("\(value) became \(text) with \(random)")
                return
            }
        }
    }
}
