import Store

/// `groupBy`: what a table's rows can be grouped by, what groups show, and how they are chosen and
/// ordered.
extension GeneratedSchema {
    /// `groupBy` as a field of a connection.
    func groupByField(_ table: TableModel) -> String {
        let name = table.name
        return "groupBy(by: [\(Naming.groupBy(name))!]!, timeZone: String = \"UTC\", "
            + "having: \(Naming.having(name)), orderBy: [\(Naming.groupOrderBy(name))!], "
            + "first: Int = \(GroupArguments.sizeDefault)): [\(Naming.group(name))!]!"
    }

    mutating func grouping(_ table: TableModel) {
        let fields = table.groupFields(tables)
        let name = table.name
        bindings[Naming.group(name)] = .group(table.id)
        define(
            "type \(Naming.group(name))",
            [
                line("keys: \(Naming.groupKeys(name))!"),
                line("aggregate: \(Naming.aggregate(name))!"),
                line(
                    "nodes(first: Int = \(GroupArguments.nodesDefault)): [\(name)!]!",
                    "In the order of the list."),
            ])
        bindings[Naming.groupKeys(name)] = .groupKeys(table.id)
        define(
            "type \(Naming.groupKeys(name))",
            fields.map { line("\($0.name): \(typeName(of: $0))") },
            "Null also for what is not in by.")
        define("enum \(Naming.groupField(name))", fields.map { line($0.value) })
        define(
            "input \(Naming.groupBy(name))",
            [line("field: \(Naming.groupField(name))!"), line("bucket: DateBucket")])
        having(table)
        groupOrderBy(table)
    }

    private func typeName(of field: GroupField) -> String {
        switch field.kind {
        case .scalar(let scalar): scalar.rawValue
        case .enum(let id): enums[id.index].name
        case .row(let id): tables[id.index].name
        }
    }

    private mutating func having(_ table: TableModel) {
        let name = table.name
        let numbers = AggregateColumns.numbers(table)
        var fields = [line("count: IntFilter")]
        if !numbers.isEmpty {
            fields.append(line("sum: \(Naming.sumFilter(name))"))
            fields.append(line("avg: \(Naming.averageFilter(name))"))
        }
        define("input \(Naming.having(name))", fields)
        guard !numbers.isEmpty else { return }
        define(
            "input \(Naming.sumFilter(name))",
            numbers.map {
                line("\($0.name): \(Naming.filter(($0.scalar.sum ?? $0.scalar).rawValue))")
            })
        define(
            "input \(Naming.averageFilter(name))",
            numbers.map { line("\($0.name): FloatFilter") })
    }

    private mutating func groupOrderBy(_ table: TableModel) {
        let name = table.name
        let numbers = AggregateColumns.numbers(table)
        var fields = [
            line("key: \(Naming.groupField(name))"),
            line("direction: OrderDirection", "Of the key."), line("count: OrderDirection"),
        ]
        if !numbers.isEmpty {
            fields += ["sum", "avg"].map { line("\($0): \(Naming.sumOrderBy(name))") }
        }
        define("input \(Naming.groupOrderBy(name))", fields)
        guard !numbers.isEmpty else { return }
        define(
            "input \(Naming.sumOrderBy(name))",
            numbers.map { line("\($0.name): OrderDirection") })
    }

    /// What all tables share.
    mutating func dateBuckets() {
        guard !tables.isEmpty else { return }
        define(
            "enum \(SharedNames.dateBucket)",
            DateBucket.allCases.map { bucket in
                line(bucket.rawValue, bucket == .week ? "From Monday." : nil)
            })
    }
}
