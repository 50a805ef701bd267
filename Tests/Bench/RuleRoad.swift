import Bytes
import Engine
import Glibc
import JSON
import Membership
import Store

/// The rules of membership over a club of their own schema: what a mutation of the domain takes on
/// the writer's thread, and what the queries of real use take.
final class RuleRoad {
    private let context: EngineContext
    private let session: MutationSession
    private let output = ByteBuffer(capacity: 1 << 20)
    private let memberCount: Int
    private let memberIDs: [String]
    private let program: String
    private let root: String

    /// Makes the club: an umbrella, ten chapters with ten stores each, one program with three tiers,
    /// and members in the stores.
    init(memberCount: Int) throws {
        let model = try buildModel(
            try loadSchemaFiles(Club.folder + "/../../schema"), rules: membershipRules)
        context = EngineContext(model: model, store: Store(model.storeDefinition, seed: 42)) {
            Club.now
        }
        session = MutationSession(context: context)
        self.memberCount = memberCount
        let founding = Founding(context, session)
        (root, program) = try founding.found()
        let start = nanoseconds(CLOCK_MONOTONIC)
        memberIDs = try founding.enroll(memberCount)
        let time = nanoseconds(CLOCK_MONOTONIC) - start
        print(
            """
            enrollMember with an identity, an account, points and a tier: \
            \(time / UInt64(memberCount) / 1000) µs each, \(memberCount) members

            """)
    }

    func run(_ options: BenchOptions) throws {
        print(Measurement.heading)
        for benchmark in try benchmarks() where options.wants(benchmark.name) {
            print(benchmark.measure().line)
        }
    }

    private func benchmarks() throws -> [Benchmark] {
        let ids = memberIDs.shuffledAlike().prefix(1 << 14)
        let earnings = Bodies()
        for (number, id) in ids.enumerated() {
            earnings.append(
                """
                mutation($input: EarnPointsInput!) { earnPoints(input: $input) {
                  account { spendable } userErrors { code } } }
                """,
                """
                {"input":{"memberId":"\(id)","programId":"\(program)",\
                "points":\(number % 90 + 10),"reason":"bench","idempotencyKey":"KEY"}}
                """)
        }
        return [
            mutation("earnPoints", earnings, count: 1),
            mutation("earnPoints 64", earnings, count: 64),
            try query("member home", "home", ids) { #"{"id":"\#($0)","program":"\#(program)"}"# },
            try query("till", "till", ids) { #"{"id":"\#($0)","program":"\#(program)"}"# },
            try query("roll-up", "rollup", [root]) { #"{"id":"\#($0)"}"# },
        ]
    }

    private func query(
        _ name: String, _ file: String, _ ids: some Collection<String>,
        _ variables: (String) -> String
    ) throws -> Benchmark {
        let road = try RequestRoad(context)
        let bodies = Bodies()
        let text = try Club.text("rules/\(file).graphql")
        for id in ids { bodies.append(text, variables(id)) }
        return Benchmark(name) { number in unsafe road.answer(bodies[number % bodies.count]) }
    }

    /// - Parameter count: the documents of one group.
    private func mutation(_ name: String, _ bodies: Bodies, count: Int) -> Benchmark {
        var next = 0
        return Benchmark(name, items: (count, "documents")) { [self] _ in
            context.store.write(now: Club.now) { group in
                var byteCount = 0
                for _ in 0..<count {
                    output.removeAll()
                    next += 1
                    // A key of its own for each, as a till sends it.
                    guard
                        let request = try? unsafe GraphQLRequest(
                            jsonBody: bodies[next % bodies.count]),
                        case .data = session.execute(
                            request, viewer: Viewer(role: "admin", name: String(next)), in: group,
                            into: output),
                        !session.hasFieldErrors
                    else { fatalError("no data: \(output.makeString().prefix(500))") }
                    byteCount += output.count
                }
                return byteCount
            }
        }
    }
}

/// Makes what the rules are measured with, through the mutations.
private struct Founding {
    private let context: EngineContext
    private let session: MutationSession
    private let output = ByteBuffer(capacity: 4096)

    init(_ context: EngineContext, _ session: MutationSession) {
        self.context = context
        self.session = session
    }

    private func id(_ field: String, _ object: String, _ input: JSONValue) throws -> String {
        let type = field.prefix(1).uppercased() + field.dropFirst()
        let body = Bodies()
        body.append(
            "mutation($input: \(type)Input!) { \(field)(input: $input) { \(object) { id } } }",
            JSONValue.object([.init("input", input)]).description)
        output.removeAll()
        context.store.write(now: Club.now) { group in
            guard let request = try? unsafe GraphQLRequest(jsonBody: body[0]) else { return }
            _ = session.execute(request, in: group, into: output)
        }
        let answer = unsafe output.withUnsafeBytes { try? unsafe JSONValue(parsing: $0) }
        guard case .string(let id)? = answer?["data"]?[field]?[object]?["id"] else {
            throw BenchError(output.makeString())
        }
        return id
    }

    func found() throws -> (root: String, program: String) {
        func chapter(_ code: String, _ level: String, _ parent: String?) throws -> String {
            try id(
                "createChapter", "chapter",
                [
                    "code": .string(code), "name": .string(code), "level": .string(level),
                    "timezone": "Europe/Berlin", "currency": "EUR",
                    "parentId": parent.map { .string($0) } ?? .null,
                ])
        }
        let root = try chapter("HQ", "UMBRELLA", nil)
        for number in 0..<10 {
            let middle = try chapter("C\(number)", "CHAPTER", root)
            for store in 0..<10 { _ = try chapter("S\(number)\(store)", "STORE", middle) }
        }
        let program = try id(
            "createLoyaltyProgram", "loyaltyProgram",
            [
                "code": "CLUB", "name": "Club", "isDefault": true, "timezone": "Europe/Berlin",
                "expiryPolicy": "ROLLING", "expiryMonths": 24, "metric": "QUALIFYING_POINTS",
                "period": "CALENDAR_YEAR",
            ])
        for (rank, threshold) in [0, 1_000, 5_000].enumerated() {
            _ = try id(
                "createTier", "tier",
                [
                    "programId": .string(program), "code": .string("T\(rank)"),
                    "name": .string("Tier \(rank)"), "rank": .integer(Int64(rank)),
                    "threshold": .integer(Int64(threshold)),
                    "benefits": [["kind": "DISCOUNT", "name": "5 % off"]],
                ])
        }
        _ = try id(
            "createEarningRule", "earningRule",
            [
                "programId": .string(program), "name": "Welcome", "trigger": "REGISTERED",
                "pointsFixed": 100, "priority": 1,
            ])
        return (root, program)
    }

    func enroll(_ count: Int) throws -> [String] {
        let document = """
            mutation($input: EnrollMemberInput!) { enrollMember(input: $input) {
              member { id } userErrors { code message } } }
            """
        var ids: [String] = []
        let prefix = #"{"data":{"enrollMember":{"member":{"id":""#
        for start in stride(from: 0, to: count, by: 64) {
            let bodies = Bodies()
            let numbers = start..<min(start + 64, count)
            for number in numbers {
                // Ids of chapters are counted: the umbrella, and each chapter before its stores.
                let chapter = 2 + number % 10 * 11 + number / 10 % 11
                bodies.append(
                    document,
                    """
                    {"input":{"member":{"memberNo":"M\(100_000 + number)",\
                    "name":"Member \(number)","identities":[{"kind":"EMAIL",\
                    "value":"m\(number)@example.org"}]},"chapterId":"chp_\(chapter)",\
                    "source":"WEB"}}
                    """)
            }
            var failure: String?
            context.store.write(now: Club.now) { group in
                for place in numbers.indices {
                    output.removeAll()
                    guard
                        let request = try? unsafe GraphQLRequest(
                            jsonBody: bodies[place - numbers.lowerBound]),
                        case .data = session.execute(request, in: group, into: output)
                    else { return }
                    let answer = output.makeString()
                    guard answer.hasPrefix(prefix) else {
                        failure = answer
                        return
                    }
                    ids.append(String(answer.dropFirst(prefix.count).prefix { $0 != "\"" }))
                }
            }
            if let failure { throw BenchError(failure) }
        }
        return ids
    }
}

extension [String] {
    /// In another order, the same each time.
    fileprivate func shuffledAlike() -> [String] {
        var state: UInt64 = 7
        return map { element in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state, element)
        }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
