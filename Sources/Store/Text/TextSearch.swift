/// What somebody who searches a text wants to find in it.
///
/// A text matches when every word of the search is found in it:
///
/// - a word with letters as the beginning of one of its words, whatever the case and the accents;
/// - three digits or more as any part of one of its numbers; fewer as the beginning of a number or
///   of a part of it. A number is written with blanks, hyphens, brackets, points or slashes between
///   its digits or without; so are seven digits or more in a search;
/// - Chinese, Japanese and Korean characters in their order, side by side, anywhere.
///
/// An index of ``IndexOrder/words`` finds the rows whose texts match: each of ``ranges`` has an
/// entry of such a row.
public struct TextSearch: Sendable {
    private enum Term: Sendable, Equatable {
        case word([UInt32])
        case number([UInt32])
        case ideographs([UInt32])
    }

    /// Keys of an index, both inclusive.
    public struct Range: Sendable, Equatable {
        public let low: UInt64
        public let high: UInt64
        /// Whether the row of each entry in the range satisfies what the range stands for.
        public internal(set) var isExact: Bool
    }

    /// Why a search is refused.
    public enum Refusal: Error, Equatable {
        /// No letter or digit in it.
        case isEmpty
        /// More than ``byteCountMax`` or ``wordsMax``.
        case isTooLong
    }

    /// Bytes and words of a search at the most. Reason: rows are asked for each of them.
    public static let byteCountMax = 1024
    public static let wordsMax = 32

    private let terms: [Term]
    /// Where an index finds the rows: those with an entry in every range. Each is given once.
    public let ranges: [Range]

    /// - Parameter text: UTF-8.
    public init(_ text: [UInt8]) throws(Refusal) {
        if text.count > Self.byteCountMax { throw .isTooLong }
        let terms = unsafe text.withUnsafeBytes { bytes in
            unsafe TextUnit.withUnits(bytes) { unsafe TextSearch.terms($0) }
        }
        if terms.isEmpty { throw .isEmpty }
        if terms.count > Self.wordsMax { throw .isTooLong }
        self.terms = terms
        var ranges: [Range] = []
        for term in terms {
            for range in TextSearch.ranges(term) where !ranges.contains(range) {
                ranges.append(range)
            }
        }
        self.ranges = ranges
    }

    /// Whether the ranges say all: a row with an entry in each of them matches.
    public var isExact: Bool { ranges.allSatisfy(\.isExact) }

    private static func ranges(_ term: Term) -> [Range] {
        switch term {
        case .word(let scalars): [TextKey.range(ofWord: scalars)] + digitRanges(inWord: scalars)
        case .number(let scalars): [TextKey.range(ofDigits: scalars)]
        case .ideographs(let scalars): TextKey.ranges(ofIdeographs: scalars)
        }
    }

    /// Keys say nothing of a word behind its first digit; its digits have keys of their own.
    private static func digitRanges(inWord scalars: [UInt32]) -> [Range] {
        scalars.split { $0 < 0x30 || $0 > 0x39 }.map { digits in
            var range = TextKey.range(ofDigits: Array(digits))
            range.isExact = false
            return range
        }
    }

    // MARK: Reading

    /// Digits in several parts that are one number, as phone numbers are written.
    private static let joinedDigitsMin = 7

    private static func terms(_ units: UnsafeBufferPointer<UInt32>) -> [Term] {
        var terms: [Term] = []
        // Parts of one number, one behind the other.
        var parts: [[UInt32]] = []
        func add(_ term: Term) {
            if !terms.contains(term) { terms.append(term) }
        }
        func endNumber() {
            let digits = parts.flatMap { $0 }
            if digits.count >= joinedDigitsMin {
                add(.number(digits))
            } else {
                for part in parts { add(.number(part)) }
            }
            parts = []
        }
        var place = 0
        while place < units.count {
            let unit = unsafe units[place]
            if TextUnit.isIdeograph(unit) {
                let run = unsafe run(units, &place, while: TextUnit.isIdeograph)
                endNumber()
                add(.ideographs(run.scalars))
            } else if TextUnit.isInWord(unit) {
                let run = unsafe run(units, &place, while: TextUnit.isInWord)
                if run.isNumber {
                    parts.append(run.scalars)
                } else {
                    endNumber()
                    add(.word(run.scalars))
                }
            } else {
                if unit != TextUnit.joint { endNumber() }
                place += 1
            }
        }
        endNumber()
        return terms
    }

    private static func run(
        _ units: UnsafeBufferPointer<UInt32>, _ place: inout Int, while belongs: (UInt32) -> Bool
    ) -> (scalars: [UInt32], isNumber: Bool) {
        var scalars: [UInt32] = []
        var isNumber = true
        while unsafe belongs(units[place]) {
            let unit = unsafe units[place]
            scalars.append(TextUnit.scalar(unit))
            if !TextUnit.isDigit(unit) { isNumber = false }
            place += 1
        }
        return (scalars, isNumber)
    }

    // MARK: Asking

    /// Whether a text is one of those that are searched for. O(n) for each word.
    public func matches(_ text: UnsafeRawBufferPointer) -> Bool {
        unsafe TextUnit.withUnits(text) { units in
            terms.allSatisfy { unsafe Self.isFound($0, in: units) }
        }
    }

    private static func isFound(_ term: Term, in units: UnsafeBufferPointer<UInt32>) -> Bool {
        switch term {
        case .word(let wanted):
            for place in units.indices where unsafe TextUnit.isStart(units[place]) {
                if unsafe begins(units, place, wanted, where: TextUnit.isInWord) { return true }
            }
        case .ideographs(let wanted):
            for place in units.indices where unsafe TextUnit.isIdeograph(units[place]) {
                if unsafe begins(units, place, wanted, where: TextUnit.isIdeograph) { return true }
            }
        case .number(let wanted):
            let isInner = wanted.count >= TextKey.innerDigitsMin
            for place in units.indices where unsafe TextUnit.isDigit(units[place]) {
                let mayBegin =
                    unsafe isInner || place == 0 || !TextUnit.isDigit(units[place - 1])
                if mayBegin, unsafe hasDigits(units, place, wanted) { return true }
            }
        }
        return false
    }

    @inline(__always)
    private static func begins(
        _ units: UnsafeBufferPointer<UInt32>, _ start: Int, _ wanted: [UInt32],
        where belongs: (UInt32) -> Bool
    ) -> Bool {
        var place = start
        for scalar in wanted {
            // The stop behind the last unit ends this at the latest.
            let unit = unsafe units[place]
            guard belongs(unit), TextUnit.scalar(unit) == scalar else { return false }
            place += 1
        }
        return true
    }

    @inline(__always)
    private static func hasDigits(
        _ units: UnsafeBufferPointer<UInt32>, _ start: Int, _ wanted: [UInt32]
    ) -> Bool {
        var place = start
        var next = 0
        while next < wanted.count {
            let unit = unsafe units[place]
            place += 1
            if unit == TextUnit.joint { continue }
            guard TextUnit.isDigit(unit), TextUnit.scalar(unit) == wanted[next] else {
                return false
            }
            next += 1
        }
        return true
    }
}
