import Bytes
import Glibc

/// The values of one row on their way into the store, or of those columns of a row that change.
///
/// One builder serves any number of rows: ``reset()``, set, hand over. It owns its memory and
/// keeps it, so that in a steady state nothing is allocated; bytes are copied when they are set.
/// A column that was not touched is null in a new row and stays as it is in a changed one.
///
/// A value of the wrong kind for its column is the caller's fault and traps. A value out of the
/// column's range is reported by the store, when the builder is handed over.
// Safe: both blocks of memory are owned by this object alone; `cells` has one cell for each column
// and every column number is checked against their count; `byteCount <= byteCapacity`.
@safe
public final class RowBuilder {
    let layout: TableLayout

    /// One cell for each column.
    let cells: UnsafeMutablePointer<RowCell>
    let columnCount: Int

    /// The bytes of all texts, documents and values set so far.
    private(set) var bytes: UnsafeMutableRawPointer
    private var byteCapacity: Int
    private(set) var byteCount = 0
    /// Bytes among them that were set and then set again.
    private(set) var staleByteCount = 0

    /// The system columns that the store has filled in, one bit each.
    private var filled: UInt8 = 0

    /// The first column that was given a value out of its range.
    private(set) var outOfRange: ColumnID?

    public init(_ layout: TableLayout) {
        self.layout = layout
        columnCount = layout.columns.count
        unsafe cells = .allocate(capacity: columnCount)
        byteCapacity = 1024
        guard let memory = unsafe malloc(byteCapacity) else { fatalError("out of memory") }
        unsafe bytes = memory
        for (column, description) in layout.columns.enumerated() {
            unsafe (cells + column).initialize(to: RowCell(column: description))
        }
    }

    deinit {
        unsafe cells.deallocate()
        unsafe free(bytes)
    }

    /// Forgets all values.
    public func reset() {
        for column in 0..<columnCount { unsafe cells[column].state = .untouched }
        byteCount = 0
        staleByteCount = 0
        filled = 0
        outOfRange = nil
    }

    public func setNull(_ column: ColumnID) {
        let cell = unsafe cell(column)
        unsafe forget(cell)
        unsafe cell.pointee.state = .null
    }

    /// Sets a boolean (0 or 1), the position of an enumeration's value, an integer, a date or a
    /// time. Integers of 64 bits must lie within ±(2^53−1).
    public func set(_ column: ColumnID, int value: Int64) {
        let cell = unsafe cell(column)
        let isInRange: Bool
        switch unsafe cell.pointee.column.code {
        case .bool: isInRange = value & ~1 == 0
        case .int8: isInRange = value & ~0xFF == 0
        case .int16: isInRange = value & ~0xFFFF == 0
        case .int32: isInRange = Int64(Int32(truncatingIfNeeded: value)) == value
        case .int64: isInRange = value.magnitude <= RowBuilder.integerMax
        case .double, .reference, .bytes: preconditionFailure("not a column of integers")
        }
        unsafe cell.pointee.state = .value
        unsafe cell.pointee.word = UInt64(bitPattern: value)
        if !isInRange { reportOutOfRange(column) }
    }

    /// Sets a floating-point number, which must be finite. −0 becomes 0: they are one value.
    public func set(_ column: ColumnID, double value: Double) {
        let cell = unsafe cell(column)
        precondition(
            unsafe cell.pointee.column.code == .double, "not a column of floating-point numbers")
        unsafe cell.pointee.state = .value
        unsafe cell.pointee.word = (value + 0).bitPattern
        if !value.isFinite { reportOutOfRange(column) }
    }

    /// Sets a reference; ``RowRef/none`` is null.
    public func set(_ column: ColumnID, reference: RowRef) {
        let cell = unsafe cell(column)
        precondition(unsafe cell.pointee.column.code == .reference, "not a column of references")
        unsafe cell.pointee.state = reference == .none ? .null : .value
        unsafe cell.pointee.word = reference.word
    }

    /// Sets a text, which is valid UTF-8, a JSON document or an encoded value of at most
    /// ``valueBytesMax`` bytes. They are copied.
    public func set(_ column: ColumnID, bytes source: UnsafeRawBufferPointer) {
        let cell = unsafe cell(column)
        precondition(unsafe cell.pointee.column.code == .bytes, "not a column of bytes")
        guard source.count <= RowBuilder.valueBytesMax,
            byteCount &+ source.count <= RowBuilder.rowBytesMax
        else {
            unsafe cell.pointee.state = .null
            return reportOutOfRange(column)
        }
        unsafe forget(cell)
        if source.count > byteCapacity &- byteCount { grow(by: source.count) }
        if let base = source.baseAddress {
            unsafe memcpy(bytes + byteCount, base, source.count)
        }
        unsafe cell.pointee.state = .value
        unsafe cell.pointee.word =
            ByteSlot(offset: byteCount, count: source.count, flags: RowBuilder.flags(source))
            .rawValue
        byteCount &+= source.count
    }

    /// Sets a text.
    public func set(_ column: ColumnID, text: String) {
        var text = text
        text.withUTF8 { utf8 in
            unsafe set(column, bytes: UnsafeRawBufferPointer(utf8))
        }
    }

    /// Bytes of one value at most: a page of 64 such values in a handful of columns still has
    /// offsets of 32 bits.
    public static let valueBytesMax = 1 << 24

    /// Bytes of all values of one row at most: offsets into them have 32 bits.
    public static let rowBytesMax = 1 << 28

    /// The greatest magnitude of a 64-bit integer that a JSON number can carry exactly.
    public static let integerMax: UInt64 = 1 << 53 - 1

    // MARK: For the store

    /// Gives a new row the system columns that it does not bring along.
    @inline(__always)
    func fillSystemColumns(now: Int64) {
        fill(TableDefinition.versionColumn, 1)
        fill(TableDefinition.createdAtColumn, now)
        fill(TableDefinition.updatedAtColumn, now)
    }

    @inline(__always)
    func fill(_ column: ColumnID, _ value: Int64) {
        guard unsafe cells[column].state == .untouched else { return }
        unsafe cells[column].state = .value
        unsafe cells[column].word = UInt64(bitPattern: value)
        filled |= 1 &<< UInt8(truncatingIfNeeded: column)
    }

    /// Takes back what the store has filled in, so that the builder is as the caller left it.
    @inline(__always)
    func clearFilledColumns() {
        if filled == 0 { return }
        for column in TableDefinition.versionColumn...TableDefinition.updatedAtColumn
        where filled &>> UInt8(truncatingIfNeeded: column) & 1 != 0 {
            unsafe cells[column].state = .untouched
        }
        filled = 0
    }

    @inline(__always)
    func cell(_ column: ColumnID) -> UnsafeMutablePointer<RowCell> {
        precondition(column >= 0 && column < columnCount, "no such column")
        return unsafe cells + column
    }

    /// Sets a value that was read from a row; see ``RowView/bits(_:)``.
    func set(_ column: ColumnID, bits: UInt64) {
        let cell = unsafe cell(column)
        unsafe cell.pointee.state = .value
        unsafe cell.pointee.word = bits
    }

    /// Whether a column was given a value, or null.
    public func isSet(_ column: ColumnID) -> Bool { state(column) != .untouched }

    /// Whether a touched column has another value than a row.
    func differs(from row: RowView) -> Bool {
        for position in 0..<columnCount {
            let cell = unsafe cells[position]
            let column = cell.column
            switch cell.state {
            case .untouched: continue
            case .null: if !row.isNull(column) { return true }
            case .value:
                if row.isNull(column) { return true }
                let isSame =
                    column.code == .bytes
                    ? unsafe IndexPlan.compare(bytes(position), row.bytes(column)) == 0
                    : row.bits(column) == cell.word
                if !isSame { return true }
            }
        }
        return false
    }

    @inline(__always)
    func state(_ column: ColumnID) -> RowCell.State { unsafe cell(column).pointee.state }

    /// The reference set in a column, or ``RowRef/none``.
    func reference(_ column: ColumnID) -> RowRef {
        let cell = unsafe cell(column).pointee
        guard cell.state == .value else { return .none }
        return RowRef(rawValue: UInt32(truncatingIfNeeded: cell.word))
    }

    /// The bytes set in a column; valid until the next ones are set.
    func bytes(_ column: ColumnID) -> UnsafeRawBufferPointer {
        let cell = unsafe cell(column).pointee
        guard cell.state == .value else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let slot = ByteSlot(rawValue: cell.word)
        return unsafe UnsafeRawBufferPointer(start: bytes + slot.offset, count: slot.count)
    }

    /// Counts the bytes of a value that is about to be replaced.
    private func forget(_ cell: UnsafeMutablePointer<RowCell>) {
        guard unsafe cell.pointee.state == .value, unsafe cell.pointee.column.code == .bytes else {
            return
        }
        staleByteCount &+= unsafe ByteSlot(rawValue: cell.pointee.word).count
    }

    private func reportOutOfRange(_ column: ColumnID) {
        if outOfRange == nil { outOfRange = column }
    }

    private func grow(by extra: Int) {
        byteCapacity = max(2 * byteCapacity, byteCount + extra)
        guard let memory = unsafe realloc(bytes, byteCapacity) else { fatalError("out of memory") }
        unsafe bytes = memory
    }

    /// Eight bytes at a time: the high bits of all tell ASCII, and a byte below 20, a quotation
    /// mark or a backslash turns on a high bit in one of three differences.
    static func flags(_ bytes: UnsafeRawBufferPointer) -> ByteFlags {
        guard let base = bytes.baseAddress else { return .isASCII }
        var high: UInt64 = 0
        var escape: UInt64 = 0
        var offset = 0
        while offset &+ 8 <= bytes.count {
            let word = unsafe base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            high |= word
            escape |= escapes(word)
            offset &+= 8
        }
        if offset < bytes.count {
            var word = filler
            unsafe withUnsafeMutableBytes(of: &word) {
                unsafe $0.copyBytes(
                    from: UnsafeRawBufferPointer(
                        start: base + offset, count: bytes.count &- offset))
            }
            high |= word
            escape |= escapes(word)
        }
        var flags: ByteFlags = []
        if high & highBits == 0 { flags.insert(.isASCII) }
        if escape & highBits != 0 { flags.insert(.needsEscape) }
        return flags
    }

    @inline(__always)
    private static func escapes(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        return (word &- ones &* 0x20) & ~word
            | (quote &- ones) & ~quote
            | (backslash &- ones) & ~backslash
    }

    private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// Eight bytes that need no escape.
    private static var filler: UInt64 { 0x2020_2020_2020_2020 }
}

/// One column of a row under construction.
struct RowCell {
    enum State: UInt8 {
        case untouched
        case null
        case value
    }

    /// The bits of an integer, a number or a reference, or a ``ByteSlot`` into the builder's bytes.
    var word: UInt64 = 0
    var state = State.untouched
    let column: Column
}

extension RowRef {
    var word: UInt64 { UInt64(rawValue) }
}
