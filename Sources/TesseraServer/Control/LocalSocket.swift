import Glibc

/// A stream between two processes of this machine, by a socket that lies in a data directory.
///
/// Calls block. A name in the file system has at most 107 bytes in a socket's address, so the
/// directory is named by a descriptor: data directories may lie as deep as they like.
final class LocalSocket: Sendable {
    enum Problem: Error, Equatable, CustomStringConvertible {
        /// Nobody listens.
        case refused
        /// The other side has gone, or said nothing for too long.
        case broken
        /// A line is longer than what the protocol allows.
        case tooLong
        case system(String, CInt)

        var description: String {
            switch self {
            case .refused: "nobody listens"
            case .broken: "the connection is broken"
            case .tooLong: "a line is too long"
            case .system(let call, let code):
                unsafe "\(call): \(String(cString: strerror(code)))"
            }
        }
    }

    /// The name of the socket in its data directory.
    static let name = "control.sock"

    private let descriptor: CInt

    init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    // MARK: Both ends

    /// Connects to the server that has the data directory open.
    static func connect(directory: String) throws(Problem) -> LocalSocket {
        let socket = try make()
        let result = unsafe try withAddress(directory) { address, length in
            unsafe Glibc.connect(socket.descriptor, address, length)
        }
        guard result == 0 else { throw .refused }
        return socket
    }

    /// Listens in a data directory, which the caller has locked: a socket that is left there from
    /// an earlier process is replaced. Only the owner can connect.
    static func listen(directory: String) throws(Problem) -> LocalSocket {
        let path = directory + "/" + name
        unsafe unlink(path)
        let socket = try make()
        let result = unsafe try withAddress(directory) { address, length in
            unsafe bind(socket.descriptor, address, length)
        }
        guard result == 0 else { throw .system("bind", errno) }
        guard unsafe chmod(path, 0o600) == 0 else { throw .system("chmod", errno) }
        guard Glibc.listen(socket.descriptor, 8) == 0 else { throw .system("listen", errno) }
        return socket
    }

    private static func make() throws(Problem) -> LocalSocket {
        let descriptor = socket(
            AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno) }
        return LocalSocket(descriptor)
    }

    private static func withAddress(
        _ directory: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(Problem) -> CInt {
        let folder = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .refused }
        defer { close(folder) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(folder)/\(name)".utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            for (place, byte) in path.enumerated() where place < room.count - 1 {
                unsafe room[place] = byte
            }
        }
        return unsafe withUnsafeBytes(of: &address) { bytes in
            guard let base = bytes.baseAddress else { return -1 }
            return unsafe body(
                base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// The next client; nil once ``shutDown()`` was called.
    func accept() -> LocalSocket? {
        while true {
            let client = Glibc.accept(descriptor, nil, nil)
            if client >= 0 {
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                return LocalSocket(client)
            }
            if errno == EINTR || errno == ECONNABORTED { continue }
            // Without a descriptor left, the next client is waited for all the same.
            if errno == EMFILE || errno == ENFILE {
                usleep(100_000)
                continue
            }
            return nil
        }
    }

    /// Ends every call on this socket, on whatever thread it waits.
    func shutDown() {
        shutdown(descriptor, CInt(SHUT_RDWR))
    }

    /// How long one call may wait.
    func setPatience(receiveSeconds: Int, sendSeconds: Int) {
        for (option, seconds) in [(SO_RCVTIMEO, receiveSeconds), (SO_SNDTIMEO, sendSeconds)] {
            var limit = timeval(tv_sec: seconds, tv_usec: 0)
            unsafe setsockopt(
                descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    // MARK: Bytes

    func send(_ bytes: [UInt8]) throws(Problem) {
        let isSent = unsafe bytes.withUnsafeBytes { unsafe sendAll($0) }
        if !isSent { throw .broken }
    }

    func send(_ bytes: UnsafeRawBufferPointer) throws(Problem) {
        if unsafe !sendAll(bytes) { throw .broken }
    }

    private func sendAll(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var offset = 0
        while offset < bytes.count {
            let count = unsafe Glibc.send(
                descriptor, base + offset, bytes.count - offset, CInt(MSG_NOSIGNAL))
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return false }
            offset += count
        }
        return true
    }

    /// At least one byte into the room.
    fileprivate func receive(into room: inout [UInt8]) throws(Problem) -> Int {
        while true {
            let count = unsafe recv(descriptor, &room, room.count, 0)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { throw .broken }
            return count
        }
    }
}

/// Reads lines, and bytes between them, from a socket.
final class LineReader {
    private let socket: LocalSocket
    private var room = [UInt8](repeating: 0, count: 1 << 16)
    private var unread: ArraySlice<UInt8> = []

    init(_ socket: LocalSocket) {
        self.socket = socket
    }

    /// The next line, without its line feed.
    func readLine(byteCountMax: Int) throws(LocalSocket.Problem) -> [UInt8] {
        var line: [UInt8] = []
        while true {
            if let end = unread.firstIndex(of: 0x0A) {
                line += unread[..<end]
                unread = unread[(end + 1)...]
                guard line.count <= byteCountMax else { throw .tooLong }
                return line
            }
            line += unread
            unread = []
            guard line.count <= byteCountMax else { throw .tooLong }
            try fill()
        }
    }

    /// The next so many bytes, in pieces.
    func readBytes(
        _ count: Int, _ body: (UnsafeRawBufferPointer) throws(LocalSocket.Problem) -> Void
    ) throws(LocalSocket.Problem) {
        var left = count
        while left > 0 {
            if unread.isEmpty { try fill() }
            let piece = unread.prefix(left)
            try unsafe piece.span.withUnsafeBytes { bytes throws(LocalSocket.Problem) in
                try unsafe body(bytes)
            }
            unread = unread.dropFirst(piece.count)
            left -= piece.count
        }
    }

    private func fill() throws(LocalSocket.Problem) {
        let count = try socket.receive(into: &room)
        unread = room[..<count]
    }
}
