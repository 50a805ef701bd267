import Testing

private let question = #"{"query":"{ __typename }"}"#

private func accepted(_ mediaType: String) -> Answer {
    Answer("200 OK", mediaType, Audit.typeName)
}

private let notAcceptable = Answer(
    "406 Not Acceptable", json,
    refusal(
        "No media type of the Accept header is supported.",
        hint: "Accept application/graphql-response+json or application/json."))

@Test(arguments: [
    // Nothing that decides.
    ("", json), (",", json), ("*/*", json), ("application/*", json),
    // One of the two, however it is written.
    ("application/json; charset=utf-8", json), ("Application/JSON;charset=\"UTF-8\"", json),
    ("APPLICATION/GRAPHQL-RESPONSE+JSON", response),
    ("application/graphql-response+json ; charset = utf8", response),
    ("text/html, \(response)", response), ("\(response);profile=\"a,b;c\\\"d\"", response),
    // Both: quality, then exactness, then order.
    ("\(response), \(json)", response), ("\(json), \(response)", json),
    ("\(response), \(json);q=0.9", response), ("\(json);q=0.9, \(response)", response),
    ("\(response);q=0.8,\(json);q=0.801", json),
    ("\(response) ; Q=0.5 , \(json) ; q=0.4", response),
    ("*/*, \(response)", response), ("application/*, \(json);q=0.9, \(response);q=0.8", json),
    ("\(response);q=0.5, */*;q=0.5", response), ("*/*;q=0.5, \(response);q=0.4", json),
    ("\(json);q=0.1, \(response);charset=utf-8;q=0.2", response),
    // Not at all.
    ("\(json);q=0, */*", response), ("*/*, \(json);q=0.000", response),
    ("application/*;q=0, \(response)", response), ("*/*;q=0, application/*", json),
    ("\(json);charset=utf-16, \(response);q=0.1", response),
    // What Java's own client sends, and a browser.
    ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", json),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", json),
])
func `Accept is honoured`(_ accept: String, _ mediaType: String) throws {
    let answer = try ClubServer.audits.get().ask(post(question, accept: accept))
    #expect(answer == accepted(mediaType))
}

@Test(arguments: [
    "text/html", "application/xml, text/*", "\(json);q=0", "*/*;q=0",
    "\(json);q=0, \(response);q=0",
    "\(json);q=high", "\(json);q=", "\(json);q=-1", "\(json);q=0..5", "application/jsonp",
    "\(json);charset=utf-16",
])
func `what cannot be answered acceptably is refused with 406`(_ accept: String) throws {
    let club = try ClubServer.audits.get()
    #expect(try club.ask(post(question, accept: accept)) == notAcceptable)
    #expect(try club.ask(get("query=%7B__typename%7D", accept: accept)) == notAcceptable)
}

@Test
func `several Accept lines are one list`() throws {
    let club = try ClubServer.audits.get()
    let html = "Accept: text/html\r\n"
    #expect(
        try club.ask(post(question, accept: "\(json);q=0.5", headers: "ACCEPT: \(response)\r\n"))
            == accepted(response))
    #expect(try club.ask(post(question, accept: json, headers: html)) == accepted(json))
    #expect(try club.ask(post(question, accept: "text/*", headers: html)) == notAcceptable)
}

@Test(arguments: [
    "application/json", "application/json; charset=utf-8", "application/json;charset=UTF-8",
    "Application/Json ; Charset=\"utf-8\" ;", "application/json\t;\tcharset = utf8",
    "application/json; boundary=x; charset=utf-8", "application/json;",
])
func `JSON in UTF-8 is taken, however it is called`(_ contentType: String) throws {
    let answer = try ClubServer.audits.get().ask(post(question, contentType: contentType))
    #expect(answer == accepted(json))
}

@Test(arguments: [
    ("application/json; charset=utf-16", #"The charset "utf-16" is not supported."#),
    ("application/json; charset=utf-8; charset=latin1", #"The charset "latin1" is not supported."#),
    ("application/json; charset=", #"The charset "" is not supported."#),
    ("text/plain", #"The Content-Type "text/plain" is not supported."#),
    (
        "application/graphql-response+json",
        #"The Content-Type "application/graphql-response+json" is not supported."#
    ),
    ("application/graphql", #"The Content-Type "application/graphql" is not supported."#),
    (
        "application/json, application/json",
        #"The Content-Type "application/json, application/json" is not supported."#
    ),
    (
        "multipart/form-data; boundary=x",
        #"The Content-Type "multipart/form-data; boundary=x" is not supported."#
    ),
    ("", "The request has no Content-Type."),
    (
        String(repeating: "x", count: 1000),
        #"The Content-Type "\#(String(repeating: "x", count: 100))" is not supported."#
    ),
])
func `any other body is refused with 415`(_ contentType: String, _ message: String) throws {
    let answer = try ClubServer.audits.get().ask(
        post(question, accept: response, contentType: contentType))
    #expect(answer == unsupported(message))
}

@Test
func `two Content-Type lines are refused, even when they agree`() throws {
    let answer = try ClubServer.audits.get().ask(
        post(question, accept: response, headers: "Content-Type: application/json\r\n"))
    #expect(answer == unsupported("The request has more than one Content-Type."))
}

private func unsupported(_ message: String) -> Answer {
    Answer(
        "415 Unsupported Media Type", response,
        refusal(message, hint: "Send Content-Type: application/json, in UTF-8."))
}
