/// The words of index entries for the words of a text, eight bytes each, so that what begins with
/// the same letters lies together.
///
/// The first four bits say what follows:
///
/// - 1: up to 15 digits of a number, four bits each, from 1 for 0 to 10 for 9;
/// - 2: up to 12 letters of a word that begins with a to z, five bits each, from 1 for a to 26 for
///   z; 27 stands for anything else, and nothing is said behind it;
/// - others: the first eight bytes in UTF-8: other words, and one or two ideographs.
///
/// The rest is 0. So nearly all names, phone and card numbers are told in full, in half the memory
/// that sixteen bytes of UTF-8 would take.
enum TextKey {
    /// Takes units one by one, until it is full.
    private struct Packer {
        private(set) var word: UInt64
        /// Bits not yet used.
        private(set) var room: UInt64
        /// Whether everything so far could be told.
        private(set) var isExact = true
        private(set) var isFull = false
        private let isLetters: Bool

        /// For digits of a number.
        static var digits: Packer { Packer(word: 1 << 60, room: 60, isLetters: false) }

        /// - Parameter scalar: the first that will be added.
        init(first scalar: UInt32) {
            isLetters = scalar &- 0x61 < 26
            word = isLetters ? 2 << 60 : 0
            room = isLetters ? 60 : 64
        }

        private init(word: UInt64, room: UInt64, isLetters: Bool) {
            self.word = word
            self.room = room
            self.isLetters = isLetters
        }

        mutating func add(digit scalar: UInt32) {
            guard room >= 4 else { return overflow() }
            room -= 4
            word |= UInt64(scalar &- 0x2F) << room
        }

        mutating func add(_ scalar: UInt32) {
            if isFull { return }
            guard isLetters else { return addBytes(scalar) }
            guard room >= 5 else { return overflow() }
            room -= 5
            let place = scalar &- 0x61
            word |= UInt64(place < 26 ? place + 1 : 27) << room
            if place >= 26 { overflow() }
        }

        private mutating func addBytes(_ scalar: UInt32) {
            if scalar < 0x80 {
                add(byte: scalar)
            } else if scalar < 0x800 {
                add(byte: 0xC0 | scalar >> 6)
                add(byte: 0x80 | scalar & 0x3F)
            } else if scalar < 0x10000 {
                add(byte: 0xE0 | scalar >> 12)
                add(byte: 0x80 | scalar >> 6 & 0x3F)
                add(byte: 0x80 | scalar & 0x3F)
            } else {
                add(byte: 0xF0 | scalar >> 18)
                add(byte: 0x80 | scalar >> 12 & 0x3F)
                add(byte: 0x80 | scalar >> 6 & 0x3F)
                add(byte: 0x80 | scalar & 0x3F)
            }
        }

        private mutating func add(byte: UInt32) {
            guard room >= 8 else { return overflow() }
            room -= 8
            word |= UInt64(byte) << room
        }

        private mutating func overflow() {
            isExact = false
            isFull = true
        }

        /// The keys of all that begin with what was added.
        var range: TextSearch.Range {
            TextSearch.Range(
                low: word, high: room == 0 ? word : word | (1 << room - 1), isExact: isExact)
        }
    }

    // MARK: Of a text

    /// Digits that are found inside a number, and not only where a part of it begins.
    static let innerDigitsMin = 3

    /// Appends the keys of a text, ascending, each once. O(n log n).
    static func append(of text: UnsafeRawBufferPointer, to keys: inout [UInt64]) {
        let start = keys.count
        unsafe TextUnit.withUnits(text) { units in
            for place in units.indices {
                let unit = unsafe units[place]
                if TextUnit.isDigit(unit) {
                    let isPartStart = unsafe place == 0 || !TextUnit.isDigit(units[place - 1])
                    if let key = unsafe digits(units, place, isPartStart: isPartStart) {
                        keys.append(key)
                    }
                }
                if TextUnit.isIdeograph(unit) {
                    keys.append(unsafe ideographs(units, place))
                } else if TextUnit.isStart(unit), let key = unsafe word(units, place) {
                    keys.append(key)
                }
            }
        }
        guard keys.count - start > 1 else { return }
        keys[start...].sort()
        var end = start + 1
        for place in (start + 1)..<keys.count where keys[place] != keys[end - 1] {
            keys[end] = keys[place]
            end += 1
        }
        keys.removeSubrange(end...)
    }

    private static func digits(
        _ units: UnsafeBufferPointer<UInt32>, _ start: Int, isPartStart: Bool
    ) -> UInt64? {
        var packer = Packer.digits
        var count = 0
        var place = start
        while !packer.isFull {
            let unit = unsafe units[place]
            if TextUnit.isDigit(unit) {
                packer.add(digit: TextUnit.scalar(unit))
                count += 1
            } else if unit != TextUnit.joint {
                break
            }
            place += 1
        }
        return isPartStart || count >= innerDigitsMin ? packer.word : nil
    }

    private static func ideographs(_ units: UnsafeBufferPointer<UInt32>, _ place: Int) -> UInt64 {
        let first = unsafe TextUnit.scalar(units[place])
        var packer = Packer(first: first)
        packer.add(first)
        let next = unsafe units[place + 1]
        if TextUnit.isIdeograph(next) { packer.add(TextUnit.scalar(next)) }
        return packer.word
    }

    /// The key of the word that begins there; nil for digits alone.
    private static func word(_ units: UnsafeBufferPointer<UInt32>, _ start: Int) -> UInt64? {
        var packer = unsafe Packer(first: TextUnit.scalar(units[start]))
        var place = start
        var hasLetter = false
        while true {
            let unit = unsafe units[place]
            guard TextUnit.isInWord(unit) else { break }
            if !packer.isFull { packer.add(TextUnit.scalar(unit)) }
            if !TextUnit.isDigit(unit) { hasLetter = true }
            if hasLetter && packer.isFull { break }
            place += 1
        }
        return hasLetter ? packer.word : nil
    }

    // MARK: Of what is searched

    static func range(ofWord scalars: [UInt32]) -> TextSearch.Range {
        var packer = Packer(first: scalars.first ?? 0)
        for scalar in scalars { packer.add(scalar) }
        return packer.range
    }

    static func range(ofDigits scalars: [UInt32]) -> TextSearch.Range {
        var packer = Packer.digits
        for scalar in scalars { packer.add(digit: scalar) }
        var range = packer.range
        // Inside of numbers are entries that such few digits do not ask for.
        if scalars.count < innerDigitsMin { range.isExact = false }
        return range
    }

    /// One for a character alone, else one for each pair.
    static func ranges(ofIdeographs scalars: [UInt32]) -> [TextSearch.Range] {
        if scalars.count == 1 { return [range(ofWord: scalars)] }
        return (1..<scalars.count).map { place in
            var packer = Packer(first: scalars[place - 1])
            packer.add(scalars[place - 1])
            packer.add(scalars[place])
            // Longer ones are asked of the row, because pairs do not say where they lie.
            let key = packer.word
            return TextSearch.Range(low: key, high: key, isExact: scalars.count == 2)
        }
    }
}
