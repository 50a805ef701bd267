import Foundation

/// Codes that nobody guesses and nobody misreads.
enum CouponCode {
    /// Digits and capitals without 0 and O, 1 and I: 32 of them, 5 bits each.
    static let alphabet = Array("23456789ABCDEFGHJKLMNPQRSTUVWXYZ".utf8)

    /// Letters of a code: 65 bits. With a million codes open, a thousand guesses a second find the
    /// first of them after a thousand years.
    static let letterCount = 13

    /// Random bytes that a code needs.
    static let byteCount = 9

    /// A code made of random bytes. Every letter is as likely as every other.
    ///
    /// - Parameter bytes: from a source that cannot be predicted, ``byteCount`` of them or more.
    /// - Returns: `nil` when there are too few.
    static func code(from bytes: [UInt8]) -> String? {
        guard bytes.count >= byteCount else { return nil }
        var letters: [UInt8] = []
        var pool: UInt32 = 0
        var bitCount = 0
        var next = bytes.makeIterator()
        while letters.count < letterCount {
            if bitCount < 5 {
                guard let byte = next.next() else { return nil }
                pool = pool &<< 8 | UInt32(byte)
                bitCount += 8
            }
            bitCount -= 5
            letters.append(alphabet[Int(pool &>> UInt32(bitCount) & 31)])
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// A new code from the system's source of randomness.
    ///
    /// - Parameter isFree: whether nobody has it yet; with 65 bits it nearly always is.
    static func random(where isFree: (String) -> Bool) -> String {
        var source = SystemRandomNumberGenerator()
        while true {
            let bytes = (0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &source) }
            if let code = code(from: bytes), isFree(code) { return code }
        }
    }

    /// The form in which a code is stored and looked up: in capitals, without blanks and hyphens,
    /// full-width letters as ordinary ones.
    static func normalized(_ text: String) -> String {
        text.precomposedStringWithCompatibilityMapping.uppercased().filter {
            !$0.isWhitespace && $0 != "-"
        }
    }
}
