import Bytes
import GraphQLLanguage
import JSON

/// One error of an answer, before it is text. Errors of fields have a path.
struct ExecutionError {
    enum PathSegment {
        case key([UInt8])
        case index(Int)
    }

    var message: String
    var code: String
    var hint: String?
    var sourceOffset: Int?
    var path: [PathSegment]?
}

/// Writes the `errors` member of an answer.
enum ErrorWriter {
    /// `"errors":[…]`, with places computed from the document's source.
    static func write(_ errors: [ExecutionError], source: Source?, to output: ByteBuffer) {
        output.append("\"errors\":[")
        for (place, error) in errors.enumerated() {
            if place > 0 { output.append(byte: UInt8(ascii: ",")) }
            write(error, source: source, to: output)
        }
        output.append("]")
    }

    private static func write(_ error: ExecutionError, source: Source?, to output: ByteBuffer) {
        output.append("{\"message\":")
        output.appendJSONString(ErrorText.shown(error.message))
        if let offset = error.sourceOffset, let location = source?.location(at: offset) {
            output.append(",\"locations\":[")
            append(location, to: output)
            output.append("]")
        }
        if let path = error.path {
            output.append(",\"path\":[")
            for (place, segment) in path.enumerated() {
                if place > 0 { output.append(byte: UInt8(ascii: ",")) }
                switch segment {
                case .key(let name):
                    unsafe name.withUnsafeBytes { unsafe output.appendJSONString($0) }
                case .index(let index): output.appendInteger(Int64(index))
                }
            }
            output.append("]")
        }
        output.append(",\"extensions\":{\"code\":")
        output.appendJSONString(error.code)
        if let hint = error.hint {
            output.append(",\"hint\":")
            output.appendJSONString(ErrorText.shown(hint))
        }
        output.append("}}")
    }

    static func append(_ location: SourceLocation, to output: ByteBuffer) {
        output.append("{\"line\":")
        output.appendInteger(Int64(location.line))
        output.append(",\"column\":")
        output.appendInteger(Int64(location.column))
        output.append("}")
    }
}
