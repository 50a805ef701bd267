import Glibc

/// Request targets and hosts.
///
/// Source: RFC 9112 §3.2; RFC 3986 §3.2.
extension Request {
    /// Takes the target in `start..<end` apart into path, query and authority.
    @unsafe
    func parseTarget(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ classes: UnsafePointer<UInt8>
    ) throws(Rejection) {
        if unsafe equals(self.bytes(methodPart), "CONNECT") {
            throw Rejection(.notImplemented, "This server is no proxy.")
        }
        if unsafe bytes[start] == Byte.slash {
            return try unsafe splitPath(bytes, start, end, classes)
        }
        if unsafe end &- start == 1 && bytes[start] == Byte.asterisk && method == .options {
            pathPart = Part(start, end)
            return
        }
        guard let authority = unsafe schemeEnd(bytes, start, end) else {
            throw Rejection(.badRequest, "The request target is not valid.")
        }
        var authorityEnd = authority
        while unsafe authorityEnd < end && bytes[authorityEnd] != Byte.slash
            && bytes[authorityEnd] != Byte.question
        {
            authorityEnd &+= 1
        }
        authorityPart = Part(authority, authorityEnd)
        guard unsafe isAuthority(self.bytes(authorityPart), classes) else {
            throw Rejection(.badRequest, "The host of the request target is not valid.")
        }
        // A resource of "https" must have come over a connection that is secured (RFC 9110 §7.4),
        // and this one is not.
        if unsafe bytes[authority &- 4] | 0x20 == UInt8(ascii: "s") {
            throw Rejection(.misdirectedRequest, "This server has no https; send the path alone.")
        }
        try unsafe splitPath(bytes, authorityEnd, end, classes)
        if pathPart.count == 0 {
            // The server as a whole, or else "/". Source: RFC 9110 §4.2.3.
            asksServer = method == .options && authorityEnd == end
            // The byte before the authority is one.
            pathPart = Part(authority &- 1, authority)
        }
    }

    @unsafe
    private func splitPath(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ classes: UnsafePointer<UInt8>
    ) throws(Rejection) {
        var offset = start
        while unsafe offset < end && bytes[offset] != Byte.question {
            guard unsafe classes[Int(bytes[offset])] & ByteClasses.path != 0,
                unsafe bytes[offset] != Byte.percent
                    || isEscape(.init(start: bytes, count: end), offset, classes)
            else { throw Rejection(.badRequest, "The request target is not valid.") }
            offset &+= 1
        }
        pathPart = Part(start, offset)
        queryPart = offset < end ? Part(offset &+ 1, end) : Part()
    }

    /// Where the authority of an absolute-form target begins, `nil` when it is none.
    @unsafe
    private func schemeEnd(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int
    ) -> Int? {
        let target = unsafe UnsafeRawBufferPointer(start: bytes + start, count: end &- start)
        if target.count >= 7, unsafe equalsIgnoringCase(.init(rebasing: target[..<7]), "http://") {
            return start &+ 7
        }
        if target.count >= 8, unsafe equalsIgnoringCase(.init(rebasing: target[..<8]), "https://") {
            return start &+ 8
        }
        return nil
    }

    /// Whether the bytes are a host that is not empty, with or without a port; user information is
    /// refused.
    ///
    /// Source: RFC 9110 §4.2.1 and §4.2.4, RFC 9112 §3.2.
    @unsafe
    func isAuthority(_ text: UnsafeRawBufferPointer, _ classes: UnsafePointer<UInt8>) -> Bool {
        guard unsafe !text.isEmpty else { return false }
        var offset = 0
        if unsafe text[0] == 0x5B {
            guard let end = unsafe literalEnd(text, classes) else { return false }
            offset = end
        } else {
            while unsafe offset < text.count
                && classes[Int(text[offset])] & ByteClasses.hostName != 0
            {
                if unsafe text[offset] == Byte.percent && !isEscape(text, offset, classes) {
                    return false
                }
                offset &+= 1
            }
            if offset == 0 { return false }
        }
        if offset == text.count { return true }
        guard unsafe text[offset] == Byte.colon else { return false }
        return unsafe isPort(text, offset &+ 1)
    }

    /// The offset after `[…]` around an IPv6 address, or one of a later version.
    ///
    /// Source: RFC 3986 §3.2.2.
    @unsafe
    private func literalEnd(
        _ text: UnsafeRawBufferPointer, _ classes: UnsafePointer<UInt8>
    ) -> Int? {
        guard let end = unsafe text.firstIndex(of: 0x5D) else { return nil }
        let address = unsafe UnsafeRawBufferPointer(rebasing: text[1..<end])
        return unsafe isIPv6(address) || isLaterAddress(address, classes) ? end &+ 1 : nil
    }

    @unsafe
    private func isIPv6(_ text: UnsafeRawBufferPointer) -> Bool {
        let byteCountMax = Int(INET6_ADDRSTRLEN)
        guard text.count < byteCountMax else { return false }
        // With a zero byte behind it, as the system's reader wants it.
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: byteCountMax) {
            for index in 0..<text.count { unsafe $0[index] = CChar(bitPattern: text[index]) }
            unsafe $0[text.count] = 0
            var address = in6_addr()
            return unsafe inet_pton(AF_INET6, $0.baseAddress, &address) == 1
        }
    }

    /// `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`
    @unsafe
    private func isLaterAddress(
        _ text: UnsafeRawBufferPointer, _ classes: UnsafePointer<UInt8>
    ) -> Bool {
        guard text.count >= 4, unsafe text[0] | 0x20 == UInt8(ascii: "v") else { return false }
        var offset = 1
        while unsafe offset < text.count && classes[Int(text[offset])] & ByteClasses.hexDigit != 0 {
            offset &+= 1
        }
        guard offset > 1, offset &+ 1 < text.count, unsafe text[offset] == UInt8(ascii: ".")
        else { return false }
        return unsafe text[(offset &+ 1)...].allSatisfy { byte in
            unsafe byte == Byte.colon || byte == Byte.comma
                || byte != Byte.percent && classes[Int(byte)] & ByteClasses.hostName != 0
        }
    }

    /// Whether two hexadecimal digits follow the `%` at `offset`.
    @unsafe
    private func isEscape(
        _ text: UnsafeRawBufferPointer, _ offset: Int, _ classes: UnsafePointer<UInt8>
    ) -> Bool {
        unsafe offset &+ 2 < text.count
            && classes[Int(text[offset &+ 1])] & ByteClasses.hexDigit != 0
            && classes[Int(text[offset &+ 2])] & ByteClasses.hexDigit != 0
    }

    /// Digits up to 65535, or nothing.
    @unsafe
    private func isPort(_ text: UnsafeRawBufferPointer, _ start: Int) -> Bool {
        guard text.count &- start <= 5 else { return false }
        var port = 0
        for offset in start..<text.count {
            let digit = unsafe text[offset] &- 0x30
            guard digit < 10 else { return false }
            port = port &* 10 &+ Int(digit)
        }
        return port <= 65535
    }
}
