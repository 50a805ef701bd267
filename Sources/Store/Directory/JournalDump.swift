import Bytes
import JSON

extension DataDirectory {
    /// Shows every record of every journal as a line of JSON, the oldest first:
    /// `{"file":…,"sequence":…,"time":…,"changes":[{"op":"insert","table":…,"ref":…,…}]}`.
    ///
    /// Values of an `insert` are all of the row's, those of an `update` the changed ones. Rows are
    /// named by their references, as in the files.
    /// - Parameters:
    ///   - disk: of a stopped server, or a backup.
    ///   - write: takes a line without its line end.
    public static func dump(
        _ disk: any Disk, _ write: (String) -> Void
    ) throws(DirectoryError) {
        let lock = try lock(disk)
        defer { withExtendedLifetime(lock) {} }
        let listing = try DirectoryListing(disk)
        guard let newest = listing.journals.last else { throw .empty }
        let line = ByteBuffer()
        for generation in listing.journals {
            do throws(JournalError) {
                let reader = try JournalReader(
                    disk, generation: generation, isNewest: generation == newest, mark: nil,
                    following: nil)
                while let record = try reader.next() {
                    line.removeAll()
                    JournalDump(reader, record, line).append()
                    write(line.makeString())
                }
            } catch {
                throw DirectoryError(error)
            }
        }
    }
}

/// Writes one record as JSON.
private struct JournalDump {
    private let file: String
    private let layout: FileLayout
    private let record: JournalRecord
    private let output: ByteBuffer

    init(_ reader: JournalReader, _ record: JournalRecord, _ output: ByteBuffer) {
        file = reader.file
        layout = reader.header.layout
        self.record = record
        self.output = output
    }

    func append() {
        output.append("{\"file\":")
        output.appendJSONString(file)
        output.append(",\"offset\":")
        output.appendInteger(record.offset)
        output.append(",\"sequence\":")
        output.appendUnsigned(record.sequence)
        output.append(",\"time\":\"")
        output.appendDateTime(record.time)
        output.append("\",\"changes\":[")
        appendChanges()
        output.append("]}")
    }

    /// The body's checksum holds; one that still cannot be read shows what could be.
    private func appendChanges() {
        var reader = unsafe ChangeReader(record.body, layout: layout)
        var isFirst = true
        do throws(ChangeFault) {
            while let change = try reader.next() {
                if !isFirst { output.append(byte: UInt8(ascii: ",")) }
                isFirst = false
                try append(change, &reader)
            }
        } catch {
            if !isFirst { output.append(byte: UInt8(ascii: ",")) }
            output.append("{\"unreadable\":")
            output.appendInteger(error.offset)
            output.append("}")
        }
    }

    private func append(_ change: Change, _ reader: inout ChangeReader) throws(ChangeFault) {
        let table = layout.tables[change.table]
        output.append("{\"op\":\"\(change.kind)\",\"table\":")
        output.appendJSONString(table.name)
        output.append(",\"ref\":")
        output.appendInteger(Int(change.ref.rawValue))
        if change.kind == .insert {
            output.append(",\"creation\":")
            output.appendInteger(Int(change.creation))
        }
        if change.kind != .delete {
            output.append(",\"values\":{")
            var isFirst = true
            try reader.forEachCell(of: change, failure: { $0 }) {
                position, value throws(ChangeFault) in
                if !isFirst { output.append(byte: UInt8(ascii: ",")) }
                isFirst = false
                output.appendJSONString(table.columns[position].name)
                output.append(byte: UInt8(ascii: ":"))
                append(value, table.columns[position])
            }
            output.append("}")
        }
        output.append("}")
    }

    private func append(_ value: ChangeValue?, _ column: FileLayout.Column) {
        guard let value else { return output.append("null") }
        switch column.kind {
        case .bool: output.appendJSONBool(value.word != 0)
        case .int8, .int16:
            let place = Int(truncatingIfNeeded: value.word)
            guard place >= 0, place < column.values.count else {
                return output.appendInteger(place)
            }
            output.appendJSONString(column.values[place])
        case .int32, .int64: output.appendInteger(Int64(bitPattern: value.word))
        case .double: output.appendDouble(Double(bitPattern: value.word))
        case .reference: output.appendInteger(Int(truncatingIfNeeded: value.word))
        case .text: unsafe output.appendJSONString(value.bytes)
        case .json, .value: unsafe output.append(value.bytes)
        }
    }
}
