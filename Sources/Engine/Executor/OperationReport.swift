import Bytes
import GraphQL
import GraphQLLanguage
import Store

/// What the operation was that a session has answered last, and what it took; for logs and metrics.
///
/// Times are nanoseconds; a phase that was not needed, because the plan cache had its result, took 0.
public struct OperationReport: Sendable {
    /// Nil when the request led to no operation.
    public internal(set) var type: OperationType?
    /// The operation's name in the document.
    public internal(set) var name: String?
    public internal(set) var start: UInt64 = 0
    public internal(set) var parse: UInt64 = 0
    public internal(set) var validate: UInt64 = 0
    public internal(set) var plan: UInt64 = 0
    /// Everything else: reading variables, walking the plan, writing the answer.
    public internal(set) var execute: UInt64 = 0
    /// Objects that the page sizes allow; nil when the operation was not priced.
    public internal(set) var cost: Int?
    /// Rows that were looked at, those inside filters and orders too.
    public internal(set) var rowsVisited = 0
    /// What of it was not open to the viewer; see ``denials``.
    var denied = AccessDenials()
    /// The code of the error by which the request came to nothing.
    public internal(set) var requestErrorCode: String?

    public init() {}

    /// What the viewer asked for and may not have, at most eight of it.
    public var denials: [AccessDenial] { denied.all }

    public var total: UInt64 { parse &+ validate &+ plan &+ execute }

    mutating func begin() {
        self = OperationReport()
        start = monotonicNanoseconds()
    }

    /// Notes by which error a request has come to nothing.
    mutating func note(_ error: Session.RequestError) {
        requestErrorCode =
            switch error {
            case .syntax: "GRAPHQL_PARSE_FAILED"
            case .validation: "GRAPHQL_VALIDATION_FAILED"
            case .operation: "OPERATION_RESOLUTION_FAILURE"
            case .variables: "BAD_USER_INPUT"
            case .notAllowed: "OPERATION_NOT_ALLOWED"
            case .timeout: "TIMEOUT"
            case .tooLarge: "ANSWER_TOO_LARGE"
            case .forbidden: "FORBIDDEN"
            case .notTrusted: "OPERATION_NOT_ALLOWED"
            case .notPersisted: "PERSISTED_QUERY_NOT_FOUND"
            case .reference: "BAD_REQUEST"
            case .tooDear: "COST_LIMIT_EXCEEDED"
            case .tooDeep: "DEPTH_LIMIT_EXCEEDED"
            }
    }

    /// Ends the last phase. Reads the clock once.
    mutating func end() {
        let all = monotonicNanoseconds() &- start
        let earlier = parse &+ validate &+ plan
        execute = all > earlier ? all &- earlier : 0
    }
}

/// What one list of a plan did during one operation, for all of its owners together.
public struct ListReport: Sendable, Equatable {
    /// Response keys from the root to the list.
    public let path: String
    /// The index or scan that found the rows; nil when that was decided anew for each part.
    public let source: String?
    public let isOrdered: Bool
    public let isFiltered: Bool
    /// How often: once for each owner.
    public let times: Int
    /// Rows expected for one owner.
    public let rowsEstimated: Int
    public let rowsVisited: Int
    public let rowsReturned: Int
}

/// What a list of the plan at work has done so far.
struct ListTally {
    var times = 0
    var visited = 0
    var returned = 0

    @inline(__always)
    mutating func add(visited: Int, returned: Int) {
        times &+= 1
        self.visited &+= visited
        self.returned &+= returned
    }
}

extension Executor {
    /// Every list that was asked for since the operation began, in the order of the document.
    /// Costs the operation nothing but three additions a list; the rest is done here.
    func listReports(of plan: Plan) -> [ListReport] {
        var reports: [ListReport] = []
        var keys: [(key: String, end: Int)] = []
        for place in 0..<plan.instructionCount {
            let step = plan[place]
            while let last = keys.last, last.end <= place { keys.removeLast() }
            if step.operation == .list || Int(step.end) > place + 1 {
                keys.append((plan.keyText(step), Int(step.end)))
            }
            guard step.operation == .list else { continue }
            let number = Int(step.operand)
            guard tallies.indices.contains(number), tallies[number].times > 0 else { continue }
            let tally = tallies[number]
            let list = plan.lists[number].fixed ?? resolved[number]
            let source = list?.source
            reports.append(
                ListReport(
                    path: keys.map(\.key).filter { !$0.isEmpty }.joined(separator: "."),
                    source: source.map { $0.kind == .empty ? "nothing" : $0.name },
                    isOrdered: source?.isOrdered ?? false, isFiltered: source?.isFiltered ?? false,
                    times: tally.times, rowsEstimated: source?.estimate ?? 0,
                    rowsVisited: tally.visited, rowsReturned: tally.returned))
        }
        return reports
    }
}

extension Plan {
    /// The response key of an instruction; empty for one that has none.
    func keyText(_ step: Instruction) -> String {
        guard step.keyLength > 2 else { return "" }
        // The key is `,"name":`, or `,"name":"Type"` for a constant.
        let key = unsafe UnsafeRawBufferPointer(
            start: key(step) + 2, count: Int(step.keyLength) - 2)
        return unsafe String(decoding: key.prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }
}
