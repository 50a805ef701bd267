/// A text as searching sees it: one unit for each letter, digit or sign that counts, folded, and a
/// break between words.
///
/// What is kept of a text: letters and digits, folded (``TextFolding``); Han, kana and Hangul, each
/// of which can begin something that is searched; and between digits one ``joint`` for the blanks,
/// hyphens, brackets, points and slashes with which people write numbers. Everything else is a
/// ``stop``. Accents that are scalars of their own are gone, and so is an apostrophe between two
/// letters: what follows it begins a word of its own too, so that *O'Brien* is found by *obrien*,
/// *o'brien* and *brien*.
enum TextUnit {
    /// Neither letter nor digit; also behind the last unit.
    static let stop: UInt32 = 0
    /// Between two runs of digits that are written as one number.
    static let joint: UInt32 = 1 << 21

    private static let letter: UInt32 = 1 << 24
    private static let digit: UInt32 = 1 << 25
    private static let ideograph: UInt32 = 1 << 26
    /// A letter or digit with which a word begins.
    private static let start: UInt32 = 1 << 27
    private static let scalarMask: UInt32 = 1 << 21 - 1

    /// What the scalars of a text are before their neighbours are known.
    private enum Kind {
        case letter, digit, ideograph
        /// Part of the letter before it.
        case mark
        case apostrophe
        /// Stands between the digits of one number.
        case joining
        case other
    }

    @inline(__always) static func scalar(_ unit: UInt32) -> UInt32 { unit & scalarMask }
    @inline(__always) static func isDigit(_ unit: UInt32) -> Bool { unit & digit != 0 }
    @inline(__always) static func isIdeograph(_ unit: UInt32) -> Bool { unit & ideograph != 0 }
    /// A letter or digit, ideographs aside.
    @inline(__always) static func isInWord(_ unit: UInt32) -> Bool { unit & (letter | digit) != 0 }
    @inline(__always) static func isStart(_ unit: UInt32) -> Bool { unit & start != 0 }

    /// How many signs may stand between the digits of one number: "(0) 47".
    private static let jointMax = 3

    /// Calls `body` with the units of a text and a ``stop`` behind them. O(n); allocates nothing for
    /// texts of up to a kilobyte or so.
    ///
    /// - Parameter text: UTF-8. What is not is as good as a stop.
    static func withUnits<Result>(
        _ text: UnsafeRawBufferPointer, _ body: (UnsafeBufferPointer<UInt32>) -> Result
    ) -> Result {
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: text.count + 1) { units in
            unsafe units.initialize(repeating: stop)
            let count = unsafe fill(units, from: text)
            return unsafe body(UnsafeBufferPointer(rebasing: units[..<(count + 1)]))
        }
    }

    /// - Parameter units: room for as many units as `text` has bytes, and one.
    /// - Returns: how many there are.
    private static func fill(
        _ units: UnsafeMutableBufferPointer<UInt32>, from text: UnsafeRawBufferPointer
    ) -> Int {
        var count = 0
        // What stands between the last unit and the next.
        var hasStop = true
        var hasApostrophe = false
        var joints = 0
        var offset = 0
        while let scalar = unsafe nextScalar(text, &offset) {
            let folded = TextFolding.fold(scalar)
            let kind = kind(folded.first)
            switch kind {
            case .mark: continue
            case .apostrophe:
                if !hasStop && joints == 0 && !hasApostrophe {
                    hasApostrophe = true
                } else {
                    hasStop = true
                }
            case .joining:
                joints += 1
                if hasApostrophe || joints > jointMax { hasStop = true }
            case .other: hasStop = true
            case .letter, .digit, .ideograph:
                let before = unsafe count == 0 ? stop : units[count - 1]
                var unit = folded.first
                var isApart = hasStop || joints > 0
                switch kind {
                case .digit:
                    unit |= digit
                    if hasApostrophe { isApart = true }
                    if isApart && count > 0 {
                        let isJoined = !hasStop && !hasApostrophe && isDigit(before)
                        unsafe units[count] = isJoined ? joint : stop
                        count += 1
                    }
                    if isApart || !isInWord(before) { unit |= start }
                case .ideograph:
                    unit |= ideograph
                    if isApart && count > 0 {
                        unsafe units[count] = stop
                        count += 1
                    }
                default:
                    unit |= letter
                    if hasApostrophe && isDigit(before) { isApart = true }
                    if isApart && count > 0 {
                        unsafe units[count] = stop
                        count += 1
                    }
                    if isApart || hasApostrophe || !isInWord(before) { unit |= start }
                }
                unsafe units[count] = unit
                count += 1
                if folded.second != 0 {
                    unsafe units[count] = folded.second | letter
                    count += 1
                }
                hasStop = false
                hasApostrophe = false
                joints = 0
            }
        }
        return count
    }

    /// The scalar at `offset`, which moves behind it; nil at the end. A broken sequence is U+FFFD.
    @inline(__always)
    private static func nextScalar(_ text: UnsafeRawBufferPointer, _ offset: inout Int) -> UInt32? {
        guard offset < text.count else { return nil }
        let first = unsafe UInt32(text[offset])
        offset += 1
        if first < 0x80 { return first }
        let more = first < 0xC2 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : 0
        guard more > 0, offset + more <= text.count else { return 0xFFFD }
        var scalar = first & (0x3F >> UInt32(more))
        for _ in 0..<more {
            scalar = unsafe scalar << 6 | UInt32(text[offset] & 0x3F)
            offset += 1
        }
        return scalar
    }

    // MARK: Kinds

    @inline(__always)
    private static func kind(_ scalar: UInt32) -> Kind {
        if scalar &- 0x61 < 26 { return .letter }
        if scalar &- 0x30 < 10 { return .digit }
        return scalar < 0x80 ? kindOfSign(scalar) : kindBeyondASCII(scalar)
    }

    private static func kindOfSign(_ scalar: UInt32) -> Kind {
        switch scalar {
        // ' and `
        case 0x27, 0x60: .apostrophe
        // Blanks, ( ) - . / [ ]
        case 0x09, 0x20, 0x28, 0x29, 0x2D...0x2F, 0x5B, 0x5D: .joining
        default: .other
        }
    }

    private static func kindBeyondASCII(_ scalar: UInt32) -> Kind {
        if isIdeographic(scalar) { return .ideograph }
        switch scalar {
        // Combining accents, the soft hyphen, and what has no width.
        case 0x300...0x36F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F,
            0xAD, 0x200B...0x200D, 0x2060, 0xFEFF:
            return .mark
        // ´ ʹ ʻ ʼ ‘ ’
        case 0xB4, 0x2B9, 0x2BB, 0x2BC, 0x2018, 0x2019: return .apostrophe
        // Blanks that do not break, thin ones, and hyphens and dashes.
        case 0xA0, 0x2007...0x2015, 0x202F, 0x2212: return .joining
        default: break
        }
        guard let properties = Unicode.Scalar(scalar)?.properties else { return .other }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .letterNumber, .otherNumber, .decimalNumber, .nonspacingMark, .spacingMark:
            return .letter
        default: return .other
        }
    }

    /// Whether a scalar is of a script that is written without blanks between words and searched by
    /// neighbouring characters: Han, Hiragana, Katakana, Bopomofo, Hangul.
    private static func isIdeographic(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xAC00...0xD7FF, 0x3041...0x3096, 0x3099...0x309F,
            0x30A1...0x30FA, 0x30FC...0x30FF, 0x3005...0x3007, 0x3021...0x3029, 0x3031...0x3035,
            0x3038...0x303C, 0x3105...0x318E, 0x31A0...0x31BF, 0x31F0...0x31FF, 0x1100...0x11FF,
            0x2E80...0x2FDF, 0xA960...0xA97F, 0xF900...0xFAFF, 0xFF66...0xFFDC,
            0x1AFF0...0x1B16F, 0x20000...0x3FFFF:
            true
        default: false
        }
    }
}
