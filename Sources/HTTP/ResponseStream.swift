import Bytes
import Dispatch

/// An answer whose length nobody knows yet, written piece by piece from one other thread.
///
/// HTTP/1.1 gets it in chunks, with a trailer `Tessera-Status: ok` or `error` at the end; HTTP/1.0
/// gets it up to the end of the connection; HEAD gets the head alone. The head is sent with the
/// first piece. What waits for a slow client is bounded by making the producer wait.
///
/// A stream that goes away without an end is broken off, as ``fail()`` does.
///
/// Source: RFC 9112 §7.1 and §6.3; RFC 9110 §6.6.2.
public final class ResponseStream: Sendable {
    private let state: StreamState
    private let mailbox: Mailbox

    init(state: StreamState, mailbox: Mailbox) {
        self.state = state
        self.mailbox = mailbox
    }

    deinit { end(.failed) }

    /// Whether nobody waits for the rest: the connection is gone, or the answer needs no body.
    public var isCancelled: Bool { state.isCancelled }

    /// Sends the bytes of `block`, which is empty afterwards and may be filled anew: its memory
    /// goes on its way, and that of an earlier block comes back.
    ///
    /// Waits while more than ``StreamState/waitingBytesMax`` are on their way. Never to be called on
    /// an event loop's thread.
    ///
    /// - Returns: false when there is nobody to send to: the client has gone, has taken nothing for
    ///   ``HTTPLimits/answerTimeout``, asked for no body, or the server stops.
    public func send(_ block: ByteBuffer) -> Bool {
        switch state.put(block) {
        case .refused: return false
        case .taken(let isPostDue):
            if isPostDue { mailbox.post(.stream(state)) }
            return true
        }
    }

    /// Ends the answer.
    ///
    /// - Parameter isComplete: what the trailer says. False if the body itself tells what is missing.
    public func finish(isComplete: Bool = true) {
        end(isComplete ? .complete : .incomplete)
    }

    /// Breaks the answer off, so that the client cannot take it for whole: there is no last chunk,
    /// or the connection is reset. Answers 500 if nothing was sent before.
    public func fail() { end(.failed) }

    private func end(_ ending: StreamState.Ending) {
        if state.end(ending) { mailbox.post(.stream(state)) }
    }
}

/// What a stream and its connection both know: the pieces on their way from one to the other.
final class StreamState: Sendable {
    enum Ending: UInt8, Sendable {
        case complete
        /// The body ends as it should and says that something is missing.
        case incomplete
        case failed
    }

    enum Put {
        /// - Parameter isPostDue: the loop has to be told.
        case taken(isPostDue: Bool)
        case refused
    }

    /// While more bytes than this wait, the producer does. Reason: enough to keep a fast network
    /// busy between two turns of a loop, and little for each of a few streams.
    static let waitingBytesMax = 256 * 1024

    /// The producer goes on when so few wait, so that it does not stop again at once.
    static let waitingBytesResume = waitingBytesMax / 2

    /// Memory of a block beyond this is not used again.
    private static let blockBytesKept = 1 << 20

    // Safe: blocks in here belong to the queue alone, which is behind a lock; whoever takes one out
    // is its only owner.
    private struct Queue: @unchecked Sendable {
        var blocks: [ByteBuffer] = []
        var spares: [ByteBuffer] = []
        /// Bytes put in and not yet with the kernel.
        var waitingByteCount = 0
        var ending: Ending?
        var isCancelled = false
        /// The loop has been told and has not come yet.
        var isPosted = false
        var waitingProducerCount = 0
    }

    let deferral: DeferralState
    let status: HTTPStatus
    let contentType: StaticString
    /// Header lines beside those of the deferral.
    let headers: [UInt8]
    private let queue = Guarded(Queue())
    private let room = DispatchSemaphore(value: 0)

    init(
        _ deferral: DeferralState, _ status: HTTPStatus, _ contentType: StaticString,
        headers: [UInt8]
    ) {
        self.deferral = deferral
        self.status = status
        self.contentType = contentType
        self.headers = headers
    }

    // MARK: The producer's side

    var isCancelled: Bool { queue.withLock { $0.isCancelled } }

    func put(_ block: ByteBuffer) -> Put {
        // A chunk without bytes would be the last.
        if block.isEmpty { return isCancelled ? .refused : .taken(isPostDue: false) }
        let carried = Carried(block)
        while true {
            let put: Put? = queue.withLock { queue in
                if queue.isCancelled || queue.ending != nil { return .refused }
                if queue.waitingByteCount > StreamState.waitingBytesMax {
                    queue.waitingProducerCount += 1
                    return nil
                }
                let block = carried.buffer
                let carrier = queue.spares.popLast() ?? ByteBuffer(capacity: block.count)
                queue.waitingByteCount += block.count
                carrier.exchange(with: block)
                queue.blocks.append(carrier)
                defer { queue.isPosted = true }
                return .taken(isPostDue: !queue.isPosted)
            }
            if let put { return put }
            room.wait()
        }
    }

    /// - Returns: whether the loop has to be told.
    func end(_ ending: Ending) -> Bool {
        queue.withLock { queue in
            guard queue.ending == nil, !queue.isCancelled else { return false }
            queue.ending = ending
            defer { queue.isPosted = true }
            return !queue.isPosted
        }
    }

    // MARK: The loop's side

    /// Hands over what has been put in, and the ending if there is nothing after that.
    func take() -> (blocks: [ByteBuffer], ending: Ending?) {
        let taken = queue.withLock { queue in
            queue.isPosted = false
            let blocks = queue.blocks
            queue.blocks = []
            return Carried((blocks: blocks, ending: queue.ending))
        }
        return taken.buffer
    }

    /// Takes note that bytes are with the kernel, and takes a block back that is sent.
    func release(_ byteCount: Int, _ block: ByteBuffer?) {
        block?.removeAll(keepingAtMost: StreamState.blockBytesKept)
        let carried = Carried(block)
        wake(
            queue.withLock { queue in
                if let block = carried.buffer { queue.spares.append(block) }
                queue.waitingByteCount -= byteCount
                guard queue.waitingByteCount <= StreamState.waitingBytesResume else { return 0 }
                defer { queue.waitingProducerCount = 0 }
                return queue.waitingProducerCount
            })
    }

    /// Nobody waits for the rest.
    func cancel() {
        wake(
            queue.withLock { queue in
                queue.isCancelled = true
                queue.blocks = []
                queue.spares = []
                defer { queue.waitingProducerCount = 0 }
                return queue.waitingProducerCount
            })
    }

    private func wake(_ producerCount: Int) {
        for _ in 0..<producerCount { room.signal() }
    }
}

/// Carries buffers across the lock.
// Safe: used by one thread, between the lock's closure and the function that calls it.
private struct Carried<Value>: @unchecked Sendable {
    let buffer: Value

    init(_ buffer: Value) { self.buffer = buffer }
}
