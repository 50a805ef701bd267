import Bytes
import JSON

/// What a journal file says about itself, in its first record.
struct JournalHeader: Equatable, Sendable {
    /// The number in the file's name; the journal of a generation follows its snapshot.
    var generation: UInt64
    var shardCount: Int
    /// The numbers by which records name tables, columns and values.
    var layout: FileLayout

    /// Files of a greater format are refused.
    static let format = 1

    init(generation: UInt64, shardCount: Int, layout: FileLayout) {
        self.generation = generation
        self.shardCount = shardCount
        self.layout = layout
    }

    var json: JSONValue {
        .object([
            JSONValue.Member("format", .integer(Int64(JournalHeader.format))),
            JSONValue.Member("generation", .integer(Int64(clamping: generation))),
            JSONValue.Member("shards", .integer(Int64(shardCount))),
            JSONValue.Member("tables", .array(layout.tables.map { $0.json(members: []) })),
        ])
    }

    /// Reads the body of a file's first record.
    init(_ body: UnsafeRawBufferPointer) throws(JournalDamage.Reason) {
        let json: JSONValue
        do { json = try JSONValue(parsing: unsafe Array(body)) } catch {
            throw .header(error.reason.text)
        }
        let format = json["format"]?.int64 ?? 0
        guard format <= JournalHeader.format else {
            throw .newerFormat(found: Int(clamping: format), known: JournalHeader.format)
        }
        do {
            generation = UInt64(try json.requireInteger("generation", in: 1...Int64.max))
            shardCount = Int(try json.requireInteger("shards", in: 1...64))
            layout = FileLayout(tables: [])
            for table in try json.requireElements("tables") {
                layout.tables.append(try FileLayout.Table(json: table))
            }
        } catch {
            throw .header("\"\(error.member)\" is missing or not as it should be")
        }
        guard format == JournalHeader.format, shardCount.nonzeroBitCount == 1 else {
            throw .header("its format or its number of shards is none")
        }
    }
}
