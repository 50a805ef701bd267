import Bytes
import Glibc

/// Comparisons of stored texts with a filter's operand: by UTF-8 bytes, or after Unicode simple
/// case folding of single scalars.
enum TextMatch {
    static func matches(
        _ operation: Predicate.Node.Operation, _ text: UnsafeRawBufferPointer, _ operand: [UInt8],
        ignoresCase: Bool, isASCII: Bool
    ) -> Bool {
        if !ignoresCase {
            return unsafe operand.withUnsafeBytes { unsafe compare(operation, text, $0) }
        }
        return unsafe withFolded(text, isASCII: isASCII) { folded in
            unsafe operand.withUnsafeBytes { unsafe compare(operation, folded, $0) }
        }
    }

    /// Whether a text is one of the sorted ones, which are folded if case is ignored.
    static func isAmong(
        _ sorted: [[UInt8]], _ text: UnsafeRawBufferPointer, ignoresCase: Bool, isASCII: Bool
    ) -> Bool {
        if !ignoresCase { return unsafe isAmong(sorted, text) }
        return unsafe withFolded(text, isASCII: isASCII) { unsafe isAmong(sorted, $0) }
    }

    private static func isAmong(_ sorted: [[UInt8]], _ text: UnsafeRawBufferPointer) -> Bool {
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            let difference = unsafe sorted[middle].withUnsafeBytes { unsafe order($0, text) }
            if difference == 0 { return true }
            if difference < 0 { low = middle + 1 } else { high = middle }
        }
        return false
    }

    private static func compare(
        _ operation: Predicate.Node.Operation, _ text: UnsafeRawBufferPointer,
        _ operand: UnsafeRawBufferPointer
    ) -> Bool {
        switch operation {
        case .textEqual: unsafe text.count == operand.count && order(text, operand) == 0
        case .textLess: unsafe order(text, operand) < 0
        case .textLessOrEqual: unsafe order(text, operand) <= 0
        case .textGreater: unsafe order(text, operand) > 0
        case .textGreaterOrEqual: unsafe order(text, operand) >= 0
        case .textStarts:
            unsafe text.count >= operand.count
                && isEqual(text.baseAddress, operand.baseAddress, operand.count)
        case .textEnds:
            unsafe text.count >= operand.count
                && isEqual(
                    text.baseAddress.map { unsafe $0 + (text.count - operand.count) },
                    operand.baseAddress, operand.count)
        default: unsafe contains(text, operand)
        }
    }

    /// Below, at or above zero as `left` sorts before, with or after `right`, byte by byte.
    static func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        let shared = min(left.count, right.count)
        if shared > 0, let a = left.baseAddress, let b = right.baseAddress {
            let difference = unsafe memcmp(a, b, shared)
            if difference != 0 { return Int(difference) }
        }
        return left.count - right.count
    }

    private static func isEqual(
        _ left: UnsafeRawPointer?, _ right: UnsafeRawPointer?, _ count: Int
    ) -> Bool {
        guard count > 0, let left = unsafe left, let right = unsafe right else { return true }
        return unsafe memcmp(left, right, count) == 0
    }

    private static func contains(
        _ text: UnsafeRawBufferPointer, _ part: UnsafeRawBufferPointer
    ) -> Bool {
        if unsafe part.isEmpty { return true }
        guard let haystack = text.baseAddress, let needle = part.baseAddress else { return false }
        var place = 0
        let last = text.count - part.count
        while place <= last {
            // The first byte is found by the library, which looks at many at once.
            guard
                let found = unsafe memchr(
                    haystack + place, Int32(part[0]), last - place + 1)
            else { return false }
            place = unsafe UnsafeRawPointer(found) - haystack
            if unsafe memcmp(haystack + place, needle, part.count) == 0 { return true }
            place += 1
        }
        return false
    }

    /// The bytes of a text after simple case folding.
    static func folded(_ text: [UInt8]) -> [UInt8] {
        unsafe text.withUnsafeBytes { bytes in
            unsafe withFolded(bytes, isASCII: false) { unsafe [UInt8]($0) }
        }
    }

    private static func withFolded<Result>(
        _ text: UnsafeRawBufferPointer, isASCII: Bool,
        _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        if isASCII {
            return unsafe withUnsafeTemporaryAllocation(byteCount: text.count, alignment: 1) {
                buffer in
                for index in 0..<text.count {
                    let byte = unsafe text[index]
                    unsafe buffer[index] = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
                }
                return unsafe body(UnsafeRawBufferPointer(buffer))
            }
        }
        let decoded = unsafe String(decoding: text, as: UTF8.self)
        var folded: [UInt8] = []
        folded.reserveCapacity(text.count)
        for scalar in decoded.unicodeScalars {
            folded.append(contentsOf: String(simpleFolding(scalar)).utf8)
        }
        return unsafe folded.withUnsafeBytes { unsafe body($0) }
    }

    /// The small letter of the capital: so that ς and σ, or ſ and s, are the same. Mappings to
    /// several scalars are left out. The dotless ı is a letter of its own.
    /// Source: Unicode 16, CaseFolding.txt, statuses C and S.
    private static func simpleFolding(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        if scalar == "\u{131}" { return scalar }
        let upper = only(scalar.properties.uppercaseMapping) ?? scalar
        return only(upper.properties.lowercaseMapping) ?? scalar
    }

    private static func only(_ mapping: String) -> Unicode.Scalar? {
        let scalars = mapping.unicodeScalars
        return scalars.count == 1 ? scalars.first : nil
    }
}
