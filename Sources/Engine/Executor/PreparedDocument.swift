import Bytes
import GraphQL
import GraphQLLanguage
import JSON
import Store

/// A document that has been parsed and found valid, with the plans made of it so far. Kept in one
/// thread's plan cache.
final class PreparedDocument {
    /// The document as it stood in the request, escapes and all: what the cache compares.
    let key: [UInt8]
    /// Whose plans they are; nil when everything may be seen.
    let role: RoleAccess?
    let source: Source
    let operations: [PreparedOperation]
    /// What the cache counts; grows with every plan.
    private(set) var byteCount: Int

    /// - Parameter facts: what validation noted down of the document.
    init(
        key: [UInt8], role: RoleAccess?, document: Document, facts: DocumentFacts,
        context: EngineContext
    ) {
        self.key = key
        self.role = role
        source = document.source
        var fragments: [String: FragmentDefinition] = [:]
        if !facts.introspectionRoots.isEmpty {
            for case .fragment(let fragment) in document.definitions {
                fragments[fragment.name.value] = fragment
            }
        }
        let conditions = FieldCollection.conditionVariables(of: facts)
        var operations: [PreparedOperation] = []
        for case .operation(let operation) in document.definitions {
            operations.append(
                PreparedOperation(
                    operation, facts, facts.operations[operations.count], fragments, conditions,
                    document.source, role, context))
        }
        self.operations = operations
        // What is noted down takes some twenty times the text.
        byteCount = key.count * 20 + 1024
    }

    func count(_ plan: Plan) { byteCount += plan.byteCount }
}

/// One operation of a prepared document.
final class PreparedOperation {
    /// Without its selections: those lie in the facts.
    let definition: OperationDefinition
    let facts: DocumentFacts
    let operationFacts: DocumentFacts.Operation
    let fragments: [String: FragmentDefinition]
    let source: Source
    let role: RoleAccess?
    let variables: [VariableDefinition]
    let variableNames: [String]
    let types: [TypeReference]
    let kinds: [VariableSlots.Kind]
    let defaults: [CoercedValue?]
    let hasOtherKinds: Bool
    let schema: Schema
    let codecs: ScalarCodecs
    let limits: EngineLimits
    /// Places of the variables that `@skip` and `@include` use; at most 64 of them are cached for.
    let conditionPlaces: [Int]
    var prices = OperationPrices()
    private var plans: [UInt64: Plan] = [:]
    private var plansByteCount = 0
    /// The plan of the last request, which is most often that of the next.
    private var lastMask: UInt64 = 0
    private var lastPlan: Plan?
    /// Nanoseconds that the plan asked for last took to make; 0 when it was there.
    private(set) var planNanoseconds: UInt64 = 0

    init(
        _ definition: OperationDefinition, _ facts: DocumentFacts,
        _ operationFacts: DocumentFacts.Operation, _ fragments: [String: FragmentDefinition],
        _ conditions: [String], _ source: Source, _ role: RoleAccess?, _ context: EngineContext
    ) {
        var definition = definition
        definition.selectionSet = SelectionSet(
            selections: [], offset: definition.selectionSet.offset)
        self.definition = definition
        self.facts = facts
        self.operationFacts = operationFacts
        self.fragments = fragments
        self.source = source
        self.role = role
        variables = definition.variables
        variableNames = definition.variables.map(\.name.value)
        schema = context.model.schema
        codecs = context.model.codecs
        limits = context.limits
        let schema = schema
        let codecs = codecs
        types = definition.variables.map {
            schema.typeReference(from: $0.type) ?? TypeReference(named: schema.queryType)
        }
        kinds = types.map { type in
            if type.isList { return .other }
            return switch schema[type].name {
            case "String": .text
            case "ID": .identifier
            case "Int": .int
            case "Boolean": .boolean
            default: .other
            }
        }
        hasOtherKinds = kinds.contains(.other)
        defaults = zip(definition.variables, types).map { variable, type in
            variable.defaultValue.flatMap {
                try? coerceLiteral($0, to: type, schema: schema, codecs: codecs)
            }
        }
        let names = variableNames
        conditionPlaces = conditions.compactMap { names.firstIndex(of: $0) }
    }

    /// The place of a variable by its JSON key.
    func place(of key: JSONText) -> Int? {
        for (place, name) in variableNames.enumerated() where key.matches(name) { return place }
        return nil
    }

    /// The values of the condition variables, a bit for each.
    func mask(_ variables: VariableSlots) -> UInt64 {
        var mask: UInt64 = 0
        for (bit, place) in conditionPlaces.enumerated() where variables.boolean(place) == true {
            mask |= 1 << UInt64(bit & 63)
        }
        return mask
    }

    /// The plan for the given values of the condition variables, from memory or made now.
    func plan(
        _ variables: VariableSlots, context: EngineContext, view: VersionView,
        introspection: Introspection, made: (Plan) -> Void
    ) throws(PlanCompiler.Failure) -> Plan {
        let mask = mask(variables)
        for place in conditionPlaces where variables.boolean(place) == nil {
            // A default lets a variable that may be null stand where null is an error.
            guard self.variables[place].defaultValue != nil else { continue }
            throw .argument(
                "Argument \"if\" has invalid value: Expected variable "
                    + "\"$\(variableNames[place])\" provided to non-null type \"Boolean!\" "
                    + "not to be null.", sourceOffset: self.variables[place].offset)
        }
        planNanoseconds = 0
        let isKept = conditionPlaces.count <= 64
        if isKept {
            if let lastPlan, lastMask == mask { return lastPlan }
            if let plan = plans[mask] {
                lastMask = mask
                lastPlan = plan
                return plan
            }
        }
        let start = monotonicNanoseconds()
        defer { planNanoseconds = monotonicNanoseconds() &- start }
        var conditions: [String: Bool] = [:]
        for place in conditionPlaces {
            conditions[variableNames[place]] = variables.boolean(place)
        }
        var compiler = PlanCompiler(
            context: context, view: view, introspection: introspection, facts: facts,
            fragments: fragments, variables: self.variables, conditions: conditions,
            role: role)
        let plan = try compiler.compile(operationFacts)
        if isKept {
            plansByteCount += plan.byteCount
            if plans.count >= Self.plansMax || plansByteCount > Self.plansByteCountMax {
                plans.removeAll()
                plansByteCount = plan.byteCount
            }
            plans[mask] = plan
            lastMask = mask
            lastPlan = plan
            made(plan)
        }
        return plan
    }

    /// Combinations of conditions kept for one operation.
    private static let plansMax = 256
    /// Bytes of them. Reason: a client chooses the combinations.
    private static let plansByteCountMax = 4 << 20
}

/// Plans a document again and again, for measuring what that costs.
package final class PlanTrial {
    private let context: EngineContext
    private let reader: Reader
    private let introspection: Introspection
    private var variables = VariableSlots()

    /// - Parameters:
    ///   - document: valid, with one operation, a query.
    ///   - variables: its variables, a JSON object.
    /// - Returns: nil when no plan can be made.
    package init?(
        _ document: Document, _ facts: DocumentFacts, variables json: String,
        context: EngineContext
    ) {
        guard let reader = context.store.makeReader() else { return nil }
        self.context = context
        self.reader = reader
        introspection = Introspection(schema: context.model.schema)
        let prepared = PreparedDocument(
            key: [], role: nil, document: document, facts: facts, context: context)
        // Safe: of what is read here only Booleans are asked for later, and they are no slices.
        var json = json
        let isRead = json.withUTF8 { bytes in
            unsafe (try? variables.read(
                UnsafeRawBufferPointer(bytes), for: prepared.operations[0])) != nil
        }
        guard isRead, isPlanned(document, facts) else { return nil }
    }

    /// Makes the plan and drops it; false when it cannot be made.
    package func isPlanned(_ document: Document, _ facts: DocumentFacts) -> Bool {
        let prepared = PreparedDocument(
            key: [], role: nil, document: document, facts: facts, context: context)
        let view = reader.pin()
        defer { reader.unpin() }
        let plan = try? prepared.operations[0].plan(
            variables, context: context, view: view, introspection: introspection
        ) { _ in }
        return plan != nil
    }
}
