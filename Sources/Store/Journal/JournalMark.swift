import Bytes

/// How far the journal was synced when something was last acknowledged.
///
/// The file of 40 bytes is written over and over and hardly ever synced: after the process was
/// killed it is exact, after a power cut it may be behind, and it is never ahead. With it, bytes
/// that a sync has promised are told from bytes that were on their way: what is wrong before the
/// mark is damage, what is wrong behind it is the torn tail of a write that nobody was told of.
///
///     0   UInt64  generation of the journal
///     8   UInt64  sequence number of the last record that was synced
///     16  UInt64  where it ends in the file
///     24  UInt64  its hash
///     32  UInt32  "TJM1"
///     36  UInt32  CRC-32C of bytes 0 to 35
public struct JournalMark: Equatable, Sendable {
    public var generation: UInt64
    public var sequence: UInt64
    public var offset: Int
    public var hash: UInt64

    /// What became of the mark.
    public enum Finding: Equatable, Sendable {
        case mark(JournalMark)
        /// There is no such file.
        case missing
        /// The file does not match its checksum.
        case damaged
    }

    public static let fileName = "journal.mark"
    static let byteCount = 40
    private static let magic: UInt32 = 0x314D_4A54

    init(_ end: JournalEnd) {
        generation = end.generation
        sequence = end.sequence
        offset = end.offset
        hash = end.hash
    }

    /// Reads the mark of a data directory.
    public static func find(on disk: any Disk) throws(DiskError) -> Finding {
        guard try disk.size(of: fileName) != nil else { return .missing }
        let bytes = ByteBuffer(capacity: byteCount + 1)
        let file = try disk.open(fileName, forWriting: false)
        let count = try unsafe file.read(
            at: 0, into: UnsafeMutableRawBufferPointer(start: bytes.base, count: byteCount + 1))
        // Made, and never written.
        if count == 0 { return .missing }
        guard count == byteCount, let mark = unsafe JournalMark(at: bytes.base) else {
            return .damaged
        }
        return .mark(mark)
    }

    private init?(at bytes: UnsafeRawPointer) {
        func word(_ offset: Int) -> UInt64 {
            unsafe UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        let tail = word(32)
        let checked = unsafe UnsafeRawBufferPointer(start: bytes, count: 36)
        guard UInt32(truncatingIfNeeded: tail) == JournalMark.magic,
            unsafe UInt32(truncatingIfNeeded: tail >> 32) == CRC32C.value(of: checked),
            let offset = Int(exactly: word(16))
        else { return nil }
        generation = word(0)
        sequence = word(8)
        self.offset = offset
        hash = word(24)
    }

    /// Writes the mark over the one in `file`.
    func write(to file: any DiskFile) throws(DiskError) {
        var words: InlineArray<5, UInt64> = [
            generation.littleEndian, sequence.littleEndian, UInt64(offset).littleEndian,
            hash.littleEndian, UInt64(JournalMark.magic).littleEndian,
        ]
        var failure: DiskError?
        unsafe withUnsafeMutableBytes(of: &words) { bytes in
            let checked = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<36])
            unsafe bytes.storeBytes(
                of: CRC32C.value(of: checked).littleEndian, toByteOffset: 36, as: UInt32.self)
            do throws(DiskError) {
                try unsafe file.write(UnsafeRawBufferPointer(bytes), at: 0)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Opens the mark of a data directory for writing; makes it when there is none.
    static func open(on disk: any Disk) throws(DiskError) -> any DiskFile {
        try disk.size(of: fileName) == nil
            ? disk.create(fileName) : disk.open(fileName, forWriting: true)
    }
}
