import Engine
import Store

/// Judges a member's tier.
struct EvaluateTier: MutationRule {
    static let name = "tier.evaluate"

    private let tiers: TierDesk
    private let memberID: InputField<String>
    private let programID: InputField<String>
    private let asOf: InputField<Int64?>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        tiers = binder.shared()
        memberID = binder.input("memberId")
        programID = binder.input("programId")
        asOf = binder.input("asOf")
        payload = binder.output("assignment")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let member = try tiers.desk.live(
            call[memberID], at: "memberId", call, allowsSuspended: true)
        let program = try call.row(call[programID], in: tiers.programs.table, at: "programId")
        let now = call[asOf] ?? call.now
        guard now <= call.now else {
            throw call.refuse(
                RuleCode.invalid.code, "A tier is not judged by what is to come.", at: "asOf")
        }
        do throws(TierFailure) {
            let rules = try tiers.programs.tierRules(program, call.data)
            if let open = tiers.assignments.last(member, program, call.data).open,
                open.isLocked(on: rules.calendar.day(of: now))
            {
                throw .locked(until: open.validUntil)
            }
        } catch {
            throw tiers.refusal(error, at: "programId", call)
        }
        let assignment = try tiers.evaluate(member, program, now: now, call)
        call.answer(payload, .row(assignment))
    }
}

extension TierDesk {
    func refusal(_ failure: TierFailure, at path: String, _ call: RuleCall) -> MutationStop {
        let code = RuleCode(rawValue: failure.code) ?? .invalid
        return call.refuse(code.code, failure.message, at: path)
    }
}

extension TierFailure {
    /// For the person who asked.
    var message: String {
        switch self {
        case .noLevels: "The program has no tiers."
        case .levelsOutOfOrder: "A tier of higher rank must have a higher threshold."
        case .unknownLevel: "The tier is none of the program's."
        case .locked(let until):
            until == nil ? "The tier is locked." : "The tier is locked until its last day."
        case .validityOver: "The last day is over."
        }
    }
}
