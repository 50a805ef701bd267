import Bytes

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
    /// The hash of that record.
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
}

/// The newest journal of a data directory, open for more records.
public final class Journal: @unchecked Sendable {
    let codec: any FileCodec
    public let syncMode: SyncMode

    private init(codec: any FileCodec, syncMode: SyncMode) {
        self.codec = codec
        self.syncMode = syncMode
    }

    /// Makes the file of a generation, whole and synced, name included, and its mark.
    ///
    /// - Parameter end: what the first record follows; its generation and offset do not matter.
    public static func create(
        on disk: any Disk, generation: UInt64, following end: JournalEnd,
        definition: StoreDefinition, shardCount: Int, codec: any FileCodec, syncMode: SyncMode
    ) throws(DiskError) -> Journal {
        Journal(codec: codec, syncMode: syncMode)
    }

    /// Opens a file that was read up to `end`, cuts what is behind, syncs it and sets the mark.
    public static func resume(
        on disk: any Disk, at end: JournalEnd, definition: StoreDefinition, shardCount: Int,
        codec: any FileCodec, syncMode: SyncMode
    ) throws(DiskError) -> Journal {
        Journal(codec: codec, syncMode: syncMode)
    }

    /// `journal-0000000001.log`
    public static func name(generation: UInt64) -> String { "" }

    /// Where the journal ends at this moment; from any thread.
    public var end: JournalEnd {
        JournalEnd(generation: 0, sequence: 0, hash: 0, time: 0, offset: 0)
    }
}
