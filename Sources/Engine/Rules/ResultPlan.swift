import GraphQL
import Store

/// How what a rule answers is written: which of its fields under which keys.
indirect enum ResultPlan: Sendable {
    case scalar(ScalarKind)
    /// The value is the name.
    case enumeration
    case list(ResultPlan, itemIsNonNull: Bool)
    /// The fields of the row are a block of instructions.
    case row(TableID, Range<Int>)
    case object([Member])

    struct Member: Sendable {
        let key: ConstantRange
        /// Nil for `__typename`, whose key holds the whole answer.
        let field: ResultFieldPlan?
        let isNonNull: Bool
    }
}

/// A field that a rule answers, or a part of an answer.
struct ResultFieldPlan: Sendable {
    enum Source: Sendable {
        /// A field of the object around it, by its place in the type.
        case place(Int)
        case rule(any FieldRule, [ArgumentPlan])
    }

    let source: Source
    let plan: ResultPlan
    /// The names of the fields that are asked of it.
    let selected: [String]
}

extension PlanCompiler {
    /// The rule that answers a field of a type.
    func rule(of group: FieldGroup) -> (any FieldRule)? {
        guard case .member(let type, let index) = field(group).definition else { return nil }
        return context.rules.fields[BoundRules.FieldKey(type: type, index: index)]
    }

    /// A field of a table or of Query that a rule answers.
    mutating func computed(
        _ group: FieldGroup, _ definition: FieldType, _ rule: any FieldRule
    ) throws(Failure) {
        let place = try open(.computed, group, isNonNull: definition.type.isNonNull)
        let plan = try resultField(
            group, definition, .rule(rule, try arguments(group, definition)))
        draft.results.append(plan)
        draft.instructions[place].operand = Int32(draft.results.count - 1)
        close(place)
    }

    /// A field of a rule's payload.
    mutating func payloadResult(_ group: FieldGroup, _ definition: FieldType, place index: Int)
        throws(Failure)
    {
        let place = try open(.payloadResult, group, isNonNull: definition.type.isNonNull)
        draft.results.append(try resultField(group, definition, .place(index)))
        draft.instructions[place].operand = Int32(draft.results.count - 1)
        close(place)
    }

    private mutating func resultField(
        _ group: FieldGroup, _ definition: FieldType, _ source: ResultFieldPlan.Source
    ) throws(Failure) -> ResultFieldPlan {
        let type = definition.type.named
        var selected: [String] = []
        if !schema[type].fields.isEmpty {
            let parts = collection.collect(group, on: type)
            selected = parts.map { name(collection.groups[$0]) }
            collection.drop(parts)
        }
        return ResultFieldPlan(
            source: source, plan: try result(group, definition.type), selected: selected)
    }

    private mutating func result(_ group: FieldGroup, _ type: TypeReference) throws(Failure)
        -> ResultPlan
    {
        if type.isList {
            return .list(try result(group, type.item), itemIsNonNull: type.item.isNonNull)
        }
        if case .table(let table) = context.model.bindings[type.named.index] {
            let start = draft.instructions.count
            try row(group, table)
            return .row(table, start..<draft.instructions.count)
        }
        let named = schema[type.named]
        if named.fields.isEmpty {
            return ScalarKind(rawValue: named.name).map { .scalar($0) } ?? .enumeration
        }
        var members: [ResultPlan.Member] = []
        let parts = collection.collect(group, on: type.named)
        for place in parts {
            let part = collection.groups[place]
            guard case .member(_, let index) = field(part).definition else {
                members.append(
                    ResultPlan.Member(
                        key: draft.key(responseName(part), value: quoted(named.name)),
                        field: nil,
                        isNonNull: true))
                continue
            }
            let definition = named.fields[index]
            let key = draft.key(responseName(part))
            var source = ResultFieldPlan.Source.place(index)
            if let rule = rule(of: part) { source = .rule(rule, try arguments(part, definition)) }
            members.append(
                ResultPlan.Member(
                    key: key, field: try resultField(part, definition, source),
                    isNonNull: definition.type.isNonNull))
        }
        collection.drop(parts)
        return .object(members)
    }
}
