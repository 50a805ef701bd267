import Bytes

extension JSONReader {
    // MARK: Strings

    /// Reads the string whose opening quote is at `position`.
    ///
    /// Eight bytes are judged at a time; a stop is a quote, a backslash, a control character or
    /// a byte beyond ASCII. Only a quote ends the fast road for good.
    @inlinable
    mutating func scanString() throws(JSONError) -> JSONText {
        let start = position &+ 1
        var cursor = start
        var flags: UInt = JSONText.asciiFlag
        while true {
            cursor = nextStop(from: cursor)
            guard cursor < end else {
                position = end
                throw fault(.unexpectedEnd)
            }
            if byte(cursor) == 0x22 {
                position = cursor &+ 1
                return unsafe JSONText(
                    start: base + start, count: cursor &- start, flags: flags)
            }
            cursor = try passStop(at: cursor, flags: &flags)
        }
    }

    /// The first stop at or after `cursor`, or `end`.
    @inline(__always) @inlinable
    func nextStop(from cursor: Int) -> Int {
        var cursor = cursor
        while end &- cursor >= 8 {
            let word = unsafe UInt64(
                littleEndian: base.loadUnaligned(fromByteOffset: cursor, as: UInt64.self))
            let stops = stringStops(in: word)
            if stops != 0 { return cursor &+ stops.trailingZeroBitCount &>> 3 }
            cursor &+= 8
        }
        while cursor < end {
            let byte = byte(cursor)
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { break }
            cursor &+= 1
        }
        return cursor
    }

    /// Passes an escape or a run of wide characters; throws for anything else.
    @inline(never) @usableFromInline
    mutating func passStop(at stop: Int, flags: inout UInt) throws(JSONError) -> Int {
        var cursor = stop
        let first = byte(cursor)
        if first == 0x5C {
            flags |= JSONText.escapesFlag
            return try passEscape(at: cursor)
        }
        position = cursor
        guard first >= 0x80 else { throw fault(.controlCharacter) }
        flags &= ~JSONText.asciiFlag
        repeat {
            let width = unsafe UTF8Check.sequenceWidth(
                at: base + cursor, remaining: end &- cursor)
            if width == 0 { throw JSONError(offset: cursor, reason: .invalidUTF8) }
            cursor &+= width
        } while cursor < end && byte(cursor) >= 0x80
        return cursor
    }

    /// The offset behind the escape whose backslash is at `start`.
    private mutating func passEscape(at start: Int) throws(JSONError) -> Int {
        guard end &- start >= 2 else {
            position = end
            throw fault(.unexpectedEnd)
        }
        position = start
        switch byte(start &+ 1) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return start &+ 2
        case 0x75: break
        default: throw fault(.invalidEscape)
        }
        let unit = try hexUnit(at: start &+ 2)
        switch unit {
        case 0xD800...0xDBFF:
            guard end &- start >= 8 else {
                // What is left may be the beginning of the partner.
                let rest = (start &+ 6..<end).map { byte($0) }
                guard rest.isEmpty || rest[0] == 0x5C && (rest.count == 1 || rest[1] == 0x75)
                else { throw fault(.loneSurrogate) }
                position = end
                throw fault(.unexpectedEnd)
            }
            guard byte(start &+ 6) == 0x5C, byte(start &+ 7) == 0x75,
                0xDC00...0xDFFF ~= (try hexUnit(at: start &+ 8))
            else { throw fault(.loneSurrogate) }
            return start &+ 12
        case 0xDC00...0xDFFF: throw fault(.loneSurrogate)
        default: return start &+ 6
        }
    }

    /// Four hexadecimal digits.
    private mutating func hexUnit(at start: Int) throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for offset in start..<start &+ 4 {
            guard offset < end else {
                position = end
                throw fault(.unexpectedEnd)
            }
            guard let digit = hexDigit(byte(offset)) else { throw fault(.invalidEscape) }
            unit = unit &<< 4 | digit
        }
        return unit
    }

    // MARK: Numbers

    /// Reads the number that begins at `position` with a digit or a minus sign.
    @inlinable
    mutating func scanNumber() throws(JSONError) -> JSONNumber {
        let start = position
        var cursor = start
        if byte(cursor) == 0x2D { cursor &+= 1 }
        let integerStart = cursor
        cursor = passDigits(from: cursor)
        guard cursor > integerStart else { throw numberFault(at: cursor, .invalidNumber) }
        if byte(integerStart) == 0x30, cursor &- integerStart > 1 {
            throw numberFault(at: integerStart, .leadingZero)
        }
        var isInteger = true
        if cursor < end, byte(cursor) == 0x2E {
            isInteger = false
            let fractionStart = cursor &+ 1
            cursor = passDigits(from: fractionStart)
            guard cursor > fractionStart else { throw numberFault(at: cursor, .invalidNumber) }
        }
        if cursor < end, byte(cursor) | 0x20 == 0x65 {
            isInteger = false
            cursor &+= 1
            if cursor < end, byte(cursor) == 0x2B || byte(cursor) == 0x2D { cursor &+= 1 }
            let exponentStart = cursor
            cursor = passDigits(from: exponentStart)
            guard cursor > exponentStart else { throw numberFault(at: cursor, .invalidNumber) }
        }
        position = cursor
        return unsafe JSONNumber(
            start: base + start, count: cursor &- start, isInteger: isInteger)
    }

    @inline(__always) @inlinable
    func passDigits(from cursor: Int) -> Int {
        var cursor = cursor
        while cursor < end, byte(cursor) &- 0x30 <= 9 { cursor &+= 1 }
        return cursor
    }

    @inline(never) @usableFromInline
    func numberFault(at offset: Int, _ reason: JSONError.Reason) -> JSONError {
        JSONError(offset: offset, reason: offset >= end ? .unexpectedEnd : reason)
    }
}

/// The value of a hexadecimal digit in either case.
func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 0x30...0x39: UInt32(byte &- 0x30)
    case 0x41...0x46: UInt32(byte &- 0x37)
    case 0x61...0x66: UInt32(byte &- 0x57)
    default: nil
    }
}

/// Marks the top bit of each byte of `word` that is below 0x20, a quote, a backslash or beyond
/// ASCII. Marks above the lowest one may be false.
@inline(__always) @inlinable
func stringStops(in word: UInt64) -> UInt64 {
    (escapeStops(in: word) | word) & 0x8080_8080_8080_8080
}

/// Marks the top bit of each byte of `word` that is below 0x20, a quote or a backslash. Marks
/// above the lowest one, and the lower bits of each byte, may be false.
///
/// A byte minus a bound borrows into its top bit when it is smaller; XOR turns "equal" into
/// "smaller than one". Borrows run upwards alone, so the lowest mark is always true.
@inline(__always) @inlinable
func escapeStops(in word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = word ^ (0x22 &* ones)
    let backslashes = word ^ (0x5C &* ones)
    return ((word &- 0x20 &* ones) | (quotes &- ones) | (backslashes &- ones)) & ~word
}
