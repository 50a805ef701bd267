import Store

/// The groups of a list, in no particular order, and what came of each.
///
/// Good as long as the view that the rows were read from.
final class GroupTable {
    private let request: GroupRequest
    private let reader: GroupKeyReader
    private var places: [[GroupKeyValue]: Int] = [:]
    private var keys: [[GroupKeyValue]] = []
    private var rowCounts: [Int] = []
    private var columns: [[ColumnAggregate]] = []

    init(_ request: GroupRequest, _ view: MeteredView) {
        self.request = request
        reader = GroupKeyReader(request, view)
        if request.keys.isEmpty { _ = place([]) }
    }

    var count: Int { keys.count }

    func key(_ group: Int, _ place: Int) -> GroupKeyValue { keys[group][place] }

    func rowCount(_ group: Int) -> Int { rowCounts[group] }

    func result(_ group: Int, _ aggregate: Int) -> ColumnResult {
        columns[group][aggregate].result
    }

    /// The group that a row belongs to; nil when no row of the list has its keys.
    func group(of row: RowView, _ ref: RowRef) -> Int? {
        places[reader.values(of: row)]
    }

    func add(_ row: RowView) {
        let group = place(reader.values(of: row))
        rowCounts[group] += 1
        for place in columns[group].indices { columns[group][place].add(row) }
    }

    private func place(_ values: [GroupKeyValue]) -> Int {
        if let place = places[values] { return place }
        let place = keys.count
        places[values] = place
        keys.append(values)
        rowCounts.append(0)
        columns.append(request.aggregates.map(ColumnAggregate.init))
        return place
    }
}

/// The keys of single rows.
struct GroupKeyReader {
    private let request: GroupRequest
    private let view: MeteredView

    init(_ request: GroupRequest, _ view: MeteredView) {
        self.request = request
        self.view = view
    }

    func values(of row: RowView) -> [GroupKeyValue] {
        request.keys.map { value($0, row) }
    }

    private func value(_ key: GroupKey, _ start: RowView) -> GroupKeyValue {
        var row = start
        for step in key.path {
            if row.isNull(step.column) { return .null }
            row = view.table(step.target).row(row.reference(step.column))
        }
        let column = key.column
        if row.isNull(column) { return .null }
        switch column.code {
        case .reference: return .row(row.reference(column))
        // Minus zero is zero.
        case .double: return .double(row.double(column) + 0)
        case .bytes: return unsafe .text([UInt8](row.bytes(column)))
        case .bool, .int8, .int16, .int32, .int64:
            let value = row.integer(column)
            guard let bucket = key.bucket else { return .integer(value) }
            if column.code == .int32 {
                return .integer(Int64(bucket.start(ofDay: Int32(truncatingIfNeeded: value))))
            }
            return .integer(request.calendar.start(of: bucket, at: value))
        }
    }
}

extension ListFrame {
    /// Puts the rows of the list together to groups.
    ///
    /// - Parameter threads: how many may work on it.
    /// - Returns: nil when the operation must be given up.
    func grouped(by request: GroupRequest, _ view: MeteredView, threads: Int) -> GroupTable? {
        let table = GroupTable(request, view)
        return forEachRow(view) { row, _ in table.add(row) } ? table : nil
    }
}
