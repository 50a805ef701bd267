import Bytes
import GraphQL
import JSON
import Store

/// One value of an index's or a key's columns.
public enum KeyPart: Sendable, Equatable {
    case row(RowRef)
    /// Of any column that is kept as an integer: numbers, times, dates, booleans, enums.
    case int(Int64)
    case text(String)
    case null

    func word(seed: UInt64) -> UInt64 {
        switch self {
        case .row(let ref): return KeyEncoding.ordered(reference: ref)
        case .int(let number): return KeyEncoding.ordered(int64: number)
        case .text(var text):
            return text.withUTF8 {
                unsafe KeyEncoding.equality(text: UnsafeRawBufferPointer($0), seed: seed)
            }
        case .null: return KeyEncoding.null
        }
    }

    func matches(_ row: RowView, _ column: Column) -> Bool {
        switch self {
        case .row(let ref): return row.reference(column) == ref && !row.isNull(column)
        case .int(let number): return !row.isNull(column) && row.integer(column) == number
        case .text(let text):
            return unsafe !row.isNull(column) && row.bytes(column).elementsEqual(text.utf8)
        case .null: return row.isNull(column)
        }
    }
}

/// An index that a rule reads.
public struct RuleIndex: Sendable {
    let table: RuleTable
    let id: IndexID
    let equality: [Column]
    let hasOrder: Bool
    let isExact: Bool
}

/// A key by which a rule finds a row.
public struct RuleKey: Sendable {
    let index: RuleIndex
}

/// A version of the data, or the draft of one, as rules read it.
///
/// Of a draft it is good until the next change.
public struct DataView {
    public let version: VersionView
    /// One for the whole operation. Milliseconds since 1970-01-01T00:00:00Z.
    public let now: Int64
    let context: EngineContext
    /// What saved filters may look at; nil when everything.
    let guards: RowGuards?
    /// Ends walks over rows when the operation has taken too long; whoever runs the rule then asks
    /// it. Nil for work that nobody waits for.
    var meter: WorkMeter?

    public func row(_ table: RuleTable, _ ref: RowRef) -> RowView {
        version.table(table.id).row(ref)
    }

    /// The number of a table's rows.
    public func count(_ table: RuleTable) -> Int { version.table(table.id).count }

    // MARK: Ids

    /// The public id of a row.
    public func id(_ ref: RowRef, of table: RuleTable) -> String {
        context.publicID(ref, table.id, version)
    }

    /// The row of a table that a public id means; one that the viewer may not see is like one that
    /// is not there.
    public func ref(id: String, in table: RuleTable) -> RowRef? {
        guard let ref = context.row(id: id, in: table.id, version), isOpen(table, ref) else {
            return nil
        }
        return ref
    }

    /// Whether whoever asks may see a row.
    public func isOpen(_ table: RuleTable, _ ref: RowRef) -> Bool {
        guard let guards else { return true }
        let view = MeteredView(version: version, meter: meter ?? WorkMeter(), guards: guards)
        return guards.allows(table.id, ref, for: .read, view)
    }

    /// Whether whoever asks may see only some of a table's rows.
    public func isGuarded(_ table: RuleTable) -> Bool {
        guards?.role[table.id].isGuarded(for: .read) ?? false
    }

    /// Who asks, with all that is known; nil for somebody who may see everything.
    public var viewer: Viewer? { guards?.viewer }

    /// The same data as somebody sees it who may see everything: for what the club decides, not for
    /// what is told.
    public var unguarded: DataView {
        DataView(version: version, now: now, context: context, guards: nil, meter: meter)
    }

    // MARK: Indexes

    /// The row with these values of a key's columns. O(log n).
    public func find(_ key: RuleKey, _ parts: KeyPart...) -> RowRef? {
        var found: RowRef?
        walk(key.index, parts, low: 0, high: .max, reversed: false) { ref, _ in
            found = ref
            return false
        }
        return found
    }

    /// The rows with these values of an index's equality columns, in its order.
    ///
    /// - Parameters:
    ///   - from: the smallest value of the ordered column.
    ///   - to: the greatest. When either is given, rows where it is null are left out.
    /// - Complexity: O(log n + rows found).
    public func rows(
        _ index: RuleIndex, _ parts: KeyPart..., from: Int64? = nil, to: Int64? = nil,
        reversed: Bool = false, limit: Int = .max
    ) -> [RowRef] {
        var found: [RowRef] = []
        let bounds = Self.bounds(from, to)
        guard limit > 0 else { return found }
        walk(index, parts, low: bounds.low, high: bounds.high, reversed: reversed) { ref, _ in
            found.append(ref)
            return found.count < limit
        }
        return found
    }

    /// As ``rows(_:_:from:to:reversed:limit:)``, without a list.
    /// - Parameter body: false to stop.
    public func forEach(
        _ index: RuleIndex, _ parts: KeyPart..., from: Int64? = nil, to: Int64? = nil,
        reversed: Bool = false, _ body: (RowRef, RowView) -> Bool
    ) {
        let bounds = Self.bounds(from, to)
        walk(index, parts, low: bounds.low, high: bounds.high, reversed: reversed, body)
    }

    /// How many there are. O(log n) for an index over one column that is no text, and else as for
    /// reading them.
    public func count(
        _ index: RuleIndex, _ parts: KeyPart..., from: Int64? = nil, to: Int64? = nil
    ) -> Int {
        let bounds = Self.bounds(from, to)
        if index.isExact {
            let tree = version.tree(index.id)
            let keys = keys(index, word(index, parts), bounds.low, bounds.high)
            return tree.rank(of: keys.upper) - tree.rank(of: keys.lower)
        }
        var count = 0
        walk(index, parts, low: bounds.low, high: bounds.high, reversed: false) { _, _ in
            count += 1
            return true
        }
        return count
    }

    private static func bounds(_ from: Int64?, _ to: Int64?) -> (low: UInt64, high: UInt64) {
        if from == nil && to == nil { return (0, .max) }
        return (
            from.map { KeyEncoding.ordered(int64: $0) } ?? 0,
            to.map { KeyEncoding.ordered(int64: $0) } ?? KeyEncoding.null - 1
        )
    }

    private func word(_ index: RuleIndex, _ parts: [KeyPart]) -> UInt64 {
        precondition(parts.count == index.equality.count, "a value for each equality column")
        var word: UInt64 = 0
        for (place, part) in parts.enumerated() {
            let code = part.word(seed: context.store.seed)
            word = place == 0 ? code : KeyEncoding.combined(word, code)
        }
        return word
    }

    private func keys(_ index: RuleIndex, _ word: UInt64, _ low: UInt64, _ high: UInt64)
        -> (lower: TreeKey, upper: TreeKey)
    {
        switch (index.equality.isEmpty, index.hasOrder) {
        case (false, true): (.before(first: word, second: low), .after(first: word, second: high))
        case (false, false): (.before(first: word), .after(first: word, second: 0))
        case (true, _): (.before(first: low), .after(first: high, second: 0))
        }
    }

    private func walk(
        _ index: RuleIndex, _ parts: [KeyPart], low: UInt64, high: UInt64, reversed: Bool,
        _ body: (RowRef, RowView) -> Bool
    ) {
        let tree = version.tree(index.id)
        let keys = keys(index, word(index, parts), low, high)
        let rows = version.table(index.table.id)
        var cursor = tree.cursor(at: reversed ? keys.upper : keys.lower)
        while let key = reversed ? cursor.previousKey() : cursor.nextKey() {
            let isInside =
                reversed
                ? (key.first, key.second) >= (keys.lower.first, keys.lower.second)
                : (key.first, key.second) <= (keys.upper.first, keys.upper.second)
            guard isInside else { return }
            if let meter, !meter.step() { return }
            let ref = Locator(rawValue: key.locator).ref
            let row = rows.row(ref)
            if !index.isExact,
                !zip(parts, index.equality).allSatisfy({ $0.matches(row, $1) })
            {
                continue
            }
            if !body(ref, row) { return }
        }
    }

    // MARK: Whole tables

    /// All rows of a table, in no stated order. The fastest way through many of them.
    public func forEach(_ table: RuleTable, _ body: (RowRef, RowView) -> Void) {
        guard let meter else {
            return version.table(table.id).forEachRow { row, ref in body(ref, row) }
        }
        version.table(table.id).forEachRow { row, ref in
            if meter.step() { body(ref, row) }
        }
    }
}

/// Why a saved filter cannot be used.
public struct FilterFault: Error, Equatable, Sendable {
    /// A sentence for the client.
    public let message: String
}

/// A filter in the API's own shape that was read from JSON.
public struct SavedFilter {
    let table: TableID
    let condition: Condition
}

extension DataView {
    /// Reads a filter of a table's rows: what `members(filter:)` takes, as JSON.
    public func filter(_ json: String, of table: RuleTable) throws(FilterFault) -> SavedFilter {
        let model = context.model
        let name = Naming.filter(model[table.id].name)
        guard let type = model.schema.type(named: name) else {
            throw FilterFault(message: "There is no \(name).")
        }
        var bytes = json
        let parsed = bytes.withUTF8 { utf8 in
            try? unsafe JSONValue(parsing: UnsafeRawBufferPointer(utf8))
        }
        guard let parsed else { throw FilterFault(message: "The filter is no JSON document.") }
        let value: CoercedValue
        do {
            value = try coerceVariable(
                parsed, to: TypeReference(named: type), schema: model.schema, codecs: model.codecs)
        } catch {
            throw FilterFault(
                message: error.errors.first?.sentence("The filter has an invalid value")
                    ?? "The filter has an invalid value.")
        }
        do throws(ArgumentError) {
            let view = MeteredView(version: version, meter: WorkMeter(), guards: guards)
            var condition = try FilterReader(context: context, view: view).condition(
                value, type: type, table: table.id)
            if let guards {
                let open = guards.condition(table.id, for: .read, view)
                condition = Condition.and([open, condition]).normalized
            }
            return SavedFilter(table: table.id, condition: condition)
        } catch {
            throw FilterFault(message: error.message)
        }
    }

    /// The rows that a filter finds, in the order of their creation; by an index where one serves.
    public func rows(_ filter: SavedFilter) -> [RowRef] {
        let executor = Executor(
            context: context, introspection: Introspection(schema: context.model.schema))
        let output = ByteBuffer(capacity: 16)
        executor.meter.begin(
            budget: .max, deadline: ContinuousClock.now + context.limits.timeout, output: output,
            answerBytesMax: .max >> 1)
        let run = Executor.Run(
            plan: Plan(PlanDraft()), output: output,
            view: MeteredView(version: version, meter: executor.meter, guards: nil))
        return executor.rows(run, of: filter.table, where: filter.condition) ?? []
    }
}
