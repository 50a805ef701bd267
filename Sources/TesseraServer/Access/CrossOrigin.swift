import HTTP

/// Which pages of other origins may read answers: CORS.
///
/// A page of another origin gets no header, so that its browser keeps the answer from it. There are
/// no cookies, so no origin is ever allowed credentials.
///
/// Source: the Fetch standard, "CORS protocol".
struct CrossOrigin: Equatable, Sendable {
    /// In the form in which browsers send them.
    private let origins: [[UInt8]]
    private let allowsAll: Bool

    struct Malformed: Error, Equatable {
        let origin: String
    }

    /// - Parameter origins: `https://app.example`, with a port unless it is the usual one; or `*`.
    /// - Returns: nil for no origins.
    init?(_ origins: [String]) throws(Malformed) {
        guard !origins.isEmpty else { return nil }
        for origin in origins where origin != "*" && !CrossOrigin.isOrigin(origin) {
            throw Malformed(origin: origin)
        }
        allowsAll = origins.contains("*")
        self.origins = origins.map { Array($0.utf8) }
    }

    /// Scheme, host and perhaps a port, as browsers write them: nothing else would ever match.
    private static func isOrigin(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard 2...3 ~= parts.count, text.hasPrefix("http://") || text.hasPrefix("https://") else {
            return false
        }
        let host = parts[1].dropFirst(2)
        let isHost = host.allSatisfy { byte in
            0x61...0x7A ~= byte || 0x30...0x39 ~= byte || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".")
        }
        guard !host.isEmpty, isHost else { return false }
        guard parts.count == 3 else { return true }
        let port = String(decoding: Array(parts[2]), as: UTF8.self)
        guard let number = UInt16(port), String(number) == port else { return false }
        return number != (text.hasPrefix("http://") ? 80 : 443)
    }

    // MARK: Answers

    private static let methods: StaticString = "GET, HEAD, POST"
    private static let requestHeaders: StaticString = """
        accept, apollographql-client-name, apollographql-client-version, authorization, \
        content-type, graphql-cost, idempotency-key, x-request-id
        """
    private static let answerHeaders: StaticString =
        "GraphQL-Cost, Retry-After, Tessera-Version-Seq, WWW-Authenticate, X-Request-Id"
    /// Seconds. Reason: two hours are the most that every browser takes.
    private static let ageSecondsMax = 7_200

    private func isAllowed(_ origin: UnsafeRawBufferPointer) -> Bool {
        if allowsAll { return true }
        return origins.contains { unsafe origin.elementsEqual($0) }
    }

    /// Adds what an answer to this request has to say on origins.
    ///
    /// - Returns: whether that was all: the request was a browser's question whether a page may
    ///   send another one, and has been answered.
    func answer(_ request: Request, _ exchange: Exchange) -> Bool {
        // What is stored under one origin must not be given to another.
        if !allowsAll { exchange.header("Vary", "Origin") }
        guard let origin = unsafe request.header("origin"), !request.isRepeated("origin") else {
            return false
        }
        let isAllowed = unsafe isAllowed(origin)
        if isAllowed {
            if allowsAll {
                exchange.header("Access-Control-Allow-Origin", "*")
            } else {
                unsafe exchange.header("Access-Control-Allow-Origin", origin)
            }
        }
        guard request.method == .options,
            unsafe request.header("access-control-request-method") != nil
        else {
            if isAllowed {
                exchange.header("Access-Control-Expose-Headers", CrossOrigin.answerHeaders)
            }
            return false
        }
        if isAllowed {
            exchange.header("Access-Control-Allow-Methods", CrossOrigin.methods)
            exchange.header("Access-Control-Allow-Headers", CrossOrigin.requestHeaders)
            exchange.header("Access-Control-Max-Age", CrossOrigin.ageSecondsMax)
        }
        exchange.respond(status: .noContent, contentType: "", body: "")
        return true
    }
}
