import Bytes
import GraphQL
import Store

/// The bytes of a value column: objects and lists as they lie inside their row.
///
/// Every number is little-endian. A **place** is a presence byte, 0 for null or 1, and after a 1 a
/// payload. An object is the places of its fields, in their order; a list is the number of its
/// items in 32 bits, and then their places. What a column holds is one object or one list.
///
///     Int, Date               4 bytes
///     Long, DateTime, Float   8 bytes
///     Boolean                 1 byte
///     enum                    2 bytes, the place of the value
///     a row                   4 bytes, its `RowRef`
///     text, JSON              4 bytes: the byte count, the uppermost bit set when JSON must
///                             escape the text; then the bytes
///     object, list            4 bytes: the byte count; then the bytes
///
/// The encoding lives in memory only: files keep values as JSON. So it may change with any version
/// of the program, and with any change of a schema file.
public struct ValueLayout: Sendable {
    /// Bytes of each field's payload; 0 for those that begin with their own byte count.
    @usableFromInline let widths: [UInt8]

    init(_ types: [StoredType]) {
        widths = types.map { UInt8($0.payloadWidth) }
    }
}

extension StoredType {
    /// Bytes of a payload; 0 for those that begin with their own byte count.
    public var payloadWidth: Int {
        switch self {
        case .scalar(.boolean): 1
        case .enum: 2
        case .scalar(.int), .scalar(.date), .reference: 4
        case .scalar(.long), .scalar(.dateTime), .scalar(.float): 8
        case .scalar(.id), .scalar(.string), .scalar(.emailAddress), .scalar(.json): 0
        case .value, .list: 0
        }
    }
}

@usableFromInline
enum ValueEncoding {
    /// Bytes that one column can hold: the store keeps the length in 29 bits.
    static let byteCountMax = 1 << 29 - 1

    @usableFromInline static var escapeFlag: UInt32 {
        @inlinable get { 1 &<< 31 }
    }
}

/// A value where it lies in its row: a whole column, a field or an item.
///
/// Which of the readings below applies follows from the type; nothing in the bytes says it.
// Safe: made over the bytes of a row, which stay as long as the version that the caller has pinned;
// the bytes were written by `ValueWriter` for the same types, so that no reading leaves them.
@safe
public struct ValueView {
    @usableFromInline let start: UnsafeRawPointer
    @usableFromInline let byteCount: Int
    /// Whether JSON must escape the text.
    public let needsEscape: Bool

    /// - Parameter column: the bytes of a value column.
    @inlinable
    public init(column: UnsafeRawBufferPointer) {
        // No bytes are an object without fields: nothing will be read.
        let start = unsafe column.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        unsafe self.init(start: start, byteCount: column.count, needsEscape: false)
    }

    @inline(__always) @inlinable
    init(start: UnsafeRawPointer, byteCount: Int, needsEscape: Bool) {
        unsafe self.start = unsafe start
        self.byteCount = byteCount
        self.needsEscape = needsEscape
    }

    // MARK: Objects and lists

    /// A field of an object, nil when it is null. O(`index`): the fields before it are stepped over.
    @inlinable
    public func field(_ index: Int, in layout: ValueLayout) -> ValueView? {
        var places = unsafe ValuePlaces(at: start)
        var skipped = 0
        while skipped < index {
            places.skip(width: Int(layout.widths[skipped]))
            skipped &+= 1
        }
        return places.next(width: Int(layout.widths[index]))
    }

    /// The number of items of a list.
    @inlinable public var count: Int {
        Int(load(as: UInt32.self))
    }

    /// The items of a list, to be read `count` times.
    @inlinable public var items: ValuePlaces {
        unsafe ValuePlaces(at: start + 4)
    }

    // MARK: Payloads

    @inlinable public var bool: Bool { load(as: UInt8.self) != 0 }
    /// The place of an enum value.
    @inlinable public var enumPlace: Int { Int(load(as: UInt16.self)) }
    @inlinable public var int32: Int32 { load(as: Int32.self) }
    @inlinable public var int64: Int64 { load(as: Int64.self) }
    @inlinable public var double: Double { Double(bitPattern: load(as: UInt64.self)) }
    @inlinable public var reference: RowRef { RowRef(rawValue: load(as: UInt32.self)) }
    /// UTF-8, or a JSON document. Valid as long as the row.
    @inlinable public var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: start, count: byteCount)
    }

    @inline(__always) @inlinable
    func load<Number: FixedWidthInteger & BitwiseCopyable>(as type: Number.Type) -> Number {
        assert(byteCount >= MemoryLayout<Number>.size, "the bytes are of another type")
        return unsafe Number(littleEndian: start.loadUnaligned(as: Number.self))
    }
}

/// Goes from place to place: over the items of a list, or the fields of an object.
// Safe: as `ValueView`; the caller reads as many places as there are.
@safe
public struct ValuePlaces {
    @usableFromInline var position: UnsafeRawPointer

    @inline(__always) @inlinable
    init(at position: UnsafeRawPointer) {
        unsafe self.position = unsafe position
    }

    /// The value at the next place, nil when it is null.
    /// - Parameter width: `StoredType.payloadWidth` of what lies there.
    @inlinable
    public mutating func next(width: Int) -> ValueView? {
        let isPresent = unsafe position.load(as: UInt8.self) != 0
        unsafe position += 1
        guard isPresent else { return nil }
        if width > 0 {
            let view = unsafe ValueView(start: position, byteCount: width, needsEscape: false)
            unsafe position += width
            return view
        }
        let head = unsafe UInt32(littleEndian: position.loadUnaligned(as: UInt32.self))
        let byteCount = Int(head & ~ValueEncoding.escapeFlag)
        let view = unsafe ValueView(
            start: position + 4, byteCount: byteCount,
            needsEscape: head & ValueEncoding.escapeFlag != 0)
        unsafe position += 4 &+ byteCount
        return view
    }

    @inline(__always) @inlinable
    mutating func skip(width: Int) {
        _ = next(width: width)
    }
}
