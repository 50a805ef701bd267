import Bytes
import JSON
import Testing

@testable import Engine

@Suite struct MutationPropertyTests {
    private struct Draw {
        var random: SeededRandom

        mutating func number(_ range: ClosedRange<Int>) -> Int {
            Int.random(in: range, using: &random)
        }

        mutating func id(_ prefix: String) -> String { "\(prefix)_\(number(0...9))" }

        /// Fields of a member, some absent, some null, some wrong.
        mutating func fields(_ names: [String]) -> NaiveClub.Fields {
            var fields: NaiveClub.Fields = [:]
            for name in names where number(0...2) > 0 {
                if number(0...7) == 0 {
                    fields[name] = .null
                    continue
                }
                switch name {
                case "number": fields[name] = .string("M-\(number(0...12))")
                case "email": fields[name] = .string("e\(number(0...6))@example.org")
                case "points":
                    fields[name] = .integer(Int64([-1, 0, 7, 1000, 1001][number(0...4)]))
                case "tierId": fields[name] = .string(id("tier"))
                case "sponsorId": fields[name] = .string(id("mem"))
                default: fields[name] = .string("N\(number(0...3))")
                }
            }
            return fields
        }
    }

    private static let names = ["number", "name", "email", "points", "tierId", "sponsorId"]

    private static func object(_ fields: NaiveClub.Fields) -> JSONValue {
        .object(names.compactMap { name in fields[name].map { JSONValue.Member(name, $0) } })
    }

    /// One mutation, done to the club and to its model: the codes of both.
    private func step(
        _ club: MutationFixture, _ model: inout NaiveClub, _ draw: inout Draw
    ) throws -> (document: String, codes: [String], expected: [String]) {
        var document: String
        var variables: JSONValue = [:]
        let expected: [String]
        let answer = "userErrors { code }"
        switch draw.number(0...11) {
        case 0...2:
            var fields = draw.fields(Self.names)
            // Null for a required field is refused by the type system.
            for name in ["number", "name"] where fields[name] == nil || fields[name] == .null {
                fields[name] = .string("M-\(draw.number(0...12))")
            }
            variables = ["v": Self.object(fields)]
            document =
                "mutation ($v: CreateMemberInput!) { m: createMember(input: $v) { \(answer) } }"
            expected = model.createMember(fields)
        case 3...5:
            let fields = draw.fields(Self.names)
            let id = draw.id("mem")
            let version = draw.number(0...3) == 0 ? draw.number(1...3) : nil
            variables = [
                "id": .string(id), "v": Self.object(fields),
                "e": version.map { .integer(Int64($0)) } ?? .null,
            ]
            document = """
                mutation ($id: ID!, $v: MemberPatch!, $e: Int) {
                  m: updateMember(input: { id: $id, expectedVersion: $e, set: $v }) { \(answer) }
                }
                """
            expected = model.updateMember(id, version: version, fields)
        case 6:
            let fields = draw.fields(Array(Self.names.dropFirst()))
            let number = "M-\(draw.number(0...12))"
            variables = ["n": .string(number), "v": Self.object(fields)]
            document = """
                mutation ($n: String!, $v: MemberPatch!) {
                  m: upsertMemberByNumber(input: { number: $n, set: $v }) { \(answer) }
                }
                """
            expected = model.upsertMember(number: number, fields)
        case 7:
            let id = draw.id("mem")
            document = "mutation { m: deleteMember(input: { id: \"\(id)\" }) { \(answer) } }"
            expected = model.deleteMember(id)
        case 8:
            let fields = draw.fields(["name", "points", "tierId"])
            let low = draw.number(0...1) == 0 ? 0 : 900
            variables = ["v": Self.object(fields)]
            document = """
                mutation ($v: MemberPatch!) {
                  m: updateMembers(input: { filter: { points: { gte: \(low) } }, set: $v }) { \(answer) }
                }
                """
            expected = model.updateMembers(withPointsFrom: low, fields)
        case 9:
            let code = "c\(draw.number(0...6))"
            document =
                "mutation { m: createTier(input: { code: \"\(code)\", name: \"T\" }) { \(answer) } }"
            expected = model.createTier(code, "T")
        case 10:
            let id = draw.id("tier")
            document = "mutation { m: deleteTier(input: { id: \"\(id)\" }) { \(answer) } }"
            expected = model.deleteTier(id)
        default:
            let id = draw.id("mem")
            document = "mutation { m: createVisit(input: { memberId: \"\(id)\" }) { \(answer) } }"
            expected = model.createVisit(id)
        }
        let json = try club.mutate(document, variables).json
        let errors = json?["data"]?["m"]?["userErrors"]?.elements ?? [.string("no payload")]
        let codes = errors.map { error in
            if case .string(let code)? = error["code"] { code } else { error.description }
        }
        return ("\(document) \(variables)", codes.sorted(), expected.sorted())
    }

    @Test(arguments: 0..<8)
    func `random mutations do what a naive model does`(_ number: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var draw = Draw(random: SeededRandom(seed: seed))
        let club = try MutationFixture(rows: [:])
        var model = NaiveClub()
        for count in 0..<120 {
            let step = try step(club, &model, &draw)
            #expect(step.codes == step.expected, "seed \(seed), \(count): \(step.document)")
            let dump = try club.fixture.ask(NaiveClub.dump).json
            #expect(dump == model.json, "seed \(seed), \(count): \(step.document)")
            if step.codes != step.expected || dump != model.json { return }
        }
    }

    /// What is coerced on the way in is what the whole coercion says.
    @Test func `variables are coerced alike on both roads`() throws {
        let club = try MutationFixture()
        let document = """
            mutation ($v: CreateVisitInput!) {
              createVisit(input: $v) { visit { at day tags price { amountMinor } extra } }
            }
            """
        let good: JSONValue = ["memberId": "mem_ada", "tags": ["a"], "day": "2026-02-28"]
        // In another order, and with one item for a list, which only the long road takes.
        let other: JSONValue = ["day": "2026-02-28", "tags": "a", "memberId": "mem_ada"]
        let expected = """
            {"data":{"createVisit":{"visit":{"at":"2026-01-01T10:00:00.000Z","day":"2026-02-28",
            "tags":["a"],"price":{"amountMinor":0},"extra":"none"}}}}
            """
        try club.check(document, ["v": good], gives: expected)
        try club.check(document, ["v": other], gives: expected)
        for bad: JSONValue in [
            ["memberId": "mem_ada", "day": "2026-02-30"], ["memberId": "mem_ada", "tags": [1]],
            ["memberId": 1.5], ["memberId": "mem_ada", "price": ["amountMinor": 1]],
            ["memberId": "mem_ada", "at": 5], [:], ["memberId": "mem_ada", "nope": 1],
        ] {
            let answer = try club.mutate(document, ["v": bad])
            #expect(answer.outcome == .requestError(.variables), "\(bad)")
        }
    }
}
