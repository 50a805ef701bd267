// The connection's state machine on any bytes: request lines, headers, bodies, chunks, pipelines.
//
// What must hold: no input traps or reads outside its bytes, and the answers do not depend on how
// the bytes are cut into packets. The first byte of the input says how they are cut.
import Bytes

@testable import HTTP

/// A clock that stands still.
private struct StoppedClock: HTTPClock {
    func monotonicNanoseconds() -> UInt64 { 1_000_000_000_000 }
    func wallNanoseconds() -> UInt64 { 784_111_777_000_000_000 }
}

/// Reads all of a request, and answers with a sum of it: so no request can write an answer.
private final class SummingHandler: RequestHandler {
    func handle(_ request: Request, _ exchange: Exchange) {
        var sum: UInt64 = 14_695_981_039_346_656_037
        func add(_ bytes: UnsafeRawBufferPointer) {
            for index in 0..<bytes.count {
                unsafe sum = (sum ^ UInt64(bytes[index])) &* 1_099_511_628_211
            }
            sum = (sum ^ UInt64(bytes.count)) &* 1_099_511_628_211
        }
        unsafe add(request.methodBytes)
        unsafe add(request.path)
        unsafe add(request.query)
        unsafe add(request.authority)
        for index in 0..<request.headerCount {
            let (name, value) = unsafe request.header(at: index)
            unsafe add(name)
            unsafe add(value)
        }
        for name in KnownHeader.allCases {
            if let value = unsafe request.header(name) { unsafe add(value) }
            if request.isRepeated(name) { sum &+= 1 }
        }
        unsafe add(request.body)
        exchange.begin(status: .ok, contentType: "text/plain")
        exchange.output.append(String(sum, radix: 16))
        exchange.end()
    }
}

private let configuration = {
    var configuration = HTTPConfiguration()
    configuration.clock = StoppedClock()
    // Small, so that short inputs reach the limits.
    configuration.limits.requestLineBytesMax = 256
    configuration.limits.headerBytesMax = 512
    configuration.limits.headerCountMax = 8
    configuration.limits.bodyBytesMax = 300
    configuration.limits.chunkExtensionBytesMax = 64
    configuration.limits.trailerBytesMax = 64
    return configuration
}()

/// The answers to bytes that arrive in pieces of so many, and then end.
private func answers(_ bytes: ArraySlice<UInt8>, pieceByteCount: Int) -> [UInt8] {
    let context = LoopContext(
        configuration, index: 0, mailbox: Mailbox(wakeDescriptor: Descriptor(-1)),
        counters: LoopCounters())
    let connection = Connection(context, index: 0)
    let handler = SummingHandler()
    connection.open()
    var answers: [UInt8] = []
    var rest = bytes
    var isEnded = false
    while connection.wantsInput && !isEnded {
        if rest.isEmpty {
            isEnded = true
            connection.receivedEnd()
        } else {
            let room = unsafe connection.room()
            let count = min(room.count, rest.count, pieceByteCount)
            unsafe room.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            connection.received(count)
        }
        connection.process(handler)
        unsafe answers += connection.pendingBytes
        connection.sent(connection.pendingByteCount)
        connection.releaseUnusedInput()
        _ = connection.flushed()
    }
    connection.close()
    return answers
}

/// The answers without the interim ones, which depend on how the bytes arrive.
private func finalAnswers(_ answers: [UInt8]) -> String {
    String(decoding: answers, as: UTF8.self).replacing("HTTP/1.1 100 Continue\r\n\r\n", with: "")
}

/// One run of libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Safe: libFuzzer owns `count` bytes at `start` for this call.
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    let whole = finalAnswers(answers(bytes.dropFirst(), pieceByteCount: .max))
    let cut = finalAnswers(answers(bytes.dropFirst(), pieceByteCount: Int(first % 32) + 1))
    precondition(whole == cut, "cut bytes are answered otherwise:\n\(whole)\n--\n\(cut)")
    return 0
}
