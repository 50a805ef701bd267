import Engine
import Store

/// Pairs of members who look alike and are not the same.
struct ExclusionTable: BoundTables {
    let table: RuleTable
    /// The one with the smaller row number: a pair is kept once.
    let first: RowField<RowRef>
    let second: RowField<RowRef>
    let by: RowField<String>
    let reason: RowField<String?>
    let byPair: RuleKey

    init(_ binder: RuleBinder) {
        let row = binder.table("DuplicateExclusion")
        table = row.table
        first = row("first")
        second = row("second")
        by = row("by")
        reason = row("reason")
        byPair = row.key("first", "second")
    }

    func find(_ one: RowRef, _ other: RowRef, _ data: DataView) -> RowRef? {
        let pair = ExclusionTable.ordered(one, other)
        return data.find(byPair, .row(pair.0), .row(pair.1))
    }

    static func ordered(_ one: RowRef, _ other: RowRef) -> (RowRef, RowRef) {
        one.rawValue < other.rawValue ? (one, other) : (other, one)
    }
}

/// Remembers that two members who look alike are not the same; said twice, it is kept once.
struct ExcludeDuplicate: MutationRule {
    static let name = "members.excludeDuplicate"

    private let first: InputField<String>
    private let second: InputField<String>
    private let reason: InputField<String?>
    private let exclusions: ExclusionTable
    private let desk: MemberDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        first = binder.input("firstId")
        second = binder.input("secondId")
        reason = binder.input("reason")
        exclusions = binder.shared()
        desk = binder.shared()
        payload = binder.output("exclusion")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let one = try desk.live(call[first], at: "firstId", call, allowsSuspended: true)
        let other = try desk.live(call[second], at: "secondId", call, allowsSuspended: true)
        if one == other {
            throw call.refuse(
                RuleCode.mergeSelf.code, "These are the same member.", at: "secondId")
        }
        if let known = exclusions.find(one, other, call.data) {
            call.answer(payload, .row(known))
            return
        }
        let pair = ExclusionTable.ordered(one, other)
        let new = try call.insert(exclusions.table) { row in
            row[exclusions.first] = pair.0
            row[exclusions.second] = pair.1
            row[exclusions.by] = call.caller
            if let reason = call[reason] { row[exclusions.reason] = reason }
        }
        call.auditNew(exclusions.table, new)
        call.answer(payload, .row(new))
    }
}
