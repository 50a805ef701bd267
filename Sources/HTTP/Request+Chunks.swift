/// Where the decoding of a chunked body is. Offsets count from the first byte of the request.
struct ChunkProgress {
    enum Expectation: UInt8 { case size, data, dataEnd, trailer }

    var expectation = Expectation.size
    /// The next byte to read, and where the next decoded byte goes; never ahead of it.
    var read = 0
    var write = 0
    /// Bytes left of the present chunk.
    var remaining = 0
    var extensionByteCount = 0
    var trailerByteCount = 0
}

/// Decoding a chunked body in place: each chunk's data moves down to the end of the data before.
///
/// Source: RFC 9112 §7.1.
extension Request {
    /// Begins right after the head.
    func beginChunks() {
        chunks.read = headByteCount
        chunks.write = headByteCount
        scan = headByteCount
    }

    /// Goes on decoding.
    ///
    /// - Parameters:
    ///   - bytes: the first byte of the request.
    ///   - count: how many bytes are here, those decoded before included.
    /// - Returns: whether the body is whole; `chunks.read` is then the first byte after it.
    @unsafe
    func decodeChunks(
        _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ classes: UnsafePointer<UInt8>,
        _ limits: HTTPLimits
    ) throws(Rejection) -> Bool {
        while true {
            switch chunks.expectation {
            case .size:
                guard
                    let end = try unsafe findLineEnd(
                        bytes, count, last: chunks.read &+ limits.chunkLineBytesMax,
                        Rejection(.badRequest, "The line of a chunk's size is too long."))
                else { return false }
                let size = try unsafe parseChunkLine(bytes, end, classes, limits)
                chunks.read = end &+ 2
                scan = chunks.read
                chunks.remaining = size
                chunks.expectation = size == 0 ? .trailer : .data
            case .data:
                let here = min(chunks.remaining, count &- chunks.read)
                if chunks.write != chunks.read && here > 0 {
                    unsafe UnsafeMutableRawPointer(bytes + chunks.write)
                        .copyMemory(from: bytes + chunks.read, byteCount: here)
                }
                chunks.read &+= here
                chunks.write &+= here
                chunks.remaining &-= here
                guard chunks.remaining == 0 else { return false }
                chunks.expectation = .dataEnd
            case .dataEnd:
                guard chunks.read < count else { return false }
                guard unsafe bytes[chunks.read] == Byte.carriageReturn else {
                    throw Rejection(.badRequest, "A chunk must end in CR LF.")
                }
                guard chunks.read &+ 1 < count else { return false }
                guard unsafe bytes[chunks.read &+ 1] == Byte.lineFeed else {
                    throw Rejection(.badRequest, "A chunk must end in CR LF.")
                }
                chunks.read &+= 2
                scan = chunks.read
                chunks.expectation = .size
            case .trailer:
                guard let isLast = try unsafe skipTrailer(bytes, count, classes, limits) else {
                    return false
                }
                if isLast {
                    bodyByteCount = chunks.write &- headByteCount
                    return true
                }
            }
        }
    }

    /// Closes the gap between decoded and unread bytes, so that an incomplete body takes no more
    /// memory than what it holds.
    ///
    /// - Returns: by how many bytes the unread ones moved down.
    @unsafe
    func closeChunkGap(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        let gap = chunks.read &- chunks.write
        guard gap > 0 else { return 0 }
        unsafe UnsafeMutableRawPointer(bytes + chunks.write)
            .copyMemory(from: bytes + chunks.read, byteCount: count &- chunks.read)
        chunks.read &-= gap
        scan = max(chunks.read, scan &- gap)
        return gap
    }

    // MARK: Lines

    /// Size and extensions of a chunk.
    @unsafe
    private func parseChunkLine(
        _ bytes: UnsafePointer<UInt8>, _ end: Int, _ classes: UnsafePointer<UInt8>,
        _ limits: HTTPLimits
    ) throws(Rejection) -> Int {
        let sizeMax = limits.bodyBytesMax &- (chunks.write &- headByteCount)
        var size = 0
        var offset = chunks.read
        while unsafe classes[Int(bytes[offset])] & ByteClasses.hexDigit != 0 {
            let byte = unsafe bytes[offset]
            let digit = byte <= 0x39 ? byte &- 0x30 : (byte | 0x20) &- 0x61 &+ 10
            // Sizes above the limit need no exact value, and so cannot overflow.
            size = size > sizeMax ? size : size &* 16 &+ Int(digit)
            offset &+= 1
        }
        guard offset > chunks.read else {
            throw Rejection(.badRequest, "The size of a chunk is not valid.")
        }
        try unsafe checkExtensions(bytes, offset, end, classes)
        chunks.extensionByteCount &+= end &- offset
        guard chunks.extensionByteCount <= limits.chunkExtensionBytesMax else {
            throw Rejection(.contentTooLarge, "There are too many chunk extensions.")
        }
        guard size <= sizeMax else {
            throw Rejection(.contentTooLarge, "The body is too large.")
        }
        return size
    }

    /// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, and nothing else.
    ///
    /// Source: RFC 9112 §7.1.1.
    @unsafe
    private func checkExtensions(
        _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ classes: UnsafePointer<UInt8>
    ) throws(Rejection) {
        let invalid = Rejection(.badRequest, "A chunk extension is not valid.")
        var offset = start
        func skipBlanks() { while unsafe isBlank(bytes[offset]) { offset &+= 1 } }
        func skipToken() -> Bool {
            let first = offset
            while unsafe classes[Int(bytes[offset])] & ByteClasses.token != 0 { offset &+= 1 }
            return offset > first
        }
        // Every loop stops at the CR at `end`, which is neither blank nor in a token.
        while offset < end {
            skipBlanks()
            guard unsafe bytes[offset] == Byte.semicolon else { throw invalid }
            offset &+= 1
            skipBlanks()
            guard skipToken() else { throw invalid }
            let nameEnd = offset
            skipBlanks()
            guard unsafe bytes[offset] == Byte.equals else {
                offset = nameEnd
                continue
            }
            offset &+= 1
            skipBlanks()
            if unsafe bytes[offset] == Byte.quote {
                guard let after = unsafe quotedEnd(bytes, offset, end) else { throw invalid }
                offset = after
            } else {
                guard skipToken() else { throw invalid }
            }
        }
    }

    /// The offset after the quoted string that begins at `start`, `nil` when it does not end.
    @unsafe
    private func quotedEnd(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int? {
        var offset = start &+ 1
        while offset < end {
            let byte = unsafe bytes[offset]
            if byte == Byte.quote { return offset &+ 1 }
            offset &+= byte == Byte.backslash ? 2 : 1
        }
        return nil
    }

    /// Checks one line after the last chunk and forgets it.
    ///
    /// - Returns: whether it was the empty line that ends the body; `nil` when it is not whole.
    @unsafe
    private func skipTrailer(
        _ bytes: UnsafePointer<UInt8>, _ count: Int, _ classes: UnsafePointer<UInt8>,
        _ limits: HTTPLimits
    ) throws(Rejection) -> Bool? {
        guard chunks.read < count else { return nil }
        if unsafe bytes[chunks.read] == Byte.carriageReturn {
            guard chunks.read &+ 1 < count else { return nil }
            guard unsafe bytes[chunks.read &+ 1] == Byte.lineFeed else {
                throw Rejection(.badRequest, "A CR must be followed by LF.")
            }
            chunks.read &+= 2
            return true
        }
        let room = limits.trailerBytesMax &- chunks.trailerByteCount
        guard
            let end = try unsafe findLineEnd(
                bytes, count, last: chunks.read &+ room &- 2,
                Rejection(.headersTooLarge, "The trailers are too large."))
        else { return nil }
        _ = try unsafe Request.splitField(bytes, chunks.read, end, classes)
        chunks.trailerByteCount &+= end &+ 2 &- chunks.read
        chunks.read = end &+ 2
        scan = chunks.read
        return false
    }
}
