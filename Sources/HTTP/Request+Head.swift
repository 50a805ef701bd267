/// Parsing request line and headers: in place, line by line as they come, each byte looked at
/// about once however the bytes were cut into packets.
///
/// Whether a request is accepted, and why not, depends on its bytes alone and never on where they
/// were cut: every check looks at whole lines, every limit at offsets.
///
/// Source: RFC 9112 §2 to §6.
extension Request {
    /// Goes on parsing.
    ///
    /// - Parameters:
    ///   - bytes: the first byte of the request.
    ///   - count: how many bytes are here, those seen before included.
    /// - Returns: whether the head is whole.
    @unsafe
    func parseHead(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ classes: UnsafePointer<UInt8>,
        _ limits: HTTPLimits
    ) throws(Rejection) -> Bool {
        unsafe base = bytes
        if headersStart == 0 {
            guard
                let end = try unsafe findLineEnd(
                    bytes, count, last: limits.requestLineBytesMax,
                    Rejection(.uriTooLong, "The request line is too long."))
            else { return false }
            try unsafe parseRequestLine(bytes, end, classes)
            headersStart = end &+ 2
            lineStart = headersStart
            scan = headersStart
        }
        while lineStart < count {
            if unsafe bytes[lineStart] == Byte.carriageReturn {
                guard lineStart &+ 1 < count else { return false }
                guard unsafe bytes[lineStart &+ 1] == Byte.lineFeed else {
                    throw Rejection(.badRequest, "A CR must be followed by LF.")
                }
                headByteCount = lineStart &+ 2
                try unsafe checkFraming(classes)
                return true
            }
            guard
                let end = try unsafe findLineEnd(
                    bytes, count, last: headersStart &+ limits.headerBytesMax &- 2,
                    Rejection(.headersTooLarge, "The headers are too large."))
            else { return false }
            try unsafe parseField(bytes, end, classes)
            lineStart = end &+ 2
            scan = lineStart
        }
        return false
    }

    /// The offset of the CR that ends the line around `scan`, `nil` when it has not come yet.
    ///
    /// - Parameters:
    ///   - last: the highest offset at which that CR may be.
    ///   - tooLong: what to throw when it is not there.
    @unsafe
    func findLineEnd(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, last: Int, _ tooLong: Rejection
    ) throws(Rejection) -> Int? {
        let bound = min(count, last &+ 1)
        let end = unsafe scan < bound ? firstControl(bytes, from: scan, to: bound) : bound
        guard end < bound else {
            if bound > last { throw tooLong }
            scan = max(scan, end)
            return nil
        }
        guard unsafe bytes[end] == Byte.carriageReturn else {
            throw unsafe bytes[end] == Byte.lineFeed
                ? Rejection(.badRequest, "A line must end in CR LF.")
                : Rejection(.badRequest, "A control byte is not allowed here.")
        }
        guard end &+ 1 < count else {
            scan = end
            return nil
        }
        guard unsafe bytes[end &+ 1] == Byte.lineFeed else {
            throw Rejection(.badRequest, "A CR must be followed by LF.")
        }
        return end
    }

    // MARK: Request line

    @unsafe
    private func parseRequestLine(
        _ bytes: UnsafePointer<UInt8>, _ end: Int, _ classes: UnsafePointer<UInt8>
    ) throws(Rejection) {
        // The loops stop at the CR at the latest: it is in no class.
        var offset = 0
        while unsafe classes[Int(bytes[offset])] & ByteClasses.token != 0 { offset &+= 1 }
        guard unsafe offset > 0 && bytes[offset] == Byte.space else {
            throw Rejection(.badRequest, "The method is not a token.")
        }
        methodPart = Part(0, offset)
        unsafe method = knownMethod(bytes, offset)

        let target = offset &+ 1
        offset = target
        while unsafe classes[Int(bytes[offset])] & ByteClasses.target != 0 { offset &+= 1 }
        guard unsafe offset > target && bytes[offset] == Byte.space else {
            throw Rejection(.badRequest, "The request target is not valid.")
        }
        try unsafe parseVersion(bytes, offset &+ 1, end)
        try unsafe parseTarget(bytes, target, offset, classes)
    }

    @unsafe
    private func knownMethod(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> HTTPMethod {
        let name = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
        switch count {
        case 3: return unsafe equals(name, "GET") ? .get : .other
        case 4: return unsafe equals(name, "POST") ? .post : equals(name, "HEAD") ? .head : .other
        case 7: return unsafe equals(name, "OPTIONS") ? .options : .other
        default: return .other
        }
    }

    @unsafe
    private func parseVersion(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int
    ) throws(Rejection) {
        guard end &- start == 8,
            unsafe equals(UnsafeRawBufferPointer(start: bytes + start, count: 5), "HTTP/"),
            unsafe bytes[start &+ 5] &- 0x30 < 10, unsafe bytes[start &+ 6] == 0x2E,
            unsafe bytes[start &+ 7] &- 0x30 < 10
        else {
            throw Rejection(.badRequest, "The HTTP version is not valid.")
        }
        guard unsafe bytes[start &+ 5] == 0x31 else {
            throw Rejection(.versionNotSupported, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
        }
        version = unsafe bytes[start &+ 7] == 0x30 ? .http10 : .http11
    }

    // MARK: Headers

    @unsafe
    private func parseField(
        _ bytes: UnsafePointer<UInt8>, _ end: Int, _ classes: UnsafePointer<UInt8>
    ) throws(Rejection) {
        let (name, value) = try unsafe Request.splitField(bytes, lineStart, end, classes)
        guard fieldCount < fieldCountMax else {
            throw Rejection(.headersTooLarge, "There are too many headers.")
        }
        unsafe (fields + fieldCount).initialize(to: Field(name: name, value: value))
        if let header = knownHeader(name) {
            if known[header.rawValue] < 0 {
                known[header.rawValue] = Int16(truncatingIfNeeded: fieldCount)
            } else {
                repeated |= 1 &<< UInt8(header.rawValue)
            }
            if header == .connection { readConnection(value) }
        }
        fieldCount &+= 1
    }

    /// Takes a header or trailer line apart. Control bytes have been ruled out already.
    ///
    /// Source: RFC 9112 §5.
    @unsafe
    static func splitField(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ classes: UnsafePointer<UInt8>
    ) throws(Rejection) -> (name: Part, value: Part) {
        var offset = start
        while unsafe classes[Int(bytes[offset])] & ByteClasses.token != 0 { offset &+= 1 }
        guard unsafe offset > start && bytes[offset] == Byte.colon else {
            let first = unsafe bytes[start]
            throw first == Byte.space || first == Byte.tab
                ? Rejection(.badRequest, "A header line must not begin with white space.")
                : Rejection(.badRequest, "The name of a header is not a token and a colon.")
        }
        let name = Part(start, offset)
        var first = offset &+ 1
        var last = end
        while unsafe first < last && isBlank(bytes[first]) { first &+= 1 }
        while unsafe first < last && isBlank(bytes[last &- 1]) { last &-= 1 }
        return (name, Part(first, last))
    }

    private func knownHeader(_ name: Part) -> KnownHeader? {
        let name = unsafe bytes(name)
        switch name.count {
        case 4: return unsafe equalsIgnoringCase(name, "host") ? .host : nil
        case 6:
            if unsafe equalsIgnoringCase(name, "accept") { return .accept }
            return unsafe equalsIgnoringCase(name, "expect") ? .expect : nil
        case 10: return unsafe equalsIgnoringCase(name, "connection") ? .connection : nil
        case 12: return unsafe equalsIgnoringCase(name, "content-type") ? .contentType : nil
        case 13: return unsafe equalsIgnoringCase(name, "authorization") ? .authorization : nil
        case 14: return unsafe equalsIgnoringCase(name, "content-length") ? .contentLength : nil
        case 17:
            return unsafe equalsIgnoringCase(name, "transfer-encoding") ? .transferEncoding : nil
        default: return nil
        }
    }

    /// Notes `close` and `keep-alive`; several lines count as one list.
    private func readConnection(_ value: Part) {
        unsafe forEachElement(of: bytes(value)) { option in
            if unsafe equalsIgnoringCase(option, "close") { asksClose = true }
            if unsafe equalsIgnoringCase(option, "keep-alive") { asksKeepAlive = true }
        }
    }

    // MARK: Framing

    /// Decides how long the body is, and refuses what could be read in two ways.
    ///
    /// Source: RFC 9112 §3.2, §6.1 and §6.3; RFC 9110 §10.1.1.
    @unsafe
    private func checkFraming(_ classes: UnsafePointer<UInt8>) throws(Rejection) {
        try unsafe checkHost(classes)
        guard !isRepeated(.contentLength) else {
            throw Rejection(.badRequest, "There is more than one Content-Length.")
        }
        if let codings = unsafe header(.transferEncoding) {
            guard version == .http11 else {
                throw Rejection(.badRequest, "HTTP/1.0 has no Transfer-Encoding.")
            }
            guard unsafe header(.contentLength) == nil else {
                throw Rejection(
                    .badRequest, "Content-Length and Transfer-Encoding exclude each other.")
            }
            guard !isRepeated(.transferEncoding) else {
                throw Rejection(.badRequest, "There is more than one Transfer-Encoding.")
            }
            if unsafe !equalsIgnoringCase(codings, "chunked") {
                throw unsafe refusal(ofCodings: codings, classes)
            }
            isChunked = true
        } else if let length = unsafe header(.contentLength) {
            contentLength = try unsafe parseContentLength(length)
        }
        if version == .http11, let expectation = unsafe header(.expect) {
            guard !isRepeated(.expect), unsafe equalsIgnoringCase(expectation, "100-continue")
            else {
                throw Rejection(.expectationFailed, "Only 100-continue can be expected.")
            }
            expectsContinue = true
        }
    }

    @unsafe
    private func checkHost(_ classes: UnsafePointer<UInt8>) throws(Rejection) {
        guard let host = unsafe header(.host) else {
            if version == .http11 { throw Rejection(.badRequest, "The Host header is missing.") }
            return
        }
        guard !isRepeated(.host) else {
            throw Rejection(.badRequest, "There is more than one Host header.")
        }
        guard unsafe isAuthority(host, classes) else {
            throw Rejection(.badRequest, "The Host header is not valid.")
        }
    }

    /// Digits only: no sign, no list, no prefix, and no more than fit.
    private func parseContentLength(_ text: UnsafeRawBufferPointer) throws(Rejection) -> Int {
        guard unsafe !text.isEmpty, text.count <= 18 else {
            throw Rejection(.badRequest, "The Content-Length is not valid.")
        }
        var length = 0
        for index in 0..<text.count {
            let digit = unsafe text[index] &- 0x30
            guard digit < 10 else {
                throw Rejection(.badRequest, "The Content-Length is not valid.")
            }
            length = length &* 10 &+ Int(digit)
        }
        return length
    }

    /// A list of tokens that ends in its only `chunked` names codings this server does not know:
    /// 501. Anything else leaves the length of the body open: 400.
    @unsafe
    private func refusal(
        ofCodings list: UnsafeRawBufferPointer, _ classes: UnsafePointer<UInt8>
    ) -> Rejection {
        var isValid = true
        var count = 0
        var chunkedCount = 0
        var isLastChunked = false
        unsafe forEachElement(of: list) { coding in
            count &+= 1
            unsafe isValid = isValid && isToken(coding, classes)
            isLastChunked = unsafe equalsIgnoringCase(coding, "chunked")
            if isLastChunked { chunkedCount &+= 1 }
        }
        if isValid && isLastChunked && chunkedCount == 1 && count > 1 {
            return Rejection(.notImplemented, "The only transfer coding known is chunked.")
        }
        return Rejection(.badRequest, "The Transfer-Encoding is not chunked.")
    }
}

/// Whether the byte is a space or a tab.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == Byte.space || byte == Byte.tab }

/// Whether the bytes are one token. Source: RFC 9110 §5.6.2.
@unsafe
func isToken(_ text: UnsafeRawBufferPointer, _ classes: UnsafePointer<UInt8>) -> Bool {
    for index in 0..<text.count
    where unsafe classes[Int(text[index])] & ByteClasses.token == 0 {
        return false
    }
    return unsafe !text.isEmpty
}

/// Whether the bytes equal `text`, byte by byte.
@unsafe
func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    return text.withUTF8Buffer { text in
        for index in 0..<text.count where unsafe bytes[index] != text[index] { return false }
        return true
    }
}

/// Calls `body` with each part between commas, blanks around it removed; empty parts too.
@unsafe
func forEachElement(
    of list: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
) {
    var start = 0
    for index in 0...list.count {
        guard unsafe index == list.count || list[index] == Byte.comma else { continue }
        var first = start
        var last = index
        while unsafe first < last && isBlank(list[first]) { first &+= 1 }
        while unsafe first < last && isBlank(list[last &- 1]) { last &-= 1 }
        unsafe body(UnsafeRawBufferPointer(rebasing: list[first..<last]))
        start = index &+ 1
    }
}
