import GraphQLLanguage

/// Why no schema could be built: every problem of one stage, in the order of the documents.
///
/// There are two stages. The rules of the definition language come first; only definitions that
/// keep them make types, which then are checked as a schema.
public struct SchemaErrors: Error, Sendable {
    public let errors: [GraphQLError]

    public init(errors: [GraphQLError]) {
        self.errors = errors
    }
}

/// A place among several documents.
struct Place: Hashable {
    /// Index of the document; nil for the built-in definitions, which no error points into.
    let document: Int?
    let offset: Int
}

/// A node and the document it stands in.
struct Located<Node> {
    let node: Node
    /// As in `Place`.
    let document: Int?

    func place(_ offset: Int) -> Place { Place(document: document, offset: offset) }

    /// The same document with another node, usually one inside this.
    func with<Other>(_ other: Other) -> Located<Other> {
        Located<Other>(node: other, document: document)
    }
}

/// The problems found so far, over all documents.
struct SchemaProblems {
    /// The rule that type-system validation names; the definition language's rules have their own.
    static let validationRule = "SchemaValidation"

    let sources: [Source]
    private var found: [(place: Place?, error: GraphQLError)] = []

    init(sources: [Source]) {
        self.sources = sources
    }

    /// Reports a problem. An error has one source: places in other documents than the first
    /// place's are left out.
    mutating func report(
        _ message: String, at places: [Place], rule: String = Self.validationRule
    ) {
        let places = places.filter { $0.document != nil }
        guard let first = places.first, let document = first.document else {
            found.append((nil, GraphQLError(message, in: nil, rule: rule)))
            return
        }
        let offsets = places.filter { $0.document == document }.map(\.offset)
        let error = GraphQLError(message, at: offsets, in: sources[document], rule: rule)
        found.append((first, error))
    }

    /// Throws what was found, if anything: by place, problems without a place first.
    func throwIfAny() throws(SchemaErrors) {
        guard !found.isEmpty else { return }
        let sorted = found.enumerated().sorted { left, right in
            let (a, b) = (left.element.place, right.element.place)
            let aKey = (a?.document ?? -1, a?.offset ?? -1, left.offset)
            let bKey = (b?.document ?? -1, b?.offset ?? -1, right.offset)
            return aKey < bKey
        }
        throw SchemaErrors(errors: sorted.map(\.element.error))
    }
}
