import Store

/// The page of a list, gathered: its rows lie on the executor's stack of page rows.
struct ListWindow {
    var start = 0
    var count = 0
    /// Whether the list goes on behind the page, and whether it began before it.
    var hasNext = false
    var hasPrevious = false
}

/// What a list did, for explanations.
public struct ListTrace: Sendable {
    /// Response keys from the root to the list.
    public let path: String
    /// The index or scan that found the rows.
    public let source: String
    public let isOrdered: Bool
    public let isFiltered: Bool
    public let rowsEstimated: Int
    public let rowsVisited: Int
    public let rowsReturned: Int
}

/// A part of an index that a list walks: entries with ranks `low ..< high`, in one direction.
struct RankRange {
    var low: Int
    var high: Int
    let isBackward: Bool

    var count: Int { high - low }
}

/// The entries of a list that an index gives in order, as ranks, cut by its cursors.
struct RankRanges {
    /// Runs of `runLength` ranges each, one run after another. The ranges of a run lie side by side
    /// and are merged.
    private(set) var ranges: [RankRange] = []
    let runLength: Int
    /// Ranges of a run are merged by the creation of their rows, not by the ordered column first.
    let isByCreation: Bool
    /// Set where the ordered column is a text.
    let ties: TextTies?
    /// Entries before the `after` cursor and behind the `before` cursor.
    private(set) var cutAtStart = 0
    private(set) var cutAtEnd = 0

    var count: Int { ranges.reduce(0) { $0 + $1.count } }

    /// - Parameter isCut: whether the list's cursors cut.
    init(_ frame: ListFrame, _ tree: TreeView, isCut: Bool = true) {
        let list = frame.list
        let source = list.source
        ties = TextTies(list, frame.table)
        isByCreation = !source.hasOrder || source.mergesSegments
        let wordCount = max(1, frame.words.count)
        runLength = source.mergesSegments ? wordCount * source.segments.count : wordCount
        for segment in source.segments {
            for place in 0..<wordCount {
                let word = frame.words.isEmpty ? frame.word : frame.words[place]
                let bounds = source.bounds(segment, word)
                var range = RankRange(
                    low: tree.rank(of: bounds.lower), high: tree.rank(of: bounds.upper),
                    isBackward: segment.isBackward)
                if isCut, let after = list.after {
                    cutAtStart += cut(&range, segment, list, word, tree, after, keepsLater: true)
                }
                if isCut, let before = list.before {
                    cutAtEnd += cut(&range, segment, list, word, tree, before, keepsLater: false)
                }
                ranges.append(range)
            }
        }
    }

    /// Cuts off what lies before a position in the list's order (or behind it), the position's own
    /// row included, and answers with the number of entries cut off.
    private func cut(
        _ range: inout RankRange, _ segment: ListSource.Segment, _ list: ResolvedList,
        _ word: UInt64, _ tree: TreeView, _ position: CursorPosition, keepsLater: Bool
    ) -> Int {
        let full = range.count
        // Without a key the segment is one value, or has none.
        let ordered = position.values.first.map(Self.code) ?? segment.low
        let side = list.order.keys.isEmpty ? 0 : Self.side(ordered, segment, list.order.keys[0])
        if side != 0 {
            // The whole segment is later (side < 0: the position comes before it) or earlier.
            if (side < 0) != keepsLater { range.high = range.low }
            return full - range.count
        }
        let creation = UInt64(position.creation) << 32
        // In ascending ranks: entries below the position's row, and entries up to and with it.
        func rank(_ locator: UInt64) -> Int {
            let key = list.source.key(word, ordered: ordered, locator: locator)
            let found: Int
            if let ties, case .text(let bytes) = position.values.first {
                found = tree.rank(of: key) { ties.compare(bytes, $0) }
            } else {
                found = tree.rank(of: key)
            }
            return max(range.low, min(range.high, found))
        }
        if keepsLater != range.isBackward {
            range.low = rank(creation | 0xFFFF_FFFF)
        } else {
            range.high = rank(creation)
        }
        return full - range.count
    }

    private static func code(_ value: CursorPosition.Value) -> UInt64 {
        switch value {
        case .null: KeyEncoding.null
        case .word(let word): word
        case .text(let bytes):
            unsafe bytes.withUnsafeBytes { unsafe KeyEncoding.ordered(text: $0) }
        }
    }

    /// Below zero when the position comes before the segment in the list's order, above when behind
    /// it, zero when it falls within.
    private static func side(
        _ code: UInt64, _ segment: ListSource.Segment, _ key: SortOrder.Key
    ) -> Int {
        if code >= segment.low && code <= segment.high { return 0 }
        if code == KeyEncoding.null { return key.nullsFirst ? -1 : 1 }
        if segment.low == KeyEncoding.null { return key.nullsFirst ? 1 : -1 }
        return (code < segment.low) != segment.isBackward ? -1 : 1
    }
}

/// Compares texts with the ordered text column of an index's rows.
struct TextTies {
    let table: TableView
    let column: Column

    /// Nil when the list is not in the order of a text.
    init?(_ list: ResolvedList, _ table: TableView) {
        guard list.source.hasOrder, let key = list.order.keys.first,
            case .column(let column) = key.source, column.code == .bytes
        else { return nil }
        self.table = table
        self.column = column
    }

    func compare(_ left: Locator, _ right: Locator) -> Int {
        unsafe TextMatch.order(
            table.row(left.ref).bytes(column), table.row(right.ref).bytes(column))
    }

    func compare(_ text: [UInt8], _ locator: Locator) -> Int {
        unsafe text.withUnsafeBytes {
            unsafe TextMatch.order($0, table.row(locator.ref).bytes(column))
        }
    }
}
