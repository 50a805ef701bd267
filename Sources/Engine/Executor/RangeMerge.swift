import Store

/// The entries of several ranges of one index, which do not overlap, in one order.
///
/// A heap holds the next entry of each range: O(log k) an entry for k ranges.
struct RangeMerge {
    private struct Head {
        var key: TreeKey
        let range: Int
    }

    private let isBackward: Bool
    private let byCreation: Bool
    private let ties: TextTies?
    private var cursors: [TreeCursor] = []
    private var left: [Int] = []
    private var heap: [Head] = []

    /// - Parameters:
    ///   - ranges: all of one direction.
    ///   - fromEnd: turns that direction round.
    ///   - byCreation: only the creation of rows decides; else the ordered column does first.
    init(
        _ tree: TreeView, _ ranges: ArraySlice<RankRange>, fromEnd: Bool, byCreation: Bool,
        ties: TextTies?
    ) {
        isBackward = ranges.first?.isBackward != fromEnd
        self.byCreation = byCreation
        self.ties = ties
        for range in ranges where range.count > 0 {
            cursors.append(tree.cursor(atRank: isBackward ? range.high : range.low))
            left.append(range.count)
            if let key = take(cursors.count - 1) {
                heap.append(Head(key: key, range: cursors.count - 1))
            }
        }
        guard heap.count > 1 else { return }
        for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(place) }
    }

    /// The next entry; nil at the end.
    mutating func next() -> Locator? {
        guard let first = heap.first else { return nil }
        if let key = take(first.range) {
            heap[0].key = key
        } else {
            let last = heap.removeLast()
            if !heap.isEmpty { heap[0] = last }
        }
        if heap.count > 1 { siftDown(0) }
        return Locator(rawValue: first.key.locator)
    }

    private mutating func take(_ range: Int) -> TreeKey? {
        guard left[range] > 0 else { return nil }
        left[range] -= 1
        return isBackward ? cursors[range].previousKey() : cursors[range].nextKey()
    }

    private func precedes(_ one: Head, _ other: Head) -> Bool {
        let (a, b) = (one.key, other.key)
        if !byCreation {
            if a.second != b.second { return (a.second < b.second) != isBackward }
            if let ties, a.second != KeyEncoding.null {
                let order = ties.compare(
                    Locator(rawValue: a.locator), Locator(rawValue: b.locator))
                if order != 0 { return (order < 0) != isBackward }
            }
        }
        return a.locator != b.locator && (a.locator < b.locator) != isBackward
    }

    private mutating func siftDown(_ start: Int) {
        var place = start
        let head = heap[place]
        while true {
            var child = 2 * place + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, precedes(heap[child + 1], heap[child]) { child += 1 }
            if !precedes(heap[child], head) { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = head
    }
}
