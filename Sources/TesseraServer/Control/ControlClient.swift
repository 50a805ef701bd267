import Engine
import JSON

/// Asks the server that has a data directory open.
final class ControlClient: DataAccess {
    private let socket: LocalSocket
    private let reader: LineReader

    /// Nil when no server has the directory open.
    init?(directory: String) {
        guard let socket = try? LocalSocket.connect(directory: directory) else { return nil }
        self.socket = socket
        reader = LineReader(socket)
    }

    func snapshot() throws(CommandError) -> SnapshotOutcome {
        try outcome(of: .snapshot, SnapshotOutcome.init)
    }

    func backup(to path: String) throws(CommandError) -> BackupOutcome {
        try outcome(of: .backup(path: path), BackupOutcome.init)
    }

    func checkKey(_ viewer: Viewer) throws(CommandError) {
        _ = try ask(.checkKey(viewer))
    }

    func importTable(
        _ order: ImportOrder, onProgress: (ImportReportLine) throws(CommandError) -> Void
    ) throws(CommandError) -> ImportOutcome {
        let json = try ask(.importTable(order)) { reply throws(CommandError) in
            if case .progress(let progress) = reply { try onProgress(progress) }
        }
        guard let outcome = ImportOutcome(json) else { throw ControlClient.strange }
        return outcome
    }

    func export(
        _ order: ExportOrder, begin: (String, Int?) throws(CommandError) -> Void,
        write: (UnsafeRawBufferPointer) throws(CommandError) -> Void
    ) throws(CommandError) -> ExportOutcome {
        let json = try ask(.export(order)) { reply throws(CommandError) in
            switch reply {
            case .table(let name, let rows): try begin(name, rows)
            case .bytes(let count): try unsafe pass(count, to: write)
            case .progress, .done, .error: break
            }
        }
        guard let outcome = ExportOutcome(json) else { throw ControlClient.strange }
        return outcome
    }

    /// Returns when the server goes by what the file of access keys says now.
    func reloadKeys() throws(CommandError) {
        _ = try ask(.reloadKeys)
    }

    /// When keys were last accepted since the server has started, by their ids; in milliseconds since
    /// 1970-01-01T00:00:00Z.
    func keyUses() throws(CommandError) -> [String: Int64] {
        let members = try ask(.keyUses).members ?? []
        return Dictionary(
            members.compactMap { member in member.value.int64.map { (member.key, $0) } }
        ) { first, _ in first }
    }

    func query(_ body: [UInt8]) throws(CommandError) -> [UInt8] {
        guard let answer = try ask(.query(body)).string else { throw ControlClient.strange }
        return Array(answer.utf8)
    }

    func table(
        _ order: TableOrder, write: (UnsafeRawBufferPointer) throws(CommandError) -> Void
    ) throws(CommandError) -> TableOutcome {
        let json = try ask(.table(order)) { reply throws(CommandError) in
            if case .bytes(let count) = reply { try unsafe pass(count, to: write) }
        }
        guard let outcome = TableOutcome(json) else { throw ControlClient.strange }
        return outcome
    }

    // MARK: Lines

    static let gone = CommandError(
        .unreachable, "the server has hung up",
        hint: "did it stop? what was acknowledged so far is in its data directory")
    private static let strange = CommandError(
        .failure, "the server's reply was not understood", hint: "are both of the same version?")

    private func outcome<Outcome>(
        of request: ControlRequest, _ make: (JSONValue) -> Outcome?
    ) throws(CommandError) -> Outcome {
        guard let outcome = make(try ask(request)) else { throw ControlClient.strange }
        return outcome
    }

    private func ask(
        _ request: ControlRequest,
        _ body: (ControlReply) throws(CommandError) -> Void = { _ in }
    ) throws(CommandError) -> JSONValue {
        do throws(LocalSocket.Problem) {
            try socket.send(Array((request.json.description + "\n").utf8))
        } catch {
            throw ControlClient.gone
        }
        while true {
            switch try nextReply() {
            case .done(let report): return report
            case .error(let error): throw error
            case let reply: try body(reply)
            }
        }
    }

    private func nextReply() throws(CommandError) -> ControlReply {
        let line: [UInt8]
        do throws(LocalSocket.Problem) {
            line = try reader.readLine(byteCountMax: ControlReply.byteCountMax)
        } catch {
            throw ControlClient.gone
        }
        guard let reply = ControlReply(line) else { throw ControlClient.strange }
        return reply
    }

    /// Hands on the bytes that follow a line.
    private func pass(
        _ count: Int, to write: (UnsafeRawBufferPointer) throws(CommandError) -> Void
    ) throws(CommandError) {
        var problem: CommandError?
        do throws(LocalSocket.Problem) {
            try unsafe reader.readBytes(count) { bytes throws(LocalSocket.Problem) in
                do throws(CommandError) {
                    try unsafe write(bytes)
                } catch {
                    problem = error
                    throw .broken
                }
            }
        } catch {
            throw problem ?? ControlClient.gone
        }
    }
}
