import Testing

@testable import Bytes

struct UTF8CheckTests {
    private func firstFault(_ bytes: [UInt8]) -> Int? {
        unsafe bytes.withUnsafeBytes { unsafe UTF8Check.firstFault(in: $0) }
    }

    /// Decodes scalar by scalar with plain arithmetic, and answers where that first fails.
    private func naiveFault(_ bytes: [UInt8]) -> Int? {
        var offset = 0
        while offset < bytes.count {
            let lead = bytes[offset]
            let width: Int
            var value: UInt32
            switch lead {
            case 0..<0x80: (width, value) = (1, UInt32(lead))
            case 0xC0..<0xE0: (width, value) = (2, UInt32(lead & 0x1F))
            case 0xE0..<0xF0: (width, value) = (3, UInt32(lead & 0x0F))
            case 0xF0..<0xF8: (width, value) = (4, UInt32(lead & 0x07))
            default: return offset
            }
            guard offset + width <= bytes.count else { return offset }
            for byte in bytes[(offset + 1)..<(offset + width)] {
                guard byte & 0xC0 == 0x80 else { return offset }
                value = value << 6 | UInt32(byte & 0x3F)
            }
            let least: [UInt32] = [0, 0, 0x80, 0x800, 0x10000]
            guard value >= least[width], Unicode.Scalar(value) != nil else { return offset }
            offset += width
        }
        return nil
    }

    @Test func `every scalar is well-formed`() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            guard firstFault(Array(UTF8.encode(scalar) ?? .init())) == nil else {
                Issue.record("U+\(String(value, radix: 16)) was refused")
                return
            }
        }
    }

    @Test func `all two and three byte texts agree with a naive decoder`() {
        for first in UInt8.min...UInt8.max {
            #expect(firstFault([first]) == naiveFault([first]))
            for second in UInt8.min...UInt8.max {
                let two = [first, second]
                #expect(firstFault(two) == naiveFault(two))
            }
        }
        let edges: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xFF]
        for lead in UInt8(0xE0)...0xFF {
            for second in UInt8.min...UInt8.max {
                for third in edges {
                    let three = [lead, second, third]
                    #expect(firstFault(three) == naiveFault(three))
                    for fourth in edges {
                        let four = three + [fourth]
                        #expect(firstFault(four) == naiveFault(four))
                    }
                }
            }
        }
    }

    @Test func `a fault is found at every place of a text of every length`() {
        for length in 1...70 {
            for place in 0..<length {
                var bytes = [UInt8](repeating: 0x61, count: length)
                bytes[place] = 0xFF
                #expect(firstFault(bytes) == place)
                bytes[place] = 0x80
                #expect(firstFault(bytes) == place)
            }
            #expect(firstFault([UInt8](repeating: 0x61, count: length)) == nil)
        }
        #expect(firstFault([]) == nil)
    }

    @Test func `wide text is accepted at every alignment and refused when cut`() {
        let text = Array("aé€𝄞zßあ😀".utf8)
        for lead in 0..<40 {
            let bytes = [UInt8](repeating: 0x20, count: lead) + text + text
            #expect(firstFault(bytes) == nil)
            for count in bytes.indices {
                #expect(firstFault(Array(bytes[..<count])) == naiveFault(Array(bytes[..<count])))
            }
        }
    }

    @Test func `random bytes agree with a naive decoder`() {
        var random = SeededRandom()
        let pool = Array("aé€𝄞😀".utf8) + [0x80, 0xC0, 0xED, 0xF4, 0x20, 0x20, 0x20]
        for _ in 0..<50_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                pool.randomElement(using: &random) ?? 0
            }
            guard firstFault(bytes) == naiveFault(bytes) else {
                Issue.record("\(bytes) with \(random)")
                return
            }
        }
    }
}
