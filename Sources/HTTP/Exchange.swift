import Bytes

/// What answers the requests of one loop.
public protocol RequestHandler: AnyObject {
    /// Answers a request, or defers it; called on the loop's thread, which no other connection of
    /// that loop can use meanwhile. A handler that does neither answers 500.
    func handle(_ request: Request, _ exchange: Exchange)
}

/// The answer to the request at hand. Valid only during ``RequestHandler/handle(_:_:)``.
///
/// Either ``begin(status:contentType:)``, the body appended to ``output``, and ``end()``; or
/// ``respond(status:contentType:body:)``; or ``defer()``; or ``stream(status:contentType:)``.
public final class Exchange {
    enum Progress: UInt8 { case waiting, begun, answered, deferred }

    /// Where the body goes, between `begin` and `end`. It holds more than this answer's body:
    /// append to it and never truncate it, except to a count it had since `begin`.
    public internal(set) var output = ByteBuffer(capacity: 0)

    /// What counts call the path of the request: 0 until the handler says otherwise, below 16. Paths
    /// themselves would be as many as clients make up.
    public var route: UInt8 = 0

    /// Which loop this is: 0 up to the number of loops.
    public let loopIndex: Int

    var progress = Progress.waiting
    private var connection: Connection?
    private var request: Request?
    private let proxies: TrustedProxies?
    private let headers = ByteBuffer(capacity: 256)
    private var isLast = false

    init(loopIndex: Int, proxies: TrustedProxies? = nil) {
        self.loopIndex = loopIndex
        self.proxies = proxies
    }

    // MARK: The connection's side

    func attach(_ connection: Connection, _ request: Request, _ output: ByteBuffer) {
        self.connection = connection
        self.request = request
        self.output = output
        progress = .waiting
        isLast = false
        route = 0
        headers.removeAll()
    }

    func detach() {
        connection = nil
        request = nil
    }

    // MARK: The handler's side

    /// Where the client is, or the proxy in front of it unless that is trusted to say; nil when the
    /// system does not know. One call of the system.
    public var remoteAddress: RemoteAddress? {
        guard let peer = connection?.remoteAddress else { return nil }
        guard let proxies, let request else { return peer }
        return proxies.client(of: request, peer: peer)
    }

    /// Adds a header line to the answer that is begun, or deferred, next. Control bytes in the
    /// value are dropped, so that no value can split an answer.
    public func header(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        assert(progress == .waiting, "headers come before the answer begins")
        headers.append(name)
        headers.append(": ")
        for index in 0..<value.count {
            let byte = unsafe value[index]
            if byte >= 0x20 && byte != 0x7F { headers.append(byte: byte) }
        }
        headers.append("\r\n")
    }

    /// Adds a header line with a fixed value.
    public func header(_ name: StaticString, _ value: StaticString) {
        value.withUTF8Buffer { unsafe header(name, UnsafeRawBufferPointer($0)) }
    }

    /// Adds a header line with a number.
    public func header(_ name: StaticString, _ value: Int) {
        assert(progress == .waiting, "headers come before the answer begins")
        headers.append(name)
        headers.append(": ")
        headers.appendInteger(value)
        headers.append("\r\n")
    }

    /// Forgets the header lines added so far.
    public func removeHeaders() {
        headers.removeAll()
    }

    /// Closes the connection after this answer; to be called before it begins.
    public func closeAfterwards() {
        isLast = true
    }

    /// Writes status line and headers. What is appended to ``output`` from here on is the body.
    ///
    /// - Parameter contentType: left out when empty.
    public func begin(status: HTTPStatus, contentType: StaticString) {
        precondition(progress == .waiting, "an answer begins once")
        guard let connection else { preconditionFailure("the request is over") }
        progress = .begun
        connection.beginAnswer(status, contentType, isLast: isLast) { output in
            unsafe headers.withUnsafeBytes { unsafe output.append($0) }
        }
    }

    /// Bytes of the body so far.
    public var bodyByteCount: Int {
        guard progress == .begun, let connection else { return 0 }
        return output.count &- connection.bodyStart
    }

    /// Throws away what was begun, so that another answer can begin. Header lines added by
    /// ``header(_:_:)`` stay.
    public func restart() {
        guard progress == .begun, let connection else { return }
        connection.abandonAnswer()
        progress = .waiting
    }

    /// Finishes the answer: fills in its length; drops the body when the method was HEAD.
    public func end() {
        precondition(progress == .begun, "only what was begun can end")
        connection?.endAnswer()
        progress = .answered
    }

    /// Answers at once with these bytes.
    public func respond(
        status: HTTPStatus, contentType: StaticString, body: UnsafeRawBufferPointer
    ) {
        begin(status: status, contentType: contentType)
        unsafe output.append(body)
        end()
    }

    /// Answers at once with a fixed text.
    public func respond(status: HTTPStatus, contentType: StaticString, body: StaticString) {
        body.withUTF8Buffer {
            unsafe respond(
                status: status, contentType: contentType, body: UnsafeRawBufferPointer($0))
        }
    }

    /// Promises an answer later. What was begun is thrown away; added header lines are kept for
    /// the answer. Request and exchange are no longer valid once the handler returns.
    public func `defer`() -> Deferral {
        restart()
        precondition(progress == .waiting, "an answered request cannot be deferred")
        guard let connection else { preconditionFailure("the request is over") }
        progress = .deferred
        return connection.deferAnswer(headers: headers.bytes)
    }

    /// Promises an answer in pieces, as many as there will be, from another thread. Otherwise like
    /// ``defer()``.
    public func stream(status: HTTPStatus, contentType: StaticString) -> ResponseStream {
        self.defer().stream(status: status, contentType: contentType)
    }
}
