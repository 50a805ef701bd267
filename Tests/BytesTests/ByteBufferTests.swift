import Testing

@testable import Bytes

struct ByteBufferTests {
    @Test func `appended pieces follow one another`() {
        let buffer = ByteBuffer(capacity: 1)
        buffer.append(byte: 0x7B)
        buffer.append("\"name\":" as StaticString)
        buffer.append("Zoë" as String)
        buffer.append([0x7D])
        buffer.append([1, 2, 3, 4][1...2])
        buffer.append(repeating: 0x20, count: 2)
        buffer.append(repeating: 0x20, count: 0)
        #expect(buffer.bytes == Array("{\"name\":Zoë}".utf8) + [2, 3, 0x20, 0x20])
        #expect(buffer.count == 17)
        #expect(!buffer.isEmpty)
    }

    @Test func `bytes can be put before others`() {
        for place in 0...5 {
            let buffer = ByteBuffer(capacity: 1)
            buffer.append("01234")
            unsafe Array("abc".utf8).withUnsafeBytes { unsafe buffer.insert($0, at: place) }
            unsafe [UInt8]().withUnsafeBytes { unsafe buffer.insert($0, at: place) }
            #expect(
                buffer.makeString()
                    == String("01234".prefix(place)) + "abc" + String("01234".dropFirst(place)))
        }
    }

    @Test(arguments: [0, 1, 1 << 16, (1 << 16) + 1, 300_000])
    func `what another buffer holds is appended, and that is empty then`(count: Int) {
        for ownCount in [0, 3, 100_000] {
            let buffer = ByteBuffer(capacity: 1)
            buffer.append(repeating: 0x61, count: ownCount)
            let other = ByteBuffer(capacity: 1)
            other.append(repeating: 0x62, count: count)
            buffer.append(emptying: other)
            #expect(
                buffer.bytes
                    == Array(repeating: 0x61, count: ownCount)
                    + Array(repeating: 0x62, count: count))
            #expect(other.isEmpty)
            other.append("again")
            #expect(other.makeString() == "again")
        }
    }

    @Test func `a copy of any length is exact and touches nothing beyond`() {
        let source = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 1) }
        for count in 0...100 {
            for offset in 0...17 {
                let buffer = ByteBuffer(capacity: 256)
                unsafe source.withUnsafeBytes { bytes in
                    unsafe buffer.append(
                        UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
                }
                #expect(buffer.bytes == Array(source[offset..<offset + count]))

                var target = [UInt8](repeating: 0xEE, count: 128)
                unsafe target.withUnsafeMutableBytes { target in
                    unsafe source.withUnsafeBytes { bytes in
                        guard let from = bytes.baseAddress, let to = target.baseAddress else {
                            return
                        }
                        unsafe copySmall(from: from + offset, to: to + 3, count: count)
                    }
                }
                let expected =
                    [0xEE, 0xEE, 0xEE] + source[offset..<offset + count]
                    + [UInt8](repeating: 0xEE, count: 125 - count)
                #expect(target == expected)
            }
        }
    }

    @Test func `growth keeps what was written`() {
        let buffer = ByteBuffer(capacity: 0)
        var expected: [UInt8] = []
        for index in 0..<20_000 {
            let byte = UInt8(truncatingIfNeeded: index &* 7)
            buffer.append(byte: byte)
            expected.append(byte)
        }
        #expect(buffer.bytes == expected)
        #expect(buffer.capacity >= 20_000)
        #expect(buffer.capacity <= 40_000)
    }

    @Test func `one reserve covers a large piece`() {
        let buffer = ByteBuffer(capacity: 64)
        buffer.reserve(1_000_000)
        let base = unsafe buffer.base
        buffer.append(repeating: 0x41, count: 1_000_000)
        #expect(unsafe buffer.base == base)
        #expect(buffer.count == 1_000_000)
    }

    @Test func `truncation forgets the end alone`() {
        let buffer = ByteBuffer()
        buffer.append("hello world" as StaticString)
        buffer.truncate(to: 5)
        #expect(buffer.makeString() == "hello")
        buffer.append("!" as StaticString)
        #expect(buffer.makeString() == "hello!")
        buffer.truncate(to: 6)
        #expect(buffer.makeString() == "hello!")
        buffer.truncate(to: 0)
        #expect(buffer.isEmpty)
    }

    @Test func `removing all keeps memory up to the bound`() {
        let buffer = ByteBuffer(capacity: 64)
        buffer.append(repeating: 0, count: 100_000)
        buffer.removeAll()
        #expect(buffer.isEmpty)
        #expect(buffer.capacity >= 100_000)
        buffer.removeAll(keepingAtMost: 4096)
        #expect(buffer.capacity == 4096)
        buffer.removeAll(keepingAtMost: 8192)
        #expect(buffer.capacity == 4096)
        buffer.removeAll(keepingAtMost: 0)
        #expect(buffer.capacity == 64)
        buffer.append("again" as StaticString)
        #expect(buffer.makeString() == "again")
    }

    @Test func `earlier bytes may be replaced in place`() {
        let buffer = ByteBuffer()
        buffer.append("000 rows" as StaticString)
        unsafe buffer.base.storeBytes(of: 0x37, toByteOffset: 2, as: UInt8.self)
        #expect(buffer.makeString() == "007 rows")
    }

    @Test func `what is not UTF-8 becomes a replacement character`() {
        let buffer = ByteBuffer()
        buffer.append([0x61, 0xFF, 0x62])
        #expect(buffer.makeString() == "a\u{FFFD}b")
    }

    @Test func `a buffer can be sent to another task`() async {
        let buffer = ByteBuffer()
        buffer.append("sent" as StaticString)
        let text = await finished(buffer)
        #expect(text == "sent on")
    }

    @concurrent private func finished(_ buffer: sending ByteBuffer) async -> String {
        buffer.append(" on" as StaticString)
        return buffer.makeString()
    }
}
