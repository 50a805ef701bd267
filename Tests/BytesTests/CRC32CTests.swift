import Testing

@testable import Bytes

struct CRC32CTests {
    private func check(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe CRC32C.value(of: $0) }
    }

    /// Bit by bit, as the polynomial is written down.
    private func described(_ bytes: [UInt8]) -> UInt32 {
        var register = ~UInt32(0)
        for byte in bytes {
            register ^= UInt32(byte)
            for _ in 0..<8 {
                register = register & 1 == 0 ? register >> 1 : register >> 1 ^ 0x82F6_3B78
            }
        }
        return ~register
    }

    @Test func `the published vectors come out`() {
        #expect(check([]) == 0)
        #expect(check(Array("123456789".utf8)) == 0xE306_9283)
        // RFC 3720, appendix B.4
        #expect(check(Array(repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(check(Array(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(check(Array(0..<32)) == 0x46DD_794E)
        #expect(check(Array((0..<32).reversed())) == 0x113F_DB5C)
    }

    @Test func `every length and every cut give the check of the whole`() {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
        for count in 0...bytes.count {
            let part = Array(bytes[..<count])
            let expected = described(part)
            #expect(check(part) == expected)
            for cut in 0...count {
                var check = CRC32C()
                unsafe part[..<cut].withUnsafeBytes { unsafe check.add($0) }
                unsafe part[cut...].withUnsafeBytes { unsafe check.add($0) }
                #expect(check.value == expected)
            }
        }
    }

    @Test func `each single flipped bit changes the check`() {
        let bytes = (0..<70).map { UInt8(truncatingIfNeeded: $0 &* 91) }
        let whole = check(bytes)
        for bit in 0..<bytes.count * 8 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(check(flipped) != whole)
        }
    }
}
