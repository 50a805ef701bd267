import Bytes

/// The changes of a group as a journal has them, noted while they are made.
///
/// The bytes begin with room for the record's header, so that the whole record is written at once.
/// In a steady state nothing is allocated.
final class ChangeLog {
    private let codec: any FileCodec
    private let bytes = ByteBuffer(capacity: 4096)
    /// A value on its way: its length stands before it.
    private let scratch = ByteBuffer(capacity: 256)

    init(codec: any FileCodec) {
        self.codec = codec
        removeAll()
    }

    /// Bytes of the record so far, header included; a mark to go back to.
    var byteCount: Int { bytes.count }

    var isEmpty: Bool { bytes.count == RecordHeader.byteCount }

    /// A log is used for one group after the other; after a large one its memory is given back.
    func removeAll() {
        bytes.removeAll(keepingAtMost: 8 << 20)
        bytes.append(repeating: 0, count: RecordHeader.byteCount)
    }

    /// Forgets what was noted after a mark.
    func truncate(to byteCount: Int) { bytes.truncate(to: byteCount) }

    // MARK: Taking note

    func appendInsert(_ plan: TablePlan, _ ref: RowRef, creation: UInt32, _ row: RowBuilder) {
        appendHead(.insert, plan.id, ref)
        bytes.appendVarint(UInt64(creation))
        var bits: UInt8 = 0
        for column in 0..<row.columnCount {
            if unsafe row.cells[column].state == .value {
                bits |= 1 &<< UInt8(truncatingIfNeeded: column & 7)
            }
            if column & 7 == 7 || column == row.columnCount &- 1 {
                bytes.append(byte: bits)
                bits = 0
            }
        }
        for column in 0..<row.columnCount {
            let cell = unsafe row.cells[column]
            if cell.state == .value { appendValue(cell, column, plan, row) }
        }
    }

    func appendUpdate(_ plan: TablePlan, _ ref: RowRef, _ changes: RowBuilder) {
        appendHead(.update, plan.id, ref)
        var count = 0
        for column in 0..<changes.columnCount {
            if unsafe changes.cells[column].state != .untouched { count &+= 1 }
        }
        bytes.appendVarint(UInt64(count))
        for column in 0..<changes.columnCount {
            let cell = unsafe changes.cells[column]
            if cell.state == .untouched { continue }
            bytes.appendVarint(UInt64(column) &<< 1 | (cell.state == .value ? 1 : 0))
            if cell.state == .value { appendValue(cell, column, plan, changes) }
        }
    }

    func appendDelete(_ table: TableID, _ ref: RowRef) {
        appendHead(.delete, table, ref)
    }

    private func appendHead(_ kind: Change.Kind, _ table: TableID, _ ref: RowRef) {
        bytes.appendVarint(UInt64(table.index) &<< 2 | kind.rawValue)
        bytes.appendVarint(UInt64(ref.rawValue))
    }

    private func appendValue(
        _ cell: RowCell, _ column: ColumnID, _ plan: TablePlan, _ row: RowBuilder
    ) {
        switch cell.column.code {
        case .bool, .int8: bytes.append(byte: UInt8(truncatingIfNeeded: cell.word))
        case .int16, .reference: bytes.appendVarint(cell.word)
        case .int32, .int64: bytes.appendSignedVarint(Int64(bitPattern: cell.word))
        case .double:
            var word = cell.word.littleEndian
            unsafe withUnsafeBytes(of: &word) { unsafe bytes.append($0) }
        case .bytes:
            let value = unsafe row.bytes(column)
            if plan.isValue[column] {
                scratch.truncate(to: 0)
                unsafe codec.appendJSON(value, table: plan.id, column: column, to: scratch)
                bytes.appendVarint(UInt64(scratch.count))
                unsafe scratch.withUnsafeBytes { unsafe bytes.append($0) }
            } else {
                bytes.appendVarint(UInt64(value.count))
                unsafe bytes.append(value)
            }
        }
    }

    // MARK: The record

    /// Fills in the header and calls `body` with the whole record.
    /// - Returns: what the next record has to follow.
    func withRecord(
        following end: JournalEnd, time: Int64,
        _ body: (UnsafeRawBufferPointer) throws(DiskError) -> Void
    ) throws(DiskError) -> JournalEnd {
        try unsafe bytes.withRecord(following: end, kind: .changes, time: time, body)
    }
}

extension ByteBuffer {
    /// Fills in the header of a record whose body stands behind room for it, and calls `body`.
    func withRecord(
        following end: JournalEnd, kind: RecordHeader.Kind, time: Int64,
        _ body: (UnsafeRawBufferPointer) throws(DiskError) -> Void
    ) throws(DiskError) -> JournalEnd {
        let content = unsafe UnsafeRawBufferPointer(
            start: base + RecordHeader.byteCount, count: count - RecordHeader.byteCount)
        let sequence = kind == .header ? end.sequence : end.sequence + 1
        let header = unsafe RecordHeader(
            bodyByteCount: content.count, sequence: sequence, time: time,
            previousHash: end.hash, kind: kind, bodyCheck: CRC32C.value(of: content))
        unsafe header.write(to: base)
        return try unsafe withUnsafeBytes { record throws(DiskError) in
            try unsafe body(record)
            return unsafe JournalEnd(
                generation: end.generation, sequence: sequence, hash: RecordHeader.hash(of: record),
                time: time, offset: end.offset + record.count)
        }
    }
}
