/// The proxies whose word counts for where a client is.
///
/// Each proxy appends to `X-Forwarded-For` the address that asked it. So the list is believed from
/// its end, as long as the addresses are those of trusted proxies: the first that is not is the
/// client's, and what stands before it may be made up.
public struct TrustedProxies: Sendable, Equatable {
    /// Addresses that share their first bits.
    private struct Network: Sendable, Equatable {
        let bytes: [UInt8]
        let bitCount: Int

        func contains(_ address: RemoteAddress) -> Bool {
            guard address.bytes.count == bytes.count else { return false }
            let wholeCount = bitCount / 8
            guard address.bytes.prefix(wholeCount) == bytes.prefix(wholeCount) else { return false }
            let restCount = bitCount % 8
            guard restCount > 0 else { return true }
            return (address.bytes[wholeCount] ^ bytes[wholeCount]) >> UInt8(8 - restCount) == 0
        }
    }

    private let networks: [Network]

    /// A text that names no proxies.
    public struct Malformed: Error, Equatable {
        public let text: String
    }

    /// - Parameter texts: addresses such as `10.0.0.7`, networks such as `10.0.0.0/8` or `fd00::/8`,
    ///   or `loopback` for this machine.
    /// - Returns: nil for none.
    public init?(_ texts: [String]) throws(Malformed) {
        guard !texts.isEmpty else { return nil }
        var networks: [Network] = []
        for text in texts {
            if text == "loopback" {
                networks.append(Network(bytes: [127, 0, 0, 0], bitCount: 8))
                networks.append(
                    Network(bytes: [UInt8](repeating: 0, count: 15) + [1], bitCount: 128))
            } else if let network = TrustedProxies.network(text) {
                networks.append(network)
            } else {
                throw Malformed(text: text)
            }
        }
        self.networks = networks
    }

    private static func network(_ text: String) -> Network? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let address = RemoteAddress(text: Array(parts[0])) else { return nil }
        let bitCountMax = address.bytes.count * 8
        guard parts.count > 1 else { return Network(bytes: address.bytes, bitCount: bitCountMax) }
        let digits = String(decoding: Array(parts[1]), as: UTF8.self)
        guard parts.count == 2, let bitCount = Int(digits), String(bitCount) == digits,
            0...bitCountMax ~= bitCount
        else { return nil }
        return Network(bytes: address.bytes, bitCount: bitCount)
    }

    private func trusts(_ address: RemoteAddress) -> Bool {
        networks.contains { $0.contains(address) }
    }

    /// Where the client is that a request comes from.
    ///
    /// - Parameter peer: the other end of the connection.
    func client(of request: Request, peer: RemoteAddress) -> RemoteAddress {
        guard trusts(peer) else { return peer }
        var client = peer
        for hop in TrustedProxies.hops(of: request).reversed() {
            // A proxy that does not say where its client is stands for it.
            guard trusts(client), let hop else { return client }
            client = hop
        }
        return client
    }

    /// All lines of `X-Forwarded-For` as one list; nil for what is no address.
    private static func hops(of request: Request) -> [RemoteAddress?] {
        var hops: [RemoteAddress?] = []
        for index in 0..<request.headerCount {
            let header = unsafe request.header(at: index)
            guard unsafe equalsIgnoringCase(header.name, "x-forwarded-for") else { continue }
            unsafe forEachElement(of: header.value) { element in
                unsafe hops.append(address(Array(element)))
            }
        }
        return hops
    }

    /// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]` or `[2001:db8::7]:4711`.
    private static func address(_ text: [UInt8]) -> RemoteAddress? {
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            return RemoteAddress(text: Array(text[1..<end]))
        }
        let colonCount = text.count { $0 == Byte.colon }
        return RemoteAddress(text: colonCount == 1 ? Array(text.prefix { $0 != Byte.colon }) : text)
    }
}
