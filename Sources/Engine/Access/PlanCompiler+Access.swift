import GraphQL
import GraphQLLanguage
import Store

/// What a role may ask for at all; which rows it then gets is the matter of ``RowGuards``.
extension PlanCompiler {
    /// Refuses the whole operation for the sake of one field.
    func require(_ isAllowed: Bool, _ group: FieldGroup) throws(Failure) {
        if isAllowed { return }
        throw .forbidden(
            "The field \"\(name(group))\" is not open to this role.",
            sourceOffset: field(group).offset)
    }

    func require(_ operation: AccessOperation, of table: TableID, _ group: FieldGroup)
        throws(Failure)
    {
        try require(role?[table].isOpen(to: operation) ?? true, group)
    }

    /// Whether the row behind a to-one relation has to be looked at before it is shown.
    func isGuarded(_ column: ColumnID, of table: TableID, to target: TableID) -> Bool {
        guard let role, role[target].isGuarded(for: .read) else { return false }
        return !role[table].implied.contains(column)
    }

    /// A field whose value the role never learns: null, or asterisks where there is always a text.
    mutating func masked(_ group: FieldGroup, _ field: FieldModel) throws(Failure) {
        if case .toMany = field.kind { try require(false, group) }
        if field.isNullable { return try constant(group, "null") }
        guard case .column(_, .scalar(let kind)) = field.kind, kind.isText else {
            return try require(false, group)
        }
        try constant(group, "\"***\"")
    }
}

extension RoleAccess {
    /// Whether an aggregate over a field would tell what the role may not learn: values that are
    /// masked, or texts of rows that are only counted.
    func isClosed(_ function: AggregateColumn.Function, over name: String, of table: TableID)
        -> Bool
    {
        let access = self[table]
        return access.masked.contains(name)
            || function != .countDistinct && access.telling.contains(name)
    }

    /// Whether rows that a table between two others holds may be learned of from these: all of its
    /// rows are open, or those that lead to an open row are.
    func isPassable(_ relation: ToManyModel) -> Bool {
        guard let column = relation.targetColumn else { return true }
        let access = self[relation.linkTable]
        return !access.isGuarded(for: .read) || access.follows.contains(column)
            || access.follows.contains(relation.ownerColumn)
    }

    /// Whether who may see the owner of a list may see all rows of it.
    func follows(_ relation: ToManyModel) -> Bool {
        relation.targetColumn == nil && self[relation.target].follows.contains(relation.ownerColumn)
    }
}
