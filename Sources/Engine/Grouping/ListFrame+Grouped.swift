import Dispatch
import Store
import Synchronization

extension ListFrame {
    /// Rows of a list from which on several threads work on it. Reason: starting one costs some 10
    /// µs, a row some 5 ns.
    static let rowsForThreadsMin = 100_000

    /// Puts the rows of the list together to groups.
    ///
    /// - Parameters:
    ///   - threads: how many may work on it.
    ///   - rowsMin: rows of a list from which on more than one of them do.
    /// - Returns: nil when the operation must be given up; the meter knows why.
    func grouped(
        by request: GroupRequest, _ view: MeteredView, threads: Int,
        rowsForThreadsMin rowsMin: Int = rowsForThreadsMin
    ) -> GroupTable? {
        let source = list.source
        let byPage = source.kind == .pages || source.coversTable
        let isLong = byPage && table.count >= 4_096
        guard
            let coders = GroupCoders(
                request, view, rowCount: byPage ? table.count : 0, threads: threads,
                rowsMin: rowsMin)
        else { return nil }
        let threadCount = byPage && table.count >= rowsMin ? max(1, threads) : 1
        let builders = (0..<threadCount).map { _ in
            GroupBuilder(request, keys: coders.make(), isLong: isLong)
        }
        let isDone =
            byPage
            ? addPages(to: builders, request, view)
            : forEachRow(view) { row, _ in
                builders[0].add(row)
                if builders[0].isOverLimit { view.meter.giveUp(.tooManyGroups) }
            }
        builders[0].finish()
        for other in builders.dropFirst() { builders[0].merge(other) }
        if builders[0].isOverLimit { view.meter.giveUp(.tooManyGroups) }
        return isDone && view.meter.abortion == nil ? GroupTable(builders[0]) : nil
    }

    /// Has each builder add pages on a thread of its own, until none are left.
    private func addPages(
        to builders: [GroupBuilder], _ request: GroupRequest, _ view: MeteredView
    ) -> Bool {
        let pages = PageShares(table)
        let columns = request.columns
        guard builders.count > 1 else {
            return addPages(pages, to: builders[0], columns, view)
        }
        let meters = builders.map { _ in view.meter.child() }
        let version = view.version
        DispatchQueue.concurrentPerform(iterations: builders.count) { index in
            // What the viewer may see is a part of the list's condition by now.
            let view = MeteredView(version: version, meter: meters[index], guards: nil)
            _ = addPages(pages, to: builders[index], columns, view)
        }
        view.meter.absorb(meters)
        return view.meter.abortion == nil
    }

    private func addPages(
        _ pages: PageShares, to builder: GroupBuilder, _ columns: [Column], _ view: MeteredView
    ) -> Bool {
        let evaluator = list.source.residual.map {
            PredicateEvaluator($0, view: view, table: list.table)
        }
        while let (shard, numbers) = pages.next() {
            for number in numbers {
                if let ahead = table.page(shard: shard, number: number &+ Self.pagesAhead) {
                    builder.touch(ahead, columns)
                }
                guard let page = table.page(shard: shard, number: number) else { continue }
                // A page costs about as much as a few single rows.
                guard view.meter.visit(4) else { return false }
                let mask = evaluator?.mask(page) ?? page.live
                if mask != 0 { builder.add(page, mask) }
                if builder.isOverLimit {
                    view.meter.giveUp(.tooManyGroups)
                    return false
                }
            }
        }
        return true
    }

    /// Pages that are read ahead of the one at work.
    private static var pagesAhead: Int { 3 }
}

/// The pages of a table, dealt out to whoever is free.
final class PageShares: Sendable {
    private let shares: [(shard: Int, numbers: Range<Int>)]
    private let taken = Atomic<Int>(0)

    /// Pages of one share: 16,384 rows, some 0.1 ms of work.
    private static let pageCount = 256

    init(_ table: TableView) {
        var shares: [(Int, Range<Int>)] = []
        for shard in 0..<table.shardCount {
            let end = table.pageCount(shard: shard)
            for first in stride(from: 0, to: end, by: Self.pageCount) {
                shares.append((shard, first..<min(end, first + Self.pageCount)))
            }
        }
        self.shares = shares
    }

    func next() -> (shard: Int, numbers: Range<Int>)? {
        let share = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return share < shares.count ? shares[share] : nil
    }
}

/// Makes the coders of a request's keys, a set for each thread.
private struct GroupCoders {
    private let request: GroupRequest
    private let view: MeteredView
    /// By key: for those over references, what was read once for all threads.
    private var referred: [ReferredCodes?] = []

    /// - Parameters:
    ///   - rowCount: about the rows that will be looked at.
    ///   - rowsMin: rows of a table that is referred to from which on several threads read it.
    /// - Returns: nil when the operation must be given up.
    init?(
        _ request: GroupRequest, _ view: MeteredView, rowCount: Int, threads: Int, rowsMin: Int
    ) {
        self.request = request
        self.view = view
        for key in request.keys {
            let targetCount = key.path.reduce(0) { $0 + view.table($1.target).count }
            // Reading a row on the way costs about a tenth of finding it by its reference.
            guard !key.path.isEmpty, targetCount / 8 <= rowCount, rowCount > 0 else {
                referred.append(nil)
                continue
            }
            var coder = ColumnCoder(key.column, bucket: key.bucket, request.calendar)
            var codes: ReferredCodes?
            for (place, step) in key.path.enumerated().reversed() {
                guard
                    let read = ReferredCodes(
                        view.table(step.target), coder, view.meter, request.limits,
                        threads: view.table(step.target).count >= rowsMin ? threads : 1)
                else { return nil }
                codes = read
                if place > 0 { coder = ColumnCoder(step.column, read) }
            }
            referred.append(codes)
        }
    }

    func make() -> [ColumnCoder] {
        zip(request.keys, referred).map { key, referred in
            if let referred, let first = key.path.first {
                return ColumnCoder(first.column, referred)
            }
            let coder = ColumnCoder(key.column, bucket: key.bucket, request.calendar)
            return key.path.reversed().reduce(coder) {
                ColumnCoder($1.column, view.table($1.target), $0)
            }
        }
    }
}

extension GroupRequest {
    /// The columns of the list's own rows that are read.
    fileprivate var columns: [Column] {
        var columns: [Column] = []
        for column in keys.map({ $0.path.first?.column ?? $0.column }) + aggregates.map(\.column)
        where !columns.contains(column) {
            columns.append(column)
        }
        return columns
    }
}
