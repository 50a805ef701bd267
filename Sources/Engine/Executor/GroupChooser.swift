import Store

/// Chooses the groups of an answer: those that `having` lets through, in order, the first of them.
struct GroupChooser {
    private let grouping: ResolvedGrouping
    private let table: GroupTable
    private let hiddenCounts: Range<Int>
    private let view: MeteredView
    /// The groups of the answer, in order.
    private(set) var shown: [Int] = []
    /// An aggregate that groups are compared by and that is out of range in one of them.
    private(set) var outOfRange: Int?

    /// - Parameter list: whose rows were put into groups.
    init(
        _ grouping: ResolvedGrouping, _ table: GroupTable, of list: ResolvedList,
        _ view: MeteredView
    ) {
        self.grouping = grouping
        self.table = table
        hiddenCounts = list.hiddenCounts
        self.view = view
    }

    /// False when the operation must be given up.
    /// - Complexity: O(groups × log(groups shown)).
    mutating func choose() -> Bool {
        guard let first = grouping.order.first else { return true }
        if let column = firstOutOfRange() {
            outOfRange = column
            return true
        }
        let grouping = grouping
        let table = table
        let view = view
        func precedes(_ left: RowSorter.Item, _ right: RowSorter.Item) -> Bool {
            if left.word != right.word { return left.word < right.word }
            for key in grouping.order {
                let order = key.compare(
                    value(key.measure, Int(left.locator)), value(key.measure, Int(right.locator)),
                    view)
                if order != 0 { return order < 0 }
            }
            return false
        }
        func value(_ measure: ResolvedGrouping.Measure, _ group: Int) -> Measured {
            Measured(measure, group, table, grouping, view)
        }
        var sorter = RowSorter()
        sorter.begin(limit: grouping.size, isReversed: false)
        for group in 0..<table.count {
            guard view.meter.visit(1) else { return false }
            guard isShown(group) else { continue }
            sorter.add(
                RowSorter.Item(
                    word: first.word(value(first.measure, group)), locator: UInt64(group)),
                precedes: precedes)
        }
        shown = sorter.finish(precedes: precedes).map { Int($0.locator) }
        return true
    }

    /// Sums that cannot be told decide nothing.
    private func firstOutOfRange() -> Int? {
        for measure in grouping.measures + grouping.order.map(\.measure) {
            guard case .aggregate(let column) = measure,
                grouping.request.aggregates[column].function == .sum
            else { continue }
            for group in 0..<table.count where table.result(group, column).isOutOfRange {
                return column
            }
        }
        return nil
    }

    private func isShown(_ group: Int) -> Bool {
        if hiddenCounts.contains(table.rowCount(group)) { return false }
        if case .always = grouping.having { return true }
        return holds(grouping.having, group)
    }

    /// The rulings on filters hold: a comparison with null is false.
    private func holds(_ condition: Condition, _ group: Int) -> Bool {
        switch condition {
        case .always: return true
        case .and(let parts): return parts.allSatisfy { holds($0, group) }
        case .or(let parts): return parts.contains { holds($0, group) }
        case .not(let inner): return !holds(inner, group)
        case .isNull(let place): return measured(place, group).isNull
        case .integers(let place, let low, let high):
            guard case .integer(let value) = measured(place, group) else { return false }
            return value >= low && value <= high
        case .integerSet(let place, let set):
            guard case .integer(let value) = measured(place, group) else { return false }
            return set.contains(value)
        case .doubles(let place, let low, let high):
            guard case .double(let value) = measured(place, group) else { return false }
            return value >= low && value <= high
        case .doubleSet(let place, let set):
            guard case .double(let value) = measured(place, group) else { return false }
            return set.contains(value)
        default: return false
        }
    }

    private func measured(_ place: ColumnID, _ group: Int) -> Measured {
        Measured(grouping.measures[place], group, table, grouping, view)
    }
}

/// What a group is compared by.
private enum Measured {
    case null
    case integer(Int64)
    case double(Double)
    case text([UInt8])

    init(
        _ measure: ResolvedGrouping.Measure, _ group: Int, _ table: GroupTable,
        _ grouping: ResolvedGrouping, _ view: MeteredView
    ) {
        switch measure {
        case .count: self = .integer(Int64(table.rowCount(group)))
        case .aggregate(let place):
            switch table.result(group, place).value {
            case .null, .outOfRange: self = .null
            case .integer(let number): self = .integer(number)
            case .double(let number): self = .double(number)
            case .text(let bytes): self = .text(bytes)
            }
        case .key(let place):
            switch table.key(group, place) {
            case .null: self = .null
            case .integer(let number): self = .integer(number)
            case .double(let number): self = .double(number)
            case .text(let bytes): self = .text(bytes)
            case .row(let ref):
                // Rows come in the order of their creation.
                self =
                    grouping.targets[place].map {
                        .integer(Int64(view.table($0).row(ref).creation))
                    } ?? .null
            }
        }
    }

    var isNull: Bool { if case .null = self { true } else { false } }
}

extension ResolvedGrouping.OrderKey {
    /// A word that sorts as this key does, as far as it goes.
    fileprivate func word(_ value: Measured) -> UInt64 {
        let word: UInt64
        switch value {
        case .null: return nullsFirst ? 0 : .max
        case .integer(let number): word = KeyEncoding.ordered(int64: number)
        case .double(let number): word = KeyEncoding.ordered(double: number)
        case .text(let bytes):
            word = unsafe bytes.withUnsafeBytes { unsafe KeyEncoding.ordered(text: $0) }
        }
        return isDescending ? ~word : word
    }

    /// Below, at or above zero as one value comes before, with or after another.
    fileprivate func compare(_ left: Measured, _ right: Measured, _ view: MeteredView) -> Int {
        let order: Int
        switch (left, right) {
        case (.null, .null): return 0
        case (.null, _): return nullsFirst ? -1 : 1
        case (_, .null): return nullsFirst ? 1 : -1
        case (.integer(let a), .integer(let b)): order = a < b ? -1 : a > b ? 1 : 0
        case (.double(let a), .double(let b)): order = a < b ? -1 : a > b ? 1 : 0
        case (.text(let a), .text(let b)):
            order = unsafe a.withUnsafeBytes { a in
                unsafe b.withUnsafeBytes { unsafe TextMatch.order(a, $0) }
            }
        default: order = 0
        }
        return isDescending ? -order : order
    }
}
