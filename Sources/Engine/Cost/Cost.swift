import Bytes

// What an operation may cost, worked out before it is executed.
//
// In comes a valid operation and the values of its variables; out comes a number of objects, or a
// refusal. The cost is the number of objects that the page sizes allow, multiplied down the tree: a
// connection counts one, and each row that its page may have one more, whether it is shown in
// `nodes`, in `edges` or in both. Rows that a relation leads to count one, stored values nothing.
// `@cost` and `@listSize` change that, for the fields of rules too.
//
// Invariants: pricing takes time in proportion to the document, however often its fragments are
// spread, because a selection set is priced once for each type; sums stop at `Int.max`; what is
// priced is what the plan compiler would compile, in the same collections of fields. So it also
// bounds the plan: depth, fields at the root, and selections with fragments written out are limits
// of the same walk.
//
// A table has any number of lines, so what one of them may cost is limited instead, and who asked is
// charged for the rows that were looked at.
//
// Deliberately absent: what the data makes of it. Filters and short lists make an answer cheaper
// than its price; the deadline and the size of the answer bound what the price does not see.

/// The price of one operation with one request's variables.
public struct Cost: Equatable, Sendable {
    /// Objects that the page sizes allow; `Int.max` for that many and more.
    public let estimated: Int
    public let limit: Int

    public init(estimated: Int, limit: Int) {
        self.estimated = estimated
        self.limit = limit
    }

    /// Appends `"extensions":{"cost":{…}}`.
    ///
    /// - Parameter actual: row visits of the execution; nil when there was none.
    func append(to output: ByteBuffer, actual: Int?) {
        output.append("\"extensions\":{\"cost\":{\"estimated\":")
        output.appendInteger(Int64(estimated))
        if let actual {
            output.append(",\"actual\":")
            output.appendInteger(Int64(actual))
        }
        output.append(",\"limit\":")
        output.appendInteger(Int64(limit))
        output.append("}}")
    }
}

/// What a request wants to know of its cost: the header `GraphQL-Cost`.
public enum CostReport: Sendable {
    case none
    /// The answer tells the cost in its extensions.
    case report
    /// The operation is priced and not executed.
    case validate

    /// - Parameter text: of the header, in any case of letters.
    public init?(_ text: String) {
        switch text.lowercased() {
        case "report": self = .report
        case "validate": self = .validate
        default: return nil
        }
    }
}

/// Why an operation is refused for what it asks at once.
enum CostRefusal: Error, Equatable {
    /// - Parameter path: response names from the root to what costs most.
    case cost(estimated: Int, limit: Int, path: [String])
    /// Of one line of a table.
    case line(estimated: Int, limit: Int, path: [String])
    case depth(limit: Int, sourceOffset: Int)
    /// Fields inside one another, whatever they are.
    case nesting(limit: Int, sourceOffset: Int)
    case rootFields(count: Int, limit: Int, sourceOffset: Int)
    case selections(limit: Int)
}

extension Int {
    /// The sum, `Int.max` where there is none.
    func addingSaturated(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The product of two numbers that are not negative, `Int.max` where there is none.
    func multipliedSaturated(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
