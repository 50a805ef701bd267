import GraphQLLanguage
import Store

/// `@table`.
struct TableDirective {
    let plural: Name?
    let idPrefix: Name?
    let shardBy: Name?
    let isAppendOnly: Bool
    let write: [WriteKind]
    let offset: Int

    init(_ directive: Directive) {
        plural = directive.text("plural")
        idPrefix = directive.text("idPrefix")
        shardBy = directive.text("shardBy")
        isAppendOnly = directive.flag("appendOnly") ?? false
        write = directive.words("write").compactMap { WriteKind(rawValue: $0) }
        offset = directive.offset
    }
}

/// `@index`.
struct IndexDirective {
    /// Nil on a field.
    let fields: [Name]?
    let order: IndexOrder
    let name: Name?
    let offset: Int

    init(_ directive: Directive) {
        fields = directive.given("fields") == nil ? nil : directive.texts("fields")
        order =
            switch directive.words("kind").first {
            case "TEXT": .words
            case "MONTH_DAY": .monthDay
            default: .value
            }
        name = directive.text("name")
        offset = directive.offset
    }
}

/// `@relation`.
struct RelationDirective {
    let inverse: Name?
    let through: Name?
    /// Nil when it is not given.
    let onDelete: ReferenceAction?
    let onDeleteOffset: Int
    let offset: Int

    init(_ directive: Directive) {
        inverse = directive.text("inverse")
        through = directive.text("through")
        switch directive.words("onDelete").first {
        case "RESTRICT": onDelete = .restrict
        case "CASCADE": onDelete = .cascade
        case "SET_NULL": onDelete = .setNull
        default: onDelete = nil
        }
        onDeleteOffset = directive.given("onDelete")?.offset ?? directive.offset
        offset = directive.offset
    }
}

extension Array where Element == Directive {
    func named(_ name: String) -> [Directive] { filter { $0.name.value == name } }

    func first(named name: String) -> Directive? { first { $0.name.value == name } }

    /// The reason of `@deprecated`, the standard one when it gives none.
    var deprecationReason: String? {
        first(named: "deprecated").map { $0.text("reason")?.value ?? "No longer supported" }
    }
}

/// Arguments by their names. What has the wrong type reads as absent: that has been reported.
extension Directive {
    func argument(_ name: String) -> Argument? { arguments.first { $0.name.value == name } }

    /// The argument's value; null is as good as absent.
    func given(_ name: String) -> Value? {
        guard let value = argument(name)?.value else { return nil }
        if case .null = value.kind { return nil }
        return value
    }

    func text(_ name: String) -> Name? { given(name)?.text }

    func texts(_ name: String) -> [Name] { given(name)?.items.compactMap(\.text) ?? [] }

    func flag(_ name: String) -> Bool? {
        if case .boolean(let flag) = given(name)?.kind { return flag }
        return nil
    }

    /// Enum values.
    func words(_ name: String) -> [String] {
        (given(name)?.items ?? []).compactMap {
            if case .enum(let word) = $0.kind { return word }
            return nil
        }
    }

    func number(_ name: String) -> Double? {
        switch given(name)?.kind {
        case .int(let text), .float(let text): Double(text)
        default: nil
        }
    }

    func count(_ name: String) -> Int? {
        if case .int(let digits) = given(name)?.kind { return Int(digits) }
        return nil
    }
}

extension Value {
    /// A string with its place.
    var text: Name? {
        if case .string(let string) = kind { return Name(string.value, offset: offset) }
        return nil
    }

    /// The items of a list; a single value is a list of one.
    var items: [Value] {
        if case .list(let items) = kind { return items }
        return [self]
    }
}
