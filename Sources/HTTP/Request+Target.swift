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
            return unsafe splitPath(bytes, start, end)
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
        unsafe splitPath(bytes, authorityEnd, end)
        if pathPart.count == 0 {
            // An empty path means "/", and the byte before the authority is one.
            pathPart = Part(authority &- 1, authority)
        }
    }

    @unsafe
    private func splitPath(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) {
        var offset = start
        while unsafe offset < end && bytes[offset] != Byte.question { offset &+= 1 }
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
                if unsafe text[offset] == 0x25 && !isEscape(text, offset, classes) { return false }
                offset &+= 1
            }
            if offset == 0 { return false }
        }
        if offset == text.count { return true }
        guard unsafe text[offset] == Byte.colon else { return false }
        return unsafe isPort(text, offset &+ 1)
    }

    /// The offset after `[…]` around hexadecimal digits, colons and dots, at least one colon.
    @unsafe
    private func literalEnd(
        _ text: UnsafeRawBufferPointer, _ classes: UnsafePointer<UInt8>
    ) -> Int? {
        var colons = 0
        for offset in 1..<max(1, text.count) {
            let byte = unsafe text[offset]
            if byte == 0x5D { return colons > 0 ? offset &+ 1 : nil }
            if byte == Byte.colon { colons &+= 1 }
            guard
                unsafe byte == Byte.colon || byte == 0x2E
                    || classes[Int(byte)] & ByteClasses.hexDigit != 0
            else { return nil }
        }
        return nil
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
