import Bytes
import Glibc
import JSON

/// When what was written is made to last.
public enum SyncMode: Sendable, Equatable {
    /// Before it is acknowledged.
    case always
    /// At most so many milliseconds after it is acknowledged: a power cut may take that much.
    case interval(milliseconds: Int)
    /// When the system likes; and when a journal ends.
    case never
}

/// Where a journal ends: what its next record has to follow.
public struct JournalEnd: Sendable, Equatable {
    public var generation: UInt64
    /// Of the last record, or, in a file without one, of the record before the file.
    public var sequence: UInt64
    /// The hash of the last record, be it the file's header.
    public var hash: UInt64
    /// When it was committed, in milliseconds since 1970-01-01T00:00:00Z.
    public var time: Int64
    /// Bytes of the file.
    public var offset: Int

    public init(generation: UInt64, sequence: UInt64, hash: UInt64, time: Int64, offset: Int) {
        self.generation = generation
        self.sequence = sequence
        self.hash = hash
        self.time = time
        self.offset = offset
    }

    /// The end of no journal at all, for the first one of a store whose version is `sequence`.
    public static func none(sequence: UInt64) -> JournalEnd {
        JournalEnd(generation: 0, sequence: sequence, hash: 0, time: 0, offset: 0)
    }
}

/// The newest journal of a data directory, open for more records.
///
/// A file is made under another name and gets its own when it is whole and synced; so a journal
/// whose header cannot be read is damaged, not unfinished.
// Safe: everything but `endShared` is only used by whoever has the writer's commit role, one
// thread at a time.
@safe
public final class Journal: @unchecked Sendable {
    public let syncMode: SyncMode
    let codec: any FileCodec
    private let disk: any Disk
    private let layout: FileLayout
    private let shardCount: Int
    private var file: any DiskFile
    private let markFile: any DiskFile
    private var position: JournalEnd
    /// How far the file is synced.
    private var syncedOffset: Int
    /// Whether bytes behind the end were cut and a power cut may bring them back.
    private var hasCut = false
    private let endShared: Guarded<JournalEnd>
    let counters = CommitCounters()

    private init(
        _ disk: any Disk, _ file: any DiskFile, _ end: JournalEnd, _ definition: StoreDefinition,
        _ shardCount: Int, _ codec: any FileCodec, _ syncMode: SyncMode
    ) throws(DiskError) {
        self.disk = disk
        self.file = file
        self.layout = FileLayout(definition)
        self.shardCount = shardCount
        self.codec = codec
        self.syncMode = syncMode
        position = end
        syncedOffset = end.offset
        endShared = Guarded(end)
        let isNew = try disk.size(of: JournalMark.fileName) == nil
        markFile = try JournalMark.open(on: disk)
        try JournalMark(end).write(to: markFile)
        try markFile.truncate(to: JournalMark.byteCount)
        try markFile.sync()
        if isNew { try disk.syncDirectory("") }
    }

    /// Makes the file of a generation, whole and synced, name included, and sets the mark. There
    /// must be none of that generation.
    ///
    /// - Parameters:
    ///   - end: what the first record follows; its generation and offset do not matter.
    ///   - definition: of the store whose changes are to be written.
    public static func create(
        on disk: any Disk, generation: UInt64, following end: JournalEnd,
        definition: StoreDefinition, shardCount: Int, codec: any FileCodec, syncMode: SyncMode
    ) throws(DiskError) -> Journal {
        let header = JournalHeader(
            generation: generation, shardCount: shardCount, layout: FileLayout(definition))
        let (file, start) = try makeFile(on: disk, header, following: end)
        return try Journal(disk, file, start, definition, shardCount, codec, syncMode)
    }

    /// Opens a file that was read up to `end`, cuts what is behind, syncs it and sets the mark.
    ///
    /// The file's layout must be that of the definition: after a change of the schema another
    /// generation is begun instead.
    public static func resume(
        on disk: any Disk, at end: JournalEnd, definition: StoreDefinition, shardCount: Int,
        codec: any FileCodec, syncMode: SyncMode
    ) throws(DiskError) -> Journal {
        let file = try disk.open(name(generation: end.generation), forWriting: true)
        if try file.size() != end.offset { try file.truncate(to: end.offset) }
        try rewrite(file, from: syncedOffset(on: disk, of: end), to: end.offset)
        try file.sync()
        try disk.syncDirectory("")
        return try Journal(disk, file, end, definition, shardCount, codec, syncMode)
    }

    /// How far the file of a journal was synced for certain.
    private static func syncedOffset(
        on disk: any Disk, of end: JournalEnd
    ) throws(DiskError) -> Int {
        guard case .mark(let mark) = try JournalMark.find(on: disk),
            mark.generation == end.generation, mark.offset <= end.offset
        else { return 0 }
        return mark.offset
    }

    /// Writes again what stands in a file. When a sync has failed in the process before, the
    /// system counts those bytes as written, shows them, and would never write them: a sync alone
    /// would not make them last.
    private static func rewrite(
        _ file: any DiskFile, from start: Int, to end: Int
    ) throws(DiskError) {
        let block = ByteBuffer(capacity: 1 << 20)
        var offset = start
        while offset < end {
            let count = try unsafe file.read(
                at: offset,
                into: UnsafeMutableRawBufferPointer(
                    start: block.base, count: min(block.capacity, end - offset)))
            guard count > 0 else { return }
            try unsafe file.write(
                UnsafeRawBufferPointer(start: block.base, count: count), at: offset)
            offset += count
        }
    }

    /// `journal-0000000001.log`
    public static func name(generation: UInt64) -> String {
        let digits = String(generation)
        return "journal-" + String(repeating: "0", count: max(0, 10 - digits.utf8.count)) + digits
            + ".log"
    }

    /// The generation whose file has that name, or nil when none has.
    public static func generation(ofName name: String) -> UInt64? {
        let prefix = "journal-"
        let suffix = ".log"
        guard name.hasPrefix(prefix), name.hasSuffix(suffix),
            let generation = UInt64(name.dropFirst(prefix.count).dropLast(suffix.count)),
            Journal.name(generation: generation) == name
        else { return nil }
        return generation
    }

    /// What the name of a file ends with that never became a journal. Such files may be removed.
    public static let unfinishedSuffix = ".tmp"

    /// Where the journal ends at this moment; from any thread.
    public var end: JournalEnd { endShared.withLock { $0 } }

    /// Makes a file with nothing but its header.
    private static func makeFile(
        on disk: any Disk, _ header: JournalHeader, following end: JournalEnd
    ) throws(DiskError) -> (any DiskFile, JournalEnd) {
        let name = name(generation: header.generation)
        let temporary = name + unfinishedSuffix
        if try disk.size(of: name) != nil { throw DiskError(.create, name, code: EEXIST) }
        if try disk.size(of: temporary) != nil { try disk.remove(temporary) }
        let file = try disk.create(temporary)
        let bytes = ByteBuffer()
        bytes.append(repeating: 0, count: RecordHeader.byteCount)
        bytes.appendJSON(header.json)
        let before = JournalEnd(
            generation: header.generation, sequence: end.sequence, hash: end.hash, time: end.time,
            offset: 0)
        let start = try unsafe bytes.withRecord(
            following: before, kind: .header, time: end.time
        ) { record throws(DiskError) in
            try unsafe file.write(record, at: 0)
        }
        try file.sync()
        try disk.rename(temporary, to: name)
        try disk.syncDirectory("")
        return (try disk.open(name, forWriting: true), start)
    }

    // MARK: For the writer

    /// Why a record was not appended.
    enum Failure: Error {
        /// The file is as it was before.
        case refused(DiskError)
        /// Nothing is known about what the file holds.
        case lost(DiskError)

        var error: DiskError {
            switch self {
            case .refused(let error), .lost(let error): error
            }
        }
    }

    /// Whether there is something that a power cut may take or bring back.
    var hasUnsynced: Bool { hasCut || syncedOffset != position.offset }

    /// Appends the changes of a log as a record. It is not synced.
    func append(_ log: ChangeLog, time: Int64) throws(Failure) {
        let next: JournalEnd
        do throws(DiskError) {
            next = try unsafe log.withRecord(following: position, time: time) {
                record throws(DiskError) in
                try unsafe file.write(record, at: position.offset)
            }
        } catch {
            do throws(DiskError) { try file.truncate(to: position.offset) } catch {
                throw .lost(error)
            }
            hasCut = true
            throw .refused(error)
        }
        counters.countRecord(byteCount: next.offset - position.offset)
        position = next
        endShared.withLock { $0 = next }
    }

    /// Makes everything appended last, and sets the mark. After an error nothing more may be
    /// appended.
    func sync() throws(DiskError) {
        let start = monotonicNanoseconds()
        try file.sync()
        counters.countSync(since: start)
        syncedOffset = position.offset
        hasCut = false
        writeMark()
    }

    /// The mark may be behind without harm, so a failure to write it is none of the record's: the
    /// next one is written in its place.
    private func writeMark() {
        do throws(DiskError) { try JournalMark(position).write(to: markFile) } catch {
            markFailure = error
        }
    }

    /// The last failure to write the mark.
    private(set) var markFailure: DiskError?

    /// Begins the next generation: makes its file, and appends there from now on.
    ///
    /// - Throws: ``Failure/refused(_:)`` when the old file goes on, ``Failure/lost(_:)`` when
    ///   nothing may be appended any more.
    func rotate() throws(Failure) {
        do throws(DiskError) {
            if hasUnsynced { try sync() }
        } catch { throw .lost(error) }
        let header = JournalHeader(
            generation: position.generation + 1, shardCount: shardCount, layout: layout)
        let name = Journal.name(generation: header.generation)
        do throws(DiskError) {
            (file, position) = try Journal.makeFile(on: disk, header, following: position)
        } catch {
            // The old journal must not go on beside a new one that might turn up after a crash.
            do throws(DiskError) {
                let temporary = name + Journal.unfinishedSuffix
                if try disk.size(of: temporary) != nil { try disk.remove(temporary) }
                let isForeign = error.isExisting && error.operation == .create
                let isThere = try disk.size(of: name) != nil
                if isThere && !isForeign { try disk.remove(name) }
                try disk.syncDirectory("")
            } catch { throw .lost(error) }
            throw .refused(error)
        }
        syncedOffset = position.offset
        endShared.withLock { $0 = position }
        writeMark()
    }
}
