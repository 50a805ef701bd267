import Bytes
import Synchronization
import Testing

@testable import HTTP

// What the tests of this room share: a clock moved by hand, a handler made of a closure, a wire
// that plays loop and kernel for one connection, and the whole answers to expect.

/// A clock that stands still until it is moved.
final class TestClock: HTTPClock {
    /// Far from zero, so that subtracting a timeout cannot hide a fault.
    private let monotonic = Atomic<UInt64>(1_000_000_000_000)
    /// 1994-11-06T08:49:37Z, the date of RFC 9110 §5.6.7.
    private let wall = Atomic<UInt64>(784_111_777_000_000_000)

    func monotonicNanoseconds() -> UInt64 { monotonic.load(ordering: .sequentiallyConsistent) }
    func wallNanoseconds() -> UInt64 { wall.load(ordering: .sequentiallyConsistent) }

    func advance(by duration: Duration) {
        monotonic.add(duration.nanoseconds, ordering: .sequentiallyConsistent)
        wall.add(duration.nanoseconds, ordering: .sequentiallyConsistent)
    }
}

/// A handler that does what the test says.
final class ScriptedHandler: RequestHandler {
    private let script: (Request, Exchange) -> Void

    init(_ script: @escaping (Request, Exchange) -> Void) { self.script = script }

    func handle(_ request: Request, _ exchange: Exchange) { script(request, exchange) }
}

/// Answers with what the request was understood to be.
func echo(_ request: Request, _ exchange: Exchange) {
    exchange.begin(status: .ok, contentType: "text/plain")
    exchange.output.append(describe(request))
    exchange.end()
}

func describe(_ request: Request) -> String {
    var lines = unsafe [
        "\(request.method) \(text(request.methodBytes)) \(request.version)",
        "\(text(request.path))|\(text(request.query))|\(text(request.authority))",
    ]
    for index in 0..<request.headerCount {
        let (name, value) = unsafe request.header(at: index)
        unsafe lines.append("\(text(name))=\(text(value))")
    }
    unsafe lines.append(text(request.body))
    return lines.joined(separator: "\n")
}

/// The bytes as text, `-` for none.
@unsafe
func text(_ bytes: UnsafeRawBufferPointer?) -> String {
    guard let bytes = unsafe bytes else { return "-" }
    return unsafe String(decoding: bytes, as: UTF8.self)
}

/// One connection without a socket: what is sent to it, and all it has answered.
final class Wire {
    let clock: TestClock
    let context: LoopContext
    let connection: Connection
    let handler: any RequestHandler
    let mailbox = Mailbox(wakeDescriptor: Descriptor(-1))
    /// Bytes the client has sent that the connection has not taken.
    private(set) var inFlight: [UInt8] = []
    private(set) var answers: [UInt8] = []
    /// How many bytes the client's side still takes.
    var room = Int.max
    /// Whether requests that wait for another turn get it at once.
    var takesTurns = true
    private(set) var isShut = false
    private var isEnded = false

    init(
        limits: HTTPLimits = HTTPLimits(), clock: TestClock = TestClock(),
        handler: any RequestHandler = ScriptedHandler(echo)
    ) {
        self.clock = clock
        var configuration = HTTPConfiguration()
        configuration.limits = limits
        configuration.clock = clock
        context = LoopContext(configuration, index: 0, mailbox: mailbox, counters: LoopCounters())
        connection = Connection(context, index: 0)
        connection.open()
        self.handler = handler
    }

    var text: String { String(decoding: answers, as: UTF8.self) }

    func send(_ bytes: [UInt8]) {
        inFlight += bytes
        run()
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// The client says that it sends no more.
    func sendEnd() {
        isEnded = true
        run()
    }

    func advance(by duration: Duration) {
        clock.advance(by: duration)
        context.tick()
        if context.now >= connection.deadline { connection.expire() }
        run()
    }

    /// Gives the connection the answers that deferrals were completed with, and what streams have
    /// to send.
    func deliver() {
        var messages: [Message] = []
        mailbox.take(into: &messages)
        for message in messages {
            let isForIt =
                switch message {
                case .completion(let state, let completion): connection.complete(state, completion)
                case .stream(let state): connection.pump(state)
                case .connection, .drain: false
                }
            if isForIt { connection.process(handler) }
        }
        run()
    }

    /// What a loop does: read, handle, write, until nothing moves.
    func run() {
        flush()
        while connection.wantsInput && !(inFlight.isEmpty && !isEnded) {
            if inFlight.isEmpty {
                isEnded = false
                connection.receivedEnd()
            } else {
                let room = unsafe connection.room()
                let count = min(room.count, inFlight.count)
                unsafe room.copyBytes(from: inFlight[..<count])
                inFlight.removeFirst(count)
                connection.received(count)
            }
            connection.process(handler)
            flush()
        }
    }

    /// Handles what was left alone, unless the test counts turns itself.
    private func takeTurns() {
        while takesTurns && connection.hasPausedInput { connection.process(handler) }
    }

    private func flush() {
        while connection.pendingByteCount > 0 && room > 0 {
            let count = unsafe min(room, connection.pendingBytes.count)
            unsafe answers += connection.pendingBytes.prefix(count)
            room -= count
            connection.sent(count)
            takeTurns()
        }
        takeTurns()
        if connection.pendingByteCount == 0 && connection.flushed() { isShut = true }
    }
}

/// A whole answer as it must come: head with the fixed date, and the body's length.
func answer(
    _ status: String, type: String = "text/plain", headers: String = "", _ body: String,
    sendsBody: Bool = true
) -> String {
    "HTTP/1.1 \(status)\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
        + "Content-Type: \(type)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n"
        + (sendsBody ? body : "")
}

/// The whole answer to a request that is refused.
func refusal(_ status: String, _ message: String, sendsBody: Bool = true) -> String {
    answer(
        status, type: "text/plain; charset=utf-8", headers: "Connection: close\r\n",
        message + "\n", sendsBody: sendsBody)
}

/// What comes back for bytes in one piece, byte by byte, and in every cut into two pieces; all of
/// them must agree.
func answerHoweverCut(
    _ bytes: [UInt8], limits: HTTPLimits = HTTPLimits(), endsInput: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
) -> String {
    func answers(_ pieces: [ArraySlice<UInt8>]) -> String {
        let wire = Wire(limits: limits)
        for piece in pieces { wire.send(Array(piece)) }
        if endsInput { wire.sendEnd() }
        return wire.text
    }
    let whole = answers([bytes[...]])
    let single = answers(bytes.indices.map { bytes[$0...$0] })
    #expect(single == whole, "byte by byte", sourceLocation: sourceLocation)
    // Long requests are cut around their ends only: the square of their length is too much.
    let cuts =
        bytes.count <= 1500
        ? Array(bytes.indices)
        : Array(bytes.indices.prefix(300)) + Array(bytes.indices.suffix(300))
    for cut in cuts {
        let halves = answers([bytes[..<cut], bytes[cut...]])
        if halves != whole {
            #expect(halves == whole, "cut at \(cut)", sourceLocation: sourceLocation)
            break
        }
    }
    return whole
}

func answerHoweverCut(
    _ text: String, limits: HTTPLimits = HTTPLimits(), endsInput: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
) -> String {
    answerHoweverCut(
        Array(text.utf8), limits: limits, endsInput: endsInput, sourceLocation: sourceLocation)
}
