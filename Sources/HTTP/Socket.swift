import CLinux
import Glibc

/// A file descriptor that is closed once, when its owner goes away.
struct Descriptor: ~Copyable, Sendable {
    /// The number; negative for none.
    let raw: Int32

    init(_ raw: Int32) { self.raw = raw }

    deinit {
        if raw >= 0 { _ = Glibc.close(raw) }
    }

    /// Gives the number away without closing it.
    consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }
}

/// The calls of the system on sockets, thin: what they return is a count or a negative `errno`.
enum Socket {
    static let wouldBlock = -Int(EAGAIN)

    /// Reads what has come, up to the size of `room`; 0 when the peer sends no more.
    static func receive(_ raw: Int32, _ room: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let count = unsafe recv(raw, room.baseAddress, room.count, 0)
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Hands bytes to the kernel, as many as it takes.
    ///
    /// - Parameter isMoreComing: let them wait for those of the next call, to share a packet.
    static func send(
        _ raw: Int32, _ bytes: UnsafeRawBufferPointer, isMoreComing: Bool = false
    ) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | (isMoreComing ? Int32(MSG_MORE) : 0)
        while true {
            let count = unsafe Glibc.send(raw, bytes.baseAddress, bytes.count, flags)
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Bytes that were sent and that the peer's system has not taken; 0 when that is not known.
    static func untakenByteCount(_ raw: Int32) -> Int {
        max(0, Int(unacknowledged_byte_count(raw)))
    }

    /// Makes closing throw away what is unsent and reset the connection, so that its end cannot be
    /// taken for the end of an answer.
    static func resetWhenClosed(_ raw: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            raw, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Tells the peer that nothing more will be sent.
    static func shutdownSending(_ raw: Int32) {
        _ = shutdown(raw, Int32(SHUT_WR))
    }

    /// Takes the next connection, which does not block.
    static func accept(_ listener: Int32) -> Int32 {
        accept4(listener, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
    }

    // MARK: Listening

    /// Bytes of a connection that the system takes before its client has room for them. Reason: the
    /// system alone would take some megabytes of answers that nobody reads; what is on its way to a
    /// client that reads does not count.
    private static let unsentBytesMax: Int32 = 512 * 1024

    /// Listens on an address; accepted sockets inherit the options.
    ///
    /// - Returns: the listener, which does not block.
    static func listen(host: String, port: UInt16) throws(HTTPServerError) -> Descriptor {
        var name = host
        if name.hasPrefix("[") && name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        if name == "localhost" { name = "127.0.0.1" }

        var four = sockaddr_in()
        if unsafe inet_pton(AF_INET, name, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            return try unsafe listen(&four, MemoryLayout<sockaddr_in>.size, AF_INET, host, port)
        }
        var six = sockaddr_in6()
        if unsafe inet_pton(AF_INET6, name, &six.sin6_addr) == 1 {
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            return try unsafe listen(&six, MemoryLayout<sockaddr_in6>.size, AF_INET6, host, port)
        }
        throw .cannotResolve(host: host)
    }

    @unsafe
    private static func listen(
        _ address: UnsafeRawPointer, _ byteCount: Int, _ family: Int32, _ host: String,
        _ port: UInt16
    ) throws(HTTPServerError) -> Descriptor {
        let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let listener = Descriptor(socket(family, Int32(kind), 0))
        guard listener.raw >= 0 else { throw failure("socket", host, port) }
        var one: Int32 = 1
        let oneSize = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe setsockopt(listener.raw, SOL_SOCKET, SO_REUSEADDR, &one, oneSize)
        _ = unsafe setsockopt(listener.raw, Int32(IPPROTO_TCP), TCP_NODELAY, &one, oneSize)
        var unsent = unsentBytesMax
        _ = unsafe setsockopt(
            listener.raw, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, &unsent, oneSize)
        let bound = unsafe bind(
            listener.raw, address.assumingMemoryBound(to: sockaddr.self), socklen_t(byteCount))
        guard bound == 0 else { throw failure("bind", host, port) }
        guard Glibc.listen(listener.raw, SOMAXCONN) == 0 else {
            throw failure("listen", host, port)
        }
        return listener
    }

    /// The port that a listener got. It is at the same place in IPv4 and IPv6 addresses.
    static func port(of raw: Int32) throws(HTTPServerError) -> UInt16 {
        var address = sockaddr_in6()
        var byteCount = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutableBytes(of: &address) { bytes in
            unsafe getsockname(
                raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), &byteCount)
        }
        guard result == 0 else { throw .system(call: "getsockname", errno: errno) }
        return UInt16(bigEndian: address.sin6_port)
    }

    /// The error for `errno`.
    static func failure(_ call: String, _ host: String, _ port: UInt16) -> HTTPServerError {
        switch errno {
        case EADDRINUSE: .addressInUse(host: host, port: port)
        case EADDRNOTAVAIL: .addressNotAvailable(host: host)
        case EACCES, EPERM: .permissionDenied(host: host, port: port)
        case EMFILE, ENFILE: .descriptorsExhausted
        default: .system(call: call, errno: errno)
        }
    }
}
