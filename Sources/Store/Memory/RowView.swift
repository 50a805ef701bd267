/// One row of a pinned version, or of a draft.
///
/// Two words, copied freely. Reading a column is one load; nothing is checked, counted or
/// allocated. The value of a null is unspecified but safe to read: zero, an empty buffer,
/// ``RowRef/none``.
///
/// A view of a version is valid while the version is pinned; a view of a draft until the draft is
/// changed the next time. A column must be of the row's own table and of the kind that is read.
// Safe: whoever made the view holds a pin, or the writer's lock, over the whole of its use; a
// column's offsets lie within every page of its table, and a byte slot within its own page.
@safe
public struct RowView: @unchecked Sendable, BitwiseCopyable {
    @usableFromInline let page: UnsafeRawPointer
    @usableFromInline let lane: Int

    @inline(__always) @inlinable
    init(page: UnsafeRawPointer, lane: Int) {
        unsafe self.page = page
        self.lane = lane
    }

    /// The number of the row in the order of creation of its table, from 1.
    @inlinable public var creation: UInt32 {
        unsafe page.load(
            fromByteOffset: PageLayout.creations &+ 4 &* lane, as: UInt32.self)
    }

    @inline(__always) @inlinable
    public func isNull(_ column: Column) -> Bool {
        if column.validityOffset < 0 { return false }
        let word = unsafe page.load(
            fromByteOffset: Int(column.validityOffset), as: UInt64.self)
        return word &>> UInt64(truncatingIfNeeded: lane) & 1 == 0
    }

    @inline(__always) @inlinable
    public func bool(_ column: Column) -> Bool {
        let word = unsafe page.load(fromByteOffset: Int(column.offset), as: UInt64.self)
        return word &>> UInt64(truncatingIfNeeded: lane) & 1 != 0
    }

    @inline(__always) @inlinable
    public func int8(_ column: Column) -> Int {
        unsafe Int(page.load(fromByteOffset: Int(column.offset) &+ lane, as: UInt8.self))
    }

    @inline(__always) @inlinable
    public func int16(_ column: Column) -> Int {
        unsafe Int(page.load(fromByteOffset: Int(column.offset) &+ 2 &* lane, as: UInt16.self))
    }

    @inline(__always) @inlinable
    public func int32(_ column: Column) -> Int32 {
        unsafe page.load(fromByteOffset: Int(column.offset) &+ 4 &* lane, as: Int32.self)
    }

    @inline(__always) @inlinable
    public func int64(_ column: Column) -> Int64 {
        unsafe page.load(fromByteOffset: Int(column.offset) &+ 8 &* lane, as: Int64.self)
    }

    @inline(__always) @inlinable
    public func double(_ column: Column) -> Double {
        unsafe page.load(fromByteOffset: Int(column.offset) &+ 8 &* lane, as: Double.self)
    }

    /// The row that this one refers to; it is live in the same version. ``RowRef/none`` for null.
    @inline(__always) @inlinable
    public func reference(_ column: Column) -> RowRef {
        unsafe RowRef(
            rawValue: page.load(
                fromByteOffset: Int(column.offset) &+ 4 &* lane, as: UInt32.self))
    }

    /// The bytes of a text, a JSON document or an encoded value, in the page itself.
    @inline(__always) @inlinable
    public func bytes(_ column: Column) -> UnsafeRawBufferPointer {
        let slot = slot(column)
        return unsafe UnsafeRawBufferPointer(start: page + slot.offset, count: slot.count)
    }

    @inline(__always) @inlinable
    public func byteCount(_ column: Column) -> Int { slot(column).count }

    /// What is known about ``bytes(_:)``. Only texts have flags.
    @inline(__always) @inlinable
    public func byteFlags(_ column: Column) -> ByteFlags { slot(column).flags }

    @inline(__always) @inlinable
    func slot(_ column: Column) -> ByteSlot {
        unsafe ByteSlot(
            rawValue: page.load(
                fromByteOffset: Int(column.offset) &+ 8 &* lane, as: UInt64.self))
    }

    /// An integer of any width, a boolean as 0 or 1.
    @inlinable
    public func integer(_ column: Column) -> Int64 {
        switch column.code {
        case .bool: bool(column) ? 1 : 0
        case .int8: Int64(int8(column))
        case .int16: Int64(int16(column))
        case .int32: Int64(int32(column))
        default: int64(column)
        }
    }

    /// The word whose order as an unsigned number is that of the values, nulls last
    /// (``KeyEncoding``); of bytes, only the first eight count.
    @inlinable
    public func word(_ column: Column) -> UInt64 {
        if isNull(column) { return KeyEncoding.null }
        switch column.code {
        case .double: return KeyEncoding.ordered(double: double(column))
        case .reference: return KeyEncoding.ordered(reference: reference(column))
        case .bytes: return unsafe KeyEncoding.ordered(text: bytes(column))
        default: return KeyEncoding.ordered(int64: integer(column))
        }
    }

    /// The bits of a value that is not bytes, as a ``RowBuilder`` keeps them.
    func bits(_ column: Column) -> UInt64 {
        switch column.code {
        case .double: double(column).bitPattern
        case .reference: UInt64(reference(column).rawValue)
        default: UInt64(bitPattern: integer(column))
        }
    }
}
