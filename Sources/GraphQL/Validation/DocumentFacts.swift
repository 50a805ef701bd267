import GraphQLLanguage

/// What validation notes down of a document on its one walk: the operations, fragments, selection
/// sets and variable uses, flat, with numbers for names and places for references.
///
/// Rules that look at the document as a graph (fragments that spread each other, fields that merge)
/// run over these arrays and never touch the tree again; neither does who plans a valid document.
public struct DocumentFacts: Sendable {
    /// Place of a name in `names`.
    public typealias NameID = Int
    /// Places in `selectionSets`, `fields` and `fragments`.
    public typealias SetID = Int
    public typealias FieldID = Int
    public typealias FragmentID = Int

    public struct Operation: Sendable {
        let name: Name?
        public let type: OperationType
        let offset: Int
        let variables: [Variable]
        public let selectionSet: SetID
        /// Places in `variableUses`.
        let variableUses: Range<Int>
        let enterMoment: Int
        let leaveMoment: Int
    }

    /// The definition of a variable.
    struct Variable {
        let name: NameID
        /// Nil when unknown.
        let type: TypeReference?
        /// Whether it has a default that is not null.
        let hasDefault: Bool
        let offset: Int
    }

    public struct Fragment: Sendable {
        let name: NameID
        let nameOffset: Int
        let offset: Int
        /// Nil when unknown.
        public let typeCondition: TypeID?
        public let selectionSet: SetID
        /// Places in `variableUses`.
        let variableUses: Range<Int>
        /// Whether a fragment is spread inside it.
        let hasSpreads: Bool
        let enterMoment: Int
    }

    public struct SelectionSet: Sendable {
        /// Places in `members`, in source order.
        public let members: Range<Int>
        /// Nil when unknown.
        let parent: TypeID?
        /// The type condition of the inline fragment whose set it is.
        public let typeCondition: TypeID?
        let isInline: Bool
        let moment: Int
        let offset: Int
    }

    public struct Member: Sendable {
        public enum Kind: Sendable {
            case field(FieldID)
            case inlineFragment(SetID)
            /// `offset` of the spread.
            case spread(NameID, offset: Int)
        }

        public internal(set) var kind: Kind
        /// Place in `conditions`; nil when the member has neither `@skip` nor `@include`.
        public internal(set) var condition: Int?
    }

    /// Small, because there are many.
    public struct Field: Sendable {
        private let storedResponseName: Int32
        private let storedName: Int32
        private let storedArguments: Int32
        private var storedSet: Int32 = -1
        private let storedOffset: UInt32
        /// Nil when unknown.
        let parent: TypeID?
        /// Nil when there is none.
        public let definition: FieldReference?
        /// Nil when unknown.
        let type: TypeReference?

        init(
            responseName: NameID, name: NameID, parent: TypeID?, definition: FieldReference?,
            type: TypeReference?, arguments: Int?, offset: Int
        ) {
            storedResponseName = Int32(truncatingIfNeeded: responseName)
            storedName = Int32(truncatingIfNeeded: name)
            storedArguments = arguments.map { Int32(truncatingIfNeeded: $0) } ?? -1
            storedOffset = UInt32(truncatingIfNeeded: offset)
            self.parent = parent
            self.definition = definition
            self.type = type
        }

        public var responseName: NameID { Int(storedResponseName) }
        public var name: NameID { Int(storedName) }
        /// Place in `argumentLists`; nil when there are no arguments.
        public var arguments: Int? { storedArguments < 0 ? nil : Int(storedArguments) }
        public internal(set) var selectionSet: SetID? {
            get { storedSet < 0 ? nil : Int(storedSet) }
            set { storedSet = newValue.map { Int32(truncatingIfNeeded: $0) } ?? -1 }
        }
        public var offset: Int { Int(storedOffset) }
    }

    public struct ArgumentList: Sendable {
        /// As written.
        public let arguments: [Argument]
        /// Places in `argumentValues`. Those of a valid document are as many as the arguments,
        /// unless a default in the schema is one that a codec refuses.
        public internal(set) var values: Range<Int>
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
    public struct IntrospectionRoot: Sendable {
        let moment: Int
        public let field: FieldID
        public let node: GraphQLLanguage.Field
    }

    public internal(set) var names = NameTable()
    public internal(set) var operations: [Operation] = []
    /// In source order, those that share a name included.
    public internal(set) var fragments: [Fragment] = []
    public internal(set) var selectionSets: [SelectionSet] = []
    public internal(set) var members: [Member] = []
    public internal(set) var fields: [Field] = []
    public internal(set) var argumentLists: [ArgumentList] = []
    /// What arguments mean, as `coerceLiteral` says it; each with its place in the definition.
    public internal(set) var argumentValues: [CoercedField] = []
    var variableUses: [VariableUse] = []
    public internal(set) var introspectionRoots: [IntrospectionRoot] = []
    /// The directives of each member that has `@skip` or `@include` among them.
    public internal(set) var conditions: [[Directive]] = []

    /// By the number of a name: the last fragment of that name, or -1. The names of fragments have
    /// the first numbers.
    private var fragmentsByName: [FragmentID] = []

    /// The coordinate of the field that begins at a byte of the document, such as `Query.members`;
    /// nil when there is none. O(fields).
    ///
    /// Source: GraphQL, September 2025, §3.14.
    public func coordinate(ofFieldAt offset: Int, in schema: Schema) -> String? {
        guard let field = fields.first(where: { $0.offset == offset }), let parent = field.parent
        else { return nil }
        return "\(schema[parent].name).\(names[field.name])"
    }

    /// Makes room for a document of so many bytes, at a guess.
    mutating func reserve(forByteCount byteCount: Int) {
        let nodes = min(byteCount / 12, 1_024)
        fields.reserveCapacity(nodes)
        members.reserveCapacity(nodes)
        selectionSets.reserveCapacity(nodes / 4)
    }

    /// Gives the name of a fragment its number, before any other name has one.
    mutating func announceFragment(_ name: Name) -> NameID {
        let id = names.id(of: name)
        if id == fragmentsByName.count { fragmentsByName.append(-1) }
        return id
    }

    mutating func addFragment(_ fragment: Fragment) {
        fragmentsByName[fragment.name] = fragments.count
        fragments.append(fragment)
    }

    /// The fragment that a spread means: the last of those that share the name.
    public func fragment(named name: NameID) -> FragmentID? {
        name < fragmentsByName.count && fragmentsByName[name] >= 0 ? fragmentsByName[name] : nil
    }
}

/// Numbers for the names of a document, in order of first appearance.
public struct NameTable: Sendable {
    private var names: [Name] = []
    /// An open table: a name's number plus one, at or after the place that its hash says; 0 is free.
    /// The count is a power of two, and at most half are taken.
    private var slots = [Int32](repeating: 0, count: 128)

    public var count: Int { names.count }

    public subscript(id: Int) -> String { names[id].value }

    mutating func id(of name: Name) -> Int {
        let slot = slot(of: name.value, name.hash)
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        names.append(name)
        slots[slot] = Int32(truncatingIfNeeded: names.count)
        if names.count * 2 > slots.count { grow() }
        return names.count - 1
    }

    mutating func id(of name: String) -> Int {
        existingID(of: name) ?? id(of: Name(name))
    }

    public func existingID(of name: String) -> Int? {
        let number = slots[slot(of: name, NameIndex.hash(name))]
        return number == 0 ? nil : Int(number) - 1
    }

    /// Where the name stands, or would.
    private func slot(of name: String, _ hash: UInt32) -> Int {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            let known = Int(slots[slot]) - 1
            if names[known].hash == hash, names[known].value == name { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for (id, name) in names.enumerated() {
            slots[slot(of: name.value, name.hash)] = Int32(truncatingIfNeeded: id + 1)
        }
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
                switch members[place].kind {
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
                guard let fragment = facts.fragment(named: spread.name), seen[fragment] != round
                else { return nil }
                seen[fragment] = round
                return fragment
            }
        }
        let spreads = facts.fragments.map { $0.hasSpreads ? distinct(in: $0.selectionSet) : [] }
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
