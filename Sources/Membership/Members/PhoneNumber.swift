/// Why a text is no phone number.
enum PhoneFault: Error, Equatable, Sendable {
    /// A character that has no place in one: letters of an extension, for instance.
    case character(String)
    /// A plus sign elsewhere than at the beginning.
    case misplacedPlus
    /// The number of digits, country's code included, is not in ``PhoneNumber/digits``.
    case digitCount(Int)
    /// The number of digits is none of the region's.
    case notOfRegion(String, digitCount: Int)
    /// No country's code begins with 0.
    case countryCode
    /// There is no country's code, and no region to take it from.
    case regionMissing
}

/// Phone numbers as E.164 writes them: `+`, the country's code, the number, nothing else.
enum PhoneNumber {
    /// Digits of an international number, country's code included. Source: ITU-T E.164 §6.2.1 for
    /// the upper bound; the shortest in use have seven.
    static let digits = 7...15

    /// - Parameters:
    ///   - text: digits of any script, full-width ones included, with blanks, brackets, dashes,
    ///     dots and slashes between them. `+` and `00` (and what the region dials for it) begin an
    ///     international number, anything else is one of the region's, with or without the prefix
    ///     that is dialled within it. A bracketed `(0)` after a country's code is left out.
    ///   - region: where the number was written down.
    static func e164(_ text: String, in region: PhoneRegion?) throws(PhoneFault) -> String {
        let written = try Written(text)
        if written.isInternational {
            return try international(written.digits)
        }
        let digits = written.digits
        for prefix in [region?.internationalPrefix ?? "", "00"] where !prefix.isEmpty {
            guard digits.hasPrefix(prefix) else { continue }
            return try international(String(digits.dropFirst(prefix.count)))
        }
        guard let region else { throw .regionMissing }
        return try national(digits, region)
    }

    private static func international(_ digits: String) throws(PhoneFault) -> String {
        guard digits.first != "0" else { throw .countryCode }
        var result = digits
        // "+44 020 …" is "+44 20 …": the prefix is for callers in the country only.
        if let region = region(calling: digits), region.trunkPrefix == "0" {
            let rest = digits.dropFirst(region.callingCode.count)
            result = region.callingCode + rest.drop { $0 == "0" }
        }
        guard PhoneNumber.digits ~= result.count else { throw .digitCount(result.count) }
        return "+" + result
    }

    private static func national(
        _ digits: String, _ region: PhoneRegion
    ) throws(PhoneFault) -> String {
        var rest = digits[...]
        let hasTrunk = !region.trunkPrefix.isEmpty && rest.hasPrefix(region.trunkPrefix)
        if hasTrunk {
            let without = rest.dropFirst(region.trunkPrefix.count)
            // In North America 1 begins no number; in Russia 8 may, so that the count decides.
            if region.trunkPrefix == "0" || region.digits ~= without.count { rest = without }
        }
        let abroad = digits.dropFirst(region.callingCode.count)
        let mayBeInternational =
            !hasTrunk && digits.hasPrefix(region.callingCode) && region.digits ~= abroad.count
        // Without the prefix that everybody dials, the country's code comes first to mind.
        if mayBeInternational && (!(region.digits ~= rest.count) || region.trunkPrefix == "0") {
            rest = abroad
        }
        guard region.digits ~= rest.count else {
            throw .notOfRegion(region.code, digitCount: rest.count)
        }
        return "+" + region.callingCode + rest
    }

    private static func region(calling digits: String) -> PhoneRegion? {
        for count in 1...3 {
            if let region = PhoneRegion.calling(digits.prefix(count)) { return region }
        }
        return nil
    }
}

/// What is left of a number once everything that only helps to read it is gone.
private struct Written {
    /// ASCII digits.
    var digits = ""
    var isInternational = false

    init(_ text: String) throws(PhoneFault) {
        var scalars = text.unicodeScalars[...]
        if text.lowercased().hasPrefix("tel:") { scalars = scalars.dropFirst(4) }
        // Digits since an opening bracket, to tell "(0)".
        var bracketed: String?
        for scalar in scalars {
            switch scalar {
            case "+", "\u{FF0B}", "\u{FE62}":
                guard digits.isEmpty, !isInternational else { throw .misplacedPlus }
                isInternational = true
            case "(", "\u{FF08}", "[", "\u{3010}":
                bracketed = ""
            case ")", "\u{FF09}", "]", "\u{3011}":
                if bracketed == "0" && isInternational && digits.count > 1 { digits.removeLast() }
                bracketed = nil
            default:
                if let value = Written.digit(scalar) {
                    digits.append(value)
                    bracketed?.append(value)
                } else if !Written.isSeparator(scalar) {
                    throw .character(String(scalar))
                }
            }
        }
    }

    /// The digit that a scalar of any script stands for.
    private static func digit(_ scalar: Unicode.Scalar) -> Character? {
        guard scalar.properties.numericType == .decimal,
            let value = scalar.properties.numericValue, let digit = UInt8(exactly: value)
        else { return nil }
        return Character(Unicode.Scalar(0x30 + min(digit, 9)))
    }

    /// Blanks, dashes of every width, dots, slashes, and the marks that copied text brings along.
    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "-", ".", "/", "\u{B7}", "\u{2212}", "\u{30FC}", "\u{FF0E}", "\u{FF0F}": true
        default:
            switch scalar.properties.generalCategory {
            case .dashPunctuation, .format: true
            default: scalar.properties.isWhitespace
            }
        }
    }
}
