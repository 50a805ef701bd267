import Glibc

/// The IP address at the other end of a connection.
public struct RemoteAddress: Hashable, Sendable {
    /// 4 bytes, or 16. An IPv4 address inside an IPv6 one counts as what it is.
    ///
    /// Source: RFC 4291 §2.5.5.2.
    public let bytes: [UInt8]

    /// - Parameter bytes: 4 or 16 of them.
    public init?(bytes: [UInt8]) {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        switch bytes.count {
        case 4: self.bytes = bytes
        case 16: self.bytes = bytes.starts(with: mapped) ? Array(bytes.suffix(4)) : bytes
        default: return nil
        }
    }

    /// - Parameter text: `192.0.2.7` or `2001:db8::7`, in ASCII.
    public init?(text: [UInt8]) {
        guard text.count < Int(INET6_ADDRSTRLEN), !text.contains(0) else { return nil }
        let isSix = text.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isSix ? 16 : 4)
        let result = unsafe (text + [0]).withUnsafeBytes { text in
            unsafe inet_pton(
                isSix ? AF_INET6 : AF_INET, text.baseAddress?.assumingMemoryBound(to: CChar.self),
                &bytes)
        }
        guard result == 1 else { return nil }
        self.init(bytes: bytes)
    }

    /// The address that a socket is connected to; nil when it is connected to none.
    init?(ofPeer socket: Int32) {
        var storage = sockaddr_in6()
        var byteCount = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let bytes: [UInt8]? = unsafe withUnsafeMutableBytes(of: &storage) { room in
            let result = unsafe getpeername(
                socket, room.baseAddress?.assumingMemoryBound(to: sockaddr.self), &byteCount)
            guard result == 0 else { return nil }
            let family = unsafe room.load(as: sa_family_t.self)
            // The address follows family and port, and in IPv6 four bytes more.
            if family == sa_family_t(AF_INET) { return unsafe Array(room[4..<8]) }
            if family == sa_family_t(AF_INET6) { return unsafe Array(room[8..<24]) }
            return nil
        }
        guard let bytes else { return nil }
        self.init(bytes: bytes)
    }

    /// What one client can choose its address from: an IPv4 address, or the first half of an IPv6
    /// one.
    public var network: [UInt8] { bytes.count == 4 ? bytes : Array(bytes.prefix(8)) }

    /// `192.0.2.7`, `2001:db8::7`.
    public var text: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        let result = unsafe bytes.withUnsafeBytes { bytes in
            unsafe inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count))
        }
        guard unsafe result != nil else { return "" }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
