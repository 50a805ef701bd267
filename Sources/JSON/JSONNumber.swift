/// A number of a JSON text where it lies, of any length; converted only when asked.
// Safe: made by `JSONReader` over bytes that its caller keeps alive; the bytes follow the grammar.
@safe
public struct JSONNumber {
    @usableFromInline let start: UnsafeRawPointer
    @usableFromInline let packed: UInt

    @inline(__always) @inlinable
    init(start: UnsafeRawPointer, count: Int, isInteger: Bool) {
        unsafe self.start = unsafe start
        packed = UInt(bitPattern: count) &<< 1 | (isInteger ? 1 : 0)
    }

    /// The characters as they stand in the text. Valid as long as the text.
    @inlinable public var raw: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: start, count: count)
    }

    /// The number of characters.
    @inlinable public var count: Int { Int(bitPattern: packed &>> 1) }

    /// Whether it is written without fraction and exponent.
    @inlinable public var isInteger: Bool { packed & 1 != 0 }

    /// The characters as text. O(`count`).
    public var text: String { unsafe String(decoding: raw, as: UTF8.self) }

    /// The value if it is written as an integer and fits; `-0` is 0. O(`count`).
    @inlinable public var int64: Int64? {
        guard isInteger else { return nil }
        let isNegative = byte(0) == 0x2D
        var offset = isNegative ? 1 : 0
        // Nineteen digits fit into UInt64; the grammar leaves no leading zeros.
        guard count &- offset <= 19 else { return nil }
        var magnitude: UInt64 = 0
        while count &- offset >= 8 {
            let word = unsafe UInt64(
                littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            magnitude = magnitude &* 100_000_000 &+ eightDigits(word)
            offset &+= 8
        }
        while offset < count {
            magnitude = magnitude &* 10 &+ UInt64(byte(offset) &- 0x30)
            offset &+= 1
        }
        if magnitude > UInt64(Int64.max) &+ (isNegative ? 1 : 0) { return nil }
        let value = Int64(bitPattern: magnitude)
        return isNegative ? 0 &- value : value
    }

    /// The value if it is mathematically an integer and fits, however it is written: `1.0`, `1e3`
    /// and `10e-1` are. O(`count`).
    public var integralInt64: Int64? {
        if isInteger { return int64 }
        let decimal = JSONDecimal(self)
        if decimal.digits.isEmpty { return 0 }
        guard decimal.exponent >= 0, decimal.exponent &+ decimal.digits.count <= 19 else {
            return nil
        }
        var magnitude: UInt64 = 0
        for digit in decimal.digits { magnitude = magnitude &* 10 &+ UInt64(digit &- 0x30) }
        for _ in 0..<decimal.exponent { magnitude = magnitude &* 10 }
        if magnitude > UInt64(Int64.max) &+ (decimal.isNegative ? 1 : 0) { return nil }
        let value = Int64(bitPattern: magnitude)
        return decimal.isNegative ? 0 &- value : value
    }

    /// The nearest `Double`, or `nil` if that would be an infinity. What is too small becomes 0.
    ///
    /// Up to fifteen digits with a small exponent are converted by one exact operation; the rest
    /// goes through the standard library, cut to the digits that can matter. O(`count`).
    public var double: Double? {
        var mantissa: UInt64 = 0
        var significantCount = 0
        var exponent = 0
        var offset = 0
        let isNegative = byte(0) == 0x2D
        if isNegative { offset = 1 }
        var seenPoint = false
        while offset < count {
            let byte = byte(offset)
            if byte == 0x2E {
                seenPoint = true
            } else if byte &- 0x30 <= 9 {
                if significantCount > 0 || byte != 0x30 { significantCount &+= 1 }
                guard significantCount <= 15 else { return longDouble }
                mantissa = mantissa &* 10 &+ UInt64(byte &- 0x30)
                if seenPoint { exponent &-= 1 }
            } else {
                exponent &+= writtenExponent(from: offset &+ 1)
                break
            }
            offset &+= 1
        }
        // Both operands are exact, so the one operation rounds correctly.
        var value = Double(mantissa)
        if exponent != 0, mantissa != 0 {
            guard abs(exponent) <= 22 else { return longDouble }
            let scale = JSONNumber.powerOfTen(abs(exponent))
            value = exponent < 0 ? value / scale : value * scale
        }
        return isNegative ? -value : value
    }

    /// 10⁰ to 10²² are exact.
    private static func powerOfTen(_ exponent: Int) -> Double {
        var power = 1.0
        var square = 10.0
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { power *= square }
            square *= square
            rest &>>= 1
        }
        return power
    }

    /// Any number, through the standard library.
    private var longDouble: Double? {
        let text = count <= JSONDecimal.digitCountMax ? text : JSONDecimal(self).shortText
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The signed exponent written from `offset` on, held within ±10⁹.
    func writtenExponent(from offset: Int) -> Int {
        var offset = offset
        let isNegative = byte(offset) == 0x2D
        if isNegative || byte(offset) == 0x2B { offset &+= 1 }
        var value = 0
        while offset < count {
            value = min(value &* 10 &+ Int(byte(offset) &- 0x30), 1_000_000_000)
            offset &+= 1
        }
        return isNegative ? 0 &- value : value
    }

    @inline(__always) @inlinable
    func byte(_ offset: Int) -> UInt8 {
        unsafe start.load(fromByteOffset: offset, as: UInt8.self)
    }
}

/// Eight ASCII digits, the first in the lowest byte, as a number.
///
/// Neighbours are joined to pairs, pairs to fours, fours to the whole, one multiplication each.
@inline(__always) @inlinable
func eightDigits(_ word: UInt64) -> UInt64 {
    let digits = word & 0x0F0F_0F0F_0F0F_0F0F
    let pairs = ((digits &* (10 &<< 8 | 1)) &>> 8) & 0x00FF_00FF_00FF_00FF
    let fours = ((pairs &* (100 &<< 16 | 1)) &>> 16) & 0x0000_FFFF_0000_FFFF
    return (fours &* (10_000 &<< 32 | 1)) &>> 32
}

/// A number in normal form: sign, digits without zeros at either end, power of ten. Two numbers
/// are equal exactly when their normal forms are.
struct JSONDecimal: Equatable {
    /// False for zero.
    let isNegative: Bool
    /// ASCII; empty for zero.
    let digits: [UInt8]
    /// The value is `digits` × 10 to this power, held within about ±10⁹; 0 for zero.
    let exponent: Int

    init(_ number: JSONNumber) {
        var digits: [UInt8] = []
        var exponent = 0
        var offset = number.byte(0) == 0x2D ? 1 : 0
        var seenPoint = false
        while offset < number.count {
            let byte = number.byte(offset)
            if byte == 0x2E {
                seenPoint = true
            } else if byte &- 0x30 <= 9 {
                if byte != 0x30 || !digits.isEmpty { digits.append(byte) }
                if seenPoint { exponent &-= 1 }
            } else {
                exponent &+= number.writtenExponent(from: offset &+ 1)
                break
            }
            offset &+= 1
        }
        let lastOfWeight = digits.lastIndex { $0 != 0x30 } ?? -1
        exponent &+= digits.count &- 1 &- lastOfWeight
        digits.removeSubrange((lastOfWeight &+ 1)...)
        isNegative = number.byte(0) == 0x2D && !digits.isEmpty
        self.exponent = digits.isEmpty ? 0 : exponent
        self.digits = digits
    }

    /// No `Double` and no midpoint between two has more significant digits than this; a digit
    /// beyond only tells whether the value lies above, which one appended `1` tells as well.
    static let digitCountMax = 768

    /// A text of bounded length with the same nearest `Double`.
    var shortText: String {
        if digits.isEmpty { return "0" }
        var kept = Array(digits.prefix(JSONDecimal.digitCountMax))
        var exponent = exponent &+ digits.count &- kept.count
        if kept.count < digits.count {
            kept.append(0x31)
            exponent &-= 1
        }
        let sign = isNegative ? "-" : ""
        return "\(sign)\(String(decoding: kept, as: UTF8.self))e\(exponent)"
    }
}
