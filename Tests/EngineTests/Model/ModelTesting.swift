import Testing

@testable import Engine

/// The schema files `a.graphql`, `b.graphql`, … with these texts.
func schemaFiles(_ texts: [String]) -> [SchemaFile] {
    zip("abcdefgh", texts).map { letter, text in
        SchemaFile(path: "\(letter).graphql", bytes: Array(text.utf8))
    }
}

func model(_ texts: String...) throws -> Model {
    try buildModel(schemaFiles(texts))
}

/// The files make no model, and the printed reason is the last text.
func expectProblems(of texts: String..., sourceLocation: SourceLocation = #_sourceLocation) {
    let expected = texts.last ?? ""
    do {
        _ = try buildModel(schemaFiles(texts.dropLast()))
        Issue.record("a model was built", sourceLocation: sourceLocation)
    } catch {
        #expect(error.description == expected, sourceLocation: sourceLocation)
    }
}

extension Model {
    /// A type of the generated schema as `schemaText` has it, with its description.
    func printed(_ head: String) -> String {
        let blocks = schemaText.split(separator: "\n\n").map { String($0) }
        let block = blocks.first { $0.hasPrefix(head + " ") || $0.contains("\n\(head) ") }
        return block ?? "there is no \(head)"
    }
}
