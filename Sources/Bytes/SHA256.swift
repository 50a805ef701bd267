/// The Secure Hash Algorithm with 256 bits: names documents, and keeps credentials unreadable.
///
/// About 0.25 GB/s; messages here have tens of bytes to some kilobytes.
///
/// Source: FIPS 180-4 §5, §6.2.
public struct SHA256: Sendable {
    /// Bytes of a digest.
    public static let digestByteCount = 32

    /// Bytes that are worked on at once.
    static let blockByteCount = 64

    private var state: InlineArray<8, UInt32> = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A,
        0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]
    private var block = InlineArray<64, UInt8>(repeating: 0)
    private var blockCount = 0
    private var messageByteCount: UInt64 = 0

    /// The hash of no bytes, to be added to.
    public init() {}

    /// The digest of `bytes`.
    public static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var hash = SHA256()
        unsafe hash.add(bytes)
        return hash.digest
    }

    /// The digest of `bytes`.
    public static func digest(of bytes: [UInt8]) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { unsafe digest(of: $0) }
    }

    /// Adds bytes behind those before.
    public mutating func add(_ bytes: UnsafeRawBufferPointer) {
        messageByteCount &+= UInt64(bytes.count)
        for index in 0..<bytes.count {
            block[blockCount] = unsafe bytes[index]
            blockCount &+= 1
            if blockCount == SHA256.blockByteCount { mix() }
        }
    }

    /// Adds bytes behind those before.
    public mutating func add(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe add($0) }
    }

    /// The digest of all bytes added so far.
    public var digest: [UInt8] {
        var last = self
        last.pad()
        var digest: [UInt8] = []
        digest.reserveCapacity(SHA256.digestByteCount)
        for index in 0..<8 {
            let word = last.state[index]
            for shift: UInt32 in [24, 16, 8, 0] {
                digest.append(UInt8(truncatingIfNeeded: word &>> shift))
            }
        }
        return digest
    }

    /// A one, zeros, and the length in bits, up to the end of a block.
    private mutating func pad() {
        let bitCount = messageByteCount &* 8
        put(0x80)
        while blockCount != SHA256.blockByteCount &- 8 { put(0) }
        for shift: UInt64 in [56, 48, 40, 32, 24, 16, 8, 0] {
            put(UInt8(truncatingIfNeeded: bitCount &>> shift))
        }
    }

    private mutating func put(_ byte: UInt8) {
        block[blockCount] = byte
        blockCount &+= 1
        if blockCount == SHA256.blockByteCount { mix() }
    }

    /// Takes the full block into the state.
    private mutating func mix() {
        var schedule = InlineArray<64, UInt32>(repeating: 0)
        for index in 0..<16 {
            schedule[index] =
                UInt32(block[4 &* index]) &<< 24 | UInt32(block[4 &* index &+ 1]) &<< 16
                | UInt32(block[4 &* index &+ 2]) &<< 8 | UInt32(block[4 &* index &+ 3])
        }
        for index in 16..<64 {
            let far = schedule[index &- 15]
            let near = schedule[index &- 2]
            let first = rotated(far, 7) ^ rotated(far, 18) ^ far &>> 3
            let second = rotated(near, 17) ^ rotated(near, 19) ^ near &>> 10
            schedule[index] = schedule[index &- 16] &+ first &+ schedule[index &- 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let sum = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let choice = e & f ^ ~e & g
            let first = h &+ sum &+ choice &+ SHA256.constants[index] &+ schedule[index]
            let otherSum = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let majority = a & b ^ a & c ^ b & c
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ otherSum &+ majority)
        }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
        state[5] &+= f
        state[6] &+= g
        state[7] &+= h
        blockCount = 0
    }

    @inline(__always)
    private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word &>> count | word &<< (32 &- count)
    }

    private static let constants: InlineArray<64, UInt32> = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5,
        0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
        0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3,
        0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
        0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC,
        0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
        0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7,
        0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
        0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13,
        0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
        0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3,
        0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
        0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5,
        0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
        0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208,
        0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
    ]
}

extension SHA256 {
    /// The keyed hash of a message: who does not know the key can neither make nor change it.
    ///
    /// Source: RFC 2104 §2.
    public static func authenticationCode(of message: UnsafeRawBufferPointer, key: [UInt8])
        -> [UInt8]
    {
        let short = key.count > blockByteCount ? digest(of: key) : key
        let padded = short + Array(repeating: 0, count: blockByteCount - short.count)
        var inner = SHA256()
        inner.add(padded.map { $0 ^ 0x36 })
        unsafe inner.add(message)
        var outer = SHA256()
        outer.add(padded.map { $0 ^ 0x5C })
        outer.add(inner.digest)
        return outer.digest
    }

    /// Whether two byte strings are equal, in a time that tells nothing of where they differ.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}

extension [UInt8] {
    /// Two lower-case digits for each byte.
    public var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * count)
        for byte in self {
            text.append(digits[Int(byte &>> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
