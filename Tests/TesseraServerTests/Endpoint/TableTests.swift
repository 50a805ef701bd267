import Testing

@testable import TesseraServer

private let csv = "text/csv; charset=utf-8; header=present"
private let members = "{members(orderBy:{name:ASC}){nodes{id name tier{name}}}}"
private let membersBody = #"{"query":"\#(members)"}"#
private let membersCSV = """
    id,name,tier.name\r
    mem_2,Bo,Gold\r
    mem_3,Cy,Bronze\r
    mem_1,Åse 🏊,Bronze\r

    """
private let membersLines = """
    {"id":"mem_2","name":"Bo","tier.name":"Gold"}
    {"id":"mem_3","name":"Cy","tier.name":"Bronze"}
    {"id":"mem_1","name":"Åse 🏊","tier.name":"Bronze"}

    """

/// The whole answer that a table is, but for the version that it was read from.
private func table(
    _ contentType: String, _ body: String, fileName: String? = nil, status: String? = "ok"
) -> Answer {
    var headers = ["Content-Type: \(contentType)"]
    if let fileName {
        headers.append("Content-Disposition: attachment; filename=\"\(fileName)\"")
    }
    headers += ["Transfer-Encoding: chunked", "Trailer: Tessera-Status"]
    if let status { headers.append("Tessera-Status: \(status)") }
    return Answer(status: "200 OK", headers: headers, body: body)
}

private func csvTable(_ body: String, fileName: String = "export.csv") -> Answer {
    table(csv, body, fileName: fileName)
}

extension ClubServer {
    /// As ``ask(_:)``, but without the header that names the version, which was looked at.
    func askForTable(_ request: String) throws -> Answer {
        let answer = try ask(request)
        let name = "Tessera-Version-Seq: "
        let versions = answer.headers.filter { $0.hasPrefix(name) }
        #expect(versions.count == 1 && Int(versions[0].dropFirst(name.count)) ?? 0 > 0)
        return Answer(
            status: answer.status, headers: answer.headers.filter { !$0.hasPrefix(name) },
            body: answer.body)
    }
}

private func query(_ text: String) -> String {
    "query="
        + text.replacing(" ", with: "+").replacing("{", with: "%7B").replacing("}", with: "%7D")
}

// MARK: Paths and media types

@Test
func `a query is a table at its own paths, by GET and by POST`() throws {
    let club = try ClubServer.audits.get()
    for accept in [nil, "*/*", json, "text/html"] {
        #expect(
            try club.askForTable(get(query(members), accept: accept, path: "/graphql.csv"))
                == csvTable(membersCSV))
        #expect(
            try club.askForTable(post(membersBody, accept: accept, path: "/graphql.csv"))
                == csvTable(membersCSV))
        #expect(
            try club.askForTable(get(query(members), accept: accept, path: "/graphql.ndjson"))
                == table("application/x-ndjson", membersLines))
    }
}

@Test(arguments: [
    ("text/csv", csv), ("TEXT/CSV; header=present", csv), ("text/csv, */*;q=0.1", csv),
    ("application/x-ndjson", "application/x-ndjson"),
    ("application/ndjson", "application/x-ndjson"),
    ("application/jsonl", "application/jsonl"),
    ("application/json-lines", "application/json-lines"),
    ("application/json;q=0.5, application/jsonl", "application/jsonl"),
    ("text/csv;q=0.2, application/x-ndjson;q=0.3", "application/x-ndjson"),
    ("text/csv, application/json", csv),
])
func `a table is for who accepts one before anything else`(
    _ accept: String, _ contentType: String
) throws {
    let club = try ClubServer.audits.get()
    let expected =
        contentType == csv ? csvTable(membersCSV) : table(contentType, membersLines)
    #expect(try club.askForTable(post(membersBody, accept: accept)) == expected)
    #expect(try club.askForTable(get(query(members), accept: accept)) == expected)
}

@Test(arguments: [
    "*/*", "application/json, text/csv", "text/csv;q=0.5, application/json",
    "text/csv;q=0, */*", "application/*, text/csv;q=0.9",
])
func `a table is not for who would rather have an answer`(_ accept: String) throws {
    let answer = try ClubServer.audits.get().ask(post(#"{"query":"{__typename}"}"#, accept: accept))
    #expect(answer == Answer("200 OK", json, Audit.typeName))
}

@Test
func `a range never stands for a table`() throws {
    let answer = try ClubServer.audits.get().ask(post(membersBody, accept: "text/*"))
    #expect(answer.status == "406 Not Acceptable")
}

@Test
func `answers keep the order of their requests, tables among them`() throws {
    let club = try ClubServer.audits.get()
    let client = try Client(port: club.port)
    let cheap = #"{"query":"{ __typename }"}"#
    client.send(
        post(cheap) + post(membersBody, accept: "text/csv") + post(cheap)
            + get(query(members), path: "/graphql.ndjson") + post(cheap))
    #expect(try client.read() == Answer("200 OK", json, Audit.typeName))
    #expect(try client.read().body == membersCSV)
    #expect(try client.read() == Answer("200 OK", json, Audit.typeName))
    #expect(try client.read().body == membersLines)
    #expect(try client.read() == Answer("200 OK", json, Audit.typeName))
}

@Test
func `HEAD tells of a table without giving it`() throws {
    let club = try ClubServer.audits.get()
    #expect(
        try club.askForTable(get(query(members), method: "HEAD", path: "/graphql.csv"))
            == table(csv, "", fileName: "export.csv", status: nil))
}

@Test
func `a table of HTTP 1.0 goes on to the end of the connection`() throws {
    let client = try Client(port: ClubServer.audits.get().port)
    client.send("GET /graphql.csv?\(query(members)) HTTP/1.0\r\n\r\n")
    #expect(client.readToEnd().hasSuffix("Connection: close\r\n\r\n" + membersCSV))
}

// MARK: Parameters

@Test
func `variables and the name of the operation count, and name the file`() throws {
    let club = try ClubServer.audits.get()
    let two = "query A{tiers{nodes{name}}} query B($n:Int=1){members(first:$n){nodes{id}}}"
    #expect(
        try club.askForTable(
            get(
                query(two) + "&operationName=B&variables=%7B%22n%22:2%7D", path: "/graphql.csv"))
            == csvTable("id\r\nmem_1\r\nmem_2\r\n", fileName: "B.csv"))
    #expect(
        try club.askForTable(
            post(
                #"{"query":"\#(two)","operationName":"B","variables":{"n":1}}"#,
                path: "/graphql.csv"))
            == csvTable("id\r\nmem_1\r\n"))
}

@Test
func `a spreadsheet gets its byte order mark, and lists become lines`() throws {
    let club = try ClubServer.audits.get()
    let tiers = "{tiers{nodes{name members{nodes{name}}}}}"
    let lines = "name,members.name\r\nBronze,Åse 🏊\r\nBronze,Cy\r\nGold,Bo\r\n"
    #expect(
        try club.askForTable(get(query(tiers) + "&explode=members", path: "/graphql.csv"))
            == csvTable(lines))
    #expect(
        try club.askForTable(
            post(#"{"query":"\#(tiers)"}"#, path: "/graphql.csv?explode=members&excel=1"))
            == csvTable("\u{FEFF}" + lines))
}

@Test
func `a table has all rows, whatever a page may have`() throws {
    let club = try ClubServer { $0.pageRowsMax = 10 }
    let whole = "number\r\n" + (1...2000).map { "\($0)\r\n" }.joined()
    #expect(
        try club.askForTable(get(query("{visits{nodes{number}}}"), path: "/graphql.csv"))
            == csvTable(whole))
}

// MARK: Refusals

@Test
func `what cannot be asked for at the path of a table is refused`() throws {
    let club = try ClubServer.audits.get()
    func ask(_ parameters: String, method: String = "GET") throws -> Answer {
        try club.ask(get(parameters, method: method, path: "/graphql.csv"))
    }
    func refused(_ message: String, hint: String? = nil) -> Answer {
        Answer("400 Bad Request", json, refusal(message, hint: hint))
    }
    #expect(
        try ask("")
            == refused(
                "The parameter \"query\" is missing.",
                hint: "GET /graphql.csv?query=%7Bmembers%7Bnodes%7Bid%7D%7D%7D"))
    #expect(
        try ask(query(members) + "&excel=yes")
            == refused("The parameter \"excel\" must be 1 or 0."))
    #expect(
        try ask(query(members) + "&explode=a&explode=b")
            == refused("The parameter \"explode\" is given twice."))
    #expect(
        try ask(query(members) + "&variables=[]")
            == refused("The parameter \"variables\" must be a JSON object or null."))
    #expect(
        try club.ask(post("{", path: "/graphql.csv"))
            == Answer(
                "400 Bad Request", json,
                notJSON("the text ends inside a value at byte 1")))
    #expect(
        try club.ask(post(membersBody, contentType: "text/plain", path: "/graphql.csv")).status
            == "415 Unsupported Media Type")
    #expect(
        try ask(query(members), method: "PUT")
            == Answer(
                "405 Method Not Allowed", json, headers: ["Allow: GET, HEAD, POST, OPTIONS"],
                refusal(
                    "This method is not supported.", hint: "Send queries by POST or GET.")))
    #expect(
        try ask("", method: "OPTIONS")
            == Answer(
                "204 No Content", nil, headers: ["Allow: GET, HEAD, POST, OPTIONS"], ""))
}

@Test(arguments: ["{__typename}", "{members{totalCount}}", "mutation{x}", "{", "{nothing}"])
func `a query that makes no table is refused with errors and no file`(_ text: String) throws {
    let club = try ClubServer.audits.get()
    for request in [
        get(query(text), path: "/graphql.csv"), post(#"{"query":"\#(text)"}"#, accept: "text/csv"),
    ] {
        let answer = try club.ask(request)
        #expect(answer.status == "400 Bad Request")
        #expect(
            answer.headers
                == ["Content-Type: application/json; charset=utf-8"])
        #expect(answer.body.hasPrefix(#"{"errors":[{"message":""#))
        #expect(answer.body.hasSuffix("}]}"))
    }
}

@Test
func `the draft's statuses hold for tables too`() throws {
    let club = try ClubServer.draft.get()
    #expect(
        try club.ask(get(query("{nothing}"), path: "/graphql.csv")).status
            == "422 Unprocessable Content")
    #expect(try club.ask(get(query("{"), path: "/graphql.csv")).status == "400 Bad Request")
}

@Test
func `when too many tables wait, one more is turned away`() throws {
    let club = try ClubServer(exportsWaitingMax: 0)
    #expect(
        try club.ask(get(query(members), path: "/graphql.csv"))
            == Answer(
                "503 Service Unavailable", json,
                headers: ["Retry-After: 1", "Connection: close"],
                refusal(
                    "Too many exports are waiting.", code: "UNAVAILABLE",
                    hint: "Try again in a second.")))
}

// MARK: Failures in the middle

@Test
func `a table that takes too long never looks whole`() throws {
    let club = try ClubServer(exportTimeout: .zero)
    let visits = query("{visits{nodes{number}}}")
    let broken = try club.askForTable(get(visits, path: "/graphql.csv"))
    let whole = "number\r\n" + (1...2000).map { "\($0)\r\n" }.joined()
    #expect(
        broken.headers
            == table(csv, "", fileName: "export.csv", status: "…").headers
            .map { $0 == "Tessera-Status: …" ? "…" : $0 })
    #expect(whole.hasPrefix(broken.body) && broken.body != whole)

    let lines = try club.askForTable(get(visits, path: "/graphql.ndjson"))
    #expect(lines.headers == table("application/x-ndjson", "", status: "error").headers)
    let last = refusal(
        "The export took longer than 0.0 seconds.", code: "TIMEOUT",
        hint: "Narrow the filter, or select fewer fields.")
    #expect(lines.body.hasSuffix(last + "\n"))
}
