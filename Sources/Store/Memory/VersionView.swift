/// One immutable state of all tables and indexes, or the draft of the next.
///
/// A view is a pointer. It is good as long as its version is pinned, and with it all that was
/// taken from it: trees, cursors, rows, bytes. The view of a draft is good until the next change.
// Safe: whoever holds a view keeps the pin of the reader it came from (``Reader/pin()``); blocks
// that a pinned version leads to are neither changed nor freed.
@safe
public struct VersionView: @unchecked Sendable {
    @usableFromInline let root: UnsafeRawPointer

    @inlinable
    init(root: UnsafeRawPointer) {
        unsafe self.root = unsafe root
    }

    /// The number of this version; every published group of changes counts it up by one.
    @inlinable public var sequence: UInt64 {
        unsafe root.load(as: UInt64.self)
    }

    /// Logarithm of the number of shards.
    @inlinable public var shardBits: Int {
        unsafe Int(root.load(fromByteOffset: 12, as: UInt32.self))
    }

    /// The entries of an index.
    @inlinable
    public func tree(_ index: IndexID) -> TreeView {
        let offset = unsafe Int(root.load(fromByteOffset: 24, as: UInt32.self))
        let record = unsafe root + (offset &+ index.index &* VersionLayout.indexByteCount)
        return unsafe TreeView(
            root: record.load(as: UnsafeRawPointer?.self),
            count: Int(record.load(fromByteOffset: 8, as: UInt32.self)),
            height: Int(record.load(fromByteOffset: 12, as: UInt16.self)),
            stride: Int(record.load(fromByteOffset: 14, as: UInt16.self)))
    }

    /// The record of a table within the version's block, laid out as ``VersionLayout`` says.
    @inlinable
    func tableRecord(_ table: TableID) -> UnsafeRawPointer {
        let byteCount =
            VersionLayout.shardsOffset &+ VersionLayout.shardByteCount &<< shardBits
        return unsafe root + (VersionLayout.tablesOffset &+ table.index &* byteCount)
    }
}
