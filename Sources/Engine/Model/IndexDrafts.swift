import Store

/// The indexes on their way, table by table, each one once.
struct IndexDrafts {
    /// Where an index will be found.
    struct Place {
        let table: TableID
        let position: Int
    }

    /// Which rows an index holds.
    struct Conditions {
        var all: [IndexCondition] = []
        /// How a sentence says them; nil without any.
        var text: String?
    }

    struct Draft {
        var name: String
        let isNamed: Bool
        let equality: [ColumnID]
        let ordered: ColumnID?
        let order: IndexOrder
        let isUnique: Bool
        let conditions: Conditions
    }

    private(set) var byTable: [TableID: [Draft]] = [:]

    /// The index over these columns, made if there is none.
    ///
    /// - Parameter name: what the schema file calls it; else it is called after its columns.
    mutating func add(
        on table: TableDraft, equality: [ColumnID], ordered: ColumnID? = nil,
        order: IndexOrder = .value, isUnique: Bool = false, conditions: Conditions = Conditions(),
        name: String?
    ) -> Place {
        let drafts = byTable[table.id] ?? []
        if let position = drafts.firstIndex(where: {
            $0.equality == equality && $0.ordered == ordered && $0.order == order
                && $0.isUnique == isUnique && $0.conditions.all == conditions.all
        }) {
            if let name, !drafts[position].isNamed {
                byTable[table.id]?[position].name = name
            }
            return Place(table: table.id, position: position)
        }
        var columns = (equality + (ordered.map { [$0] } ?? [])).map { table.columns[$0].name }
        switch order {
        case .value: break
        case .monthDay: columns[columns.count - 1] += " by month and day"
        case .words: columns[columns.count - 1] += " by words"
        }
        let list =
            "\(table.name)(\(columns.joined(separator: ", ")))" + (isUnique ? " unique" : "")
            + (conditions.text.map { " where \($0)" } ?? "")
        byTable[table.id] =
            drafts + [
                Draft(
                    name: name ?? list, isNamed: name != nil, equality: equality,
                    ordered: ordered, order: order, isUnique: isUnique, conditions: conditions)
            ]
        return Place(table: table.id, position: drafts.count)
    }

    subscript(place: Place) -> Draft {
        guard let drafts = byTable[place.table] else {
            preconditionFailure("a place is that of an index")
        }
        return drafts[place.position]
    }

    /// The place of an index in the store: tables one after the other.
    func id(of place: Place) -> IndexID {
        let before = (0..<place.table.index).map { byTable[TableID($0)]?.count ?? 0 }
        return IndexID(before.reduce(0, +) + place.position)
    }
}
