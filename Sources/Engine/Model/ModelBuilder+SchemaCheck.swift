import GraphQL
import GraphQLLanguage

/// Step 8: the files as plain GraphQL.
extension ModelBuilder {
    /// Lets the schema builder look at the files, beside Tessera's own definitions, for whatever
    /// the steps before this one do not know. Lines that have a problem already are not mentioned
    /// again: the builder would say the same in other words.
    mutating func checkAsSchema() {
        let frame = [catalog.document, Self.roots]
        let own = documents.map { document in
            Document(
                definitions: document.definitions.filter { !isBuiltIn($0) },
                source: document.source)
        }
        let errors: [GraphQLError]
        do {
            _ = try buildSchema(frame + own, codecs: scalarCodecs)
            return
        } catch {
            errors = error.errors
        }
        let reported = problems.reportedLines()
        for error in errors {
            // An error inside the frame is a collision with it: the steps before know those.
            if frame.contains(where: { $0.source === error.source }) { continue }
            let file = documents.firstIndex { $0.source === error.source } ?? 0
            let places = error.offsets.map { Place(file: file, offset: $0) }
            if places.contains(where: { reported.contains(problems.describe($0)) }) { continue }
            problems.report(plain(error.message), at: places.first ?? Place(file: file, offset: 0))
        }
    }

    /// Definitions that repeat Tessera's own.
    private func isBuiltIn(_ definition: Definition) -> Bool {
        switch definition {
        case .directive(let directive): catalog.directives[directive.name.value] != nil
        case .type(let type): !type.isExtension && catalog.types[type.name.value] != nil
        case .operation, .fragment, .schema: false
        }
    }

    /// `Query` and `Mutation` exist before the files are read.
    private static let roots: Document = {
        let text = "type Query { node: ID } type Mutation { node: ID }"
        do {
            return try parse(Source(name: "root types", text), limits: .file)
        } catch {
            preconditionFailure("the root types do not parse: \(error)")
        }
    }()
}
