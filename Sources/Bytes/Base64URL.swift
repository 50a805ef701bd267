/// Bytes as text that may stand in an address: cursors, web tokens and their keys.
///
/// Without padding. Each text has one meaning, and each meaning one text: what follows the last
/// whole byte must be zero.
///
/// Source: RFC 4648 §5.
public enum Base64URL {
    private static let alphabet: [UInt8] = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Appends the text of `bytes`.
    public static func encode(_ bytes: UnsafeRawBufferPointer, to output: ByteBuffer) {
        var index = 0
        while index < bytes.count {
            let first = unsafe UInt32(bytes[index])
            let second = unsafe index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0
            let third = unsafe index + 2 < bytes.count ? UInt32(bytes[index + 2]) : 0
            let word = first << 16 | second << 8 | third
            let digits = min(4, bytes.count - index + 1)
            for digit in 0..<digits {
                output.append(byte: alphabet[Int(word >> UInt32(18 - 6 * digit) & 63)])
            }
            index += 3
        }
    }

    /// The bytes of a text; nil when it is not in this notation.
    public static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for index in 0..<text.count {
            let value: UInt8
            switch unsafe text[index] {
            case let byte where byte >= 0x41 && byte <= 0x5A: value = byte - 0x41
            case let byte where byte >= 0x61 && byte <= 0x7A: value = byte - 0x61 + 26
            case let byte where byte >= 0x30 && byte <= 0x39: value = byte - 0x30 + 52
            case 0x2D: value = 62
            case 0x5F: value = 63
            default: return nil
            }
            word = word << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
                word &= (1 << bits) - 1
            }
        }
        return word == 0 ? bytes : nil
    }
}
