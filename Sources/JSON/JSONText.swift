import Bytes

/// A string of a JSON text where it lies: the bytes between its quotes, escapes still in them.
// Safe: made by `JSONReader` over bytes that its caller keeps alive; the bytes were checked.
@safe
public struct JSONText {
    @usableFromInline let start: UnsafeRawPointer
    /// The byte count, above two flags: two words in all, so that it travels in registers.
    @usableFromInline let packed: UInt

    @usableFromInline static var escapesFlag: UInt { 1 }
    @usableFromInline static var asciiFlag: UInt { 2 }

    @inline(__always) @inlinable
    init(start: UnsafeRawPointer, count: Int, flags: UInt) {
        unsafe self.start = unsafe start
        packed = UInt(bitPattern: count) &<< 2 | flags
    }

    /// The bytes between the quotes as they stand in the text. Valid as long as the text.
    @inlinable public var raw: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: start, count: rawByteCount)
    }

    /// The byte count of ``raw``; the string itself is never longer.
    @inlinable public var rawByteCount: Int { Int(bitPattern: packed &>> 2) }

    /// Whether ``raw`` holds escapes. If not, ``raw`` is the string itself, and may be written
    /// into JSON again as it stands.
    @inlinable public var hasEscapes: Bool { packed & JSONText.escapesFlag != 0 }

    /// Whether ``raw`` is ASCII alone. The string itself is then ASCII too, unless it has escapes.
    @inlinable public var isASCII: Bool { packed & JSONText.asciiFlag != 0 }

    /// Whether the string is `text`, byte for byte.
    @inlinable
    public func matches(_ text: StaticString) -> Bool {
        if _slowPath(hasEscapes) { return unescapedMatches(text) }
        return text.withUTF8Buffer { wanted in
            unsafe areEqual(raw, UnsafeRawBufferPointer(wanted))
        }
    }

    /// Whether both are the same string, byte for byte, however written.
    public func isSame(as other: JSONText) -> Bool {
        if !hasEscapes && !other.hasEscapes { return unsafe areEqual(raw, other.raw) }
        return unescapedBytes == other.unescapedBytes
    }

    /// Appends the string itself, escapes resolved.
    public func append(to buffer: ByteBuffer) {
        if !hasEscapes {
            unsafe buffer.append(raw)
            return
        }
        buffer.reserve(rawByteCount)
        unsafe buffer.unsafeAdvance(by: unescape(into: buffer.base + buffer.count))
    }

    /// The string itself, escapes resolved. O(byte count).
    public func makeString() -> String {
        if !hasEscapes { return unsafe String(decoding: raw, as: UTF8.self) }
        return String(decoding: unescapedBytes, as: UTF8.self)
    }

    /// The string itself as bytes, escapes resolved. O(byte count).
    public var unescapedBytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: rawByteCount) { target, count in
            if let pointer = target.baseAddress {
                count = unsafe unescape(into: UnsafeMutableRawPointer(pointer))
            }
        }
    }

    /// Writes the string itself to `target`, which must have room for ``rawByteCount`` bytes.
    ///
    /// - Returns: the number of bytes written.
    public func unescape(into target: UnsafeMutableRawPointer) -> Int {
        let raw = unsafe self.raw
        var read = 0
        var written = 0
        while read < raw.count {
            let runStart = read
            while read < raw.count, unsafe raw[read] != 0x5C { read &+= 1 }
            unsafe copySmall(from: start + runStart, to: target + written, count: read &- runStart)
            written &+= read &- runStart
            guard read < raw.count else { break }
            let letter = unsafe raw[read &+ 1]
            guard letter == 0x75 else {
                unsafe target.storeBytes(
                    of: unescaped(letter), toByteOffset: written, as: UInt8.self)
                written &+= 1
                read &+= 2
                continue
            }
            var scalar = unsafe hexUnit(raw, at: read &+ 2)
            read &+= 6
            if 0xD800...0xDBFF ~= scalar {
                let partner = unsafe hexUnit(raw, at: read &+ 2)
                scalar = 0x10000 &+ (scalar & 0x3FF) &<< 10 &+ (partner & 0x3FF)
                read &+= 6
            }
            written &+= unsafe store(scalar, at: target + written)
        }
        return written
    }

    private func unescaped(_ letter: UInt8) -> UInt8 {
        switch letter {
        case 0x62: 0x08
        case 0x66: 0x0C
        case 0x6E: 0x0A
        case 0x72: 0x0D
        case 0x74: 0x09
        default: letter
        }
    }

    /// The reader has seen to it that four digits stand there.
    private func hexUnit(_ raw: UnsafeRawBufferPointer, at offset: Int) -> UInt32 {
        var unit: UInt32 = 0
        for place in offset..<offset &+ 4 {
            unit = unit &<< 4 | (unsafe hexDigit(raw[place]) ?? 0)
        }
        return unit
    }

    /// Stores one scalar as UTF-8; never more bytes than its escape has.
    private func store(_ scalar: UInt32, at target: UnsafeMutableRawPointer) -> Int {
        func put(_ value: UInt32, _ offset: Int) {
            unsafe target.storeBytes(
                of: UInt8(truncatingIfNeeded: value), toByteOffset: offset, as: UInt8.self)
        }
        func continuation(_ shift: UInt32) -> UInt32 { 0x80 | (scalar &>> shift) & 0x3F }
        switch scalar {
        case 0..<0x80:
            put(scalar, 0)
            return 1
        case 0x80..<0x800:
            put(0xC0 | scalar &>> 6, 0)
            put(continuation(0), 1)
            return 2
        case 0x800..<0x10000:
            put(0xE0 | scalar &>> 12, 0)
            put(continuation(6), 1)
            put(continuation(0), 2)
            return 3
        default:
            put(0xF0 | scalar &>> 18, 0)
            put(continuation(12), 1)
            put(continuation(6), 2)
            put(continuation(0), 3)
            return 4
        }
    }

    @inline(never) @usableFromInline
    func unescapedMatches(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { wanted in unsafe unescapedBytes.elementsEqual(wanted) }
    }
}

/// Equality of two byte sequences, eight at a time.
@inline(__always) @inlinable
func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard let a0 = a.baseAddress, let b0 = b.baseAddress else { return true }
    let count = a.count
    if count < 8 {
        for offset in 0..<count {
            let x = unsafe a0.load(fromByteOffset: offset, as: UInt8.self)
            if unsafe x != b0.load(fromByteOffset: offset, as: UInt8.self) { return false }
        }
        return true
    }
    var offset = 0
    while true {
        let x = unsafe a0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        if unsafe x != b0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
        if offset == count &- 8 { return true }
        // The last word may overlap the one before.
        offset = min(offset &+ 8, count &- 8)
    }
}
