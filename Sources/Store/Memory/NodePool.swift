import Glibc
import Synchronization

/// The memory of a store: blocks for tree nodes, directories, pages and version roots.
///
/// Every block begins with 16 bytes: the stamp of the group that made it, its size, and four bytes
/// that its owner may use. Readers of a version never look at the stamp or the size.
///
/// The pool itself only gives and takes memory, from any thread. What may be changed in place and
/// what must be copied is known to a ``NodeWriter``; what may be freed, to ``ReaderSlots``.
// Safe: all shared state is the one atomic counter.
@safe
final class NodePool: Sendable {
    /// Bytes at the front of every block.
    static let headerByteCount = 16
    static let stampOffset = 0
    static let byteCountOffset = 8
    /// Four bytes of the header that the pool neither reads nor writes after ``allocate``, which
    /// clears them.
    static let ownerOffset = 12

    private let bytes = Atomic<Int>(0)

    /// Bytes of all blocks given out and not yet taken back. The system's own overhead, about
    /// 8 bytes a block, is not in it.
    var bytesInUse: Int { bytes.load(ordering: .relaxed) }

    /// A block of `byteCount` bytes, header included, aligned to 16. Behind the header the content
    /// is arbitrary.
    func allocate(byteCount: Int, stamp: UInt64) -> UnsafeMutableRawPointer {
        precondition(byteCount >= NodePool.headerByteCount && byteCount <= Int(UInt32.max))
        guard let block = unsafe malloc(byteCount) else {
            fatalError("out of memory: \(byteCount) bytes for a block of the store")
        }
        bytes.wrappingAdd(byteCount, ordering: .relaxed)
        unsafe block.storeBytes(of: stamp, toByteOffset: NodePool.stampOffset, as: UInt64.self)
        unsafe block.storeBytes(
            of: UInt32(truncatingIfNeeded: byteCount), toByteOffset: NodePool.byteCountOffset,
            as: UInt32.self)
        unsafe block.storeBytes(of: 0, toByteOffset: NodePool.ownerOffset, as: UInt32.self)
        return unsafe block
    }

    /// Gives a block back to the system. No reader and no version may lead to it any more.
    func release(_ block: UnsafeMutableRawPointer) {
        let byteCount = unsafe NodePool.byteCount(of: block)
        bytes.wrappingSubtract(byteCount, ordering: .relaxed)
        #if DEBUG
            // A reader that comes too late finds a pattern and not yesterday's truth.
            unsafe memset(block, 0xDB, byteCount)
        #endif
        unsafe free(block)
    }

    /// The stamp of the group that made the block.
    @inline(__always)
    static func stamp(of block: UnsafeRawPointer) -> UInt64 {
        unsafe block.load(fromByteOffset: stampOffset, as: UInt64.self)
    }

    /// The size that was asked for, header included.
    @inline(__always)
    static func byteCount(of block: UnsafeRawPointer) -> Int {
        unsafe Int(block.load(fromByteOffset: byteCountOffset, as: UInt32.self))
    }
}

/// A block that the versions from a stamp on no longer lead to.
// Safe: whoever holds one is the only one who may free the block.
@safe
struct RetiredBlock: @unchecked Sendable {
    let block: UnsafeMutableRawPointer
    /// The first version without it. It is seen by the versions from its own stamp up to this one,
    /// this one excluded.
    let retirement: UInt64

    @inline(__always)
    var birth: UInt64 { unsafe NodePool.stamp(of: block) }
}

/// The changes that one group makes to blocks, by one thread.
///
/// A block that this group has made may be changed in place, because no version leads to it yet.
/// Any other is copied, and the old one retired. Several writers may serve one group side by side
/// (building indexes in parallel) as long as they work on different trees.
// Safe: blocks are only touched by the group's thread before they are published.
@safe
final class NodeWriter {
    let pool: NodePool
    /// The sequence number of the version this group will be.
    let stamp: UInt64
    /// Blocks of older versions that this group has replaced.
    private(set) var retired: [RetiredBlock] = []

    init(pool: NodePool, stamp: UInt64) {
        self.pool = pool
        self.stamp = stamp
    }

    /// A new block that this group may change.
    @inline(__always)
    func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
        unsafe pool.allocate(byteCount: byteCount, stamp: stamp)
    }

    /// Whether this group has made the block, so that it may be changed in place.
    @inline(__always)
    func isOwned(_ block: UnsafeRawPointer) -> Bool {
        unsafe NodePool.stamp(of: block) == stamp
    }

    /// Declares that this group's version does not lead to the block: one of its own is freed at
    /// once, one of an older version when no pin sees it any more.
    @inline(__always)
    func retire(_ block: UnsafeMutableRawPointer) {
        if unsafe isOwned(block) {
            unsafe pool.release(block)
        } else {
            unsafe retired.append(RetiredBlock(block: block, retirement: stamp))
        }
    }

    /// Takes over what another writer of the same group has retired.
    func absorb(_ other: NodeWriter) {
        precondition(other.stamp == stamp, "writers of different groups")
        retired.append(contentsOf: other.retired)
        other.retired.removeAll()
    }

    /// What this writer has retired, given away: for ``ReaderSlots/publish(_:retiring:)``.
    func takeRetired() -> [RetiredBlock] {
        let taken = retired
        retired = []
        return taken
    }
}
