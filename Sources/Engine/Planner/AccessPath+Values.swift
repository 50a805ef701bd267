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
        _ column: ColumnID, _ conjuncts: [Condition], max: Int
    ) -> (segments: [ListSource.Segment], served: [Int], isNarrow: Bool) {
        var segment = ListSource.Segment.whole
        var served: [Int] = []
        var isNarrow = false
        var points: (words: [UInt64], isExact: Bool, place: Int)?
        for (place, conjunct) in conjuncts.enumerated() {
            if let range = range(conjunct, column) {
                segment.low = Swift.max(segment.low, range.low)
                segment.high = Swift.min(segment.high, range.high)
                isNarrow = true
                if range.isExact { served.append(place) }
            } else if let found = self.points(conjunct, column), found.words.count <= max,
                found.words.count < points?.words.count ?? .max
            {
                points = (found.words, found.isExact, place)
            }
        }
        if segment.low > segment.high { return ([], served, true) }
        guard let points else { return ([segment], served, isNarrow) }
        if points.isExact { served.append(points.place) }
        let within = points.words.filter { $0 >= segment.low && $0 <= segment.high }
        return (
            within.map { ListSource.Segment(low: $0, high: $0, isBackward: false) }, served, true
        )
    }

    /// The words of the values that a conjunct names, ascending, each once, and whether those words
    /// say all that the conjunct says.
    private func points(
        _ conjunct: Condition, _ column: ColumnID
    ) -> (words: [UInt64], isExact: Bool)? {
        var words: [UInt64] = []
        var isExact = true
        switch conjunct {
        case .integerSet(column, let values):
            words = values.map { KeyEncoding.ordered(int64: $0) }
        case .doubleSet(column, let values):
            words = values.map { KeyEncoding.ordered(double: $0) }
        case .textSet(column, let texts, ignoresCase: false):
            isExact = false
            for text in texts {
                words.append(unsafe text.withUnsafeBytes { unsafe KeyEncoding.ordered(text: $0) })
            }
        case .or(let parts):
            for part in parts {
                if let range = range(part, column), range.low == range.high {
                    words.append(range.low)
                    isExact = isExact && range.isExact
                } else if let found = points(part, column) {
                    words += found.words
                    isExact = isExact && found.isExact
                } else {
                    return nil
                }
            }
        default: return nil
        }
        return words.isEmpty ? nil : (Set(words).sorted(), isExact)
    }

    /// The words between which the values lie that a conjunct leaves, and whether those words say
    /// all that the conjunct says.
    private func range(_ conjunct: Condition, _ column: ColumnID) -> (
        low: UInt64, high: UInt64, isExact: Bool
    )? {
        switch conjunct {
        case .integers(column, let low, let high):
            return (
                KeyEncoding.ordered(int64: low),
                min(KeyEncoding.ordered(int64: high), KeyEncoding.null - 1), true
            )
        case .doubles(column, let low, let high):
            return (KeyEncoding.ordered(double: low), KeyEncoding.ordered(double: high), true)
        case .isNull(column): return (KeyEncoding.null, KeyEncoding.null, true)
        case .not(.isNull(column)): return (0, KeyEncoding.null - 1, true)
        case .text(column, let operation, let bytes, ignoresCase: false):
            let word = unsafe bytes.withUnsafeBytes { unsafe KeyEncoding.ordered(text: $0) }
            switch operation {
            case .textEqual: return (word, word, false)
            case .textLess, .textLessOrEqual: return (0, word, false)
            case .textGreater, .textGreaterOrEqual: return (word, KeyEncoding.null - 1, false)
            case .textStarts:
                let shared = min(bytes.count, 8)
                let rest =
                    shared == 0 ? UInt64.max : shared == 8 ? 0 : UInt64.max >> UInt64(8 * shared)
                return (word, min(word | rest, KeyEncoding.null - 1), false)
            default: return nil
            }
        default: return nil
        }
    }
}
