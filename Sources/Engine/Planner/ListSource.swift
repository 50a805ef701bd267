import Store

/// Where a list finds its rows: a range of an index, a few named rows, the links of a relation, or
/// all pages of the table; and what is still to be asked of each row found.
struct ListSource: Sendable {
    enum Kind: Sendable {
        /// No row can match.
        case empty
        /// Entries of `index` between the bounds.
        case index
        /// `rows`, already known.
        case rows
        /// `found`, once `lookAhead` was followed.
        case found
        /// All pages of the table.
        case pages
        /// The targets of a relation that goes through another table.
        case links
    }

    /// A run of entries that is walked in one direction. The list is its segments one after
    /// another, unless ``mergesSegments``.
    struct Segment: Sendable {
        /// Bounds of the ordered word, both inclusive; everything for an index without one.
        var low: UInt64
        var high: UInt64
        var isBackward: Bool

        static let whole = Segment(low: 0, high: .max, isBackward: false)
    }

    var kind: Kind
    var index = IndexID(0)
    var hasEquality = false
    var hasOrder = false
    /// The equality word; with `ownerPlace` it is computed for each owner.
    var equalityWord: UInt64 = 0
    /// The codes of the equality columns, and which of them is the owner's ref.
    var equalityCodes: [UInt64] = []
    var ownerPlace: Int?
    /// Where the filter gives the equality columns several values: the codes of each combination,
    /// of which `equalityCodes` is the first. The list is the union of their ranges.
    var alternatives: [[UInt64]] = []
    /// The equality words of `alternatives`, each once; empty with `ownerPlace`.
    private(set) var unionWords: [UInt64] = []
    var segments: [Segment] = []
    /// The segments stand for one value each and are walked side by side, in the order of creation.
    var mergesSegments = false
    var rows: [UInt32] = []
    var lookAhead: LookAhead?
    /// The locators of rows, each once, in no order.
    var found: [UInt64] = []
    /// What looking ahead costs, as row visits.
    var aheadCost = 0.0
    /// The relation of `links`.
    var relation: Predicate.Relation?
    /// Rows come in the order of the list, so that the first page needs no others.
    var isOrdered = false
    /// What remains to be asked of each row.
    var residual: Predicate?
    /// Set where owners share equality words with others: the column that must lead to the owner.
    var verifiedOwner: Column?
    /// For explanations: the index's name and the rows expected.
    var name = ""
    var estimate = 0

    /// Whether rows that the source finds can still be turned down.
    var isFiltered: Bool { residual != nil || verifiedOwner != nil }

    /// Whether the index holds all rows of the table and every one of them is looked at.
    var coversTable: Bool {
        kind == .index && !hasEquality && segments.allSatisfy { $0.low == 0 && $0.high == .max }
    }

    /// Whether only some rows of the table are looked at.
    var isNarrow: Bool {
        switch kind {
        case .pages, .links: false
        case .index: !coversTable
        case .empty, .rows, .found: true
        }
    }

    /// Whether several ranges are walked side by side.
    var isUnion: Bool { !alternatives.isEmpty || mergesSegments }

    /// How many ranges the list is looked up in.
    var rangeCount: Int { max(1, alternatives.count) * max(1, segments.count) }

    /// The equality word for an owner.
    @inline(__always)
    func word(owner: RowRef) -> UInt64 {
        guard let ownerPlace else { return equalityWord }
        if equalityCodes.count == 1 { return KeyEncoding.ordered(reference: owner) }
        return Self.word(equalityCodes, ownerPlace, owner)
    }

    private static func word(_ codes: [UInt64], _ ownerPlace: Int?, _ owner: RowRef) -> UInt64 {
        var word: UInt64 = 0
        for (place, code) in codes.enumerated() {
            let part = place == ownerPlace ? KeyEncoding.ordered(reference: owner) : code
            word = place == 0 ? part : KeyEncoding.combined(word, part)
        }
        return word
    }

    /// The equality words of a union for an owner, each once; empty when there is but one.
    func words(owner: RowRef) -> [UInt64] {
        guard ownerPlace != nil, !alternatives.isEmpty else { return unionWords }
        return Self.unique(alternatives.map { Self.word($0, ownerPlace, owner) })
    }

    /// Sets the codes of the equality columns.
    /// - Parameter combinations: all of them when there are several, `codes` being the first.
    mutating func setEquality(_ codes: [UInt64], _ combinations: [[UInt64]]) {
        guard !codes.isEmpty else { return }
        hasEquality = true
        equalityCodes = codes
        alternatives = combinations
        guard ownerPlace == nil else { return }
        equalityWord = Self.word(codes, nil, .none)
        unionWords = Self.unique(alternatives.map { Self.word($0, nil, .none) })
    }

    private static func unique(_ words: [UInt64]) -> [UInt64] {
        words.isEmpty ? [] : Set(words).sorted()
    }

    /// The first key of a segment, and the first key behind it.
    @inline(__always)
    func bounds(_ segment: Segment, _ word: UInt64) -> (lower: TreeKey, upper: TreeKey) {
        switch (hasEquality, hasOrder) {
        case (true, true):
            (
                TreeKey(first: word, second: segment.low, locator: 0),
                TreeKey(first: word, second: segment.high, locator: .max)
            )
        case (true, false):
            (
                TreeKey(first: word, second: 0, locator: 0),
                TreeKey(first: word, second: 0, locator: .max)
            )
        case (false, true):
            (
                TreeKey(first: segment.low, second: 0, locator: 0),
                TreeKey(first: segment.high, second: 0, locator: .max)
            )
        case (false, false):
            (
                TreeKey(first: 0, second: 0, locator: 0),
                TreeKey(first: 0, second: 0, locator: .max)
            )
        }
    }

    /// The key of a place within a segment's order.
    func key(_ word: UInt64, ordered: UInt64, locator: UInt64) -> TreeKey {
        switch (hasEquality, hasOrder) {
        case (true, true): TreeKey(first: word, second: ordered, locator: locator)
        case (true, false): TreeKey(first: word, second: 0, locator: locator)
        case (false, true): TreeKey(first: ordered, second: 0, locator: locator)
        case (false, false): TreeKey(first: 0, second: 0, locator: locator)
        }
    }

    /// Entries in all segments, by two descents for each and for each word.
    func count(_ tree: TreeView, _ word: UInt64, _ words: [UInt64]) -> Int {
        if words.isEmpty { return count(tree, word) }
        return words.reduce(0) { $0 + count(tree, $1) }
    }

    private func count(_ tree: TreeView, _ word: UInt64) -> Int {
        var count = 0
        for segment in segments {
            let bounds = bounds(segment, word)
            count += tree.rank(of: bounds.upper) - tree.rank(of: bounds.lower)
        }
        return count
    }

    /// About as many; of many ranges a few are counted.
    func estimatedCount(_ tree: TreeView) -> Int {
        guard rangeCount > Self.countedRangesMax else {
            return count(tree, equalityWord, unionWords)
        }
        var sample = self
        sample.segments = Self.sample(segments)
        let words = Self.sample(unionWords)
        let share = max(1, words.count) * sample.segments.count
        let found = sample.count(tree, equalityWord, words)
        return found * (max(1, unionWords.count) * segments.count) / share
    }

    /// Ranges of which the entries are counted before it is decided to use them.
    private static let countedRangesMax = 32

    private static func sample<Element>(_ elements: [Element]) -> [Element] {
        let step = elements.count / 6
        return step < 2
            ? elements : stride(from: 0, to: elements.count, by: step).map { elements[$0] }
    }
}
