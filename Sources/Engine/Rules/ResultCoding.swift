import GraphQL
import JSON
import Store

/// What a rule's payload shows as JSON, for the replay of a mutation: rows by their ids, objects as
/// lists beside the fields of their type.
struct ResultCoding {
    let context: EngineContext
    let view: VersionView

    func json(_ value: RuleValue, _ type: TypeReference) -> JSONValue {
        switch value {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .int(let number): return .integer(number)
        case .double(let number): return .double(number)
        case .string(let text): return .string(text)
        case .row(let ref):
            guard let table = table(type) else { return .null }
            return .string(context.publicID(ref, table, view))
        case .list(let items):
            return .array(items.map { json($0, type.isList ? type.item : type) })
        case .object(let values):
            let fields = context.model.schema[type.named].fields
            return .array(zip(values, fields).map { json($0, $1.type) })
        }
    }

    func value(_ json: JSONValue, _ type: TypeReference) -> RuleValue {
        switch json {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let number): return .int(number)
        case .string(let text):
            guard let table = table(type) else { return .string(text) }
            return .row(context.row(id: text, in: table, view))
        case .array(let items):
            if type.isList { return .list(items.map { value($0, type.item) }) }
            let fields = context.model.schema[type.named].fields
            guard items.count == fields.count else { return .null }
            return .object(zip(items, fields).map { value($0, $1.type) })
        case .double(let number): return .double(number)
        case .number, .object: return .null
        }
    }

    private func table(_ type: TypeReference) -> TableID? {
        guard case .table(let table) = context.model.bindings[type.named.index] else { return nil }
        return table
    }
}
