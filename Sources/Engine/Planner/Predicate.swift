import Bytes
import Store

/// A filter over one table, ready to be asked of rows and of whole pages.
///
/// The nodes lie flat, in preorder: a node's children are the nodes behind it up to its `end`, so
/// that walking it follows no references. Logic is two-valued: a comparison with null is false, and
/// `not` negates. Source: the API's rulings on filters.
final class Predicate: Sendable {
    struct Node: Sendable {
        enum Operation: UInt8, Sendable {
            case always, never
            case and, or, not
            case isNull
            /// Whole numbers of any width, booleans, enums, dates and times: `low ... high`.
            case integerRange
            /// Dates: the month and the day, see `MonthDay`, are in `low ... high`.
            case monthDayRange
            /// Doubles: the bit patterns of both ends are in `low` and `high`.
            case doubleRange
            /// One of the sorted numbers at `operand`.
            case integerSet
            case doubleSet
            /// Texts: the operand's bytes are at `operand` in `texts`.
            case textEqual, textLess, textLessOrEqual, textGreater, textGreaterOrEqual
            case textStarts, textEnds, textContains
            /// One of the texts at `operand` in `textSets`.
            case textSet
            /// The words of the search at `operand` in `searches` are in the text.
            case textSearch
            /// The row itself is one of the refs at `operand` in `refSets`.
            case rowSet
            /// The reference column leads to one of the refs at `operand` in `refSets`.
            case referenceSet
            /// The child is asked of the row that the reference column leads to.
            case toOne
            /// The child is asked of each row of the relation at `operand` in `relations`.
            case some, every, none
            /// The number of rows for which the child holds is in `low ... high`.
            case relationCount
            /// The sum of `sumColumn` of those rows is in `low ... high`; see `sums`.
            case relationSum
            /// A condition inside a stored value; see `values`.
            case value
        }

        var operation: Operation
        /// Texts are compared after simple case folding.
        var ignoresCase: Bool
        var column: Column
        var low: Int64
        var high: Int64
        var operand: Int32
        /// The node behind this one's subtree.
        var end: Int32
    }

    /// A to-many relation as a filter walks it.
    struct Relation: Sendable {
        /// The index over the owner's column.
        let index: IndexID
        let linkTable: TableID
        /// For a relation through another table, the column that leads on to the target.
        let targetColumn: Column?
        let target: TableID
    }

    struct Sum: Sendable {
        let relation: Int
        let column: Column
        /// For a floating-point column; else the bounds are those of the node.
        let doubleLow: Double
        let doubleHigh: Double
    }

    let nodes: [Node]
    let texts: [[UInt8]]
    let textSets: [[[UInt8]]]
    let searches: [TextSearch]
    let numberSets: [[Int64]]
    let refSets: [[UInt32]]
    let relations: [Relation]
    let sums: [Sum]
    let values: [ValueCondition]

    init(_ draft: PredicateDraft) {
        nodes = draft.nodes
        texts = draft.texts
        textSets = draft.textSets
        searches = draft.searches
        numberSets = draft.numberSets
        refSets = draft.refSets
        relations = draft.relations
        sums = draft.sums
        values = draft.values
    }
}

/// A predicate while it is built.
struct PredicateDraft {
    var nodes: [Predicate.Node] = []
    var texts: [[UInt8]] = []
    var textSets: [[[UInt8]]] = []
    var searches: [TextSearch] = []
    var numberSets: [[Int64]] = []
    var refSets: [[UInt32]] = []
    var relations: [Predicate.Relation] = []
    var sums: [Predicate.Sum] = []
    var values: [ValueCondition] = []

    /// Adds a leaf.
    mutating func leaf(
        _ operation: Predicate.Node.Operation, _ column: Column, low: Int64 = 0, high: Int64 = 0,
        operand: Int = 0, ignoresCase: Bool = false
    ) {
        nodes.append(
            Predicate.Node(
                operation: operation, ignoresCase: ignoresCase, column: column, low: low,
                high: high, operand: Int32(operand), end: Int32(nodes.count + 1)))
    }

    /// Opens a node with children and answers with its place, for `close`.
    mutating func open(
        _ operation: Predicate.Node.Operation, _ column: Column, low: Int64 = 0, high: Int64 = 0,
        operand: Int = 0
    ) -> Int {
        leaf(operation, column, low: low, high: high, operand: operand)
        return nodes.count - 1
    }

    mutating func close(_ place: Int) {
        nodes[place].end = Int32(nodes.count)
    }
}

/// The rows for which a predicate holds, in one version.
struct PredicateEvaluator {
    let predicate: Predicate
    let view: MeteredView
    let table: TableView

    init(_ predicate: Predicate, view: MeteredView, table: TableID) {
        self.predicate = predicate
        self.view = view
        self.table = view.table(table)
    }

    /// Whether one row satisfies the predicate.
    func matches(_ row: RowView, _ ref: RowRef) -> Bool {
        matches(0, row, ref)
    }

    /// The lanes of a page that satisfy it, among the live ones.
    func mask(_ page: PageView) -> UInt64 {
        mask(0, page, page.live)
    }

    private func matches(_ place: Int, _ row: RowView, _ ref: RowRef) -> Bool {
        let node = predicate.nodes[place]
        switch node.operation {
        case .always: return true
        case .never: return false
        case .and: return junction(place, node, row, ref, endsWith: false)
        case .or: return junction(place, node, row, ref, endsWith: true)
        case .not: return !matches(place + 1, row, ref)
        case .isNull: return row.isNull(node.column)
        case .integerRange:
            let value = row.integer(node.column)
            return value >= node.low && value <= node.high && !row.isNull(node.column)
        case .monthDayRange:
            let value = Int64(MonthDay(ofDayNumber: row.int32(node.column)).rawValue)
            return value >= node.low && value <= node.high && !row.isNull(node.column)
        case .doubleRange:
            let value = row.double(node.column)
            return value >= Double(bitPattern: UInt64(bitPattern: node.low))
                && value <= Double(bitPattern: UInt64(bitPattern: node.high))
                && !row.isNull(node.column)
        case .integerSet:
            return !row.isNull(node.column)
                && contains(predicate.numberSets[Int(node.operand)], row.integer(node.column))
        case .doubleSet:
            return !row.isNull(node.column)
                && contains(
                    predicate.numberSets[Int(node.operand)],
                    Int64(bitPattern: (row.double(node.column) + 0).bitPattern))
        case .textEqual, .textLess, .textLessOrEqual, .textGreater, .textGreaterOrEqual,
            .textStarts, .textEnds, .textContains:
            if row.isNull(node.column) { return false }
            let bytes = unsafe row.bytes(node.column)
            let isASCII = row.byteFlags(node.column).contains(.isASCII)
            countText(bytes.count, isFolded: node.ignoresCase && !isASCII)
            return unsafe TextMatch.matches(
                node.operation, bytes, predicate.texts[Int(node.operand)],
                ignoresCase: node.ignoresCase, isASCII: isASCII)
        case .textSet:
            if row.isNull(node.column) { return false }
            let bytes = unsafe row.bytes(node.column)
            let isASCII = row.byteFlags(node.column).contains(.isASCII)
            countText(bytes.count, isFolded: node.ignoresCase && !isASCII)
            return unsafe TextMatch.isAmong(
                predicate.textSets[Int(node.operand)], bytes, ignoresCase: node.ignoresCase,
                isASCII: isASCII)
        case .textSearch:
            if row.isNull(node.column) { return false }
            let bytes = unsafe row.bytes(node.column)
            countText(bytes.count, isFolded: true)
            return unsafe predicate.searches[Int(node.operand)].matches(bytes)
        case .rowSet: return contains(predicate.refSets[Int(node.operand)], ref.rawValue)
        case .referenceSet:
            return !row.isNull(node.column)
                && contains(
                    predicate.refSets[Int(node.operand)], row.reference(node.column).rawValue)
        case .toOne:
            if row.isNull(node.column) { return false }
            let target = row.reference(node.column)
            return matches(
                place + 1, view.table(TableID(Int(node.operand))).row(target), target)
        case .some: return relationCount(node, place, ref, stopAfter: 1) > 0
        case .none: return relationCount(node, place, ref, stopAfter: 1) == 0
        case .every:
            return relationHolds(predicate.relations[Int(node.operand)], place + 1, ref)
        case .relationCount:
            let count = relationCount(
                node, place, ref, stopAfter: node.high == .max ? Int(node.low) : Int.max)
            return count >= node.low && count <= node.high
        case .relationSum:
            let sum = predicate.sums[Int(node.operand)]
            return relationSum(sum, place + 1, ref, node.low, node.high)
        case .value:
            if row.isNull(node.column) { return false }
            let bytes = unsafe row.bytes(node.column)
            countText(bytes.count, isFolded: false)
            return unsafe predicate.values[Int(node.operand)].matches(bytes)
        }
    }

    /// Whether any of the children ends a row of conditions, which is then what the first of them
    /// says. Long ones are counted as work.
    private func junction(
        _ place: Int, _ node: Predicate.Node, _ row: RowView, _ ref: RowRef, endsWith end: Bool
    ) -> Bool {
        var child = place + 1
        var count = 0
        while child < node.end {
            if matches(child, row, ref) == end { return end }
            child = Int(predicate.nodes[child].end)
            count &+= 1
            // A condition takes a tenth of what a visit takes.
            if count & 15 == 0, !view.meter.work(2) { return end }
        }
        return !end
    }

    /// Counts the work of comparing a long text, or one whose letters are to be folded.
    @inline(__always)
    private func countText(_ byteCount: Int, isFolded: Bool) {
        if isFolded {
            // Some 30 ns a letter.
            view.meter.work(1 + byteCount / 4)
        } else if byteCount > 1_024 {
            // Some 10 GB a second.
            view.meter.work(byteCount / 1_024)
        }
    }

    private func mask(_ place: Int, _ page: PageView, _ live: UInt64) -> UInt64 {
        if live == 0 { return 0 }
        let node = predicate.nodes[place]
        switch node.operation {
        case .always: return live
        case .never: return 0
        case .and:
            var remaining = live
            var child = place + 1
            var count = 0
            while child < node.end {
                remaining = mask(child, page, remaining)
                child = Int(predicate.nodes[child].end)
                count &+= 1
                if count & 15 == 0, !view.meter.work(Self.pageWork) { return 0 }
            }
            return remaining
        case .or:
            var found: UInt64 = 0
            var child = place + 1
            var count = 0
            while child < node.end {
                found |= mask(child, page, live & ~found)
                child = Int(predicate.nodes[child].end)
                count &+= 1
                if count & 15 == 0, !view.meter.work(Self.pageWork) { return 0 }
            }
            return found
        case .not: return live & ~mask(place + 1, page, live)
        case .isNull: return live & ~page.validity(node.column)
        case .integerRange: return live & page.maskInRange(node.column, node.low, node.high)
        case .doubleRange:
            return live
                & page.maskInRange(
                    node.column, Double(bitPattern: UInt64(bitPattern: node.low)),
                    Double(bitPattern: UInt64(bitPattern: node.high)))
        default:
            var found: UInt64 = 0
            var rest = live
            view.meter.work(live.nonzeroBitCount / 4)
            while rest != 0 {
                let lane = rest.trailingZeroBitCount
                rest &= rest &- 1
                if matches(place, page.row(lane: lane), page.ref(lane: lane)) {
                    found |= 1 &<< UInt64(truncatingIfNeeded: lane)
                }
            }
            return found
        }
    }

    /// What 16 conditions take on a page.
    private static let pageWork = 8

    /// How many rows of a relation satisfy the child of `place`, at most `stopAfter`.
    private func relationCount(
        _ node: Predicate.Node, _ place: Int, _ owner: RowRef, stopAfter: Int
    ) -> Int {
        let relation = predicate.relations[Int(node.operand)]
        if predicate.nodes[place + 1].operation == .always {
            view.meter.work(RelationWalk.countWork)
            return RelationWalk.count(relation, owner, view)
        }
        var count = 0
        var walk = RelationWalk(relation, owner, view)
        while let (row, ref) = walk.next() {
            if matches(place + 1, row, ref) {
                count += 1
                if count >= stopAfter { break }
            }
        }
        return count
    }

    private func relationHolds(
        _ relation: Predicate.Relation, _ child: Int, _ owner: RowRef
    ) -> Bool {
        var walk = RelationWalk(relation, owner, view)
        while let (row, ref) = walk.next() {
            if !matches(child, row, ref) { return false }
        }
        return true
    }

    private func relationSum(
        _ sum: Predicate.Sum, _ child: Int, _ owner: RowRef, _ low: Int64, _ high: Int64
    ) -> Bool {
        var walk = RelationWalk(predicate.relations[sum.relation], owner, view)
        if sum.column.code == .double {
            var total = 0.0
            while let (row, ref) = walk.next() {
                if matches(child, row, ref), !row.isNull(sum.column) {
                    total += row.double(sum.column)
                }
            }
            return total >= sum.doubleLow && total <= sum.doubleHigh
        }
        var total = WideSum()
        while let (row, ref) = walk.next() {
            if matches(child, row, ref), !row.isNull(sum.column) {
                total.add(row.integer(sum.column))
            }
        }
        return total.isWithin(low, high)
    }

    private func contains<Number: Comparable>(_ sorted: [Number], _ value: Number) -> Bool {
        if sorted.count <= 8 {
            for candidate in sorted where candidate == value { return true }
            return false
        }
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low] == value
    }
}

/// The rows of one relation of one owner, in creation order of the link; each once, however many
/// links lead to it.
struct RelationWalk {
    private let targetColumn: Column?
    private let links: TableView
    private let targets: TableView
    private let word: UInt64
    private let meter: WorkMeter
    private var cursor: TreeCursor
    /// Rows already given, where several links may lead to one.
    private var seen: Set<UInt32> = []

    init(_ relation: Predicate.Relation, _ owner: RowRef, _ view: MeteredView) {
        targetColumn = relation.targetColumn
        links = view.table(relation.linkTable)
        targets = view.table(relation.target)
        word = KeyEncoding.ordered(reference: owner)
        meter = view.meter
        cursor = view.tree(relation.index).cursor(
            at: TreeKey(first: word, second: 0, locator: 0))
    }

    /// The next row; nil at the end, and when the operation must be given up.
    mutating func next() -> (RowView, RowRef)? {
        while let ref = cursor.next(ifFirst: word)?.ref {
            guard meter.visit(1) else { return nil }
            let row = links.row(ref)
            guard let targetColumn else { return (row, ref) }
            let target = row.reference(targetColumn)
            if target != .none && seen.insert(target.rawValue).inserted {
                return (targets.row(target), target)
            }
        }
        return nil
    }

    /// What two descents into an index take.
    static let countWork = 3

    /// The number of rows of a relation: two descents, or a walk where links lead to the rows.
    static func count(_ relation: Predicate.Relation, _ owner: RowRef, _ view: MeteredView) -> Int {
        if relation.targetColumn != nil {
            var walk = RelationWalk(relation, owner, view)
            var count = 0
            while walk.next() != nil { count += 1 }
            return count
        }
        let word = KeyEncoding.ordered(reference: owner)
        let tree = view.tree(relation.index)
        return tree.rank(of: TreeKey(first: word, second: .max, locator: .max))
            - tree.rank(of: TreeKey(first: word, second: 0, locator: 0))
    }
}

/// A sum of 64-bit numbers that cannot overflow.
struct WideSum {
    private(set) var high: Int64 = 0
    private(set) var low: UInt64 = 0

    mutating func add(_ value: Int64) {
        let (sum, carry) = low.addingReportingOverflow(UInt64(bitPattern: value))
        low = sum
        high = high &+ (value < 0 ? -1 : 0) &+ (carry ? 1 : 0)
    }

    /// The sum as one word, or nil when it does not fit.
    var exact: Int64? {
        let value = Int64(bitPattern: low)
        return high == (value < 0 ? -1 : 0) ? value : nil
    }

    func isWithin(_ lowBound: Int64, _ highBound: Int64) -> Bool {
        if let exact { return exact >= lowBound && exact <= highBound }
        return high < 0 ? lowBound == .min : highBound == .max
    }
}
