import Bytes
import Engine
import Store

extension Benchmark {
    /// What the writer's thread does for one document that adds a line to the ledger and changes its
    /// member, both in one transaction: alone in its group, and with 63 others.
    static func mutations(_ club: Club) throws -> [Benchmark] {
        let query = try club.query("earn")
        let bodies = Bodies()
        for (number, id) in club.memberIDs.prefix(1 << 14).enumerated() {
            bodies.append(
                query,
                """
                {"member":"\(id)","delta":\(number % 50 + 1),"balance":\(number % 5000),\
                "at":"2026-06-30T12:00:00Z"}
                """)
        }
        return [1, 64].map { count in
            let session = MutationSession(context: club.context)
            let output = ByteBuffer(capacity: 1 << 20)
            var next = 0
            return Benchmark(
                count == 1 ? "mutate" : "mutate \(count)", items: (count, "documents")
            ) { _ in
                club.context.store.write(now: Club.now) { group in
                    var byteCount = 0
                    for _ in 0..<count {
                        output.removeAll()
                        guard
                            let request = try? unsafe GraphQLRequest(
                                jsonBody: bodies[next % bodies.count]),
                            case .data = session.execute(request, in: group, into: output),
                            !session.hasFieldErrors
                        else { fatalError("no data: \(output.makeString().prefix(500))") }
                        next += 1
                        byteCount += output.count
                    }
                    return byteCount
                }
            }
        }
    }
}
