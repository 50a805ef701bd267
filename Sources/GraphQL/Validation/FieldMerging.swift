import GraphQLLanguage

/// Two fields, or two groups of fields inside two fields, that cannot be merged.
struct FieldConflict {
    let responseName: DocumentFacts.NameID
    /// `"a" and "b" are different fields`
    let reason: String
    /// The fields that conflict, on either side; outer fields first.
    let offsets1: [Int]
    let offsets2: [Int]

    /// Longer texts are cut: a document could make one as large as itself.
    private static let textMax = 1_000

    static func abbreviated(_ text: String) -> String {
        text.utf8.count > textMax ? text.prefix(textMax) + "..." : text
    }
}

/// Decides whether all fields of a document can be merged.
///
/// Fields of one response name in one place form a group; *being mergeable* is an equivalence, so
/// each field is compared with one other, not with all. The subselections of a group are merged and
/// looked at as one set, further on. Sets wait in a list, so depth costs no stack, and what was
/// looked at once is not looked at again.
///
/// Two questions are asked of each merged set. *Shape*: all fields of a response name have types of
/// the same shape, whatever their parents. *Same field*: those whose parents may be the same object
/// have the same name and arguments. Fields whose parents are two different objects are never
/// answered together, so they are asked for their shape only.
///
/// Merged sets can be many more than sets (a conflict between any two of 2ⁿ combinations), so the
/// fields looked at are counted, and there is an end.
///
/// Source: GraphQL, September 2025, §5.3.2 `FieldsInSetCanMerge()`, `SameResponseShape()`.
struct FieldMerging {
    typealias SetID = DocumentFacts.SetID
    typealias FieldID = DocumentFacts.FieldID

    enum Verdict {
        case mergeable
        case conflict(FieldConflict)
        /// The document is too intricate to be decided within `fieldsMax`.
        case exhausted
    }

    /// Fields looked at; far more than honest documents need, and a few milliseconds.
    private static let fieldsMax = 1_000_000

    private enum Question { case sameField, shape }

    /// A field of the merged set at work.
    private struct Link {
        let field: FieldID
        /// Place of the next of the chain, or -1.
        var next = -1
        /// Whether it is the first of its chain.
        let isHead: Bool
    }

    private let facts: DocumentFacts
    private let schema: Schema
    private var arguments: ArgumentKeys

    /// Merged sets that wait, and those that were ever put there.
    private var waiting: [(question: Question, sets: [SetID])] = []
    private var known: [Question: Set<[SetID]>] = [:]
    /// Single sets that wait. Most are single.
    private var waitingSingles: [SetID] = []
    private var isKnownSingle: [Bool]
    private var fieldsLeft = Self.fieldsMax

    // The merged set at work: its fields, as chains of one response name each.

    private var round = 0
    /// Sets still to be collected.
    private var open: [SetID] = []
    private var links: [Link] = []
    /// By name: the round in which it was last met, and where in `links` the chain then ended.
    private var chainOfName: [(round: Int, tail: Int)]
    private var roundOfFragment: [Int]
    /// Fragments that were part of a merged set of same fields: no need to look at them alone.
    private var isReached: [Bool]

    init(_ facts: DocumentFacts, schema: Schema) {
        self.facts = facts
        self.schema = schema
        arguments = ArgumentKeys(facts)
        isKnownSingle = Array(repeating: false, count: facts.selectionSets.count)
        chainOfName = Array(repeating: (0, 0), count: facts.names.count)
        roundOfFragment = Array(repeating: 0, count: facts.fragments.count)
        isReached = Array(repeating: false, count: facts.fragments.count)
    }

    mutating func check() -> Verdict {
        for operation in facts.operations { wait(for: operation.selectionSet) }
        if let verdict = work() { return verdict }
        // Fragments that no operation uses; those first that are not used by another.
        for onlyOutermost in [true, false] where isReached.contains(false) {
            let isSpread = spreadFragments()
            for (id, fragment) in facts.fragments.enumerated()
            where !isReached[id] && !(onlyOutermost && isSpread[id]) {
                wait(for: fragment.selectionSet)
                if let verdict = work() { return verdict }
            }
        }
        return .mergeable
    }

    private func spreadFragments() -> [Bool] {
        var isSpread = [Bool](repeating: false, count: facts.fragments.count)
        for member in facts.members {
            guard case .spread(let name, _) = member.kind else { continue }
            if let fragment = facts.fragment(named: name) { isSpread[fragment] = true }
        }
        return isSpread
    }

    // MARK: The list of work

    private mutating func wait(for set: SetID) {
        guard !isKnownSingle[set] else { return }
        isKnownSingle[set] = true
        waitingSingles.append(set)
    }

    private mutating func wait(for question: Question, _ sets: [SetID]) {
        if sets.count < 2 {
            // One set alone is asked for both where its field stands.
            if question == .sameField, let set = sets.first { wait(for: set) }
            return
        }
        let sets = sets.sorted()
        if known[question, default: []].insert(sets).inserted { waiting.append((question, sets)) }
    }

    private mutating func work() -> Verdict? {
        while true {
            let conflict: FieldConflict?
            if let set = waitingSingles.popLast() {
                open.append(set)
                collect(.sameField)
                conflict = checkSameField()
            } else if let (question, sets) = waiting.popLast() {
                open += sets
                collect(question)
                conflict = question == .sameField ? checkSameField() : checkShape()
            } else {
                return nil
            }
            if let conflict { return .conflict(conflict) }
            if fieldsLeft < 0 { return .exhausted }
        }
    }

    // MARK: Collecting

    /// Of the sets in `open`.
    private mutating func collect(_ question: Question) {
        round += 1
        links.removeAll(keepingCapacity: true)
        while let set = open.popLast() {
            for place in facts.selectionSets[set].members {
                fieldsLeft -= 1
                switch facts.members[place].kind {
                case .field(let field): add(field)
                case .inlineFragment(let inner): open.append(inner)
                case .spread(let name, _):
                    guard let fragment = facts.fragment(named: name),
                        roundOfFragment[fragment] != round
                    else { continue }
                    roundOfFragment[fragment] = round
                    if question == .sameField { isReached[fragment] = true }
                    open.append(facts.fragments[fragment].selectionSet)
                }
            }
        }
    }

    private mutating func add(_ field: FieldID) {
        let name = facts.fields[field].responseName
        let place = links.count
        let chain = chainOfName[name]
        let isHead = chain.round != round
        if !isHead { links[chain.tail].next = place }
        chainOfName[name] = (round, place)
        links.append(Link(field: field, isHead: isHead))
    }

    private func chain(_ head: Int) -> [FieldID] {
        var chain: [FieldID] = []
        var place = head
        while place >= 0 {
            chain.append(links[place].field)
            place = links[place].next
        }
        return chain
    }

    private func subselections(_ group: [FieldID]) -> [SetID] {
        group.compactMap { facts.fields[$0].selectionSet }
    }

    // MARK: Asking

    private mutating func checkSameField() -> FieldConflict? {
        for head in links.indices where links[head].isHead {
            if links[head].next < 0 {
                if let set = facts.fields[links[head].field].selectionSet { wait(for: set) }
                continue
            }
            let group = chain(head)
            if let conflict = shapeConflict(group) { return conflict }
            if mayAllApply(group) {
                if let conflict = fieldConflict(group) { return conflict }
                wait(for: .sameField, subselections(group))
                continue
            }
            let (objects, abstract) = byParent(group)
            for object in objects {
                fieldsLeft -= abstract.count
                let together = object + abstract
                if let conflict = fieldConflict(together) { return conflict }
                wait(for: .sameField, subselections(together))
            }
            wait(for: .shape, subselections(group))
        }
        return nil
    }

    private mutating func checkShape() -> FieldConflict? {
        for head in links.indices where links[head].isHead && links[head].next >= 0 {
            let group = chain(head)
            if let conflict = shapeConflict(group) { return conflict }
            wait(for: .shape, subselections(group))
        }
        return nil
    }

    /// Whether no two of the fields have different object types as parents.
    private func mayAllApply(_ group: [FieldID]) -> Bool {
        var object: TypeID?
        for field in group {
            guard let parent = facts.fields[field].parent, parent != object,
                schema.kind(parent) == .object
            else { continue }
            if object != nil { return false }
            object = parent
        }
        return true
    }

    /// The fields on each object type, and those on interfaces, unions and unknown types.
    private func byParent(_ group: [FieldID]) -> (objects: [[FieldID]], abstract: [FieldID]) {
        var objects: [[FieldID]] = []
        var places: [TypeID: Int] = [:]
        var abstract: [FieldID] = []
        for field in group {
            guard let parent = facts.fields[field].parent,
                schema.kind(parent) == .object
            else {
                abstract.append(field)
                continue
            }
            if let place = places[parent] {
                objects[place].append(field)
            } else {
                places[parent] = objects.count
                objects.append([field])
            }
        }
        return (objects, abstract)
    }

    private func shapeConflict(_ group: [FieldID]) -> FieldConflict? {
        var first: (field: FieldID, type: TypeReference)?
        for field in group {
            guard let type = facts.fields[field].type else { continue }
            guard let known = first else {
                first = (field, type)
                continue
            }
            if !schema.haveSameShape(known.type, type) {
                return conflict(
                    known.field, field, schema.shapeConflictReason(known.type, type))
            }
        }
        return nil
    }

    private mutating func fieldConflict(_ group: [FieldID]) -> FieldConflict? {
        guard let first = group.first else { return nil }
        for field in group.dropFirst() {
            if facts.fields[field].name != facts.fields[first].name {
                return conflict(first, field, facts.differentFieldsReason(first, field))
            }
            if !arguments.areSame(facts.fields[first].arguments, facts.fields[field].arguments) {
                return conflict(first, field, FieldConflicts.differentArgumentsReason)
            }
        }
        return nil
    }

    private func conflict(_ a: FieldID, _ b: FieldID, _ reason: String) -> FieldConflict {
        FieldConflict(
            responseName: facts.fields[a].responseName, reason: reason,
            offsets1: [facts.fields[a].offset], offsets2: [facts.fields[b].offset])
    }
}

extension Schema {
    /// The same lists and non-nulls around leaf types that are the same, or around types with
    /// fields. Source: GraphQL, September 2025, §5.3.2 `SameResponseShape()`.
    func haveSameShape(_ a: TypeReference, _ b: TypeReference) -> Bool {
        if a == b { return true }
        return a.listDepth == b.listDepth && a.nonNullBits == b.nonNullBits
            && kind(a.named).isComposite && kind(b.named).isComposite
    }

    func shapeConflictReason(_ a: TypeReference, _ b: TypeReference) -> String {
        "they return conflicting types \"\(describe(a))\" and \"\(describe(b))\""
    }
}

extension DocumentFacts {
    func differentFieldsReason(_ a: FieldID, _ b: FieldID) -> String {
        let (left, right) = (names[fields[a].name], names[fields[b].name])
        return "\"\(FieldConflict.abbreviated(left))\" and \"\(FieldConflict.abbreviated(right))\" "
            + "are different fields"
    }
}

/// Numbers for lists of arguments: the same number for lists that mean the same. Made when asked
/// for, once a list. Source: GraphQL, September 2025, §2.6 (arguments are unordered).
struct ArgumentKeys {
    private let lists: [DocumentFacts.ArgumentList]
    private var keys: [Int?]
    private var keyByText: [String: Int] = [:]

    init(_ facts: DocumentFacts) {
        lists = facts.argumentLists
        keys = Array(repeating: nil, count: lists.count)
    }

    /// Nil is the list without arguments.
    mutating func areSame(_ a: Int?, _ b: Int?) -> Bool {
        guard let a, let b else { return a == b }
        return a == b || key(a) == key(b)
    }

    private mutating func key(_ list: Int) -> Int {
        if let key = keys[list] { return key }
        var text = ""
        Self.write(lists[list].arguments.map { ($0.name.value, $0.value) }, to: &text)
        let key = keyByText[text] ?? keyByText.count
        keyByText[text] = key
        keys[list] = key
        return key
    }

    /// Names and values, sorted by name; every string is preceded by its length, so that no two
    /// different lists have the same text.
    private static func write(_ fields: [(name: String, value: Value)], to text: inout String) {
        for (name, value) in fields.sorted(by: { $0.name < $1.name }) {
            text += name + ":"
            write(value, to: &text)
        }
    }

    private static func write(_ value: Value, to text: inout String) {
        switch value.kind {
        case .variable(let name): text += "$\(name);"
        case .int(let digits): text += "i\(digits);"
        case .float(let digits): text += "f\(digits);"
        case .string(let string):
            text += "\(string.isBlock ? "b" : "s")\(string.value.utf8.count)\"\(string.value)"
        case .boolean(let flag): text += flag ? "T" : "F"
        case .null: text += "N"
        case .enum(let name): text += "e\(name);"
        case .list(let items):
            text += "["
            for item in items { write(item, to: &text) }
            text += "]"
        case .object(let fields):
            text += "{"
            write(fields.map { ($0.name.value, $0.value) }, to: &text)
            text += "}"
        }
    }
}
