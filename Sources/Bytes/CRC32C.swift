/// The cyclic redundancy check with Castagnoli's polynomial, as journals and snapshots carry it.
///
/// Sixteen bytes are folded at once by sixteen tables of 256 words each, 16 KiB that stay in the
/// nearest cache. About 2.5 GB/s.
///
/// Source: RFC 3720 §12.1, appendix B.4 (polynomial, bit order, test vectors).
public struct CRC32C: Sendable {
    /// The register, not inverted at the end yet.
    private var register: UInt32 = ~0

    /// The check of no bytes, to be added to.
    public init() {}

    /// The check of all bytes added so far.
    public var value: UInt32 { ~register }

    /// The check of `bytes`.
    public static func value(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        var check = CRC32C()
        unsafe check.add(bytes)
        return check.value
    }

    /// Adds bytes behind those before.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let tables = unsafe CRC32C.tables.base
        var register = register
        var offset = 0
        while offset &+ 16 <= bytes.count {
            let low =
                unsafe UInt64(
                    littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                ^ UInt64(register)
            let high = unsafe UInt64(
                littleEndian: base.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
            register =
                unsafe CRC32C.folded(low, tables + 8 &* 256)
                ^ CRC32C.folded(high, tables)
            offset &+= 16
        }
        while offset < bytes.count {
            let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
            let place = Int(truncatingIfNeeded: (register ^ UInt32(byte)) & 0xFF)
            register = unsafe register &>> 8 ^ tables[place]
            offset &+= 1
        }
        self.register = register
    }

    /// What eight bytes leave in the register after those that follow them; `tables` is that of
    /// the last of the eight.
    @inline(__always)
    private static func folded(_ word: UInt64, _ tables: UnsafePointer<UInt32>) -> UInt32 {
        let first =
            unsafe tables[7 &* 256 &+ place(word, 0)] ^ tables[6 &* 256 &+ place(word, 8)]
            ^ tables[5 &* 256 &+ place(word, 16)] ^ tables[4 &* 256 &+ place(word, 24)]
        let second =
            unsafe tables[3 &* 256 &+ place(word, 32)] ^ tables[2 &* 256 &+ place(word, 40)]
            ^ tables[256 &+ place(word, 48)] ^ tables[place(word, 56)]
        return first ^ second
    }

    @inline(__always)
    private static func place(_ word: UInt64, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: word &>> shift & 0xFF)
    }

    /// Castagnoli's polynomial, the lowest power in the highest bit.
    private static let polynomial: UInt32 = 0x82F6_3B78

    private static let tables = Tables()

    /// Table `n` gives what a byte leaves in the register after `n` zero bytes.
    // Safe: written once, before anyone else sees it, and never freed.
    @safe
    private struct Tables: @unchecked Sendable {
        let base: UnsafePointer<UInt32>

        init() {
            let words = UnsafeMutablePointer<UInt32>.allocate(capacity: 16 * 256)
            for byte in 0..<256 {
                var register = UInt32(byte)
                for _ in 0..<8 {
                    register = register >> 1 ^ (register & 1 == 0 ? 0 : CRC32C.polynomial)
                }
                unsafe words[byte] = register
            }
            for place in 256..<16 * 256 {
                let before = unsafe words[place - 256]
                unsafe words[place] = unsafe before >> 8 ^ words[Int(before & 0xFF)]
            }
            unsafe base = UnsafePointer(words)
        }
    }
}
