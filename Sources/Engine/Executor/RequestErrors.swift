import Bytes
import GraphQL
import GraphQLLanguage
import JSON

/// Answers without data: what sessions say when an operation cannot be executed.
enum RequestErrors {
    static func fail(
        _ message: String, _ code: String, _ error: Session.RequestError, _ output: ByteBuffer,
        hint: String? = nil
    ) -> Session.Outcome {
        output.append("{")
        ErrorWriter.write(
            [ExecutionError(message: message, code: code, hint: hint)], source: nil, to: output)
        output.append("}")
        return .requestError(error)
    }

    static func fail(
        _ failure: PlanCompiler.Failure, _ document: PreparedDocument, _ output: ByteBuffer
    ) -> Session.Outcome {
        let error: ExecutionError
        switch failure {
        case .argument(let message, let offset):
            error = ExecutionError(message: message, code: "BAD_USER_INPUT", sourceOffset: offset)
        case .nameTooLong(let offset):
            error = ExecutionError(
                message: "A response name is too long.", code: "BAD_USER_INPUT",
                hint: "Use a shorter alias.", sourceOffset: offset)
        }
        output.append("{")
        ErrorWriter.write([error], source: document.source, to: output)
        output.append("}")
        return .requestError(.validation)
    }

    static func write(_ errors: [GraphQLError], code: String, to output: ByteBuffer) {
        output.append("{\"errors\":[")
        for (place, error) in errors.enumerated() {
            if place > 0 { output.append(byte: UInt8(ascii: ",")) }
            output.append("{\"message\":")
            output.appendJSONString(error.message)
            let locations = error.locations
            if !locations.isEmpty {
                output.append(",\"locations\":[")
                for (index, location) in locations.enumerated() {
                    if index > 0 { output.append(byte: UInt8(ascii: ",")) }
                    ErrorWriter.append(location, to: output)
                }
                output.append("]")
            }
            output.append(",\"extensions\":{\"code\":")
            output.appendJSONString(code)
            output.append(",\"rule\":")
            output.appendJSONString(error.rule)
            output.append("}}")
        }
        output.append("]}")
    }

    /// Errors come before `data`, where nobody overlooks them.
    /// Source: GraphQL, September 2025, §7.1 (the note on the order of entries).
    static func putFirst(
        _ errors: [ExecutionError], _ output: ByteBuffer, _ start: Int,
        _ document: PreparedDocument, scratch text: ByteBuffer
    ) {
        text.removeAll(keepingAtMost: 1 << 20)
        text.append("{")
        ErrorWriter.write(errors, source: document.source, to: text)
        text.append(",")
        let data = start + 1
        unsafe text.append(UnsafeRawPointer(output.base) + data, count: output.count - data)
        text.append("}")
        output.truncate(to: start)
        unsafe text.withUnsafeBytes { unsafe output.append($0) }
    }
}
