@testable import Engine

/// What the reference evaluator knows of a table; nothing of it comes from the model under test.
struct ReferenceTable: Sendable {
    let name: String
    let prefix: String
    /// `id`, `version`, `createdAt` and `updatedAt` first.
    var fields: [ReferenceField]
    /// Names of the fields of each key.
    var keys: [[String]] = []
    var shardBy: String?
    /// The relation to the row above, in a tree.
    var tree: String?
    /// Fields of each index by month and day, the last a date.
    var monthDayIndexes: [[String]] = []
    /// Fields of each declared index, from the first to the last.
    var indexes: [[String]] = []

    var singular: String { name.prefix(1).lowercased() + name.dropFirst() }
    var plural: String { singular + "s" }

    init(name: String, prefix: String) {
        self.name = name
        self.prefix = prefix + "_"
        fields = [
            ReferenceField("id", .scalar(.id)), ReferenceField("version", .scalar(.int)),
            ReferenceField("createdAt", .scalar(.dateTime)),
            ReferenceField("updatedAt", .scalar(.dateTime)),
        ]
    }

    func field(_ name: String) -> ReferenceField? { fields.first { $0.name == name } }

    /// The relation whose generated id field is `name`.
    func relation(ofID name: String) -> ReferenceField? {
        guard name.hasSuffix("Id") else { return nil }
        return fields.first { $0.name + "Id" == name && $0.target != nil }
    }
}

struct ReferenceField: Sendable {
    let name: String
    let kind: ReferenceKind
    var isNullable = false
    var onDelete = "RESTRICT"

    init(
        _ name: String, _ kind: ReferenceKind, isNullable: Bool = false,
        onDelete: String = "RESTRICT"
    ) {
        self.name = name
        self.kind = kind
        self.isNullable = isNullable
        self.onDelete = onDelete
    }

    /// The table that a relation to one row leads to.
    var target: String? {
        if case .toOne(let target) = kind { target } else { nil }
    }

    /// The table of a list of rows.
    var listed: String? {
        switch kind {
        case .toMany(let target, _), .through(let target, _, _, _): target
        default: nil
        }
    }
}

indirect enum ReferenceKind: Sendable {
    case scalar(ScalarKind)
    /// The name of the enum and its values in order.
    case enumeration(String, [String])
    /// The name of the type and its fields.
    case value(String, [ReferenceField])
    case list(ReferenceKind, itemIsNullable: Bool)
    case toOne(String)
    /// The rows of a table whose relation `by` leads to the owner.
    case toMany(String, by: String)
    /// The rows to which the rows of `link` lead whose relation `owner` leads to the owner.
    case through(String, link: String, owner: String, other: String)

    /// The type as a schema file has it, without the last `!`.
    var typeName: String {
        switch self {
        case .scalar(let scalar): scalar.rawValue
        case .enumeration(let name, _), .value(let name, _), .toOne(let name): name
        case .list(let item, let itemIsNullable): "[\(item.typeName)\(itemIsNullable ? "" : "!")]"
        case .toMany(let name, _), .through(let name, _, _, _): "[\(name)!]"
        }
    }

    var isOrderable: Bool {
        switch self {
        case .enumeration: true
        case .scalar(let scalar): scalar != .json && scalar != .id
        default: false
        }
    }

    var isNumber: Bool {
        switch self {
        case .scalar(.int), .scalar(.long), .scalar(.float): true
        default: false
        }
    }
}
