/// An answer in HTTP/1.1 that was read to its end.
///
/// Source: RFC 9112 §4, §6 and §7.1.
struct HTTPAnswer {
    let status: Int
    let contentType: String
    let isChunked: Bool
    /// Nil when the answer does not say.
    let contentLength: Int?
    let body: [UInt8]

    init(_ bytes: [UInt8]) throws(QueryClientError) {
        let answer = try HTTPAnswer(head: bytes[...])
        guard let head = HTTPAnswer.head(bytes) else { throw .malformed }
        let rest = bytes[head.end...]
        if answer.isChunked {
            guard let body = HTTPAnswer.chunks(rest) else { throw .malformed }
            self.init(answer, body: body)
        } else if let count = answer.contentLength {
            guard rest.count >= count else { throw .malformed }
            self.init(answer, body: Array(rest.prefix(count)))
        } else {
            self.init(answer, body: Array(rest))
        }
    }

    private init(_ head: HTTPAnswer, body: [UInt8]) {
        status = head.status
        contentType = head.contentType
        isChunked = head.isChunked
        contentLength = head.contentLength
        self.body = body
    }

    /// An answer of which only the head is here, whole.
    init(head bytes: ArraySlice<UInt8>) throws(QueryClientError) {
        guard let head = HTTPAnswer.head(Array(bytes)) else { throw .malformed }
        let words = head.lines[0].split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw .malformed
        }
        self.status = status
        contentType = head.field("content-type") ?? ""
        isChunked = head.field("transfer-encoding")?.lowercased() == "chunked"
        if let length = head.field("content-length") {
            guard let count = Int(length), count >= 0 else { throw .malformed }
            contentLength = count
        } else {
            contentLength = nil
        }
        body = []
    }

    /// The content type without its parameters.
    var mediaType: String { String(contentType.split(separator: ";").first ?? "") }

    /// Whether the body is a GraphQL answer, be it one with an error's status.
    var isGraphQL: Bool {
        ["application/json", "application/graphql-response+json"].contains(mediaType)
    }

    /// The body, if it is a GraphQL answer. A server that could not execute the operation answers
    /// with an error's status and a body that says why.
    func graphQLBody() throws(QueryClientError) -> [UInt8] {
        guard isGraphQL else { throw .status(status) }
        return body
    }

    /// Whether the bytes are a whole answer whose length is known.
    static func isComplete(_ bytes: [UInt8]) -> Bool {
        guard let head = head(bytes), let length = head.field("content-length") else {
            return false
        }
        return Int(length).map { bytes.count - head.end >= $0 } ?? false
    }

    private struct Head {
        let lines: [String]
        /// Where the body begins.
        let end: Int

        func field(_ name: String) -> String? {
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name {
                    let value = parts[1].drop { $0 == " " || $0 == "\t" }
                    return String(value)
                }
            }
            return nil
        }
    }

    private static func head(_ bytes: [UInt8]) -> Head? {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        guard let range = bytes.firstRange(of: end) else { return nil }
        let text = String(decoding: bytes[..<range.lowerBound], as: UTF8.self)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        return Head(lines: lines.map(String.init), end: range.upperBound)
    }

    private static func chunks(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var rest = bytes
        var body: [UInt8] = []
        while true {
            guard let line = rest.firstRange(of: [0x0D, 0x0A]) else { return nil }
            let text = String(decoding: rest[..<line.lowerBound], as: UTF8.self)
            guard let count = Int(text.prefix { $0 != ";" }, radix: 16), count >= 0 else {
                return nil
            }
            rest = rest[line.upperBound...]
            if count == 0 { return body }
            guard rest.count >= count, rest.count - count >= 2 else { return nil }
            body += rest.prefix(count)
            rest = rest.dropFirst(count + 2)
        }
    }
}
