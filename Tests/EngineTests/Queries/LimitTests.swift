import Bytes
import JSON
import Testing

@testable import Engine

/// Budget, deadline, size of the answer and the plan cache.
@Suite struct LimitTests {
    private static let everything = """
        { members { totalCount nodes { name tier { name } registrations { nodes { event { title } } } } } }
        """

    private func crowd(_ limits: EngineLimits = EngineLimits()) throws -> EngineFixture {
        let rows = (0..<2000).map { number in
            JSONValue.object([
                .init("id", .string("one_\(number)")), .init("number", .integer(Int64(number))),
            ])
        }
        return try EngineFixture(
            "type One @table(idPrefix: \"one\") { number: Int! }", rows: ["One": .array(rows)],
            limits: limits)
    }

    @Test func `over its budget an operation leaves the output as it was`() throws {
        var limits = EngineLimits()
        limits.loopBudget = 5
        let club = try EngineFixture.club(limits)
        let output = ByteBuffer()
        output.append("kept")
        var document = Self.everything
        let outcome = try document.withUTF8 { text in
            club.session.execute(
                try unsafe GraphQLRequest(document: UnsafeRawBufferPointer(text)),
                effort: .bounded, into: output)
        }
        #expect(outcome == .overBudget)
        #expect(output.makeString() == "kept")
        let full = try club.ask(Self.everything)
        #expect(full.outcome == .data)
        let roomy = try EngineFixture.club().ask(Self.everything, effort: .bounded)
        #expect(full.text == roomy.text)
        #expect(full.json?["data"]?["members"]?["totalCount"] == 4)
        let small = try club.ask("{ member(id: \"mem_1\") { name } }", effort: .bounded)
        #expect(small.text == #"{"data":{"member":{"name":"Ada"}}}"#)
    }

    @Test func `sorting, filtering and counting use the budget too`() throws {
        var limits = EngineLimits()
        limits.loopBudget = 100
        let crowd = try crowd(limits)
        for query in [
            "{ ones(orderBy: [{ number: DESC }], first: 1) { nodes { id } } }",
            "{ ones(filter: { number: { ne: 3 } }) { totalCount } }",
            "{ ones(filter: { number: { eq: -1 } }, first: 1) { nodes { id } } }",
            "{ ones { aggregate { sum { number } } } }",
            "{ ones { aggregate { countDistinct { number } } } }",
            "{ ones(first: 200) { nodes { id } } }",
        ] {
            #expect(try crowd.ask(query, effort: .bounded).outcome == .overBudget, "\(query)")
            #expect(try crowd.ask(query).outcome == .data, "\(query)")
        }
        for query in [
            "{ ones { totalCount } }", "{ ones(first: 50, offset: 1900) { nodes { id } } }",
            "{ ones(last: 20) { nodes { id } } }",
        ] {
            #expect(try crowd.ask(query, effort: .bounded).outcome == .data, "\(query)")
        }
    }

    @Test func `long filters and orders use the budget of more rows than they look at`() throws {
        var limits = EngineLimits()
        limits.loopBudget = 5_000
        let crowd = try crowd(limits)
        func list(_ count: Int, _ item: (Int) -> String) -> String {
            "[" + (0..<count).map(item).joined(separator: ",") + "]"
        }
        for (filter, isDear) in [
            ("number: { ne: 3 }", false),
            ("or: \(list(3) { "{ number: { eq: \(-$0) } }" })", false),
            (
                "or: \(list(900) { "{ number: { gt: \(4_000 + $0) }, version: { gt: \($0) } }" })",
                true
            ),
            (
                "not: { or: \(list(900) { "{ number: { gt: \(4_000 + $0) }, version: { gt: 1 } }" }) }",
                true
            ),
            ("number: { in: \(list(900) { "\(-$0)" }) }", false),
        ] {
            let answer = try crowd.ask(
                "{ ones(filter: { \(filter) }) { totalCount } }", effort: .bounded)
            #expect((answer.outcome == .overBudget) == isDear, "\(filter.prefix(60))")
        }
        let club = try EngineFixture.club(limits)
        let keys = list(16) { _ in "{ registrations: { count: ASC } }" }
        #expect(try club.ask("{ members(orderBy: \(keys)) { totalCount } }").outcome == .data)
        let refused = try club.ask(
            "{ members(orderBy: \(list(17) { _ in "{ name: ASC }" })) { totalCount } }")
        #expect(
            refused.json?["errors"]?[0]?["message"] == "orderBy has 17 keys; 16 are allowed.")
    }

    @Test func `a brief effort leaves to another what is not soon done`() throws {
        var limits = EngineLimits()
        limits.briefTime = .zero
        let crowd = try crowd(limits)
        let query = "{ ones(first: 1000) { nodes { id } } }"
        let brief = try crowd.ask(query, effort: .brief)
        #expect(brief.outcome == .overBudget)
        #expect(brief.text.isEmpty)
        limits.briefTime = .seconds(60)
        let patient = try self.crowd(limits).ask(query, effort: .brief)
        #expect(patient.outcome == .data)
        #expect(try patient.text == crowd.ask(query).text)
    }

    @Test func `a filter has so many parts`() throws {
        var limits = EngineLimits()
        limits.filterPartsMax = 7
        let crowd = try crowd(limits)
        let query = "query($f: OneFilter) { ones(filter: $f) { totalCount } }"
        let part: JSONValue = ["number": ["gte": 0]]
        let fits = try crowd.ask(query, ["f": ["or": [part, part, ["number": ["eq": 3]]]]])
        #expect(fits.text == #"{"data":{"ones":{"totalCount":2000}}}"#)
        let refused = try crowd.ask(
            query, ["f": ["or": [part, part, ["number": ["eq": 3, "gt": 1]]]]])
        #expect(
            refused.json?["errors"]?[0]?["message"] == "filter has 8 parts; 7 are allowed.")
    }

    /// A page of nearly all rows is read in order, and one of few rows is looked for page by page.
    @Test func `what leaves out one value is taken to leave out little`() throws {
        let crowd = try crowd()
        for (filter, source) in [("{ ne: 3 }", "One(creation)"), ("{ gt: 3 }", "One scan")] {
            var traces: [ListTrace] = []
            let query = "{ ones(filter: { number: \(filter) }, first: 100) { nodes { id } } }"
            #expect(try crowd.ask(query, trace: { traces.append($0) }).outcome == .data)
            #expect(traces.map(\.source) == [source])
            #expect(traces.map(\.rowsReturned) == [100])
        }
    }

    @Test func `what a client has waited is taken off the time of its operation`() throws {
        let crowd = try crowd(EngineLimits())
        func outcome(waited: Duration) throws -> Session.Outcome {
            var document = "{ ones(first: 1000, offset: 1000) { nodes { id number } } }"
            return try document.withUTF8 { text in
                crowd.session.execute(
                    try unsafe GraphQLRequest(document: UnsafeRawBufferPointer(text)),
                    waited: waited, into: ByteBuffer())
            }
        }
        #expect(try outcome(waited: .zero) == .data)
        #expect(try outcome(waited: .seconds(10)) == .requestError(.timeout))
    }

    @Test func `past its deadline an operation is given up`() throws {
        var limits = EngineLimits()
        limits.timeout = .zero
        let crowd = try crowd(limits)
        let answer = try crowd.ask("{ ones(first: 1000) { nodes { id } } }")
        #expect(answer.outcome == .requestError(.timeout))
        #expect(
            answer.text
                == #"{"errors":[{"message":"The operation took longer than 0.0 seconds.","extensions":{"code":"TIMEOUT","hint":"Ask for less at once, or for fields with an index."}}]}"#
        )
    }

    @Test func `an answer has a greatest size`() throws {
        var limits = EngineLimits()
        limits.answerBytesMax = 10_000
        let crowd = try crowd(limits)
        let answer = try crowd.ask(
            "{ ones(first: 1000) { nodes { id number version createdAt } } }")
        #expect(answer.outcome == .requestError(.tooLarge))
        #expect(
            answer.text
                == #"{"errors":[{"message":"The answer is larger than 10000 bytes.","extensions":{"code":"ANSWER_TOO_LARGE","hint":"Ask for smaller pages or fewer fields."}}]}"#
        )
        #expect(try crowd.ask("{ ones(first: 100) { nodes { id } } }").outcome == .data)
    }

    @Test func `a page may have a thousand rows and no more`() throws {
        let crowd = try crowd()
        let answer = try crowd.ask(
            "{ ones(first: 1000) { nodes { number } pageInfo { hasNextPage } } }")
        let list = answer.json?["data"]?["ones"]
        #expect(list?["nodes"]?.elements?.compactMap { $0["number"]?.int64 } == Array(0..<1000))
        #expect(list?["pageInfo"]?["hasNextPage"] == true)
        let refused = try crowd.ask("{ ones(first: 1001) { nodes { number } } }")
        #expect(refused.json?["data"] == .some(.null))
    }

    @Test func `a small plan cache forgets, and the answers stay`() throws {
        var limits = EngineLimits()
        limits.planCacheBytesMax = 30_000
        let club = try EngineFixture.club(limits)
        for round in 0..<3 {
            for number in 0..<60 {
                let answer = try club.ask(
                    "query($f: Boolean!) { a\(number): member(id: \"mem_\(number % 5)\") { name id @include(if: $f) } }",
                    ["f": .bool(number % 2 == round % 2)])
                let name = ["", "Ada", "Bo", "Cy", "Dee"][number % 5]
                let id = number % 2 == round % 2 ? ",\"id\":\"mem_\(number % 5)\"" : ""
                let row = number % 5 == 0 ? "null" : "{\"name\":\"\(name)\"\(id)}"
                #expect(answer.text == "{\"data\":{\"a\(number)\":\(row)}}")
            }
        }
    }

    @Test func `an explanation names the source of each list`() throws {
        let club = try EngineFixture.club()
        var traces: [ListTrace] = []
        _ = try club.ask(
            #"{ m: members(filter: { city: { eq: "Oslo" } }, orderBy: [{ pointsBalance: DESC }], first: 2) { nodes { pointsHistory(orderBy: [{ at: DESC }]) { nodes { id } } } } }"#
        ) { traces.append($0) }
        #expect(traces.map(\.path) == ["m.nodes.pointsHistory", "m.nodes.pointsHistory", "m"])
        #expect(traces.map(\.rowsReturned) == [1, 1, 2])
        #expect(traces.map(\.isOrdered) == [true, true, true])
        #expect(
            traces.map(\.source) == [
                "PointsEntry(member, at)", "PointsEntry(member, at)", "Member(city, pointsBalance)",
            ])
    }
}
