import Bytes
import JSON
import Store

extension Executor {
    /// `aggregate`: every column that is asked for, in one pass over the rows of the list.
    func aggregate(
        _ run: borrowing Run, _ place: Int, _ step: Instruction, _ frame: ListFrame
    ) -> Status {
        writeKey(run, step)
        let columns = run.plan.aggregates[Int(step.operand)]
        var sums = columns.map(ColumnAggregate.init)
        if !columns.isEmpty {
            let source = frame.list.source
            let byPage =
                (source.kind == .pages || source.coversTable) && columns.allSatisfy(\.hasKernel)
            let finished =
                byPage
                ? frame.forEachPage(run.view) { page, mask in
                    for index in sums.indices { sums[index].add(page, mask) }
                }
                : frame.forEachRow(run.view) { row, _ in
                    for index in sums.indices { sums[index].add(row) }
                }
            guard finished else { return .aborted }
        }
        let start = run.output.count
        enter(place)
        let status = aggregateParts(run, place + 1, Int(step.end), frame, sums)
        leave()
        if status == .done { closeObject(run.output, start) }
        return status
    }

    private func aggregateParts(
        _ run: borrowing Run, _ start: Int, _ end: Int, _ frame: ListFrame,
        _ sums: [ColumnAggregate]
    ) -> Status {
        var place = start
        while place < end {
            let step = run.plan[place]
            switch step.operation {
            case .totalCount:
                writeKey(run, step)
                guard let count = frame.count(run.view) else { return .aborted }
                run.output.appendInteger(Int64(count))
            case .object:
                writeKey(run, step)
                let inner = run.output.count
                enter(place)
                let status = aggregateParts(run, place + 1, Int(step.end), frame, sums)
                leave()
                if status != .done { return status }
                closeObject(run.output, inner)
            case .aggregateValue:
                let result = sums[Int(step.operand)].result
                if result.isOutOfRange {
                    // A wrong number would be worse than none; the field may be null.
                    let status = fail(
                        run, place,
                        "The sum is beyond ±(2^53−1), which a JSON number holds exactly.",
                        code: "BAD_USER_INPUT", hint: "Narrow the filter.")
                    writeKey(run, step)
                    let settled = settle(run, step, status, run.output.count)
                    if settled != .done { return settled }
                } else {
                    writeKey(run, step)
                    result.write(to: run.output)
                }
            default: writeKey(run, step)
            }
            place = Int(step.end)
        }
        return .done
    }
}

extension AggregateColumn {
    /// Whether whole pages can be added at once.
    var hasKernel: Bool {
        switch function {
        case .countDistinct: column.code == .bool || column.code == .int8
        case .min, .max: column.code != .bytes
        case .sum, .average: true
        }
    }
}

/// One column of an aggregate while rows come in.
struct ColumnAggregate {
    private let column: Column
    private let function: AggregateColumn.Function
    private let rendering: AggregateColumn.Rendering

    private var count = 0
    private var sum = WideSum()
    private var doubleSum = 0.0
    private var low = Int64.max
    private var high = Int64.min
    private var doubleLow = Double.infinity
    private var doubleHigh = -Double.infinity
    private var text: [UInt8]?
    private var distinctWords: Set<UInt64> = []
    private var distinctTexts: Set<[UInt8]> = []

    init(_ plan: AggregateColumn) {
        column = plan.column
        function = plan.function
        rendering = plan.rendering
    }

    mutating func add(_ row: RowView) {
        if row.isNull(column) { return }
        count += 1
        switch function {
        case .countDistinct:
            if column.code == .bytes {
                unsafe distinctTexts.insert([UInt8](row.bytes(column)))
            } else {
                distinctWords.insert(row.word(column))
            }
        case .min, .max:
            switch column.code {
            case .bytes: unsafe addText(row.bytes(column))
            case .double:
                let value = row.double(column)
                doubleLow = Swift.min(doubleLow, value)
                doubleHigh = Swift.max(doubleHigh, value)
            default:
                let value = row.integer(column)
                low = Swift.min(low, value)
                high = Swift.max(high, value)
            }
        case .sum, .average:
            if column.code == .double {
                doubleSum += row.double(column)
            } else {
                sum.add(row.integer(column))
            }
        }
    }

    private mutating func addText(_ bytes: UnsafeRawBufferPointer) {
        if let text {
            let order = unsafe text.withUnsafeBytes { unsafe TextMatch.order(bytes, $0) }
            if function == .min ? order >= 0 : order <= 0 { return }
        }
        unsafe text = [UInt8](bytes)
    }

    /// Adds the rows of a page whose bits are set, for columns that have a kernel.
    mutating func add(_ page: PageView, _ live: UInt64) {
        let mask = live & page.validity(column)
        if mask == 0 { return }
        count += mask.nonzeroBitCount
        switch function {
        case .countDistinct:
            var rest = mask
            while rest != 0 {
                distinctWords.insert(page.row(lane: rest.trailingZeroBitCount).word(column))
                rest &= rest &- 1
            }
        case .min, .max:
            if column.code == .double {
                let bounds = page.boundsOfDoubles(column, mask)
                doubleLow = Swift.min(doubleLow, bounds.least)
                doubleHigh = Swift.max(doubleHigh, bounds.greatest)
            } else {
                let bounds = page.bounds(column, mask)
                low = Swift.min(low, bounds.least)
                high = Swift.max(high, bounds.greatest)
            }
        case .sum, .average:
            if column.code == .double {
                doubleSum += page.sumOfDoubles(column, mask)
            } else {
                sum.add(page.sum(column, mask))
            }
        }
    }

    var result: ColumnResult { ColumnResult(value: value, rendering: rendering) }

    private var value: ColumnResult.Value {
        switch function {
        case .countDistinct: return .integer(Int64(distinctWords.count + distinctTexts.count))
        case .sum:
            if rendering == .double { return .double(doubleSum) }
            let limit = ScalarKind.longMax
            return sum.isWithin(-limit, limit) ? .integer(sum.exact ?? 0) : .outOfRange
        case .average:
            if count == 0 { return .null }
            let total = column.code == .double ? doubleSum : sum.approximate
            return .double(total / Double(count))
        case .min, .max:
            if count == 0 { return .null }
            switch column.code {
            case .bytes: return .text(text ?? [])
            case .double: return .double(function == .min ? doubleLow : doubleHigh)
            default: return .integer(function == .min ? low : high)
            }
        }
    }
}
