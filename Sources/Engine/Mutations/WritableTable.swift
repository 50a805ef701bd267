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

    let model: TableModel
    let fields: [Field]
    /// Fields that a new row must fill when the input does not.
    let absences: [Int]
    /// Columns that rules keep, and with which value they begin.
    let kept: [Field]
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
        kept = table.fields.compactMap { field in
            guard field.isKept, case .column(let column, let type) = field.kind,
                field.defaultValue != nil
            else { return nil }
            return Field(
                name: field.name, column: column, content: .stored(type),
                isNullable: field.isNullable, constraint: nil, defaultValue: field.defaultValue)
        }
        let fields = fields
        absences = fields.indices.filter {
            !fields[$0].isNullable || fields[$0].defaultValue != nil
        }
    }

    var id: TableID { model.id }

    func field(of column: ColumnID) -> Int? { fields.firstIndex { $0.column == column } }
}
