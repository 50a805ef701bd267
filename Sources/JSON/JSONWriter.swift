import Bytes

/// What a string needs before it may stand between quotes.
///
/// Only `"`, `\` and the characters below U+0020 are escaped; everything else is written as the
/// UTF-8 it is. Source: RFC 8259 §7.
public enum JSONWriter {
    /// Whether `utf8` holds a byte that must be escaped. About 30 ns for 200 bytes.
    @inlinable
    public static func needsEscaping(_ utf8: UnsafeRawBufferPointer) -> Bool {
        guard let start = utf8.baseAddress else { return false }
        let count = utf8.count
        let topBits: UInt64 = 0x8080_8080_8080_8080
        if count >= 8 {
            var stops: UInt64 = 0
            var offset = 0
            while offset < count &- 8 {
                stops |= escapeStops(in: unsafe word(start, offset))
                offset &+= 8
            }
            stops |= escapeStops(in: unsafe word(start, count &- 8))
            return stops & topBits != 0
        }
        if count >= 4 {
            // Two overlapping halves make one word.
            let low = unsafe UInt64(start.loadUnaligned(as: UInt32.self))
            let high = unsafe UInt64(
                start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            return escapeStops(in: low | high &<< 32) & topBits != 0
        }
        for offset in 0..<count
        where unsafe isEscaped(start.load(fromByteOffset: offset, as: UInt8.self)) {
            return true
        }
        return false
    }

    @inline(__always) @inlinable
    static func word(_ start: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        unsafe UInt64(
            littleEndian: start.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always) @inlinable
    static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C
    }
}

extension ByteBuffer {
    /// `utf8` in quotes, escaped where it must be. It must be UTF-8; that is not checked here.
    @inlinable
    public func appendJSONString(_ utf8: UnsafeRawBufferPointer) {
        if unsafe JSONWriter.needsEscaping(utf8) {
            unsafe appendJSONStringEscaping(utf8)
        } else {
            unsafe appendJSONStringUnescaped(utf8)
        }
    }

    /// `utf8` in quotes as it stands: the caller knows that ``JSONWriter/needsEscaping(_:)`` is
    /// false.
    @inlinable
    public func appendJSONStringUnescaped(_ utf8: UnsafeRawBufferPointer) {
        reserve(utf8.count &+ 2)
        unsafe unsafeAppend(byte: 0x22)
        if let start = utf8.baseAddress { unsafe unsafeAppend(start, count: utf8.count) }
        unsafe unsafeAppend(byte: 0x22)
    }

    /// `text` in quotes, escaped where it must be.
    @inlinable
    public func appendJSONString(_ text: String) {
        var text = text
        text.withUTF8 { unsafe appendJSONString(UnsafeRawBufferPointer($0)) }
    }

    /// `text` in quotes again, as it was read. O(byte count), no escape is resolved.
    @inlinable
    public func appendJSONString(_ text: JSONText) {
        unsafe appendJSONStringUnescaped(text.raw)
    }

    /// `true` or `false`.
    @inlinable
    public func appendJSONBool(_ value: Bool) {
        append(value ? "true" : "false")
    }

    /// A time as ``appendDateTime(_:)`` writes it, in quotation marks.
    @inlinable
    public func appendJSONDateTime(_ milliseconds: Int64) {
        append(byte: 0x22)
        appendDateTime(milliseconds)
        append(byte: 0x22)
    }

    /// A date as ``appendDate(_:)`` writes it, in quotation marks.
    @inlinable
    public func appendJSONDate(_ dayNumber: Int32) {
        append(byte: 0x22)
        appendDate(dayNumber)
        append(byte: 0x22)
    }

    /// Copies clean runs whole and writes the escapes between them.
    @inline(never) @usableFromInline
    func appendJSONStringEscaping(_ utf8: UnsafeRawBufferPointer) {
        append(byte: 0x22)
        var runStart = 0
        for offset in 0..<utf8.count {
            let byte = unsafe utf8[offset]
            guard JSONWriter.isEscaped(byte) else { continue }
            unsafe append(UnsafeRawBufferPointer(rebasing: utf8[runStart..<offset]))
            appendJSONEscape(byte)
            runStart = offset &+ 1
        }
        unsafe append(UnsafeRawBufferPointer(rebasing: utf8[runStart...]))
        append(byte: 0x22)
    }

    private func appendJSONEscape(_ byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            append("\\u00")
            append(byte: byte &>> 4 &+ 0x30)
            let low = byte & 0x0F
            append(byte: low < 10 ? low &+ 0x30 : low &+ 0x57)
        }
    }
}
