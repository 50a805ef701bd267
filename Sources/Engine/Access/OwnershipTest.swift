import GraphQL
import Store

/// A row rule that says whose a row is, in the form in which one row is held against it: no filter is
/// read, no set of rows is made.
///
/// Any other rule is a filter as clients write them; see ``RowGuards``.
indirect enum OwnershipTest: Sendable {
    /// The row is the one that a part of the viewer names.
    case own(ViewerPart)
    /// It is that one, or lies below it in a tree.
    case within(ViewerPart, parent: ColumnID)
    /// A column leads to a row of another table that passes.
    case behind(ColumnID, TableID, OwnershipTest)
    case any([OwnershipTest])
    case all([OwnershipTest])

    /// - Parameters:
    ///   - filter: a coerced filter with variables for the parts of the viewer.
    ///   - type: its input type, over `table`.
    /// - Returns: nil when it says something else.
    init?(
        _ filter: CoercedValue, _ type: TypeID, _ table: TableModel, _ tables: [TableModel],
        _ schema: Schema
    ) {
        guard case .object(let fields) = filter, !fields.isEmpty else { return nil }
        var tests: [OwnershipTest] = []
        for field in fields {
            let definition = schema[type].inputFields[field.index]
            switch definition.name {
            case "and", "or":
                guard case .list(let items) = field.value else { return nil }
                var inner: [OwnershipTest] = []
                for item in items {
                    guard let test = OwnershipTest(item, type, table, tables, schema) else {
                        return nil
                    }
                    inner.append(test)
                }
                tests.append(definition.name == "and" ? .all(inner) : .any(inner))
            case "within":
                guard let tree = table.tree, let part = ViewerPart(field.value) else { return nil }
                tests.append(.within(part, parent: tree.parent))
            default:
                guard let model = table.field(definition.name),
                    let test = OwnershipTest(
                        model, field.value, definition.type.named, tables, schema)
                else { return nil }
                tests.append(test)
            }
        }
        self = tests.count == 1 ? tests[0] : .all(tests)
    }

    /// What a filter says of one field.
    private init?(
        _ field: FieldModel, _ value: CoercedValue, _ type: TypeID, _ tables: [TableModel],
        _ schema: Schema
    ) {
        switch field.kind {
        case .id:
            guard let part = OwnershipTest.part(value, type, schema) else { return nil }
            self = .own(part)
        case .referenceID(let column, let target):
            guard let part = OwnershipTest.part(value, type, schema) else { return nil }
            self = .behind(column, target, .own(part))
        case .toOne(let column, let target):
            guard let test = OwnershipTest(value, type, tables[target.index], tables, schema) else {
                return nil
            }
            self = .behind(column, target, test)
        case .column, .computed, .toMany: return nil
        }
    }

    /// What `{eq: "$viewer.…"}` compares an id with.
    private static func part(_ value: CoercedValue, _ type: TypeID, _ schema: Schema)
        -> ViewerPart?
    {
        guard case .object(let fields) = value, fields.count == 1,
            schema[type].inputFields[fields[0].index].name == FilterOperator.eq.rawValue
        else { return nil }
        return ViewerPart(fields[0].value)
    }
}

extension ViewerPart {
    /// The part that a variable of a row rule stands for.
    fileprivate init?(_ value: CoercedValue) {
        guard case .variable(let name) = value,
            let part = ViewerPart.allCases.first(where: { $0.variable == name })
        else { return nil }
        self = part
    }
}
