/// Is this UTF-8? Strictly: no overlong form, no surrogate, nothing above U+10FFFF.
///
/// Source: The Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
public enum UTF8Check {
    /// The offset at which the first ill-formed sequence begins, or `nil` if there is none.
    ///
    /// O(`bytes.count`): ASCII goes by 16 bytes a step, the rest sequence by sequence.
    public static func firstFault(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let end = bytes.count
        var offset = 0
        while true {
            while offset &+ 16 <= end {
                let low = unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let high = unsafe base.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
                if (low | high) & 0x8080_8080_8080_8080 != 0 { break }
                offset &+= 16
            }
            // ASCII before the next wide sequence, or the tail of the text.
            while offset < end, unsafe isASCII(base, offset) { offset &+= 1 }
            if offset >= end { return nil }
            // Wide sequences come in runs.
            repeat {
                let width = unsafe sequenceWidth(at: base + offset, remaining: end &- offset)
                if width == 0 { return offset }
                offset &+= width
                if offset >= end { return nil }
            } while unsafe !isASCII(base, offset)
        }
    }

    /// The byte count of the well-formed sequence at `pointer` that has a lead byte of 0x80 or
    /// more, or 0 if it is ill-formed or cut off by the end. `remaining` must be at least 1.
    @inline(__always) @inlinable
    public static func sequenceWidth(at pointer: UnsafeRawPointer, remaining: Int) -> Int {
        let lead = unsafe pointer.load(as: UInt8.self)
        if lead < 0xE0 {
            guard lead >= 0xC2, remaining >= 2, unsafe isContinuation(pointer, 1) else { return 0 }
            return 2
        }
        if lead < 0xF0 {
            guard remaining >= 3, unsafe isContinuation(pointer, 1),
                unsafe isContinuation(pointer, 2)
            else { return 0 }
            let second = unsafe pointer.load(fromByteOffset: 1, as: UInt8.self)
            // E0 80…9F is overlong, ED A0…BF is a surrogate.
            if lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F { return 0 }
            return 3
        }
        guard lead <= 0xF4, remaining >= 4, unsafe isContinuation(pointer, 1),
            unsafe isContinuation(pointer, 2), unsafe isContinuation(pointer, 3)
        else { return 0 }
        let second = unsafe pointer.load(fromByteOffset: 1, as: UInt8.self)
        // F0 80…8F is overlong, F4 90…BF is above U+10FFFF.
        if lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F { return 0 }
        return 4
    }

    @inline(__always) @inlinable
    static func isContinuation(_ pointer: UnsafeRawPointer, _ offset: Int) -> Bool {
        unsafe pointer.load(fromByteOffset: offset, as: UInt8.self) & 0xC0 == 0x80
    }

    @inline(__always) @inlinable
    static func isASCII(_ pointer: UnsafeRawPointer, _ offset: Int) -> Bool {
        unsafe pointer.load(fromByteOffset: offset, as: UInt8.self) < 0x80
    }
}
