import Bytes
import Engine
import Store

extension Benchmark {
    /// What the writer's thread does for one document that adds a line to the ledger and changes its
    /// member, both in one transaction: alone in its group, and with 63 others; and with its inputs
    /// as whole variables, as code generators send them.
    static func mutations(_ club: Club) throws -> [Benchmark] {
        let ids = club.memberIDs.prefix(1 << 14)
        let bodies = Bodies()
        let query = try club.query("earn")
        for (number, id) in ids.enumerated() {
            bodies.append(
                query,
                """
                {"member":"\(id)","delta":\(number % 50 + 1),"balance":\(number % 5000),\
                "at":"2026-06-30T12:00:00Z"}
                """)
        }
        let inputs = Bodies()
        for (number, id) in ids.enumerated() {
            inputs.append(
                """
                mutation ($entry: CreatePointsEntryInput!, $member: UpdateMemberInput!) @transaction {
                  createPointsEntry(input: $entry) { pointsEntry { id } userErrors { code } }
                  updateMember(input: $member) { member { pointsBalance } userErrors { code } }
                }
                """,
                """
                {"entry":{"memberId":"\(id)","delta":\(number % 50 + 1),"reason":"purchase",\
                "at":"2026-06-30T12:00:00Z","balance":\(number % 5000)},\
                "member":{"id":"\(id)","set":{"pointsBalance":\(number % 5000)}}}
                """)
        }
        return [
            mutation("mutate", club, bodies, count: 1),
            mutation("mutate 64", club, bodies, count: 64),
            mutation("mutate 64 inputs", club, inputs, count: 64),
        ]
    }

    /// - Parameter count: the documents of one group.
    private static func mutation(
        _ name: String, _ club: Club, _ bodies: Bodies, count: Int
    ) -> Benchmark {
        let session = MutationSession(context: club.context)
        let output = ByteBuffer(capacity: 1 << 20)
        var next = 0
        return Benchmark(name, items: (count, "documents")) { _ in
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
