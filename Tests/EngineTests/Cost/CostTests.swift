import Bytes
import JSON
import Testing

@testable import Engine

/// What operations cost before they are executed.
@Suite struct CostTests {
    private let club: EngineFixture

    init() throws { club = try EngineFixture.club() }

    @Test func `a connection counts one, and each row of its page one`() throws {
        #expect(try club.price("{ members(first: 25) { nodes { name } } }") == 26)
        #expect(try club.price("{ members(last: 7) { edges { cursor node { id } } } }") == 8)
        #expect(try club.price("{ members { nodes { name } } }") == 51)
    }

    @Test func `rows in nodes and in edges are the same rows`() throws {
        let document =
            "{ members(first: 10) { nodes { name } edges { node { id } } pageInfo { endCursor } totalCount } }"
        #expect(try club.price(document) == 11)
    }

    @Test func `a count without rows costs its connection`() throws {
        #expect(try club.price("{ members { totalCount } }") == 1)
        #expect(
            try club.price("{ members { aggregate { count sum { pointsBalance } } } }") == 1)
    }

    @Test func `page sizes multiply down the tree`() throws {
        // 1 + 10 × (1 row + 1 tier + (1 + 5 × (1 + 1 event)))
        let document = """
            { members(first: 10) { nodes { tier { name } registrations(first: 5) { nodes { event { title } } } } } }
            """
        #expect(try club.price(document) == 1 + 10 * (1 + 1 + (1 + 5 * (1 + 1))))
    }

    @Test func `groups count as many as their keys can make, where that is known`() throws {
        func price(_ by: String, _ arguments: String = "") throws -> Int? {
            try club.price(
                (by == "$by" ? "query($by: [MemberGroupBy!]! = [{ field: NAME }]) " : "")
                    + "{ members { groupBy(by: \(by)\(arguments)) { aggregate { count } } } }")
        }
        let statuses = try #require(
            club.model.enums.first { $0.name == "MemberStatus" }?.values.count)
        #expect(try price("[{ field: STATUS }]") == 1 + statuses + 1)
        #expect(try price("{ field: STATUS }") == 1 + statuses + 1)
        #expect(try price("[{ field: STATUS }]", ", first: 2") == 1 + 2)
        #expect(
            try price("[{ field: STATUS }, { field: STATUS }]") == 1 + (statuses + 1)
                * (statuses + 1))
        #expect(try price("[{ field: STATUS }, { field: NAME }]") == 1 + 1000)
        #expect(try price("[{ field: JOINED_AT, bucket: MONTH }]", ", first: 36") == 1 + 36)
        #expect(try price("$by") == 1 + 1000)
    }

    @Test func `look-ups and nodes count what they can find`() throws {
        #expect(try club.price("{ member(id: \"mem_1\") { name } }") == 1)
        #expect(try club.price("{ node(id: \"mem_1\") { id } }") == 1)
        #expect(
            try club.price(
                "{ nodes(ids: [\"mem_1\", \"mem_2\"]) { ... on Member { tier { id } } } }")
                == 4)
        let byVariable = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        #expect(try club.price(byVariable, ["ids": ["a", "b", "c"]]) == 3)
        #expect(try club.price(byVariable, ["ids": []]) == 0)
    }

    @Test func `of an interface the dearest type counts`() throws {
        let document = """
            { node(id: "mem_1") { ... on Member { tier { id } } ... on Tier { members(first: 9) { nodes { id } } } } }
            """
        #expect(try club.price(document) == 1 + 10)
    }

    @Test func `variables count with the values they have`() throws {
        let document =
            "query($n: Int, $m: Int = 3) { members(first: $n) { nodes { registrations(first: $m) { nodes { id } } } } }"
        #expect(try club.price(document, ["n": 2, "m": 4]) == 1 + 2 * (1 + 1 + 4))
        #expect(try club.price(document, ["n": 2]) == 1 + 2 * (1 + 1 + 3))
        #expect(try club.price(document) == 1 + 50 * (1 + 1 + 3))
        #expect(try club.price(document, ["n": 2, "m": nil]) == 1 + 2 * (1 + 1 + 50))
        // Again the first ones, from the same prepared operation.
        #expect(try club.price(document, ["n": 2, "m": 4]) == 1 + 2 * (1 + 1 + 4))
        #expect(try club.price(document, ["n": -5, "m": 4]) == 1)
    }

    @Test func `what is skipped costs nothing`() throws {
        let document = """
            query($all: Boolean!) { member(id: "mem_1") { name registrations(first: 9) @include(if: $all) { nodes { id } } } }
            """
        #expect(try club.price(document, ["all": true]) == 11)
        #expect(try club.price(document, ["all": false]) == 1)
        #expect(
            try club.price(
                "{ members(first: 9) @skip(if: true) { nodes { id } } member(id: \"a\") { id } }")
                == 1)
    }

    @Test func `fields that merge count once, aliases each time`() throws {
        let merged = """
            { members(first: 5) { nodes { ...A ...B } } }
            fragment A on Member { tier { name } }
            fragment B on Member { tier { level } }
            """
        #expect(try club.price(merged) == 1 + 5 * 2)
        let aliased =
            "{ a: members(first: 5) { nodes { id } } b: members(first: 5) { nodes { id } } }"
        #expect(try club.price(aliased) == 12)
    }

    @Test func `a mutation costs its weight for each item it is given`() throws {
        let tier =
            "mutation { createTier(input: { name: \"x\", level: 9, threshold: 1 }) { tier { id } } }"
        #expect(try club.price(tier) == 11)
        let bulk = """
            mutation($ids: [ID!]) { updateMembers(input: { filter: { id: { in: $ids } }, set: { name: "x" } }) { count } }
            """
        #expect(try club.price(bulk, ["ids": ["a"]]) == 50)
        #expect(try club.price(bulk, ["ids": ["a", "b", "c"]]) == 150)
    }

    @Test func `pricing does not execute`() throws {
        let answer = try club.priceAnswer("{ members(first: 2) { nodes { id } } }")
        #expect(
            answer.text
                == #"{"data":null,"extensions":{"cost":{"estimated":3,"limit":1000000}}}"#)
    }

    @Test func `a report tells what was estimated and what was visited`() throws {
        var document = "{ members(first: 2) { nodes { id } } }"
        let output = ByteBuffer()
        let outcome = try document.withUTF8 { text in
            club.session.execute(
                try unsafe GraphQLRequest(document: UnsafeRawBufferPointer(text)),
                costReport: .report, into: output)
        }
        #expect(outcome == .data)
        #expect(club.session.cost == Cost(estimated: 3, limit: 1_000_000))
        let json = try JSONValue(parsing: output.makeString())
        #expect(json["data"]?["members"]?["nodes"]?[1]?["id"] == "mem_2")
        #expect(json["extensions"]?["cost"]?["estimated"] == 3)
        #expect(json["extensions"]?["cost"]?["limit"] == 1_000_000)
        #expect(json["extensions"]?["cost"]?["actual"] != nil)
    }

    @Test func `over the limit both numbers and the dearest path are told`() throws {
        let document = """
            { members(first: 1000) { nodes { registrations(first: 1000) { nodes { event { registrations(first: 1000) { nodes { id } } } } } } } cheap: member(id: "a") { id } }
            """
        let answer = try club.ask(document)
        #expect(answer.outcome == .requestError(.tooDear))
        let estimated = 1 + 1000 * (2 + 1000 * (1 + 1 + 1 + 1000)) + 1
        #expect(
            answer.text
                == #"{"errors":[{"message":"The operation could read \#(estimated) objects; "#
                + #"1000000 are allowed.","extensions":{"code":"COST_LIMIT_EXCEEDED","#
                + #""limit":{"name":"cost","value":\#(estimated),"max":1000000},"#
                + #""hint":"Ask for smaller pages (first: …); most of it is in "#
                + #"members.nodes.registrations.nodes.event.registrations."}}]}"#)
    }

    @Test func `more than can be counted is still refused`() throws {
        let inner = "members(first: 1000) { nodes { tier { "
        let document =
            "{ " + String(repeating: inner, count: 7) + "id" + String(repeating: " } } }", count: 7)
            + " }"
        #expect(try club.refusal(document) == ["COST_LIMIT_EXCEEDED", "cost"])
    }

    @Test func `weights and list sizes that schema files give count`() throws {
        var schema = bankSchema
        schema.replace(
            "@rule(name: \"bank.richest\")",
            with: "@rule(name: \"bank.richest\") @cost(weight: \"2.5\") "
                + "@listSize(assumedSize: 4, slicingArguments: [\"first\"])")
        schema.replace("sum: Long! kind", with: "sum: Long! @cost(weight: \"3\") kind")
        schema.replace("after(amount: Long!)", with: "after(amount: Long! @cost(weight: \"7\"))")
        let bank = try EngineFixture(schema, rules: bankRules)
        #expect(bank.model.schemaText.contains("@cost(weight: \"2.5\")"))
        #expect(try bank.price("{ richest(first: 3) { name } }") == 9)
        #expect(try bank.price("{ richest { name } }") == 12)
        #expect(try bank.price("{ richest(first: 2) { summary { sum } } }") == 2 * (3 + 1 + 3))
        #expect(
            try bank.price("{ richest(first: 1) { summary { after(amount: 1) } } }") == 3 + 1 + 7)
        #expect(
            try bank.price(
                "query($a: Long!) { richest(first: 1) { summary { after(amount: $a) } } }",
                ["a": 1]) == 3 + 1 + 7)
    }

    @Test func `a depth of fifteen relations is allowed, sixteen are not`() throws {
        func document(_ relations: Int) -> String {
            var text = "id"
            for level in (0..<relations).reversed() {
                text =
                    level % 2 == 0
                    ? "tier { \(text) }" : "members(first: 1) { nodes { \(text) } }"
            }
            return "{ members(first: 1) { nodes { \(text) } } }"
        }
        #expect(try club.price(document(15)) != nil)
        #expect(try club.refusal(document(16)) == ["DEPTH_LIMIT_EXCEEDED", "depth"])
    }

    @Test func `depth is counted through fragments`() throws {
        var document = "{ members(first: 1) { nodes { ...F0 } } }"
        for level in 0..<15 {
            let next = level == 14 ? "tier { id }" : "...F\(level + 1)"
            document += """
                 fragment F\(level) on Member { tier { members(first: 1) { nodes { \(next) } } } }
                """
        }
        #expect(try club.refusal(document) == ["DEPTH_LIMIT_EXCEEDED", "depth"])
    }
}
