import Testing

@testable import HTTP

/// An answer that says no more than how long the body was.
private func lengthOfBody(_ request: Request, _ exchange: Exchange) {
    exchange.begin(status: .ok, contentType: "text/plain")
    unsafe exchange.output.appendInteger(request.body.count)
    exchange.end()
}

/// The status line that comes back, in one piece and in pieces of 1000 bytes alike.
private func statusLine(
    _ request: String, limits: HTTPLimits = HTTPLimits(),
    sourceLocation: SourceLocation = #_sourceLocation
) -> String {
    let bytes = Array(request.utf8)
    let whole = Wire(limits: limits, handler: ScriptedHandler(lengthOfBody))
    whole.send(bytes)
    let pieces = Wire(limits: limits, handler: ScriptedHandler(lengthOfBody))
    for start in stride(from: 0, to: bytes.count, by: 1000) {
        pieces.send(Array(bytes[start..<min(bytes.count, start + 1000)]))
    }
    #expect(whole.text == pieces.text, sourceLocation: sourceLocation)
    return String(whole.text.prefix { $0 != "\r\n" })
}

private func filler(_ count: Int) -> String { String(repeating: "x", count: count) }

@Test func `a request line has 8 KiB and no more`() {
    let shell = "GET / HTTP/1.1".utf8.count
    let fits = "GET /\(filler(8192 - shell)) HTTP/1.1\r\nHost: a\r\n\r\n"
    let exceeds = "GET /\(filler(8193 - shell)) HTTP/1.1\r\nHost: a\r\n\r\n"
    #expect(statusLine(fits) == "HTTP/1.1 200 OK")
    #expect(statusLine(exceeds) == "HTTP/1.1 414 URI Too Long")
    #expect(statusLine(filler(8193)) == "HTTP/1.1 414 URI Too Long")
}

@Test func `headers have 16 KiB and no more`() {
    let shell = "Host: a\r\nX: \r\n".utf8.count
    let fits = "GET / HTTP/1.1\r\nHost: a\r\nX: \(filler(16384 - shell))\r\n\r\n"
    let exceeds = "GET / HTTP/1.1\r\nHost: a\r\nX: \(filler(16385 - shell))\r\n\r\n"
    #expect(statusLine(fits) == "HTTP/1.1 200 OK")
    #expect(statusLine(exceeds) == "HTTP/1.1 431 Request Header Fields Too Large")
    #expect(
        statusLine("GET / HTTP/1.1\r\nHost: a\r\nX: \(filler(20000))")
            == "HTTP/1.1 431 Request Header Fields Too Large")
}

@Test func `there may be 100 headers and no more`() {
    func request(_ count: Int) -> String {
        "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: 1\r\n", count: count - 1) + "\r\n"
    }
    #expect(statusLine(request(100)) == "HTTP/1.1 200 OK")
    #expect(statusLine(request(101)) == "HTTP/1.1 431 Request Header Fields Too Large")
}

@Test func `a body has 1 MiB and no more, and what is more is refused before it comes`() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
    #expect(statusLine(head + "1048576\r\n\r\n" + filler(1_048_576)) == "HTTP/1.1 200 OK")
    #expect(statusLine(head + "1048577\r\n\r\n") == "HTTP/1.1 413 Content Too Large")
    #expect(statusLine(head + "999999999999999999\r\n\r\n") == "HTTP/1.1 413 Content Too Large")
}

@Test func `a chunked body has 1 MiB and no more`() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    let most = "80000\r\n\(filler(0x80000))\r\n7FFFF\r\n\(filler(0x7FFFF))\r\n"
    #expect(statusLine(head + most + "1\r\nx\r\n0\r\n\r\n") == "HTTP/1.1 200 OK")
    #expect(statusLine(head + most + "2\r\n") == "HTTP/1.1 413 Content Too Large")
    #expect(statusLine(head + "100001\r\n") == "HTTP/1.1 413 Content Too Large")
    #expect(
        statusLine(head + filler(0) + "FFFFFFFFFFFFFFFFFFFFFFFF\r\n")
            == "HTTP/1.1 413 Content Too Large")
}

@Test func `the line of a chunk has 256 bytes and no more`() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(statusLine(head + "0;\(filler(254))\r\n\r\n") == "HTTP/1.1 200 OK")
    #expect(statusLine(head + "0;\(filler(255))\r\n\r\n") == "HTTP/1.1 400 Bad Request")
    #expect(statusLine(head + String(repeating: "0", count: 257)) == "HTTP/1.1 400 Bad Request")
}

@Test func `chunk extensions have 4 KiB together and no more`() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    let chunk = "1;\(filler(127))\r\n.\r\n"
    let most = String(repeating: chunk, count: 32)
    #expect(statusLine(head + most + "0\r\n\r\n") == "HTTP/1.1 200 OK")
    #expect(statusLine(head + most + "0;x\r\n\r\n") == "HTTP/1.1 413 Content Too Large")
}

@Test func `trailers have 4 KiB and no more`() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    let line = "X: \(filler(1019))\r\n"
    let most = String(repeating: line, count: 4)
    #expect(statusLine(head + most + "\r\n") == "HTTP/1.1 200 OK")
    #expect(
        statusLine(head + most + "X:\r\n\r\n") == "HTTP/1.1 431 Request Header Fields Too Large")
    #expect(
        statusLine(head + "X: \(filler(5000))") == "HTTP/1.1 431 Request Header Fields Too Large")
}

@Test func `limits can be set, and are met exactly`() {
    var limits = HTTPLimits()
    limits.requestLineBytesMax = 20
    limits.headerBytesMax = 20
    limits.headerCountMax = 2
    limits.bodyBytesMax = 3
    let head = "POST / HTTP/1.1\r\nHost: a\r\n"
    #expect(
        answerHoweverCut(head + "Connection: x\r\n\r\n", limits: limits)
            == refusal("431 Request Header Fields Too Large", "The headers are too large."))
    #expect(
        answerHoweverCut(head + "A: b\r\nC:\r\n\r\n", limits: limits)
            == refusal("431 Request Header Fields Too Large", "There are too many headers."))
    #expect(
        answerHoweverCut("GET /0123456 HTTP/1.1\r\n", limits: limits)
            == refusal("414 URI Too Long", "The request line is too long."))
    #expect(
        answerHoweverCut("GET /012345 HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits)
            == answer("200 OK", "get GET http11\n/012345||a\nHost=a\n"))
}
