import Testing

@testable import GraphQLLanguage

/// What a refusal says, and where.
struct Refusal: Equatable {
    let message: String
    let line: Int
    let column: Int

    init(_ message: String, _ line: Int, _ column: Int) {
        self.message = message
        self.line = line
        self.column = column
    }

    init(_ error: SyntaxError) {
        self.init(error.message, error.location.line, error.location.column)
    }
}

/// The refusal of a document, or `nil` if it parses.
func refusal(of source: Source, limits: ParseLimits = .request) -> Refusal? {
    do throws(SyntaxError) {
        _ = try parse(source, limits: limits)
        return nil
    } catch {
        return Refusal(error)
    }
}

/// Checks that a document is refused with this message, which is given without its `Syntax Error: `.
func check(
    _ text: String, isRefused message: String, at line: Int, _ column: Int,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
    #expect(
        refusal(of: Source(text)) == Refusal("Syntax Error: " + message, line, column),
        "\(text.debugDescription)", sourceLocation: sourceLocation)
}

/// Checks that a document parses to these definitions.
func check(
    _ text: String, parsesTo definitions: [Definition],
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
    #expect(
        try parse(Source(text)).definitions == definitions, "\(text.debugDescription)",
        sourceLocation: sourceLocation)
}

/// Checks that a document parses and prints as given.
func check(
    _ text: String, prints expected: String,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) throws {
    let document = try parse(Source(text))
    let printed = print(document)
    #expect(printed == expected, sourceLocation: sourceLocation)
    #expect(try parse(Source(printed)) == document, sourceLocation: sourceLocation)
}

/// The value of a string literal.
func stringValue(of literal: String) throws -> String? {
    guard case .string(let string) = try parseValue(Source(literal)).kind else { return nil }
    return string.value
}

/// An anonymous query of these selections.
func query(_ selections: Selection...) -> Definition {
    .operation(
        OperationDefinition(
            type: .query, name: nil, variables: [], directives: [],
            selectionSet: SelectionSet(selections: selections)))
}

func field(
    _ name: String, alias: String? = nil, arguments: [Argument] = [], directives: [Directive] = [],
    _ selections: Selection...
) -> Selection {
    .field(
        Field(
            alias: alias.map { Name($0) }, name: Name(name), arguments: arguments,
            directives: directives,
            selectionSet: selections.isEmpty ? nil : SelectionSet(selections: selections)))
}

func argument(_ name: String, _ kind: Value.Kind) -> Argument {
    Argument(name: Name(name), value: Value(kind))
}
