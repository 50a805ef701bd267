import GraphQL

/// Whether values keep a constraint.
extension ConstraintModel {
    /// What would be accepted instead of `number`, as in `at least 0`; nil when it is accepted.
    public func fault(inNumber number: Double) -> String? {
        if let min, number < min { return "at least \(numberText(min))" }
        if let max, number > max { return "at most \(numberText(max))" }
        return nil
    }

    /// What would be accepted instead of `text`, as in `4 to 32 characters`; nil when it is
    /// accepted. Lengths are counted in Unicode scalars.
    public func fault(inText text: String) -> String? {
        if minLength != nil || maxLength != nil {
            let length = text.unicodeScalars.count
            if length < minLength ?? 0 || length > maxLength ?? .max { return lengths }
        }
        guard let format, !format.accepts(text) else { return nil }
        return format.expectation
    }

    private var lengths: String {
        switch (minLength, maxLength) {
        case (let min?, let max?) where min == max: "exactly \(min) characters"
        case (let min?, let max?): "\(min) to \(max) characters"
        case (let min?, nil): "at least \(min) characters"
        case (_, let max): "at most \(max ?? 0) characters"
        }
    }

    /// As above, for a value of any type; what has no constraint is accepted.
    func fault(in value: CoercedValue) -> String? {
        switch value {
        case .int(let number): fault(inNumber: Double(number))
        case .float(let number): fault(inNumber: number)
        case .string(let text): fault(inText: text)
        case .null, .boolean, .enumValue, .list, .object, .variable: nil
        }
    }
}

extension ConstraintModel.Format {
    /// Whether a text has this form. O(length), without regular expressions.
    public func accepts(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        switch self {
        case .email: return EmailSyntax.accepts(bytes)
        case .phone: return Self.isPhone(bytes)
        case .url: return Self.isURL(bytes)
        case .slug: return Self.isSlug(bytes)
        }
    }

    /// As a sentence names it.
    var expectation: String {
        switch self {
        case .email: "an e-mail address"
        case .phone: "a phone number like +8613800138000"
        case .url: "an http or https address"
        case .slug: "small letters and digits with single hyphens between"
        }
    }

    /// `+` and 7 to 15 digits, the first not 0. Source: ITU-T E.164.
    private static func isPhone(_ bytes: [UInt8]) -> Bool {
        guard bytes.first == 0x2B, 8...16 ~= bytes.count, bytes[1] != 0x30 else { return false }
        return bytes.dropFirst().allSatisfy(\.isDigit)
    }

    /// `http://` or `https://`, a host, and then no blanks or control characters.
    private static func isURL(_ bytes: [UInt8]) -> Bool {
        guard
            let scheme = [Array("https://".utf8), Array("http://".utf8)]
                .first(where: { bytes.starts(with: $0) })
        else { return false }
        let rest = bytes.dropFirst(scheme.count)
        let host = rest.prefix { $0 != 0x2F && $0 != 0x3F && $0 != 0x23 }
        return !host.isEmpty && host.first != 0x3A && rest.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    private static func isSlug(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return false }
        var afterHyphen = true
        for byte in bytes {
            let isHyphen = byte == 0x2D
            guard isHyphen ? !afterHyphen : byte.isDigit || byte.isLetter && byte >= 0x61 else {
                return false
            }
            afterHyphen = isHyphen
        }
        return !afterHyphen
    }
}

/// The e-mail addresses that an HTML form takes.
///
/// Source: https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address
enum EmailSyntax {
    /// Labels of a domain are at most so long. Source: RFC 1034 §3.5.
    private static let labelBytesMax = 63

    static func accepts(_ bytes: [UInt8]) -> Bool {
        guard let at = bytes.firstIndex(of: 0x40), at > 0 else { return false }
        let marks = Array(".!#$%&'*+/=?^_`{|}~-".utf8)
        guard bytes[..<at].allSatisfy({ $0.isLetter || $0.isDigit || marks.contains($0) }) else {
            return false
        }
        let labels = bytes[(at + 1)...].split(separator: 0x2E, omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            label.count <= labelBytesMax && label.first != 0x2D && label.last != 0x2D
                && !label.isEmpty
                && label.allSatisfy { $0.isLetter || $0.isDigit || $0 == 0x2D }
        }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    fileprivate var isLetter: Bool { self | 0x20 >= 0x61 && self | 0x20 <= 0x7A }
}

/// A limit as people write it: whole numbers without a fraction.
func numberText(_ number: Double) -> String {
    Int64(exactly: number).map { String($0) } ?? String(number)
}
