import Engine
import FoundationEssentials
import HTTP
import Membership
import Store
import Testing

@testable import TesseraServer

/// A folder of reports, gone when the closure returns.
private func withReports<Result>(
    _ files: [String: String], _ body: (String) throws -> Result
) throws -> Result {
    let manager = FileManager.default
    let folder = manager.temporaryDirectory.appending(path: "tessera-\(UUID().uuidString)").path
    try manager.createDirectory(atPath: folder + "/reports", withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: folder) }
    for (name, text) in files {
        #expect(
            manager.createFile(
                atPath: "\(folder)/reports/\(name)", contents: Data(text.utf8)))
    }
    return try body(folder)
}

private func library(_ files: [String: String]) throws -> ReportLibrary {
    let (model, _, _) = try ClubServer.data.get()
    return try withReports(files) { try ReportLibrary(schemaFolder: $0, model) }
}

private let visitsReport = """
    # Visits between two numbers,
    #  <b>counted</b> & "quoted".

    query Visits(
      "The first number."
      $from: Int! = 1
      $to: Int!
      $ids: [ID!]! = ["vis_1", "vis_2", "vis_3", "vis_4"]
      $named: ID = "x"
    ) {
      visits(
        filter: {
          number: { gte: $from, lte: $to }
          id: { in: $ids }
          not: { id: { eq: $named } }
        }
      ) {
        nodes { number }
      }
    }
    """

private let membersReport = """
    "Who belongs."
    query($filter: MemberFilter, $byName: OrderDirection! = ASC, $one: Boolean! = false) {
      members(filter: $filter, orderBy: [{ name: $byName }]) {
        nodes { name @skip(if: $one) tier { name } }
      }
    }
    """

/// A server with two reports, which many tests ask.
private let club = Result {
    try ClubServer(
        reports: try library([
            "visits.graphql": visitsReport, "members.graphql": membersReport,
            "notes.txt": "no report",
        ]))
}

private func report(_ file: String, _ parameters: String = "", accept: String? = nil) -> String {
    get(parameters, accept: accept, path: "/reports/\(file)")
}

// MARK: Giving

@Test
func `a report is a table, or an answer`() throws {
    let club = try club.get()
    let lines = "number\r\n3\r\n4\r\n"
    #expect(
        try club.askForTable(report("visits.csv", "from=3&to=4"))
            == Answer(
                status: "200 OK",
                headers: [
                    "Content-Type: text/csv; charset=utf-8; header=present",
                    "Content-Disposition: attachment; filename=\"visits.csv\"",
                    "Transfer-Encoding: chunked", "Trailer: Tessera-Status", "Tessera-Status: ok",
                ],
                body: lines))
    #expect(
        try club.askForTable(report("visits.csv", "from=3&to=4&excel=1")).body
            == "\u{FEFF}" + lines)
    #expect(
        try club.askForTable(report("visits.ndjson", "from=3&to=4")).body
            == "{\"number\":3}\n{\"number\":4}\n")
    let rows = try club.askForTable(report("visits.json", "from=3&to=4&shape=rows"))
    #expect(rows.headers.first == "Content-Type: application/json; charset=utf-8")
    #expect(
        rows.body.filter { $0 != "\n" } == #"[{"number":3},{"number":4}]"#)
    #expect(
        try club.ask(report("visits.json", "from=3&to=4", accept: "text/csv"))
            == Answer(
                "200 OK", json,
                #"{"data":{"visits":{"nodes":[{"number":3},{"number":4}]}}}"#))
}

@Test(arguments: [
    // Defaults, and an empty parameter is none.
    ("to=1", "1"), ("from=&to=1", "1"), ("to=2", "1 2"),
    // Lists by repetition, by JSON, and of one.
    ("to=9&ids=vis_3&ids=vis_5", "3 5"), ("to=9&ids=%5B%22vis_3%22,%22vis_4%22%5D", "3 4"),
    ("to=9&ids=vis_7&from=7", "7"), ("to=9&ids=%5B%5D", ""),
    // Texts stay texts.
    ("to=1&named=7", "1"), ("to=1&named=%5B", "1"),
])
func `variables of the query string have the report's types`(
    _ parameters: String, _ numbers: String
) throws {
    let answer = try club.get().askForTable(report("visits.csv", parameters))
    #expect(
        answer.body.split(whereSeparator: \.isNewline).dropFirst().joined(separator: " ") == numbers
    )
}

@Test
func `enums, Booleans and input objects come in a query string too`() throws {
    let club = try club.get()
    #expect(
        try club.askForTable(
            report(
                "members.csv",
                "byName=DESC&filter=%7B%22tier%22:%7B%22name%22:%7B%22eq%22:%22Bronze%22%7D%7D%7D")
        ).body == "name,tier.name\r\nÅse 🏊,Bronze\r\nCy,Bronze\r\n")
    for yes in ["true", "1"] {
        #expect(
            try club.askForTable(report("members.csv", "one=\(yes)")).body
                == "tier.name\r\nGold\r\nBronze\r\nBronze\r\n")
    }
}

private let visitsHint =
    #"Its variables: from: Int! = 1, to: Int!, ids: [ID!]! = [\"vis_1\",\"vis_2\",\"vis_3\","#
    + #"\"vis_4\"], named: ID = x."#

@Test(arguments: [
    ("", #"The variable "to" of type Int! is missing."#),
    ("to=1&until=2", #"The report visits has no variable "until"."#),
    ("to=1&to=2", #"The variable "to" is given twice."#),
    ("to=1&named=%FF", #"The variable "named" is not UTF-8."#),
    (
        "to=many",
        #"Variable "$to" has invalid value: Int cannot represent non-integer value: "many""#
    ),
    (
        "to=1&from=1.5",
        #"Variable "$from" has invalid value: Int cannot represent non-integer value: "1.5""#
    ),
])
func `variables that do not fit are refused with what there is`(
    _ parameters: String, _ message: String
) throws {
    for file in ["visits.csv", "visits.ndjson", "visits.json"] {
        #expect(
            try club.get().ask(report(file, parameters))
                == Answer(
                    "400 Bad Request", json,
                    refusal(message, code: "BAD_USER_INPUT", hint: visitsHint)))
    }
}

@Test
func `what every report can be asked for is checked`() throws {
    let club = try club.get()
    func refused(_ message: String) -> Answer {
        Answer(
            "400 Bad Request", json,
            refusal(message, code: "BAD_USER_INPUT"))
    }
    #expect(
        try club.ask(report("members.json", "shape=table"))
            == refused("The parameter \"shape\" must be rows."))
    #expect(
        try club.ask(report("members.csv", "excel=maybe"))
            == refused("The parameter \"excel\" must be 1 or 0."))
}

@Test(arguments: ["none.csv", "visits", "visits.xlsx", "visits.csv/", "../visits.csv", ".csv"])
func `there are no other reports`(_ file: String) throws {
    #expect(
        try club.get().ask(report(file))
            == Answer(
                "404 Not Found", json,
                refusal(
                    "There is no such report.",
                    hint: "GET /reports lists them; each ends in .csv, .ndjson or .json.")))
}

@Test
func `reports are read by GET alone`() throws {
    let club = try club.get()
    for path in ["/reports", "/reports/visits.csv"] {
        #expect(
            try club.ask(get("", method: "DELETE", path: path))
                == Answer(
                    "405 Method Not Allowed", json, headers: ["Allow: GET, HEAD, OPTIONS"],
                    refusal("This method is not supported.", hint: "Use GET.")))
        #expect(
            try club.ask(get("", method: "OPTIONS", path: path))
                == Answer("204 No Content", nil, headers: ["Allow: GET, HEAD, OPTIONS"], ""))
    }
}

// MARK: The index

@Test
func `the index says what there is`() throws {
    let expected =
        #"{"reports":[{"name":"members","description":"Who belongs.","variables":["#
        + #"{"name":"filter","type":"MemberFilter","required":false,"default":null,"#
        + #""description":null},{"name":"byName","type":"OrderDirection!","required":false,"#
        + #""default":"ASC","description":null},{"name":"one","type":"Boolean!","#
        + #""required":false,"default":"false","description":null}],"#
        + #""urls":{"csv":"/reports/members.csv","ndjson":"/reports/members.ndjson","#
        + #""json":"/reports/members.json"}},"#
        + #"{"name":"visits","description":"Visits between two numbers, <b>counted</b> & "#
        + #"\"quoted\".","variables":[{"name":"from","type":"Int!","required":false,"#
        + #""default":"1","description":"The first number."},{"name":"to","type":"Int!","#
        + #""required":true,"default":null,"description":null},{"name":"ids","type":"[ID!]!","#
        + #""required":false,"default":"[\"vis_1\",\"vis_2\",\"vis_3\",\"vis_4\"]","#
        + #""description":null},{"name":"named","#
        + #""type":"ID","required":false,"default":"x","description":null}],"#
        + #""urls":{"csv":"/reports/visits.csv","ndjson":"/reports/visits.ndjson","#
        + #""json":"/reports/visits.json"}}]}"# + "\n"
    for path in ["/reports", "/reports/"] {
        for accept in [nil, "*/*", json] {
            #expect(
                try club.get().ask(get("", accept: accept, path: path))
                    == Answer(
                        "200 OK", json, headers: ["Vary: Accept"], expected))
        }
    }
}

@Test
func `a browser gets a page in which nothing of a report is markup`() throws {
    let answer = try club.get().ask(
        get("", accept: "text/html,application/xhtml+xml,*/*;q=0.8", path: "/reports"))
    #expect(answer.status == "200 OK")
    #expect(
        answer.headers == [
            "Content-Type: text/html; charset=utf-8", "Vary: Accept",
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; "
                + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ])
    let visits = """
        <article id="visits">
        <h2>visits</h2>
        <p>Visits between two numbers, &lt;b&gt;counted&lt;/b&gt; &amp; &quot;quoted&quot;.</p>
        <form method="get" action="/reports/visits.csv">
        <label><span>from</span> <input name="from" value="1"> <small>Int! · \
        The first number.</small></label>
        <label><span>to</span> <input name="to" value="" required> <small>Int!</small></label>
        <label><span>ids</span> <input name="ids" value="[&quot;vis_1&quot;,&quot;vis_2&quot;,\
        &quot;vis_3&quot;,&quot;vis_4&quot;]"> <small>[ID!]!</small></label>
        <label><span>named</span> <input name="named" value="x"> <small>ID</small></label>
        <p class="buttons"><button formaction="/reports/visits.csv">CSV</button> \
        <button formaction="/reports/visits.ndjson">NDJSON</button> \
        <button formaction="/reports/visits.json">JSON</button> \
        <button name="excel" value="1">Excel</button></p>
        </form>
        </article>
        </main>
        </html>

        """
    #expect(answer.body.hasSuffix(visits))
    #expect(answer.body.hasPrefix("<!doctype html>\n<html lang=\"en\">\n"))
}

@Test
func `without reports the index is empty`() throws {
    let club = try ClubServer.audits.get()
    #expect(try club.ask(get("", path: "/reports")).body == "{\"reports\":[]}\n")
}

// MARK: Loading

@Test(arguments: [
    ("query {", "reports/x.graphql:1:8: error: Syntax Error: Expected Name, found <EOF>"),
    (
        "{ members { nodes { nam } } }",
        "reports/x.graphql:1:21: error: Cannot query field \"nam\" on type \"Member\". "
            + "Did you mean \"name\"?"
    ),
    (
        "query A { members { totalCount } }\nquery B { tiers { totalCount } }",
        "reports/x.graphql:2:1: error: a report has one operation, and this file 2\n"
            + "  help: give each report a file of its own"
    ),
    (
        "\nquery($excel: Int! = 1) { members(first: $excel) { totalCount } }",
        "reports/x.graphql:2:7: error: the variable \"excel\" would hide what the URL of every "
            + "report can say\n  help: give it another name"
    ),
])
func `what is wrong with a report is said with its place`(
    _ text: String, _ problem: String
) throws {
    let (model, _, _) = try ClubServer.data.get()
    try withReports(["x.graphql": text]) { folder in
        do throws(ModelErrors) {
            _ = try ReportLibrary(schemaFolder: folder, model)
            Issue.record("it was loaded")
        } catch {
            #expect(error.description == "\(folder)/\(problem)")
        }
    }
}

@Test
func `a report's name must do as part of a URL`() throws {
    let (model, _, _) = try ClubServer.data.get()
    try withReports(["a b.graphql": "{__typename}", "ok.graphql": "{"]) { folder in
        do throws(ModelErrors) {
            _ = try ReportLibrary(schemaFolder: folder, model)
            Issue.record("it was loaded")
        } catch {
            #expect(
                error.problems.map(\.file)
                    == ["a b", "ok"].map { "\(folder)/reports/\($0).graphql" })
        }
    }
}

@Test
func `check and serve refuse a schema whose reports do not fit`() throws {
    try withReports(["x.graphql": "{ visits { nodes { nam } } }"]) { folder in
        let schema = "type Visit @table(idPrefix: \"vis\") { number: Int! }"
        #expect(
            FileManager.default.createFile(
                atPath: "\(folder)/club.graphql", contents: Data(schema.utf8)))
        let problem =
            "\(folder)/reports/x.graphql:1:20: error: Cannot query field \"nam\" on type \"Visit\""
        #expect(
            tessera(["check", "--schema", folder])
                == CommandResult(
                    exitCode: .problems, output: "",
                    errors: "\(problem)\n\(folder): 1 problem\n"))
        #expect(
            tessera(["serve", "--listen", "127.0.0.1:0", "--schema", folder])
                == CommandResult(
                    exitCode: .usage, output: "",
                    errors: "tessera: \(problem)\n"
                        + "  help: \"tessera check\" looks at schema and reports alone\n"))
    }
}

// MARK: Those of the club

/// What the shipped reports need to be given.
private let required = [
    "expiring-points": "from=2026-01-01&to=2027-01-01",
    "renewals-due": "from=2026-01-01&to=2026-12-31",
    "event-guests": "event=evt_1",
    "churn-list": "inactiveSince=2026-06-01",
]

@Test
func `every report of the club makes a table`() throws {
    let model = try buildModel(try loadSchemaFiles("schema"), rules: membershipRules)
    let reports = try ReportLibrary(schemaFolder: "schema", model)
    #expect(reports.reports.count >= 10)
    let store = Store(model.storeDefinition, shardCount: 2, seed: 1)
    let context = EngineContext(model: model, store: store)
    let writer = Writer(store: store, journal: nil, clock: { 0 })
    writer.start()
    defer { writer.stop() }
    let server = GraphQLServer(
        HTTPConfiguration(loopCount: 1), context: context, reports: reports, rules: .audits,
        workers: WorkerPool(context: context, rules: .audits, threadCount: 1),
        writes: WriteRoad(writer: writer, context: context, rules: .audits))
    try server.start()
    defer { server.stop(drain: .seconds(5)) }
    for item in reports.reports {
        #expect(!item.description.isEmpty, "\(item.name)")
        for variable in item.variables {
            #expect(variable.description != nil, "\(item.name): \(variable.name)")
        }
        for ending in ["csv", "ndjson", "json"] {
            let client = try Client(port: server.port)
            client.send(report("\(item.name).\(ending)", required[item.name] ?? ""))
            let answer = try client.read()
            #expect(answer.status == "200 OK", "\(item.name).\(ending): \(answer)")
            #expect(!answer.body.contains("errors"), "\(item.name).\(ending): \(answer)")
        }
    }
}
