/// Where a column's values lie in every page of its table, and how wide they are.
///
/// Trivial: plans keep it beside their instructions and hand it to ``RowView`` and ``PageView``.
public struct Column: Sendable, Equatable {
    /// How the values are kept.
    public enum Code: UInt8, Sendable {
        /// One bit a row, all 64 in one word.
        case bool
        /// One byte, unsigned.
        case int8
        /// Two bytes, unsigned.
        case int16
        case int32
        case int64
        case double
        /// The raw value of a ``RowRef``; a null is ``RowRef/none``.
        case reference
        /// Eight bytes that say where in the page's heap the bytes lie; see ``ByteSlot``.
        case bytes

        /// Bytes of one row's value. A boolean has none of its own: 64 of them share a word.
        @inlinable
        var width: Int {
            switch self {
            case .bool: 0
            case .int8: 1
            case .int16: 2
            case .int32, .reference: 4
            case .int64, .double, .bytes: 8
            }
        }
    }

    public let code: Code

    /// Bytes from the start of the page to the value of lane 0.
    @usableFromInline let offset: Int32

    /// Bytes from the start of the page to the word of validity, or −1 when every row has a value.
    @usableFromInline let validityOffset: Int32

    @inlinable public var isNullable: Bool { validityOffset >= 0 }

    @usableFromInline
    init(code: Code, offset: Int, validityOffset: Int?) {
        self.code = code
        self.offset = Int32(truncatingIfNeeded: offset)
        self.validityOffset = Int32(truncatingIfNeeded: validityOffset ?? -1)
    }
}

extension Column.Code {
    init(_ kind: ColumnKind) {
        switch kind {
        case .bool: self = .bool
        case .int8: self = .int8
        case .int16: self = .int16
        case .int32: self = .int32
        case .int64: self = .int64
        case .double: self = .double
        case .reference: self = .reference
        case .bytes: self = .bytes
        }
    }
}

/// Eight bytes of a page for one row's bytes: where they lie and what they are.
///
/// The lower half is the offset from the start of the page, the upper half the count of bytes with
/// three flags above it.
public struct ByteSlot: Sendable, Equatable {
    @usableFromInline let rawValue: UInt64

    @inlinable
    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    @inlinable
    init(offset: Int, count: Int, flags: ByteFlags) {
        rawValue =
            UInt64(truncatingIfNeeded: offset) & 0xFFFF_FFFF
            | UInt64(truncatingIfNeeded: count) &<< 32
            | UInt64(flags.rawValue) &<< 61
    }

    /// Bytes from the start of the page.
    @inlinable var offset: Int { Int(truncatingIfNeeded: rawValue & 0xFFFF_FFFF) }

    @inlinable var count: Int { Int(truncatingIfNeeded: rawValue &>> 32 & 0x1FFF_FFFF) }

    @inlinable var flags: ByteFlags {
        ByteFlags(rawValue: UInt8(truncatingIfNeeded: rawValue &>> 61))
    }
}

/// What is known about the bytes of a text without looking at them.
public struct ByteFlags: OptionSet, Sendable {
    public let rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// A JSON string must escape some of the bytes: `"`, `\` or one below 20.
    public static var needsEscape: ByteFlags { @inlinable get { ByteFlags(rawValue: 1) } }

    /// No byte is above 7F.
    public static var isASCII: ByteFlags { @inlinable get { ByteFlags(rawValue: 2) } }
}

/// How the pages of one table are laid out. Made once with the store and never changed.
///
/// A page begins with a header and the creation numbers of its 64 rows. Then come the words of
/// validity and the booleans, which are read with almost every row, then the columns from the
/// widest to the narrowest, so that each is aligned, and last the byte heap.
public struct TableLayout: Sendable {
    public let columns: [Column]

    /// Bytes of a page before its heap.
    let fixedByteCount: Int

    /// Whether rows have bytes at all; else a page has no heap.
    let hasBytes: Bool

    public init(_ table: TableDefinition) {
        var offset = PageLayout.columns
        var validity: [Int?] = []
        for column in table.columns {
            validity.append(column.isNullable ? offset : nil)
            if column.isNullable { offset += 8 }
        }
        let codes = table.columns.map { Column.Code($0.kind) }
        var offsets = [Int](repeating: 0, count: codes.count)
        for (position, code) in codes.enumerated() where code == .bool {
            offsets[position] = offset
            offset += 8
        }
        for width in [8, 4, 2, 1] {
            for (position, code) in codes.enumerated() where code.width == width {
                offsets[position] = offset
                offset += width * PageLayout.lanes
            }
        }
        columns = codes.indices.map {
            Column(code: codes[$0], offset: offsets[$0], validityOffset: validity[$0])
        }
        fixedByteCount = offset
        hasBytes = codes.contains(.bytes)
    }
}

/// Offsets within a page that are the same in all tables.
///
///     0    the pool's node header
///     16   UInt64   live rows, one bit each
///     24   UInt32   bytes of the page up to the end of the used heap
///     28   UInt32   bytes of the heap that belong to no row any more
///     32   UInt32   creation numbers, 64 of them
///     288  validity words, booleans, columns, heap
@usableFromInline
enum PageLayout {
    /// Rows of a page: as many as a word has bits.
    @inlinable static var lanes: Int { 64 }
    @inlinable static var laneBits: Int { 6 }
    @inlinable static var live: Int { 16 }
    @inlinable static var heapEnd: Int { 24 }
    @inlinable static var heapGarbage: Int { 28 }
    @inlinable static var creations: Int { 32 }
    @inlinable static var columns: Int { creations + 4 * lanes }

    /// Bytes of a page at most, so that offsets within it have 32 bits and to spare.
    static let byteCountMax = 1 << 31

    /// Bytes of a page at most while changes are taken back: what was there before one of them has
    /// room beside what it left, because a row is far smaller than the difference.
    static let byteCountMaxUndoing = Int(UInt32.max)
}
