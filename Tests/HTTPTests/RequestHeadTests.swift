import Testing

@testable import HTTP

/// Bytes that must be refused, and the one answer they get.
struct Refused: Sendable, CustomTestStringConvertible {
    let request: String
    let status: String
    let message: String

    init(_ request: String, _ status: String, _ message: String) {
        self.request = request
        self.status = status
        self.message = message
    }

    var testDescription: String { "\(request.debugDescription.prefix(80))" }
}

private let bad = "400 Bad Request"

/// A request of HTTP/1.1 with these lines between its request line and its end.
private func lines(_ lines: String) -> String {
    "POST / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n"
}

private let refusedRequestLines = [
    Refused("\u{16}\u{3}\u{1}", bad, "A control byte is not allowed here."),
    Refused(" GET / HTTP/1.1\r\n", bad, "The method is not a token."),
    Refused("G(T / HTTP/1.1\r\n", bad, "The method is not a token."),
    Refused("GET\r\n", bad, "The method is not a token."),
    Refused("GET/ HTTP/1.1\r\n", bad, "The method is not a token."),
    Refused("GET /\r\n", bad, "The request target is not valid."),
    Refused("GET  / HTTP/1.1\r\n", bad, "The request target is not valid."),
    Refused("GET\t/ HTTP/1.1\r\n", bad, "The method is not a token."),
    Refused("GET /a#b HTTP/1.1\r\n", bad, "The request target is not valid."),
    Refused("GET /\u{e9} HTTP/1.1\r\n", bad, "The request target is not valid."),
    Refused("GET a HTTP/1.1\r\n", bad, "The request target is not valid."),
    Refused("GET a:80 HTTP/1.1\r\n", bad, "The request target is not valid."),
    Refused("GET * HTTP/1.1\r\n", bad, "The request target is not valid."),
    Refused("OPTIONS ** HTTP/1.1\r\n", bad, "The request target is not valid."),
    Refused("GET ftp://a/ HTTP/1.1\r\n", bad, "The request target is not valid."),
    Refused("GET http:///a HTTP/1.1\r\n", bad, "The host of the request target is not valid."),
    Refused("GET http://u@a/ HTTP/1.1\r\n", bad, "The host of the request target is not valid."),
    Refused(
        "GET https://a/ HTTP/1.1\r\n", "421 Misdirected Request",
        "This server has no https; send the path alone."),
    Refused("CONNECT a:80 HTTP/1.1\r\n", "501 Not Implemented", "This server is no proxy."),
    Refused("GET / HTTP/1.1 \r\n", bad, "The HTTP version is not valid."),
    Refused("GET / x HTTP/1.1\r\n", bad, "The HTTP version is not valid."),
    Refused("GET / http/1.1\r\n", bad, "The HTTP version is not valid."),
    Refused("GET / HTTP/1\r\n", bad, "The HTTP version is not valid."),
    Refused("GET / HTTP/1.10\r\n", bad, "The HTTP version is not valid."),
    Refused("GET / HTTP/1,1\r\n", bad, "The HTTP version is not valid."),
    Refused("GET / HTTP/+.1\r\n", bad, "The HTTP version is not valid."),
    Refused("GET / HTTQ/1.1\r\n", bad, "The HTTP version is not valid."),
    Refused(
        "GET / HTTP/0.9\r\n", "505 HTTP Version Not Supported",
        "Only HTTP/1.1 and HTTP/1.0 are spoken here."),
    Refused(
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported",
        "Only HTTP/1.1 and HTTP/1.0 are spoken here."),
    Refused("GET / HTTP/1.1\nHost: a\n\n", bad, "A line must end in CR LF."),
    Refused("\nGET / HTTP/1.1\r\n", bad, "A line must end in CR LF."),
    Refused("GET / HTTP/1.1\rHost: a\r\n", bad, "A CR must be followed by LF."),
    Refused("GET /\u{0} HTTP/1.1\r\n", bad, "A control byte is not allowed here."),
    Refused("GET /\u{7f} HTTP/1.1\r\n", bad, "A control byte is not allowed here."),
]

private let refusedPaths = [
    "<", ">", "\"", "\\", "^", "`", "{", "}", "|", "[", "]", "%", "%4", "%zz",
]
.flatMap { ["/a\($0)", "/\($0)?q", "http://a/\($0)"] }
.map { Refused("GET \($0) HTTP/1.1\r\n", bad, "The request target is not valid.") }

private let refusedHeaders = [
    Refused(lines(" X: 1\r\n"), bad, "A header line must not begin with white space."),
    Refused(
        "GET / HTTP/1.1\r\n Host: a\r\n\r\n", bad,
        "A header line must not begin with white space."),
    Refused(
        "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", bad,
        "A header line must not begin with white space."),
    Refused(lines("X: 1\r\n folded\r\n"), bad, "A header line must not begin with white space."),
    Refused(lines("X : 1\r\n"), bad, "The name of a header is not a token and a colon."),
    Refused(lines("X\t: 1\r\n"), bad, "The name of a header is not a token and a colon."),
    Refused(lines(": 1\r\n"), bad, "The name of a header is not a token and a colon."),
    Refused(lines("X\r\n"), bad, "The name of a header is not a token and a colon."),
    Refused(lines("X[]: 1\r\n"), bad, "The name of a header is not a token and a colon."),
    Refused(lines("\u{e9}: 1\r\n"), bad, "The name of a header is not a token and a colon."),
    Refused(lines("X: a\nY: b\r\n"), bad, "A line must end in CR LF."),
    Refused(lines("X: a\rY: b\r\n"), bad, "A CR must be followed by LF."),
    Refused(lines("X: a\u{0}b\r\n"), bad, "A control byte is not allowed here."),
    Refused(lines("X: a\u{b}b\r\n"), bad, "A control byte is not allowed here."),
    Refused(lines("X: a\u{7f}b\r\n"), bad, "A control byte is not allowed here."),
    Refused(lines("X: 1\r\n\rY\r\n"), bad, "A CR must be followed by LF."),
    Refused("GET / HTTP/1.1\r\n\r\n", bad, "The Host header is missing."),
    Refused(lines("Host: a\r\n"), bad, "There is more than one Host header."),
    Refused(lines("hOST: b\r\n"), bad, "There is more than one Host header."),
    Refused(
        "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", bad, "There is more than one Host header."
    ),
]

private let refusedHosts = [
    "", "a b", "a,b", "a/b", "a@b", "a:b", "a:80:80", "a:99999", "a:123456", ":80", "[::1", "[]",
    "[1]", "[::1]x", "[::g]", "[1:2]", "[1::2::3]", "[12345::]", "[1:2:3:4:5:6:7:8:9]", "[:::]",
    "[::256.0.0.1]", "[127.0.0.1]", "[::1%25eth0]", "[v.a]", "[v1.]", "[vg.a]", "[v1.a b]",
    "[\(String(repeating: "0", count: 60))::]", "a?b", "a#b", "a%2", "a%zz", "a\\b", "\"a\"", "<a>",
].map {
    Refused("GET / HTTP/1.1\r\nHost: \($0)\r\n\r\n", bad, "The Host header is not valid.")
}

private let refusedLengths =
    ["+5", "-5", "0x5", "5,5", "5, 5", "5 5", "", " ", "5a", "٥", "1e3", "0b1", "5;", "5.0"].map {
        Refused(lines("Content-Length: \($0)\r\n"), bad, "The Content-Length is not valid.")
    }
    + ["9223372036854775808", "18446744073709551621", "99999999999999999999999"].map {
        Refused(lines("Content-Length: \($0)\r\n"), bad, "The Content-Length is not valid.")
    }
    + [
        Refused(
            lines("Content-Length: 5\r\nContent-Length: 5\r\n"), bad,
            "There is more than one Content-Length."),
        Refused(
            lines("Content-Length: 5\r\ncontent-length: 6\r\n"), bad,
            "There is more than one Content-Length."),
        Refused(
            lines("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), bad,
            "Content-Length and Transfer-Encoding exclude each other."),
        Refused(
            lines("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"), bad,
            "Content-Length and Transfer-Encoding exclude each other."),
        Refused(
            lines("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), bad,
            "There is more than one Transfer-Encoding."),
        Refused(
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", bad,
            "HTTP/1.0 has no Transfer-Encoding."),
        Refused(
            lines("Transfer-Encoding: gzip, chunked\r\n"), "501 Not Implemented",
            "The only transfer coding known is chunked."),
    ]
    + [
        "", "gzip", "identity", "xchunked", "chunked, chunked", "chunked, gzip", "chunked;q=1",
        ", chunked", "chunked,", "\"chunked\"", "chunked chunked", "chun ked",
    ].map {
        Refused(
            lines("Transfer-Encoding: \($0)\r\n"), bad, "The Transfer-Encoding is not chunked.")
    }

private let refusedExpectations = [
    Refused(
        lines("Expect: 200-ok\r\n"), "417 Expectation Failed", "Only 100-continue can be expected."
    ),
    Refused(lines("Expect: \r\n"), "417 Expectation Failed", "Only 100-continue can be expected."),
    Refused(
        lines("Expect: 100-continue\r\nExpect: 100-continue\r\n"), "417 Expectation Failed",
        "Only 100-continue can be expected."),
]

@Test(arguments: refusedRequestLines + refusedPaths)
func `a request line that is not valid gets one answer, however it is cut`(_ refused: Refused) {
    let expected = refusal(refused.status, refused.message)
    #expect(answerHoweverCut(refused.request) == expected)
}

@Test(arguments: refusedHeaders + refusedHosts)
func `a header that is not valid gets one answer, however it is cut`(_ refused: Refused) {
    let expected = refusal(refused.status, refused.message)
    #expect(answerHoweverCut(refused.request) == expected)
}

@Test(arguments: refusedLengths + refusedExpectations)
func `framing that can be read in two ways gets one answer, however it is cut`(
    _ refused: Refused
) {
    let expected = refusal(refused.status, refused.message)
    #expect(answerHoweverCut(refused.request + "12345GET / HTTP/1.1\r\n\r\n") == expected)
}

@Test func `a refused HEAD gets the head of the answer only`() {
    #expect(
        answerHoweverCut("HEAD / HTTP/1.1\r\n\r\n")
            == refusal(bad, "The Host header is missing.", sendsBody: false))
}

@Test func `after a refusal the connection is shut and what comes is dropped`() {
    let wire = Wire()
    wire.send("GET / HTTP/1.1\r\n\r\n")
    #expect(wire.isShut)
    #expect(wire.connection.phase == .lingering)
    wire.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(wire.text == refusal(bad, "The Host header is missing."))
    wire.sendEnd()
    #expect(wire.connection.phase == .closed)
}

@Test func `a request that ends in the middle is refused`() {
    let expected = refusal(bad, "The request is not whole.")
    #expect(answerHoweverCut("GET / HT", endsInput: true) == expected)
    #expect(answerHoweverCut(lines("Content-Length: 5\r\n") + "1234", endsInput: true) == expected)
    #expect(
        answerHoweverCut(lines("Transfer-Encoding: chunked\r\n") + "2\r\nab\r\n", endsInput: true)
            == expected)
}

// MARK: What is valid

/// Sends one request and compares what it was understood to be.
private func check(
    _ request: String, understoodAs expected: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(
        answerHoweverCut(request, sourceLocation: sourceLocation) == answer("200 OK", expected),
        sourceLocation: sourceLocation)
}

@Test func `a request is understood however it is cut`() {
    check(
        "POST /graphql?a=%20b HTTP/1.1\r\nHost: example.org:8080\r\nContent-Type: text/plain \r\n"
            + "X-Empty:\r\nX-Tab:\t a\tb \t\r\nX-Latin: \u{e9}\r\nContent-Length: 0005\r\n\r\n12345",
        understoodAs: "post POST http11\n/graphql|a=%20b|example.org:8080\n"
            + "Host=example.org:8080\nContent-Type=text/plain\nX-Empty=\nX-Tab=a\tb\n"
            + "X-Latin=\u{e9}\nContent-Length=0005\n12345")
}

@Test func `any token is a method`() {
    check(
        "get / HTTP/1.1\r\nHost: a\r\n\r\n", understoodAs: "other get http11\n/||a\nHost=a\n")
    check(
        "M-SEARCH!~ / HTTP/1.1\r\nHost: a\r\n\r\n",
        understoodAs: "other M-SEARCH!~ http11\n/||a\nHost=a\n")
    check(
        "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        understoodAs: "options OPTIONS http11\n*||a\nHost=a\n")
}

@Test func `the host of an absolute target wins over the header`() {
    check(
        "GET HTTP://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
        understoodAs: "get GET http11\n/x|y|b:81\nHost=a\n")
    check(
        "GET http://[::1] HTTP/1.1\r\nHost: a\r\n\r\n",
        understoodAs: "get GET http11\n/||[::1]\nHost=a\n")
    check(
        "GET http://b?q HTTP/1.1\r\nHost: a\r\n\r\n",
        understoodAs: "get GET http11\n/|q|b\nHost=a\n")
}

@Test(arguments: [
    "[2001:db8:1:2:3:4:5:6]", "[::]", "[V1f.a:b~,!]:80",
    "a", "a.b-c_d~", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::ffff:1.2.3.4]:65535", "a:", "a%2d",
    "xn--bcher-kva.example",
])
func `a valid host is accepted`(_ host: String) {
    check(
        "GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n",
        understoodAs: "get GET http11\n/||\(host)\nHost=\(host)\n")
}

@Test func `a path has all that a path may have, and a query what browsers leave in one`() {
    check(
        "GET /aZ09-._~!$&'()*+,;=:@%2f/?{}[]|^`\\\"<>%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        understoodAs: "get GET http11\n/aZ09-._~!$&'()*+,;=:@%2f/|{}[]|^`\\\"<>%zz|a\nHost=a\n")
}

@Test func `OPTIONS of an absolute target without a path asks the server as a whole`() {
    check(
        "OPTIONS http://b:81 HTTP/1.1\r\nHost: a\r\n\r\n",
        understoodAs: "options OPTIONS http11\n*||b:81\nHost=a\n")
    check(
        "OPTIONS http://b?q HTTP/1.1\r\nHost: a\r\n\r\n",
        understoodAs: "options OPTIONS http11\n/|q|b\nHost=a\n")
}

@Test func `a later minor version counts as 1·1`() {
    check("GET / HTTP/1.2\r\nHost: a\r\n\r\n", understoodAs: "get GET http11\n/||a\nHost=a\n")
}

@Test func `a few empty lines before a request are ignored`() {
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    let answered = answer("200 OK", "get GET http11\n/||a\nHost=a\n")
    #expect(
        answerHoweverCut("\r\n\r\n" + request + "\r\n\r\n\r\n\r\n" + request) == answered + answered
    )
    #expect(
        answerHoweverCut("\r\n\r\n\r\n\r\n\r\n" + request)
            == refusal(bad, "There are too many empty lines."))
    #expect(
        answerHoweverCut("\r" + request) == refusal(bad, "A CR must be followed by LF."))
}

@Test func `HTTP 1·0 closes unless it is asked not to`() {
    let old = "GET / HTTP/1.0\r\n\r\n"
    #expect(
        answerHoweverCut(old + old)
            == answer("200 OK", headers: "Connection: close\r\n", "get GET http10\n/||\n"))
    let kept = "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"
    let answered = answer(
        "200 OK", headers: "Connection: keep-alive\r\n",
        "get GET http10\n/||\nConnection=Keep-Alive\n")
    #expect(answerHoweverCut(kept + kept) == answered + answered)
}

@Test func `HTTP 1·1 closes when it is asked to, in whichever line`() {
    let request =
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, keep-alive\r\nconnection: y,CLOSE ,z\r\n\r\n"
    #expect(
        answerHoweverCut(request + request)
            == answer(
                "200 OK", headers: "Connection: close\r\n",
                "get GET http11\n/||a\nHost=a\nConnection=x, keep-alive\nconnection=y,CLOSE ,z\n"))
}

@Test func `headers are found by name, and repeated ones are noticed`() {
    var found: [String] = []
    let handler = ScriptedHandler { request, exchange in
        for name in KnownHeader.allCases {
            unsafe found.append("\(name)=\(text(request.header(name))) \(request.isRepeated(name))")
        }
        unsafe found.append(text(request.header("x-key")))
        unsafe found.append(text(request.header("x-ke")))
        found.append("\(request.isRepeated("x-key")) \(request.isRepeated("host"))")
        exchange.respond(status: .ok, contentType: "text/plain", body: "")
    }
    let wire = Wire(handler: handler)
    wire.send(
        "POST / HTTP/1.1\r\nHOST: a\r\nX-Key: 1\r\nx-kEY: 2\r\nAccept: b\r\naccept: c\r\n"
            + "Authorization: d\r\ncontent-TYPE: e\r\nExpect: 100-continue\r\n"
            + "Connection: f\r\nContent-Length: 1\r\n\r\n.")
    #expect(
        found == [
            "host=a false", "contentLength=1 false", "transferEncoding=- false",
            "connection=f false", "contentType=e false", "accept=b true",
            "expect=100-continue false", "authorization=d false", "1", "-", "true false",
        ])
}
