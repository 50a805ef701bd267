import Bytes
import Synchronization

/// A once-only ticket to answer a request later, from any thread.
///
/// Further requests on the same connection wait, so that answers keep their order. A deferral that
/// goes away without an answer answers 500; one whose connection is gone is dropped silently.
public final class Deferral: Sendable {
    private let state: DeferralState
    private let mailbox: Mailbox

    init(state: DeferralState, mailbox: Mailbox) {
        self.state = state
        self.mailbox = mailbox
    }

    deinit {
        if state.claim() { mailbox.post(.completion(state, nil)) }
    }

    /// Whether nobody waits for the answer any more: the connection was reset, or the server has
    /// closed it. One relaxed load. A client that merely stopped sending still gets its answer.
    public var isCancelled: Bool { state.isCancelled.load(ordering: .relaxed) }

    /// Answers the request; every call but the first is ignored.
    ///
    /// - Parameters:
    ///   - headers: further header lines, each with its CR LF, beside those that the handler had
    ///     added before it deferred.
    ///   - body: the whole body; the caller no longer touches it.
    ///   - closes: whether the connection is closed afterwards, as is best for who is turned away.
    ///   - sends: false for one of many answers that are given at the same time: it may lie until
    ///     ``send()``, which has to follow. So a loop wakes once for all of them.
    public func complete(
        status: HTTPStatus, contentType: StaticString, headers: sending ByteBuffer? = nil,
        body: sending ByteBuffer, closes: Bool = false, sends: Bool = true
    ) {
        guard state.claim() else { return }
        let completion = Completion(
            status: status, contentType: contentType, headers: headers, body: body,
            isLast: closes)
        mailbox.post(.completion(state, completion), wakes: sends)
    }

    /// Answers the request in pieces; a ticket that is used already gives a stream that is cancelled.
    ///
    /// - Parameter headers: as for ``complete(status:contentType:headers:body:sends:)``.
    public func stream(
        status: HTTPStatus, contentType: StaticString, headers: ByteBuffer? = nil
    ) -> ResponseStream {
        let stream = StreamState(state, status, contentType, headers: headers?.bytes ?? [])
        if !state.claim() { stream.cancel() }
        return ResponseStream(state: stream, mailbox: mailbox)
    }

    /// Sees to it that answers of the same loop are sent that lie with it, this one and others.
    public func send() { mailbox.wakeIfOwed() }
}

/// What a deferral and its connection both know.
final class DeferralState: Sendable {
    /// The place of the connection in its loop.
    let connectionIndex: Int
    /// Header lines that the handler had added.
    let headers: [UInt8]
    let isCancelled = Atomic(false)
    private let isClaimed = Atomic(false)

    init(connectionIndex: Int, headers: [UInt8]) {
        self.connectionIndex = connectionIndex
        self.headers = headers
    }

    /// True for the first caller only.
    func claim() -> Bool { !isClaimed.exchange(true, ordering: .relaxed) }
}
