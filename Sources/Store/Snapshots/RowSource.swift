import Bytes
import Glibc

/// Rows of one layout as lines of JSON, in parts that are read side by side.
protocol RowSource: Sendable {
    var layout: FileLayout { get }
    /// By table.
    var tables: [Manifest.TableState] { get }
    var parts: [RowPart] { get }

    /// Calls `body` with one block of whole lines after the other, and where the block begins.
    func forEachBlock(
        of part: RowPart, _ body: (UnsafeRawBufferPointer, Int) throws(DirectoryError) -> Void
    ) throws(DirectoryError)
}

/// The rows of one table on one shard.
struct RowPart: Sendable {
    /// For people.
    let name: String
    let table: Int
    let shard: Int
    /// nil when it is not known before.
    let rowCount: Int?
    /// About how long it takes.
    let weight: Int
    let position: Int
}

/// The files of a snapshot.
struct SnapshotFiles: RowSource {
    let manifest: Manifest
    let disk: any Disk
    let folder: String

    /// Bytes read at once: enough that the call does not matter.
    private static let blockBytes = 1 << 20

    /// Reads and checks the manifest of a snapshot.
    init(on disk: any Disk, folder: String) throws(DirectoryError) {
        self.disk = disk
        self.folder = folder
        let name = "\(folder)/\(Manifest.fileName)"
        let bytes = try disk.contents(of: name, neededBy: folder)
        do {
            manifest = try unsafe bytes.withUnsafeBytes { (bytes) throws(FileFault) in
                try unsafe Manifest(bytes)
            }
        } catch {
            var offset = 0
            if case .json(let error) = error { offset = error.offset }
            throw .damaged(FileDamage(file: name, offset: offset, fault: error))
        }
    }

    var layout: FileLayout { manifest.layout }
    var tables: [Manifest.TableState] { manifest.tables }
    var parts: [RowPart] {
        manifest.files.enumerated().map { position, file in
            RowPart(
                name: "\(folder)/\(file.name)", table: file.table, shard: file.shard,
                rowCount: file.rowCount, weight: file.byteCount, position: position)
        }
    }

    func forEachBlock(
        of part: RowPart, _ body: (UnsafeRawBufferPointer, Int) throws(DirectoryError) -> Void
    ) throws(DirectoryError) {
        let expected = manifest.files[part.position]
        let file = try disk.openExisting(part.name, neededBy: "\(folder)/\(Manifest.fileName)")
        let byteCount = try onDisk { () throws(DiskError) in try file.size() }
        guard byteCount == expected.byteCount else {
            throw .damaged(
                FileDamage(
                    file: part.name, offset: min(byteCount, expected.byteCount),
                    fault: .byteCount(expected: expected.byteCount, found: byteCount)))
        }
        var crc = CRC32C()
        var memory = RawMemory(byteCount: min(byteCount, SnapshotFiles.blockBytes))
        var offset = 0
        // Bytes of a line that the block before began.
        var kept = 0
        while offset + kept < byteCount {
            if kept == memory.byteCount { memory.grow(keeping: kept) }
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory.bytes[kept...])
            let start = offset + kept
            let count = try onDisk { () throws(DiskError) in
                try unsafe file.read(at: start, into: room)
            }
            guard count > 0 else { break }
            unsafe crc.add(UnsafeRawBufferPointer(rebasing: room[..<count]))
            let filled = kept + count
            let lines = memory.byteCountThroughLast(0x0A, in: filled)
            if lines > 0 {
                try unsafe body(UnsafeRawBufferPointer(rebasing: memory.bytes[..<lines]), offset)
                unsafe memory.bytes.baseAddress?.copyMemory(
                    from: memory.bytes.baseAddress.unsafelyUnwrapped + lines,
                    byteCount: filled - lines)
                offset += lines
            }
            kept = filled - lines
        }
        guard kept == 0, crc.value == expected.crc else {
            throw .damaged(FileDamage(file: part.name, offset: 0, fault: .checksum))
        }
    }
}

/// The rows of a version in memory, to be taken over into a store of another layout.
// Safe: the caller pins the version for as long as it uses this.
@safe
struct StoredRows: RowSource {
    let store: Store
    let view: VersionView
    let codec: any FileCodec

    private static let blockBytes = 1 << 18

    var layout: FileLayout { FileLayout(store.definition) }

    var tables: [Manifest.TableState] {
        store.tables.map { plan in
            let rows = view.table(plan.id)
            return Manifest.TableState(
                nextCreation: rows.nextCreation,
                slotEnds: (0..<rows.shardCount).map { rows.slotEnd($0) })
        }
    }

    var parts: [RowPart] {
        var parts: [RowPart] = []
        for plan in store.tables {
            let rows = view.table(plan.id)
            for shard in 0..<rows.shardCount where rows.hasRows(shard: shard) {
                parts.append(
                    RowPart(
                        name: "\(plan.definition.name)-\(shard)", table: plan.id.index,
                        shard: shard, rowCount: nil, weight: rows.slotEnd(shard),
                        position: parts.count))
            }
        }
        return parts
    }

    func forEachBlock(
        of part: RowPart, _ body: (UnsafeRawBufferPointer, Int) throws(DirectoryError) -> Void
    ) throws(DirectoryError) {
        let encoder = RowEncoder(store.tables[part.table], codec: codec)
        let buffer = ByteBuffer(capacity: 2 * StoredRows.blockBytes)
        var offset = 0
        let rows = view.table(TableID(part.table))
        try rows.forEachRow(shard: part.shard) { (row, slot) throws(DirectoryError) in
            encoder.append(row, slot: slot, to: buffer)
            guard buffer.count >= StoredRows.blockBytes else { return }
            try unsafe buffer.withUnsafeBytes { (bytes) throws(DirectoryError) in
                try unsafe body(bytes, offset)
            }
            offset += buffer.count
            buffer.truncate(to: 0)
        }
        try unsafe buffer.withUnsafeBytes { (bytes) throws(DirectoryError) in
            try unsafe body(bytes, offset)
        }
    }
}

/// Memory of a size known at run time, freed with its owner.
// Safe: `bytes` is allocated by `init` or `grow` and freed once, by `deinit`.
@safe
struct RawMemory: ~Copyable {
    private(set) var bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        unsafe bytes = .allocate(byteCount: max(byteCount, 1), alignment: 16)
    }

    deinit {
        unsafe bytes.deallocate()
    }

    var byteCount: Int { unsafe bytes.count }

    /// Doubles the memory.
    mutating func grow(keeping count: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: 2 * byteCount, alignment: 16)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        unsafe bytes.deallocate()
        unsafe bytes = unsafe larger
    }

    /// Bytes up to the last `byte` among the first `count`, it included; 0 when there is none.
    func byteCountThroughLast(_ byte: UInt8, in count: Int) -> Int {
        var end = count
        while end > 0, unsafe bytes[end - 1] != byte { end -= 1 }
        return end
    }
}

/// Runs `body`, and turns its error into one of the directory.
@inline(__always)
func onDisk<Result>(_ body: () throws(DiskError) -> Result) throws(DirectoryError) -> Result {
    do { return try body() } catch { throw .disk(error) }
}

extension Disk {
    /// Opens a file for reading that has to be there.
    func openExisting(_ name: String, neededBy other: String) throws(DirectoryError) -> any DiskFile
    {
        do { return try open(name, forWriting: false) } catch {
            throw error.isMissing ? .missing(file: name, neededBy: other) : .disk(error)
        }
    }

    /// All bytes of a file that has to be there.
    func contents(of name: String, neededBy other: String) throws(DirectoryError) -> ByteBuffer {
        let file = try openExisting(name, neededBy: other)
        return try onDisk { () throws(DiskError) in
            let byteCount = try file.size()
            let buffer = ByteBuffer(capacity: byteCount)
            buffer.reserve(byteCount)
            let count = try unsafe file.read(
                at: 0, into: UnsafeMutableRawBufferPointer(start: buffer.base, count: byteCount))
            unsafe buffer.unsafeAdvance(by: count)
            return buffer
        }
    }
}
