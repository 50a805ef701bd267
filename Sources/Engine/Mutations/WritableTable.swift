import GraphQL
import Store

/// A table as clients write it: its fields with all that is checked before the store sees them.
final class WritableTable: Sendable {
    /// A field of an input: a column, or a relation by its id.
    struct Field: Sendable {
        enum Content: Sendable {
            case stored(StoredType)
            case reference(TableID)
        }

        let name: String
        let column: ColumnID
        let content: Content
        let isNullable: Bool
        let constraint: ConstraintModel?
        let defaultValue: DefaultModel?
    }

    /// What a column holds when nobody says.
    struct Default: Sendable {
        let column: ColumnID
        let type: StoredType
        let value: DefaultModel
    }

    let model: TableModel
    let fields: [Field]
    /// Fields that a new row must fill when the input does not.
    let absences: [Int]
    /// Columns that rules keep, and what they hold in a new row.
    let keptDefaults: [Default]
    /// Of all tables, for messages.
    let plurals: [String]

    init(_ table: TableModel, _ model: Model) {
        self.model = table
        plurals = model.tables.map(\.plural)
        fields = table.fields.compactMap { field in
            guard field.isWritable else { return nil }
            switch field.kind {
            case .column(let column, let type):
                return Field(
                    name: field.name, column: column, content: .stored(type),
                    isNullable: field.isNullable, constraint: field.constraint,
                    defaultValue: field.defaultValue)
            case .referenceID(let column, let target):
                return Field(
                    name: field.name, column: column, content: .reference(target),
                    isNullable: field.isNullable, constraint: nil, defaultValue: nil)
            case .id, .toOne, .toMany, .computed: return nil
            }
        }
        keptDefaults = Self.defaults(of: table).filter { kept in
            table.fields.contains { field in
                guard case .column(kept.column, _) = field.kind else { return false }
                return field.isKept
            }
        }
        let fields = fields
        absences = fields.indices.filter {
            !fields[$0].isNullable || fields[$0].defaultValue != nil
        }
    }

    var id: TableID { model.id }

    /// Of all columns that have one.
    static func defaults(of table: TableModel) -> [Default] {
        table.fields.compactMap { field in
            guard case .column(let column, let type) = field.kind, let value = field.defaultValue
            else { return nil }
            return Default(column: column, type: type, value: value)
        }
    }

    func field(of column: ColumnID) -> Int? { fields.firstIndex { $0.column == column } }
}
