import Bytes
import CLinux
import Glibc

/// What other threads tell a loop.
enum Message {
    /// A new connection's descriptor, which the loop then owns.
    case connection(Int32)
    /// The answer to a deferred request, or `nil` when the deferral was dropped.
    case completion(DeferralState, Completion?)
    /// A stream has something to send, or has ended.
    case stream(StreamState)
    /// Finish what has begun, until that moment of the monotonic clock, then end.
    case drain(until: UInt64)
}

/// The answer that a deferral was completed with.
struct Completion {
    let status: HTTPStatus
    let contentType: StaticString
    let headers: ByteBuffer?
    let body: ByteBuffer
    /// The connection is closed afterwards.
    let isLast: Bool
}

/// The queue into a loop, and the descriptor that wakes it.
///
/// Bounded by what fills it: at most one completion or stream per open connection, and no more
/// connections than the server allows.
final class Mailbox: Sendable {
    // Safe: buffers in a message were handed over by their owners as `sending` values and are next
    // touched by the loop that takes the message.
    private struct Queue: @unchecked Sendable {
        var messages: [Message] = []
        var isClosed = false
        /// Messages wait, and the loop has not been told.
        var isWakeOwed = false
    }

    private let queue = Guarded(Queue())
    let wakeDescriptor: Descriptor

    /// - Parameter wakeDescriptor: an eventfd, or no descriptor when nobody waits for it.
    init(wakeDescriptor: consuming Descriptor) {
        self.wakeDescriptor = wakeDescriptor
    }

    /// Puts a message into the queue; once the loop has ended, messages are dropped.
    ///
    /// - Parameter wakes: if not, the loop may sleep on until ``wakeIfOwed()``, which has to follow.
    func post(_ message: sending Message, wakes: Bool = true) {
        let box = Sent(message)
        let isCallDue: Bool? = queue.withLock { queue in
            guard !queue.isClosed else { return nil }
            queue.messages.append(box.message)
            if queue.messages.count == 1 { queue.isWakeOwed = true }
            guard wakes, queue.isWakeOwed else { return false }
            queue.isWakeOwed = false
            return true
        }
        guard let isCallDue else { return Mailbox.drop(box.message) }
        if isCallDue { wake() }
    }

    /// Tells those who wait for a message that will not be read.
    private static func drop(_ message: Message) {
        switch message {
        case .connection(let raw): _ = Descriptor(raw)
        case .stream(let state): state.cancel()
        case .completion, .drain: break
        }
    }

    /// Wakes the loop if messages wait that it was not woken for.
    func wakeIfOwed() {
        let isCallDue = queue.withLock { queue in
            defer { queue.isWakeOwed = false }
            return queue.isWakeOwed
        }
        if isCallDue { wake() }
    }

    /// Makes the loop look at clock and queue.
    func wake() {
        guard wakeDescriptor.raw >= 0 else { return }
        var one: UInt64 = 1
        _ = unsafe write(wakeDescriptor.raw, &one, 8)
    }

    /// Exchanges the waiting messages for an empty array.
    func take(into messages: inout [Message]) {
        let empty = Sent(messages)
        let taken = queue.withLock { queue in
            let taken = queue.messages
            queue.messages = empty.message
            queue.isWakeOwed = false
            return Sent(taken)
        }
        messages = taken.message
    }

    /// Takes the wake-up off the descriptor.
    func acknowledge() {
        var count: UInt64 = 0
        _ = unsafe read(wakeDescriptor.raw, &count, 8)
    }

    /// Drops whatever comes from now on, and what waits.
    func close() {
        let left = queue.withLock { queue in
            queue.isClosed = true
            let left = queue.messages
            queue.messages = []
            return Sent(left)
        }
        for message in left.message { Mailbox.drop(message) }
    }
}

/// What others know of a loop: where to post to it, and what it counts.
struct LoopReference: Sendable {
    let mailbox: Mailbox
    let counters: LoopCounters
}

/// Carries a value across the lock.
// Safe: made from a `sending` value, or from one that the queue alone held.
private struct Sent<Value>: @unchecked Sendable {
    let message: Value

    init(_ message: Value) { self.message = message }
}
