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
        #expect(buffer.bytes == Array("{\"name\":Zoë}".utf8) + [2, 3, 0x20, 0x20])
        #expect(buffer.count == 17)
    }
}
