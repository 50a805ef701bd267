import Bytes

/// The header of a record, and the places in it.
///
/// A journal file is a sequence of records. The first is the file's own header (kind 1), whose
/// body is a JSON document: ``JournalHeader``. Each further one holds the changes of one group of
/// transactions (kind 2). Numbers are little-endian.
///
///     0   UInt64  bytes of the body
///     8   UInt64  sequence number: of the version the group makes; of the file's header, that of
///                 the last record before the file
///     16  Int64   when it was committed, milliseconds since 1970-01-01T00:00:00Z; never less
///                 than in the record before
///     24  UInt64  the hash of the record before, also across files
///     32  UInt32  kind
///     36  UInt32  CRC-32C of the body
///     40  UInt32  "TJR1"
///     44  UInt32  CRC-32C of bytes 0 to 43
///     48  the body
///
/// The hash of a record is that of its body, seeded with that of bytes 0 to 43: it covers the whole
/// chain before, so that a record that is missing, swapped or from another store is found out.
///
/// **Changes** stand one behind the other in the body, in the order in which they were made. A
/// varint is a number in groups of seven bits, the lowest first, the high bit set in all bytes but
/// the last; signed numbers are folded into even (0, 1, 2…) and odd ones (−1, −2…).
///
///     insert  varint table · 4 + 0, varint row, varint creation number,
///             one bit a column of the table, set where the row has a value, in whole bytes,
///             the values of those columns
///     update  varint table · 4 + 1, varint row, varint number of cells, and for each
///             varint column · 2 + (has a value ? 1 : 0), the value if there is one
///     delete  varint table · 4 + 2, varint row
///
/// Tables, columns and the positions of enumeration values are those of the file's header; rows
/// are ``RowRef/rawValue``. Values by the column's kind:
///
///     bool, int8      one byte
///     int16           varint
///     int32, int64    signed varint
///     double          8 bytes
///     reference       varint, the row
///     text, json      varint byte count, the bytes
///     value           varint byte count, JSON as the ``FileCodec`` writes it
struct RecordHeader: Equatable {
    enum Kind: UInt32 {
        case header = 1
        case changes = 2
    }

    var bodyByteCount: Int
    var sequence: UInt64
    var time: Int64
    var previousHash: UInt64
    var kind: UInt32
    var bodyCheck: UInt32

    static let byteCount = 48

    private static let magic: UInt32 = 0x3152_4A54
    private static let magicOffset = 40
    private static let checkOffset = 44

    /// Bytes of a body at most. Reason: a length beyond any memory is no length.
    static let bodyByteCountMax = 1 << 40

    init(
        bodyByteCount: Int, sequence: UInt64, time: Int64, previousHash: UInt64, kind: Kind,
        bodyCheck: UInt32
    ) {
        self.bodyByteCount = bodyByteCount
        self.sequence = sequence
        self.time = time
        self.previousHash = previousHash
        self.kind = kind.rawValue
        self.bodyCheck = bodyCheck
    }

    /// Reads the header at `bytes`, which has ``byteCount`` readable bytes; nil when its own check
    /// fails.
    init?(at bytes: UnsafeRawPointer) {
        func word(_ offset: Int) -> UInt64 {
            unsafe UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        func half(_ offset: Int) -> UInt32 {
            unsafe UInt32(
                littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        let checked = unsafe UnsafeRawBufferPointer(
            start: bytes, count: RecordHeader.checkOffset)
        guard half(RecordHeader.magicOffset) == RecordHeader.magic,
            unsafe half(RecordHeader.checkOffset) == CRC32C.value(of: checked),
            word(0) <= UInt64(RecordHeader.bodyByteCountMax)
        else { return nil }
        bodyByteCount = Int(word(0))
        sequence = word(8)
        time = Int64(bitPattern: word(16))
        previousHash = word(24)
        kind = half(32)
        bodyCheck = half(36)
    }

    /// Writes the header to `bytes`, which has room for ``byteCount`` of them.
    func write(to bytes: UnsafeMutableRawPointer) {
        func put(_ word: UInt64, _ offset: Int) {
            unsafe bytes.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
        }
        func put(_ half: UInt32, _ offset: Int) {
            unsafe bytes.storeBytes(of: half.littleEndian, toByteOffset: offset, as: UInt32.self)
        }
        put(UInt64(bodyByteCount), 0)
        put(sequence, 8)
        put(UInt64(bitPattern: time), 16)
        put(previousHash, 24)
        put(kind, 32)
        put(bodyCheck, 36)
        put(RecordHeader.magic, RecordHeader.magicOffset)
        let checked = unsafe UnsafeRawBufferPointer(
            start: bytes, count: RecordHeader.checkOffset)
        put(unsafe CRC32C.value(of: checked), RecordHeader.checkOffset)
    }

    /// The hash of a record, which lies whole at `bytes`.
    static func hash(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        let header = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<checkOffset])
        let body = unsafe UnsafeRawBufferPointer(rebasing: bytes[byteCount...])
        return unsafe StableHash.hash(body, seed: StableHash.hash(header, seed: UInt64(magic)))
    }
}

extension ByteBuffer {
    /// A number in groups of seven bits, the lowest first.
    @inline(__always)
    func appendVarint(_ value: UInt64) {
        reserve(10)
        var rest = value
        while rest >= 0x80 {
            unsafe unsafeAppend(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        unsafe unsafeAppend(byte: UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    func appendSignedVarint(_ value: Int64) {
        appendVarint(UInt64(bitPattern: value &<< 1 ^ value &>> 63))
    }
}
