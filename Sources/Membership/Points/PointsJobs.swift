import Engine
import Store

/// Makes pending points active whose time has come.
struct PendingActivationJob: Job {
    static let name = JobName.pendingActivation

    private let clock: PointsClock

    init(_ binder: RuleBinder) {
        clock = PointsClock(binder)
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        try clock.settleAll(asOf: asOf, counting: [.activate], call).entries
    }
}

/// Lets points lapse whose time is over, each at its own moment.
struct PointsExpiryJob: Job {
    static let name = JobName.pointsExpiry

    private let clock: PointsClock

    init(_ binder: RuleBinder) {
        clock = PointsClock(binder)
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        try clock.settleAll(asOf: asOf, counting: [.expire], call).entries
    }
}

/// Ends holds whose time is over.
struct HoldExpiryJob: Job {
    static let name = JobName.holdExpiry

    private let clock: PointsClock

    init(_ binder: RuleBinder) {
        clock = PointsClock(binder)
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        try clock.settleAll(asOf: asOf, counting: [], call).holds
    }
}

/// Judges the tiers whose term or days of grace are over.
struct TierEvaluationJob: Job {
    static let name = JobName.tierEvaluation

    private let tiers: TierDesk

    init(_ binder: RuleBinder) {
        tiers = binder.shared()
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        let assignments = tiers.assignments
        var count = 0
        for assignment in call.data.rows(assignments.byChange, to: asOf) {
            try call.visit(1)
            let row = call.data.row(assignments.table, assignment)
            let (member, program) = (row[assignments.member], row[assignments.program])
            let open = try tiers.evaluate(member, program, now: asOf, call)
            if open != assignment { count += 1 }
        }
        return count
    }
}
