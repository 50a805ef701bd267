import GraphQLLanguage

/// Why no schema could be built: every problem of one stage, in the reference implementation's order.
///
/// There are two stages. The rules of the definition language come first, in the order of the
/// documents; only definitions that keep them make types. These are checked as a schema: first its
/// root types, then its directives, then its types in the order of the documents.
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

    /// What of a schema is looked at, one after the other. The rules of the definition language
    /// know only one part.
    enum Part: Int {
        case rootTypes, directives, types
    }

    let sources: [Source]
    /// What is being looked at; it decides the order of the problems.
    var part = Part.types
    private var found: [(moment: [Int], error: GraphQLError)] = []

    init(sources: [Source]) {
        self.sources = sources
    }

    /// Reports a problem. An error has one source: places in other documents than the first
    /// place's are left out.
    ///
    /// - Parameter moment: the start of the definition, or smaller node, at which a walk through the
    ///   documents would see the problem; the last place if not given. Problems with the same
    ///   moment stay in the order of the reports.
    mutating func report(
        _ message: String, at places: [Place], moment: Place? = nil,
        rule: String = Self.validationRule
    ) {
        let places = places.filter { $0.document != nil }
        let seen = moment ?? places.last
        let key = [part.rawValue, seen?.document ?? -1, seen?.offset ?? -1]
        guard let document = places.first?.document else {
            found.append((key, GraphQLError(message, in: nil, rule: rule)))
            return
        }
        let offsets = places.filter { $0.document == document }.map(\.offset)
        found.append((key, GraphQLError(message, at: offsets, in: sources[document], rule: rule)))
    }

    /// Throws what was found, if anything.
    func throwIfAny() throws(SchemaErrors) {
        guard !found.isEmpty else { return }
        let sorted = found.enumerated().sorted { left, right in
            let (a, b) = (left.element.moment, right.element.moment)
            return a == b ? left.offset < right.offset : a.lexicographicallyPrecedes(b)
        }
        throw SchemaErrors(errors: sorted.map(\.element.error))
    }
}
