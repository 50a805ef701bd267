import Bytes

/// Where a server listens, with how many loops, and under which limits.
public struct HTTPConfiguration: Sendable {
    /// An IPv4 or IPv6 address (with or without brackets) or `localhost`. Names are not looked up.
    public var host: String

    /// The port; 0 lets the system choose, and ``HTTPServer/port`` tells which.
    public var port: UInt16

    /// Event loops, each on a thread of its own; at least one.
    public var loopCount: Int

    /// Sizes and times.
    public var limits = HTTPLimits()

    /// The clocks the deadlines and the `Date` header go by.
    public var clock: any HTTPClock = SystemClock()

    /// Writes the body of an answer that this room gives by itself (a refused request, a handler
    /// that did not answer) and returns its content type. Called on any loop's thread.
    public var errorBody: @Sendable (HTTPStatus, StaticString, ByteBuffer) -> StaticString = {
        _, message, output in
        output.append(message)
        output.append(byte: 10)
        return "text/plain; charset=utf-8"
    }

    /// Header lines that all answers bear, those of this room included, each with its CR LF.
    public var headerLines: StaticString = ""

    /// The proxies that are believed where their clients are; nil for none.
    public var trustedProxies: TrustedProxies?

    public init(host: String = "127.0.0.1", port: UInt16 = 0, loopCount: Int = 1) {
        self.host = host
        self.port = port
        self.loopCount = loopCount
    }
}
