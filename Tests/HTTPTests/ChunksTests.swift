import Testing

@testable import HTTP

private let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

private func understood(_ body: String) -> String {
    answer("200 OK", "post POST http11\n/||a\nHost=a\nTransfer-Encoding=chunked\n" + body)
}

@Test func `chunks are joined however they are cut`() {
    #expect(
        answerHoweverCut(head + "5\r\nhello\r\n1\r\n \r\n00A\r\n0123\r\n6789\r\n0\r\n\r\n")
            == understood("hello 0123\r\n6789"))
    #expect(answerHoweverCut(head + "0\r\n\r\n") == understood(""))
}

@Test func `extensions and trailers are checked and dropped`() {
    #expect(
        answerHoweverCut(
            head + "5;a;b=c;d=\"x\\\";y\" \t; e = f\r\nhello\r\n000;last\r\nX: y\r\nZ:\r\n\r\n")
            == understood("hello"))
}

@Test func `a request may follow a chunked one at once`() {
    let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
    #expect(
        answerHoweverCut(head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" + next)
            == understood("abcde") + answer("200 OK", "get GET http11\n/next||a\nHost=a\n"))
}

@Test func `the name of the coding is read without regard to case`() {
    #expect(
        answerHoweverCut(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: ChunKed\r\n\r\n1\r\nx\r\n0\r\n\r\n")
            == answer(
                "200 OK", "post POST http11\n/||a\nHost=a\nTransfer-Encoding=ChunKed\nx"))
}

private let refusedSizes = [
    "0x5", "+5", "-5", " 5", "", "g", "5 ", "5\t", "5 5", "5,5", ";a", "\u{e9}",
]

private let refusedExtensions = [
    "5;", "5;;", "5; ", "5;a ", "5;a=", "5;a=;", "5;=b", "5;a=\"b", "5;a=\"b\\", "5;a=\"b\"c",
    "5;a b", "5 a", "5;a=b=c", "5;[",
]

@Test(arguments: refusedSizes + refusedExtensions)
func `a chunk's line that is not valid is refused`(_ line: String) {
    let startsWithDigit = line.first == "5" || line == "0x5"
    let message =
        startsWithDigit
        ? "A chunk extension is not valid." : "The size of a chunk is not valid."
    #expect(
        answerHoweverCut(head + line + "\r\nhello\r\n0\r\n\r\n")
            == refusal("400 Bad Request", message))
}

@Test(arguments: [
    ("5\nhello\r\n", "A line must end in CR LF."),
    ("5\rhello\r\n", "A CR must be followed by LF."),
    ("5;a=\"\u{0}\"\r\nhello\r\n", "A control byte is not allowed here."),
    ("5\r\nhello\n0\r\n\r\n", "A chunk must end in CR LF."),
    ("5\r\nhello\r0\r\n\r\n", "A chunk must end in CR LF."),
    ("5\r\nhello!\r\n0\r\n\r\n", "A chunk must end in CR LF."),
    ("4\r\nhello\r\n0\r\n\r\n", "A chunk must end in CR LF."),
    ("0\r\nX: y\n\r\n", "A line must end in CR LF."),
    ("0\r\n\rX", "A CR must be followed by LF."),
    ("0\r\nX\r\n\r\n", "The name of a header is not a token and a colon."),
    ("0\r\n X: y\r\n\r\n", "A header line must not begin with white space."),
])
func `a chunked body that is not valid is refused`(_ body: String, _ message: String) {
    #expect(answerHoweverCut(head + body) == refusal("400 Bad Request", message))
}

@Test func `a body in many small chunks takes no more memory than what it holds`() {
    let wire = Wire()
    wire.send(head)
    let chunk = "1;\(String(repeating: "x", count: 30))\r\n.\r\n"
    for _ in 0..<130 { wire.send(String(repeating: chunk, count: 1)) }
    wire.send("0\r\n\r\n")
    #expect(wire.text == understood(String(repeating: ".", count: 130)))
}
