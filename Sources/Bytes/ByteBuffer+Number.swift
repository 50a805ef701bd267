/// Numbers as ASCII digits.
///
/// Eight digits are made at once inside one 64-bit word: the value is split into lanes of four
/// digits, those into lanes of two, those into single digits, each step by one multiplication
/// that serves all lanes. No table is read and there is no loop over digits.
extension ByteBuffer {
    /// Decimal digits with a leading `-` if negative. At most 20 bytes.
    @inline(__always) @inlinable
    public func appendInteger(_ value: Int) {
        appendInteger(Int64(value))
    }

    /// Decimal digits with a leading `-` if negative. At most 20 bytes.
    @inlinable
    public func appendInteger(_ value: Int64) {
        reserve(ByteBuffer.integerRoom)
        if value < 0 { unsafe unsafeAppend(byte: 0x2D) }
        unsafe unsafeAppendDigits(value.magnitude)
    }

    /// Decimal digits. At most 20 bytes.
    @inlinable
    public func appendUnsigned(_ value: UInt64) {
        reserve(ByteBuffer.integerRoom)
        unsafe unsafeAppendDigits(value)
    }

    /// Room for a sign and four, eight and eight digits, the first four in a word of eight bytes.
    @inlinable static var integerRoom: Int { 24 }

    /// Decimal digits; `integerRoom` less a sign must have been reserved.
    @unsafe @inline(__always) @inlinable
    func unsafeAppendDigits(_ value: UInt64) {
        if value < 100_000_000 {
            unsafe unsafeAppendLeadingDigits(value)
        } else if value < 10_000_000_000_000_000 {
            unsafe unsafeAppendLeadingDigits(value / 100_000_000)
            unsafe unsafeAppendWord(asciiDigits(ofBelowTenToEight: value % 100_000_000))
        } else {
            let low = value % 10_000_000_000_000_000
            unsafe unsafeAppendLeadingDigits(value / 10_000_000_000_000_000)
            unsafe unsafeAppendWord(asciiDigits(ofBelowTenToEight: low / 100_000_000))
            unsafe unsafeAppendWord(asciiDigits(ofBelowTenToEight: low % 100_000_000))
        }
    }

    /// A value below 10⁸ without leading zeros; eight bytes are stored, one to eight are counted.
    @unsafe @inline(__always) @inlinable
    func unsafeAppendLeadingDigits(_ value: UInt64) {
        let digits = asciiDigits(ofBelowTenToEight: value)
        // The topmost byte is the last digit: at least that one is kept.
        let significant = (digits ^ asciiZeros) | (1 &<< 56)
        let skippedBits = significant.trailingZeroBitCount & ~7
        unsafe storage.storeBytes(
            of: digits &>> UInt64(truncatingIfNeeded: skippedBits), toByteOffset: filled,
            as: UInt64.self)
        filled &+= 8 &- (skippedBits &>> 3)
    }

    @unsafe @inline(__always) @inlinable
    func unsafeAppendWord(_ word: UInt64) {
        unsafe storage.storeBytes(of: word, toByteOffset: filled, as: UInt64.self)
        filled &+= 8
    }

    // MARK: Floating point

    /// The shortest digits that read back as the same value, in the form of JavaScript's
    /// `Number::toString`: `1`, `1.5`, `0.000001`, `1e-7`, `1e+21`; minus zero is `0`.
    ///
    /// What JSON cannot say, infinities and NaN, is written as `null`, as JavaScript does.
    ///
    /// Whole numbers and numbers of up to six decimals take a short road of 5 to 30 ns.
    /// Source: ECMAScript 2025, §6.1.6.1.20.
    public func appendDouble(_ value: Double) {
        guard value.isFinite else {
            append("null")
            return
        }
        let magnitude = value.magnitude
        if magnitude < 1e15 {
            let whole = Int64(value)
            if Double(whole) == value {
                appendInteger(whole)
                return
            }
            if magnitude >= 1e-6, appendShortDecimal(value, magnitude: magnitude) { return }
        }
        appendShortest(value)
    }

    /// Writes `value` if at most six decimals and fifteen digits in all name it.
    ///
    /// Two decimals of at most fifteen digits never round to the same `Double`, and the quotient
    /// of two exact numbers is correctly rounded: so the first scale that reads back is the
    /// shortest form.
    private func appendShortDecimal(_ value: Double, magnitude: Double) -> Bool {
        var scale = 1.0
        for decimals in 1...6 {
            scale *= 10
            let scaled = magnitude * scale
            guard scaled < 1e15 else { return false }
            let digits = UInt64(scaled + 0.5)
            guard Double(digits) / scale == magnitude else { continue }
            reserve(2 &* ByteBuffer.integerRoom)
            if value < 0 { unsafe unsafeAppend(byte: 0x2D) }
            let unit = UInt64(scale)
            unsafe unsafeAppendDigits(digits / unit)
            unsafe unsafeAppend(byte: 0x2E)
            let fraction = asciiDigits(ofBelowTenToEight: digits % unit)
            let skippedBits = UInt64(truncatingIfNeeded: (8 &- decimals) &* 8)
            unsafe storage.storeBytes(
                of: fraction &>> skippedBits, toByteOffset: filled, as: UInt64.self)
            filled &+= decimals
            return true
        }
        return false
    }

    /// Takes the digits from the standard library and sets them as JavaScript does.
    private func appendShortest(_ value: Double) {
        var text = value.description
        let isPlain = text.withUTF8 { digits in
            // Without an exponent and with a true fraction both notations agree.
            guard unsafe !digits.contains(0x65),
                unsafe !digits.suffix(2).elementsEqual([0x2E, 0x30])
            else { return false }
            unsafe append(UnsafeRawBufferPointer(digits))
            return true
        }
        if !isPlain { appendRearranged(value) }
    }

    private func appendRearranged(_ value: Double) {
        var digits: [UInt8] = []
        digits.reserveCapacity(17)
        // Digits before the decimal point, were the number written without an exponent.
        var pointPosition = 0
        var seenPoint = false
        var exponent = 0
        var exponentSign = 1
        var inExponent = false
        for byte in value.magnitude.description.utf8 {
            switch byte {
            case 0x2E: seenPoint = true
            case 0x65: inExponent = true
            case 0x2D: exponentSign = -1
            case 0x2B: break
            default:
                if inExponent {
                    exponent = exponent &* 10 &+ Int(byte &- 0x30)
                } else if digits.isEmpty && byte == 0x30 {
                    if seenPoint { pointPosition &-= 1 }
                } else {
                    digits.append(byte)
                    if !seenPoint { pointPosition &+= 1 }
                }
            }
        }
        pointPosition &+= exponentSign &* exponent
        while digits.count > 1, digits.last == 0x30 { digits.removeLast() }

        if value < 0 { append(byte: 0x2D) }
        switch pointPosition {
        case digits.count...21 where digits.count <= 21:
            append(digits)
            append(repeating: 0x30, count: pointPosition &- digits.count)
        case 1...21:
            append(digits[..<pointPosition])
            append(byte: 0x2E)
            append(digits[pointPosition...])
        case -5...0:
            append("0.")
            append(repeating: 0x30, count: 0 &- pointPosition)
            append(digits)
        default:
            append(digits[..<1])
            if digits.count > 1 {
                append(byte: 0x2E)
                append(digits[1...])
            }
            append(pointPosition > 0 ? "e+" : "e-")
            appendInteger(abs(pointPosition &- 1))
        }
    }
}

/// `00000000`.
@inlinable var asciiZeros: UInt64 { 0x3030_3030_3030_3030 }

/// The eight decimal digits of a value below 10⁸, the first digit in the lowest byte.
@inline(__always) @inlinable
func asciiDigits(ofBelowTenToEight value: UInt64) -> UInt64 {
    let fours = (value / 10_000) | ((value % 10_000) &<< 32)
    // n × 10486 ÷ 2²⁰ is n ÷ 100 for every n below 10,000.
    let upper = ((fours &* 10_486) &>> 20) & 0x0000_007F_0000_007F
    return asciiDigits(ofPairs: upper | ((fours &- upper &* 100) &<< 16))
}

/// The digits of four numbers below 100, one in each 16-bit lane, the lowest lane first.
@inline(__always) @inlinable
func asciiDigits(ofPairs pairs: UInt64) -> UInt64 {
    // n × 103 ÷ 2¹⁰ is n ÷ 10 for every n below 100.
    let tens = ((pairs &* 103) &>> 10) & 0x000F_000F_000F_000F
    return (tens | ((pairs &- tens &* 10) &<< 8)) | asciiZeros
}
