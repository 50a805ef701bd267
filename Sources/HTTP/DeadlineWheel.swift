/// Which connections to look at when: a timing wheel over their places in the loop.
///
/// A place is in at most one slot. Moving a deadline further away costs nothing: the place stays
/// where it is, is looked at too early, and put back. So a connection that answers thousands of
/// requests a second touches the wheel once in many seconds.
struct DeadlineWheel {
    /// A slot is 2^27 ns, about 134 ms: deadlines are seconds, and looked at up to that much late.
    static let tickShift: UInt64 = 27
    /// 1,024 slots reach 137 s ahead, beyond the longest default deadline; what lies further is
    /// put into the last slot and looked at again.
    static let slotCount = 1024

    /// First place in each slot, then the ring of each slot's places; -1 for none.
    private var heads = [Int32](repeating: -1, count: DeadlineWheel.slotCount)
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// The tick each place waits for, or `none`.
    private var ticks: [UInt64] = []
    /// Bit per slot that is not empty.
    private var occupied = [UInt64](repeating: 0, count: DeadlineWheel.slotCount / 64)
    /// The tick to look at next; all before it are done.
    private var cursor: UInt64

    private static let none = UInt64.max

    init(now: UInt64) {
        cursor = now &>> DeadlineWheel.tickShift
    }

    /// Makes sure that `place` is looked at when `deadline` has passed, or earlier.
    mutating func schedule(_ place: Int, deadline: UInt64) {
        while ticks.count <= place {
            ticks.append(DeadlineWheel.none)
            next.append(-1)
            previous.append(-1)
        }
        guard deadline != .max else { return }
        let wanted = deadline &>> DeadlineWheel.tickShift &+ 1
        guard ticks[place] > wanted else { return }
        cancel(place)
        let last = cursor &+ UInt64(DeadlineWheel.slotCount &- 1)
        let tick = min(max(wanted, cursor), last)
        let slot = Int(tick % UInt64(DeadlineWheel.slotCount))
        ticks[place] = tick
        previous[place] = -1
        next[place] = heads[slot]
        if heads[slot] >= 0 { previous[Int(heads[slot])] = Int32(truncatingIfNeeded: place) }
        heads[slot] = Int32(truncatingIfNeeded: place)
        occupied[slot / 64] |= 1 &<< UInt64(slot % 64)
    }

    /// Takes `place` out.
    mutating func cancel(_ place: Int) {
        guard place < ticks.count, ticks[place] != DeadlineWheel.none else { return }
        let slot = Int(ticks[place] % UInt64(DeadlineWheel.slotCount))
        ticks[place] = DeadlineWheel.none
        let after = next[place]
        let before = previous[place]
        if before >= 0 { next[Int(before)] = after } else { heads[slot] = after }
        if after >= 0 { previous[Int(after)] = before }
        if heads[slot] < 0 { occupied[slot / 64] &= ~(1 &<< UInt64(slot % 64)) }
    }

    /// Takes one place out whose time has come; `nil` when there is none left.
    mutating func popDue(now: UInt64) -> Int? {
        let present = now &>> DeadlineWheel.tickShift
        while cursor <= present {
            let head = heads[Int(cursor % UInt64(DeadlineWheel.slotCount))]
            if head >= 0 {
                cancel(Int(head))
                return Int(head)
            }
            cursor &+= 1
        }
        return nil
    }

    /// How long to sleep until the next place is due, -1 when there is none.
    func timeoutMilliseconds(now: UInt64) -> Int32 {
        guard let distance = slotsToNext() else { return -1 }
        let due = (cursor &+ UInt64(distance)) &<< DeadlineWheel.tickShift
        guard due > now else { return 0 }
        return Int32(truncatingIfNeeded: (due &- now) / 1_000_000 &+ 1)
    }

    /// Slots from the cursor to the next one that is not empty.
    private func slotsToNext() -> Int? {
        let slotCount = DeadlineWheel.slotCount
        let first = Int(cursor % UInt64(slotCount))
        var distance = 0
        while distance < slotCount {
            let slot = (first &+ distance) % slotCount
            let word = occupied[slot / 64] &>> UInt64(slot % 64)
            if word != 0 { return distance &+ word.trailingZeroBitCount }
            distance &+= 64 &- slot % 64
        }
        return nil
    }
}
