import GraphQLLanguage
import Testing

@testable import GraphQL

/// The schema of one or several files named `a.graphql`, `b.graphql`, …
func schema(_ files: String..., codecs: ScalarCodecs = [:]) throws -> Schema {
    try buildSchema(documents(files), codecs: codecs)
}

/// The problems of the same files, each as `rule file:line:column, line:column: message`.
func schemaProblems(_ files: String..., codecs: ScalarCodecs = [:]) throws -> [String] {
    let documents = try documents(files)
    do throws(SchemaErrors) {
        _ = try buildSchema(documents, codecs: codecs)
        return []
    } catch {
        return error.errors.map { error in
            let places = error.locations.map { "\($0.line):\($0.column)" }
            let place =
                error.source.map { "\($0.name):\(places.joined(separator: ",")) " } ?? ""
            return "\(error.rule) \(place)\(error.message)"
        }
    }
}

private func documents(_ files: [String]) throws -> [Document] {
    try zip("abcdefgh", files).map { letter, text in
        try parse(Source(name: String(letter), text), limits: .file)
    }
}
