import Store

/// The groups of a list, in no particular order, and what came of each.
///
/// Good as long as the view that the rows were read from.
final class GroupTable {
    private let builder: GroupBuilder

    init(_ builder: GroupBuilder) {
        self.builder = builder
        count = builder.count
    }

    /// Groups. Without keys there is one, even if the list is empty.
    let count: Int

    /// The value that the rows of a group have in common.
    func key(_ group: Int, _ place: Int) -> GroupKeyValue { builder.key(group, place) }

    func rowCount(_ group: Int) -> Int { builder.rowCount(group) }

    /// One of the request's aggregates over the rows of a group.
    func result(_ group: Int, _ aggregate: Int) -> ColumnResult {
        builder.result(group, aggregate)
    }

    /// The group that a row belongs to; nil when no row of the list has its keys.
    func group(of row: RowView, _ ref: RowRef) -> Int? { builder.group(of: row) }
}
