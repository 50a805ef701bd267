import Bytes
import Engine
import Glibc
import JSON

/// How long it takes to put the points ledger together to groups, with all of the machine's
/// processors: what `compare-duckdb.sh` holds against another engine's times.
struct GroupRoad {
    private struct Question {
        let name: String
        let query: String
    }

    private static func entries(_ arguments: String, _ fields: String) -> String {
        "{ pointsEntries { groupBy(\(arguments)) { \(fields) } } }"
    }

    private static let questions = [
        Question(
            name: "month-utc",
            query: entries(
                "by: [{ field: AT, bucket: MONTH }]", "keys { at } aggregate { sum { delta } }")),
        Question(
            name: "month-oslo",
            query: entries(
                #"by: [{ field: AT, bucket: MONTH }], timeZone: "Europe/Oslo""#,
                "keys { at } aggregate { sum { delta } }")),
        Question(
            name: "tier",
            query: entries(
                "by: [{ field: MEMBER_TIER }]",
                "keys { memberTier { name } } aggregate { sum { delta } }")),
        Question(
            name: "distinct",
            query: entries(
                "by: [{ field: AT, bucket: MONTH }, { field: REASON }]",
                "keys { at reason } aggregate { countDistinct { member } }")),
    ]

    private static let roundCount = 7

    /// Prints a line for each question: the rows of its answer, the second round and the best, in
    /// milliseconds. The first round is for warming up.
    static func measure(_ context: EngineContext) throws {
        let road = try RequestRoad(context)
        print("question     rows   second ms   best ms")
        let q5 = Question(name: "q5", query: try Club.text("club/queries/q5.graphql"))
        for question in questions + [q5] {
            let rows = try road.value(question.query, "{}").groupCount
            let bodies = Bodies()
            bodies.append(question.query)
            var times: [Double] = []
            for _ in 1..<roundCount {
                let start = nanoseconds(CLOCK_MONOTONIC)
                _ = unsafe road.answer(bodies[0])
                times.append(Double(nanoseconds(CLOCK_MONOTONIC) - start) / 1e6)
            }
            print(
                question.name, rows, hundredths(times[0]), hundredths(times.min() ?? 0),
                separator: "\t")
        }
    }

    private static func hundredths(_ number: Double) -> Double { (number * 100).rounded() / 100 }
}

extension JSONValue {
    /// The groups of all lists in an answer.
    fileprivate var groupCount: Int {
        let lists = members?.first?.value.members ?? []
        return lists.reduce(0) {
            $0 + ($1.value.members?.first?.value.elements?.count ?? 0)
        }
    }
}
