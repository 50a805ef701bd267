import Bytes
import Testing

@testable import JSON

struct JSONWriterTests {
    /// Scalar by scalar, through a table of the eight short forms.
    private func naive(_ text: String) -> [UInt8] {
        let short: [Unicode.Scalar: String] = [
            "\"": "\\\"", "\\": "\\\\", "\u{8}": "\\b", "\u{9}": "\\t", "\u{A}": "\\n",
            "\u{C}": "\\f", "\u{D}": "\\r",
        ]
        var result = "\""
        for scalar in text.unicodeScalars {
            if let escape = short[scalar] {
                result += escape
            } else if scalar.value < 0x20 {
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return Array((result + "\"").utf8)
    }

    private func needsEscaping(_ bytes: [UInt8]) -> Bool {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { unsafe memory.deallocate() }
        unsafe memory.copyBytes(from: bytes)
        return unsafe JSONWriter.needsEscaping(UnsafeRawBufferPointer(memory))
    }

    private func written(_ text: String) -> [UInt8] {
        let buffer = ByteBuffer(capacity: 1)
        buffer.appendJSONString(text)
        return buffer.bytes
    }

    @Test func `every byte is written by its rule`() {
        for byte in UInt8.min..<0x80 {
            let text = String(decoding: [byte], as: UTF8.self)
            #expect(written(text) == naive(text))
            #expect(needsEscaping([byte]) == (naive(text).count > 3))
        }
        for byte in UInt8(0x80)...0xFF { #expect(!needsEscaping([byte])) }
        #expect(written("\u{0}\u{1F}") == Array(#""\u0000\u001f""#.utf8))
        #expect(written("\u{7F}\u{2028}/é😀") == Array("\"\u{7F}\u{2028}/é😀\"".utf8))
    }

    @Test func `the check finds every byte at every place of every length`() {
        for fill in [0x20, 0x61, 0x23, 0x5D, 0x7F, 0x80, 0xFF] as [UInt8] {
            for length in 0...70 {
                var bytes = [UInt8](repeating: fill, count: length)
                #expect(!needsEscaping(bytes))
                for place in 0..<length {
                    for byte in [0x00, 0x0A, 0x1F, 0x22, 0x5C] as [UInt8] {
                        bytes[place] = byte
                        #expect(needsEscaping(bytes))
                    }
                    bytes[place] = fill
                }
            }
        }
    }

    @Test func `all 256 bytes are judged rightly in each place of a word`() {
        for place in 0..<17 {
            for byte in UInt8.min...UInt8.max {
                var bytes = [UInt8](repeating: 0x61, count: 17)
                bytes[place] = byte
                let expected = byte < 0x20 || byte == 0x22 || byte == 0x5C
                #expect(needsEscaping(bytes) == expected)
            }
        }
    }

    @Test func `text of every length and alignment is written exactly and reads back`() throws {
        let alphabet = Array("aé€😀\"\\\n\u{1}z".unicodeScalars)
        var random = SeededRandom()
        for length in 0...70 {
            for clean in [false, true] {
                var scalars = String.UnicodeScalarView()
                for _ in 0..<length {
                    scalars.append(
                        clean ? "k" : alphabet.randomElement(using: &random) ?? "a")
                }
                let text = String(scalars)
                let bytes = Array(text.utf8)
                for alignment in 0..<16 {
                    let shifted = [UInt8](repeating: 0x22, count: alignment) + bytes
                    let buffer = ByteBuffer(capacity: 1)
                    unsafe shifted.withUnsafeBytes { shifted in
                        unsafe buffer.appendJSONString(
                            UnsafeRawBufferPointer(rebasing: shifted[alignment...]))
                    }
                    #expect(buffer.bytes == naive(text), "\(random)")
                    let back = try withReader(buffer.bytes) { reader throws(JSONError) in
                        try reader.readString().unescapedBytes
                    }
                    #expect(back == bytes, "\(random)")
                }
            }
        }
    }

    @Test func `known clean text is written as it stands`() {
        let buffer = ByteBuffer(capacity: 1)
        unsafe Array("clean é".utf8).withUnsafeBytes {
            unsafe buffer.appendJSONStringUnescaped($0)
        }
        unsafe buffer.appendJSONStringUnescaped(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(buffer.makeString() == "\"clean é\"\"\"")
    }

    @Test func `a text that was read is written again as it was`() throws {
        let source = #""a\u00e9\n\/😀""#
        let again = try withReader(source) { reader throws(JSONError) in
            let buffer = ByteBuffer()
            buffer.appendJSONString(try reader.readString())
            return buffer.makeString()
        }
        #expect(again == source)
    }

    @Test func `truth is written in words`() {
        let buffer = ByteBuffer()
        buffer.appendJSONBool(true)
        buffer.appendJSONBool(false)
        #expect(buffer.makeString() == "truefalse")
    }
}
