import Engine
import Glibc

/// An answer of a server as it comes: its head, then its body in pieces, whatever its framing.
///
/// Source: RFC 9112 §6.3 and §7.1.
struct AnswerStream {
    private enum Framing: Equatable {
        /// So many bytes are left.
        case length(Int)
        case chunks
        /// The body ends with the connection.
        case open
        case ended
    }

    private var unread: [UInt8] = []
    private var framing: Framing?
    /// Bytes left of the chunk at hand; nil where a chunk's size comes next.
    private var chunkLeft: Int?
    private(set) var head: HTTPAnswer?

    /// A head is at most this long.
    private static let headBytesMax = 64 << 10
    private static let sizeLineBytesMax = 1 << 10

    /// Whether the body has come to its end.
    var isEnded: Bool { framing == .ended }

    /// Takes bytes of the connection, and hands on those of the body.
    mutating func add(
        _ bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>) throws(CommandError) -> Void
    ) throws(CommandError) {
        unread += bytes
        if framing == nil { try readHead() }
        var rest = unread[...]
        unread = []
        while !rest.isEmpty {
            switch framing {
            case nil, .ended:
                if framing == nil { unread = Array(rest) }
                return
            case .open:
                try body(rest)
                return
            case .length(let left):
                let piece = rest.prefix(left)
                try body(piece)
                framing = left == piece.count ? .ended : .length(left - piece.count)
                rest = rest.dropFirst(piece.count)
            case .chunks:
                guard try readChunk(&rest, body) else {
                    unread = Array(rest)
                    return
                }
            }
        }
    }

    /// Takes the end of the connection.
    mutating func end() throws(CommandError) {
        if framing == .open { framing = .ended }
        guard framing == .ended else {
            throw CommandError(.failure, "the server's answer is cut off")
        }
    }

    private mutating func readHead() throws(CommandError) {
        guard let range = unread.firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) else {
            guard unread.count <= AnswerStream.headBytesMax else { throw AnswerStream.noHTTP }
            return
        }
        let answer: HTTPAnswer
        do throws(QueryClientError) {
            answer = try HTTPAnswer(head: unread[..<range.upperBound])
        } catch {
            throw AnswerStream.noHTTP
        }
        head = answer
        if answer.isChunked {
            framing = .chunks
        } else if let length = answer.contentLength {
            framing = length == 0 ? .ended : .length(length)
        } else {
            framing = .open
        }
        unread = Array(unread[range.upperBound...])
    }

    private static let noHTTP = CommandError(.failure, "the server's answer is not HTTP")

    /// - Returns: false when more bytes are needed.
    private mutating func readChunk(
        _ rest: inout ArraySlice<UInt8>,
        _ body: (ArraySlice<UInt8>) throws(CommandError) -> Void
    ) throws(CommandError) -> Bool {
        if let left = chunkLeft, left > 0 {
            let piece = rest.prefix(left)
            try body(piece)
            chunkLeft = left - piece.count
            rest = rest.dropFirst(piece.count)
            return true
        }
        if chunkLeft == 0 {
            // The line end behind a chunk.
            guard rest.count >= 2 else { return false }
            rest = rest.dropFirst(2)
            chunkLeft = nil
            return true
        }
        guard let line = rest.firstRange(of: [0x0D, 0x0A]) else {
            guard rest.count <= AnswerStream.sizeLineBytesMax else { throw AnswerStream.noHTTP }
            return false
        }
        let text = String(decoding: rest[..<line.lowerBound], as: UTF8.self)
        guard let count = Int(text.prefix { $0 != ";" }, radix: 16), count >= 0 else {
            throw AnswerStream.noHTTP
        }
        rest = rest[line.upperBound...]
        if count == 0 {
            // What follows are trailers at the most.
            framing = .ended
            rest = []
        } else {
            chunkLeft = count
        }
        return true
    }
}

extension QueryClient {
    /// Asks a server for a table and hands on its bytes as they come.
    func table(
        _ order: TableOrder, write: (ArraySlice<UInt8>) throws(CommandError) -> Void
    ) throws(CommandError) -> TableOutcome {
        let mediaType = order.format == .csv ? "text/csv" : "application/x-ndjson"
        var parameters: [String] = []
        if let explode = order.explode { parameters.append("explode=" + percentEncoded(explode)) }
        if order.excel { parameters.append("excel=1") }
        let connection: CInt
        do throws(QueryClientError) {
            connection = try open(
                order.request, accept: mediaType + ", application/graphql-response+json;q=0.5",
                parameters: parameters)
        } catch {
            throw error.commandError(url)
        }
        defer { close(connection) }
        var stream = AnswerStream()
        var counter = LineCounter(hasQuotes: order.format == .csv)
        var refusal: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while !stream.isEnded {
            let count = unsafe recv(connection, &block, block.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw QueryClientError.silent.commandError(url) }
            if count == 0 {
                do throws(CommandError) {
                    try stream.end()
                } catch {
                    return .broken(message: error.message, rows: counter.lineCount)
                }
                break
            }
            var pieces: [ArraySlice<UInt8>] = []
            try stream.add(block[..<count]) { pieces.append($0) }
            for piece in pieces {
                if stream.head?.mediaType == mediaType {
                    unsafe piece.span.withUnsafeBytes { unsafe counter.add($0) }
                    try write(piece)
                } else {
                    refusal += piece
                }
            }
        }
        guard let head = stream.head else { throw QueryClientError.malformed.commandError(url) }
        if head.mediaType == mediaType {
            return .finished(rows: counter.lineCount - (order.format == .csv ? 1 : 0))
        }
        guard head.isGraphQL else { throw QueryClientError.status(head.status).commandError(url) }
        return .refused(answer: refusal)
    }

    private func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            let letter = Character(UnicodeScalar(byte))
            guard letter.isASCII, letter.isLetter || letter.isNumber || "-._~".contains(letter)
            else {
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count < 2 ? "0" : "") + digits
            }
            return String(letter)
        }.joined()
    }
}
