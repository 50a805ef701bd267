import Bytes
import Testing

@Suite struct Base64URLTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"),
        ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
    func `the standard's examples go both ways`(_ plain: String, _ text: String) {
        #expect(encoded(Array(plain.utf8)) == text)
        #expect(decoded(text) == Array(plain.utf8))
    }

    @Test func `every byte goes both ways, at every place`() {
        for count in 1...4 {
            for place in 0..<count {
                for byte in UInt8.min ... .max {
                    var bytes = Array(repeating: UInt8(0), count: count)
                    bytes[place] = byte
                    #expect(decoded(encoded(bytes)) == bytes)
                }
            }
        }
    }

    @Test(arguments: ["Z", "Zm9vY", "Zg==", "Zh", "Zm9", "Z g", "Zm9v\n", "Zm+v", "Zm/v", "Zmé"])
    func `nothing else is taken`(_ text: String) {
        #expect(decoded(text) == nil)
    }

    private func encoded(_ bytes: [UInt8]) -> String {
        let output = ByteBuffer()
        unsafe bytes.withUnsafeBytes { unsafe Base64URL.encode($0, to: output) }
        return output.makeString()
    }

    private func decoded(_ text: String) -> [UInt8]? {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe Base64URL.decode($0) }
    }
}
