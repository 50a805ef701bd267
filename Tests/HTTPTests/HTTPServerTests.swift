import Bytes
import CLinux
import Dispatch
import Glibc
import Synchronization
import Testing

@testable import HTTP

/// The deferral that a handler took, for the test's own thread to look at.
///
/// Behind a queue and not a `Mutex`: ThreadSanitizer does not see the order that the latter makes in
/// debug builds.
// Safe: the deferral is only touched inside `queue.sync`.
private final class TakenDeferral: Sendable {
    private let queue = DispatchQueue(label: "taken")
    private nonisolated(unsafe) var deferral: Deferral?

    func withLock<Result>(_ body: (inout Deferral?) -> Result) -> Result {
        queue.sync { unsafe body(&deferral) }
    }
}

/// A client on a blocking socket. Reads give up after 20 s, so that a fault fails and does not
/// hang.
final class Client {
    private var descriptor: Descriptor

    /// - Parameter receiveBytes: what the system keeps for the client until it reads; nil for as much
    ///   as usual.
    init(port: UInt16, host: String = "127.0.0.1", receiveBytes: Int32? = nil) {
        var six = sockaddr_in6()
        var four = sockaddr_in()
        let isSix = host.contains(":")
        descriptor = Descriptor(socket(isSix ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(
            descriptor.raw, SOL_SOCKET, SO_RCVTIMEO, &patience,
            socklen_t(MemoryLayout<timeval>.size))
        if var receiveBytes {
            _ = unsafe setsockopt(
                descriptor.raw, SOL_SOCKET, SO_RCVBUF, &receiveBytes,
                socklen_t(MemoryLayout<Int32>.size))
        }
        if isSix {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            _ = unsafe inet_pton(AF_INET6, host, &six.sin6_addr)
        } else {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            _ = unsafe inet_pton(AF_INET, host, &four.sin_addr)
        }
        let result =
            isSix
            ? unsafe withUnsafeBytes(of: &six) { unsafe connect($0) }
            : unsafe withUnsafeBytes(of: &four) { unsafe connect($0) }
        #expect(result == 0, "connect: \(errno)")
    }

    private func connect(_ address: UnsafeRawBufferPointer) -> Int32 {
        unsafe Glibc.connect(
            descriptor.raw, address.baseAddress?.assumingMemoryBound(to: sockaddr.self),
            socklen_t(address.count))
    }

    func send(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Socket.send(descriptor.raw, $0) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Waits until the connection has been reset.
    func awaitReset() {
        var entry = pollfd(fd: descriptor.raw, events: 0, revents: 0)
        #expect(unsafe poll(&entry, 1, 20_000) == 1)
        #expect(Int32(entry.revents) & POLLERR != 0)
    }

    func sendEnd() { Socket.shutdownSending(descriptor.raw) }

    func close() { descriptor = Descriptor(-1) }

    /// Closes so that the server gets a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            descriptor.raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Reads as many bytes as that, or up to the end.
    func read(_ wanted: Int) -> String {
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < wanted {
            let count = unsafe room.withUnsafeMutableBytes { room in
                unsafe Socket.receive(
                    descriptor.raw,
                    UnsafeMutableRawBufferPointer(
                        rebasing: room[..<min(room.count, wanted - bytes.count)]))
            }
            guard count > 0 else { break }
            bytes += room[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads up to the end.
    func readToEnd() -> String { read(.max) }
}

private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }

private func understood(_ path: String, headers: String = "") -> String {
    answer("200 OK", headers: headers, "get GET http11\n\(path)||a\nHost=a\n")
}

/// Runs a server around the test's body and stops it.
func withServer(
    loopCount: Int = 2, limits: HTTPLimits = HTTPLimits(), host: String = "127.0.0.1",
    handle: @escaping @Sendable (Request, Exchange) -> Void = echo,
    _ body: (HTTPServer, TestClock) throws -> Void
) throws {
    let clock = TestClock()
    var configuration = HTTPConfiguration(host: host, loopCount: loopCount)
    configuration.limits = limits
    configuration.clock = clock
    let server = HTTPServer(configuration) { _ in ScriptedHandler(handle) }
    try server.start()
    try body(server, clock)
    server.stop(drain: .seconds(5))
    #expect(server.counters.openCount == 0)
}

/// Waits for another thread to have done something.
func eventually(_ condition: () -> Bool) {
    while !condition() { sched_yield() }
}

@Test(arguments: ["127.0.0.1", "localhost", "::1", "[::1]"])
func `a server answers many requests on one connection`(_ host: String) throws {
    try withServer(host: host) { server, _ in
        let client = Client(port: server.port, host: host.contains(":") ? "::1" : "127.0.0.1")
        for index in 0..<100 {
            client.send(get("/\(index)"))
            let expected = understood("/\(index)")
            #expect(client.read(expected.utf8.count) == expected)
        }
        client.sendEnd()
        #expect(client.readToEnd() == "")
        #expect(server.counters.requestCount == 100)
        #expect(server.counters.acceptedCount == 1)
    }
}

@Test func `many clients at once each get their own answers`() throws {
    try withServer { server, _ in
        DispatchQueue.concurrentPerform(iterations: 16) { number in
            let client = Client(port: server.port)
            for index in 0..<50 {
                let path = "/\(number)/\(index)"
                client.send(get(path) + get(path + "/again"))
                let expected = understood(path) + understood(path + "/again")
                #expect(client.read(expected.utf8.count) == expected)
            }
        }
        #expect(server.counters.requestCount == 1600)
    }
}

@Test func `a large body and a large answer pass through`() throws {
    let body = String(repeating: "0123456789abcdef", count: 60_000)
    try withServer { server, _ in
        let client = Client(port: server.port)
        let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let expected = answer(
            "200 OK",
            "post POST http11\n/||a\nHost=a\nContent-Length=\(body.utf8.count)\n" + body)
        for _ in 0..<3 {
            client.send(request + body)
            #expect(client.read(expected.utf8.count) == expected)
        }
    }
}

@Test func `a client that reads late gets every answer`() throws {
    let body = String(repeating: "x", count: 100_000)
    try withServer(handle: { _, exchange in
        exchange.begin(status: .ok, contentType: "text/plain")
        exchange.output.append(body)
        exchange.end()
    }) { server, _ in
        let client = Client(port: server.port)
        client.send(String(repeating: get("/"), count: 200))
        let expected = String(repeating: answer("200 OK", body), count: 200)
        #expect(client.read(expected.utf8.count) == expected)
    }
}

@Test func `a deferral is answered from another thread`() throws {
    try withServer(handle: { request, exchange in
        let path = unsafe text(request.path)
        let deferral = exchange.defer()
        DispatchQueue(label: "beside the test").async {
            let body = ByteBuffer(capacity: 64)
            body.append(path)
            deferral.complete(status: .ok, contentType: "text/plain", body: body)
        }
    }) { server, _ in
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            let client = Client(port: server.port)
            for index in 0..<50 {
                let path = "/\(number)/\(index)"
                client.send(get(path) + get(path + "+"))
                let expected = answer("200 OK", path) + answer("200 OK", path + "+")
                #expect(client.read(expected.utf8.count) == expected)
            }
            client.send(get("/last"))
            client.sendEnd()
            #expect(client.readToEnd() == answer("200 OK", "/last"))
        }
    }
}

@Test func `a deferral learns that its client has reset the connection`() throws {
    let taken = TakenDeferral()
    try withServer(handle: { _, exchange in
        let deferral = exchange.defer()
        taken.withLock { $0 = deferral }
    }) { server, _ in
        let client = Client(port: server.port)
        client.send(get("/"))
        eventually { taken.withLock { $0 != nil } }
        client.reset()
        eventually { taken.withLock { $0?.isCancelled == true } }
        eventually { server.counters.openCount == 0 }
        taken.withLock { $0 = nil }
        let next = Client(port: server.port)
        next.send("bad\r\n")
        #expect(next.readToEnd() == refusal("400 Bad Request", "The method is not a token."))
    }
}

@Test func `a refused client reads its answer though it goes on sending`() throws {
    try withServer { server, _ in
        let client = Client(port: server.port)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n")
        client.send(String(repeating: "x", count: 50_000))
        client.sendEnd()
        #expect(client.readToEnd() == refusal("413 Content Too Large", "The body is too large."))
    }
}

@Test func `slow and silent clients are ended by the clock`() throws {
    try withServer { server, clock in
        let slow = Client(port: server.port)
        slow.send(get("/") + "GET /slow HT")
        let first = understood("/")
        #expect(slow.read(first.utf8.count) == first)
        let silent = Client(port: server.port)
        silent.send(get("/"))
        #expect(silent.read(first.utf8.count) == first)

        clock.advance(by: .seconds(11))
        server.wakeLoops()
        let late = refusal("408 Request Timeout", "The request took too long to arrive.")
            .replacing("08:49:37", with: "08:49:48")
        #expect(slow.readToEnd() == late)
        clock.advance(by: .seconds(70))
        server.wakeLoops()
        #expect(silent.readToEnd() == "")
        #expect(server.counters.rejectionCount == 1)
    }
}

@Test func `an answer that lies in the system's buffers and is not read is given up, too`() throws {
    let body = String(repeating: "x", count: 100_000)
    try withServer(handle: { _, exchange in
        exchange.begin(status: .ok, contentType: "text/plain")
        exchange.output.append(body)
        exchange.end()
    }) { server, clock in
        let expected = answer("200 OK", body)
        let reading = Client(port: server.port)
        reading.send(get("/"))
        #expect(reading.read(expected.utf8.count) == expected)
        let client = Client(port: server.port, receiveBytes: 2048)
        client.send(get("/"))
        eventually { server.counters.sentByteCount == 2 * expected.utf8.count }
        for _ in 0..<31 {
            clock.advance(by: .seconds(1))
            server.wakeLoops()
        }
        client.awaitReset()
        reading.send(get("/"))
        #expect(reading.read(expected.utf8.count).hasSuffix(body))
    }
}

@Test func `whoever comes does not wait for all that others have sent at once`() throws {
    var limits = HTTPLimits()
    limits.turnTime = .zero
    // The first of the many requests is answered when the other client's has been sent.
    let isSent = DispatchSemaphore(value: 0)
    let order = Mutex<[String]>([])
    try withServer(
        loopCount: 1, limits: limits,
        handle: { request, exchange in
            let path = unsafe text(request.path)
            if path == "/many/0" { isSent.wait() }
            order.withLock { $0.append(path) }
            echo(request, exchange)
        }
    ) { server, _ in
        let one = Client(port: server.port)
        one.send(get("/first"))
        #expect(one.read(understood("/first").utf8.count) == understood("/first"))
        let many = Client(port: server.port)
        many.send((0..<20).map { get("/many/\($0)") }.joined())
        one.send(get("/one"))
        isSent.signal()
        #expect(one.read(understood("/one").utf8.count) == understood("/one"))
        let all = (0..<20).map { understood("/many/\($0)") }.joined()
        #expect(many.read(all.utf8.count) == all)
        let place = order.withLock { $0.firstIndex(of: "/one") }
        #expect(place.map { $0 < 8 } == true)
    }
}

@Test func `a connection too many gets 503`() throws {
    var limits = HTTPLimits()
    limits.connectionsMax = 2
    try withServer(limits: limits) { server, _ in
        let expected = understood("/")
        let clients = [Client(port: server.port), Client(port: server.port)]
        for client in clients {
            client.send(get("/"))
            #expect(client.read(expected.utf8.count) == expected)
        }
        let refused = Client(port: server.port)
        #expect(
            refused.readToEnd()
                == "HTTP/1.1 503 Service Unavailable\r\n"
                + "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n"
                + "Connection: close\r\nContent-Length: 32\r\n\r\nThere are too many connections.\n"
        )
        #expect(server.counters.refusedCount == 1)
        clients[0].close()
        eventually { server.counters.openCount == 1 }
        let next = Client(port: server.port)
        next.send(get("/"))
        #expect(next.read(expected.utf8.count) == expected)
    }
}

@Test func `stopping ends silent connections and lets requests finish`() throws {
    let taken = TakenDeferral()
    let clock = TestClock()
    var configuration = HTTPConfiguration(loopCount: 1)
    configuration.clock = clock
    let server = HTTPServer(configuration) { _ in
        ScriptedHandler { request, exchange in
            if unsafe request.path.count == 1 { return echo(request, exchange) }
            let deferral = exchange.defer()
            taken.withLock { $0 = deferral }
        }
    }
    try server.start()
    #expect(throws: HTTPServerError.alreadyStarted) { try server.start() }
    let silent = Client(port: server.port)
    silent.send(get("/"))
    let first = understood("/")
    #expect(silent.read(first.utf8.count) == first)
    let deferred = Client(port: server.port)
    deferred.send(get("/later"))
    eventually { taken.withLock { $0 != nil } }
    let port = server.port

    let stopped = DispatchSemaphore(value: 0)
    DispatchQueue(label: "beside the test").async {
        server.stop(drain: .seconds(5))
        stopped.signal()
    }
    #expect(silent.readToEnd() == "")
    #expect(server.isDraining)
    taken.withLock { taken in
        let body = ByteBuffer(capacity: 64)
        body.append("late")
        taken?.complete(status: .ok, contentType: "text/plain", body: body)
        taken = nil
    }
    #expect(
        deferred.readToEnd() == answer("200 OK", headers: "Connection: close\r\n", "late"))
    deferred.close()
    stopped.wait()
    #expect(server.port == 0)
    #expect(server.counters.openCount == 0)
    // The port is free again.
    let next = HTTPServer(HTTPConfiguration(port: port)) { _ in ScriptedHandler(echo) }
    try next.start()
    next.stop(drain: .zero)
}

@Test func `stopping without time cuts off what is not answered`() throws {
    let taken = TakenDeferral()
    let server = HTTPServer(HTTPConfiguration(loopCount: 1)) { _ in
        ScriptedHandler { _, exchange in
            let deferral = exchange.defer()
            taken.withLock { $0 = deferral }
        }
    }
    try server.start()
    let client = Client(port: server.port)
    client.send(get("/"))
    eventually { taken.withLock { $0 != nil } }
    server.stop(drain: .zero)
    #expect(client.readToEnd() == "")
    #expect(taken.withLock { $0?.isCancelled } == true)
    // Completing after the end is harmless.
    taken.withLock { taken in
        taken?.complete(
            status: .ok, contentType: "text/plain", body: ByteBuffer(capacity: 64))
        taken = nil
    }
}

@Test func `a server says why it cannot start`() throws {
    func failure(_ host: String, _ port: UInt16) -> HTTPServerError? {
        let server = HTTPServer(HTTPConfiguration(host: host, port: port)) { _ in
            ScriptedHandler(echo)
        }
        do throws(HTTPServerError) {
            try server.start()
            server.stop(drain: .zero)
            return nil
        } catch {
            return error
        }
    }
    try withServer { server, _ in
        #expect(
            failure("127.0.0.1", server.port)
                == .addressInUse(host: "127.0.0.1", port: server.port))
    }
    #expect(failure("example.invalid", 0) == .cannotResolve(host: "example.invalid"))
    #expect(failure("", 0) == .cannotResolve(host: ""))
    #expect(failure("192.0.2.1", 0) == .addressNotAvailable(host: "192.0.2.1"))
}
