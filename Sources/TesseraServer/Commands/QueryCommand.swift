import Bytes
import Engine
import FoundationEssentials
import JSON

let queryCommand = Command(
    name: "query",
    purpose: "run a query on a data directory, data files, the sample club or a server",
    arguments: [
        Command.Argument(
            "DOCUMENT", isRequired: false,
            help: "the query; by default it is read from --file or standard input")
    ],
    flags: [
        Flag("file", .path, "FILE", short: "f", help: "read the document from a file"),
        Flag(
            "variable", .assignment, "NAME=VALUE", short: "v", isRepeatable: true,
            help: "a variable: its value as JSON, or else a plain text"),
        Flag("operation", .text, "NAME", help: "the operation to run, if there are several"),
        Flag("url", .text, "URL", help: "ask this server"),
        Flag(
            "key", .text, "KEY",
            help: "for --url: an access key or a token; in TESSERA_KEY other users cannot see it"),
        Flag("demo", .toggle, help: "ask the sample club"), Dataset.sizeFlag,
        Flag(
            "data", .path, "DIR",
            help: "ask a data directory, or the server that has it open; nothing is changed"),
        Dataset.schemaFlag, Dataset.importFlag, Dataset.clockFlag,
        Flag(
            "format", .choice(["json", "table", "csv", "ndjson"]), "FORMAT", default: "json",
            help: "of the answer: json; table, to be read; csv or ndjson, one list of any length"),
        Flag(
            "explode", .text, "NAME",
            help: "csv and ndjson: the list inside each row whose rows become lines"),
        Flag("excel", .toggle, help: "csv: as spreadsheets want it, safe from formulas"),
        quietFlag,
        Flag(
            "explain", .toggle, help: "say on standard error how each list was found"),
    ],
    examples: [
        "tessera query --demo '{ tiers { nodes { name threshold } } }' --format table",
        "tessera query -f member.graphql -v id=mem_7 --data club-data",
        "tessera query --url http://127.0.0.1:8080/graphql '{ members { nodes { id name } } }' "
            + "--format csv",
    ],
    run: { invocation, terminal throws(CommandError) in
        let question = Question(
            document: try document(invocation, terminal),
            variables: variables(invocation), operation: invocation.text("operation"))
        if let order = try tableOrder(question, invocation) {
            return try writeTable(order, invocation, terminal)
        }
        let answer: [UInt8]
        if let url = invocation.text("url") {
            guard !invocation.isOn("explain") else {
                throw .usage("--explain works on --demo and --import, not on a server")
            }
            answer = try ask(url, question, key: invocation.text("key"))
        } else if invocation.isGiven("data") && !invocation.isOn("demo") {
            guard !invocation.isOn("explain") else {
                throw .usage("--explain works on --demo and --import, not on a data directory")
            }
            answer = try withDataAccess(invocation) { access throws(CommandError) in
                try access.query(question.body)
            }
        } else {
            let dataset =
                invocation.isOn("demo")
                ? try Dataset.sampleClub(invocation) : try Dataset.open(invocation, terminal)
            answer = try ask(dataset, question, invocation.isOn("explain") ? terminal : nil)
        }
        return try show(answer, invocation, terminal)
    })

/// A document with its variables.
struct Question {
    let document: [UInt8]
    let variables: JSONValue
    let operation: String?

    /// The body of a request.
    /// Source: GraphQL over HTTP, §5.4.
    var body: [UInt8] {
        let buffer = ByteBuffer()
        buffer.append(#"{"query":"#)
        buffer.appendJSONString(String(decoding: document, as: UTF8.self))
        if let operation {
            buffer.append(#","operationName":"#)
            buffer.appendJSONString(operation)
        }
        buffer.append(#","variables":"#)
        buffer.appendJSON(variables)
        buffer.append("}")
        return buffer.bytes
    }
}

private func document(
    _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> [UInt8] {
    let file = invocation.text("file")
    if let text = invocation.arguments.first, text != "-" {
        guard file == nil else {
            throw .usage("the document is given twice, as an argument and as a file")
        }
        return Array(text.utf8)
    }
    if let file, file != "-" {
        guard let contents = FileManager.default.contents(atPath: file) else {
            throw .usage(
                "\(file) cannot be read", hint: "does it exist, and may this user read it?")
        }
        return Array(contents)
    }
    guard let bytes = terminal.readInput(), !bytes.isEmpty else {
        throw .usage("query needs a document", hint: "as in \"\(queryCommand.examples[0])\"")
    }
    return bytes
}

private func variables(_ invocation: Invocation) -> JSONValue {
    var members: [JSONValue.Member] = []
    for text in invocation.texts("variable") {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let value = String(parts[1])
        members.removeAll { $0.key == name }
        members.append(
            JSONValue.Member(name, (try? JSONValue(parsing: value)) ?? .string(value)))
    }
    return .object(members)
}

// MARK: Asking

private func ask(
    _ dataset: Dataset, _ question: Question, _ explanation: Terminal?
) throws(CommandError) -> [UInt8] {
    let context = EngineContext(model: dataset.model, store: dataset.store)
    guard let session = Session(context: context) else {
        throw CommandError(.failure, "the store has no reader left")
    }
    let output = ByteBuffer(capacity: 1 << 16)
    let variables = Array(question.variables.description.utf8)
    let start = ContinuousClock.now
    var traces: [ListTrace] = []
    try unsafe question.document.span.withUnsafeBytes { document throws(CommandError) in
        try unsafe variables.span.withUnsafeBytes { variables throws(CommandError) in
            let request: GraphQLRequest
            do throws(RequestProblem) {
                request = try unsafe GraphQLRequest(
                    document: document, operationName: question.operation, variables: variables)
            } catch {
                throw .usage(error.message)
            }
            _ = session.execute(
                request, into: output, trace: explanation == nil ? nil : { traces.append($0) })
        }
    }
    if let explanation {
        let microseconds = Int((ContinuousClock.now - start) / .microseconds(1))
        for line in explain(traces) { explanation.note(line) }
        explanation.note("\(output.count) bytes in \(grouped(microseconds)) µs")
    }
    return output.bytes
}

/// One line for each list of the query, in the order in which they were first found.
func explain(_ traces: [ListTrace]) -> [String] {
    struct Line: Hashable {
        let path: String
        let text: String
    }
    struct Totals {
        var times = 0
        var returned = 0
        var visited = 0
    }
    var order: [Line] = []
    var totals: [Line: Totals] = [:]
    for trace in traces {
        let text =
            "\(trace.source), " + (trace.isOrdered ? "in order" : "sorted")
            + (trace.isFiltered ? ", filtered" : "")
        let line = Line(path: trace.path, text: text)
        if totals[line] == nil { order.append(line) }
        totals[line, default: Totals()].times += 1
        totals[line, default: Totals()].returned += trace.rowsReturned
        totals[line, default: Totals()].visited += trace.rowsVisited
    }
    return order.map { line in
        let sum = totals[line] ?? Totals()
        let times = sum.times > 1 ? ", \(grouped(sum.times)) times" : ""
        return "\(line.path): \(line.text)\(times): "
            + "\(grouped(sum.returned)) of \(grouped(sum.visited)) rows"
    }
}

private func ask(
    _ url: String, _ question: Question, key: String?
) throws(CommandError) -> [UInt8] {
    do throws(QueryClientError) {
        return try QueryClient(url, key: key).post(question.body)
    } catch {
        throw error.commandError(url)
    }
}

// MARK: Answering

private func show(
    _ answer: [UInt8], _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> ExitCode {
    let value: JSONValue
    do {
        value = try JSONValue(parsing: answer)
    } catch {
        throw CommandError(.failure, "the answer is not JSON: \(error)")
    }
    if invocation.text("format") == "table" {
        noteErrors(value, terminal)
        terminal.write(
            AnswerTable.text(value["data"] ?? .null, width: terminal.outputWidth))
    } else if terminal.isOutputTerminal {
        terminal.write(value.indentedText)
    } else {
        terminal.write(bytes: answer + [0x0A])
    }
    return value["errors"] == nil ? .success : .answeredWithErrors
}

/// A line for each error of an answer.
private func noteErrors(_ answer: JSONValue, _ terminal: Terminal) {
    for error in (answer["errors"]?.elements ?? []) {
        terminal.note("\(terminal.red("error:")) \(error["message"]?.string ?? "\(error)")")
        if let hint = error["extensions"]?["hint"]?.string { terminal.note("  help: \(hint)") }
    }
}

// MARK: Tables of any length

/// What `--format csv` or `ndjson` asks for; nil for the other formats.
private func tableOrder(
    _ question: Question, _ invocation: Invocation
) throws(CommandError) -> TableOrder? {
    let format = invocation.text("format").flatMap(TabularOptions.Format.init)
    guard let format else {
        for name in ["explode", "excel"] where invocation.isGiven(name) {
            throw .usage("--\(name) needs --format csv")
        }
        return nil
    }
    guard !invocation.isOn("explain") else {
        throw .usage("--explain works with --format json and table")
    }
    guard format == .csv || !invocation.isOn("excel") else {
        throw .usage("--excel needs --format csv")
    }
    return TableOrder(
        request: question.body, format: format, explode: invocation.text("explode"),
        excel: invocation.isOn("excel"))
}

private func writeTable(
    _ order: TableOrder, _ invocation: Invocation, _ terminal: Terminal
) throws(CommandError) -> ExitCode {
    // A table that is read while it comes shows by itself how far it is.
    let progress = ProgressLine(
        terminal, isQuiet: invocation.isOn("quiet") || terminal.isOutputTerminal)
    var counter = LineCounter(hasQuotes: order.format == .csv)
    func write(_ bytes: UnsafeRawBufferPointer) {
        terminal.write(bytes: unsafe [UInt8](bytes))
        guard progress.isVisible else { return }
        unsafe counter.add(bytes)
        progress.show("query", rows: counter.lineCount, byteCount: counter.byteCount)
    }
    let outcome: TableOutcome
    do {
        defer { progress.clear() }
        if let url = invocation.text("url") {
            let client: QueryClient
            do throws(QueryClientError) {
                client = try QueryClient(url, key: invocation.text("key"))
            } catch {
                throw error.commandError(url)
            }
            outcome = try client.table(order) { bytes in
                unsafe bytes.withUnsafeBytes { unsafe write($0) }
            }
        } else if invocation.isGiven("data") && !invocation.isOn("demo") {
            outcome = try withDataAccess(invocation) { access throws(CommandError) in
                try unsafe access.table(order) { bytes in unsafe write(bytes) }
            }
        } else {
            let dataset =
                invocation.isOn("demo")
                ? try Dataset.sampleClub(invocation) : try Dataset.open(invocation, terminal)
            let context = EngineContext(model: dataset.model, store: dataset.store)
            outcome = try unsafe order.run(context) { bytes in unsafe write(bytes) }
        }
    }
    switch outcome {
    case .finished: return .success
    case .refused(let answer):
        noteErrors((try? JSONValue(parsing: answer)) ?? .null, terminal)
        return .answeredWithErrors
    case .broken(let message, let rows):
        throw CommandError(
            .answeredWithErrors, "the table breaks off after \(grouped(rows)) rows: \(message)")
    }
}

/// Of commands that may take long.
let quietFlag = Flag("quiet", .toggle, short: "q", help: "no line that shows how far it is")
