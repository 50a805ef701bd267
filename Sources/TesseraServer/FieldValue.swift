/// Walks the value of a header such as `Accept` or `Content-Type`: elements between commas, each a
/// name with parameters. Nothing is copied, so that no request pays for text.
///
/// Source: RFC 9110 §5.6.1 and §5.6.6. White space around `=`, which the grammar forbids, is taken.
// Safe: the caller of `init` keeps the bytes until it is done with the reader and its results.
@safe
struct FieldValueReader {
    // Safe: every result lies within the bytes that the reader was made with.
    @safe
    struct Parameter {
        let name: UnsafeRawBufferPointer
        /// Without its quotes; escapes inside them are left.
        let value: UnsafeRawBufferPointer
    }

    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = unsafe bytes
        end = bytes.count
    }

    /// The name of the next element; nil after the last. Elements without a name are passed over.
    mutating func nextElement() -> UnsafeRawBufferPointer? {
        while true {
            while nextParameter() != nil {}
            while isAt(.space) || isAt(.tab) || isAt(.comma) { position += 1 }
            guard position < end else { return nil }
            let name = unsafe take { $0 == .comma || $0 == .semicolon }
            if unsafe !name.isEmpty { return unsafe name }
        }
    }

    /// The next parameter of the element that was last returned; nil after its last.
    mutating func nextParameter() -> Parameter? {
        while true {
            passSpace()
            guard isAt(.semicolon) else { return nil }
            position += 1
            let name = unsafe take { $0 == .comma || $0 == .semicolon || $0 == .equals }
            guard isAt(.equals) else {
                if unsafe name.isEmpty { continue }
                return unsafe Parameter(name: name, value: slice(position, position))
            }
            position += 1
            passSpace()
            if isAt(.quote) {
                return unsafe Parameter(name: name, value: takeQuoted())
            }
            return unsafe Parameter(
                name: name, value: take { $0 == .comma || $0 == .semicolon })
        }
    }

    /// What comes before a byte that `ends`, without white space around it.
    private mutating func take(_ ends: (UInt8) -> Bool) -> UnsafeRawBufferPointer {
        passSpace()
        let start = position
        while position < end, unsafe !ends(bytes[position]) { position += 1 }
        var last = position
        while last > start, unsafe bytes[last - 1] == .space || bytes[last - 1] == .tab {
            last -= 1
        }
        return unsafe slice(start, last)
    }

    /// What lies between quotes; what follows them up to the next parameter is passed.
    private mutating func takeQuoted() -> UnsafeRawBufferPointer {
        let start = position + 1
        position = start
        while position < end, !isAt(.quote) { position += isAt(.backslash) ? 2 : 1 }
        let last = min(position, end)
        position = min(position + 1, end)
        _ = unsafe take { $0 == .comma || $0 == .semicolon }
        return unsafe slice(start, last)
    }

    private func slice(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[min(start, end)..<end])
    }

    private func isAt(_ byte: UInt8) -> Bool {
        unsafe position < end && bytes[position] == byte
    }

    private mutating func passSpace() {
        while isAt(.space) || isAt(.tab) { position += 1 }
    }
}

extension UInt8 {
    fileprivate static let tab = UInt8(ascii: "\t")
    fileprivate static let space = UInt8(ascii: " ")
    fileprivate static let quote = UInt8(ascii: "\"")
    fileprivate static let comma = UInt8(ascii: ",")
    fileprivate static let semicolon = UInt8(ascii: ";")
    fileprivate static let equals = UInt8(ascii: "=")
    fileprivate static let backslash = UInt8(ascii: "\\")
}

/// Whether bytes are a text, byte for byte.
func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { unsafe bytes.elementsEqual($0) }
}

/// Whether bytes are a text, which is given in lower case, when case does not count.
func equalsIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { text in
        unsafe bytes.elementsEqual(text) { byte, wanted in
            byte == wanted || (0x41...0x5A ~= byte && byte | 0x20 == wanted)
        }
    }
}
