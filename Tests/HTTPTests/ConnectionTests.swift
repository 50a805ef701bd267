import Bytes
import CLinux
import Glibc
import Testing

@testable import HTTP

private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

private func understood(_ path: String) -> String {
    answer("200 OK", "get GET http11\n\(path)||a\nHost=a\n")
}

@Test func `several requests in one read are answered in order`() {
    #expect(
        answerHoweverCut(get("/1") + get("/2") + get("/3"))
            == understood("/1") + understood("/2") + understood("/3"))
}

@Test func `an end of input after whole requests answers them and closes`() {
    let wire = Wire()
    wire.send(get("/1") + get("/2"))
    wire.sendEnd()
    #expect(wire.text == understood("/1") + understood("/2"))
    #expect(wire.connection.phase == .closed)
    #expect(!wire.isShut)
}

@Test func `requests larger than a block are read whole`() {
    let body = String(repeating: "0123456789", count: 20_000)
    let request =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    let expected = answer(
        "200 OK",
        "post POST http11\n/||a\nHost=a\nContent-Length=\(body.utf8.count)\n" + body)
    let wire = Wire()
    wire.send(get("/1") + request + request + get("/2"))
    #expect(wire.text == understood("/1") + expected + expected + understood("/2"))
}

@Test func `100 Continue is sent when the body is awaited, and only then`() {
    let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n"
    let final = answer(
        "200 OK",
        "post POST http11\n/||a\nHost=a\nExpect=100-Continue\nContent-Length=2\nhi")
    let patient = Wire()
    patient.send(head)
    #expect(patient.text == "HTTP/1.1 100 Continue\r\n\r\n")
    patient.send("hi")
    #expect(patient.text == "HTTP/1.1 100 Continue\r\n\r\n" + final)

    let eager = Wire()
    eager.send(head + "hi")
    #expect(eager.text == final)

    let old = Wire()
    old.send("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    #expect(old.text == "")

    let chunked = Wire()
    chunked.send(
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
    #expect(chunked.text == "HTTP/1.1 100 Continue\r\n\r\n")

    let tooLarge = Wire()
    tooLarge.send(
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")
    #expect(tooLarge.text == refusal("413 Content Too Large", "The body is too large."))
}

@Test func `HEAD gets the head that GET would get`() {
    #expect(
        answerHoweverCut("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/2"))
            == answer("200 OK", "head HEAD http11\n/||a\nHost=a\n", sendsBody: false)
            + understood("/2"))
}

@Test func `while much output waits nothing is read or handled`() {
    var limits = HTTPLimits()
    limits.outputPauseBytes = 1000
    let body = String(repeating: "x", count: 600)
    var handledCount = 0
    let handler = ScriptedHandler { _, exchange in
        handledCount += 1
        exchange.begin(status: .ok, contentType: "text/plain")
        exchange.output.append(body)
        exchange.end()
    }
    let wire = Wire(limits: limits, handler: handler)
    wire.room = 0
    wire.send(String(repeating: get("/"), count: 10))
    #expect(handledCount == 2)
    #expect(!wire.connection.wantsInput)
    wire.send(get("/"))
    #expect(wire.inFlight == Array(get("/").utf8))
    wire.room = 500
    wire.run()
    #expect(handledCount == 3)
    wire.room = .max
    wire.run()
    #expect(handledCount == 11)
    #expect(
        wire.text == String(repeating: answer("200 OK", body), count: 11))
}

@Test func `a slow reader gets every byte once`() {
    var limits = HTTPLimits()
    limits.outputPauseBytes = 40_000
    let wire = Wire(limits: limits)
    var expected = ""
    wire.room = 0
    for index in 0..<2000 {
        wire.send(get("/\(index)"))
        expected += understood("/\(index)")
        wire.room += 100
        wire.run()
    }
    wire.room = .max
    wire.run()
    #expect(wire.text == expected)
}

@Test func `a silent connection holds no memory`() {
    let wire = Wire()
    let block = unsafe wire.context.takeBlock()
    unsafe wire.context.giveBack(block: block, byteCount: LoopContext.blockByteCount)
    wire.send(get("/"))
    let after = unsafe wire.context.takeBlock()
    #expect(unsafe after == block, "the block went back to the pool")
    unsafe wire.context.giveBack(block: after, byteCount: LoopContext.blockByteCount)
}

@Test func `what is sent after the last answer is dropped up to a limit, then left unread`() {
    var limits = HTTPLimits()
    limits.lingerBytesMax = 100
    let wire = Wire(limits: limits)
    wire.send("GET / HTTP/1.1\r\n\r\n")
    wire.send(String(repeating: "x", count: 100))
    #expect(wire.connection.wantsInput)
    wire.send("x")
    #expect(!wire.connection.wantsInput)
    wire.advance(by: .milliseconds(999))
    #expect(wire.connection.phase == .lingering)
    wire.advance(by: .milliseconds(1))
    #expect(wire.connection.phase == .closed)
    #expect(!wire.connection.endsWithReset)
}

@Test func `who sends many requests at once lets others have their turn`() {
    var limits = HTTPLimits()
    limits.turnTime = .milliseconds(3)
    let clock = TestClock()
    var handledCount = 0
    let handler = ScriptedHandler { request, exchange in
        handledCount += 1
        clock.advance(by: .milliseconds(2))
        echo(request, exchange)
    }
    let wire = Wire(limits: limits, clock: clock, handler: handler)
    wire.takesTurns = false
    wire.send(String(repeating: get("/"), count: 7))
    // The time counts from the second request on: 0, 2, 4 ms.
    #expect(handledCount == 3)
    #expect(!wire.connection.wantsInput)
    #expect(wire.connection.hasPausedInput)
    wire.connection.process(handler)
    #expect(handledCount == 6)
    wire.connection.process(handler)
    #expect(handledCount == 7)
    #expect(!wire.connection.hasPausedInput)
    #expect(wire.connection.wantsInput)
    wire.run()
    #expect(wire.text == String(repeating: understood("/"), count: 7))
}

@Test func `answers that wait behind others have lengths as well formed as the first`() {
    let wire = Wire()
    wire.room = 0
    let paths = ["/", "/" + String(repeating: "x", count: 90), "/y"]
    wire.send(paths.map(get).joined() + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/z"))
    wire.room = 7
    wire.run()
    wire.room = .max
    wire.run()
    #expect(
        wire.text
            == paths.map(understood).joined()
            + answer("200 OK", "head HEAD http11\n/||a\nHost=a\n", sendsBody: false)
            + understood("/z"))
}

@Test(arguments: [0, 1, 9, 10, 99_999, 1_000_000])
func `a body of any length has its length`(_ byteCount: Int) {
    let body = String(repeating: "x", count: byteCount)
    let handler = ScriptedHandler { _, exchange in
        exchange.begin(status: .ok, contentType: "text/plain")
        exchange.output.append(body)
        exchange.end()
    }
    let wire = Wire(handler: handler)
    wire.send(get("/") + get("/"))
    #expect(wire.text == answer("200 OK", body) + answer("200 OK", body))
}

// MARK: Deadlines

@Test func `a request must be whole in 10 seconds from its first byte`() {
    for request in [
        String(get("/").dropLast(1)), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
    ] {
        let wire = Wire()
        wire.send(get("/1"))
        wire.advance(by: .seconds(60))
        wire.send(request)
        wire.advance(by: .seconds(9))
        wire.send("")
        #expect(wire.text == understood("/1"))
        wire.advance(by: .milliseconds(999))
        #expect(wire.text == understood("/1"))
        wire.advance(by: .milliseconds(1))
        #expect(
            wire.text.hasSuffix(
                "\r\n\r\nThe request took too long to arrive.\n"), "\(request)")
        #expect(wire.text.contains("HTTP/1.1 408 Request Timeout\r\n"))
        #expect(wire.connection.phase == .lingering)
        wire.advance(by: .seconds(1))
        #expect(wire.connection.phase == .closed)
    }
}

@Test(arguments: ["\r", "\r\n", "\r\n\r\n\r"])
func `what comes before a request is part of it as far as time goes`(_ lines: String) {
    let wire = Wire()
    wire.send(get("/"))
    wire.advance(by: .seconds(20))
    wire.send(lines)
    wire.advance(by: .milliseconds(9_999))
    #expect(wire.connection.phase == .idle)
    wire.advance(by: .milliseconds(1))
    #expect(wire.connection.phase == .closed)
    #expect(wire.text == understood("/"))
}

@Test func `sending slowly prolongs nothing`() {
    let wire = Wire()
    for byte in get("/").utf8.prefix(10) {
        wire.send([byte])
        wire.advance(by: .seconds(1))
    }
    #expect(wire.connection.phase == .lingering)
}

@Test func `a connection may be silent for 75 seconds`() {
    let wire = Wire()
    wire.advance(by: .seconds(74))
    wire.send(get("/"))
    wire.advance(by: .seconds(74))
    #expect(wire.connection.phase == .idle)
    wire.send("\r\n")
    wire.advance(by: .seconds(1))
    #expect(wire.connection.phase == .closed)
    #expect(!wire.isShut)
}

@Test func `an answer that nobody reads is given up after 30 seconds`() {
    let wire = Wire()
    wire.room = 10
    wire.send(get("/"))
    wire.advance(by: .seconds(29))
    // Reading byte by byte prolongs nothing.
    wire.room = 1
    wire.run()
    wire.advance(by: .milliseconds(999))
    #expect(wire.connection.phase == .idle)
    wire.advance(by: .milliseconds(1))
    #expect(wire.connection.phase == .closed)
    #expect(wire.connection.endsWithReset)
}

@Test func `a large answer may take long as long as enough of it is taken`() {
    var limits = HTTPLimits()
    limits.answerBytesMin = 100
    let body = String(repeating: "x", count: 1000)
    let handler = ScriptedHandler { _, exchange in
        exchange.begin(status: .ok, contentType: "text/plain")
        exchange.output.append(body)
        exchange.end()
    }
    let wire = Wire(limits: limits, handler: handler)
    wire.room = 0
    wire.send(get("/"))
    for _ in 0..<5 {
        wire.advance(by: .seconds(28))
        wire.room = 100
        wire.run()
        wire.advance(by: .seconds(1))
        #expect(wire.connection.phase == .idle)
    }
    wire.room = 99
    wire.run()
    wire.advance(by: .milliseconds(29_999))
    #expect(wire.connection.phase == .idle)
    wire.advance(by: .milliseconds(1))
    #expect(wire.connection.phase == .closed)
}

@Test func `an answer that was taken is no longer watched`() {
    let wire = Wire()
    wire.room = 10
    wire.send(get("/"))
    wire.advance(by: .seconds(20))
    wire.room = .max
    wire.run()
    wire.advance(by: .seconds(50))
    #expect(wire.connection.phase == .idle)
    wire.room = 0
    wire.send(get("/"))
    wire.advance(by: .milliseconds(29_999))
    #expect(wire.connection.phase == .idle)
    wire.advance(by: .milliseconds(1))
    #expect(wire.connection.phase == .closed)
}

// MARK: Exchange

@Test func `headers and statuses are written as asked`() {
    let handler = ScriptedHandler { _, exchange in
        exchange.header("Allow", "GET, POST")
        exchange.header("X-Number", 42)
        unsafe Array("a\r\nSet-Cookie: x\u{7f}".utf8).withUnsafeBytes {
            unsafe exchange.header("X-Raw", $0)
        }
        exchange.closeAfterwards()
        exchange.respond(status: .methodNotAllowed, contentType: "text/plain", body: "no")
    }
    let wire = Wire(handler: handler)
    wire.send(get("/"))
    #expect(
        wire.text
            == answer(
                "405 Method Not Allowed",
                headers: "Allow: GET, POST\r\nX-Number: 42\r\nX-Raw: aSet-Cookie: x\r\n"
                    + "Connection: close\r\n", "no"))
}

@Test func `an answer can be begun again with another status`() {
    let handler = ScriptedHandler { _, exchange in
        exchange.header("X-Kept", "1")
        exchange.begin(status: .ok, contentType: "application/json")
        exchange.output.append("half of an ans")
        #expect(exchange.bodyByteCount == 14)
        exchange.restart()
        exchange.respond(status: .badRequest, contentType: "text/plain", body: "whole")
    }
    let wire = Wire(handler: handler)
    wire.send(get("/") + get("/"))
    let expected = answer("400 Bad Request", headers: "X-Kept: 1\r\n", "whole")
    #expect(wire.text == expected + expected)
}

@Test func `an answer without a body has no length`() {
    let handler = ScriptedHandler { _, exchange in
        exchange.header("Access-Control-Max-Age", 600)
        exchange.respond(status: .noContent, contentType: "text/plain", body: "dropped")
    }
    let wire = Wire(handler: handler)
    wire.send(get("/"))
    #expect(
        wire.text == "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            + "Access-Control-Max-Age: 600\r\n\r\n")
}

@Test func `a handler that does not answer, or not to the end, answers 500`() {
    let expected = answer(
        "500 Internal Server Error", type: "text/plain; charset=utf-8",
        "The request was not answered.\n")
    let silent = Wire(handler: ScriptedHandler { _, _ in })
    silent.send(get("/") + get("/"))
    #expect(silent.text == expected + expected)
    let half = Wire(
        handler: ScriptedHandler { _, exchange in
            exchange.begin(status: .ok, contentType: "text/plain")
            exchange.output.append("half")
        })
    half.send(get("/"))
    #expect(half.text == expected)
}

@Test func `every status has a line that begins with its code`() {
    for status in HTTPStatus.allCases {
        let line = "\(status.line)"
        #expect(line.hasPrefix("HTTP/1.1 \(status.rawValue) "))
        #expect(line.hasSuffix("\r\n"))
    }
}

@Test func `the date follows the clock`() {
    let wire = Wire()
    wire.advance(by: .seconds(86_400 * 115 + 15 * 3600))
    #expect(
        unsafe String(decoding: wire.context.date, as: UTF8.self)
            == "Date: Wed, 01 Mar 1995 23:49:37 GMT\r\n")
    wire.advance(by: .milliseconds(999))
    #expect(
        unsafe String(decoding: wire.context.date, as: UTF8.self)
            == "Date: Wed, 01 Mar 1995 23:49:37 GMT\r\n")
    wire.advance(by: .milliseconds(1))
    #expect(
        unsafe String(decoding: wire.context.date, as: UTF8.self)
            == "Date: Wed, 01 Mar 1995 23:49:38 GMT\r\n")
}

// MARK: Deferrals

private func makeBuffer(_ text: String) -> ByteBuffer {
    let buffer = ByteBuffer(capacity: 64)
    buffer.append(text)
    return buffer
}

@Test func `a deferred answer comes later, and the next requests wait for it`() {
    var deferrals: [Deferral] = []
    let handler = ScriptedHandler { request, exchange in
        if unsafe request.path.count == 6 {
            exchange.header("X-Before", "1")
            exchange.begin(status: .ok, contentType: "text/plain")
            exchange.output.append("thrown away")
            deferrals.append(exchange.defer())
        } else {
            echo(request, exchange)
        }
    }
    let wire = Wire(handler: handler)
    wire.send(get("/1") + get("/later") + get("/2"))
    #expect(wire.text == understood("/1"))
    #expect(wire.connection.phase == .waiting)
    wire.send(get("/3"))
    wire.advance(by: .seconds(1000))
    #expect(wire.connection.phase == .waiting)
    #expect(!deferrals[0].isCancelled)
    deferrals[0].complete(
        status: .created, contentType: "text/plain", headers: makeBuffer("X-After: 2\r\n"),
        body: makeBuffer("late"))
    deferrals[0].complete(status: .ok, contentType: "text/plain", body: makeBuffer("twice"))
    wire.deliver()
    wire.deliver()
    let late = answer("201 Created", headers: "X-Before: 1\r\nX-After: 2\r\n", "late")
    let dated = { (text: String) in
        text.replacing("08:49:37", with: "09:06:17")
    }
    #expect(
        wire.text == understood("/1") + dated(late + understood("/2") + understood("/3")))
}

/// How often a mailbox has woken its loop since the last look.
private func wakeCount(of mailbox: Mailbox) -> UInt64 {
    var count: UInt64 = 0
    let read = unsafe read(mailbox.wakeDescriptor.raw, &count, 8)
    return read == 8 ? count : 0
}

@Test func `answers given together wake a loop once`() {
    let mailbox = Mailbox(
        wakeDescriptor: Descriptor(eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))))
    func makeDeferral(_ index: Int) -> Deferral {
        Deferral(state: DeferralState(connectionIndex: index, headers: []), mailbox: mailbox)
    }
    func complete(_ deferral: Deferral, sends: Bool) {
        deferral.complete(
            status: .ok, contentType: "text/plain", body: makeBuffer("done"), sends: sends)
    }
    var messages: [Message] = []
    let together = (0..<3).map { makeDeferral($0) }
    for deferral in together { complete(deferral, sends: false) }
    #expect(wakeCount(of: mailbox) == 0)
    for deferral in together { deferral.send() }
    #expect(wakeCount(of: mailbox) == 1)
    mailbox.take(into: &messages)
    #expect(messages.count == 3)

    // One that is sent at once takes those along that lie, and nothing is left to wake for.
    let (lying, sent) = (makeDeferral(3), makeDeferral(4))
    complete(lying, sends: false)
    complete(sent, sends: true)
    lying.send()
    #expect(wakeCount(of: mailbox) == 1)
    messages = []
    mailbox.take(into: &messages)
    #expect(messages.count == 2)

    // The loop came by itself.
    let late = makeDeferral(5)
    complete(late, sends: false)
    messages = []
    mailbox.take(into: &messages)
    late.send()
    #expect(messages.count == 1)
    #expect(wakeCount(of: mailbox) == 0)
}

@Test func `a dropped deferral answers 500`() {
    let wire = Wire(handler: ScriptedHandler { _, exchange in _ = exchange.defer() })
    wire.send(get("/"))
    wire.deliver()
    #expect(
        wire.text
            == answer(
                "500 Internal Server Error", type: "text/plain; charset=utf-8",
                "The request was not answered.\n"))
}

@Test func `a deferral whose connection is gone is told so and dropped`() {
    var deferral: Deferral?
    let wire = Wire(handler: ScriptedHandler { _, exchange in deferral = exchange.defer() })
    wire.send(get("/"))
    wire.connection.close()
    #expect(deferral?.isCancelled == true)
    // The same object serves the next client, which must not get the answer.
    wire.connection.open()
    wire.send(get("/"))
    let second = deferral
    deferral = nil
    wire.deliver()
    #expect(wire.text == "")
    second?.complete(status: .ok, contentType: "text/plain", body: makeBuffer("second"))
    wire.deliver()
    #expect(wire.text == answer("200 OK", "second"))
}

@Test func `a deferred HEAD gets no body, and a client that stopped sending its answer`() {
    var deferral: Deferral?
    let wire = Wire(handler: ScriptedHandler { _, exchange in deferral = exchange.defer() })
    wire.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    wire.sendEnd()
    deferral?.complete(status: .ok, contentType: "text/plain", body: makeBuffer("four"))
    wire.deliver()
    #expect(wire.text == answer("200 OK", "four", sendsBody: false))
    #expect(wire.connection.phase == .closed)
}

@Test func `answers say close while the server drains`() {
    let wire = Wire()
    wire.send(String(get("/").dropLast(1)))
    wire.context.isDraining = true
    wire.send("\r\n" + get("/"))
    #expect(
        wire.text
            == answer(
                "200 OK", headers: "Connection: close\r\n", "get GET http11\n/||a\nHost=a\n"))
    #expect(wire.connection.phase == .lingering)
}
