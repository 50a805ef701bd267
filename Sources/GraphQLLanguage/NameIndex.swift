import Bytes

/// The places of names in a list.
///
/// An open table: short names are looked up all the time, by names that bring their hash along.
public struct NameIndex: Sendable {
    private let names: [String]
    /// The count is a power of two, and at most half are taken.
    private let slots: [Slot]

    private struct Slot {
        var hash: UInt32 = 0
        /// -1 where the slot is free.
        var place: Int32 = -1
    }

    /// - Parameter names: of those that are equal the last one is found.
    public init(_ names: [String]) {
        self.names = names
        var slots = [Slot](repeating: Slot(), count: NameIndex.slotCount(for: names.count))
        for (place, name) in names.enumerated() {
            let hash = NameIndex.hash(name)
            var slot = Int(hash) & (slots.count - 1)
            while slots[slot].place >= 0, names[Int(slots[slot].place)] != name {
                slot = (slot + 1) & (slots.count - 1)
            }
            slots[slot] = Slot(hash: hash, place: Int32(truncatingIfNeeded: place))
        }
        self.slots = slots
    }

    public subscript(name: Name) -> Int? { place(of: name.value, name.hash) }
    public subscript(name: String) -> Int? { place(of: name, NameIndex.hash(name)) }

    private func place(of name: String, _ hash: UInt32) -> Int? {
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot].place >= 0 {
            if slots[slot].hash == hash, names[Int(slots[slot].place)] == name {
                return Int(slots[slot].place)
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private static func slotCount(for nameCount: Int) -> Int {
        var count = 4
        while count < nameCount * 2 { count *= 2 }
        return count
    }

    // MARK: Hashes

    /// Differs from process to process, so that no document is bad for all.
    static let seed = UInt64.random(in: .min ... .max)

    /// The hash that a `Name` of this text has.
    public static func hash(_ name: String) -> UInt32 {
        var name = name
        return name.withUTF8 { unsafe hash(UnsafeRawBufferPointer($0), seed: seed) }
    }

    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt32 {
        unsafe UInt32(truncatingIfNeeded: StableHash.hash(bytes, seed: seed))
    }
}
