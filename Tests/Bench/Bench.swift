// How long Tessera takes, measured in process: no sockets, one thread.
//
// **In** come a schema and rows: those of a folder, or a club that is made up on the spot, the same
// each time. They go through the same import as `tessera serve --import`. **Out** goes one line a
// measure: the best and the median of five rounds, because other work on the machine can only add
// to the time; the least of the processor's own time; the bytes written, and how often the heap was
// asked for memory, in one operation.
//
// **Invariants.** Every answer that is timed is an answer with data: a request that fails stops the
// program. Ids are drawn over all members, so that memory is read as cold as real requests find it.
//
// `Bench commit` measures the road of a write to the disk, beside a bare loop on the same disk.
//
// **Absent on purpose.** HTTP: `compare-nginx.sh` measures that beside nginx.

import Bytes
import Engine
import Glibc
import Store

/// Why nothing can be measured, in words.
struct BenchError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// Does what the command line says, and ends the process when that fails.
func runBench(_ arguments: [String]) {
    do {
        try run(try BenchOptions(arguments))
    } catch let error as BenchError {
        print("Bench: \(error.message)")
        exit(2)
    } catch {
        print("Bench: \(error)")
        exit(1)
    }
}

private func run(_ options: BenchOptions) throws {
    switch options.task {
    case .help: print(BenchOptions.usage)
    case .commit(let folder):
        try CommitRoad.measure(
            in: folder, modes: [.always, .interval(milliseconds: 5), .never])
    case .writeData(let folder):
        let rows = try ClubData(memberCount: options.memberCount).write(to: folder)
        print("\(rows) rows in \(folder)")
    case .start(let folder):
        try withDataFolder(options) { dataFolder in
            try StartBench(
                schemaFolder: options.schemaFolder, dataFolder: dataFolder, folder: folder
            ).run()
        }
    case .search: try SearchRoad(memberCount: options.memberCount).run(wants: options.wants)
    case .export:
        try withDataFolder(options) { folder in
            let club = try Club(schemaFolder: options.schemaFolder, dataFolder: folder)
            try ExportRoad(club.context).run(options)
        }
    case .group:
        try withDataFolder(options) { folder in
            try GroupRoad.measure(
                Club(schemaFolder: options.schemaFolder, dataFolder: folder).context)
        }
    case .access:
        try withDataFolder(options) { folder in
            try AccessRoad(Club(schemaFolder: options.schemaFolder, dataFolder: folder))
                .run(options)
        }
    case .rules: try RuleRoad(memberCount: options.memberCount).run(options)
    case .measure:
        try withDataFolder(options) { folder in
            let club = try Club(schemaFolder: options.schemaFolder, dataFolder: folder)
            print(Measurement.heading)
            for benchmark in try Benchmark.all(club) where options.wants(benchmark.name) {
                print(benchmark.measure().line)
            }
        }
    }
}

/// The folder of the command line, or one that lives as long as `body`.
private func withDataFolder(_ options: BenchOptions, _ body: (String) throws -> Void) throws {
    if let folder = options.dataFolder { return try body(folder) }
    let folder = "/tmp/tessera-bench-\(getpid())"
    let data = ClubData(memberCount: options.memberCount)
    defer { data.remove(from: folder) }
    try data.write(to: folder)
    try body(folder)
}

/// What the command line asks for.
struct BenchOptions {
    enum Task {
        case help
        case measure
        case commit(folder: String)
        case writeData(folder: String)
        case start(folder: String)
        case rules
        case access
        case group
        case search
        case export
    }

    private(set) var task = Task.measure
    private(set) var dataFolder: String?
    private(set) var schemaFolder = Club.ownFolder + "/schema"
    private(set) var memberCount = 100_000
    private var names: [String] = []

    static let usage = """
        swift run -c release Bench [--data DIR] [--schema DIR] [--members N] [name…]
        swift run -c release Bench data DIR [--members N]
        swift run -c release Bench commit DIR
        swift run -c release Bench group [--data DIR] [--members N]
        swift run -c release Bench rules [--members N] [name…]
        swift run -c release Bench access [--data DIR] [--members N] [name…]
        swift run -c release Bench search [--members N] [name…]
        swift run -c release Bench export [--members N] [name…]
        swift run -c release Bench start DIR [--data DIR] [--schema DIR] [--members N]

          --data DIR     rows to measure with; otherwise a club is made up
          --schema DIR   the schema of those rows; it must have the tables of the club's
          --members N    size of the club that is made up, 100000 if not given
          name…          only what begins with one of these: point, q1, plan, …
          commit DIR     transactions a second with a journal in DIR, which is made and removed
          data DIR       write the rows of the club to DIR, and measure nothing
          group          the points ledger by month, tier and reason, with all processors
          rules          the rules of membership over the membership schema: earnPoints, home, …
          access         queries of members and staff, whose rows are guarded, beside the same ones
                         of an administrator
          search         members by parts of their names and phone numbers: name, phone, insert, …
          export         CSV and NDJSON of the club's entries: plain, to-one, …; ten a member
          start DIR      how long a snapshot, a start from it and a replay take; DIR must not
                         exist, and is removed again
        """

    init(_ arguments: [String]) throws(BenchError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": task = .help
            case "--data": dataFolder = try BenchOptions.value(of: argument, &rest)
            case "--schema": schemaFolder = try BenchOptions.value(of: argument, &rest)
            case "--members":
                let text = try BenchOptions.value(of: argument, &rest)
                guard let count = Int(text), count > 0, count <= 10_000_000 else {
                    throw BenchError("--members wants a number from 1 to 10000000, not \(text)")
                }
                memberCount = count
            case "rules": task = .rules
            case "access": task = .access
            case "group": task = .group
            case "search": task = .search
            case "export": task = .export
            case "start": task = .start(folder: try BenchOptions.value(of: argument, &rest))
            case "commit": task = .commit(folder: try BenchOptions.value(of: argument, &rest))
            case "data": task = .writeData(folder: try BenchOptions.value(of: argument, &rest))
            default:
                guard !argument.hasPrefix("-") else {
                    throw BenchError("there is no option \(argument)\n\n\(BenchOptions.usage)")
                }
                names.append(argument)
            }
        }
    }

    private static func value(
        of option: String, _ rest: inout ArraySlice<String>
    ) throws(BenchError) -> String {
        guard let value = rest.popFirst() else { throw BenchError("\(option) wants a value") }
        return value
    }

    func wants(_ name: String) -> Bool {
        names.isEmpty || names.contains { name.hasPrefix($0) }
    }
}
