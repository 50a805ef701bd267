import HTTP

/// The name that one request has in logs, the client's and the server's.
///
/// A client's own is taken when it is sensible, and repeated in the answer. Otherwise one is made for
/// what a log may have to tell of: operations that leave the event loop. What the loop answers by
/// itself stays without, so that it costs nothing.
enum RequestID {
    static let header: StaticString = "X-Request-Id"
    private static let byteCountMax = 128

    /// The one that the client has sent; nil when there is none, or it is not fit for a log.
    static func given(in request: Request) -> String? {
        guard let bytes = unsafe request.header("x-request-id") else { return nil }
        guard bytes.count > 0, bytes.count <= byteCountMax, unsafe bytes.allSatisfy(isSafe) else {
            return nil
        }
        return unsafe String(decoding: bytes, as: UTF8.self)
    }

    private static func isSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "/"), UInt8(ascii: "+"),
            UInt8(ascii: "="), UInt8(ascii: "@"):
            true
        default: false
        }
    }

    /// A new one: 16 hexadecimal digits.
    static func make() -> String {
        let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The client's, or a new one that the answer will say.
    static func given(in request: Request, orAddedTo exchange: Exchange) -> String {
        if let given = given(in: request) { return given }
        let made = make()
        add(made, to: exchange)
        return made
    }

    /// Says it in the answer.
    static func add(_ id: String, to exchange: Exchange) {
        var id = id
        id.withUTF8 { unsafe exchange.header(header, UnsafeRawBufferPointer($0)) }
    }
}
