import Bytes

/// Pulls values out of a JSON text, in the order in which they stand there.
///
/// The caller walks the document along with the reader:
///
///     var reader = unsafe JSONReader(bytes)
///     try reader.beginObject()
///     while let key = try reader.nextKey() {
///         if key.matches("query") { query = try reader.readString() } else {
///             try reader.skipValue()
///         }
///     }
///     try reader.finish()
///
/// After each key, and after each `true` of ``nextElement()``, exactly one value must be read or
/// skipped. A reader that has thrown must not be used further. Every function is linear in the
/// bytes it passes.
///
/// Source: RFC 8259.
// Safe: the caller of `init` vouches that the bytes stay readable and unchanged for as long as the
// reader and the texts and numbers it has handed out; every load is checked against `end`.
@safe
public struct JSONReader {
    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline let end: Int
    @usableFromInline let depthMax: Int
    @usableFromInline var position = 0
    @usableFromInline var depth = 0
    /// True between a container's opening and its first member: no comma is due then.
    @usableFromInline var isAtFirst = false

    /// Objects and arrays inside one another: enough for any sensible document.
    public static let depthMaxDefault = 64

    /// - Parameters:
    ///   - bytes: the text; it must outlive the reader and all it hands out.
    ///   - depthMax: how many objects and arrays may be open at once, in 0...512. Skipping and
    ///     building trees recurse this deep.
    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer, depthMax: Int = JSONReader.depthMaxDefault) {
        precondition(0...512 ~= depthMax, "a nesting that the stack may not bear")
        // An empty text has no address; this one is never read from.
        unsafe base =
            bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        end = bytes.count
        self.depthMax = depthMax
    }

    /// Bytes passed so far.
    @inlinable public var offset: Int { position }

    // MARK: Any value

    /// What the next value is. Passes white space alone.
    @inlinable
    public mutating func peekKind() throws(JSONError) -> JSONKind {
        skipWhiteSpace()
        guard position < end, let kind = kind(ofFirst: byte(position)) else {
            throw fault(.expectedValue)
        }
        return kind
    }

    /// Passes one value of any kind, checking it fully.
    public mutating func skipValue() throws(JSONError) {
        switch try peekKind() {
        case .string: _ = try scanString()
        case .number: _ = try scanNumber()
        case .boolean: _ = try readBool()
        case .null: try readNull()
        case .object:
            try beginObject()
            while try nextKey() != nil { try skipValue() }
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        }
    }

    /// Passes one value of any kind, checking it fully, and returns its own bytes.
    public mutating func readRawValue() throws(JSONError) -> UnsafeRawBufferPointer {
        skipWhiteSpace()
        let start = position
        try skipValue()
        return unsafe UnsafeRawBufferPointer(start: base + start, count: position &- start)
    }

    /// Throws if anything but white space is left.
    @inlinable
    public mutating func finish() throws(JSONError) {
        guard isAtEnd() else { throw fault(.trailingData) }
    }

    /// Passes white space, and tells whether the text ends there. For texts that hold one value
    /// after another.
    @inlinable
    public mutating func isAtEnd() -> Bool {
        skipWhiteSpace()
        return position >= end
    }

    // MARK: Objects and arrays

    /// Enters an object.
    @inlinable
    public mutating func beginObject() throws(JSONError) {
        try enter(0x7B, .object)
    }

    /// The next key of the innermost open object, or `nil` after leaving the object at its end.
    @inlinable
    public mutating func nextKey() throws(JSONError) -> JSONText? {
        skipWhiteSpace()
        guard position < end else { throw fault(.unexpectedEnd) }
        if byte(position) == 0x7D {
            leave()
            return nil
        }
        if isAtFirst {
            isAtFirst = false
        } else {
            guard byte(position) == 0x2C else { throw fault(.expectedCommaOrBrace) }
            position &+= 1
            skipWhiteSpace()
        }
        guard position < end, byte(position) == 0x22 else { throw fault(.expectedKey) }
        let key = try scanString()
        skipWhiteSpace()
        guard position < end, byte(position) == 0x3A else { throw fault(.expectedColon) }
        position &+= 1
        return key
    }

    /// Enters an array.
    @inlinable
    public mutating func beginArray() throws(JSONError) {
        try enter(0x5B, .array)
    }

    /// Whether the innermost open array has another element; `false` after leaving it at its end.
    @inlinable
    public mutating func nextElement() throws(JSONError) -> Bool {
        skipWhiteSpace()
        guard position < end else { throw fault(.unexpectedEnd) }
        if byte(position) == 0x5D {
            leave()
            return false
        }
        if isAtFirst {
            isAtFirst = false
        } else {
            guard byte(position) == 0x2C else { throw fault(.expectedCommaOrBracket) }
            position &+= 1
        }
        return true
    }

    @inline(__always) @inlinable
    mutating func enter(_ opening: UInt8, _ kind: JSONKind) throws(JSONError) {
        skipWhiteSpace()
        guard position < end, byte(position) == opening else { throw mismatch(kind) }
        guard depth < depthMax else { throw fault(.tooDeep(max: depthMax)) }
        depth &+= 1
        position &+= 1
        isAtFirst = true
    }

    @inline(__always) @inlinable
    mutating func leave() {
        depth &-= 1
        position &+= 1
        isAtFirst = false
    }

    // MARK: Scalars

    /// Reads a string, checked for UTF-8, control characters and escapes.
    @inlinable
    public mutating func readString() throws(JSONError) -> JSONText {
        skipWhiteSpace()
        guard position < end, byte(position) == 0x22 else { throw mismatch(.string) }
        return try scanString()
    }

    /// Reads a number of any size, checked against the grammar but not yet converted.
    @inlinable
    public mutating func readNumber() throws(JSONError) -> JSONNumber {
        skipWhiteSpace()
        guard position < end, kind(ofFirst: byte(position)) == .number else {
            throw mismatch(.number)
        }
        return try scanNumber()
    }

    /// Reads a number that is written as an integer and fits.
    @inlinable
    public mutating func readInt64() throws(JSONError) -> Int64 {
        let number = try readNumber()
        guard let value = number.int64 else { throw conversionFault(number) }
        return value
    }

    /// Reads a number as the nearest `Double`.
    @inlinable
    public mutating func readDouble() throws(JSONError) -> Double {
        let number = try readNumber()
        guard let value = number.double else {
            throw JSONError(offset: position &- number.count, reason: .numberOutOfRange)
        }
        return value
    }

    @inlinable
    public mutating func readBool() throws(JSONError) -> Bool {
        skipWhiteSpace()
        if takeWord(0x6575_7274) { return true }
        if position < end, byte(position) == 0x66 {
            position &+= 1
            if takeWord(0x6573_6C61) { return false }
            position &-= 1
        }
        throw mismatch(.boolean)
    }

    @inlinable
    public mutating func readNull() throws(JSONError) {
        guard takeNull() else { throw mismatch(.null) }
    }

    /// Passes a `null` if one stands here, and tells whether it did.
    @inlinable
    public mutating func takeNull() -> Bool {
        skipWhiteSpace()
        return takeWord(0x6C6C_756E)
    }

    /// Passes four bytes if they are these, the first in the lowest byte of `word`.
    @inline(__always) @inlinable
    mutating func takeWord(_ word: UInt32) -> Bool {
        guard end &- position >= 4,
            unsafe UInt32(
                littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt32.self))
                == word
        else { return false }
        position &+= 4
        return true
    }

    // MARK: Bytes

    /// `offset` must be below `end`.
    @inline(__always) @inlinable
    func byte(_ offset: Int) -> UInt8 {
        unsafe base.load(fromByteOffset: offset, as: UInt8.self)
    }

    @inline(__always) @inlinable
    mutating func skipWhiteSpace() {
        if position < end, byte(position) <= 0x20 { skipWhiteSpaceRun() }
    }

    @usableFromInline
    mutating func skipWhiteSpaceRun() {
        while position < end {
            switch byte(position) {
            case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
            default: return
            }
        }
    }

    @inline(__always) @inlinable
    func kind(ofFirst byte: UInt8) -> JSONKind? {
        switch byte {
        case 0x22: .string
        case 0x2D, 0x30...0x39: .number
        case 0x7B: .object
        case 0x5B: .array
        case 0x74, 0x66: .boolean
        case 0x6E: .null
        default: nil
        }
    }

    // MARK: Faults

    /// A fault at the present byte; where the text has ended, that is the fault.
    @inline(never) @usableFromInline
    func fault(_ reason: JSONError.Reason) -> JSONError {
        if position == 0, end >= 3, byte(0) == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF {
            return JSONError(offset: 0, reason: .byteOrderMark)
        }
        return JSONError(offset: position, reason: position >= end ? .unexpectedEnd : reason)
    }

    /// No value of this kind begins here: is it another value, a broken word, or none at all?
    @inline(never) @usableFromInline
    func mismatch(_ wanted: JSONKind) -> JSONError {
        guard position < end, let found = kind(ofFirst: byte(position)) else {
            return fault(.expectedValue)
        }
        // `true`, `false` and `null` are known by their first letter, yet may be cut or misspelt.
        if found == wanted { return brokenWord() }
        return fault(.expected(wanted))
    }

    private func brokenWord() -> JSONError {
        let words: [StaticString] = ["true", "false", "null"]
        for word in words {
            let letters = word.withUTF8Buffer { unsafe Array($0) }
            guard byte(position) == letters[0] else { continue }
            let count = min(letters.count, end &- position)
            let isCut = (0..<count).allSatisfy { byte(position &+ $0) == letters[$0] }
            if isCut { return JSONError(offset: end, reason: .unexpectedEnd) }
        }
        return fault(.expectedValue)
    }

    /// Why the number that ends here is no `Int64`.
    @inline(never) @usableFromInline
    func conversionFault(_ number: JSONNumber) -> JSONError {
        JSONError(
            offset: position &- number.count,
            reason: number.isInteger ? .numberOutOfRange : .notAnInteger)
    }
}
