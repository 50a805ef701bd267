import Engine
import Store

/// `report.tierMatrix`: where the members of each tier on one day were on another.
struct ReportTierMatrix: FieldRule {
    static let name = "report.tierMatrix"

    private let scopes: ScopeDesk
    private let assignments: AssignmentTable
    private let programs: RuleTable
    private let timezone: RowField<String>
    private let tiers: RuleTable
    private let rank: RowField<Int>
    private let calendars: ChapterCalendars
    private let program: InputField<String>
    private let from: InputField<Int32>
    private let to: InputField<Int32>
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        scopes = binder.shared()
        assignments = binder.shared()
        calendars = binder.shared()
        let row = binder.table("LoyaltyProgram")
        programs = row.table
        timezone = row("timezone")
        let tier = binder.table("Tier")
        tiers = tier.table
        rank = tier("rank")
        program = binder.input("programId")
        from = binder.input("from")
        to = binder.input("to")
        shape = binder.output("from", "to", "left", "members", "rate")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let data = read.data
        guard let program = try read.row(read[program], in: programs, at: "programId") else {
            return .list([])
        }
        let calendar = calendars.calendar(zone: data.row(programs, program)[timezone])
        let (start, end) = (
            calendar.start(ofDay: read[from]), calendar.start(ofDay: read[to])
        )
        var first: [RowRef: RowRef] = [:]
        var second: [RowRef: RowRef] = [:]
        try read.walk(assignments.table) { _, row in
            guard row[assignments.program] == program,
                data.isOpen(scopes.members.table, row[assignments.member])
            else { return }
            let since = row[assignments.effectiveFrom]
            let until = row[assignments.effectiveTo] ?? .max
            if since <= start, start < until {
                first[row[assignments.member]] = row[assignments.tier]
            }
            if since <= end, end < until {
                second[row[assignments.member]] = row[assignments.tier]
            }
        }
        var matrix = TierMatrix()
        for (member, tier) in first {
            matrix.add(from: place(tier), to: second[member].map(place) ?? .left)
        }
        let members = scopes.members
        try read.walk(members.table) { ref, row in
            guard first[ref] == nil, scopes.isCounted(row[members.status]),
                row[members.joinedAt] <= start, data.isOpen(members.table, ref)
            else { return }
            matrix.add(from: .none, to: second[ref].map(place) ?? .none)
        }
        return cells(of: matrix, of: Set(first.values).union(second.values), data)
    }

    private func place(_ tier: RowRef) -> TierMatrix.Place { .tier(Int64(tier.rawValue)) }

    /// By rank, the lowest first; before them those without a tier, after them those who left.
    private func cells(
        of matrix: TierMatrix, of found: Set<RowRef>, _ data: DataView
    ) -> RuleValue {
        let sorted = found.sorted { data.row(tiers, $0)[rank] < data.row(tiers, $1)[rank] }
        let rows: [(TierMatrix.Place, RowRef?)] =
            [(.none, nil)] + sorted.map { (place($0), $0) }
        var cells: [RuleValue] = []
        for (from, fromTier) in rows {
            for (to, toTier) in rows + [(.left, nil)] {
                let ratio = matrix.cell(from: from, to: to)
                guard ratio.numerator > 0 else { continue }
                cells.append(
                    shape.object(
                        .row(fromTier), .row(toTier), .bool(to == .left), .int(ratio.numerator),
                        .double(ratio.value)))
            }
        }
        return .list(cells)
    }
}
