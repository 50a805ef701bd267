/// What one client may cost: sizes, counts and times. Every number is a limit that still passes;
/// one more is refused.
///
/// Times are absolute on the monotonic clock: sending one byte now and then prolongs nothing.
public struct HTTPLimits: Sendable {
    /// Bytes of a request line without its line end, refused with 414.
    ///
    /// Source: RFC 9112 §3, which recommends at least 8000.
    public var requestLineBytesMax = 8 * 1024

    /// Bytes of all header lines, each with its line end, refused with 431. Room for a few large
    /// cookies and a token; a browser sends about 1 KiB.
    public var headerBytesMax = 16 * 1024

    /// Header lines, refused with 431. It bounds what looking up a name may cost.
    public var headerCountMax = 100

    /// Bytes of a body after chunks have been decoded, refused with 413 before it is read.
    /// A GraphQL document with large variables stays far below.
    public var bodyBytesMax = 1 << 20

    /// Bytes of a line that opens a chunk, without its line end, refused with 400. Sixteen digits
    /// suffice for every size; the rest is for extensions, which nobody sends.
    public var chunkLineBytesMax = 256

    /// Bytes of the chunk extensions of one body together, refused with 413. Extensions are
    /// checked and ignored; without this limit one-byte chunks would carry them for nothing.
    ///
    /// Source: RFC 9112 §7.1.1, which asks for such a limit.
    public var chunkExtensionBytesMax = 4 * 1024

    /// Bytes of trailer lines after a chunked body, refused with 431. Trailers are checked and
    /// dropped.
    public var trailerBytesMax = 4 * 1024

    /// Empty lines before a request line, refused with 400. Some old clients send one after a body.
    ///
    /// Source: RFC 9112 §2.2, which asks to ignore at least one.
    public var leadingLinesMax = 4

    /// While more bytes than this wait to be sent, no further request of that connection is
    /// handled, nor anything read from it.
    public var outputPauseBytes = 256 * 1024

    /// Time in which requests that one client sends at once are answered before other clients have
    /// their turn; at least two are. Little beside what anybody notices, much beside a change of
    /// turns.
    public var turnTime = Duration.milliseconds(1)

    /// Bytes read and dropped after the last answer, so that closing with unread bytes does not
    /// reset the connection before the client has read that answer. What comes beyond is left
    /// unread until the ``lingerTimeout`` has passed.
    ///
    /// Source: RFC 9112 §9.6.
    public var lingerBytesMax = 64 * 1024

    /// Time for those bytes to come, from the moment the last answer is with the kernel.
    public var lingerTimeout = Duration.seconds(1)

    /// Time from the first byte of a request until its last, refused with 408. A slow phone sends
    /// 1 MiB in it at 100 KiB/s.
    public var requestTimeout = Duration.seconds(10)

    /// Time in which a client must take ``answerBytesMin`` of an answer, or the rest of it, else the
    /// connection is reset. What lies in this system's buffers counts as not taken.
    public var answerTimeout = Duration.seconds(30)

    /// Bytes to be taken in that time. It is a tenth of what the slowest phones do, and bounds how
    /// long an answer can be read byte by byte.
    public var answerBytesMin = 16 * 1024

    /// How often is looked whether a client takes its answer.
    public var answerLookInterval = Duration.seconds(1)

    /// Time a connection may stay silent before its first request or between two. More than the
    /// 60 s after which common proxies give up, so that it is the proxy that closes.
    public var idleTimeout = Duration.seconds(75)

    /// Open connections of the whole server. One more gets 503 and is closed at once, so that a
    /// balancer in front can turn elsewhere instead of waiting in the backlog.
    public var connectionsMax = 4096

    /// The limits above.
    public init() {}
}

extension Duration {
    /// The duration in whole nanoseconds, clamped to what 64 bits hold; negative ones are 0.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return UInt64.max / 2 }
        return min(product &+ UInt64(attoseconds) / 1_000_000_000, UInt64.max / 2)
    }
}
