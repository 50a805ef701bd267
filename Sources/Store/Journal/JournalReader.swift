import Bytes

/// A record of a journal, whole and in its place in the chain.
// Safe: `body` is valid until the reader reads the next record.
@safe
struct JournalRecord {
    let sequence: UInt64
    /// When it was committed, in milliseconds since 1970-01-01T00:00:00Z.
    let time: Int64
    /// Bytes from the start of the file to the record.
    let offset: Int
    let body: UnsafeRawBufferPointer
}

/// Bytes at the end of a journal of which nobody was told that they were written.
public struct TornTail: Equatable, Sendable {
    public let file: String
    public let offset: Int
    public let byteCount: Int
    /// Records that seem whole among them.
    public let recordCount: Int
}

/// Reads one journal file from its start to its end, and tells how it ends: properly, with a torn
/// tail, or with damage.
///
/// What is wrong is *damage* when it lies before the mark's end, when the file is not the newest
/// one, or, where there is no mark, when a whole record follows or a record is there in full length
/// with a sound header. Otherwise it is the *torn tail* of a write that was cut off: the disk may
/// have kept any part of it.
// Safe: `window` owns its memory; a record's body is good until the next call.
@safe
final class JournalReader {
    private(set) var header: JournalHeader
    let file: String
    /// Where the records read so far end.
    private(set) var end: JournalEnd
    /// Set when ``next()`` has returned nil before the file's end.
    private(set) var tail: TornTail?

    private let source: any DiskFile
    /// Bytes of the file when it was opened.
    private let byteCount: Int
    private let isNewest: Bool
    private let mark: JournalMark?
    private let window = ByteBuffer(capacity: JournalReader.windowByteCount)
    private var windowStart = 0
    /// Whether the record that the mark names was seen, in this file or before it.
    private var hasMarkedRecord: Bool

    /// Bytes read at once.
    private static let windowByteCount = 1 << 20

    /// Opens a file and reads its header.
    ///
    /// - Parameters:
    ///   - isNewest: whether no later generation exists; only then may there be a torn tail.
    ///   - mark: the directory's mark, read before this; nil when it is missing or damaged.
    ///   - previous: what the first record must follow; nil when that is not known.
    init(
        _ disk: any Disk, generation: UInt64, isNewest: Bool, mark: JournalMark?,
        following previous: JournalEnd?
    ) throws(JournalError) {
        file = Journal.name(generation: generation)
        self.isNewest = isNewest
        self.mark = mark
        header = JournalHeader(
            generation: generation, shardCount: 1, layout: FileLayout(tables: []))
        hasMarkedRecord = mark == nil || mark?.generation != generation
        end = JournalEnd(
            generation: generation, sequence: previous?.sequence ?? 0, hash: previous?.hash ?? 0,
            time: previous?.time ?? 0, offset: 0)
        do throws(DiskError) {
            source = try disk.open(file, forWriting: false)
            byteCount = try source.size()
        } catch {
            guard error.isUnreadable else { throw .disk(error) }
            throw .damaged(
                JournalDamage(
                    file: file, offset: 0, lastSequence: end.sequence, reason: .unreadable(error)))
        }
        guard let record = try readRecord(at: 0) else {
            throw damage(at: 0, .recordHeader)
        }
        switch record {
        case .bad(let reason, _): throw damage(at: 0, reason)
        case .good(let record):
            let head = record.head
            if let previous {
                guard head.sequence == previous.sequence else {
                    throw damage(
                        at: 0,
                        .sequence(expected: previous.sequence + 1, found: head.sequence &+ 1))
                }
                guard head.previousHash == previous.hash else { throw damage(at: 0, .hash) }
            }
            guard head.kind == RecordHeader.Kind.header.rawValue else {
                throw damage(at: 0, .kind(head.kind))
            }
            do throws(JournalDamage.Reason) {
                header = try unsafe JournalHeader(record.body)
            } catch { throw damage(at: 0, error) }
            guard header.generation == generation else {
                throw damage(at: 0, .generation(found: header.generation))
            }
            let reached = JournalEnd(
                generation: generation, sequence: head.sequence, hash: record.hash,
                time: head.time, offset: record.byteCount)
            try compareWithMark(reached)
            end = reached
        }
    }

    /// The next record, or nil at the end of what can be used.
    func next() throws(JournalError) -> JournalRecord? {
        guard tail == nil else { return nil }
        guard let record = try readRecord(at: end.offset) else {
            if let mark, !hasMarkedRecord {
                throw damage(at: end.offset, .lost(acknowledged: mark.sequence))
            }
            return nil
        }
        switch record {
        case .bad(let reason, let isPlainlyDamage):
            try judge(reason, isPlainlyDamage)
            return nil
        case .good(let record):
            let head = record.head
            if let reason = reasonAgainst(head) {
                try judge(reason, true)
                return nil
            }
            let offset = end.offset
            let reached = JournalEnd(
                generation: end.generation, sequence: head.sequence, hash: record.hash,
                time: head.time, offset: offset + record.byteCount)
            try compareWithMark(reached)
            end = reached
            return unsafe JournalRecord(
                sequence: head.sequence, time: head.time, offset: offset, body: record.body)
        }
    }

    // MARK: Damage or torn tail

    /// Why a sound record cannot be the next.
    private func reasonAgainst(_ head: RecordHeader) -> JournalDamage.Reason? {
        if head.kind != RecordHeader.Kind.changes.rawValue { return .kind(head.kind) }
        if head.sequence != end.sequence &+ 1 {
            return .sequence(expected: end.sequence &+ 1, found: head.sequence)
        }
        return head.previousHash == end.hash ? nil : .hash
    }

    /// Notes a torn tail at the present end, or throws.
    ///
    /// - Parameter isPlainlyDamage: what decides where there is no mark.
    private func judge(
        _ reason: JournalDamage.Reason, _ isPlainlyDamage: Bool
    ) throws(JournalError) {
        let offset = end.offset
        guard isNewest, hasMarkedRecord else { throw damage(at: offset, reason) }
        let isMarked = mark.map { $0.generation <= end.generation } ?? false
        if isPlainlyDamage && !isMarked { throw damage(at: offset, reason) }
        let followers = try soundRecordCount(from: offset)
        if followers > 0 && !isMarked { throw damage(at: offset, reason) }
        tail = TornTail(
            file: file, offset: offset, byteCount: byteCount - offset, recordCount: followers)
    }

    /// The record just read is the mark's: it must be the same, or the mark is of another journal.
    ///
    /// - Parameter reached: where the record ends; `end` is still before it.
    private func compareWithMark(_ reached: JournalEnd) throws(JournalError) {
        guard let mark, !hasMarkedRecord, reached.sequence >= mark.sequence else { return }
        guard reached.sequence == mark.sequence, reached.offset == mark.offset,
            reached.hash == mark.hash
        else { throw damage(at: end.offset, .replaced(acknowledged: mark.sequence)) }
        hasMarkedRecord = true
    }

    /// Whole records anywhere from an offset on.
    private func soundRecordCount(from start: Int) throws(JournalError) -> Int {
        var count = 0
        var offset = start
        while offset + RecordHeader.byteCount <= byteCount {
            if case .good(let record) = try readRecord(at: offset) {
                count += 1
                offset += record.byteCount
            } else {
                offset += 1
            }
        }
        return count
    }

    /// Damage of this file; `--recover` goes on with what is before it.
    func damage(at offset: Int, _ reason: JournalDamage.Reason) -> JournalError {
        .damaged(
            JournalDamage(
                file: file, offset: offset, lastSequence: end.sequence, reason: reason))
    }

    /// What the disk could not read is damage, too: `--recover` goes on with what is before it.
    private func failure(_ error: DiskError, at offset: Int) -> JournalError {
        error.isUnreadable ? damage(at: offset, .unreadable(error)) : .disk(error)
    }

    // MARK: Bytes

    /// A record that matches its checksums.
    // Safe: `body` lies in the window and is not kept beyond the next reading.
    @safe
    private struct SoundRecord {
        let head: RecordHeader
        let body: UnsafeRawBufferPointer
        let hash: UInt64

        var byteCount: Int { unsafe RecordHeader.byteCount + body.count }
    }

    private enum Reading {
        case good(SoundRecord)
        /// And whether a sound header stands before a body of full length.
        case bad(JournalDamage.Reason, Bool)
    }

    /// The record at an offset; nil at the end of the file.
    private func readRecord(at offset: Int) throws(JournalError) -> Reading? {
        let rest = byteCount - offset
        guard rest > 0 else { return nil }
        guard rest >= RecordHeader.byteCount else { return .bad(.recordHeader, false) }
        let start = try unsafe bytes(at: offset, count: RecordHeader.byteCount)
        guard let head = unsafe RecordHeader(at: start) else { return .bad(.recordHeader, false) }
        guard head.bodyByteCount <= rest - RecordHeader.byteCount else {
            return .bad(.recordEnd, false)
        }
        let count = RecordHeader.byteCount + head.bodyByteCount
        let record = try unsafe UnsafeRawBufferPointer(
            start: bytes(at: offset, count: count), count: count)
        let body = unsafe UnsafeRawBufferPointer(rebasing: record[RecordHeader.byteCount...])
        guard unsafe CRC32C.value(of: body) == head.bodyCheck else { return .bad(.body, true) }
        return unsafe .good(
            SoundRecord(head: head, body: body, hash: RecordHeader.hash(of: record)))
    }

    /// Bytes of the file that exist, in memory.
    private func bytes(at offset: Int, count: Int) throws(JournalError) -> UnsafeRawPointer {
        if offset < windowStart || offset + count > windowStart + window.count {
            let wanted = min(max(count, JournalReader.windowByteCount), byteCount - offset)
            window.removeAll(keepingAtMost: max(wanted, 8 * JournalReader.windowByteCount))
            window.reserve(wanted)
            windowStart = offset
            do throws(DiskError) {
                let found = try unsafe source.read(
                    at: offset,
                    into: UnsafeMutableRawBufferPointer(start: window.base, count: wanted))
                unsafe window.unsafeAdvance(by: found)
            } catch { throw failure(error, at: offset) }
            guard window.count >= count else { throw damage(at: offset, .recordEnd) }
        }
        return unsafe UnsafeRawPointer(window.base + (offset - windowStart))
    }
}
