/// The methods this room knows by name; what they mean is the handler's business.
public enum HTTPMethod: Sendable, Equatable {
    case get, post, head, options
    /// Any other token; ``Request/methodBytes`` has it.
    case other
}

/// The versions that are answered. A later minor version counts as 1.1.
///
/// Source: RFC 9110 §2.5.
public enum HTTPVersion: Sendable, Equatable {
    case http10, http11
}

/// Headers that are recognised while they are parsed, so that looking them up costs nothing.
public enum KnownHeader: Int, Sendable, CaseIterable {
    case host, contentLength, transferEncoding, connection, contentType, accept, expect
    case authorization
}

/// One request, as views into the bytes that came from the socket.
///
/// Valid only during ``RequestHandler/handle(_:_:)``: whoever needs a part of it later copies that
/// part. One object serves many requests, one after another.
// Safe: `base` points at the first byte of the request in a block that the connection keeps in
// place while a handler runs, and all ranges were checked to lie within the request. `fields` is
// owned by this object and indexed below `fieldCount`.
@safe
public final class Request {
    /// A part of the request: offset from its first byte, and length.
    struct Part {
        var offset: UInt32 = 0
        var count: UInt32 = 0

        init() {}

        init(_ offset: Int, _ end: Int) {
            self.offset = UInt32(truncatingIfNeeded: offset)
            self.count = UInt32(truncatingIfNeeded: end &- offset)
        }
    }

    struct Field {
        var name: Part
        var value: Part
    }

    /// The method, when it is one of the frequent ones.
    public internal(set) var method = HTTPMethod.other
    /// The version that the client speaks.
    public internal(set) var version = HTTPVersion.http11

    var base: UnsafePointer<UInt8>
    let fields: UnsafeMutablePointer<Field>
    let fieldCountMax: Int
    var fieldCount = 0
    /// Index into `fields` of the first header of each known name, or -1.
    var known = InlineArray<8, Int16>(repeating: -1)
    /// Bit per known header: it came more than once.
    var repeated: UInt8 = 0

    var methodPart = Part()
    var pathPart = Part()
    var queryPart = Part()
    /// The authority of an absolute-form target; empty for all other forms.
    var authorityPart = Part()
    /// The target is the server as a whole.
    var asksServer = false

    // How far the parser has come: offsets from the first byte of the request.
    var scan = 0
    var lineStart = 0
    var headersStart = 0

    // What `Connection`, `Content-Length`, `Transfer-Encoding` and `Expect` said.
    var asksClose = false
    var asksKeepAlive = false
    var isChunked = false
    var expectsContinue = false
    var contentLength = 0

    /// Bytes of request line and headers with the empty line after them.
    var headByteCount = 0
    var chunks = ChunkProgress()
    /// Bytes of the decoded body.
    var bodyByteCount = 0

    init(fieldCountMax: Int) {
        self.fieldCountMax = max(1, min(fieldCountMax, Int(Int16.max)))
        unsafe fields = .allocate(capacity: self.fieldCountMax)
        unsafe base = UnsafePointer(UnsafeRawPointer(fields).assumingMemoryBound(to: UInt8.self))
    }

    deinit {
        unsafe fields.deallocate()
    }

    /// Makes the object ready for the next request.
    func reset() {
        method = .other
        version = .http11
        fieldCount = 0
        known = InlineArray(repeating: -1)
        repeated = 0
        methodPart = Part()
        pathPart = Part()
        queryPart = Part()
        authorityPart = Part()
        asksServer = false
        scan = 0
        lineStart = 0
        headersStart = 0
        asksClose = false
        asksKeepAlive = false
        isChunked = false
        expectsContinue = false
        contentLength = 0
        headByteCount = 0
        chunks = ChunkProgress()
        bodyByteCount = 0
    }

    // MARK: What the handler reads

    /// The method as it was sent.
    public var methodBytes: UnsafeRawBufferPointer { unsafe bytes(methodPart) }

    /// The path, raw: percent-encoding is left as it came. `*` for the server as a whole, which
    /// `OPTIONS` may ask for.
    public var path: UnsafeRawBufferPointer {
        unsafe asksServer ? Request.serverPath : bytes(pathPart)
    }

    private static var serverPath: UnsafeRawBufferPointer {
        let path: StaticString = "*"
        return unsafe UnsafeRawBufferPointer(start: path.utf8Start, count: 1)
    }

    /// What follows the `?` of the target, raw; empty when there is none.
    public var query: UnsafeRawBufferPointer { unsafe bytes(queryPart) }

    /// The host asked for: the target's when it has one, else the `Host` header; empty in a
    /// request of HTTP/1.0 without it.
    ///
    /// Source: RFC 9112 §3.2.2.
    public var authority: UnsafeRawBufferPointer {
        if authorityPart.count > 0 { return unsafe bytes(authorityPart) }
        return unsafe header(.host) ?? bytes(Part())
    }

    /// The body, whole and with chunks decoded; empty when there is none.
    public var body: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base + headByteCount, count: bodyByteCount)
    }

    /// The value of the first header of that name, without white space around it.
    public func header(_ name: KnownHeader) -> UnsafeRawBufferPointer? {
        let index = Int(known[name.rawValue])
        guard index >= 0 else { return nil }
        return unsafe bytes(fields[index].value)
    }

    /// The value of the first header of that name, which must be in lower case.
    /// O(`headerCount`).
    public func header(_ name: StaticString) -> UnsafeRawBufferPointer? {
        for index in 0..<fieldCount where isNamed(index, name) {
            return unsafe bytes(fields[index].value)
        }
        return nil
    }

    /// Whether a header of that name, which must be in lower case, came more than once.
    /// O(`headerCount`).
    public func isRepeated(_ name: StaticString) -> Bool {
        var count = 0
        for index in 0..<fieldCount where isNamed(index, name) { count &+= 1 }
        return count > 1
    }

    /// Whether a header of that name came more than once.
    public func isRepeated(_ name: KnownHeader) -> Bool {
        repeated & (1 &<< UInt8(name.rawValue)) != 0
    }

    /// How many headers there are.
    public var headerCount: Int { fieldCount }

    /// Name (as it was sent) and value of a header; `index` must be below ``headerCount``.
    public func header(
        at index: Int
    ) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        precondition(index >= 0 && index < fieldCount, "no such header")
        return unsafe (bytes(fields[index].name), bytes(fields[index].value))
    }

    private func isNamed(_ index: Int, _ name: StaticString) -> Bool {
        let part = unsafe fields[index].name
        return unsafe Int(part.count) == name.utf8CodeUnitCount
            && equalsIgnoringCase(bytes(part), name)
    }

    func bytes(_ part: Part) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: base + Int(part.offset), count: Int(part.count))
    }
}
