import Bytes
import Engine
import JSON

/// A query whose answer is to be a table.
struct TableOrder: Equatable, Sendable {
    /// The JSON body of a GraphQL request.
    let request: [UInt8]
    let format: TabularOptions.Format
    var explode: String?
    var excel = false

    var options: TabularOptions {
        TabularOptions(format: format, explode: explode, excel: excel)
    }

    /// Time that a table of a command may take: whoever has given it up interrupts it.
    private static let deadline = Duration.seconds(24 * 60 * 60)

    /// Writes the table of what a context has, on this thread.
    func run(
        _ context: EngineContext,
        write: (UnsafeRawBufferPointer) throws(CommandError) -> Void
    ) throws(CommandError) -> TableOutcome {
        guard let session = TabularSession(context: context) else {
            throw CommandError(.failure, "the store has no reader left", hint: "try again later")
        }
        let errors = ByteBuffer()
        let opened = GraphQLRequest.withBody(request) {
            session.open($0, options, deadline: TableOrder.deadline, errors: errors)
        }
        let table: TabularRun
        switch opened {
        case .success(.success(let run)): table = run
        case .success(.failure): return .refused(answer: errors.bytes)
        case .failure(let problem): throw .usage(problem.message)
        }
        var problem: CommandError?
        let end = table.run { block in
            do throws(CommandError) {
                try unsafe block.withUnsafeBytes { bytes throws(CommandError) in
                    try unsafe write(bytes)
                }
                return true
            } catch {
                problem = error
                return false
            }
        }
        if let problem { throw problem }
        return switch end {
        case .finished(let rows): .finished(rows: rows)
        case .failed(let message, let rows): .broken(message: message, rows: rows)
        case .cancelled: .broken(message: "nobody takes it", rows: 0)
        }
    }
}

/// What became of a table.
enum TableOutcome: Equatable, Sendable {
    case finished(rows: Int)
    /// Nothing was written; a GraphQL answer says why.
    case refused(answer: [UInt8])
    /// It breaks off.
    case broken(message: String, rows: Int)

    var json: JSONValue {
        switch self {
        case .finished(let rows): ["rows": .integer(Int64(rows))]
        case .refused(let answer): ["refused": .string(String(decoding: answer, as: UTF8.self))]
        case .broken(let message, let rows):
            ["broken": .string(message), "rows": .integer(Int64(rows))]
        }
    }

    init?(_ json: JSONValue) {
        if let answer = json["refused"]?.string {
            self = .refused(answer: Array(answer.utf8))
        } else if let rows = json["rows"]?.int64 {
            if let message = json["broken"]?.string {
                self = .broken(message: message, rows: Int(rows))
            } else {
                self = .finished(rows: Int(rows))
            }
        } else {
            return nil
        }
    }
}
