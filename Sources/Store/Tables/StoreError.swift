/// Why the store refuses a change. Nothing of the refused change remains.
public enum StoreError: Error, Equatable, Sendable {
    /// Another row, `existing`, already has the same values in the columns of a unique index.
    case duplicate(table: TableID, index: IndexID, existing: RowRef)
    /// The row that a reference column should lead to does not exist.
    case missingReference(table: TableID, column: ColumnID)
    /// A row of table `by` refers to a row that should be deleted, and its reference restricts.
    case referenced(by: TableID, column: ColumnID, ref: RowRef)
    /// There is no such row to change or delete.
    case notFound(table: TableID, ref: RowRef)
    /// A column without a value, that must have one.
    case nullInRequired(table: TableID, column: ColumnID)
    /// A number outside of its column's range, or more bytes than ``RowBuilder/valueBytesMax``
    /// or, in the whole row, ``RowBuilder/rowBytesMax``.
    case outOfRange(table: TableID, column: ColumnID)
    /// Rows of the table are neither changed nor deleted.
    case appendOnly(table: TableID)
    /// The table or one of its shards has given out all of its numbers.
    case tooManyRows(table: TableID)
    /// The bytes of 64 neighbouring rows would no longer fit into one page of 2 GiB.
    case pageFull(table: TableID)
    /// A bulk load into a table that has, or had, rows.
    case notEmpty(table: TableID)
    /// A bulk load of a row whose creation number is not above those before it on its shard.
    case creationOutOfOrder(table: TableID, creation: UInt32)
}

/// What a bulk load found when it looked at all rows together.
public enum LoadViolation: Equatable, Sendable {
    /// Two rows agree in all columns of a unique index.
    case duplicate(index: IndexID, first: RowRef, second: RowRef)
    /// A reference that must have a value has none.
    case nullInRequired(table: TableID, column: ColumnID, ref: RowRef)
    /// A reference leads to a row that was removed again.
    case missingReference(table: TableID, column: ColumnID, ref: RowRef)
}
