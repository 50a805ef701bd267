import Dispatch
import Store

/// Gives the values of a column small numbers: its codes. 0 is null.
///
/// Booleans, enum values and references are their own codes but for the 1 that null takes; all
/// others get theirs in the order in which they occur. Codes of two coders of one column differ
/// therefore; ``translation(into:)`` brings them together.
final class ColumnCoder {
    private enum Kind {
        case bool, byte, reference
        /// Whole numbers of more than a byte.
        case integers(WordDictionary)
        case doubles(WordDictionary)
        case texts(TextDictionary)
        case buckets(BucketCodes)
        /// The codes of a column that the references in this one lead to.
        case referred(ReferredCodes)
        /// The same, row by row.
        case walk(ReferenceWalk)
    }

    private let column: Column
    private let kind: Kind

    /// The codes of a column of the rows at hand.
    init(_ column: Column, bucket: DateBucket? = nil, _ calendar: LocalCalendar) {
        self.column = column
        switch column.code {
        case .bool: kind = .bool
        case .int8: kind = .byte
        case .reference: kind = .reference
        case .double: kind = .doubles(WordDictionary())
        case .bytes: kind = .texts(TextDictionary())
        case .int16, .int32, .int64:
            if let bucket {
                let isDate = column.code == .int32
                kind = .buckets(BucketCodes(bucket, isDate ? nil : calendar))
            } else {
                kind = .integers(WordDictionary())
            }
        }
    }

    /// The codes that were read for all rows that `column` can lead to.
    init(_ column: Column, _ referred: ReferredCodes) {
        self.column = column
        kind = .referred(referred)
    }

    /// The codes of `inner` for the rows that `column` leads to.
    init(_ column: Column, _ table: TableView, _ inner: ColumnCoder) {
        self.column = column
        kind = .walk(ReferenceWalk(column, table, inner))
    }

    /// Values that are kept in memory, so that they can be told apart.
    var valueCount: Int {
        switch kind {
        case .bool, .byte, .reference: 0
        case .integers(let dictionary), .doubles(let dictionary): dictionary.count
        case .texts(let dictionary): dictionary.count
        case .buckets(let buckets): buckets.dictionary.count
        case .referred(let referred): referred.coder.valueCount
        case .walk(let walk): walk.inner.valueCount
        }
    }

    /// Whether codes follow from the values alone, so that several threads may ask for them.
    var isFixed: Bool {
        switch kind {
        case .bool, .byte, .reference, .referred: true
        case .integers, .doubles, .texts, .buckets, .walk: false
        }
    }

    /// The codes of a batch of rows.
    @inline(__always)
    func encode<Batch: RowBatch>(_ batch: Batch, into codes: Cells<UInt32>) {
        let column = self.column
        switch kind {
        case .bool:
            each(batch, codes) { $0.bool(column) ? 2 : 1 }
        case .byte:
            each(batch, codes) { UInt32(truncatingIfNeeded: $0.int8(column)) &+ 1 }
        case .reference:
            // No row reads as the greatest number, so that null becomes 0 by itself.
            for index in 0..<batch.count {
                codes[index] = batch.row(index).reference(column).rawValue &+ 1
            }
        case .integers(let dictionary):
            switch column.code {
            case .int32:
                each(batch, codes) {
                    dictionary.code(
                        of: UInt64(bitPattern: Int64(truncatingIfNeeded: $0.int32(column))))
                }
            case .int64:
                each(batch, codes) {
                    dictionary.code(of: UInt64(bitPattern: $0.int64(column)))
                }
            default:
                each(batch, codes) {
                    dictionary.code(of: UInt64(bitPattern: $0.integer(column)))
                }
            }
        case .doubles(let dictionary):
            // Minus zero is zero.
            each(batch, codes) { dictionary.code(of: ($0.double(column) + 0).bitPattern) }
        case .texts(let dictionary):
            each(batch, codes) { unsafe dictionary.code(of: $0.bytes(column)) }
        case .buckets(let buckets):
            if column.code == .int64 {
                buckets.encode(batch, column, into: codes) { $0.int64(column) }
            } else {
                buckets.encode(batch, column, into: codes) { $0.integer(column) }
            }
        case .referred(let referred):
            let all = referred.codes
            for index in 0..<batch.count {
                codes[index] = all[batch.row(index).reference(column).rawValue &+ 1]
            }
        case .walk(let walk): walk.encode(batch, into: codes)
        }
    }

    @inline(__always)
    private func each<Batch: RowBatch>(
        _ batch: Batch, _ codes: Cells<UInt32>, _ code: (RowView) -> UInt32
    ) {
        if batch.mayHaveNulls(column) {
            for index in 0..<batch.count {
                let row = batch.row(index)
                codes[index] = row.isNull(column) ? 0 : code(row)
            }
        } else {
            for index in 0..<batch.count { codes[index] = code(batch.row(index)) }
        }
    }

    /// What a code stands for.
    func value(_ code: UInt32) -> GroupKeyValue {
        if code == 0 { return .null }
        switch kind {
        case .bool, .byte: return .integer(Int64(code) - 1)
        case .reference: return .row(RowRef(rawValue: code &- 1))
        case .integers(let dictionary):
            return .integer(Int64(bitPattern: dictionary.word(code)))
        case .doubles(let dictionary):
            return .double(Double(bitPattern: dictionary.word(code)))
        case .texts(let dictionary): return unsafe .text([UInt8](dictionary.text(code)))
        case .buckets(let buckets):
            return .integer(Int64(bitPattern: buckets.dictionary.word(code)))
        case .referred(let referred): return referred.coder.value(code)
        case .walk(let walk): return walk.inner.value(code)
        }
    }

    /// For each code of this coder, the code of the same value in `other`, a coder of the same
    /// column; nil when codes are the same in both.
    func translation(into other: ColumnCoder) -> [UInt32]? {
        switch (kind, other.kind) {
        case (.integers(let own), .integers(let others)),
            (.doubles(let own), .doubles(let others)):
            return Self.translation(own, others)
        case (.buckets(let own), .buckets(let others)):
            return Self.translation(own.dictionary, others.dictionary)
        case (.texts(let own), .texts(let others)):
            var codes: [UInt32] = [0]
            codes.reserveCapacity(own.count + 1)
            for code in 1..<UInt32(own.count + 1) {
                unsafe codes.append(others.code(of: own.text(code), hash: own.hash(code)))
            }
            return codes
        case (.walk(let own), .walk(let others)):
            return own.inner.translation(into: others.inner)
        default: return nil
        }
    }

    private static func translation(
        _ own: WordDictionary, _ others: WordDictionary
    ) -> [UInt32] {
        var codes: [UInt32] = [0]
        codes.reserveCapacity(own.count + 1)
        for code in 1..<UInt32(own.count + 1) { codes.append(others.code(of: own.word(code))) }
        return codes
    }
}

/// Follows references row by row: for lists that are short beside the table they refer to.
// Safe: the cells are freed with the object, and handed to nobody that keeps them.
@safe
final class ReferenceWalk {
    let inner: ColumnCoder
    private let column: Column
    private let table: TableView
    private let rows: Cells<RowView>
    private let found: Cells<UInt32>

    init(_ column: Column, _ table: TableView, _ inner: ColumnCoder) {
        self.column = column
        self.table = table
        self.inner = inner
        rows = Cells(count: 64)
        found = Cells(count: 64, filling: 0)
    }

    deinit {
        rows.free()
        found.free()
    }

    func encode<Batch: RowBatch>(_ batch: Batch, into codes: Cells<UInt32>) {
        var count = 0
        for index in 0..<batch.count {
            let target = batch.row(index).reference(column)
            codes[index] = target == .none ? 0 : 1
            if target != .none {
                rows[count] = table.row(target)
                count &+= 1
            }
        }
        inner.encodeLoose(LooseBatch(rows: rows, count: count), into: found)
        var next = 0
        for index in 0..<batch.count where codes[index] != 0 {
            codes[index] = found[next]
            next &+= 1
        }
    }
}

extension ColumnCoder {
    /// As `encode`, compiled once.
    @inline(never)
    func encodeLoose(_ batch: LooseBatch, into codes: Cells<UInt32>) {
        encode(batch, into: codes)
    }
}

/// The codes of one column for all rows of a table, by their references: made once for a whole
/// request, so that a million ways over a reference cost a load each.
// Safe: the cells are freed with the object; after `init` nobody writes to them.
@safe
final class ReferredCodes: @unchecked Sendable {
    /// Knows what the codes mean. After `init` it is asked for nothing new.
    let coder: ColumnCoder
    /// By the reference's number and 1: no row is at 0.
    let codes: Cells<UInt32>

    /// - Parameter threads: how many may read the table.
    /// - Returns: nil when the operation must be given up.
    init?(
        _ table: TableView, _ coder: ColumnCoder, _ meter: WorkMeter, _ limits: GroupLimits,
        threads: Int
    ) {
        self.coder = coder
        codes = Cells(count: Int(table.refEnd) &+ 1, filling: 0)
        let pages = PageShares(table)
        guard threads > 1, coder.isFixed else {
            guard read(pages, table, meter, limits) else { return nil }
            return
        }
        let meters = (0..<threads).map { _ in meter.child() }
        DispatchQueue.concurrentPerform(iterations: threads) { [self] index in
            _ = read(pages, table, meters[index], limits)
        }
        meter.absorb(meters)
        if meter.abortion != nil { return nil }
    }

    private func read(
        _ pages: PageShares, _ table: TableView, _ meter: WorkMeter, _ limits: GroupLimits
    ) -> Bool {
        let lanes = Cells<UInt8>(count: 64)
        let found = Cells<UInt32>(count: 64)
        defer {
            lanes.free()
            found.free()
        }
        while let (shard, numbers) = pages.next() {
            for number in numbers {
                guard let page = table.page(shard: shard, number: number) else { continue }
                guard meter.visit(4) else { return false }
                let batch = PageBatch(page, page.live, lanes: lanes)
                coder.encode(batch, into: found)
                for index in 0..<batch.count {
                    codes[page.ref(lane: Int(lanes[index])).rawValue &+ 1] = found[index]
                }
                if coder.valueCount > limits.distinctValuesMax {
                    meter.giveUp(.tooManyGroups)
                    return false
                }
            }
        }
        return true
    }

    deinit {
        codes.free()
    }
}
