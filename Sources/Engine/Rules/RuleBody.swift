import GraphQL
import Store

/// A rule as the body of a mutation.
struct RuleBody: MutationBody {
    let rule: any MutationRule
    let constraints: InputConstraints
    let input: TypeID

    func run(_ given: [CoercedField], _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
    {
        constraints.check(given, input, ["input"], call)
        try call.throwIfRefused()
        let name = type(of: rule).name
        try rule.run(
            RuleCall(call, transaction, input: given, rule: name, hasDeadline: true))
        // It may have seen only a part of its rows.
        guard call.meter.abortion == nil else { throw .aborted }
        try call.throwIfRefused()
    }
}

/// What `@constraint` asks of the inputs that schema files declare.
struct InputConstraints: Sendable {
    private struct Field: Sendable {
        let index: Int
        let name: String
        let constraint: ConstraintModel?
        /// The type of an object inside it that has something to check.
        let inner: TypeID?
    }

    private let fields: [TypeID: [Field]]

    init(_ model: Model) {
        let schema = model.schema
        let types = model.inputConstraints.keys.compactMap { schema.type(named: $0) }
        var fields: [TypeID: [Field]] = [:]
        for type in types {
            let own = model.inputConstraints[schema[type].name] ?? [:]
            fields[type] = schema[type].inputFields.enumerated().map { index, field in
                Field(
                    index: index, name: field.name, constraint: own[field.name],
                    inner: types.contains(field.type.named) ? field.type.named : nil)
            }
        }
        self.fields = fields
    }

    /// Notes everything that is wrong with an input object.
    func check(_ given: [CoercedField], _ type: TypeID, _ path: [String], _ call: MutationCall) {
        guard let fields = fields[type] else { return }
        for part in given {
            let field = fields[part.index]
            if field.constraint == nil && field.inner == nil { continue }
            check(part.value, field, path + [field.name], call)
        }
    }

    private func check(
        _ value: CoercedValue, _ field: Field, _ path: [String], _ call: MutationCall
    ) {
        switch value {
        case .list(let items):
            for (index, item) in items.enumerated() {
                check(item, field, path + [String(index)], call)
            }
        case .object(let inner):
            if let type = field.inner { check(inner, type, path, call) }
        default:
            guard let constraint = field.constraint, let fault = constraint.fault(in: value) else {
                return
            }
            call.note(
                constraint.isTooLong(value) ? .tooLong : .invalid,
                "\(field.name) accepts \(fault).", at: path)
        }
    }
}
