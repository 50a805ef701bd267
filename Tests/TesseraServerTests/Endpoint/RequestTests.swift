import Testing

// MARK: Bodies

@Test(arguments: [
    // White space, order, escapes, and members that are not known.
    " \n{\t\"query\" : \"{__typename}\" }\r\n ",
    #"{"variables":{},"extensions":{"a":[1,{}]},"operationName":"","query":"{__typename}"}"#,
    #"{"qu\u0065ry":"{__type\u006eame}"}"#, #"{"query":"{\n__typename\n}"}"#,
    #"{"documentId":"x","id":1,"id":2,"query":"{__typename}"}"#,
    #"{"query":"query A{__typename} query B{__typename}","operationName":"\u0042"}"#,
])
func `a body is read as JSON`(_ body: String) throws {
    let answer = try ClubServer.audits.get().ask(post(body))
    #expect(answer == Answer("200 OK", json, Audit.typeName))
}

@Test(arguments: [
    ("", "the text ends inside a value at byte 0"),
    (" ", "the text ends inside a value at byte 1"),
    ("{", "the text ends inside a value at byte 1"),
    ("\u{FEFF}{\"query\":\"{__typename}\"}", "the text begins with a byte order mark at byte 0"),
    (#"{"query":"{__typename}"}{}"#, "there is more text after the value at byte 24"),
    (#"{"query":"{__typename}",}"#, "expected a key in double quotes at byte 24"),
    (
        #"{"query":"{__typename}","query":"{__typename}"}"#,
        "an object has the same key twice at byte 24"
    ),
    (
        #"{"query":"{__typename}","qu\u0065ry":"{__typename}"}"#,
        "an object has the same key twice at byte 24"
    ),
    (
        #"{"query":"{__typename}","variables":{"a":1,"b":2,"\u0061":1}}"#,
        "an object has the same key twice at byte 49"
    ),
    (
        #"{"query":"{__typename}","variables":{"a":[{"b":1,"b":1}]}}"#,
        "an object has the same key twice at byte 49"
    ),
    (
        #"{"query":"{__typename}","extensions":{"a":1,"a":1}}"#,
        "an object has the same key twice at byte 44"
    ),
    (
        #"{"variables":{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"i":1}}"#,
        "an object has the same key twice at byte 74"
    ),
    (#"{"query":"\ud800"}"#, "an escaped surrogate has no partner at byte 10"),
    (#"{"query":"{__typename}","x":NaN}"#, "expected a value at byte 28"),
    (
        #"{"query":"{__typename}","variables":{"a":[-1.5e308,1e400]}}"#,
        "a number is out of range at byte 51"
    ),
    (
        #"{"query":"{__typename}","extensions":{"a":-1E999999999999}}"#,
        "a number is out of range at byte 42"
    ),
    (
        "{\"query\":\"{__typename}\n\"}",
        "a control character in a string must be escaped at byte 22"
    ),
    ("query=%7B__typename%7D", "expected a value at byte 0"),
])
func `a body that is no JSON is refused with 400`(_ body: String, _ problem: String) throws {
    let wanted = Answer("400 Bad Request", response, notJSON(problem))
    for club in [try ClubServer.audits.get(), try ClubServer.draft.get()] {
        let answer = try club.ask(post(body, accept: response))
        #expect(answer == wanted)
    }
}

@Test(
    arguments: [
        [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        [0x22, 0xE2, 0x82],
        [0xFF],
    ] as [[UInt8]])
func `bytes that are not UTF-8 are refused wherever they stand`(_ bytes: [UInt8]) throws {
    for (start, end) in [
        (#"{"query":"#, "}"), (#"{"query":"{__typename}","variables":{"a":"#, "}}"),
        (#"{"query":"{__typename}","more":["#, "]}"),
    ] {
        let body = Array(start.utf8) + bytes + Array(end.utf8)
        let answer = try ClubServer.audits.get().ask(post(body))
        #expect(answer.status == "400 Bad Request")
        #expect(answer.body.hasPrefix(#"{"errors":[{"message":"The body is not JSON: "#))
    }
}

@Test
func `a body over the limit is refused before it comes`() throws {
    let club = try ClubServer(bodyBytesMax: 100)
    let client = try Client(port: club.port)
    client.send(
        "POST /graphql HTTP/1.1\r\nHost: club\r\nContent-Type: \(json)\r\n"
            + "Content-Length: 101\r\n\r\n")
    #expect(
        try client.read()
            == Answer(
                "413 Content Too Large", json, headers: ["Connection: close"],
                refusal("The body is too large.")))
}

// MARK: Query strings

@Test(arguments: [
    // `+`, %20 and %2B, and escapes in either case.
    ("query=%7b__typename%7D", Audit.typeName),
    ("query={a:__typename,%0A+b:__typename}", #"{"data":{"a":"Query","b":"Query"}}"#),
    (
        "query=%7B__type(name:%22a%2Bb+c%22)%7Bname%7D%7D+%23%2B", #"{"data":{"__type":null}}"#
    ),
    // Names are decoded too; what is not known, or empty, or without a value is passed over.
    ("%71uery={__typename}&v=%FF&&=&query=&x", Audit.typeName),
    ("query&query={__typename}", Audit.typeName),
    ("operationName=&variables&extensions=&query={__typename}", Audit.typeName),
    ("query={__typename}&variables=null&extensions=null", Audit.typeName),
    ("query={__typename}&variables=+%7B+%7D+&extensions={%22a%22:1}", Audit.typeName),
    (
        "query=query+A{a:__typename}query+B{b:__typename}&operationName=B",
        #"{"data":{"b":"Query"}}"#
    ),
    // An equals sign ends the name only once; an ampersand must be escaped.
    ("query={__type(name:%22a=b%26c%22){name}}", #"{"data":{"__type":null}}"#),
    // A percent sign without two digits stands for itself.
    ("query={__type(name:%22%zz%4%22){name}}%23%", #"{"data":{"__type":null}}"#),
    (
        "query=query($id:ID!){member(id:$id){name}}&variables={%22id%22:%22mem_1%22}",
        #"{"data":{"member":{"name":"Åse 🏊"}}}"#
    ),
])
func `a query string is decoded as a form`(_ query: String, _ body: String) throws {
    let answer = try ClubServer.audits.get().ask(get(query))
    #expect(answer == Answer("200 OK", json, body))
}

@Test(arguments: [
    ("", "The parameter \"query\" is missing."), ("query=", "The parameter \"query\" is missing."),
    ("Query={__typename}", "The parameter \"query\" is missing."),
    ("query={__typename}&query={__typename}", "The parameter \"query\" is given twice."),
    (
        "query={__typename}&variables={}&vari%61bles={}",
        "The parameter \"variables\" is given twice."
    ),
    (
        "query={__typename}&variables=[]",
        "The parameter \"variables\" must be a JSON object or null."
    ),
    (
        "query={__typename}&variables=0",
        "The parameter \"variables\" must be a JSON object or null."
    ),
    (
        "query={__typename}&variables=%22%22",
        "The parameter \"variables\" must be a JSON object or null."
    ),
    (
        "query={__typename}&extensions=true",
        "The parameter \"extensions\" must be a JSON object or null."
    ),
])
func `a query string that makes no request is refused with 400, by the draft with 422`(
    _ query: String, _ message: String
) throws {
    let isMissing = message.hasSuffix("missing.")
    let body = refusal(message, hint: isMissing ? "GET /graphql?query=%7B__typename%7D" : nil)
    #expect(
        try ClubServer.audits.get().ask(get(query)) == Answer("400 Bad Request", json, body))
    #expect(
        try ClubServer.draft.get().ask(get(query, accept: response))
            == Answer("422 Unprocessable Content", response, body))
}

@Test(arguments: [
    ("query=%FF", "The parameter \"query\" is not UTF-8: byte 0."),
    ("query={__typename}%23%C3", "The parameter \"query\" is not UTF-8: byte 13."),
    (
        "query={__typename}&operationName=A%80",
        "The parameter \"operationName\" is not UTF-8: byte 1."
    ),
    (
        "query={__typename}&variables={",
        "The parameter \"variables\" is not JSON: the text ends inside a value at byte 1."
    ),
    (
        "query={__typename}&variables=x",
        "The parameter \"variables\" is not JSON: expected a value at byte 0."
    ),
    (
        "query={__typename}&variables={%22a%22:1,%22a%22:1}",
        "The parameter \"variables\" is not JSON: an object has the same key twice at byte 7."
    ),
    (
        "query={__typename}&extensions={}{}",
        "The parameter \"extensions\" is not JSON: there is more text after the value at byte 2."
    ),
])
func `a query string with broken text is refused with 400`(
    _ query: String, _ message: String
) throws {
    let wanted = Answer("400 Bad Request", json, refusal(message))
    for club in [try ClubServer.audits.get(), try ClubServer.draft.get()] {
        let answer = try club.ask(get(query))
        #expect(answer == wanted)
    }
}

// MARK: Methods and paths

private let graphQLMethods = "Allow: GET, HEAD, POST, OPTIONS"
private let healthMethods = "Allow: GET, HEAD, OPTIONS"

@Test
func `HEAD is answered as GET, without the body`() throws {
    let club = try ClubServer.audits.get()
    #expect(
        try club.ask(get("query={__typename}", method: "HEAD"))
            == Answer(
                "200 OK", json, headers: ["Content-Length: \(Audit.typeName.utf8.count)"], ""))
    let mutation = try club.ask(get("query=mutation{__typename}", method: "GET"))
    #expect(
        try club.ask(get("query=mutation{__typename}", method: "HEAD"))
            == Answer(
                "405 Method Not Allowed", json,
                headers: ["Allow: POST", "Content-Length: \(mutation.body.utf8.count)"], ""))
}

@Test(arguments: [
    ("/graphql", graphQLMethods), ("*", graphQLMethods), ("/health/live", healthMethods),
    ("/health/ready", healthMethods), ("/healthz", healthMethods),
])
func `OPTIONS tells which methods there are`(_ path: String, _ allow: String) throws {
    let answer = try ClubServer.audits.get().ask(
        get("", accept: "text/html", method: "OPTIONS", path: path))
    #expect(answer == Answer("204 No Content", nil, headers: [allow], ""))
}

@Test(arguments: ["PUT", "PATCH", "DELETE", "TRACE", "QUERY", "get"])
func `other methods are refused with 405 on every path`(_ method: String) throws {
    let club = try ClubServer.audits.get()
    for accept in [json, response, "text/html"] {
        #expect(
            try club.ask(get("query={__typename}", accept: accept, method: method))
                == Answer(
                    "405 Method Not Allowed", accept == response ? response : json,
                    headers: [graphQLMethods],
                    refusal("This method is not supported.", hint: "Send queries by POST or GET.")))
    }
    for path in ["/health/live", "/health/ready", "/healthz"] {
        #expect(
            try club.ask(get("", method: method, path: path))
                == Answer(
                    "405 Method Not Allowed", json, headers: [healthMethods],
                    refusal("This method is not supported.", hint: "Use GET.")))
    }
}

@Test(arguments: ["/", "/graphql/", "/GraphQL", "/graphql%20", "/health", "//graphql"])
func `there is nothing at other paths, whatever the method`(_ path: String) throws {
    for method in ["GET", "POST", "DELETE", "OPTIONS"] {
        #expect(
            try ClubServer.audits.get().ask(get("", method: method, path: path))
                == Answer(
                    "404 Not Found", json,
                    refusal(
                        "There is nothing at this path.",
                        hint: "GraphQL is at /graphql, reports at /reports, "
                            + "health at /health/live and /health/ready.")))
    }
}

@Test(arguments: [
    // Whatever else is wrong with the document, or with the values.
    ("mutation{nothing}", "mutation"), ("subscription{__typename}", "subscription"),
    ("mutation($a:Nothing){x(a:$b)}", "mutation"),
    ("query+A{__typename}mutation+B{x}&operationName=B", "mutation"),
    ("mutation{__typename}&variables={%22a%22:1}", "mutation"),
])
func `GET reads only`(_ query: String, _ type: String) throws {
    for _ in 0..<2 {
        #expect(
            try ClubServer.audits.get().ask(get("query=\(query)", accept: response))
                == Answer(
                    "405 Method Not Allowed", response, headers: ["Allow: POST"],
                    refusal(
                        "Only queries can be sent by GET; this is a \(type).",
                        code: "OPERATION_NOT_ALLOWED", hint: "Send it by POST.")))
    }
}

@Test(arguments: [
    "query+A{__typename}mutation+B{x}&operationName=A", "query+A{__typename}mutation+B{x}",
    "query+A{__typename}mutation+B{x}&operationName=C", "mutation{",
])
func `GET is judged by the operation that is selected, and by nothing else`(
    _ query: String
) throws {
    let answer = try ClubServer.audits.get().ask(get("query=\(query)", accept: response))
    #expect(answer.status == "400 Bad Request")
    #expect(!answer.body.contains("OPERATION_NOT_ALLOWED"))
}
