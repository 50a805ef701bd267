import Bytes
import JSON

/// Reads lines of rows that ``RowEncoder`` wrote, of a layout that may be an older one, into the
/// rows of a store.
///
/// A decoder belongs to one thread.
final class RowDecoder {
    private struct Place {
        /// nil for a column that the store does not have.
        let target: ColumnID?
        let kind: FileLayout.Kind
        let isNullable: Bool
        /// Of an enumeration whose values have other numbers now, the new ones.
        let values: [Int]?
        /// The name of the column in the file.
        let name: String
    }

    private let table: TableID
    private let places: [Place]
    private let added: [ColumnID]
    private let codec: any FileCodec
    private let now: Int64
    private let row: RowBuilder
    private let text = ByteBuffer(capacity: 256)

    /// By the number of the file's column and that of its value, how many rows have a value that
    /// the store's column lacks.
    private(set) var lost: [LostValue: Int] = [:]

    struct LostValue: Hashable {
        let column: Int
        let value: Int
    }

    /// - Parameters:
    ///   - file: the table as the file has it.
    ///   - now: milliseconds since 1970-01-01T00:00:00Z, for the defaults of new columns.
    init(
        _ file: FileLayout.Table, _ mapping: LayoutMapping.Table, _ plan: TablePlan,
        codec: any FileCodec, now: Int64
    ) {
        table = plan.id
        self.codec = codec
        self.now = now
        row = RowBuilder(plan.layout)
        added = mapping.added
        places = zip(file.columns, mapping.columns).map { column, target in
            Place(
                target: target.column, kind: column.kind, isNullable: column.isNullable,
                values: target.values, name: column.name)
        }
    }

    /// Reads one line and adds its row.
    /// - Throws: the fault, and where in the line it is.
    func decode(_ line: UnsafeRawBufferPointer, into shard: ShardRestore) throws(LineFault) {
        let fault: LineFault?
        do {
            fault = try unsafe read(line, into: shard)
        } catch { throw LineFault(offset: error.offset, fault: .json(error)) }
        if let fault { throw fault }
    }

    private func read(
        _ line: UnsafeRawBufferPointer, into shard: ShardRestore
    ) throws(JSONError) -> LineFault? {
        var reader = unsafe JSONReader(line)
        row.reset()
        try reader.beginArray()
        guard try reader.nextElement() else { return countFault(reader) }
        let slot = try reader.readInt64()
        guard try reader.nextElement() else { return countFault(reader) }
        let creation = try reader.readInt64()
        for position in places.indices {
            guard try reader.nextElement() else { return countFault(reader) }
            if let fault = try readValue(places[position], at: position, &reader) {
                return LineFault(offset: reader.offset, fault: fault)
            }
        }
        if try reader.nextElement() { return countFault(reader) }
        try reader.finish()
        for column in added {
            _ = codec.setDefault(table: table, column: column, in: row, now: now)
        }
        if let column = row.outOfRange {
            let name = places.first { $0.target == column }?.name ?? ""
            return LineFault(
                offset: 0, fault: .value(column: name, reason: "the value is out of range"))
        }
        do {
            try shard.append(slot: Int(slot), creation: Int(creation), row)
        } catch { return LineFault(offset: 0, fault: error) }
        return nil
    }

    @inline(__always)
    private func readValue(
        _ place: Place, at position: Int, _ reader: inout JSONReader
    ) throws(JSONError) -> FileFault? {
        guard let target = place.target else {
            try reader.skipValue()
            return nil
        }
        if place.isNullable, reader.takeNull() {
            row.setNull(target)
            return nil
        }
        switch place.kind {
        case .int32, .int64: row.set(target, int: try reader.readInt64())
        case .int8, .int16:
            let value = try reader.readInt64()
            guard let values = place.values else {
                row.set(target, int: value)
                return nil
            }
            guard value >= 0, value < values.count else {
                return .value(column: place.name, reason: "no value has the number \(value)")
            }
            let number = values[Int(value)]
            if number < 0 {
                lost[LostValue(column: position, value: Int(value)), default: 0] += 1
            }
            row.set(target, int: Int64(max(0, number)))
        case .bool: row.set(target, int: try reader.readBool() ? 1 : 0)
        case .double: row.set(target, double: try reader.readDouble())
        case .reference:
            let value = try reader.readInt64()
            guard let ref = UInt32(exactly: value), ref != RowRef.none.rawValue else {
                return .reference(column: place.name)
            }
            row.set(target, reference: RowRef(rawValue: ref))
        case .text:
            let value = try reader.readString()
            if value.hasEscapes {
                text.truncate(to: 0)
                value.append(to: text)
                unsafe text.withUnsafeBytes { unsafe row.set(target, bytes: $0) }
            } else {
                unsafe row.set(target, bytes: value.raw)
            }
        case .json: unsafe row.set(target, bytes: try reader.readRawValue())
        case .value:
            let json = try unsafe reader.readRawValue()
            do {
                try unsafe codec.read(json, table: table, column: target, into: row)
            } catch { return .value(column: place.name, reason: error.reason) }
        }
        return nil
    }

    private func countFault(_ reader: JSONReader) -> LineFault {
        LineFault(offset: reader.offset, fault: .columnCount(expected: places.count + 2))
    }
}

/// A fault in one line of a file of rows.
struct LineFault: Error {
    /// Bytes from the start of the line.
    let offset: Int
    let fault: FileFault
}
