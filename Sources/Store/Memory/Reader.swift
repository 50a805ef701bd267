import Synchronization

/// A way into the store for one thread: it pins one version after the other.
///
/// A reader costs a slot of a fixed number; a thread that reads often keeps its own. It is not
/// `Sendable`: it may be handed to another thread, not shared with one.
// Safe: the slot belongs to this reader until `deinit`, and `slots` keeps its memory.
@safe
public final class Reader {
    private let slots: ReaderSlots
    private let slot: Int
    private let pinned: UnsafeMutablePointer<ReaderSlot>
    private let current: UnsafeMutablePointer<CurrentVersion>
    /// Whoever frees the last version when it goes.
    private let owner: AnyObject?

    /// - Parameter owner: kept as long as the reader, because with it the blocks would go.
    /// - Returns: nil when ``ReaderSlots/slotCount`` readers exist already.
    init?(_ slots: ReaderSlots, keeping owner: AnyObject?) {
        guard let slot = slots.takeSlot() else { return nil }
        self.slots = slots
        self.slot = slot
        self.owner = owner
        unsafe pinned = unsafe slots.slots + slot
        unsafe current = unsafe slots.current
    }

    deinit {
        unpin()
        slots.returnSlot(slot)
    }

    /// Pins the current version. What the view leads to stays as it is until ``unpin()``.
    ///
    /// Pins do not nest: one must have been given back before the next is taken.
    public func pin() -> VersionView {
        pin { _ in }
    }

    /// The places in ``pin()`` at which a writer may publish a version.
    enum PinStep {
        case sequenceRead, pinWritten, rootRead
    }

    /// As ``pin()``, calling `body` where something may happen in between.
    @inline(__always)
    func pin(interruptedBy body: (PinStep) -> Void) -> VersionView {
        unsafe precondition(
            pinned.pointee.word.load(ordering: .relaxed) == 0, "a reader pins one version")
        while true {
            let sequence = unsafe current.pointee.sequence
            body(.sequenceRead)
            unsafe pinned.pointee.word.store(sequence << 1, ordering: .sequentiallyConsistent)
            body(.pinWritten)
            let root = unsafe current.pointee.root(of: sequence)
            body(.rootRead)
            if unsafe current.pointee.sequence == sequence {
                return unsafe VersionView(root: root)
            }
            // Blocks may have been hung on this pin already.
            unpin()
        }
    }

    /// Gives the pin back, and frees what waited for it alone. Without a pin, nothing happens.
    public func unpin() {
        let word = unsafe pinned.pointee.word.exchange(0, ordering: .sequentiallyConsistent)
        if word & 1 != 0 { slots.releaseHanging(on: slot) }
    }

    /// The current version for the time of `body`.
    @inlinable
    public func withVersion<Result, Failure: Error>(
        _ body: (VersionView) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { unpin() }
        return try body(pin())
    }
}
