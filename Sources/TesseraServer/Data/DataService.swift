import Bytes
import Engine
import Glibc
import Store

/// Does what ``DataAccess`` promises, in the process that has the data directory open.
///
/// Belongs to one thread: a command's, or that of one client of the control socket.
final class DataService: DataAccess {
    private let directory: DataDirectory
    private let path: String
    private let context: EngineContext
    private let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - path: the data directory's, for messages.
    ///   - clock: milliseconds since 1970-01-01T00:00:00Z.
    init(
        _ directory: DataDirectory, path: String, _ context: EngineContext,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.directory = directory
        self.path = path
        self.context = context
        self.clock = clock
    }

    // MARK: Files

    func snapshot() throws(CommandError) -> SnapshotOutcome {
        do throws(DirectoryError) {
            return SnapshotOutcome(try directory.snapshot())
        } catch {
            throw commandError(error, path)
        }
    }

    func backup(to target: String) throws(CommandError) -> BackupOutcome {
        let start = ContinuousClock.now
        // Before anything is written: what cannot be copied is told of at once.
        let keys = try KeyFile(path: AccessOptions.keyPath(path)).copy()
        let disk = try openDisk(target, create: true)
        do throws(DirectoryError) {
            try directory.backup(to: disk)
        } catch {
            throw commandError(error, target)
        }
        if let keys { try KeyFile(path: AccessOptions.keyPath(target)).paste(keys) }
        return BackupOutcome(
            path: target, milliseconds: Int((ContinuousClock.now - start) / .milliseconds(1)))
    }

    // MARK: Keys

    func checkKey(_ viewer: Viewer) throws(CommandError) {
        let roles = AccessRoles(context.model)
        if let problem = roles.problem(with: viewer) { throw roles.commandError(problem, viewer) }
        guard let reader = context.store.makeReader() else {
            throw CommandError(.failure, "the store has no reader left", hint: "try again later")
        }
        let problem = reader.withVersion { context.problem(with: viewer, $0) }
        if let problem { throw problem.commandError }
    }

    // MARK: Rows

    /// An import that the writer's thread works on while the thread that owns it waits.
    // Safe: one of the two threads at a time uses it.
    private struct Handed: @unchecked Sendable {
        let run: TableImport
    }

    func importTable(
        _ order: ImportOrder, onProgress: (ImportReportLine) throws(CommandError) -> Void
    ) throws(CommandError) -> ImportOutcome {
        let run = try understood { () throws(ImportError) in
            try TableImport(
                file: order.file, table: order.table, model: context.model, store: context.store,
                now: clock(), resumes: order.resumes)
        }
        try importLines(of: run, onProgress)
        return ImportOutcome(try understood { () throws(ImportError) in try run.finish() })
    }

    private func understood<Result>(
        _ body: () throws(ImportError) -> Result
    ) throws(CommandError) -> Result {
        do throws(ImportError) {
            return try body()
        } catch {
            throw .usage(error.description)
        }
    }

    /// Before an import that found the writer's queue full tries again.
    private static let pauseMicroseconds: UInt32 = 10_000

    private func importLines(
        of run: TableImport, _ onProgress: (ImportReportLine) throws(CommandError) -> Void
    ) throws(CommandError) {
        let handed = Handed(run: run)
        var isDurable = 0
        while true {
            let hasMore: Bool
            do {
                hasMore = try directory.writer.write { try handed.run.takeLines(in: $0) }
            } catch let error as ImportError {
                throw .usage(error.description)
            } catch StorageFailure.busy {
                // Others go first: nothing was done.
                usleep(DataService.pauseMicroseconds)
                continue
            } catch {
                throw broken(run.table, isDurable, error)
            }
            isDurable = run.rowCount
            try onProgress(
                ImportReportLine(table: run.table, lines: run.lineCount, rows: isDurable))
            if !hasMore { return }
        }
    }

    private func broken(_ table: String, _ rows: Int, _ error: any Error) -> CommandError {
        let reason =
            switch error as? StorageFailure {
            case .full(let reason): "there is no room on the disk (\(reason))"
            case .unavailable(let reason): "the journal cannot be written (\(reason))"
            case .stopping: "the server is stopping"
            case .busy: "too many changes are waiting"
            case nil: "\(error)"
            }
        return CommandError(
            .failure, "\(table): the import broke off after \(grouped(rows)) rows: \(reason)",
            hint: "those rows are in; --resume goes on behind them")
    }

    func export(
        _ order: ExportOrder, begin: (String, Int?) throws(CommandError) -> Void,
        write: (UnsafeRawBufferPointer) throws(CommandError) -> Void
    ) throws(CommandError) -> ExportOutcome {
        let model = context.model
        for name in order.tables
        where !model.tables.contains(where: { $0.plural == name || $0.name == name }) {
            throw .usage(
                "there is no table \"\(name)\"",
                hint: nearestName(to: name, among: model.tables.map(\.plural)).map {
                    "did you mean \"\($0)\"?"
                } ?? "the tables are \(model.tables.map(\.plural).joined(separator: ", "))")
        }
        guard let reader = context.store.makeReader() else {
            throw CommandError(.failure, "the store has no reader left", hint: "try again later")
        }
        let exporter = Exporter(model: model, store: context.store, format: order.format)
        return try reader.withVersion { view throws(CommandError) in
            var outcomes: [ExportOutcome.Table] = []
            for table in Exporter.tables(of: model) {
                if order.tables.isEmpty {
                    // Of a whole model, what is empty is left out.
                    guard view.table(table.id).count > 0 else { continue }
                } else {
                    guard order.tables.contains(where: { $0 == table.plural || $0 == table.name })
                    else { continue }
                }
                try begin(table.plural, view.table(table.id).count)
                let rows = try unsafe exporter.export(table, from: view, write: write)
                outcomes.append(ExportOutcome.Table(name: table.plural, rows: rows))
            }
            return ExportOutcome(tables: outcomes)
        }
    }

    func query(_ body: [UInt8]) throws(CommandError) -> [UInt8] {
        guard let session = Session(context: context) else {
            throw CommandError(.failure, "the store has no reader left", hint: "try again later")
        }
        let output = ByteBuffer(capacity: 1 << 16)
        let answer = GraphQLRequest.withBody(body) { request in
            _ = session.execute(request, readOnly: true, into: output)
        }
        if case .failure(let problem) = answer { throw .usage(problem.message) }
        return output.bytes
    }

    func table(
        _ order: TableOrder, write: (UnsafeRawBufferPointer) throws(CommandError) -> Void
    ) throws(CommandError) -> TableOutcome {
        try unsafe order.run(context, write: write)
    }
}
