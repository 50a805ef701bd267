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
        case .forbidden(let message, let offset):
            error = ExecutionError(
                message: message, code: "FORBIDDEN", sourceOffset: offset)
        }
        var kind = Session.RequestError.validation
        if case .forbidden = failure { kind = .forbidden }
        output.append("{")
        ErrorWriter.write([error], source: document.source, to: output)
        output.append("}")
        return .requestError(kind)
    }

    /// An operation that asks for too much at once.
    static func refuse(
        _ refusal: CostRefusal, _ document: PreparedDocument, _ output: ByteBuffer
    ) -> Session.Outcome {
        switch refusal {
        case .cost(let estimated, let limit, let path):
            let name = path.joined(separator: ".")
            write(
                LimitError(
                    message:
                        "The operation could read \(estimated == .max ? "too many" : "\(estimated)")"
                        + " objects; \(limit) are allowed.",
                    code: "COST_LIMIT_EXCEEDED", limit: "cost",
                    value: estimated == .max ? nil : estimated, max: limit,
                    hint: "Ask for smaller pages (first: …); most of it is in \(name)."),
                document.source, output)
            return .requestError(.tooDear)
        case .line(let estimated, let limit, let path):
            write(
                LimitError(
                    message:
                        "Each line of the table could read "
                        + "\(estimated == .max ? "too many" : "\(estimated)") objects; "
                        + "\(limit) are allowed.",
                    code: "COST_LIMIT_EXCEEDED", limit: "line-cost",
                    value: estimated == .max ? nil : estimated, max: limit,
                    hint: "Ask for smaller pages (first: …); most of it is in "
                        + "\(path.joined(separator: "."))."),
                document.source, output)
            return .requestError(.tooDear)
        case .depth(let limit, let offset):
            write(
                LimitError(
                    message: "The operation follows more than \(limit) relations inside one "
                        + "another.",
                    code: "DEPTH_LIMIT_EXCEEDED", limit: "depth", max: limit,
                    hint: "Begin a second operation at the row you want to go on from.",
                    sourceOffset: offset),
                document.source, output)
            return .requestError(.tooDeep)
        case .nesting(let limit, let offset):
            write(
                LimitError(
                    message: "The operation nests more than \(limit) fields inside one another.",
                    code: "DEPTH_LIMIT_EXCEEDED", limit: "nesting", max: limit,
                    hint: "Begin a second operation at the row you want to go on from.",
                    sourceOffset: offset),
                document.source, output)
            return .requestError(.tooDeep)
        case .rootFields(let count, let limit, let offset):
            write(
                LimitError(
                    message: "The operation has \(count) fields at its root; \(limit) are allowed.",
                    code: "COST_LIMIT_EXCEEDED", limit: "root-fields", value: count, max: limit,
                    hint: "Send several requests.", sourceOffset: offset),
                document.source, output)
        case .selections(let limit):
            write(
                LimitError(
                    message: "The operation has more than \(limit) selections when its fragments "
                        + "are written out.",
                    code: "COST_LIMIT_EXCEEDED", limit: "selections", max: limit,
                    hint: "Spread fewer fragments inside one another, or send several requests."),
                document.source, output)
        }
        return .requestError(.tooDear)
    }

    /// An error that tells which limit stands in the way.
    struct LimitError {
        let message: String
        let code: String
        /// As the table of limits calls it.
        let limit: String
        /// Nil when nobody has counted that far.
        var value: Int?
        let max: Int
        let hint: String
        var sourceOffset: Int?
    }

    static func write(_ error: LimitError, _ source: Source, _ output: ByteBuffer) {
        output.append("{\"errors\":[{\"message\":")
        output.appendJSONString(ErrorText.shown(error.message))
        if let offset = error.sourceOffset {
            output.append(",\"locations\":[")
            ErrorWriter.append(source.location(at: offset), to: output)
            output.append("]")
        }
        output.append(",\"extensions\":{\"code\":")
        output.appendJSONString(error.code)
        output.append(",\"limit\":{\"name\":")
        output.appendJSONString(error.limit)
        if let value = error.value {
            output.append(",\"value\":")
            output.appendInteger(Int64(value))
        }
        output.append(",\"max\":")
        output.appendInteger(Int64(error.max))
        output.append("},\"hint\":")
        output.appendJSONString(ErrorText.shown(error.hint))
        output.append("}}]}")
    }

    /// At most `errorsMax` errors, and not more than fit into 64 KiB. Of more, the last is told in
    /// any case: it says that there were.
    static func write(
        _ errors: [GraphQLError], code: String, errorsMax: Int = EngineLimits().errorsMax,
        to output: ByteBuffer
    ) {
        let start = output.count
        output.append("{\"errors\":[")
        for (place, error) in errors.enumerated() {
            let isLast = place == errors.count - 1
            let isTold =
                place < errorsMax - 1 && output.count - start < ErrorText.errorBytesMax
            guard isTold || isLast else { continue }
            if place > 0 { output.append(byte: UInt8(ascii: ",")) }
            write(error, code: code, to: output)
        }
        output.append("]}")
    }

    private static func write(_ error: GraphQLError, code: String, to output: ByteBuffer) {
        output.append("{\"message\":")
        output.appendJSONString(ErrorText.shown(error.message))
        let offsets = Array(error.offsets.prefix(ErrorText.locationsMax))
        let locations = error.source?.locations(at: offsets) ?? []
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

    /// Errors come before `data`, where nobody overlooks them.
    /// Source: GraphQL, September 2025, §7.1 (the note on the order of entries).
    static func putFirst(
        _ errors: [ExecutionError], _ output: ByteBuffer, _ start: Int,
        _ document: PreparedDocument, scratch text: ByteBuffer
    ) {
        text.removeAll(keepingAtMost: 1 << 20)
        ErrorWriter.write(errors, source: document.source, to: text)
        text.append(",")
        unsafe text.withUnsafeBytes { unsafe output.insert($0, at: start + 1) }
        output.append("}")
    }
}
