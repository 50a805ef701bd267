import Store

/// Which of the generated types some field asks for: the others are not printed.
struct TypeUsage {
    /// Tables that a nullable relation leads to.
    private(set) var nullableTargets: Set<TableID> = []
    /// Tables that a list of rows holds.
    private(set) var listTargets: Set<TableID> = []
    private(set) var nullableValues: Set<ValueID> = []
    private(set) var listedValues: Set<ValueID> = []
    private(set) var nullableValueLists: Set<ValueID> = []
    private(set) var filteredEnums: Set<EnumID> = []
    private(set) var listedEnums: Set<EnumID> = []
    /// Scalars that have a filter.
    private(set) var filteredScalars: Set<ScalarKind> = []
    /// Scalars whose lists have a filter.
    private(set) var listedScalars: Set<ScalarKind> = []
    private(set) var scalars: Set<ScalarKind> = []

    /// - Parameter named: scalars that only rules use.
    init(tables: [TableModel], values: [ValueModel], named: Set<ScalarKind>) {
        scalars = named
        for table in tables {
            for field in table.fields { add(field) }
        }
        for value in values {
            for field in value.fields { add(field.type, isNullable: field.isNullable) }
        }
        for table in tables {
            let sums = AggregateColumns.numbers(table).compactMap(\.scalar.sum)
            scalars.formUnion(sums)
            // Groups are chosen by their sums, averages and counts.
            filteredScalars.formUnion(sums)
            if !sums.isEmpty { filteredScalars.insert(.float) }
            filteredScalars.insert(.int)
        }
        scalars.formUnion(filteredScalars)
        scalars.formUnion(listedScalars)
    }

    private mutating func add(_ field: FieldModel) {
        switch field.kind {
        case .id, .referenceID: add(.scalar(.id), isNullable: false)
        case .column(_, let type): add(type, isNullable: field.isNullable)
        case .toOne(_, let target):
            if field.isNullable { nullableTargets.insert(target) }
        case .toMany(let list): listTargets.insert(list.target)
        case .computed: break
        }
    }

    private mutating func add(_ type: StoredType, isNullable: Bool) {
        switch type {
        case .scalar(let scalar):
            scalars.insert(scalar)
            filteredScalars.insert(scalar.filtered)
        case .enum(let id): filteredEnums.insert(id)
        case .value(let id):
            if isNullable { nullableValues.insert(id) }
        case .reference: break
        case .list(.scalar(let scalar), _):
            scalars.insert(scalar)
            if scalar == .json {
                filteredScalars.insert(scalar)
            } else {
                listedScalars.insert(scalar.filtered)
            }
        case .list(.enum(let id), _): listedEnums.insert(id)
        case .list(.value(let id), _):
            listedValues.insert(id)
            if isNullable { nullableValueLists.insert(id) }
        case .list(.reference, _), .list(.list, _): break
        }
    }
}

/// The columns that the parts of an aggregate have. Of the columns that every table has, only the
/// two times say anything about a set of rows.
enum AggregateColumns {
    struct Column {
        let name: String
        let scalar: ScalarKind
    }

    /// What has a number of different values: scalars, enums and relations to one row.
    static func distinct(_ table: TableModel) -> [FieldModel] {
        table.fields.filter { field in
            switch field.kind {
            case .toOne, .column(_, .enum): true
            case .column(let column, .scalar(let scalar)):
                column >= TableDefinition.systemColumns.count && scalar != .json
            case .id, .column, .referenceID, .toMany, .computed: false
            }
        }
    }

    static func minMax(_ table: TableModel) -> [Column] {
        scalars(of: table).filter { $0.scalar.hasMinMax }
    }

    /// What can be summed.
    static func numbers(_ table: TableModel) -> [Column] {
        scalars(of: table).filter { $0.scalar.sum != nil }
    }

    private static func scalars(of table: TableModel) -> [Column] {
        table.fields.compactMap { field in
            guard case .column(let column, .scalar(let scalar)) = field.kind,
                column != TableDefinition.versionColumn
            else { return nil }
            return Column(name: field.name, scalar: scalar)
        }
    }
}
