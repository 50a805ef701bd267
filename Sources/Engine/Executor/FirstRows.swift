import Store

/// The first rows of several groups in the order of a list, found in one pass over its rows.
struct FirstRows {
    private struct Item {
        /// Decides most comparisons.
        let word: UInt64
        let locator: Locator
    }

    private let order: SortOrder
    private let table: TableView
    private let view: MeteredView
    private let limit: Int
    /// By group: its first rows so far, in order.
    private var groups: [[Item]]

    init(
        _ order: SortOrder, _ table: TableView, _ view: MeteredView, groupCount: Int, limit: Int
    ) {
        self.order = order
        self.table = table
        self.view = view
        self.limit = limit
        groups = Array(repeating: [], count: groupCount)
    }

    var rows: [[RowRef]] { groups.map { $0.map(\.locator.ref) } }

    mutating func add(_ row: RowView, _ locator: Locator, to group: Int) {
        let item = Item(word: order.word(row, locator.ref, view), locator: locator)
        let count = groups[group].count
        if count == limit, !precedes(item, groups[group][count - 1]) { return }
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if precedes(item, groups[group][middle]) { high = middle } else { low = middle + 1 }
        }
        if count == limit { groups[group].removeLast() }
        // An operation that is being given up no longer compares as it did.
        groups[group].insert(item, at: min(low, groups[group].count))
    }

    private func precedes(_ left: Item, _ right: Item) -> Bool {
        if left.word != right.word { return left.word < right.word }
        return order.compare(
            (table.row(left.locator.ref), left.locator),
            (table.row(right.locator.ref), right.locator), view) < 0
    }
}
