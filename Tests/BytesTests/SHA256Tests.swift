import Bytes
import Testing

@Suite struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `the standard's examples have its digests`(_ message: String, _ digest: String) {
        #expect(SHA256.digest(of: Array(message.utf8)).hexadecimal == digest)
    }

    @Test func `a million letters a have the standard's digest`() {
        var hash = SHA256()
        for _ in 0..<1_000 { hash.add(Array(repeating: UInt8(ascii: "a"), count: 1_000)) }
        #expect(
            hash.digest.hexadecimal
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// Digests of 0, 1, … letters x around the ends of blocks, joined and hashed again.
    @Test func `padding fits at every length, and parts make the whole`() {
        var all = SHA256()
        for count in 0...130 {
            let message = Array(repeating: UInt8(ascii: "x"), count: count)
            let whole = SHA256.digest(of: message)
            for cut in Set([0, count / 3, count]) {
                var parts = SHA256()
                parts.add(Array(message[..<cut]))
                parts.add(Array(message[cut...]))
                #expect(parts.digest == whole)
            }
            all.add(whole)
        }
        #expect(
            all.digest.hexadecimal
                == "f5a018ad6f7a21c451c8d98b57699f4aeeb1976b88771c339c7ea60cd09c64ef")
    }

    /// Source: RFC 4231 §4.2, §4.3, §4.7.
    @Test func `keyed hashes are those of the standard's test cases`() {
        #expect(
            code(Array(repeating: 0x0B, count: 20), "Hi There")
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            code(Array("Jefe".utf8), "what do ya want for nothing?")
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            code(
                Array(repeating: 0xAA, count: 131),
                "Test Using Larger Than Block-Size Key - Hash Key First")
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    private func code(_ key: [UInt8], _ message: String) -> String {
        unsafe Array(message.utf8).withUnsafeBytes {
            unsafe SHA256.authenticationCode(of: $0, key: key)
        }.hexadecimal
    }

    @Test func `equality needs the same bytes and the same length`() {
        #expect(SHA256.areEqual([], []))
        #expect(SHA256.areEqual([1, 2, 3], [1, 2, 3]))
        #expect(!SHA256.areEqual([1, 2, 3], [1, 2, 4]))
        #expect(!SHA256.areEqual([1, 2, 3], [1, 2]))
        #expect(!SHA256.areEqual([0], []))
    }
}
