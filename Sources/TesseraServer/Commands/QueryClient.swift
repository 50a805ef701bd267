import Glibc

/// Sends one request to a server over HTTP/1.1 and takes its answer.
///
/// No TLS, no redirects, no connection kept: enough to ask a server nearby.
struct QueryClient {
    let url: String
    private let host: String
    private let port: String
    private let path: String
    /// Header lines that show who asks, each with its CR LF.
    private let credential: String

    /// An answer is at most this long.
    private static let answerBytesMax = 256 << 20
    /// Time without a byte after which the server counts as gone.
    private static let silenceSeconds = 60

    /// - Parameter key: an access key or a token, for a server that wants to know who asks.
    init(_ url: String, key: String? = nil) throws(QueryClientError) {
        self.url = url
        guard key?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) != false else { throw .badKey }
        credential = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        guard let scheme = url.firstRange(of: "://"), url[..<scheme.lowerBound] == "http" else {
            throw .notHTTP
        }
        let rest = url[scheme.upperBound...]
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        guard !authority.isEmpty, !authority.contains("@"),
            url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { throw .badURL }
        path = slash == rest.endIndex ? "/graphql" : String(rest[slash...])
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw .badURL }
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            port = try QueryClient.port(authority[authority.index(after: end)...])
        } else {
            let colon = authority.firstIndex(of: ":") ?? authority.endIndex
            host = String(authority[..<colon])
            port = try QueryClient.port(authority[colon...])
        }
    }

    /// `:8080`, or nothing.
    private static func port(_ text: Substring) throws(QueryClientError) -> String {
        if text.isEmpty { return "80" }
        guard text.first == ":", let port = UInt16(text.dropFirst()) else { throw .badURL }
        return String(port)
    }

    /// Posts a JSON body, and returns the body of the answer if that is JSON, too.
    func post(_ body: [UInt8]) throws(QueryClientError) -> [UInt8] {
        let connection = try open(
            body, accept: "application/graphql-response+json, application/json;q=0.9")
        defer { close(connection) }
        return try HTTPAnswer(try receive(over: connection)).graphQLBody()
    }

    /// Posts a JSON body; the answer is still to be read.
    ///
    /// - Parameter parameters: for the query string.
    func open(
        _ body: [UInt8], accept: String, parameters: [String] = []
    ) throws(QueryClientError) -> CInt {
        let connection = try connect()
        let name = host.contains(":") ? "[\(host)]" : host
        let mark = path.contains("?") ? "&" : "?"
        let query = parameters.isEmpty ? "" : mark + parameters.joined(separator: "&")
        let head = [
            "POST \(path)\(query) HTTP/1.1", "Host: \(name):\(port)",
            "Content-Type: application/json; charset=utf-8", "Accept: \(accept)",
            "Content-Length: \(body.count)", "Connection: close", credential, "",
        ]
        do throws(QueryClientError) {
            try send(Array(head.joined(separator: "\r\n").utf8) + body, over: connection)
        } catch {
            close(connection)
            throw error
        }
        return connection
    }

    private func connect() throws(QueryClientError) -> CInt {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, port, &hints, &found) == 0 else { throw .unknownHost(host) }
        defer { unsafe freeaddrinfo(found) }
        var candidate = unsafe found
        while let address = unsafe candidate?.pointee {
            let descriptor = unsafe socket(
                address.ai_family, address.ai_socktype | CInt(SOCK_CLOEXEC.rawValue),
                address.ai_protocol)
            if descriptor >= 0 {
                var limit = timeval(tv_sec: QueryClient.silenceSeconds, tv_usec: 0)
                for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                    unsafe setsockopt(
                        descriptor, SOL_SOCKET, option, &limit,
                        socklen_t(MemoryLayout<timeval>.size))
                }
                if unsafe Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
                    return descriptor
                }
                close(descriptor)
            }
            unsafe candidate = unsafe address.ai_next
        }
        throw .refused
    }

    private func send(_ bytes: [UInt8], over connection: CInt) throws(QueryClientError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    connection, bytes.baseAddress.map { unsafe $0 + offset }, bytes.count - offset,
                    CInt(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            // The server may have answered and closed before it took everything.
            if count <= 0 { return }
            offset += count
        }
    }

    private func receive(over connection: CInt) throws(QueryClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe recv(connection, &block, block.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else {
                if HTTPAnswer.isComplete(bytes) { return bytes }
                throw .silent
            }
            if count == 0 { return bytes }
            bytes += block[..<count]
            guard bytes.count <= QueryClient.answerBytesMax else { throw .tooLong }
        }
    }
}

/// Why a server gave no answer to a query.
enum QueryClientError: Error, Equatable {
    case notHTTP
    case badURL
    /// Characters that no key has, and no header may have.
    case badKey
    case unknownHost(String)
    case refused
    case silent
    case tooLong
    /// Not an answer in HTTP, or cut off.
    case malformed
    /// An answer that is not GraphQL's.
    case status(Int)

    func commandError(_ url: String) -> CommandError {
        switch self {
        case .notHTTP:
            .usage("\(url) does not begin with http://", hint: "https is not supported")
        case .badURL: .usage("\(url) is no URL like http://127.0.0.1:8080/graphql")
        case .badKey: .usage("--key is no access key", hint: "\"tessera key create\" makes one")
        case .unknownHost(let host): CommandError(.unreachable, "there is no host \(host)")
        case .refused:
            CommandError(
                .unreachable, "no server can be reached at \(url)",
                hint: "does it run? \"tessera demo\" starts one")
        case .silent: CommandError(.unreachable, "the server at \(url) does not answer")
        case .tooLong: CommandError(.failure, "the answer of \(url) is too long")
        case .malformed: CommandError(.failure, "the answer of \(url) is not HTTP, or is cut off")
        case .status(let status):
            CommandError(
                .failure, "the answer of \(url) is not GraphQL, but HTTP status \(status)",
                hint: "is the path right? Tessera answers under /graphql")
        }
    }
}
