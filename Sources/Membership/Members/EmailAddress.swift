import Foundation

/// Why a text is no e-mail address.
enum EmailFault: Error, Equatable, Sendable {
    /// There is no `@`, or nothing on one side of it.
    case shape
    /// The part before the `@` has more than 64 bytes, or the domain more than 253.
    case tooLong
    /// A character that has no place there.
    case character(String)
    /// A part of the domain is empty, longer than 63 bytes, or begins or ends with a hyphen.
    case label(String)
    /// A domain without a dot.
    case domainWithoutDot
}

/// E-mail addresses in the form in which they are compared.
enum EmailAddress {
    /// In lower case, with the domain in ASCII. Dots and what follows a `+` stay: only the owner
    /// of a domain knows what they mean there.
    ///
    /// The domain is mapped by Unicode's compatibility composition and lower case, and its parts
    /// are written in Punycode. That is the mapping of UTS 46 without its tables: deviations (ß)
    /// stay as they are, disallowed characters are letters and digits at most.
    /// Source: RFC 5321 §4.5.3.1 for the lengths, RFC 5890 §2.3.2.1 for the parts.
    static func normalized(_ text: String) throws(EmailFault) -> String {
        let text = text.precomposedStringWithCanonicalMapping
        guard let at = text.lastIndex(where: { $0 == "@" || $0 == "\u{FF20}" }) else {
            throw .shape
        }
        let local = text[..<at].lowercased().precomposedStringWithCanonicalMapping
        guard !local.isEmpty else { throw .shape }
        guard local.utf8.count <= 64 else { throw .tooLong }
        for scalar in local.unicodeScalars where !isLocal(scalar) {
            throw .character(String(scalar))
        }
        return try local + "@" + domain(String(text[text.index(after: at)...]))
    }

    /// The domain in ASCII.
    static func domain(_ text: String) throws(EmailFault) -> String {
        let mapped = text.precomposedStringWithCompatibilityMapping.lowercased()
            .precomposedStringWithCompatibilityMapping
        guard !mapped.isEmpty else { throw .shape }
        // The ideographic full stop is how many keyboards write a dot.
        var labels = mapped.split(omittingEmptySubsequences: false) {
            $0 == "." || $0 == "\u{3002}"
        }
        if labels.last == "" && labels.count > 1 { labels.removeLast() }
        var parts: [String] = []
        for label in labels {
            parts.append(try EmailAddress.label(String(label)))
        }
        guard parts.count > 1 else { throw .domainWithoutDot }
        let domain = parts.joined(separator: ".")
        guard domain.utf8.count <= 253 else { throw .tooLong }
        return domain
    }

    private static func label(_ text: String) throws(EmailFault) -> String {
        var label = text
        var isASCII = true
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9", "-": break
            case _ where !scalar.isASCII && isLetter(scalar): isASCII = false
            default: throw .character(String(scalar))
            }
        }
        if !isASCII {
            guard let encoded = Punycode.encode(text) else { throw .label(text) }
            label = "xn--" + encoded
        }
        guard 1...63 ~= label.utf8.count, !text.hasPrefix("-"), !text.hasSuffix("-") else {
            throw .label(text)
        }
        return label
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .lowercaseLetter, .otherLetter, .modifierLetter, .nonspacingMark, .spacingMark,
            .decimalNumber:
            true
        // Joiners, which some scripts cannot do without.
        default: scalar == "\u{200C}" || scalar == "\u{200D}" || scalar == "\u{30FB}"
        }
    }

    /// Source: RFC 5322 §3.2.3 (atext and the dot), RFC 6531 §3.3 (everything beyond ASCII).
    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            switch scalar {
            case "a"..."z", "0"..."9": return true
            default: return ".!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
            }
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate,
            .unassigned, .privateUse:
            return false
        default: return true
        }
    }
}
