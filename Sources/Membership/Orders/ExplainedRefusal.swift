import Bytes
import Engine

/// A refusal that can be told to the person who asked.
protocol ExplainedRefusal: RuleRefusal {
    /// One sentence with the facts.
    var message: String { get }
}

extension RuleCall {
    /// Lets a pure rule decide; what it refuses becomes the mutation's user error.
    ///
    /// - Parameters:
    ///   - field: of the input, for the error's path.
    ///   - decide: throws the rule's refusal.
    func attempt<Decision, Refusal: ExplainedRefusal>(
        at field: String, _ decide: () throws(Refusal) -> Decision
    ) throws(MutationStop) -> Decision {
        do throws(Refusal) {
            return try decide()
        } catch {
            throw refuse(error, at: field)
        }
    }

    func refuse(_ refusal: some ExplainedRefusal, at field: String) -> MutationStop {
        refuse(refusal.code.code, refusal.message, at: field)
    }

    func note(_ refusal: some ExplainedRefusal, at field: String) {
        note(refusal.code.code, refusal.message, at: field)
    }

    /// Something about one field that no rule of a subject says.
    func refuse(_ code: RuleCode, _ message: String, at field: String) -> MutationStop {
        refuse(code.code, message, at: field)
    }

    func note(_ code: RuleCode, _ message: String, at field: String) {
        note(code.code, message, at: field)
    }
}

/// A moment in messages: RFC 3339 in UTC.
func momentText(_ milliseconds: Int64) -> String {
    let text = ByteBuffer(capacity: 32)
    text.appendDateTime(min(max(milliseconds, Instant.millisecondsMin), Instant.millisecondsMax))
    return text.makeString()
}
