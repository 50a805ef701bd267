import GraphQLLanguage
import Testing

@testable import GraphQL

/// The schema of one or several files named `a`, `b`, …
func schema(_ files: String..., codecs: ScalarCodecs = [:]) throws -> Schema {
    try buildSchema(documents(files), codecs: codecs)
}

/// Compares all problems of the files, each as `rule file line:column line:column message`, one a
/// line.
func check(
    _ files: String..., codecs: ScalarCodecs = [:], problems expected: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
    let documents = try documents(files)
    var problems: [String] = []
    do throws(SchemaErrors) {
        _ = try buildSchema(documents, codecs: codecs)
    } catch {
        problems = error.errors.map { error in
            let places = error.locations.map { " \($0.line):\($0.column)" }.joined()
            return "\(error.rule) \(error.source?.name ?? "-")\(places) \(error.message)"
        }
    }
    #expect(problems.joined(separator: "\n") == expected, sourceLocation: sourceLocation)
}

private func documents(_ files: [String]) throws -> [Document] {
    try zip("abcdefgh", files).map { letter, text in
        try parse(Source(name: String(letter), text), limits: .file)
    }
}
