import Bytes
import Engine
import GraphQLLanguage
import HTTP
import JSON

/// The log of operations that took long, each with the plan that it was answered by.
///
/// An operation that is not slow costs the log one comparison: what lists have done is tallied in
/// any case, and only a slow operation's tallies are put into words.
final class SlowLog: Sendable {
    enum Format: String, Sendable {
        case text, json
    }

    /// Operations that take as long or longer are written down.
    let thresholdNanoseconds: UInt64
    private let format: Format
    /// Nil when variables are not written.
    private let mask: VariableMask?
    private let sink: LogSink
    private let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - mask: hides the variables that must not be read; nil for no variables at all.
    ///   - clock: milliseconds since 1970-01-01T00:00:00Z.
    init(
        thresholdNanoseconds: UInt64, format: Format, mask: VariableMask?, sink: LogSink,
        clock: @escaping @Sendable () -> Int64 = { Instant.now }
    ) {
        self.thresholdNanoseconds = thresholdNanoseconds
        self.format = format
        self.mask = mask
        self.sink = sink
        self.clock = clock
    }

    /// Writes an operation down if it was slow.
    ///
    /// - Parameters:
    ///   - nanoseconds: from the request to its answer.
    ///   - request: whose variables are written, where variables are.
    func write(
        _ note: OperationNote, nanoseconds: UInt64, status: HTTPStatus, requestID: String?,
        _ request: GraphQLRequest?
    ) {
        guard nanoseconds >= thresholdNanoseconds else { return }
        let entry = SlowOperation(
            time: clock(), requestID: requestID, note: note, nanoseconds: nanoseconds,
            status: Int(status.rawValue),
            variables: mask.flatMap { mask in
                request.flatMap { shown(mask.masked($0, document: note.document)) }
            })
        let line = ByteBuffer(capacity: 1024)
        switch format {
        case .json: entry.appendJSON(to: line)
        case .text: entry.appendText(to: line)
        }
        sink.put(line.bytes)
    }

    /// Bytes of variables that a line has at the most. Reason: a thousand lines may wait.
    private static let variableBytesMax = 4096

    /// The variables, or how long they are.
    private func shown(_ variables: JSONValue?) -> JSONValue? {
        guard let variables else { return nil }
        let text = ByteBuffer()
        text.appendJSON(variables)
        if text.count <= Self.variableBytesMax { return variables }
        return .string("\(text.count) bytes, which is too long")
    }

    /// Returns when everything written before has left the process.
    func flush() { sink.flush() }
}

/// One slow operation as the log has it.
struct SlowOperation {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    let time: Int64
    let requestID: String?
    let note: OperationNote
    let nanoseconds: UInt64
    let status: Int
    /// Masked; nil when they are not to be written.
    let variables: JSONValue?

    private var report: OperationReport { note.report }

    /// Time in which the request waited: for a worker, for the writer, for the disk.
    private var waited: UInt64 {
        nanoseconds > report.total ? nanoseconds - report.total : 0
    }

    private var rowsReturned: Int { note.lists.reduce(0) { $0 + $1.rowsReturned } }

    /// The phases that took time, in their order.
    private var phases: [(name: String, nanoseconds: UInt64)] {
        [
            ("parse", report.parse), ("validate", report.validate), ("plan", report.plan),
            ("execute", report.execute), ("wait", waited),
        ].filter { $0.1 > 0 }
    }

    // MARK: JSON

    func appendJSON(to output: ByteBuffer) {
        output.append(#"{"ts":""#)
        output.appendDateTime(time)
        output.append(#"","level":"warn","msg":"slow operation""#)
        append("requestId", requestID, to: output)
        append("op", report.name.map(ErrorText.shown), to: output)
        append("opType", report.type?.rawValue, to: output)
        append("doc", note.document.map { "sha256:\(SHA256.hexadecimal(of: $0))" }, to: output)
        output.append(#","status":\#(status),"ms":\#(milliseconds(nanoseconds)),"phases":{"#)
        let phases = phases.map { "\"\($0.name)\":\(milliseconds($0.nanoseconds))" }
        output.append(phases.joined(separator: ","))
        output.append(#"},"rows":\#(rowsReturned),"scanned":\#(report.rowsVisited)"#)
        if let cost = report.cost { output.append(#","cost":\#(cost)"#) }
        output.append(#","errors":\#(note.errorCodes.count),"plan":["#)
        for (place, list) in note.lists.enumerated() {
            if place > 0 { output.append(",") }
            output.append(#"{"path":"#)
            output.appendJSONString(ErrorText.shown(list.path))
            append("source", list.source, to: output)
            output.append(#","ordered":\#(list.isOrdered),"filtered":\#(list.isFiltered)"#)
            output.append(#","times":\#(list.times),"estimated":\#(list.rowsEstimated)"#)
            output.append(#","visited":\#(list.rowsVisited),"returned":\#(list.rowsReturned)}"#)
        }
        output.append("]")
        if let variables {
            output.append(#","variables":"#)
            output.appendJSON(variables)
        }
        output.append("}\n")
    }

    private func append(_ key: String, _ text: String?, to output: ByteBuffer) {
        guard let text else { return }
        output.append(",\"\(key)\":")
        output.appendJSONString(text)
    }

    // MARK: Text

    /// One line on the operation, and one for each list of its plan.
    func appendText(to output: ByteBuffer) {
        output.appendDateTime(time)
        let name = report.name.map { " \(ErrorText.shown($0))" } ?? ""
        let type = report.type?.rawValue ?? "request"
        let times = phases.map { "\($0.name) \(milliseconds($0.nanoseconds))" }
        output.append(
            "  slow \(type)\(name): \(milliseconds(nanoseconds)) ms (\(times.joined(separator: ", ")))"
                + ", \(grouped(rowsReturned)) of \(grouped(report.rowsVisited)) rows"
                + ", status \(status)")
        if let cost = report.cost { output.append(", cost \(grouped(cost))") }
        if !note.errorCodes.isEmpty {
            output.append(", errors: \(note.errorCodes.joined(separator: ", "))")
        }
        if let requestID { output.append(", request \(requestID)") }
        output.append("\n")
        for list in note.lists {
            let source = list.source ?? "several sources"
            let times = list.times > 1 ? ", \(grouped(list.times)) times" : ""
            output.append(
                "    \(ErrorText.shown(list.path)): \(source), \(list.isOrdered ? "in order" : "sorted")"
                    + "\(list.isFiltered ? ", filtered" : "")\(times): "
                    + "\(grouped(list.rowsReturned)) of \(grouped(list.rowsVisited)) rows, "
                    + "\(grouped(list.rowsEstimated)) expected\n")
        }
        if let variables {
            output.append("    variables: ")
            output.appendJSON(variables)
            output.append("\n")
        }
    }

    /// `3.125`, at most three decimals.
    private func milliseconds(_ nanoseconds: UInt64) -> String {
        let (whole, rest) = ((nanoseconds &+ 500) / 1_000).quotientAndRemainder(dividingBy: 1_000)
        guard rest > 0 else { return String(whole) }
        let digits = String(rest)
        var fraction = String(repeating: "0", count: 3 - digits.count) + digits
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(whole).\(fraction)"
    }
}

extension SHA256 {
    /// The digest in hexadecimal digits.
    fileprivate static func hexadecimal(of bytes: [UInt8]) -> String {
        digest(of: bytes).hexadecimal
    }
}
