import Engine
import Store

/// Brings the status of every membership up to the day: also of those that came from a file and
/// that no clock knows yet.
struct MembershipStatusJob: Job {
    static let name = JobName.membershipStatus

    private let holdings: HoldingDesk

    init(_ binder: RuleBinder) {
        holdings = binder.shared()
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        // What the clock has told already is not taken back.
        let moment = max(asOf, call.now)
        var due: [RowRef] = []
        let data = call.data
        data.forEach(holdings.memberships.table) { ref, _ in
            if holdings.isStale(ref, data, at: moment) { due.append(ref) }
        }
        try call.visit(due.count)
        due.sort { $0.rawValue < $1.rawValue }
        // Those that others share come first: the others follow them.
        let memberships = holdings.memberships
        due.sort {
            let first = data.row(memberships.table, $0)[memberships.inheritedFrom] != nil
            let second = data.row(memberships.table, $1)[memberships.inheritedFrom] != nil
            return !first && second
        }
        var count = 0
        for ref in due where try holdings.refresh(ref, at: moment, call) { count += 1 }
        return count
    }
}
