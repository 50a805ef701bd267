import Store

/// Something that the rows of a table can be grouped by.
struct GroupField: Sendable {
    enum Kind: Sendable {
        case scalar(ScalarKind)
        case `enum`(EnumID)
        /// A row that the rows of the group have in common.
        case row(TableID)
    }

    /// A to-one relation that is walked before the column is read.
    struct Step: Sendable {
        let column: ColumnID
        let target: TableID
    }

    /// The field of `XGroupKeys`: `joinedAt`, `memberTier`.
    let name: String
    let steps: [Step]
    /// A column of the row reached.
    let column: ColumnID
    let kind: Kind
    /// The declared fields that it is made of: `member` and `tier`.
    let origin: [String]

    /// The value of `XGroupField`: `JOINED_AT`, `MEMBER_TIER`.
    var value: String { Naming.constant(name) }

    /// Whether buckets make sense of it.
    var isTime: Bool {
        switch kind {
        case .scalar(.dateTime), .scalar(.date): true
        case .scalar, .enum, .row: false
        }
    }
}

/// What the rows of a table can be grouped by: its own scalars, enums and to-one relations, and over
/// a to-one relation the relations, enums, dates and times of the row it leads to.
///
/// Numbers, texts and flags over a relation are left out, as are the times of writing: whoever loads
/// the schema loads each of them once for every relation to its table.
enum GroupFields {
    /// A stored field of a table, whether it is still a draft or not.
    struct Source {
        enum Kind {
            case stored(StoredType)
            case toOne(TableID)
        }

        let name: String
        let column: ColumnID
        let kind: Kind
    }

    /// - Parameter sources: the stored fields of any table, in the order of its type.
    static func all(of table: TableID, _ sources: (TableID) -> [Source]) -> [GroupField] {
        var fields: [GroupField] = []
        for source in sources(table) {
            if let kind = kind(source) {
                fields.append(
                    GroupField(
                        name: source.name, steps: [], column: source.column, kind: kind,
                        origin: [source.name]))
            }
            guard case .toOne(let target) = source.kind else { continue }
            let step = GroupField.Step(column: source.column, target: target)
            for inner in sources(target) where isReachable(inner) {
                guard let kind = kind(inner) else { continue }
                fields.append(
                    GroupField(
                        name: source.name + Naming.upperCamel(inner.name), steps: [step],
                        column: inner.column, kind: kind, origin: [source.name, inner.name]))
            }
        }
        return fields
    }

    private static func kind(_ source: Source) -> GroupField.Kind? {
        switch source.kind {
        case .toOne(let target): .row(target)
        case .stored(.enum(let id)): .enum(id)
        case .stored(.scalar(let scalar)):
            scalar == .json || source.column == TableDefinition.versionColumn
                ? nil : .scalar(scalar)
        case .stored(.value), .stored(.list), .stored(.reference): nil
        }
    }

    /// Whether a field is a key of the tables that lead to its own, too.
    private static func isReachable(_ source: Source) -> Bool {
        if source.column < TableDefinition.systemColumns.count { return false }
        return switch source.kind {
        case .toOne, .stored(.enum), .stored(.scalar(.date)), .stored(.scalar(.dateTime)): true
        case .stored: false
        }
    }
}

extension TableModel {
    /// What its rows can be grouped by, in the order of `XGroupField`.
    func groupFields(_ tables: [TableModel]) -> [GroupField] {
        GroupFields.all(of: id) { tables[$0.index].groupSources }
    }

    private var groupSources: [GroupFields.Source] {
        fields.compactMap { field in
            switch field.kind {
            case .column(let column, let type):
                GroupFields.Source(name: field.name, column: column, kind: .stored(type))
            case .toOne(let column, let target):
                GroupFields.Source(name: field.name, column: column, kind: .toOne(target))
            case .id, .referenceID, .toMany, .computed: nil
            }
        }
    }
}

extension TableDraft {
    /// Of the fields that every table has, only the times of writing can be keys.
    private static let systemSources = [
        GroupFields.Source(
            name: "createdAt", column: TableDefinition.createdAtColumn,
            kind: .stored(.scalar(.dateTime))),
        GroupFields.Source(
            name: "updatedAt", column: TableDefinition.updatedAtColumn,
            kind: .stored(.scalar(.dateTime))),
    ]

    var groupSources: [GroupFields.Source] {
        Self.systemSources
            + fields.compactMap { field in
                switch field.shape {
                case .column(let column, let type):
                    GroupFields.Source(name: field.name, column: column, kind: .stored(type))
                case .toOne(let column, let target):
                    GroupFields.Source(name: field.name, column: column, kind: .toOne(target))
                case .toMany, .computed, .none: nil
                }
            }
    }
}
