import GraphQLLanguage

/// What validation notes down of a document on its one walk: the operations, fragments, selection
/// sets and variable uses, flat, with numbers for names and places for references.
///
/// Rules that look at the document as a graph (fragments that spread each other, fields that merge)
/// run over these arrays and never touch the tree again.
struct DocumentFacts {
    /// Place of a name in `names`.
    typealias NameID = Int
    /// Places in `selectionSets`, `fields` and `fragments`.
    typealias SetID = Int
    typealias FieldID = Int
    typealias FragmentID = Int

    struct Operation {
        let name: Name?
        let type: OperationType
        let offset: Int
        let variables: [VariableDefinition]
        var selectionSet: SetID
        /// Places in `variableUses`.
        var variableUses: Range<Int>
        let enterMoment: Int
        var leaveMoment: Int
    }

    struct Fragment {
        let name: NameID
        let nameOffset: Int
        let offset: Int
        let typeCondition: TypeID?
        var selectionSet: SetID
        /// Places in `variableUses`.
        var variableUses: Range<Int>
        let enterMoment: Int
    }

    struct SelectionSet {
        /// Places in `members`, in source order.
        let members: Range<Int>
        /// Nil when unknown.
        let parent: TypeID?
        /// The type condition of the inline fragment whose set it is.
        let typeCondition: TypeID?
        let isInline: Bool
        let moment: Int
        let offset: Int
    }

    enum Member {
        case field(FieldID)
        case inlineFragment(SetID)
        /// `offset` of the spread.
        case spread(NameID, offset: Int)
    }

    struct Field {
        let responseName: NameID
        let name: NameID
        /// Nil when unknown.
        let parent: TypeID?
        /// Nil when unknown.
        let type: TypeReference?
        /// Place in `argumentLists`; nil when there are no arguments.
        let arguments: Int?
        var selectionSet: SetID?
        let offset: Int
    }

    struct VariableUse {
        let name: NameID
        /// Nil when unknown.
        let type: TypeReference?
        /// Whether the argument or input field has a default.
        let hasDefault: Bool
        /// The input object with `@oneOf` in which the variable is a field's whole value.
        let oneOf: TypeID?
        let offset: Int
    }

    /// A field `__schema` or `__type`.
    struct IntrospectionRoot {
        let field: FieldID
        let moment: Int
    }

    var names = NameTable()
    var operations: [Operation] = []
    /// In source order, those that share a name included.
    var fragments: [Fragment] = []
    var selectionSets: [SelectionSet] = []
    var members: [Member] = []
    var fields: [Field] = []
    var argumentLists: [[Argument]] = []
    var variableUses: [VariableUse] = []
    var introspectionRoots: [IntrospectionRoot] = []
    /// The `@skip`, else `@include`, of a member, by its place in `members`.
    var conditions: [Int: Int] = [:]

    /// The fragment that a spread means, by name: the last of those that share it.
    private(set) var fragmentsByName: [NameID: FragmentID] = [:]

    /// Makes room for a document of so many bytes, at a guess.
    mutating func reserve(forByteCount byteCount: Int) {
        let nodes = min(byteCount / 12, 1_024)
        fields.reserveCapacity(nodes)
        members.reserveCapacity(nodes)
        selectionSets.reserveCapacity(nodes / 4)
    }

    mutating func addFragment(_ fragment: Fragment) {
        fragmentsByName[fragment.name] = fragments.count
        fragments.append(fragment)
    }
}

/// Numbers for the names of a document, in order of first appearance.
///
/// An open table with a hash of its own: names are short, and every field asks.
struct NameTable {
    private(set) var names: [String] = []
    /// A name's number plus one, at or after the place that its hash says; 0 is free. The count is a
    /// power of two, and at most half are taken.
    private var slots = [Int32](repeating: 0, count: 128)

    var count: Int { names.count }

    subscript(id: Int) -> String { names[id] }

    mutating func id(of name: String) -> Int {
        let slot = slot(of: name)
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        names.append(name)
        slots[slot] = Int32(truncatingIfNeeded: names.count)
        if names.count * 2 > slots.count { grow() }
        return names.count - 1
    }

    func existingID(of name: String) -> Int? {
        let number = slots[slot(of: name)]
        return number == 0 ? nil : Int(number) - 1
    }

    /// Where the name stands, or would.
    private func slot(of name: String) -> Int {
        let mask = slots.count - 1
        var slot = Self.hash(name) & mask
        while slots[slot] != 0, names[Int(slots[slot]) - 1] != name { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for (id, name) in names.enumerated() {
            slots[slot(of: name)] = Int32(truncatingIfNeeded: id + 1)
        }
    }

    /// Differs from process to process, so that no document is bad for all.
    private static let seed = UInt64.random(in: .min ... .max)

    private static func hash(_ name: String) -> Int {
        var hash = seed
        let bytes = name.utf8.span
        for index in bytes.indices {
            hash = (hash ^ UInt64(bytes[index])) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash &>> 32
        }
        return Int(truncatingIfNeeded: hash)
    }
}

// MARK: The graph of fragments

extension DocumentFacts {
    /// The spreads inside a selection set, however deep: those at its top first, then those of the
    /// nested sets, the last set first.
    func spreads(in set: SetID) -> [(name: NameID, offset: Int)] {
        var spreads: [(name: NameID, offset: Int)] = []
        var sets = [set]
        while let set = sets.popLast() {
            for place in selectionSets[set].members {
                switch members[place] {
                case .spread(let name, let offset): spreads.append((name, offset))
                case .inlineFragment(let inner): sets.append(inner)
                case .field(let field):
                    if let inner = fields[field].selectionSet { sets.append(inner) }
                }
            }
        }
        return spreads
    }
}

/// The fragments that each operation uses, directly or through others.
struct FragmentGraph {
    typealias FragmentID = DocumentFacts.FragmentID

    /// By fragment: the distinct fragments that it spreads, in order.
    let spreads: [[FragmentID]]
    /// By operation: the fragments it uses, in the order in which they are come upon.
    let used: [[FragmentID]]

    /// O(size of the document + operations × fragments they use).
    init(_ facts: DocumentFacts) {
        guard !facts.fragments.isEmpty else {
            spreads = []
            used = facts.operations.map { _ in [] }
            return
        }
        var seen = [Int](repeating: -1, count: facts.fragments.count)
        var round = 0
        func distinct(in set: DocumentFacts.SetID) -> [FragmentID] {
            round += 1
            return facts.spreads(in: set).compactMap { spread in
                guard let fragment = facts.fragmentsByName[spread.name], seen[fragment] != round
                else { return nil }
                seen[fragment] = round
                return fragment
            }
        }
        let spreads = facts.fragments.map { distinct(in: $0.selectionSet) }
        used = facts.operations.map { operation in
            var used = distinct(in: operation.selectionSet)
            var next = 0
            while next < used.count {
                for fragment in spreads[used[next]] where seen[fragment] != round {
                    seen[fragment] = round
                    used.append(fragment)
                }
                next += 1
            }
            return used
        }
        self.spreads = spreads
    }
}
