import Glibc

/// Growable raw memory for output: a response or a file block is rendered straight into it.
///
/// A buffer belongs to one owner at a time. It is not `Sendable`; hand it to another thread as a
/// `sending` value, after which the first owner no longer touches it.
///
/// Each `append…` makes room by itself. The `unsafeAppend…` forms do not: they are for runs of
/// small pieces after one ``reserve(_:)`` that covers them all.
// Safe: `base` is owned by this object alone, has `capacity` bytes, and the first `count` of them
// are initialised; every checked method keeps `count <= capacity`.
@safe
public final class ByteBuffer {
    /// The first byte. Valid until the next call that may grow or shrink the memory.
    public var base: UnsafeMutableRawPointer {
        @inline(__always) @inlinable get { unsafe storage }
    }

    /// Bytes written so far.
    public var count: Int {
        @inline(__always) @inlinable get { filled }
    }

    /// Bytes the present memory can hold.
    public var capacity: Int {
        @inline(__always) @inlinable get { room }
    }

    @inlinable public var isEmpty: Bool { filled == 0 }

    @usableFromInline var storage: UnsafeMutableRawPointer
    @usableFromInline var filled: Int
    @usableFromInline var room: Int

    /// - Parameter capacity: bytes to hold before the first growth; at least 64 are taken.
    public init(capacity: Int = 4096) {
        room = max(capacity, ByteBuffer.capacityMin)
        filled = 0
        unsafe storage = ByteBuffer.memory(replacing: nil, byteCount: room)
    }

    deinit {
        unsafe free(storage)
    }

    /// Below this, growing would cost more than it saves; the widest fixed-size append fits.
    @usableFromInline static let capacityMin = 64

    // MARK: Room

    /// Makes room for `extra` more bytes, at least doubling when it must grow.
    @inline(__always) @inlinable
    public func reserve(_ extra: Int) {
        if _slowPath(extra > room &- filled) { grow(by: extra) }
    }

    @inline(never) @usableFromInline
    func grow(by extra: Int) {
        precondition(extra <= Int.max / 4 && filled <= Int.max / 4, "a buffer beyond any memory")
        room = max(room &* 2, filled &+ extra)
        unsafe storage = ByteBuffer.memory(replacing: storage, byteCount: room)
    }

    private static func memory(
        replacing old: UnsafeMutableRawPointer?, byteCount: Int
    ) -> UnsafeMutableRawPointer {
        guard let new = unsafe realloc(old, byteCount) else {
            fatalError("out of memory: \(byteCount) bytes for a buffer")
        }
        return unsafe new
    }

    /// Forgets everything from `newCount` on. `newCount` must be in `0...count`.
    @inlinable
    public func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= filled, "truncation beyond the end")
        filled = newCount
    }

    /// Forgets everything. Memory of more than `capacityBytesMax` is given back.
    public func removeAll(keepingAtMost capacityBytesMax: Int = .max) {
        filled = 0
        let kept = max(capacityBytesMax, ByteBuffer.capacityMin)
        if room > kept {
            unsafe free(storage)
            room = kept
            unsafe storage = ByteBuffer.memory(replacing: nil, byteCount: kept)
        }
    }

    /// Exchanges contents and memory with another buffer. O(1).
    public func exchange(with other: ByteBuffer) {
        guard other !== self else { return }
        unsafe swap(&storage, &other.storage)
        swap(&filled, &other.filled)
        swap(&room, &other.room)
    }

    /// Counts `byteCount` bytes as written that the caller has put at `base + count`.
    @unsafe @inline(__always) @inlinable
    public func unsafeAdvance(by byteCount: Int) {
        assert(byteCount >= 0 && byteCount <= room &- filled)
        filled &+= byteCount
    }

    // MARK: Appending

    @inline(__always) @inlinable
    public func append(byte: UInt8) {
        reserve(1)
        unsafe unsafeAppend(byte: byte)
    }

    @inlinable
    public func append(repeating byte: UInt8, count byteCount: Int) {
        guard byteCount > 0 else { return }
        reserve(byteCount)
        unsafe (storage + filled).initializeMemory(
            as: UInt8.self, repeating: byte, count: byteCount)
        filled &+= byteCount
    }

    @inlinable
    public func append(_ bytes: UnsafeRawBufferPointer) {
        guard let pointer = bytes.baseAddress else { return }
        unsafe append(pointer, count: bytes.count)
    }

    /// Puts bytes before the one at `place`, which must be in `0...count`. O(bytes behind it).
    public func insert(_ bytes: UnsafeRawBufferPointer, at place: Int) {
        precondition(place >= 0 && place <= filled, "an insertion beyond the end")
        guard let pointer = bytes.baseAddress else { return }
        reserve(bytes.count)
        unsafe memmove(storage + place + bytes.count, storage + place, filled &- place)
        unsafe memcpy(storage + place, pointer, bytes.count)
        filled &+= bytes.count
    }

    /// Appends what another buffer holds, and empties that. The memory of a large one is taken over,
    /// so that there are never two copies.
    public func append(emptying other: ByteBuffer) {
        precondition(other !== self, "a buffer cannot be emptied into itself")
        if other.filled > ByteBuffer.takenOverMin && other.filled > filled {
            unsafe withUnsafeBytes { unsafe other.insert($0, at: 0) }
            exchange(with: other)
        } else {
            unsafe other.withUnsafeBytes { unsafe append($0) }
        }
        other.removeAll(keepingAtMost: ByteBuffer.takenOverMin)
    }

    /// Bytes from which on memory is taken over. Reason: less is copied as fast.
    private static let takenOverMin = 1 << 16

    /// Copies `byteCount` bytes from `pointer`, which must be readable for that many.
    @inlinable
    public func append(_ pointer: UnsafeRawPointer, count byteCount: Int) {
        reserve(byteCount)
        unsafe unsafeAppend(pointer, count: byteCount)
    }

    @inlinable
    public func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    @inlinable
    public func append(_ bytes: ArraySlice<UInt8>) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    @inline(__always) @inlinable
    public func append(_ text: StaticString) {
        text.withUTF8Buffer { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    /// The text as UTF-8. Disfavoured, so that a literal takes the form above, which is a plain
    /// copy of bytes known at compile time.
    @_disfavoredOverload @inlinable
    public func append(_ text: String) {
        var text = text
        text.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    // MARK: Appending without a check

    /// One byte; room for it must have been reserved.
    @unsafe @inline(__always) @inlinable
    public func unsafeAppend(byte: UInt8) {
        assert(filled < room)
        unsafe storage.storeBytes(of: byte, toByteOffset: filled, as: UInt8.self)
        filled &+= 1
    }

    /// `byteCount` bytes; room for them must have been reserved.
    @unsafe @inline(__always) @inlinable
    public func unsafeAppend(_ pointer: UnsafeRawPointer, count byteCount: Int) {
        assert(byteCount >= 0 && byteCount <= room &- filled)
        unsafe copySmall(from: pointer, to: storage + filled, count: byteCount)
        filled &+= byteCount
    }

    // MARK: Reading back

    /// The written bytes; they must not be used after `body`, nor the buffer written within it.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: storage, count: filled))
    }

    /// A copy of the written bytes. O(`count`).
    public var bytes: [UInt8] {
        unsafe withUnsafeBytes { unsafe Array($0) }
    }

    /// The written bytes as text; what is not UTF-8 becomes U+FFFD. O(`count`).
    public func makeString() -> String {
        unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

/// Copies `count` bytes between regions that do not overlap.
///
/// Up to 32 bytes go as two overlapping blocks, without a call: a 12-byte key costs about 1 ns.
@inline(__always) @inlinable
public func copySmall(
    from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int
) {
    if count > 32 {
        unsafe target.copyMemory(from: source, byteCount: count)
    } else if count > 16 {
        unsafe copyEnds(from: source, to: target, count: count, as: SIMD16<UInt8>.self)
    } else if count >= 8 {
        unsafe copyEnds(from: source, to: target, count: count, as: UInt64.self)
    } else if count >= 4 {
        unsafe copyEnds(from: source, to: target, count: count, as: UInt32.self)
    } else if count > 0 {
        let first = unsafe source.load(as: UInt8.self)
        let middle = unsafe source.load(fromByteOffset: count &>> 1, as: UInt8.self)
        let last = unsafe source.load(fromByteOffset: count &- 1, as: UInt8.self)
        unsafe target.storeBytes(of: first, as: UInt8.self)
        unsafe target.storeBytes(of: middle, toByteOffset: count &>> 1, as: UInt8.self)
        unsafe target.storeBytes(of: last, toByteOffset: count &- 1, as: UInt8.self)
    }
}

/// The first and the last block of `count` bytes, both loaded before either is stored.
@inline(__always) @inlinable
func copyEnds<Block: BitwiseCopyable>(
    from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, count: Int,
    as block: Block.Type
) {
    let tail = count &- MemoryLayout<Block>.size
    let first = unsafe source.loadUnaligned(as: Block.self)
    let last = unsafe source.loadUnaligned(fromByteOffset: tail, as: Block.self)
    unsafe target.storeBytes(of: first, as: Block.self)
    unsafe target.storeBytes(of: last, toByteOffset: tail, as: Block.self)
}
