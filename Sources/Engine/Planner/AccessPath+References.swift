import Store

/// Filters through a relation to one row, answered by looking at the other table first.
extension AccessPath {
    /// Rows of another table that are looked at, at the most, to find those that a filter through a
    /// relation may lead to.
    private static let targetsMax = 1000

    /// As `targetsMax`, where no index of this table finds rows by what they lead to: then it only
    /// makes the question to each row cheaper.
    private static let unindexedTargetsMax = 64

    /// The rows that a filter through a relation may lead to, as a condition on the reference, and
    /// how they were found; nil where that is no use.
    func referenceSet(_ conjunct: Condition) -> (condition: Condition, source: String)? {
        guard case .toOne(let column, let target, let inner) = conjunct, column != ownerColumn
        else { return nil }
        let planned = planner(of: target).plan(inner)
        guard planned.estimate <= targetsMax(column) else { return nil }
        let source = LookAheadWalk(context: context, view: view).resolved(planned, in: target)
        let list = ResolvedList(
            table: target, source: source, order: context.creationOrder(of: target), size: .max,
            isFromEnd: false, offset: 0,
            after: nil, before: nil)
        var refs: [UInt32] = []
        let isComplete = ListFrame(list, of: .none, view).forEachRow(view) { _, locator in
            refs.append(locator.ref.rawValue)
        }
        guard isComplete else { return nil }
        return (Condition.references(column, refs).normalized, source.name)
    }

    private func targetsMax(_ column: ColumnID) -> Int {
        let isIndexed = context.model[table].indexes.contains {
            $0.equality.contains(column) && $0.conditions.isEmpty
        }
        guard isIndexed else { return Self.unindexedTargetsMax }
        // Not more than a scan of this table would cost.
        return min(Self.targetsMax, max(Self.unindexedTargetsMax, view.table(table).count / 4))
    }
}
