import Bytes
import JSON
import Testing

@testable import Engine

/// The table of a query, or why there is none.
struct TableAnswer {
    /// What was written, the bytes as they are; the error answer when there is no table.
    let text: String
    /// Nil when the query was refused.
    let end: TabularEnd?
    let refusal: Session.RequestError?
    let columns: [String]
    let blockByteCounts: [Int]

    var greatestBlock: Int { blockByteCounts.max() ?? 0 }
}

extension EngineFixture {
    /// - Parameters:
    ///   - blocksMax: after so many the reader has enough.
    func table(
        _ document: String, _ variables: JSONValue? = nil, _ format: TabularOptions.Format = .csv,
        explode: String? = nil, excel: Bool = false, deadline: Duration = .seconds(600),
        blocksMax: Int = .max, session: TabularSession? = nil
    ) throws -> TableAnswer {
        let session = try session ?? #require(TabularSession(context: context))
        let output = ByteBuffer()
        let options = TabularOptions(format: format, explode: explode, excel: excel)
        var document = document
        var json = variables?.description ?? "null"
        let opened = try document.withUTF8 { text in
            try json.withUTF8 { variables in
                let request = try unsafe GraphQLRequest(
                    document: UnsafeRawBufferPointer(text),
                    variables: UnsafeRawBufferPointer(variables))
                return session.open(request, options, deadline: deadline, errors: output)
            }
        }
        switch opened {
        case .failure(let error):
            return TableAnswer(
                text: output.makeString(), end: nil, refusal: error, columns: [],
                blockByteCounts: [])
        case .success(let run):
            var blocks: [Int] = []
            let end = run.run { block in
                blocks.append(block.count)
                unsafe block.withUnsafeBytes { unsafe output.append($0) }
                return blocks.count < blocksMax
            }
            return TableAnswer(
                text: output.makeString(), end: end, refusal: nil, columns: run.columns,
                blockByteCounts: blocks)
        }
    }

    /// The whole table is `lines`, joined and ended as the format has it.
    func checkTable(
        _ document: String, _ variables: JSONValue? = nil, _ format: TabularOptions.Format = .csv,
        explode: String? = nil, excel: Bool = false, gives lines: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try table(document, variables, format, explode: explode, excel: excel)
        let newline = format == .csv ? "\r\n" : "\n"
        #expect(
            answer.text == lines.map { $0 + newline }.joined(), sourceLocation: sourceLocation)
        let rows = format == .rows ? lines.count - 2 : lines.count - (format == .csv ? 1 : 0)
        #expect(answer.end == .finished(rows: rows), sourceLocation: sourceLocation)
    }

    /// The code, the name of the limit and the message with which a query is refused.
    func tableRefusal(_ document: String, explode: String? = nil) throws -> [String] {
        let answer = try table(document, explode: explode)
        let error = try JSONValue(parsing: answer.text)["errors"]?[0]
        return [
            error?["extensions"]?["code"]?.string,
            error?["extensions"]?["limit"]?["name"]?.string, error?["message"]?.string,
        ].compactMap { $0 }
    }

    /// The query is refused with one error: its message and its hint.
    func checkRefusal(
        _ document: String, _ variables: JSONValue? = nil, explode: String? = nil,
        as error: Session.RequestError = .operation, message: String, hint: String?,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try table(document, variables, explode: explode)
        #expect(answer.refusal == error, sourceLocation: sourceLocation)
        let problem = try JSONValue(parsing: answer.text)["errors"]?.elements?.first
        #expect(problem?["message"]?.string == message, sourceLocation: sourceLocation)
        #expect(
            problem?["extensions"]?["hint"]?.string == hint, sourceLocation: sourceLocation)
    }
}
