import Bytes
import JSON

@testable import Store

/// Values as JSON arrays of their bytes; nothing has a default.
struct PlainCodec: FileCodec {
    func appendJSON(
        _ value: UnsafeRawBufferPointer, table: TableID, column: ColumnID, to output: ByteBuffer
    ) {
        output.append("[")
        for position in 0..<value.count {
            if position > 0 { output.append(",") }
            output.appendInteger(unsafe Int(value[position]))
        }
        output.append("]")
    }

    func read(
        _ json: UnsafeRawBufferPointer, table: TableID, column: ColumnID, into row: RowBuilder
    ) throws(FileCodecError) {
        var bytes: [UInt8] = []
        var reader = unsafe JSONReader(json)
        do {
            try reader.beginArray()
            while try reader.nextElement() {
                guard let byte = UInt8(exactly: try reader.readInt64()) else {
                    throw FileCodecError(reason: "no byte")
                }
                bytes.append(byte)
            }
            try reader.finish()
        } catch {
            throw FileCodecError(reason: "no array of bytes")
        }
        unsafe bytes.withUnsafeBytes { unsafe row.set(column, bytes: $0) }
    }

    func setDefault(table: TableID, column: ColumnID, in row: RowBuilder, now: Int64) -> Bool {
        false
    }
}
