import Store

/// Finds the first rows of a list in an order that no index gives.
///
/// Rows are kept as a word, by which most comparisons are decided, and a locator. When only the
/// first few rows are wanted, a heap of that many is kept; else all are sorted.
struct RowSorter {
    struct Item {
        var word: UInt64
        var locator: UInt64
    }

    private(set) var items: [Item] = []
    private var limit = Int.max
    private var isReversed = false
    /// The heap is in order: its root is the last of the rows kept.
    private var isHeap = false

    /// Begins anew: keep the `limit` first rows, or the last ones when `isReversed`.
    mutating func begin(limit: Int, isReversed: Bool) {
        items.removeAll(keepingCapacity: items.capacity <= Self.keptMax)
        self.limit = limit
        self.isReversed = isReversed
        isHeap = false
    }

    /// Takes in a row.
    ///
    /// - Parameter precedes: the order of the list.
    @inline(__always)
    mutating func add(_ item: Item, precedes: (Item, Item) -> Bool) {
        if items.count < limit {
            items.append(item)
            if items.count == limit && limit <= Self.heapMax { makeHeap(precedes) }
            return
        }
        if limit == 0 { return }
        if !isHeap {
            items.append(item)
            return
        }
        // The root is the worst of the best: anything behind it is of no interest.
        if comesFirst(item, items[0], precedes) {
            items[0] = item
            siftDown(0, precedes)
        }
    }

    /// The rows kept, in the order of the list, `limit` at the most.
    mutating func finish(precedes: (Item, Item) -> Bool) -> [Item] {
        // What is not kept is handed over, so that it is not there twice.
        var sorted: [Item] = []
        if items.count > Self.keptMax { swap(&sorted, &items) } else { sorted = items }
        sorted.sort { comesFirst($0, $1, precedes) }
        if sorted.count > limit { sorted.removeSubrange(limit...) }
        if isReversed { sorted.reverse() }
        items.removeAll(keepingCapacity: items.capacity <= Self.keptMax)
        return sorted
    }

    /// Items that there is room for from one list to the next.
    private static let keptMax = 1 << 16

    /// Above this, sorting everything once is no dearer.
    private static let heapMax = 1 << 14

    @inline(__always)
    private func comesFirst(_ left: Item, _ right: Item, _ precedes: (Item, Item) -> Bool) -> Bool {
        isReversed ? precedes(right, left) : precedes(left, right)
    }

    private mutating func makeHeap(_ precedes: (Item, Item) -> Bool) {
        isHeap = true
        guard items.count > 1 else { return }
        for place in stride(from: items.count / 2 - 1, through: 0, by: -1) {
            siftDown(place, precedes)
        }
    }

    private mutating func siftDown(_ start: Int, _ precedes: (Item, Item) -> Bool) {
        var place = start
        let item = items[place]
        while true {
            var child = 2 * place + 1
            if child >= items.count { break }
            if child + 1 < items.count, comesFirst(items[child], items[child + 1], precedes) {
                child += 1
            }
            if !comesFirst(item, items[child], precedes) { break }
            items[place] = items[child]
            place = child
        }
        items[place] = item
    }
}
