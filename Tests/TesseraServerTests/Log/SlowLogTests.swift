import Bytes
import GraphQLLanguage
import HTTP
import JSON
import Store
import Testing

@testable import Engine
@testable import TesseraServer

/// The lines that a log has written.
private final class LogLines: Sendable {
    private let text = Guarded("")

    func sink() -> LogSink {
        LogSink { [self] bytes in
            text.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
        }
    }

    /// The text so far, with 1 for every time and for every made request id.
    var stable: String {
        text.withLock { $0 }
            .replacing(/"(ms|parse|validate|plan|execute|wait)":[0-9.]+/) { "\"\($0.output.1)\":1" }
            .replacing(/"requestId":"[0-9a-f]{16}"/) { _ in "\"requestId\":\"1\"" }
    }
}

/// 2026-06-30T12:00:00Z.
private let noon: Int64 = 1_782_820_800_000

private func log(
    _ lines: LogLines, _ format: SlowLog.Format = .json, threshold: UInt64 = 0,
    mask: VariableMask? = nil
) -> SlowLog {
    SlowLog(
        thresholdNanoseconds: threshold, format: format, mask: mask, sink: lines.sink(),
        clock: { noon })
}

struct SlowLogTests {
    private var operation: SlowOperation {
        var report = OperationReport()
        report.type = .query
        report.name = "Top"
        report.parse = 12_000
        report.plan = 1_500_400
        report.execute = 310_000_000
        report.rowsVisited = 60_000
        var note = OperationNote(report: report, hasData: true)
        note.document = Array("{ a }".utf8)
        note.errorCodes = ["BAD_CURSOR"]
        note.lists = [
            ListReport(
                path: "members", source: "Member(name)", isOrdered: true, isFiltered: false,
                times: 1, rowsEstimated: 2000, rowsVisited: 25, rowsReturned: 25),
            ListReport(
                path: "members.nodes.points", source: nil, isOrdered: false, isFiltered: true,
                times: 25, rowsEstimated: 0, rowsVisited: 59_975, rowsReturned: 1_000),
        ]
        return SlowOperation(
            time: noon, requestID: "r-1", note: note, nanoseconds: 312_512_400, status: 200,
            variables: ["n": 1])
    }

    @Test func `a slow operation is one line of JSON`() {
        let line = ByteBuffer()
        operation.appendJSON(to: line)
        #expect(
            line.makeString()
                == #"{"ts":"2026-06-30T12:00:00.000Z","level":"warn","msg":"slow operation","#
                + #""requestId":"r-1","op":"Top","opType":"query","doc":"sha256:"#
                + "1c7e1e347f726166b5b1c55afd61f278cc9b45e00c108ec33d540a566379811b"
                + #"","status":200,"ms":312.512,"phases":{"parse":0.012,"#
                + #""plan":1.5,"execute":310,"wait":1},"rows":1025,"scanned":60000,"errors":1,"#
                + #""plan":[{"path":"members","source":"Member(name)","ordered":true,"#
                + #""filtered":false,"times":1,"estimated":2000,"visited":25,"returned":25},"#
                + #"{"path":"members.nodes.points","ordered":false,"filtered":true,"times":25,"#
                + #""estimated":0,"visited":59975,"returned":1000}],"variables":{"n":1}}"# + "\n")
    }

    @Test func `a slow operation is a few lines for people`() {
        let text = ByteBuffer()
        operation.appendText(to: text)
        #expect(
            text.makeString() == """
                2026-06-30T12:00:00.000Z  slow query Top: 312.512 ms (parse 0.012, plan 1.5, \
                execute 310, wait 1), 1 025 of 60 000 rows, status 200, errors: BAD_CURSOR, \
                request r-1
                    members: Member(name), in order: 25 of 25 rows, 2 000 expected
                    members.nodes.points: several sources, sorted, filtered, 25 times: \
                1 000 of 59 975 rows, 0 expected
                    variables: {"n":1}

                """)
    }

    @Test func `what is not slow is not written`() throws {
        let lines = LogLines()
        let log = log(lines, threshold: 1_000)
        let note = OperationNote()
        log.write(note, nanoseconds: 999, status: .ok, requestID: nil, nil)
        log.flush()
        #expect(lines.stable == "")
        log.write(note, nanoseconds: 1_000, status: .badRequest, requestID: nil, nil)
        log.flush()
        #expect(
            lines.stable
                == #"{"ts":"2026-06-30T12:00:00.000Z","level":"warn","msg":"slow operation","#
                + #""status":400,"ms":1,"phases":{"wait":1},"rows":0,"scanned":0,"errors":0,"#
                + #""plan":[]}"# + "\n")
    }

    // MARK: Variables

    private func masked(_ variables: String, _ document: String?) throws -> JSONValue? {
        let mask = VariableMask(names: ["birthday", "value"])
        let body = #"{"query":"{ a }","variables":\#(variables)}"#
        return try GraphQLRequest.withBody(Array(body.utf8)) {
            mask.masked($0, document: document.map { Array($0.utf8) })
        }.get()
    }

    @Test func `sensitive variables are masked, wherever they are used`() throws {
        let document = """
            query($day: Date, $in: MemberInput, $list: [String], $n: Int, $free: String) {
              members(first: $n, filter: { birthday: { gt: $day } }) { ...F }
            }
            fragment F on MemberConnection {
              nodes { ... on Member { contacts(filter: { or: [{ value: { in: [$list] } }] }) { totalCount }
                x(input: $in, value: $free) } }
            }
            """
        #expect(
            try masked(
                #"{"day":"1990-01-01","in":{"name":"A","birthday":"x","birth":null,"more":[{"value":1}]},"list":["a"],"n":5,"free":null,"value":7}"#,
                document) == [
                    "day": "***",
                    "in": [
                        "name": "A", "birthday": "***", "birth": nil, "more": [["value": "***"]],
                    ], "list": "***", "n": 5, "free": nil, "value": "***",
                ])
    }

    @Test func `without a document all variables are masked`() throws {
        #expect(try masked(#"{"n":5}"#, nil) == ["n": "***"])
        #expect(try masked(#"{"n":5}"#, "{ a(") == ["n": "***"])
        #expect(try masked("{}", "{ a }") == nil)
    }

    @Test func `the mask knows the sensitive fields of a schema`() throws {
        let schema = SchemaFile(
            path: "a.graphql",
            bytes: Array("type Team @table { code: String! @sensitive name: String }".utf8))
        let mask = VariableMask(try buildModel([schema]))
        let body = #"{"query":"","variables":{"code":"a","name":"b"}}"#
        let found = try GraphQLRequest.withBody(Array(body.utf8)) {
            mask.masked($0, document: Array("{ a }".utf8))
        }.get()
        #expect(found == ["code": "***", "name": "b"])
    }

    // MARK: A server

    @Test func `a server logs the operations of its loops`() throws {
        let lines = LogLines()
        let observer = Observer(
            slowLog: log(lines, mask: VariableMask(names: ["name"])))
        let club = try ClubServer(loopCount: 1, observer: observer)
        let body =
            #"{"query":"query Q($n: Int) { tiers(first: $n) { nodes { name members { nodes { name } } } } }","variables":{"n":2}}"#
        _ = try club.ask(post(body, headers: "X-Request-Id: abc-1\r\n"))
        _ = try club.ask(post(body))
        _ = try club.ask(post(#"{"query":"{ nobody }"}"#))
        club.server.stop(drain: .seconds(5))
        observer.slowLog?.flush()
        let doc = SHA256.digest(
            of: Array(
                "query Q($n: Int) { tiers(first: $n) { nodes { name members { nodes { name } } } } }"
                    .utf8)
        ).hexadecimal
        let start = #"{"ts":"2026-06-30T12:00:00.000Z","level":"warn","msg":"slow operation""#
        func known(_ phases: String, _ id: String) -> String {
            start + id + #","op":"Q","opType":"query","doc":"sha256:\#(doc)","status":200,"ms":1,"#
                + #""phases":{\#(phases)},"rows":5,"scanned":5,"cost":105,"#
                + #""errors":0,"plan":["#
                + #"{"path":"tiers","source":"Tier(creation)","ordered":true,"filtered":false,"#
                + #""times":1,"estimated":2,"visited":5,"returned":2},"#
                + #"{"path":"tiers.nodes.members","source":"Member(tier)","ordered":true,"#
                + #""filtered":false,"times":2,"estimated":1,"visited":3,"returned":3}],"#
                + #""variables":{"n":2}}"# + "\n"
        }
        #expect(
            lines.stable == known(
                #""parse":1,"validate":1,"plan":1,"execute":1"#, #","requestId":"abc-1""#)
                + known(#""execute":1"#, "") + start
                + #","status":200,"ms":1,"phases":{"parse":1,"validate":1,"execute":1},"rows":0,"#
                + #""scanned":0,"errors":1,"plan":[]}"# + "\n")
    }

    @Test func `a table that took long is in the log, with the rows it has cost`() throws {
        let lines = LogLines()
        let observer = Observer(slowLog: log(lines))
        let club = try ClubServer(observer: observer)
        let query = "query Top { tiers { nodes { id } } }"
        _ = try club.ask(
            post(
                #"{"query":"\#(query)"}"#, headers: "X-Request-Id: abc-1\r\n", path: "/graphql.csv")
        )
        club.server.stop(drain: .seconds(5))
        observer.slowLog?.flush()
        let doc = SHA256.digest(of: Array(query.utf8)).hexadecimal
        let line = lines.stable
        #expect(
            line.hasPrefix(
                #"{"ts":"2026-06-30T12:00:00.000Z","level":"warn","msg":"slow operation","#
                    + #""requestId":"abc-1","op":"Top","opType":"query","doc":"sha256:\#(doc)","#
                    + #""status":200,"ms":1,"#), "\(line)")
        #expect(line.contains(#""scanned":2,"cost":2,"errors":0,"plan":["#), "\(line)")
        #expect(line.contains(#"{"path":"tiers","source":"Tier(creation)""#), "\(line)")
    }

    @Test func `no long name and no long value gets into the log`() throws {
        let lines = LogLines()
        let observer = Observer(slowLog: log(lines, mask: VariableMask(names: [])))
        let club = try ClubServer(observer: observer)
        let long = String(repeating: "n", count: 5_000)
        _ = try club.ask(
            post(
                #"{"query":"query \#(long)($x: ID!) { \#(long): tier(id: $x) { id } }","#
                    + #""variables":{"x":"\#(long)"}}"#))
        club.server.stop(drain: .seconds(5))
        observer.slowLog?.flush()
        #expect(!lines.stable.contains(long.prefix(101)))
        #expect(lines.stable.contains(#""variables":"5008 bytes, which is too long"}"#))
    }

    @Test func `what leaves the loop gets a name, which the answer says`() throws {
        let lines = LogLines()
        let observer = Observer(slowLog: log(lines))
        let club = try ClubServer(loopCount: 1, observer: observer) { $0.loopBudget = 100 }
        let client = try Client(port: club.port)
        client.send(
            post(#"{"query":"{ visits(filter: { number: { gt: 1999 } }) { nodes { number } } }"}"#))
        let answer = try client.read(keepsMadeNames: true)
        #expect(
            answer.headers.map { $0.replacing(/: [0-9a-f]{16}/) { _ in ": 1" } }
                == ["Content-Type: \(json); charset=utf-8", "X-Request-Id: 1"])
        club.server.stop(drain: .seconds(5))
        observer.slowLog?.flush()
        let line = lines.stable
        #expect(line.contains(#""requestId":"1","opType":"query""#))
        #expect(line.contains(#""wait":1},"rows":1,"scanned":"#))
        #expect(line.contains(#""source":"Visit scan""#))
        #expect(line.hasSuffix("\n") && line.count { $0 == "\n" } == 1)
    }

    @Test func `a client's name for its request is repeated when it is safe`() throws {
        let club = try ClubServer.audits.get()
        func headers(_ id: String) throws -> [String] {
            try club.ask(
                post(#"{"query":"{ __typename }"}"#, headers: "X-Request-Id: \(id)\r\n")
            ).headers
        }
        let type = "Content-Type: \(json); charset=utf-8"
        let long = String(repeating: "a", count: 128)
        for id in ["a", "0f-9_.:/+=@Z", long] {
            #expect(try headers(id) == [type, "X-Request-Id: \(id)"])
        }
        for id in ["", "a b", "a\"", "ä", "<x>", long + "a"] { #expect(try headers(id) == [type]) }
    }

    @Test func `a mutation is logged when it is durable`() throws {
        let folder = try DataFolder()
        let server = try ServerProcess(folder, ["--slow", "0", "--log", "json", "--log-variables"])
        _ = try server.ask(
            "mutation Open { createPurse(input: { id: \"prs_1\" }) { purse { id entries { totalCount } } } }",
            headers: "X-Request-Id: m1\r\n")
        #expect(server.terminate() == 0)
        let line = server.errors.replacing(/"(ms|parse|validate|plan|execute|wait)":[0-9.]+/) {
            "\"\($0.output.1)\":1"
        }.replacing(/"ts":"[^"]*"/) { _ in "\"ts\":\"1\"" }
        #expect(
            line.hasPrefix(
                #"{"ts":"1","level":"warn","msg":"slow operation","requestId":"m1","op":"Open","#
                    + #""opType":"mutation","doc":"sha256:"#))
        #expect(
            line.contains(
                #""status":200,"ms":1,"phases":{"parse":1,"validate":1,"plan":1,"execute":1,"#
                    + #""wait":1},"rows":0,"#))
        #expect(line.contains(#""path":"createPurse.purse.entries","source":"Entry(purse)""#))
    }
}
