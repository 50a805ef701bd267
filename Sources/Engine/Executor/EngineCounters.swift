import Bytes
import Store

/// What all executors of one context have counted, each in a block of its own.
///
/// An executor registers when it is made and hands its counts over when it goes away; in between it
/// counts without any lock.
public final class EngineCounters: Sendable {
    private struct State: Sendable {
        var blocks: [CounterBlock] = []
        /// The counts of executors that are gone.
        var retired: [UInt64]
        var rejections: [String: Int] = [:]
    }

    private let store: Store
    private let tableCount: Int
    private let indexCount: Int
    private let state: Guarded<State>

    init(_ store: Store) {
        self.store = store
        tableCount = store.definition.tables.count
        // Beside its own indexes, each table has two.
        indexCount = store.definition.indexes.count + 2 * tableCount
        state = Guarded(State(retired: Array(repeating: 0, count: 2 + indexCount + tableCount)))
    }

    /// The figures of all executors so far.
    public struct Figures: Sendable, Equatable {
        public struct IndexFigure: Sendable, Equatable {
            public let table: TableID
            public let index: String
            public let lookups: UInt64
        }

        /// Requests whose document was known to their thread, and those that had to be parsed.
        public let documentHits: UInt64
        public let documentMisses: UInt64
        /// Every index of the store, the store's own ones too.
        public let indexes: [IndexFigure]
        /// By table: lists that looked at every row.
        public let fullScans: [UInt64]
        /// Mutations that a domain rule refused, by the name of the rule.
        public let rejections: [String: Int]
    }

    /// What has been counted so far; from any thread.
    public var figures: Figures {
        let (sum, rejections) = state.withLock { state in
            var sum = state.retired
            for block in state.blocks { block.add(to: &sum) }
            return (sum, state.rejections)
        }
        return Figures(
            documentHits: sum[Cell.documentHit], documentMisses: sum[Cell.documentMiss],
            indexes: (0..<indexCount).map { place in
                let definition = store.definition(of: IndexID(place))
                return Figures.IndexFigure(
                    table: definition.table, index: definition.name,
                    lookups: sum[Cell.first + place])
            },
            fullScans: Array(sum[(Cell.first + indexCount)...]), rejections: rejections)
    }

    enum Cell {
        static let documentHit = 0
        static let documentMiss = 1
        static let first = 2
    }

    /// Notes that a rule has refused a mutation.
    func countRejection(by rule: String) {
        state.withLock { $0.rejections[rule, default: 0] += 1 }
    }

    fileprivate func register() -> CounterBlock {
        let block = CounterBlock(count: Cell.first + indexCount + tableCount)
        state.withLock { $0.blocks.append(block) }
        return block
    }

    fileprivate func retire(_ block: CounterBlock) {
        state.withLock { state in
            state.blocks.removeAll { $0 === block }
            block.add(to: &state.retired)
        }
    }

    fileprivate func cell(scanOf table: TableID) -> Int { Cell.first + indexCount + table.index }
}

/// The counters of one executor.
final class ExecutorCounters {
    private let shared: EngineCounters
    private let block: CounterBlock

    init(_ shared: EngineCounters) {
        self.shared = shared
        block = shared.register()
    }

    deinit {
        shared.retire(block)
    }

    func countDocument(isKnown: Bool) {
        block.raise(isKnown ? EngineCounters.Cell.documentHit : EngineCounters.Cell.documentMiss)
    }

    /// Counts how a list finds its rows. Some nanoseconds.
    func count(_ list: ResolvedList) { count(list.source, in: list.table) }

    private func count(_ source: ListSource, in table: TableID) {
        switch source.kind {
        case .index where source.isFiltered && source.coversTable: countScan(table)
        case .index: countLookUp(source.index)
        case .pages: countScan(table)
        case .links:
            if let relation = source.relation { countLookUp(relation.index) }
        case .found:
            switch source.lookAhead {
            case .words(let index, _): countLookUp(index)
            case .owners(let rows, let table, _): count(rows, in: table)
            case .union(let sources): for source in sources { count(source, in: table) }
            case nil: return
            }
        case .empty, .rows: return
        }
    }

    private func countScan(_ table: TableID) { block.raise(shared.cell(scanOf: table)) }

    func countLookUp(_ index: IndexID) {
        block.raise(EngineCounters.Cell.first + index.index)
    }
}
