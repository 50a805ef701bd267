/// What has changed between the files of a data directory and the present schema.
public enum SchemaChange: Equatable, Sendable {
    case tableAdded(table: String)
    case columnAdded(table: String, column: String, hasDefault: Bool)
    case nowNullable(table: String, column: String)
    case valuesChanged(table: String, column: String)
    case indexAdded(String)
    case indexRemoved(String)
    /// The schema no longer has it; the rows keep it until it is dropped.
    case tableRetained(table: String)
    case columnRetained(table: String, column: String)
    case tableDropped(table: String)
    case columnDropped(table: String, column: String)
    /// The same columns in another order.
    case reordered(table: String)
}

extension SchemaChange: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tableAdded(let table): "new table \(table)"
        case .columnAdded(let table, let column, let hasDefault):
            "new field \(table).\(column), \(hasDefault ? "its default" : "null") in all rows"
        case .nowNullable(let table, let column): "\(table).\(column) may be null now"
        case .valuesChanged(let table, let column): "\(table).\(column) has other values now"
        case .indexAdded(let index): "new index \(index)"
        case .indexRemoved(let index): "index \(index) is gone"
        case .tableRetained(let table):
            "table \(table) is no longer in the schema; its rows are kept until --drop"
        case .columnRetained(let table, let column):
            "\(table).\(column) is no longer in the schema; its values are kept until --drop"
        case .tableDropped(let table): "table \(table) is dropped with its rows"
        case .columnDropped(let table, let column): "\(table).\(column) is dropped"
        case .reordered(let table): "the fields of \(table) have another order"
        }
    }
}

/// How rows of a data directory come into a store of the present schema.
struct SchemaPlan: Sendable {
    /// The wanted definition, and behind its tables and columns those that only the files have.
    let definition: StoreDefinition
    let mapping: LayoutMapping
    /// Empty when the files are laid out as the definition wants them.
    let changes: [SchemaChange]
    /// What is kept although the schema no longer has it.
    let retained: [SchemaChange]

    /// - Parameters:
    ///   - files: the layout of the files, `indexes` the indexes of the store that wrote them.
    ///   - isEmpty: by table of the files, whether it has no rows: then its columns may change in
    ///     any way.
    ///   - drops: whether tables and columns that only the files have are left out.
    ///   - hasDefault: whether a new column has a value for old rows.
    /// - Throws: everything that stands against it.
    init(
        from files: FileLayout, indexes: [String], isEmpty: [Bool], to wanted: StoreDefinition,
        drops: Bool, hasDefault: (TableID, ColumnID) -> Bool
    ) throws(DirectoryError) {
        var draft = SchemaDraft(files: files, wanted: wanted, drops: drops)
        for position in files.tables.indices {
            draft.placeTable(position)
        }
        for position in files.tables.indices {
            draft.mapColumns(of: position, isEmpty: isEmpty[position], hasDefault: hasDefault)
        }
        for table in wanted.tables where files.table(named: table.name) == nil {
            draft.changes.append(.tableAdded(table: table.name))
        }
        if !draft.conflicts.isEmpty { throw .schema(draft.conflicts) }
        let definition = draft.definition
        let present = definition.indexSignatures
        for index in present where !indexes.contains(index) {
            draft.changes.append(.indexAdded(index))
        }
        for index in indexes where !present.contains(index) {
            draft.changes.append(.indexRemoved(index))
        }
        let isSame = FileLayout(definition) == files
        if isSame {
            draft.changes.removeAll { change in
                switch change {
                case .indexAdded, .indexRemoved: false
                default: true
                }
            }
        } else if draft.changes.isEmpty {
            let moved = files.tables.first { table in
                guard let position = definition.tables.firstIndex(where: { $0.name == table.name })
                else { return false }
                return FileLayout(definition).tables[position] != table
            }
            draft.changes.append(.reordered(table: moved?.name ?? files.tables[0].name))
        }
        self.definition = definition
        mapping = LayoutMapping(tables: draft.tables)
        changes = draft.changes
        retained = draft.retained
    }
}

private struct SchemaDraft {
    let files: FileLayout
    let wanted: StoreDefinition
    let drops: Bool
    var definition: StoreDefinition
    var tables: [LayoutMapping.Table] = []
    var changes: [SchemaChange] = []
    var retained: [SchemaChange] = []
    var conflicts: [SchemaConflict] = []

    init(files: FileLayout, wanted: StoreDefinition, drops: Bool) {
        self.files = files
        self.wanted = wanted
        self.drops = drops
        definition = wanted
    }

    /// Finds the table that a table of the files becomes; columns follow when all have one.
    mutating func placeTable(_ position: Int) {
        let table = files.tables[position]
        var target = wanted.tables.firstIndex { $0.name.utf8.elementsEqual(table.name.utf8) }
        if target == nil && drops {
            changes.append(.tableDropped(table: table.name))
        } else if target == nil {
            target = definition.tables.count
            definition.tables.append(
                TableDefinition(name: table.name, columns: TableDefinition.systemColumns))
            changes.append(.tableRetained(table: table.name))
            retained.append(.tableRetained(table: table.name))
        }
        tables.append(
            LayoutMapping.Table(target: target.map { TableID($0) }, columns: [], added: []))
    }

    mutating func mapColumns(
        of position: Int, isEmpty: Bool, hasDefault: (TableID, ColumnID) -> Bool
    ) {
        let table = files.tables[position]
        guard let target = tables[position].target else {
            tables[position].columns = table.columns.map { _ in
                LayoutMapping.Column(column: nil, values: nil)
            }
            return
        }
        let isRetained = target.index >= wanted.tables.count
        let wantedColumns =
            isRetained
            ? TableDefinition.systemColumns
            : wanted.tables[target.index].columns
        for column in table.columns {
            let place = wantedColumns.firstIndex { $0.name.utf8.elementsEqual(column.name.utf8) }
            tables[position].columns.append(
                map(column, of: table, to: place, target, isEmpty: isEmpty))
        }
        for (place, column) in wantedColumns.enumerated()
        where table.column(named: column.name) == nil {
            let hasValue = hasDefault(target, place)
            if !hasValue && !column.isNullable && !isEmpty {
                conflicts.append(
                    .requiredWithoutDefault(table: table.name, column: column.name))
            }
            tables[position].added.append(place)
            changes.append(
                .columnAdded(table: table.name, column: column.name, hasDefault: hasValue))
        }
    }

    private mutating func map(
        _ column: FileLayout.Column, of table: FileLayout.Table, to place: Int?,
        _ target: TableID, isEmpty: Bool
    ) -> LayoutMapping.Column {
        guard let place else { return retain(column, of: table, target, isEmpty: isEmpty) }
        let now = definition.tables[target.index].columns[place]
        if isEmpty { return LayoutMapping.Column(column: place, values: nil) }
        let kind = FileLayout.Kind(now.kind)
        let areEnumerations =
            column.kind.isEnumeration && kind.isEnumeration
            && !now.enumNames.isEmpty && !column.values.isEmpty
        guard column.kind == kind || areEnumerations else {
            conflicts.append(
                .kindChanged(
                    table: table.name, column: column.name, from: column.kind.text, to: kind.text))
            return LayoutMapping.Column(column: nil, values: nil)
        }
        if case .reference(let other) = now.kind, let before = column.target,
            before != definition.tables[other.index].name
        {
            conflicts.append(
                .targetChanged(
                    table: table.name, column: column.name, from: before,
                    to: definition.tables[other.index].name))
        }
        if column.isNullable && !now.isNullable {
            conflicts.append(.nowRequired(table: table.name, column: column.name))
        }
        if !column.isNullable && now.isNullable {
            changes.append(.nowNullable(table: table.name, column: column.name))
        }
        guard !column.values.isEmpty else {
            return LayoutMapping.Column(column: place, values: nil)
        }
        if column.values != now.enumNames {
            changes.append(.valuesChanged(table: table.name, column: column.name))
        }
        return LayoutMapping.Column(
            column: place,
            values: column.values.map { value in now.enumNames.firstIndex(of: value) ?? -1 })
    }

    /// A column that only the files have: kept behind the others, or dropped.
    private mutating func retain(
        _ column: FileLayout.Column, of table: FileLayout.Table, _ target: TableID, isEmpty: Bool
    ) -> LayoutMapping.Column {
        let isOfRetainedTable = target.index >= wanted.tables.count
        var kind = files.columnKind(column)
        var isLost = drops || isEmpty && !isOfRetainedTable
        if let name = column.target {
            let other = files.table(named: name).flatMap { tables[$0].target }
            if let other { kind = .reference(other) } else { isLost = true }
        }
        if isLost {
            changes.append(.columnDropped(table: table.name, column: column.name))
            return LayoutMapping.Column(column: nil, values: nil)
        }
        let isReference = column.kind == .reference
        let isFixed = definition.tables[target.index].isAppendOnly
        let place = definition.tables[target.index].columns.count
        definition.tables[target.index].columns.append(
            ColumnDefinition(
                name: column.name, kind: kind,
                isNullable: column.isNullable || !isOfRetainedTable || isReference,
                onDelete: isReference && !isFixed ? .setNull : .restrict,
                enumNames: column.values))
        if isReference {
            definition.indexes.append(
                IndexDefinition(
                    name: "\(table.name).\(column.name) retained", table: target,
                    equality: [place]))
        }
        if !isOfRetainedTable {
            changes.append(.columnRetained(table: table.name, column: column.name))
            retained.append(.columnRetained(table: table.name, column: column.name))
        }
        return LayoutMapping.Column(
            column: place, values: column.values.isEmpty ? nil : Array(column.values.indices))
    }
}

extension FileLayout.Kind {
    var isEnumeration: Bool { self == .int8 || self == .int16 }
}
