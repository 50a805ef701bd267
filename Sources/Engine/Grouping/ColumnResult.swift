import Bytes
import JSON

/// What came of one column of an aggregate.
struct ColumnResult: Equatable, Sendable {
    enum Value: Equatable, Sendable {
        /// The least, the greatest and the average of nothing.
        case null
        case integer(Int64)
        case double(Double)
        case text([UInt8])
        /// A sum beyond what JSON numbers hold exactly: an error, not a rounded answer.
        case outOfRange
    }

    let value: Value
    let rendering: AggregateColumn.Rendering

    var isOutOfRange: Bool { value == .outOfRange }

    /// Writes the value as JSON; null when it is out of range.
    func write(to output: ByteBuffer) {
        switch value {
        case .null, .outOfRange: output.append("null")
        case .double(let number): output.appendDouble(number)
        case .text(let bytes): unsafe bytes.withUnsafeBytes { unsafe output.appendJSONString($0) }
        case .integer(let number):
            switch rendering {
            case .integer, .double, .text: output.appendInteger(number)
            case .dateTime: output.appendJSONDateTime(number)
            case .date: output.appendJSONDate(Int32(truncatingIfNeeded: number))
            }
        }
    }
}
