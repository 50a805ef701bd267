import Bytes
import JSON

/// Writes rows of one table as lines of JSON: `[slot,creation,…columns]`.
///
/// About 60 ns a row of ten columns. No line break stands within a row.
struct RowEncoder {
    private struct Place {
        let column: Column
        let id: ColumnID
        let kind: Kind
    }

    private enum Kind {
        case bool, integer, int64, double, reference, text, json, value
    }

    private let table: TableID
    private let places: [Place]
    private let codec: any FileCodec

    init(_ plan: TablePlan, codec: any FileCodec) {
        table = plan.id
        self.codec = codec
        places = plan.definition.columns.enumerated().map { position, definition in
            let kind: Kind =
                switch definition.kind {
                case .bool: .bool
                case .int8, .int16, .int32: .integer
                case .int64: .int64
                case .double: .double
                case .reference: .reference
                case .bytes(.text): .text
                case .bytes(.json): .json
                case .bytes(.value): .value
                }
            return Place(column: plan.layout.columns[position], id: position, kind: kind)
        }
    }

    @inline(__always)
    func append(_ row: RowView, slot: Int, to output: ByteBuffer) {
        output.append(byte: 0x5B)
        output.appendInteger(slot)
        output.append(byte: 0x2C)
        output.appendInteger(Int(row.creation))
        for place in places {
            output.append(byte: 0x2C)
            if row.isNull(place.column) {
                output.append("null")
                continue
            }
            switch place.kind {
            case .bool: output.appendJSONBool(row.bool(place.column))
            case .integer: output.appendInteger(row.integer(place.column))
            case .int64: output.appendInteger(row.int64(place.column))
            case .double: output.appendDouble(row.double(place.column))
            case .reference:
                output.appendUnsigned(UInt64(row.reference(place.column).rawValue))
            case .text:
                if row.byteFlags(place.column).contains(.needsEscape) {
                    unsafe output.appendJSONString(row.bytes(place.column))
                } else {
                    unsafe output.appendJSONStringUnescaped(row.bytes(place.column))
                }
            case .json: unsafe output.append(row.bytes(place.column))
            case .value:
                unsafe codec.appendJSON(
                    row.bytes(place.column), table: table, column: place.id, to: output)
            }
        }
        output.append("]\n")
    }
}

extension TableView {
    /// Every live row of a shard, in the order of slots.
    @inline(__always)
    func forEachRow<Failure: Error>(
        shard: Int, _ body: (RowView, Int) throws(Failure) -> Void
    ) throws(Failure) {
        for number in 0..<pageCount(shard: shard) {
            guard let page = page(shard: shard, number: number) else { continue }
            var rest = page.live
            while rest != 0 {
                let lane = rest.trailingZeroBitCount
                rest &= rest &- 1
                try body(page.row(lane: lane), number &<< PageLayout.laneBits &+ lane)
            }
        }
    }
}
