import Bytes
import Glibc
import JSON
import Synchronization

/// Answers the commands of other processes on the socket of a data directory.
///
/// A thread accepts, and each client has one of its own, of which there are a few at most: who comes
/// when all are taken is told so.
final class ControlServer: Sendable {
    /// Clients at the same time. Reason: an export or two, an import, and room for a snapshot.
    private static let clientCountMax = 8
    /// A client sends its request, and takes what it was sent, within this time.
    private static let patienceSeconds = 10
    private static let sendPatienceSeconds = 60

    private struct Clients {
        var sockets: [ObjectIdentifier: LocalSocket] = [:]
        var isStopped = false
    }

    private let listener: LocalSocket
    private let path: String
    private let makeAccess: @Sendable () -> any DataAccess
    private let reloadKeys: @Sendable () throws(CommandError) -> Void
    private let keyUses: @Sendable () -> [String: Int64]
    private let clients = Mutex(Clients())

    /// Listens in a data directory that this process has locked.
    ///
    /// - Parameters:
    ///   - reloadKeys: called when the file of access keys has been changed.
    ///   - keyUses: when each key was last accepted, in milliseconds since 1970-01-01T00:00:00Z.
    ///   - makeAccess: makes what a client's thread works with; called on that thread.
    init(
        directory: String, reloadKeys: @escaping @Sendable () throws(CommandError) -> Void = {},
        keyUses: @escaping @Sendable () -> [String: Int64] = { [:] },
        makeAccess: @escaping @Sendable () -> any DataAccess
    ) throws(LocalSocket.Problem) {
        listener = try LocalSocket.listen(directory: directory)
        path = directory + "/" + LocalSocket.name
        self.makeAccess = makeAccess
        self.reloadKeys = reloadKeys
        self.keyUses = keyUses
    }

    func start() throws(LocalSocket.Problem) {
        do throws(SystemThread.Refusal) {
            try SystemThread.start { [self] in
                while let client = listener.accept() { take(client) }
            }
        } catch {
            throw .system("pthread_create", error.code)
        }
    }

    /// Hangs up on all clients, and takes no more.
    func stop() {
        unsafe unlink(path)
        listener.shutDown()
        let sockets = clients.withLock { clients in
            clients.isStopped = true
            return Array(clients.sockets.values)
        }
        for socket in sockets { socket.shutDown() }
    }

    private func take(_ client: LocalSocket) {
        client.setPatience(
            receiveSeconds: ControlServer.patienceSeconds,
            sendSeconds: ControlServer.sendPatienceSeconds)
        let isTaken = clients.withLock { clients in
            guard !clients.isStopped, clients.sockets.count < ControlServer.clientCountMax else {
                return false
            }
            clients.sockets[ObjectIdentifier(client)] = client
            return true
        }
        guard isTaken else { return ControlServer.turnAway(client) }
        do throws(SystemThread.Refusal) {
            try SystemThread.start { [self] in
                answer(client)
                forget(client)
            }
        } catch {
            forget(client)
            ControlServer.turnAway(client)
        }
    }

    private func forget(_ client: LocalSocket) {
        clients.withLock { _ = $0.sockets.removeValue(forKey: ObjectIdentifier(client)) }
    }

    /// What a client is told when there are too many others.
    static let busy = CommandError(
        .failure, "the server is busy with other commands", hint: "try again in a moment")

    private static func turnAway(_ client: LocalSocket) { reply(.error(busy), to: client) }

    private func answer(_ client: LocalSocket) {
        let line: [UInt8]
        do throws(LocalSocket.Problem) {
            line = try LineReader(client).readLine(byteCountMax: ControlRequest.byteCountMax)
        } catch {
            return
        }
        guard let request = ControlRequest(line) else {
            let error = CommandError(
                .usage, "the server does not know this command",
                hint: "are both of the same version?")
            return ControlServer.reply(.error(error), to: client)
        }
        do throws(CommandError) {
            ControlServer.reply(.done(try run(request, client)), to: client)
        } catch {
            ControlServer.reply(.error(error), to: client)
        }
    }

    private func run(
        _ request: ControlRequest, _ client: LocalSocket
    ) throws(CommandError) -> JSONValue {
        switch request {
        case .reloadKeys:
            try reloadKeys()
            return [:]
        case .keyUses: return .object(keyUses().map { .init($0.key, .integer($0.value)) })
        default: break
        }
        let access = makeAccess()
        switch request {
        case .reloadKeys, .keyUses: return [:]
        case .checkKey(let viewer):
            try access.checkKey(viewer)
            return [:]
        case .snapshot: return try access.snapshot().json
        case .backup(let path): return try access.backup(to: path).json
        case .importTable(let order):
            return try access.importTable(order) { progress throws(CommandError) in
                try ControlServer.send(.progress(progress), to: client)
            }.json
        case .export(let order):
            return try unsafe access.export(order) { name, rows throws(CommandError) in
                try ControlServer.send(.table(name, rows: rows), to: client)
            } write: { bytes throws(CommandError) in
                try unsafe ControlServer.send(bytes, to: client)
            }.json
        case .table(let order):
            return try unsafe access.table(order) { bytes throws(CommandError) in
                try unsafe ControlServer.send(bytes, to: client)
            }.json
        case .query(let body):
            return .string(String(decoding: try access.query(body), as: UTF8.self))
        }
    }

    private static func send(
        _ bytes: UnsafeRawBufferPointer, to client: LocalSocket
    ) throws(CommandError) {
        try send(.bytes(bytes.count), to: client)
        do throws(LocalSocket.Problem) {
            try unsafe client.send(bytes)
        } catch {
            throw CommandError(.failure, "the client has hung up")
        }
    }

    private static func send(
        _ reply: ControlReply, to client: LocalSocket
    ) throws(CommandError) {
        do throws(LocalSocket.Problem) {
            try client.send(Array((reply.json.description + "\n").utf8))
        } catch {
            throw CommandError(.failure, "the client has hung up")
        }
    }

    /// Sends the line that ends a reply. Whoever has hung up does not miss it.
    private static func reply(_ reply: ControlReply, to client: LocalSocket) {
        _ = Result { () throws(CommandError) in try send(reply, to: client) }
    }
}
