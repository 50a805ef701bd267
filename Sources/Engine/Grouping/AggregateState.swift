import Store

/// One column of an aggregate, for all groups, while rows come in.
// Safe: the cells are freed with the object, and handed to nobody.
@safe
final class AggregateState {
    private let column: Column
    private let function: AggregateColumn.Function
    private let rendering: AggregateColumn.Rendering

    private var capacity = 0
    /// Rows with a value, where an average needs to know; else the rows of the group are counted.
    private var counts = Cells<Int>(count: 0)
    /// Sums of columns of 32 bits and less: 2^32 rows cannot overflow them. Of wider columns they
    /// are those of the upper halves, and `lowSums` those of the lower.
    private var sums = Cells<Int64>(count: 0)
    private var lowSums = Cells<UInt64>(count: 0)
    private var doubles = Cells<Double>(count: 0)
    /// The least or the greatest. Stored numbers are within ±2^53, so that the greatest of 64 bits
    /// says "none" for the least, and the least for the greatest.
    private var extremes = Cells<Int64>(count: 0)
    /// No number says "none".
    private var doubleExtremes = Cells<Double>(count: 0)
    private var texts = Cells<TextPlace>(count: 0)
    private let distinct: DistinctCounts?

    init(_ plan: AggregateColumn, _ calendar: LocalCalendar) {
        column = plan.column
        function = plan.function
        rendering = plan.rendering
        distinct =
            plan.function == .countDistinct
            ? DistinctCounts(ColumnCoder(plan.column, calendar)) : nil
    }

    deinit {
        counts.free()
        sums.free()
        lowSums.free()
        doubles.free()
        extremes.free()
        doubleExtremes.free()
        texts.free()
    }

    /// Values kept in memory, so that they can be told apart.
    var valueCount: Int { distinct?.valueCount ?? 0 }

    private var isWide: Bool { column.code == .int64 }

    /// Makes room for so many groups.
    @inline(__always)
    private func fit(_ groupCount: Int) {
        if groupCount > capacity { grow(to: groupCount) }
    }

    private func grow(to groupCount: Int) {
        capacity = groupCount == 1 ? 1 : max(groupCount, 2 &* capacity, 16)
        switch function {
        case .countDistinct: break
        case .sum, .average:
            if column.code == .double {
                doubles.grow(to: capacity, filling: 0)
            } else {
                sums.grow(to: capacity, filling: 0)
                if isWide { lowSums.grow(to: capacity, filling: 0) }
            }
            if function == .average, column.isNullable { counts.grow(to: capacity, filling: 0) }
        case .min, .max:
            switch column.code {
            case .bytes:
                unsafe texts.grow(
                    to: capacity,
                    filling: TextPlace(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
            case .double: doubleExtremes.grow(to: capacity, filling: .nan)
            default: extremes.grow(to: capacity, filling: function == .min ? .max : .min)
            }
        }
    }

    // MARK: Rows

    /// Adds a batch of rows to their groups.
    @inline(__always)
    func add<Batch: RowBatch>(_ batch: Batch, _ groups: Cells<UInt32>, groupCount: Int) {
        if let distinct {
            distinct.add(batch, groups, groupCount: groupCount)
            return
        }
        fit(groupCount)
        let column = self.column
        switch function {
        case .countDistinct: break
        case .sum, .average:
            if function == .average, column.isNullable {
                let counts = self.counts
                each(batch, groups) { _, group in counts[group] &+= 1 }
            }
            let sums = self.sums
            switch column.code {
            case .double:
                let doubles = self.doubles
                each(batch, groups) { doubles[$1] += $0.double(column) }
            case .int64:
                let lowSums = self.lowSums
                each(batch, groups) { row, group in
                    let value = row.int64(column)
                    sums[group] &+= value &>> 32
                    lowSums[group] &+= UInt64(bitPattern: value) & 0xFFFF_FFFF
                }
            case .int32:
                each(batch, groups) {
                    sums[$1] &+= Int64(truncatingIfNeeded: $0.int32(column))
                }
            default: each(batch, groups) { sums[$1] &+= $0.integer(column) }
            }
        case .min, .max:
            let isMin = function == .min
            switch column.code {
            case .bytes: each(batch, groups) { unsafe add($0.bytes(column), $1) }
            case .double: each(batch, groups) { add($0.double(column), $1) }
            default:
                let extremes = self.extremes
                if isMin {
                    each(batch, groups) {
                        extremes[$1] = Swift.min(extremes[$1], $0.integer(column))
                    }
                } else {
                    each(batch, groups) {
                        extremes[$1] = Swift.max(extremes[$1], $0.integer(column))
                    }
                }
            }
        }
    }

    @inline(__always)
    private func each<Batch: RowBatch>(
        _ batch: Batch, _ groups: Cells<UInt32>, _ body: (RowView, UInt32) -> Void
    ) {
        if batch.mayHaveNulls(column) {
            for index in 0..<batch.count {
                let row = batch.row(index)
                if !row.isNull(column) { body(row, groups[index]) }
            }
        } else {
            for index in 0..<batch.count { body(batch.row(index), groups[index]) }
        }
    }

    /// Adds rows of a page to the only group there is, where whole columns can be worked on.
    ///
    /// - Returns: false when they must be added row by row.
    func addToOnlyGroup(_ page: PageView, _ live: UInt64) -> Bool {
        guard distinct == nil, column.code != .bytes else { return false }
        fit(1)
        let mask = live & page.validity(column)
        if mask == 0 { return true }
        switch function {
        case .countDistinct: return false
        case .sum, .average:
            if function == .average, column.isNullable { counts[0] &+= mask.nonzeroBitCount }
            if column.code == .double {
                doubles[0] += page.sumOfDoubles(column, mask)
            } else {
                addSum(page.sum(column, mask))
            }
        case .min, .max:
            if column.code == .double {
                let bounds = page.boundsOfDoubles(column, mask)
                add(function == .min ? bounds.least : bounds.greatest, 0)
            } else {
                let bounds = page.bounds(column, mask)
                extremes[0] =
                    function == .min
                    ? Swift.min(extremes[0], bounds.least)
                    : Swift.max(extremes[0], bounds.greatest)
            }
        }
        return true
    }

    private func addSum(_ sum: Int64) {
        guard isWide else {
            sums[0] &+= sum
            return
        }
        sums[0] &+= sum &>> 32
        lowSums[0] &+= UInt64(bitPattern: sum) & 0xFFFF_FFFF
    }

    @inline(__always)
    private func add(_ value: Double, _ group: UInt32) {
        let known = doubleExtremes[group]
        let stays = function == .min ? known <= value : known >= value
        if !stays { doubleExtremes[group] = value }
    }

    private func add(_ bytes: UnsafeRawBufferPointer, _ group: UInt32) {
        let known = unsafe texts[group].bytes
        if unsafe known.baseAddress != nil {
            let order = unsafe TextMatch.order(bytes, known)
            if function == .min ? order >= 0 : order <= 0 { return }
        }
        unsafe texts[group] = TextPlace(bytes: bytes)
    }

    // MARK: Merging

    /// Takes over what another thread found.
    ///
    /// - Parameter groups: for each group of `other`, the one here.
    func merge(_ other: AggregateState, _ groups: [UInt32], groupCount: Int) {
        if let distinct, let others = other.distinct {
            distinct.merge(others, groups, groupCount: groupCount)
            return
        }
        fit(groupCount)
        // The only group of a thread that was given no rows has no cells.
        for (index, group) in groups.enumerated() where index < other.capacity {
            switch function {
            case .countDistinct: break
            case .sum, .average:
                if function == .average, column.isNullable { counts[group] &+= other.counts[index] }
                if column.code == .double {
                    doubles[group] += other.doubles[index]
                } else {
                    sums[group] &+= other.sums[index]
                    if isWide { lowSums[group] &+= other.lowSums[index] }
                }
            case .min, .max:
                switch column.code {
                case .bytes:
                    let bytes = unsafe other.texts[index].bytes
                    if unsafe bytes.baseAddress != nil { unsafe add(bytes, group) }
                case .double:
                    let value = other.doubleExtremes[index]
                    if !value.isNaN { add(value, group) }
                default:
                    let value = other.extremes[index]
                    extremes[group] =
                        function == .min
                        ? Swift.min(extremes[group], value) : Swift.max(extremes[group], value)
                }
            }
        }
    }

    // MARK: Results

    /// What came of a group of so many rows.
    func result(_ group: Int, rowCount: Int) -> ColumnResult {
        ColumnResult(value: value(group, rowCount), rendering: rendering)
    }

    private func value(_ group: Int, _ rowCount: Int) -> ColumnResult.Value {
        switch function {
        case .countDistinct: return .integer(Int64(distinct?.count(group) ?? 0))
        case .sum:
            guard group < capacity else { return rendering == .double ? .double(0) : .integer(0) }
            if rendering == .double { return .double(doubles[group]) }
            let limit = ScalarKind.longMax
            let sum = sum(group)
            return sum.magnitude <= limit ? .integer(Int64(truncatingIfNeeded: sum)) : .outOfRange
        case .average:
            guard group < capacity else { return .null }
            let count = column.isNullable ? counts[group] : rowCount
            if count == 0 { return .null }
            let total = column.code == .double ? doubles[group] : Double(sum(group))
            return .double(total / Double(count))
        case .min, .max:
            guard group < capacity else { return .null }
            switch column.code {
            case .bytes:
                let bytes = unsafe texts[group].bytes
                return unsafe bytes.baseAddress == nil ? .null : unsafe .text([UInt8](bytes))
            case .double:
                let value = doubleExtremes[group]
                return value.isNaN ? .null : .double(value)
            default:
                let value = extremes[group]
                return value == (function == .min ? .max : .min) ? .null : .integer(value)
            }
        }
    }

    private func sum(_ group: Int) -> Int128 {
        let sum = Int128(sums[group])
        return isWide ? (sum << 32) + Int128(lowSums[group]) : sum
    }
}
