import GraphQLLanguage

/// The line of a text around one place, and a line with a caret to stand under it.
///
/// The caret stands under the place in a terminal: tabs stay tabs in both lines, wide characters
/// count as two columns, combining ones as none. Control characters are shown as pictures, so that
/// a text cannot command the terminal.
struct SourceExcerpt: Equatable {
    private(set) var line = ""
    private(set) var caret = ""

    /// Characters that are shown before and after the place; a longer line is cut, at `…`.
    static let charactersBeforeMax = 60
    static let charactersAfterMax = 80

    /// O(characters shown).
    init(_ source: Source, at offset: Int) {
        let bytes = source.bytes
        let offset = min(offset, bytes.count)
        var start = offset
        var count = 0
        while start > 0, !SourceExcerpt.endsLine(bytes[start - 1]),
            count < SourceExcerpt.charactersBeforeMax
        {
            start -= 1
            if bytes[start] & 0xC0 != 0x80 { count += 1 }
        }
        var end = offset
        count = 0
        while end < bytes.count, !SourceExcerpt.endsLine(bytes[end]) {
            if bytes[end] & 0xC0 != 0x80 {
                if count == SourceExcerpt.charactersAfterMax { break }
                count += 1
            }
            end += 1
        }
        if start > 0, !SourceExcerpt.endsLine(bytes[start - 1]) { append("…") }
        for scalar in String(decoding: bytes[start..<offset], as: UTF8.self).unicodeScalars {
            append(scalar)
        }
        let place = caret
        for scalar in String(decoding: bytes[offset..<end], as: UTF8.self).unicodeScalars {
            append(scalar)
        }
        if end < bytes.count, !SourceExcerpt.endsLine(bytes[end]) { append("…") }
        caret = place + "^"
    }

    private static func endsLine(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    /// A scalar as it is shown, and as much space below it.
    private mutating func append(_ scalar: Unicode.Scalar) {
        if scalar == "\t" {
            line += "\t"
            caret += "\t"
            return
        }
        let shown = SourceExcerpt.visible(scalar)
        line.unicodeScalars.append(shown)
        caret += String(repeating: " ", count: SourceExcerpt.columnCount(of: shown))
    }

    /// The scalar, or the picture of a control character.
    private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.value {
        case 0...0x1F: Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}"
        case 0x7F: "\u{2421}"
        // The second set of controls, and those that turn the direction of writing.
        case 0x80...0x9F, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: "\u{FFFD}"
        default: scalar
        }
    }

    /// Columns that a scalar takes in a terminal. Source: Unicode Standard Annex #11.
    private static func columnCount(of scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x2_0000...0x3_FFFD:
            return 2
        default:
            return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }
}
