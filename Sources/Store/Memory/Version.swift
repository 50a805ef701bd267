/// The places of all roots within a version's block, the same for every version of a store.
///
///     0   sequence number of the version (the stamp of its block)
///     8   size of the block               12  shardBits
///     16  number of tables                20  number of indexes
///     24  offset of the first index       28  unused
///     32  tables, one after the other:
///             0   live rows
///             8   next creation number
///             16  shards, 16 bytes each: address of the directory's root (0 = none),
///                 end of the slots given out (4 bytes), depth of the directory (4 bytes)
///     …   indexes, 16 bytes each: address of the tree's root (0 = empty),
///         number of entries (4 bytes), height (2 bytes), stride (2 bytes)
@usableFromInline
struct VersionLayout: Sendable, Equatable {
    let tableCount: Int
    /// Declared and own indexes.
    let indexCount: Int
    /// Logarithm of the number of shards.
    let shardBits: Int

    @inlinable static var tablesOffset: Int { 32 }
    @inlinable static var shardsOffset: Int { 16 }
    @inlinable static var shardByteCount: Int { 16 }
    @inlinable static var indexByteCount: Int { 16 }

    var tableByteCount: Int {
        VersionLayout.shardsOffset + VersionLayout.shardByteCount << shardBits
    }
    var indexesOffset: Int { VersionLayout.tablesOffset + tableCount * tableByteCount }
    var byteCount: Int { indexesOffset + indexCount * VersionLayout.indexByteCount }
}

/// Where the rows of one table on one shard begin.
@unsafe
struct ShardRoot {
    /// The root of the directory, none while no row was ever inserted.
    var directory: UnsafeMutableRawPointer?
    /// Levels of the directory above the pages.
    var depth: Int
    /// The next slot to be given out.
    var slotEnd: Int
}

/// The block of a version: read by everyone once published, changed only by the group that makes
/// it.
@unsafe
struct VersionRoot {
    let block: UnsafeMutableRawPointer

    init(block: UnsafeMutableRawPointer) {
        unsafe self.block = unsafe block
    }

    /// The first version of a store: no rows, empty trees of the given strides.
    init(layout: VersionLayout, strides: [Int], writer: NodeWriter) {
        precondition(strides.count == layout.indexCount)
        unsafe block = writer.allocate(byteCount: layout.byteCount)
        let header = NodePool.headerByteCount
        unsafe (block + header).initializeMemory(
            as: UInt8.self, repeating: 0, count: layout.byteCount - header)
        unsafe store(layout.shardBits, at: NodePool.ownerOffset)
        unsafe store(layout.tableCount, at: 16)
        unsafe store(layout.indexCount, at: 20)
        unsafe store(layout.indexesOffset, at: 24)
        for table in 0..<layout.tableCount {
            unsafe setNextCreation(of: TableID(table), to: 1)
        }
        for (index, stride) in strides.enumerated() {
            unsafe setTree(of: IndexID(index), to: Tree(stride: stride))
        }
    }

    /// The beginning of the version after `previous`: the same roots in a block of its own.
    init(copying previous: VersionRoot, writer: NodeWriter) {
        let byteCount = unsafe NodePool.byteCount(of: previous.block)
        unsafe block = writer.allocate(byteCount: byteCount)
        let start = NodePool.ownerOffset
        unsafe (block + start).copyMemory(
            from: previous.block + start, byteCount: byteCount - start)
    }

    var sequence: UInt64 { unsafe NodePool.stamp(of: block) }

    /// Gives a draft a later number than that of the group that made it.
    func setSequence(_ sequence: UInt64) {
        unsafe precondition(sequence >= self.sequence, "a version does not go back")
        unsafe block.storeBytes(of: sequence, toByteOffset: NodePool.stampOffset, as: UInt64.self)
    }
    var shardBits: Int { unsafe load(at: NodePool.ownerOffset) }
    var shardCount: Int { unsafe 1 << shardBits }
    var tableCount: Int { unsafe load(at: 16) }
    var indexCount: Int { unsafe load(at: 20) }

    /// What a reader of this version sees.
    var view: VersionView { unsafe VersionView(root: block) }

    // MARK: Tables

    /// The part of the block that belongs to a table, laid out as ``VersionLayout`` says.
    func tableRecord(_ table: TableID) -> UnsafeMutableRawPointer {
        unsafe block + offset(of: table)
    }

    func liveCount(of table: TableID) -> Int {
        unsafe block.load(fromByteOffset: offset(of: table), as: Int.self)
    }

    func setLiveCount(of table: TableID, to count: Int) {
        unsafe block.storeBytes(of: count, toByteOffset: offset(of: table), as: Int.self)
    }

    /// The creation number of the next row, from 1; 2^32 when the table's numbers are used up.
    func nextCreation(of table: TableID) -> UInt64 {
        unsafe block.load(fromByteOffset: offset(of: table) + 8, as: UInt64.self)
    }

    func setNextCreation(of table: TableID, to creation: UInt64) {
        unsafe block.storeBytes(
            of: creation, toByteOffset: offset(of: table) + 8, as: UInt64.self)
    }

    func shard(_ shard: Int, of table: TableID) -> ShardRoot {
        let start = unsafe offset(of: shard, table)
        let directory = unsafe block.load(
            fromByteOffset: start, as: UnsafeMutableRawPointer?.self)
        return unsafe ShardRoot(
            directory: directory, depth: load(at: start + 12), slotEnd: load(at: start + 8))
    }

    func setShard(_ shard: Int, of table: TableID, to root: ShardRoot) {
        let start = unsafe offset(of: shard, table)
        unsafe block.storeBytes(
            of: root.directory, toByteOffset: start, as: UnsafeMutableRawPointer?.self)
        unsafe store(root.slotEnd, at: start + 8)
        unsafe store(root.depth, at: start + 12)
    }

    // MARK: Indexes

    func tree(of index: IndexID) -> Tree {
        let start = unsafe offset(of: index)
        return unsafe Tree(
            root: block.load(fromByteOffset: start, as: UnsafeMutableRawPointer?.self),
            height: Int(block.load(fromByteOffset: start + 12, as: UInt16.self)),
            count: load(at: start + 8),
            stride: Int(block.load(fromByteOffset: start + 14, as: UInt16.self)))
    }

    func setTree(of index: IndexID, to tree: Tree) {
        let start = unsafe offset(of: index)
        unsafe block.storeBytes(
            of: tree.root, toByteOffset: start, as: UnsafeMutableRawPointer?.self)
        unsafe store(tree.count, at: start + 8)
        unsafe block.storeBytes(
            of: UInt16(tree.height), toByteOffset: start + 12, as: UInt16.self)
        unsafe block.storeBytes(
            of: UInt16(tree.stride), toByteOffset: start + 14, as: UInt16.self)
    }

    // MARK: Places

    private func offset(of table: TableID) -> Int {
        unsafe assert(table.index >= 0 && table.index < tableCount)
        let byteCount =
            unsafe VersionLayout.shardsOffset + VersionLayout.shardByteCount << shardBits
        return VersionLayout.tablesOffset + table.index * byteCount
    }

    private func offset(of shard: Int, _ table: TableID) -> Int {
        unsafe assert(shard >= 0 && shard < shardCount)
        return unsafe offset(of: table) + VersionLayout.shardsOffset
            + shard * VersionLayout.shardByteCount
    }

    private func offset(of index: IndexID) -> Int {
        unsafe assert(index.index >= 0 && index.index < indexCount)
        return unsafe load(at: 24) + index.index * VersionLayout.indexByteCount
    }

    private func load(at offset: Int) -> Int {
        unsafe Int(block.load(fromByteOffset: offset, as: UInt32.self))
    }

    private func store(_ value: Int, at offset: Int) {
        unsafe block.storeBytes(of: UInt32(value), toByteOffset: offset, as: UInt32.self)
    }
}
