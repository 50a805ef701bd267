import Bytes
import JSON

/// What a snapshot holds, where it stands in the order of changes, and how to tell that its files
/// are whole.
///
/// A manifest is one JSON object; its last member is the CRC-32C of all bytes before that member,
/// so that no bit of the file can change unnoticed.
struct Manifest: Equatable, Sendable {
    struct TableState: Equatable, Sendable {
        /// The creation number that the next row gets.
        var nextCreation: UInt64
        /// By shard, one more than the greatest slot ever given out.
        var slotEnds: [Int]
    }

    struct File: Equatable, Sendable {
        var name: String
        /// The position of the table in the layout.
        var table: Int
        var shard: Int
        var rowCount: Int
        var byteCount: Int
        var crc: UInt32
    }

    var generation: UInt64
    /// The last change that the rows contain.
    var lastSequence: UInt64
    /// The hash of the first record of the generation's journal, which tells it from any other.
    var chain: UInt64
    /// When that change was made: milliseconds since 1970-01-01T00:00:00Z.
    var time: Int64
    var shardCount: Int
    var layout: FileLayout
    /// The store's indexes in words. They are built anew from the rows; here they tell what has
    /// changed since.
    var indexes: [String]
    /// By table.
    var tables: [TableState]
    var files: [File]

    /// The version of the format of manifests and row files.
    static let format = 1
    static let fileName = "manifest.json"

    var rowCount: Int { files.reduce(0) { $0 + $1.rowCount } }
    var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }
}

// MARK: Writing

extension Manifest {
    /// The bytes of the file.
    func encoded() -> ByteBuffer {
        let text = ByteBuffer()
        text.append("{\"format\":")
        text.appendInteger(Manifest.format)
        text.append(",\"generation\":")
        text.appendUnsigned(generation)
        text.append(",\"lastSeq\":")
        text.appendUnsigned(lastSequence)
        text.append(",\"chain\":")
        text.appendJSON(.hexadecimal(chain))
        text.append(",\"time\":")
        text.appendInteger(time)
        text.append(",\"shards\":")
        text.appendInteger(shardCount)
        // Of the hash that chose the shards of rows.
        text.append(",\"hash\":")
        text.appendInteger(Int(StableHash.version))
        text.append(",\"layout\":")
        text.appendJSON(.hexadecimal(layout.fingerprint))
        text.append(",\n\"indexes\":")
        text.appendJSON(.array(indexes.map { .string($0) }))
        text.append(",\n\"tables\":[")
        for (position, table) in layout.tables.enumerated() {
            text.append(position == 0 ? "\n" : ",\n")
            let state = tables[position]
            text.appendJSON(
                table.json(members: [
                    JSONValue.Member("next", .integer(Int64(state.nextCreation))),
                    JSONValue.Member("slots", .array(state.slotEnds.map { .integer(Int64($0)) })),
                ]))
        }
        text.append("],\n\"files\":[")
        for (position, file) in files.enumerated() {
            text.append(position == 0 ? "\n" : ",\n")
            text.appendJSON([
                "name": .string(file.name), "table": .string(layout.tables[file.table].name),
                "shard": .integer(Int64(file.shard)), "rows": .integer(Int64(file.rowCount)),
                "bytes": .integer(Int64(file.byteCount)),
                "crc32c": .string(hexadecimalDigits(UInt64(file.crc), count: 8)),
            ])
        }
        text.append("]")
        text.append(Manifest.tail(crc: unsafe text.withUnsafeBytes { unsafe CRC32C.value(of: $0) }))
        return text
    }

    /// How the file ends after bytes with that checksum.
    private static func tail(crc: UInt32) -> String {
        ",\n\"crc32c\":\"\(hexadecimalDigits(UInt64(crc), count: 8))\"}\n"
    }
}

// MARK: Reading

extension Manifest {
    /// Checks and reads the bytes of a manifest.
    init(_ bytes: UnsafeRawBufferPointer) throws(FileFault) {
        let tailCount = Manifest.tail(crc: 0).utf8.count
        let bodyCount = bytes.count - tailCount
        guard bodyCount > 0 else { throw .tooShort }
        let body = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<bodyCount])
        let tail = unsafe Manifest.tail(crc: CRC32C.value(of: body))
        let isWhole = unsafe bytes[bodyCount...].elementsEqual(tail.utf8)
        if let found = unsafe Manifest.formatNumber(bytes), found > Manifest.format {
            throw .newerFormat(found: found, known: Manifest.format)
        }
        guard isWhole else { throw .checksum }
        let json: JSONValue
        do { json = try unsafe JSONValue(parsing: bytes) } catch { throw .json(error) }
        do { try self.init(json: json) } catch { throw .malformed(member: error.member) }
    }

    private init(json: JSONValue) throws(MalformedJSON) {
        guard json["format"]?.int64 == Int64(Manifest.format) else {
            throw MalformedJSON(member: "format")
        }
        let positive = 1...Int64.max
        generation = UInt64(try json.requireInteger("generation", in: positive))
        lastSequence = UInt64(try json.requireInteger("lastSeq", in: positive))
        chain = try json.requireWord("chain")
        time = try json.requireInteger("time", in: Int64.min...Int64.max)
        shardCount = Int(try json.requireInteger("shards", in: 1...64))
        guard shardCount & (shardCount - 1) == 0 else { throw MalformedJSON(member: "shards") }
        indexes = []
        for index in try json.requireElements("indexes") {
            guard let text = index.string else { throw MalformedJSON(member: "indexes") }
            indexes.append(text)
        }
        layout = FileLayout(tables: [])
        tables = []
        let slotMax = Int64(1) << (32 - shardCount.trailingZeroBitCount) - 1
        for table in try json.requireElements("tables") {
            let parsed = try FileLayout.Table(json: table)
            guard layout.table(named: parsed.name) == nil else {
                throw MalformedJSON(member: "tables")
            }
            layout.tables.append(parsed)
            let next = try table.requireInteger("next", in: 1...1 << 32)
            var slots: [Int] = []
            for slot in try table.requireElements("slots") {
                guard let slot = slot.int64, 0...slotMax ~= slot else {
                    throw MalformedJSON(member: "slots")
                }
                slots.append(Int(slot))
            }
            guard slots.count == shardCount else { throw MalformedJSON(member: "slots") }
            tables.append(TableState(nextCreation: UInt64(next), slotEnds: slots))
        }
        for column in layout.tables.flatMap(\.columns) {
            if let target = column.target, layout.table(named: target) == nil {
                throw MalformedJSON(member: "to")
            }
        }
        guard try json.requireWord("layout") == layout.fingerprint else {
            throw MalformedJSON(member: "layout")
        }
        files = []
        for file in try json.requireElements("files") {
            guard let table = layout.table(named: try file.requireString("table")),
                let crc = UInt32(try file.requireString("crc32c"), radix: 16)
            else { throw MalformedJSON(member: "files") }
            files.append(
                File(
                    name: try file.requireString("name"), table: table,
                    shard: Int(try file.requireInteger("shard", in: 0...Int64(shardCount - 1))),
                    rowCount: Int(try file.requireInteger("rows", in: 1...Int64(UInt32.max))),
                    byteCount: Int(try file.requireInteger("bytes", in: positive)), crc: crc))
        }
        let places = Set(files.map { [$0.table, $0.shard] })
        guard places.count == files.count, Set(files.map(\.name)).count == files.count,
            files.allSatisfy({ !$0.name.utf8.contains(0x2F) })
        else { throw MalformedJSON(member: "files") }
    }

    /// The version that a manifest of any format begins with.
    private static func formatNumber(_ bytes: UnsafeRawBufferPointer) -> Int? {
        var reader = unsafe JSONReader(bytes)
        do {
            try reader.beginObject()
            guard let key = try reader.nextKey(), key.matches("format") else { return nil }
            return Int(exactly: try reader.readInt64())
        } catch {
            return nil
        }
    }
}
