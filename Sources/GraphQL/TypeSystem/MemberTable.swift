import GraphQLLanguage

/// The fields and input fields of all types of a schema, by type and name, with what validation asks
/// of each of them: one open table without references, because a document asks for hundreds.
struct MemberTable: Sendable {
    struct Member {
        /// In the type's `fields` or `inputFields`.
        let index: Int
        let type: TypeReference
        /// Of a field: whether it has a required argument.
        let hasRequiredArguments: Bool
        /// Of an input field.
        let hasDefault: Bool
    }

    private struct Entry {
        let owner: TypeID
        let name: String
        let member: Member
    }

    private struct Slot {
        var hash: UInt32 = 0
        /// In `entries`; -1 where the slot is free.
        var place: Int32 = -1
    }

    private var entries: [Entry] = []
    /// The count is a power of two, and at most half are taken.
    private var slots: [Slot]

    init(_ types: [NamedType]) {
        let count = types.reduce(0) { $0 + $1.fields.count + $1.inputFields.count }
        var slotCount = 4
        while slotCount < count * 2 { slotCount *= 2 }
        slots = Array(repeating: Slot(), count: slotCount)
        entries.reserveCapacity(count)
        for (place, type) in types.enumerated() {
            let owner = TypeID(place)
            for (index, field) in type.fields.enumerated() {
                let member = Member(
                    index: index, type: field.type,
                    hasRequiredArguments: field.hasRequiredArguments, hasDefault: false)
                add(Entry(owner: owner, name: field.name, member: member))
            }
            for (index, field) in type.inputFields.enumerated() {
                let member = Member(
                    index: index, type: field.type, hasRequiredArguments: false,
                    hasDefault: field.defaultValue != nil)
                add(Entry(owner: owner, name: field.name, member: member))
            }
        }
    }

    private mutating func add(_ entry: Entry) {
        let hash = MemberTable.hash(NameIndex.hash(entry.name), entry.owner)
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot].place >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Slot(hash: hash, place: Int32(truncatingIfNeeded: entries.count))
        entries.append(entry)
    }

    func member(_ name: Name, of owner: TypeID) -> Member? {
        let hash = MemberTable.hash(name.hash, owner)
        var slot = Int(hash) & (slots.count - 1)
        while slots[slot].place >= 0 {
            let place = Int(slots[slot].place)
            if slots[slot].hash == hash, entries[place].owner == owner,
                entries[place].name == name.value
            {
                return entries[place].member
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private static func hash(_ name: UInt32, _ owner: TypeID) -> UInt32 {
        name ^ UInt32(truncatingIfNeeded: owner.index) &* 0x9E37_79B9
    }
}
