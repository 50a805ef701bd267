import Bytes
import Synchronization

/// The pins of all readers, the current version, and what has to wait for a pin before it is freed.
///
/// **Pinning.** Each reader owns a slot on a cache line of its own. It writes the sequence number
/// of the current version there and then looks whether that version still is the current one. All
/// these steps are sequentially consistent: either the reader sees that a newer version was
/// published, and tries again, or whoever publishes next sees the pin.
///
/// **Reclamation.** A retired block is seen by the versions from its birth up to its retirement.
/// If no pin falls between, it is freed at once; otherwise it hangs on the slot of the oldest pin
/// that sees it and is looked at again when that pin goes. So a pin held for long keeps what it
/// can see and nothing else. Readers never wait for the writer, nor the writer for readers.
///
/// A slot's word is `sequence << 1`, plus 1 when blocks hang on it, or 0 when nothing is pinned.
/// Taking the pin away is one exchange: who gets the 1 back sees to the blocks.
// Safe: `slots` and `current` live as long as this object; readers hold it. The lists in `state`
// are only touched under its lock.
@safe
final class ReaderSlots: @unchecked Sendable {
    /// Readers at one time: event loops, workers, exports and snapshots together stay far below.
    static let slotCount = 512

    let pool: NodePool
    let slots: UnsafeMutablePointer<ReaderSlot>
    let current: UnsafeMutablePointer<CurrentVersion>
    private let state: Guarded<State>
    /// No slot from here on was ever in use.
    private let slotsTouched = Atomic<Int>(0)

    private struct State: Sendable {
        var freeSlots: [Int]
        /// By slot, the blocks that hang on it.
        var hanging: [[RetiredBlock]]
    }

    /// - Parameter first: the version to begin with. Its sequence number is not 0.
    init(pool: NodePool, first: VersionRoot) {
        self.pool = pool
        unsafe slots = .allocate(capacity: ReaderSlots.slotCount)
        for slot in 0..<ReaderSlots.slotCount {
            unsafe (slots + slot).initialize(to: ReaderSlot())
        }
        unsafe current = .allocate(capacity: 1)
        unsafe current.initialize(to: CurrentVersion(first))
        state = Guarded(
            State(
                freeSlots: Array((0..<ReaderSlots.slotCount).reversed()),
                hanging: Array(repeating: [], count: ReaderSlots.slotCount)))
    }

    deinit {
        unsafe slots.deinitialize(count: ReaderSlots.slotCount)
        unsafe slots.deallocate()
        unsafe current.deinitialize(count: 1)
        unsafe current.deallocate()
    }

    /// The version that a pin taken now would see. Only for the writer, who alone replaces it.
    var currentRoot: VersionRoot {
        unsafe VersionRoot(block: current.pointee.root(of: current.pointee.sequence))
    }

    /// Makes `root` the current version, and frees what thereby nobody can see any more: the block
    /// of the version before, and `retired`, as far as no pin holds them.
    ///
    /// Called by one thread at a time. `root.sequence` is one more than the current one; before
    /// there are readers, in recovery, it may be any greater one.
    func publish(_ root: VersionRoot, retiring retired: [RetiredBlock]) {
        let sequence = unsafe root.sequence
        let previous = unsafe currentRoot
        unsafe precondition(
            sequence == previous.sequence + 1
                || sequence > previous.sequence && pins().isEmpty, "a version out of order")
        unsafe current.pointee.replace(by: root.block, sequence: sequence)
        var blocks = retired
        unsafe blocks.append(RetiredBlock(block: previous.block, retirement: sequence))
        reclaim(blocks)
    }

    /// A slot for a new reader, or nil when all are taken.
    func takeSlot() -> Int? {
        state.withLock { state in
            guard let slot = state.freeSlots.popLast() else { return nil }
            if slot >= slotsTouched.load(ordering: .relaxed) {
                slotsTouched.store(slot + 1, ordering: .sequentiallyConsistent)
            }
            return slot
        }
    }

    /// Takes back the slot of a reader that has nothing pinned.
    func returnSlot(_ slot: Int) {
        state.withLock { $0.freeSlots.append(slot) }
    }

    /// Sees to the blocks that hung on a slot whose pin has just gone.
    func releaseHanging(on slot: Int) {
        let blocks = state.withLock { state in
            let blocks = state.hanging[slot]
            state.hanging[slot] = []
            return blocks
        }
        reclaim(blocks)
    }

    /// Pins that are held at this moment.
    var pinCount: Int { pins().count }

    /// Blocks that wait for a pin to go.
    var hangingCount: Int {
        state.withLock { state in state.hanging.reduce(0) { $0 + $1.count } }
    }

    // MARK: Reclamation

    private struct Pin {
        let sequence: UInt64
        let slot: Int
    }

    /// Blocks decided upon under one hold of the lock: about 10 µs.
    private static let batchCount = 1024

    /// Frees each block that no pin sees and hangs the others. No version from now on leads to
    /// them, so a pin taken meanwhile cannot see them.
    private func reclaim(_ blocks: [RetiredBlock]) {
        var next = 0
        while next < blocks.count {
            let end = min(next + ReaderSlots.batchCount, blocks.count)
            let unseen = hang(blocks[next..<end])
            for block in unseen {
                unsafe pool.release(block.block)
            }
            next = end
        }
    }

    /// Hangs each block on the oldest pin that sees it, and returns those that none sees.
    private func hang(_ blocks: ArraySlice<RetiredBlock>) -> [RetiredBlock] {
        state.withLock { state in
            var pins = pins()
            var unseen: [RetiredBlock] = []
            for block in blocks {
                var isHanging = false
                while let index = ReaderSlots.oldestPin(in: pins, seeing: block) {
                    if hold(pins[index]) {
                        state.hanging[pins[index].slot].append(block)
                        isHanging = true
                        break
                    }
                    pins.remove(at: index)
                }
                if !isHanging { unseen.append(block) }
            }
            return unseen
        }
    }

    /// Marks the slot of a pin so that the exchange which ends it answers 1. False when it has
    /// ended already.
    private func hold(_ pin: Pin) -> Bool {
        let word = pin.sequence << 1
        let (exchanged, original) = unsafe slots[pin.slot].word.compareExchange(
            expected: word, desired: word | 1, ordering: .sequentiallyConsistent)
        return exchanged || original == word | 1
    }

    /// All pins, the oldest first.
    private func pins() -> [Pin] {
        var pins: [Pin] = []
        for slot in 0..<slotsTouched.load(ordering: .sequentiallyConsistent) {
            let word = unsafe slots[slot].word.load(ordering: .sequentiallyConsistent)
            if word != 0 { pins.append(Pin(sequence: word >> 1, slot: slot)) }
        }
        pins.sort { $0.sequence < $1.sequence }
        return pins
    }

    /// The position of the first pin that is not before the block's birth, if it is before its
    /// retirement. O(log n).
    private static func oldestPin(in pins: [Pin], seeing block: RetiredBlock) -> Int? {
        let birth = block.birth
        var low = 0
        var high = pins.count
        while low < high {
            let middle = (low + high) / 2
            if pins[middle].sequence < birth { low = middle + 1 } else { high = middle }
        }
        guard low < pins.count, pins[low].sequence < block.retirement else { return nil }
        return low
    }
}

/// One reader's pin, alone on its pair of cache lines: the processor fetches them in pairs.
struct ReaderSlot: ~Copyable {
    let word = Atomic<UInt64>(0)
    private let padding: InlineArray<15, UInt64> = .init(repeating: 0)
}

/// The sequence number of the current version and its block, so placed that a reader gets a pair
/// that belongs together.
///
/// The blocks of even and of odd versions have a place each. The place of a version is written
/// before its number becomes the current one, and next written two versions later; so a reader
/// that finds the same number before and after it has read the place, has read the right block.
struct CurrentVersion: ~Copyable {
    private let number: Atomic<UInt64>
    private let even: Atomic<UInt>
    private let odd: Atomic<UInt>

    init(_ root: VersionRoot) {
        let address = unsafe UInt(bitPattern: root.block)
        unsafe number = Atomic(root.sequence)
        even = Atomic(address)
        odd = Atomic(address)
    }

    @inline(__always)
    var sequence: UInt64 { number.load(ordering: .sequentiallyConsistent) }

    /// The block of the version `sequence`, if that is the current one before and after.
    @inline(__always)
    func root(of sequence: UInt64) -> UnsafeMutableRawPointer {
        let address =
            sequence & 1 == 0
            ? even.load(ordering: .sequentiallyConsistent)
            : odd.load(ordering: .sequentiallyConsistent)
        return unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
    }

    func replace(by root: UnsafeMutableRawPointer, sequence: UInt64) {
        let address = UInt(bitPattern: root)
        if sequence & 1 == 0 {
            even.store(address, ordering: .sequentiallyConsistent)
        } else {
            odd.store(address, ordering: .sequentiallyConsistent)
        }
        number.store(sequence, ordering: .sequentiallyConsistent)
    }
}
