import GraphQL
import Store

/// What a rule answers. The type in the schema says how it is written: an `int` is an Int, a Long, a
/// DateTime in milliseconds or a Date in days; a `string` a text, an enum's name or a JSON document.
public indirect enum RuleValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case row(RowRef)
    case list([RuleValue])
    /// Beside the fields of the schema's type; made by ``ResultShape/object(_:)``.
    case object([RuleValue])

    /// Null for nil.
    public static func int(_ number: Int64?) -> RuleValue { number.map { .int($0) } ?? .null }
    public static func int(_ number: Int) -> RuleValue { .int(Int64(number)) }
    public static func double(_ number: Double?) -> RuleValue {
        number.map { .double($0) } ?? .null
    }
    public static func string(_ text: String?) -> RuleValue { text.map { .string($0) } ?? .null }
    public static func row(_ ref: RowRef?) -> RuleValue {
        guard let ref, ref != .none else { return .null }
        return .row(ref)
    }
    public static func rows(_ refs: [RowRef]) -> RuleValue { .list(refs.map { .row($0) }) }
    public static func `enum`<Case: RawRepresentable<String>>(_ value: Case) -> RuleValue {
        .string(value.rawValue)
    }
}

/// The fields of a payload or a result in the order in which a rule gives them.
public struct ResultShape: Sendable {
    /// For each of the rule's fields its place in the schema's type; −1 when it has none.
    let places: [Int]
    let fieldCount: Int

    /// - Parameter values: one for each name that the shape was made with.
    public func object(_ values: RuleValue...) -> RuleValue { object(values) }

    public func object(_ values: [RuleValue]) -> RuleValue {
        precondition(values.count == places.count, "a value for each field of the shape")
        var all = [RuleValue](repeating: .null, count: fieldCount)
        for (place, value) in zip(places, values) where place >= 0 { all[place] = value }
        return .object(all)
    }
}

/// Why a field has no value.
public enum FieldStop: Error {
    /// Something about the request, in a sentence for the client.
    case refused(String)
    /// The work became too much.
    case aborted
}

/// The reading of one field by its rule.
public struct FieldRead {
    public let data: DataView
    /// The row that has the field; ``RowRef/none`` for a field of Query. For a field of a result the
    /// row that the result belongs to.
    public let owner: RowRef
    /// The result that has the field.
    public let parent: RuleValue
    let arguments: [CoercedField]
    let selected: [String]
    let meter: WorkMeter
    let context: EngineContext

    public var now: Int64 { data.now }

    /// An argument; nil for one that is absent or null.
    public subscript<Value: RuleInput>(_ field: InputField<Value>) -> Value {
        field.read(arguments, context.model.schema)
    }

    /// Whether the query asks for a field of the result.
    public func isSelected(_ name: String) -> Bool { selected.contains(name) }

    /// Counts rows that are looked at; to be called in every loop over rows.
    /// - Throws: when the operation has taken too long, or has to go on elsewhere.
    public func visit(_ rowCount: Int) throws(FieldStop) {
        guard meter.visit(rowCount) else { throw .aborted }
    }
}
