import Bytes
import GraphQL
import GraphQLLanguage
import JSON
import Testing

@testable import Engine

extension EngineFixture {
    /// The answer to a question that is priced and not executed.
    func priceAnswer(_ document: String, _ variables: JSONValue? = nil) throws -> Answer {
        let output = ByteBuffer()
        var document = document
        var json = variables?.description ?? "null"
        let outcome = try document.withUTF8 { text in
            try json.withUTF8 { variables in
                session.execute(
                    try unsafe GraphQLRequest(
                        document: UnsafeRawBufferPointer(text),
                        variables: UnsafeRawBufferPointer(variables)),
                    costReport: .validate, into: output)
            }
        }
        return Answer(outcome: outcome, text: output.makeString())
    }

    /// The estimated cost; nil when the document is refused.
    func price(_ document: String, _ variables: JSONValue? = nil) throws -> Int? {
        let answer = try priceAnswer(document, variables)
        guard answer.outcome == .data else { return nil }
        return answer.json?["extensions"]?["cost"]?["estimated"].flatMap { Int($0.description) }
    }

    /// The code, and the name of the limit, with which a document is refused.
    func refusal(_ document: String, _ variables: JSONValue? = nil) throws -> [String] {
        let answer = try priceAnswer(document, variables)
        guard case .requestError = answer.outcome else { return [] }
        let extensions = answer.json?["errors"]?[0]?["extensions"]
        return [extensions?["code"]?.string, extensions?["limit"]?["name"]?.string]
            .compactMap { $0 }
    }

    /// Selections that pricing a document looks at.
    func workOfPricing(_ document: String) throws -> Int {
        let document = try parse(Source(document))
        let facts = try validFacts(
            of: document, schema: model.schema, codecs: model.codecs)
        var compiler = CostCompiler(
            context: context, facts: facts, variableNames: [], conditions: [:])
        _ = try? compiler.compile(facts.operations[0])
        return compiler.work
    }
}
