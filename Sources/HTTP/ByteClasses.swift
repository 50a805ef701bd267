/// What each byte may be part of, as one table of bit sets.
///
/// The table is memory of the object and handed on as a pointer: a global table would be checked
/// for initialisation on each use.
// Safe: `table` has 256 bytes, indexed by bytes only, and lives as long as this object.
@safe
final class ByteClasses {
    /// Method and header names. Source: RFC 9110 §5.6.2.
    static let token: UInt8 = 1
    /// Request targets: visible ASCII but `#`, since a fragment is never sent. Of these, paths have
    /// fewer; a query string may have what browsers do not escape in one, such as braces.
    static let target: UInt8 = 2
    /// Host names and IPv4 addresses: unreserved, `%` and sub-delims but the comma, which is what
    /// intermediaries make of two `Host` lines. Source: RFC 3986 §3.2.2.
    static let hostName: UInt8 = 4
    static let hexDigit: UInt8 = 8
    static let digit: UInt8 = 16
    /// Paths. Source: RFC 3986 §3.3.
    static let path: UInt8 = 32

    let table: UnsafeMutablePointer<UInt8>

    init() {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        unsafe table.initialize(repeating: 0, count: 256)
        for byte in 0x21...0x7E where byte != 0x23 { unsafe table[byte] |= ByteClasses.target }
        func add(_ characters: StaticString, _ bits: UInt8) {
            characters.withUTF8Buffer {
                for index in 0..<$0.count { unsafe table[Int($0[index])] |= bits }
            }
        }
        let letters: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        add(letters, ByteClasses.token | ByteClasses.hostName)
        add("0123456789", ByteClasses.token | ByteClasses.hostName)
        add("!#$%&'*+-.^_`|~", ByteClasses.token)
        add("-._~%!$&'()*+;=", ByteClasses.hostName)
        add(letters, ByteClasses.path)
        add("0123456789-._~!$&'()*+,;=:@%/", ByteClasses.path)
        add("0123456789abcdefABCDEF", ByteClasses.hexDigit)
        add("0123456789", ByteClasses.digit)
        unsafe self.table = table
    }

    deinit {
        unsafe table.deallocate()
    }
}

/// Bytes with a meaning of their own in HTTP/1.1.
enum Byte {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let percent: UInt8 = 0x25
    static let asterisk: UInt8 = 0x2A
    static let comma: UInt8 = 0x2C
    static let slash: UInt8 = 0x2F
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B
    static let equals: UInt8 = 0x3D
    static let question: UInt8 = 0x3F
    static let backslash: UInt8 = 0x5C
}

/// The offset of the first control byte other than HTAB in `from..<to`, or `to`.
///
/// Eight bytes at a time. A byte below 0x20 borrows in `word - 0x20…`, a 0x7F in `flipped - 1…`; a
/// borrow may flag later bytes wrongly but never earlier ones, so the lowest flag is exact.
@unsafe @inline(__always)
func firstControl(_ bytes: UnsafePointer<UInt8>, from: Int, to: Int) -> Int {
    var offset = from
    while offset &+ 8 <= to {
        let word = unsafe UInt64(
            littleEndian: UnsafeRawPointer(bytes + offset).loadUnaligned(as: UInt64.self))
        let flipped = word ^ 0x7F7F_7F7F_7F7F_7F7F
        let low = (word &- 0x2020_2020_2020_2020) & ~word
        let delete = (flipped &- 0x0101_0101_0101_0101) & ~flipped
        let flags = (low | delete) & 0x8080_8080_8080_8080
        if flags == 0 {
            offset &+= 8
            continue
        }
        offset &+= flags.trailingZeroBitCount &>> 3
        if unsafe bytes[offset] != Byte.tab { return offset }
        offset &+= 1
    }
    while offset < to {
        let byte = unsafe bytes[offset]
        if (byte < 0x20 && byte != Byte.tab) || byte == 0x7F { return offset }
        offset &+= 1
    }
    return to
}

/// Whether the bytes equal `text` when upper-case ASCII letters are read as lower-case ones.
/// `text` must be lower-case.
@unsafe
func equalsIgnoringCase(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { text in
        for index in 0..<text.count {
            let byte = unsafe bytes[index]
            let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
            if unsafe lower != text[index] { return false }
        }
        return true
    }
}
