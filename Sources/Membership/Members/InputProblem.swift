import Engine

/// Something that is wrong with an input: noted for a form, or listed by an import.
struct InputProblem: Equatable, Sendable {
    var code: RuleCode
    var message: String
    /// From the input on.
    var path: [String]
}

/// A field of a change: absent stays, null clears.
enum Given<Value: Sendable>: Sendable {
    case absent
    case null
    case value(Value)

    var value: Value? { if case .value(let value) = self { value } else { nil } }

    var isAbsent: Bool { if case .absent = self { true } else { false } }

    var isNull: Bool { if case .null = self { true } else { false } }
}

extension Given: Equatable where Value: Equatable {}

extension InputObject {
    func given<Value>(_ field: InputField<Value?>) -> Given<Value> {
        if let value = self[field] { return .value(value) }
        return isGiven(field) ? .null : .absent
    }
}

extension RuleCall {
    func note(_ problems: [InputProblem]) {
        for problem in problems { note(problem.code.code, problem.message, path: problem.path) }
    }
}
