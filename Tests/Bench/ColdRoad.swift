import Engine
import GraphQL
import GraphQLLanguage
import Membership
import Store

/// What happens to a document that no plan is known for: it is parsed, validated and planned. What
/// is made is dropped again within the time that is measured.
extension Benchmark {
    /// One document for the club's schema, one for the schema of this repository; the latter is
    /// planned over an empty store.
    static func coldRoads(_ club: Club) throws -> [Benchmark] {
        let model = try buildModel(
            try loadSchemaFiles(Club.folder + "/../../schema"), rules: membershipRules)
        let membership = EngineContext(
            model: model, store: Store(model.storeDefinition, seed: 42))
        return try coldRoad("club", club.context, "{\"id\":\"mem_none\"}")
            + coldRoad("membership", membership, "{\"no\":\"none\"}")
    }

    private static func coldRoad(
        _ name: String, _ context: EngineContext, _ variables: String
    ) throws -> [Benchmark] {
        let text = try Club.text("cold/\(name).graphql")
        let source = Source(text)
        let byteCount = source.bytes.count
        let document = try parse(source)
        let model = context.model
        func validated(_ document: Document) -> DocumentFacts? {
            try? validFacts(of: document, schema: model.schema, codecs: model.codecs)
        }
        guard let facts = validated(document),
            let planning = PlanTrial(document, facts, variables: variables, context: context)
        else {
            throw BenchError("\(name): there is no plan")
        }
        // An answer with data shows that the variables fit.
        _ = try RequestRoad(context).value(text, variables)
        return [
            Benchmark("cold parse \(name)") { _ in
                guard (try? parse(source)) != nil else { fatalError("it parsed before") }
                return byteCount
            },
            Benchmark("cold validate \(name)") { _ in
                guard validated(document) != nil else { fatalError("it was valid before") }
                return byteCount
            },
            Benchmark("cold plan \(name)") { _ in
                guard planning.isPlanned(document, facts) else {
                    fatalError("there was a plan before")
                }
                return byteCount
            },
            Benchmark("cold all \(name)") { _ in
                guard let document = try? parse(source), let facts = validated(document),
                    planning.isPlanned(document, facts)
                else { fatalError("there was a plan before") }
                return byteCount
            },
        ]
    }
}
