import Bytes
import Dispatch
import Glibc
import Testing

@testable import HTTP

private func get(_ path: String, _ version: String = "HTTP/1.1") -> String {
    "GET \(path) \(version)\r\nHost: a\r\n\r\n"
}

private func understood(_ path: String) -> String {
    answer("200 OK", "get GET http11\n\(path)||a\nHost=a\n")
}

private func block(_ text: String) -> ByteBuffer {
    let buffer = ByteBuffer(capacity: 64)
    buffer.append(text)
    return buffer
}

/// The head of a streamed answer as it must come.
private func head(
    _ framing: String = "Transfer-Encoding: chunked\r\nTrailer: Tessera-Status\r\n",
    headers: String = ""
) -> String {
    "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        + "Content-Type: text/csv\r\n\(headers)\(framing)\r\n"
}

private func chunk(_ text: String) -> String {
    "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
}

private func end(_ status: String) -> String { "0\r\nTessera-Status: \(status)\r\n\r\n" }

private func isStream(_ request: Request) -> Bool { unsafe text(request.path) == "/stream" }

/// A wire whose handler streams what is asked for at `/stream`, and echoes the rest.
private final class StreamWire {
    let wire: Wire
    private(set) var streams: [ResponseStream] = []

    init(limits: HTTPLimits = HTTPLimits()) {
        var take: (ResponseStream) -> Void = { _ in }
        let handler = ScriptedHandler { request, exchange in
            guard isStream(request) else { return echo(request, exchange) }
            exchange.header("X-Before", "1")
            take(exchange.stream(status: .ok, contentType: "text/csv"))
        }
        wire = Wire(limits: limits, handler: handler)
        take = { [unowned self] in streams.append($0) }
    }

    var text: String { wire.text }

    func send(_ text: String) -> Bool {
        defer { wire.deliver() }
        return streams[streams.count - 1].send(block(text))
    }

    func finish(isComplete: Bool = true) {
        streams[streams.count - 1].finish(isComplete: isComplete)
        wire.deliver()
    }

    func fail() {
        streams[streams.count - 1].fail()
        wire.deliver()
    }
}

private let before = "X-Before: 1\r\n"

@Test func `a stream is sent in chunks, with its trailer`() {
    let stream = StreamWire()
    stream.wire.send(get("/stream"))
    #expect(stream.text == "")
    #expect(stream.send("a,b\r\n"))
    #expect(stream.text == head(headers: before) + "5\r\na,b\r\n")
    #expect(stream.send(""))
    #expect(stream.send(String(repeating: "x", count: 4096)))
    stream.finish()
    #expect(
        stream.text
            == head(headers: before) + chunk("a,b\r\n")
            + chunk(String(repeating: "x", count: 4096)) + end("ok"))
    #expect(stream.wire.connection.phase == .idle)
    #expect(!stream.send("more"))
}

@Test func `a stream without pieces is an empty body`() {
    let stream = StreamWire()
    stream.wire.send(get("/stream"))
    stream.finish()
    #expect(stream.text == head(headers: before) + end("ok"))
}

@Test func `a stream that says itself what is missing ends with the trailer error`() {
    let stream = StreamWire()
    stream.wire.send(get("/stream"))
    #expect(stream.send("{\"errors\":[]}\n"))
    stream.finish(isComplete: false)
    stream.finish()
    #expect(stream.text == head(headers: before) + chunk("{\"errors\":[]}\n") + end("error"))
}

@Test func `requests behind a stream wait for its end`() {
    let stream = StreamWire()
    stream.wire.send(get("/1") + get("/stream") + get("/stream") + get("/2"))
    #expect(stream.text == understood("/1"))
    #expect(stream.streams.count == 1)
    #expect(stream.send("1"))
    stream.wire.send(get("/3"))
    #expect(stream.streams.count == 1)
    stream.finish()
    #expect(stream.streams.count == 2)
    #expect(stream.send("2"))
    stream.finish()
    #expect(
        stream.text
            == understood("/1") + head(headers: before) + chunk("1") + end("ok")
            + head(headers: before) + chunk("2") + end("ok") + understood("/2")
            + understood("/3"))
}

@Test func `a stream of HTTP 1.0 ends with the connection`() {
    for keepAlive in ["", "Connection: keep-alive\r\n"] {
        let stream = StreamWire()
        stream.wire.send("GET /stream HTTP/1.0\r\n\(keepAlive)\r\n")
        #expect(stream.send("1\n"))
        #expect(stream.send("2\n"))
        stream.finish()
        #expect(stream.text == head("Connection: close\r\n", headers: before) + "1\n2\n")
        #expect(stream.wire.isShut)
        #expect(!stream.wire.connection.endsWithReset)
    }
}

@Test func `a stream answers HEAD with the head alone`() {
    let stream = StreamWire()
    stream.wire.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" + get("/2"))
    #expect(stream.send("1\n"))
    #expect(stream.text == head(headers: before) + understood("/2"))
    #expect(!stream.send("2\n"))
    #expect(stream.streams[0].isCancelled)
}

@Test func `a stream that fails has no last chunk`() {
    let stream = StreamWire()
    stream.wire.send(get("/stream") + get("/2"))
    #expect(stream.send("1"))
    stream.fail()
    #expect(stream.text == head(headers: before) + "1\r\n1")
    #expect(stream.wire.isShut)
    #expect(!stream.send("2"))
}

@Test func `a stream of HTTP 1.0 that fails resets the connection`() {
    let stream = StreamWire()
    stream.wire.send("GET /stream HTTP/1.0\r\n\r\n")
    #expect(stream.send("1"))
    stream.fail()
    #expect(stream.wire.connection.phase == .closed)
    #expect(stream.wire.connection.endsWithReset)
}

@Test func `a stream that fails before its first piece is answered with 500`() {
    let stream = StreamWire()
    stream.wire.send(get("/stream") + get("/2"))
    stream.fail()
    #expect(
        stream.text
            == answer(
                "500 Internal Server Error", type: "text/plain; charset=utf-8",
                "The answer could not be begun.\n") + understood("/2"))
}

@Test func `a stream that is dropped is broken off`() {
    var stream: ResponseStream?
    let wire = Wire(
        handler: ScriptedHandler { _, exchange in
            stream = exchange.stream(status: .ok, contentType: "text/csv")
        })
    wire.send(get("/"))
    #expect(stream?.send(block("1")) == true)
    stream = nil
    wire.deliver()
    #expect(wire.text == head() + "1\r\n1")
    #expect(wire.isShut)
}

@Test func `a ticket is used once, for an answer or a stream`() {
    var deferrals: [Deferral] = []
    let wire = Wire(handler: ScriptedHandler { _, exchange in deferrals.append(exchange.defer()) })
    wire.send(get("/"))
    let stream = deferrals[0].stream(
        status: .ok, contentType: "text/csv", headers: block("X-After: 2\r\n"))
    let second = deferrals[0].stream(status: .ok, contentType: "text/csv")
    deferrals[0].complete(status: .ok, contentType: "text/plain", body: ByteBuffer(capacity: 64))
    #expect(!second.send(block("2")))
    #expect(stream.send(block("1")))
    stream.finish()
    wire.deliver()
    #expect(wire.text == head(headers: "X-After: 2\r\n") + chunk("1") + end("ok"))
}

@Test func `a client that takes next to nothing for thirty seconds ends a stream`() {
    let stream = StreamWire()
    stream.wire.room = 0
    stream.wire.send(get("/stream"))
    #expect(stream.send("1"))
    stream.wire.advance(by: .seconds(29))
    stream.wire.room = 10
    stream.wire.run()
    #expect(stream.wire.connection.phase == .streaming)
    stream.wire.advance(by: .seconds(1))
    #expect(stream.wire.connection.phase == .closed)
    #expect(stream.wire.connection.endsWithReset)
    stream.wire.connection.close()
    #expect(!stream.send("2"))
}

@Test func `a slow producer has no deadline`() {
    let stream = StreamWire()
    stream.wire.send(get("/stream"))
    #expect(stream.send("1"))
    stream.wire.advance(by: .seconds(10_000))
    #expect(stream.send("2"))
    stream.finish()
    #expect(stream.text == head(headers: before) + chunk("1") + chunk("2") + end("ok"))
}

@Test(arguments: [1, 7, 100, 65_537])
func `a slow reader gets every byte of a stream once`(_ step: Int) {
    let stream = StreamWire()
    stream.wire.room = 0
    stream.wire.send(get("/stream") + get("/2"))
    var expected = head(headers: before)
    for number in 0..<20 {
        let piece = String(repeating: "\(number),", count: 200 * (number + 1))
        #expect(stream.send(piece))
        expected += chunk(piece)
        stream.wire.room += step
        stream.wire.run()
    }
    stream.finish()
    while stream.wire.connection.pendingByteCount > 0 {
        stream.wire.room += step
        stream.wire.run()
    }
    stream.wire.room = .max
    stream.wire.run()
    #expect(stream.text == expected + end("ok") + understood("/2"))
}

@Test func `a block is empty after it was sent, and memory is used again`() {
    let stream = StreamWire()
    stream.wire.send(get("/stream"))
    let buffer = ByteBuffer(capacity: 1000)
    var memory: Set<UnsafeMutableRawPointer> = unsafe []
    for _ in 0..<100 {
        buffer.append(repeating: UInt8(ascii: "x"), count: 1000)
        _ = unsafe memory.insert(buffer.base)
        #expect(stream.streams[0].send(buffer))
        #expect(buffer.isEmpty)
        stream.wire.deliver()
    }
    #expect(unsafe memory.count <= 3)
}

// MARK: On sockets

/// Streams blocks from a thread of its own until there are enough or nobody takes them.
private final class Producer: Sendable {
    private let sentBlockCount = Guarded(0)
    let isOver = DispatchSemaphore(value: 0)

    /// How many were taken.
    var count: Int { sentBlockCount.withLock { $0 } }

    func run(
        _ stream: ResponseStream, _ countMax: Int,
        _ end: @escaping @Sendable (ResponseStream) -> Void
    ) {
        DispatchQueue(label: "beside the test").async { [self] in
            let buffer = ByteBuffer(capacity: 1 << 16)
            for number in 0..<countMax {
                buffer.append(repeating: UInt8(ascii: "a") + UInt8(number % 26), count: 1 << 16)
                guard stream.send(buffer) else { break }
                sentBlockCount.withLock { $0 += 1 }
            }
            end(stream)
            isOver.signal()
        }
    }
}

private func bigChunks(_ numbers: Range<Int>) -> String {
    numbers.map { number in
        let letter = Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8(number % 26)))
        return chunk(String(repeating: letter, count: 1 << 16))
    }.joined()
}

private func withProducer(
    countMax: Int, end: @escaping @Sendable (ResponseStream) -> Void = { $0.finish() },
    _ body: (HTTPServer, TestClock, Producer) throws -> Void
) throws {
    let producer = Producer()
    try withServer(handle: { request, exchange in
        guard isStream(request) else { return echo(request, exchange) }
        producer.run(exchange.stream(status: .ok, contentType: "text/csv"), countMax, end)
    }) { server, clock in try body(server, clock, producer) }
}

@Test func `a long stream arrives whole, and the connection goes on`() throws {
    try withProducer(countMax: 200) { server, _, producer in
        let client = Client(port: server.port)
        client.send(get("/stream") + get("/2"))
        let expected = head() + bigChunks(0..<200) + end("ok") + understood("/2")
        #expect(client.read(expected.utf8.count) == expected)
        producer.isOver.wait()
        #expect(producer.count == 200)
    }
}

@Test func `a stream waits for a reader that pauses, and holds little meanwhile`() throws {
    try withProducer(countMax: 1000) { server, _, producer in
        let client = Client(port: server.port)
        client.send(get("/stream"))
        let begin = head() + bigChunks(0..<10)
        #expect(client.read(begin.utf8.count) == begin)
        // Everything the kernel takes is some megabytes; the other blocks have to wait.
        #expect(producer.count < 1000)
        let rest = bigChunks(10..<1000) + end("ok")
        #expect(client.read(rest.utf8.count) == rest)
        producer.isOver.wait()
        #expect(producer.count == 1000)
    }
}

@Test func `a producer learns that its client has gone`() throws {
    try withProducer(countMax: .max) { server, _, producer in
        for isReset in [false, true] {
            let client = Client(port: server.port)
            client.send(get("/stream"))
            #expect(client.read(100).utf8.count == 100)
            if isReset { client.reset() } else { client.close() }
            producer.isOver.wait()
        }
        eventually { server.counters.openCount == 0 }
    }
}

@Test func `the clock ends a stream that nobody reads`() throws {
    try withProducer(countMax: .max) { server, clock, producer in
        let client = Client(port: server.port)
        client.send(get("/stream"))
        #expect(client.read(100).utf8.count == 100)
        // The deadline counts from the last byte that the kernel took, whenever that is.
        while server.counters.openCount > 0 {
            clock.advance(by: .seconds(31))
            server.wakeLoops()
            sched_yield()
        }
        producer.isOver.wait()
        #expect(!client.readToEnd().hasSuffix(end("ok")))
    }
}

@Test func `a failed stream breaks the transfer off`() throws {
    try withProducer(countMax: 20, end: { $0.fail() }) { server, _, _ in
        let client = Client(port: server.port)
        client.send(get("/stream"))
        let whole = head() + bigChunks(0..<20)
        #expect(client.readToEnd() == String(whole.dropLast()))
    }
}

@Test func `stopping cuts off a stream that does not end in time`() throws {
    let producer = Producer()
    let server = HTTPServer(HTTPConfiguration(loopCount: 1)) { _ in
        ScriptedHandler { request, exchange in
            producer.run(
                exchange.stream(status: .ok, contentType: "text/csv"), .max, { $0.finish() })
        }
    }
    try server.start()
    let client = Client(port: server.port)
    client.send(get("/stream"))
    #expect(client.read(100).utf8.count == 100)
    server.stop(drain: .zero)
    producer.isOver.wait()
    #expect(!client.readToEnd().hasSuffix(end("ok")))
}

@Test func `stopping lets a stream end that is nearly done`() throws {
    let begun = DispatchSemaphore(value: 0)
    let mayEnd = DispatchSemaphore(value: 0)
    let server = HTTPServer(HTTPConfiguration(loopCount: 1)) { _ in
        ScriptedHandler { _, exchange in
            let stream = exchange.stream(status: .ok, contentType: "text/csv")
            DispatchQueue(label: "beside the test").async {
                _ = stream.send(block("1"))
                begun.signal()
                mayEnd.wait()
                _ = stream.send(block("2"))
                stream.finish()
            }
        }
    }
    try server.start()
    let client = Client(port: server.port)
    client.send(get("/stream"))
    begun.wait()
    let stopped = DispatchSemaphore(value: 0)
    DispatchQueue(label: "beside the test").async {
        server.stop(drain: .seconds(20))
        stopped.signal()
    }
    eventually { server.isDraining }
    mayEnd.signal()
    let text = client.readToEnd()
    #expect(text.hasSuffix(chunk("1") + chunk("2") + end("ok")))
    stopped.wait()
}
