import Bytes

/// How a value becomes one word of an index entry, so that the order of words, taken as unsigned
/// numbers, is the order of values; and how the values of several columns become one word of which
/// only equality is asked.
///
/// Null is the greatest word and belongs to no value: integers of the API stay within ±(2^53−1),
/// UTF-8 never begins with FF, not-a-number is never stored.
public enum KeyEncoding {
    /// The word of a null, after all others.
    public static var null: UInt64 {
        @inline(__always) @inlinable get { .max }
    }

    /// The order of integers, for every column kept as one: booleans, enumerations, dates, times.
    @inline(__always) @inlinable
    public static func ordered(int64 value: Int64) -> UInt64 {
        UInt64(bitPattern: value) ^ signBit
    }

    /// The integer that a word of ``ordered(int64:)`` stands for.
    @inlinable
    public static func int64(ordered word: UInt64) -> Int64 { Int64(bitPattern: word ^ signBit) }

    /// The order of numbers, −0 and 0 being one. `value` is not NaN.
    @inline(__always) @inlinable
    public static func ordered(double value: Double) -> UInt64 {
        let bits = (value + 0).bitPattern
        return bits & signBit == 0 ? bits ^ signBit : ~bits
    }

    /// The order of bytes, as far as the first eight of them tell: the shorter is filled with
    /// zeros. Where two words are equal, the whole texts decide.
    @inlinable
    public static func ordered(text bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress else { return 0 }
        if bytes.count >= 8 {
            return unsafe UInt64(bigEndian: base.loadUnaligned(as: UInt64.self))
        }
        var word: UInt64 = 0
        var offset = 0
        while offset < bytes.count {
            let byte = unsafe UInt64(base.load(fromByteOffset: offset, as: UInt8.self))
            word |= byte &<< UInt64(truncatingIfNeeded: 56 &- 8 &* offset)
            offset &+= 1
        }
        return word
    }

    /// The order of days of a year.
    @inline(__always) @inlinable
    public static func ordered(monthDay: MonthDay) -> UInt64 {
        ordered(int64: Int64(monthDay.rawValue))
    }

    /// References are only asked for equality; their order is that of the rows' places.
    @inline(__always) @inlinable
    public static func ordered(reference: RowRef) -> UInt64 {
        UInt64(reference.rawValue)
    }

    /// The word by which equal texts find each other. Different texts may share it.
    /// - Parameter seed: the store's own, so that a client cannot choose texts that collide.
    @inline(__always) @inlinable
    public static func equality(text bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        let word = unsafe StableHash.hash(bytes, seed: seed)
        return word == null ? null &- 1 : word
    }

    /// One equality word for the words of several columns, from the first to the last. A null in
    /// any of them goes in as the word ``null``.
    @inline(__always) @inlinable
    public static func combined(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let word = StableHash.mix(left, right)
        return word == null ? null &- 1 : word
    }

    @inlinable static var signBit: UInt64 { 1 &<< 63 }
}

/// What the words of an index's entries hold.
public struct IndexShape: Sendable, Equatable {
    /// Words of an entry, `1...3`, the locator included.
    public let stride: Int

    /// Whether the first word stands for the values of equality columns.
    public let hasEquality: Bool

    /// Whether the word before the locator carries an order.
    public let hasOrder: Bool

    /// Whether equal equality words mean equal values. If not, a reader verifies in the row.
    public let isExact: Bool

    /// Whether entries with equal words are ordered by the whole text in the row.
    public let hasTextTies: Bool

    /// Whether a row has an entry for each word of a text.
    public let hasWords: Bool

    init(_ index: IndexDefinition, of table: TableDefinition) {
        hasEquality = !index.equality.isEmpty
        hasOrder = index.ordered != nil
        stride = 1 + (hasEquality ? 1 : 0) + (hasOrder ? 1 : 0)
        isExact =
            index.equality.isEmpty
            || index.equality.count == 1 && !table.columns[index.equality[0]].kind.isBytes
        hasWords = index.order == .words
        hasTextTies =
            !hasWords && index.ordered.map { table.columns[$0].kind.isBytes } ?? false
    }
}
