/// An index entry as it is sorted: its words in the order of their weight.
protocol IndexEntry: BitwiseCopyable {
    static var wordCount: Int { get }
    init(_ key: TreeKey)
    /// A word before the locator, `0..<wordCount - 1`.
    func word(_ position: Int) -> UInt64
    var lastWord: UInt64 { get }
    /// The locator's raw value.
    var locatorWord: UInt64 { get set }
    func hasSameWords(_ other: Self) -> Bool
}

struct PairEntry: IndexEntry {
    var first: UInt64
    var locatorWord: UInt64

    static var wordCount: Int { 2 }

    init(_ key: TreeKey) {
        self.init(first: key.first, locatorWord: key.locator)
    }

    init(first: UInt64, locatorWord: UInt64) {
        self.first = first
        self.locatorWord = locatorWord
    }

    @inline(__always) func word(_ position: Int) -> UInt64 { first }
    var lastWord: UInt64 { first }
    @inline(__always) func hasSameWords(_ other: PairEntry) -> Bool { first == other.first }
}

struct TripleEntry: IndexEntry {
    var first: UInt64
    var second: UInt64
    var locatorWord: UInt64

    static var wordCount: Int { 3 }

    init(_ key: TreeKey) {
        first = key.first
        second = key.second
        locatorWord = key.locator
    }

    @inline(__always)
    func word(_ position: Int) -> UInt64 { position == 0 ? first : second }

    var lastWord: UInt64 { second }

    @inline(__always)
    func hasSameWords(_ other: TripleEntry) -> Bool {
        first == other.first && second == other.second
    }
}

extension IndexEntry {
    @inline(__always) var locator: Locator { Locator(rawValue: locatorWord) }
}

/// A stable radix sort from the highest byte that differs to the lowest.
///
/// Stable, so that entries that come in the order of creation need no comparison of locators.
/// O(n) a byte that matters: a hash needs two rounds for a million entries, a column of a handful
/// of values one.
enum EntrySort {
    /// - Parameter spare: room for as many entries.
    static func sort<Entry: IndexEntry>(
        _ entries: UnsafeMutablePointer<Entry>, spare: UnsafeMutablePointer<Entry>, count: Int
    ) {
        unsafe sort(entries, spare, count, word: 0)
    }

    /// Below this, insertion is faster than counting.
    private static let insertionMax = 32

    /// Recursion at most as deep as the bytes before the locator, 16.
    private static func sort<Entry: IndexEntry>(
        _ entries: UnsafeMutablePointer<Entry>, _ spare: UnsafeMutablePointer<Entry>,
        _ count: Int, word startWord: Int
    ) {
        if count <= insertionMax { return unsafe insert(entries, count, word: startWord) }
        var word = startWord
        var difference: UInt64 = 0
        while true {
            let first = unsafe entries[0].word(word)
            var position = 1
            while position < count {
                difference |= unsafe entries[position].word(word) ^ first
                position &+= 1
            }
            if difference != 0 { break }
            word += 1
            if word == Entry.wordCount - 1 { return }
        }
        let shift = UInt64(max(0, 56 - difference.leadingZeroBitCount))
        unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 257) { ends in
            unsafe ends.initialize(repeating: 0)
            var position = 0
            while position < count {
                let digit = unsafe Int(
                    truncatingIfNeeded: entries[position].word(word) &>> shift & 0xFF)
                unsafe ends[digit &+ 1] &+= 1
                position &+= 1
            }
            for digit in 1...256 { unsafe ends[digit] &+= ends[digit &- 1] }
            position = 0
            while position < count {
                let entry = unsafe entries[position]
                let digit = Int(truncatingIfNeeded: entry.word(word) &>> shift & 0xFF)
                unsafe spare[ends[digit]] = entry
                unsafe ends[digit] &+= 1
                position &+= 1
            }
            unsafe entries.update(from: spare, count: count)
            // Each end has moved on to where the next digit began.
            var start = 0
            for digit in 0..<256 {
                let end = unsafe ends[digit]
                if end &- start > 1 {
                    unsafe sort(entries + start, spare + start, end &- start, word: word)
                }
                start = end
            }
        }
    }

    private static func insert<Entry: IndexEntry>(
        _ entries: UnsafeMutablePointer<Entry>, _ count: Int, word: Int
    ) {
        var position = 1
        while position < count {
            let entry = unsafe entries[position]
            var place = position
            while place > 0, unsafe isBefore(entry, entries[place &- 1], word: word) {
                unsafe entries[place] = unsafe entries[place &- 1]
                place &-= 1
            }
            unsafe entries[place] = entry
            position &+= 1
        }
    }

    @inline(__always)
    private static func isBefore<Entry: IndexEntry>(
        _ left: Entry, _ right: Entry, word: Int
    ) -> Bool {
        var word = word
        while word < Entry.wordCount - 1 {
            if left.word(word) != right.word(word) { return left.word(word) < right.word(word) }
            word &+= 1
        }
        return false
    }
}

/// Sorts entries whose words are equal by the texts in their rows, eight bytes at a time.
struct TextSort {
    let rows: TableView
    let column: Column

    /// Bytes after which whole texts are compared instead: longer common beginnings are rare.
    private static let prefixMax = 64

    /// Runs up to this length are sorted by comparing whole texts.
    private static let comparedMax = 16

    mutating func sort<Entry: IndexEntry>(_ entries: UnsafeMutablePointer<Entry>, count: Int) {
        let pairs = UnsafeMutablePointer<PairEntry>.allocate(capacity: count)
        let spare = UnsafeMutablePointer<PairEntry>.allocate(capacity: count)
        defer {
            unsafe pairs.deallocate()
            unsafe spare.deallocate()
        }
        for position in 0..<count {
            let word = unsafe entries[position].locatorWord
            unsafe (pairs + position).initialize(to: PairEntry(first: 0, locatorWord: word))
        }
        unsafe sort(pairs, spare, count, offset: 8)
        for position in 0..<count {
            unsafe entries[position].locatorWord = unsafe pairs[position].locatorWord
        }
    }

    /// Sorts entries whose texts agree before `offset`; recursion at most `prefixMax` / 8 deep.
    private func sort(
        _ pairs: UnsafeMutablePointer<PairEntry>, _ spare: UnsafeMutablePointer<PairEntry>,
        _ count: Int, offset: Int
    ) {
        if count <= TextSort.comparedMax || offset > TextSort.prefixMax {
            var run = unsafe UnsafeMutableBufferPointer(start: pairs, count: count)
            return unsafe run.sort { isBefore($0.locator, $1.locator) }
        }
        for position in 0..<count {
            let text = unsafe text(pairs[position].locator)
            let rest = unsafe UnsafeRawBufferPointer(rebasing: text.dropFirst(offset))
            unsafe pairs[position].first = unsafe KeyEncoding.ordered(text: rest)
        }
        unsafe EntrySort.sort(pairs, spare: spare, count: count)
        var start = 0
        while start < count {
            var end = start + 1
            while unsafe end < count && pairs[end].first == pairs[start].first { end += 1 }
            if end - start > 1 {
                unsafe sort(pairs + start, spare + start, end - start, offset: offset + 8)
            }
            start = end
        }
    }

    private func text(_ locator: Locator) -> UnsafeRawBufferPointer {
        unsafe rows.row(locator.ref).bytes(column)
    }

    private func isBefore(_ left: Locator, _ right: Locator) -> Bool {
        let order = unsafe IndexPlan.compare(text(left), text(right))
        return order != 0 ? order < 0 : left < right
    }
}
