import Bytes
import Engine
import FoundationEssentials
import Glibc
import GraphQL
import JSON
import Membership
import Store

/// The rows that everything is measured with, and how they came in.
final class Club {
    let context: EngineContext
    let dataFolder: String
    let rowCount: Int
    /// The public ids of all members, shuffled.
    let memberIDs: [String]
    /// The cities of members.
    let cities: [String]

    /// Where this file lies.
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    /// Where the club's own schema and queries lie.
    static let ownFolder = folder + "/club"

    /// Milliseconds since 1970-01-01T00:00:00Z: when the rows are said to have been written.
    static let now: Int64 = 1_782_820_800_000

    /// Loads the rows, and prints how long that took and what they weigh.
    init(schemaFolder: String, dataFolder: String) throws {
        self.dataFolder = dataFolder
        let model = try buildModel(try loadSchemaFiles(schemaFolder), rules: membershipRules)
        let store = Store(model.storeDefinition, seed: 42)
        context = EngineContext(model: model, store: store)
        let emptyBytes = residentBytes()
        let start = nanoseconds(CLOCK_MONOTONIC)
        let summary = try Importer(model: model, store: store, now: Club.now)
            .load(folder: dataFolder)
        let time = Double(nanoseconds(CLOCK_MONOTONIC) - start) / 1e9
        let weight = residentBytes() - emptyBytes
        guard summary.refused == 0 else {
            throw BenchError("\(summary.refused) lines of \(dataFolder) were refused")
        }
        rowCount = summary.rows
        print(
            """
            import: \(summary.rows) rows in \(Int(time * 1000)) ms, \
            \(Int(Double(summary.rows) / time)) rows/s; resident memory grew by \
            \(weight / summary.rows) bytes a row, of which \
            \(store.bytesInUse / summary.rows) are pages and indexes

            """)
        (memberIDs, cities) = try Club.members(context)
    }

    func query(_ name: String) throws(BenchError) -> String {
        try Club.text("club/queries/\(name).graphql")
    }

    /// The text of a file beside this one.
    static func text(_ file: String) throws(BenchError) -> String {
        let path = "\(Club.folder)/\(file)"
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw BenchError("\(path) cannot be read")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func table(_ name: String) throws(BenchError) -> TableModel {
        guard let table = context.model.table(named: name) else {
            throw BenchError("the schema has no table \(name)")
        }
        return table
    }

    private static func members(
        _ context: EngineContext
    ) throws -> (ids: [String], cities: [String]) {
        let road = try RequestRoad(context)
        var ids: [String] = []
        var cities: Set<String> = []
        while true {
            let answer = try road.value(
                "query($n: Int) { members(first: 1000, offset: $n) { nodes { id city } } }",
                "{\"n\":\(ids.count)}")
            guard let rows = answer["data"]?["members"]?["nodes"]?.elements, !rows.isEmpty else {
                break
            }
            for row in rows {
                guard let id = row["id"]?.string, let city = row["city"]?.string else { continue }
                ids.append(id)
                cities.insert(city)
            }
        }
        guard !ids.isEmpty else { throw BenchError("there are no members") }
        var random = SeededRandom(seed: 1)
        ids.shuffle(using: &random)
        return (ids, cities.sorted())
    }
}

/// The memory that the process holds in pages of its own.
func residentBytes() -> Int {
    guard let text = FileManager.default.contents(atPath: "/proc/self/statm") else { return 0 }
    let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(CInt(_SC_PAGESIZE))) : 0
}
