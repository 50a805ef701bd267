import Store

/// Which values of a column a filter leaves, as words of an index.
extension AccessPath {
    /// One code or several, each once.
    struct Codes {
        let first: UInt64
        var others: [UInt64] = []

        var count: Int { 1 + others.count }
        var all: [UInt64] { [first] + others }

        func contains(_ code: UInt64) -> Bool { code == first || others.contains(code) }
    }

    /// The codes of the values that some conjunct fixes a column to, the fewest that there are, and
    /// the place of that conjunct.
    func codes(_ column: ColumnID, _ conjuncts: [Condition]) -> (Codes, Int)? {
        var best: (codes: Codes, place: Int)?
        for (place, conjunct) in conjuncts.enumerated() {
            if let code = code(column, conjunct) { return (Codes(first: code), place) }
            guard var codes = codes(column, conjunct) else { continue }
            codes.sort()
            var unique = Codes(first: codes[0])
            for (code, before) in zip(codes.dropFirst(), codes) where code != before {
                unique.others.append(code)
            }
            if unique.count < best?.codes.count ?? .max { best = (unique, place) }
        }
        return best
    }

    /// The code of the one value that a conjunct fixes a column to.
    private func code(_ column: ColumnID, _ conjunct: Condition) -> UInt64? {
        switch conjunct {
        case .integers(column, let low, let high) where low == high:
            return KeyEncoding.ordered(int64: low)
        case .doubles(column, let low, let high) where low == high:
            return KeyEncoding.ordered(double: low)
        case .references(column, let refs) where refs.count == 1: return UInt64(refs[0])
        case .text(column, .textEqual, let bytes, ignoresCase: false): return code(bytes)
        case .isNull(column): return KeyEncoding.null
        default: return nil
        }
    }

    /// The codes of the values that a conjunct leaves; nil when they are not named, or too many.
    private func codes(_ column: ColumnID, _ conjunct: Condition) -> [UInt64]? {
        func some<Value>(_ values: [Value], _ code: (Value) -> UInt64) -> [UInt64]? {
            values.isEmpty || values.count > Self.rangesMax ? nil : values.map(code)
        }
        switch conjunct {
        case .integerSet(column, let values):
            return some(values) { KeyEncoding.ordered(int64: $0) }
        case .doubleSet(column, let values):
            return some(values) { KeyEncoding.ordered(double: $0) }
        case .references(column, let refs): return some(refs) { UInt64($0) }
        case .textSet(column, let texts, ignoresCase: false): return some(texts) { code($0) }
        case .or(let parts):
            var all: [UInt64] = []
            for part in parts {
                if let code = code(column, part) {
                    all.append(code)
                } else if let codes = codes(column, part) {
                    all += codes
                } else {
                    return nil
                }
            }
            return all.isEmpty || all.count > Self.rangesMax ? nil : all
        default: return nil
        }
    }

    private func code(_ text: [UInt8]) -> UInt64 {
        unsafe text.withUnsafeBytes {
            unsafe KeyEncoding.equality(text: $0, seed: context.store.seed)
        }
    }

    // MARK: Ordered columns

    /// The parts of an ordered column that the filter leaves, ascending, and which conjuncts these
    /// say in full. No parts: nothing is left.
    func segments(
        _ column: ColumnID, _ order: IndexOrder, _ conjuncts: [Condition], max: Int
    ) -> (segments: [ListSource.Segment], served: [Int], isNarrow: Bool) {
        var whole = WordRange(low: 0, high: .max, isExact: true)
        var served: [Int] = []
        var isNarrow = false
        var several: (ranges: [WordRange], place: Int)?
        for (place, conjunct) in conjuncts.enumerated() {
            if let range = range(conjunct, column, order) {
                whole.low = Swift.max(whole.low, range.low)
                whole.high = Swift.min(whole.high, range.high)
                isNarrow = true
                if range.isExact { served.append(place) }
            } else if let ranges = ranges(conjunct, column, order), ranges.count <= max,
                ranges.count < several?.ranges.count ?? .max
            {
                several = (ranges, place)
            }
        }
        guard let several else {
            let segments = whole.low > whole.high ? [] : [whole.segment]
            return (segments, served, isNarrow)
        }
        if several.ranges.allSatisfy(\.isExact) { served.append(several.place) }
        let segments = several.ranges.compactMap { range -> ListSource.Segment? in
            var part = range
            part.low = Swift.max(range.low, whole.low)
            part.high = Swift.min(range.high, whole.high)
            return part.low > part.high ? nil : part.segment
        }
        return (segments, served, true)
    }

    /// The words between which values lie, both inclusive, and whether these words say all that
    /// the filter says.
    private struct WordRange {
        var low: UInt64
        var high: UInt64
        var isExact: Bool

        var segment: ListSource.Segment {
            ListSource.Segment(low: low, high: high, isBackward: false)
        }
    }

    /// The ranges of an alternative between values or ranges of one column, ascending and apart
    /// from each other; nil when there are none, or too many.
    private func ranges(
        _ conjunct: Condition, _ column: ColumnID, _ order: IndexOrder
    ) -> [WordRange]? {
        guard let all = allRanges(conjunct, column, order), !all.isEmpty,
            all.count <= Self.rangesMax
        else { return nil }
        var apart: [WordRange] = []
        for range in all.sorted(by: { $0.low < $1.low }) where range.low <= range.high {
            if let last = apart.last, range.low <= last.high {
                apart[apart.count - 1].high = max(last.high, range.high)
                apart[apart.count - 1].isExact = last.isExact && range.isExact
            } else {
                apart.append(range)
            }
        }
        return apart
    }

    private func allRanges(
        _ conjunct: Condition, _ column: ColumnID, _ order: IndexOrder
    ) -> [WordRange]? {
        func points<Value>(
            _ values: [Value], isExact: Bool = true, _ word: (Value) -> UInt64
        ) -> [WordRange]? {
            guard order == .value, values.count <= Self.rangesMax else { return nil }
            return values.map { value in
                let word = word(value)
                return WordRange(low: word, high: word, isExact: isExact)
            }
        }
        if let range = range(conjunct, column, order) { return [range] }
        switch conjunct {
        case .integerSet(column, let values):
            return points(values) { KeyEncoding.ordered(int64: $0) }
        case .doubleSet(column, let values):
            return points(values) { KeyEncoding.ordered(double: $0) }
        case .textSet(column, let texts, ignoresCase: false):
            return points(texts, isExact: false) { text in
                unsafe text.withUnsafeBytes { unsafe KeyEncoding.ordered(text: $0) }
            }
        case .or(let parts):
            var all: [WordRange] = []
            for part in parts {
                guard let found = allRanges(part, column, order) else { return nil }
                all += found
            }
            return all
        default: return nil
        }
    }

    /// The words between which the values lie that a conjunct leaves.
    private func range(
        _ conjunct: Condition, _ column: ColumnID, _ order: IndexOrder
    ) -> WordRange? {
        switch conjunct {
        case .isNull(column):
            return WordRange(low: KeyEncoding.null, high: KeyEncoding.null, isExact: true)
        case .not(.isNull(column)):
            return WordRange(low: 0, high: KeyEncoding.null - 1, isExact: true)
        case .monthDays(column, let low, let high) where order == .monthDay:
            return WordRange(
                low: KeyEncoding.ordered(monthDay: low), high: KeyEncoding.ordered(monthDay: high),
                isExact: true)
        case .integers(column, let low, let high) where order == .value:
            return WordRange(
                low: KeyEncoding.ordered(int64: low),
                high: min(KeyEncoding.ordered(int64: high), KeyEncoding.null - 1), isExact: true)
        case .doubles(column, let low, let high):
            return WordRange(
                low: KeyEncoding.ordered(double: low), high: KeyEncoding.ordered(double: high),
                isExact: true)
        case .text(column, let operation, let bytes, ignoresCase: false):
            return range(operation, bytes)
        default: return nil
        }
    }

    /// Words know the beginning of a text only.
    private func range(_ operation: Predicate.Node.Operation, _ bytes: [UInt8]) -> WordRange? {
        let word = unsafe bytes.withUnsafeBytes { unsafe KeyEncoding.ordered(text: $0) }
        switch operation {
        case .textEqual: return WordRange(low: word, high: word, isExact: false)
        case .textLess, .textLessOrEqual: return WordRange(low: 0, high: word, isExact: false)
        case .textGreater, .textGreaterOrEqual:
            return WordRange(low: word, high: KeyEncoding.null - 1, isExact: false)
        case .textStarts:
            let shared = min(bytes.count, 8)
            let rest =
                shared == 0 ? UInt64.max : shared == 8 ? 0 : UInt64.max >> UInt64(8 * shared)
            return WordRange(
                low: word, high: min(word | rest, KeyEncoding.null - 1), isExact: false)
        default: return nil
        }
    }
}
