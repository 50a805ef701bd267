import Bytes

/// One change of a row, without its values.
struct Change: Equatable {
    enum Kind: UInt64 {
        case insert = 0
        case update = 1
        case delete = 2
    }

    let kind: Kind
    /// The position of the table in the file's layout.
    let table: Int
    let ref: RowRef
    /// Of a row that is inserted; else 0.
    let creation: UInt32
}

/// One value of a change.
// Safe: `bytes` lies in the record, which outlives the body that is given the value.
@safe
struct ChangeValue {
    /// As a ``RowBuilder`` keeps it; of bytes, nothing.
    var word: UInt64 = 0
    let bytes: UnsafeRawBufferPointer

    init(word: UInt64) {
        self.word = word
        unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    }

    init(bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = unsafe bytes
    }
}

/// What the body of a record does not follow: the format that ``RecordHeader`` describes.
struct ChangeFault: Error, Equatable {
    /// Bytes from the start of the body.
    let offset: Int
    let reason: Reason

    enum Reason: Equatable {
        case end
        case number
        case table
        case column
        case kind
    }
}

/// Reads the changes of a record, one after the other.
// Safe: the bytes outlive the reader; every load is checked against their end.
@safe
struct ChangeReader {
    private let base: UnsafeRawPointer
    private let end: Int
    private let layout: FileLayout
    private(set) var offset = 0

    init(_ body: UnsafeRawBufferPointer, layout: FileLayout) {
        unsafe base =
            body.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        end = body.count
        self.layout = layout
    }

    /// The next change, or nil at the end. ``forEachCell(of:failure:_:)`` must follow before the next.
    mutating func next() throws(ChangeFault) -> Change? {
        guard offset < end else { return nil }
        let head = try readVarint()
        guard let kind = Change.Kind(rawValue: head & 3) else { throw fault(.kind) }
        guard head >> 2 < UInt64(layout.tables.count) else { throw fault(.table) }
        let ref = RowRef(rawValue: try readHalf())
        let creation = kind == .insert ? try readHalf() : 0
        return Change(kind: kind, table: Int(head >> 2), ref: ref, creation: creation)
    }

    /// Calls `body` with each column of the change just read, and its value or nil for null. Of an
    /// inserted row these are all columns, of a deleted one none.
    @inline(__always)
    mutating func forEachCell<Failure: Error>(
        of change: Change, failure: (ChangeFault) -> Failure,
        _ body: (Int, ChangeValue?) throws(Failure) -> Void
    ) throws(Failure) {
        let columns = layout.tables[change.table].columns
        switch change.kind {
        case .delete: return
        case .insert:
            let bits = offset
            let bitByteCount = (columns.count + 7) / 8
            guard bitByteCount <= end - offset else { throw failure(fault(.end)) }
            offset += bitByteCount
            for position in columns.indices {
                let byte = unsafe base.load(
                    fromByteOffset: bits &+ position &>> 3, as: UInt8.self)
                guard byte &>> UInt8(truncatingIfNeeded: position & 7) & 1 != 0 else {
                    try body(position, nil)
                    continue
                }
                let value: ChangeValue
                do throws(ChangeFault) { value = try readValue(columns[position].kind) } catch {
                    throw failure(error)
                }
                try body(position, value)
            }
        case .update:
            var count: UInt64 = 0
            do throws(ChangeFault) { count = try readVarint() } catch { throw failure(error) }
            while count > 0 {
                count &-= 1
                var column: UInt64 = 0
                var value: ChangeValue?
                do throws(ChangeFault) {
                    column = try readVarint()
                    guard column >> 1 < UInt64(columns.count) else { throw fault(.column) }
                    if column & 1 != 0 {
                        value = try readValue(columns[Int(column >> 1)].kind)
                    }
                } catch { throw failure(error) }
                try body(Int(column >> 1), value)
            }
        }
    }

    @inline(__always)
    private mutating func readValue(_ kind: FileLayout.Kind) throws(ChangeFault) -> ChangeValue {
        switch kind {
        case .bool, .int8:
            guard offset < end else { throw fault(.end) }
            let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
            guard kind == .int8 || byte <= 1 else { throw fault(.number) }
            offset &+= 1
            return ChangeValue(word: UInt64(byte))
        case .int16:
            let word = try readVarint()
            guard word <= UInt64(UInt16.max) else { throw fault(.number) }
            return ChangeValue(word: word)
        case .reference: return ChangeValue(word: UInt64(try readHalf()))
        case .int32, .int64:
            let word = try readVarint()
            let value = Int64(bitPattern: word &>> 1) ^ -Int64(bitPattern: word & 1)
            guard kind == .int64 || Int64(Int32(truncatingIfNeeded: value)) == value else {
                throw fault(.number)
            }
            return ChangeValue(word: UInt64(bitPattern: value))
        case .double:
            guard 8 <= end &- offset else { throw fault(.end) }
            let word = unsafe UInt64(
                littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            guard Double(bitPattern: word).isFinite else { throw fault(.number) }
            offset &+= 8
            return ChangeValue(word: word)
        case .text, .json, .value:
            let count = try readVarint()
            guard count <= UInt64(end &- offset) else { throw fault(.end) }
            let bytes = unsafe UnsafeRawBufferPointer(start: base + offset, count: Int(count))
            offset &+= Int(count)
            return unsafe ChangeValue(bytes: bytes)
        }
    }

    @inline(__always)
    private mutating func readHalf() throws(ChangeFault) -> UInt32 {
        let word = try readVarint()
        guard let half = UInt32(exactly: word) else { throw fault(.number) }
        return half
    }

    @inline(__always)
    private mutating func readVarint() throws(ChangeFault) -> UInt64 {
        var word: UInt64 = 0
        var shift: UInt64 = 0
        while offset < end {
            let byte = unsafe base.load(fromByteOffset: offset, as: UInt8.self)
            offset &+= 1
            guard shift < 63 || byte <= 1 else { throw fault(.number) }
            word |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return word }
            shift &+= 7
            guard shift <= 63 else { throw fault(.number) }
        }
        throw fault(.end)
    }

    private func fault(_ reason: ChangeFault.Reason) -> ChangeFault {
        ChangeFault(offset: offset, reason: reason)
    }
}
