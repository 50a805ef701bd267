import JSON
import Testing

@testable import Engine

/// Which operation is executed, with which variables.
@Suite struct OperationTests {
    private let club: EngineFixture

    init() throws { club = try .club() }

    /// The answer is a request error with these messages and no data.
    private func checkRefused(
        _ document: String, _ variables: JSONValue? = nil, operation: String? = nil,
        as error: Session.RequestError, code: String, _ messages: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try club.ask(document, variables, operation: operation)
        #expect(answer.outcome == .requestError(error), sourceLocation: sourceLocation)
        let json = try #require(answer.json, "\(answer.text)", sourceLocation: sourceLocation)
        #expect(json["data"] == nil, sourceLocation: sourceLocation)
        let errors = json["errors"]?.elements ?? []
        #expect(errors.map { $0["message"]?.string } == messages, sourceLocation: sourceLocation)
        for error in errors {
            #expect(
                error["extensions"]?["code"]?.string == code, sourceLocation: sourceLocation)
        }
    }

    // MARK: Choosing

    @Test func `the name chooses among several operations`() throws {
        let document = """
            query A { tier(id: "tier_1") { name } } query B { member(id: "mem_1") { name } }
            """
        try club.check(document, operation: "A", gives: #"{"data":{"tier":{"name":"Bronze"}}}"#)
        try club.check(document, operation: "B", gives: #"{"data":{"member":{"name":"Ada"}}}"#)
        try checkRefused(
            document, as: .operation, code: "OPERATION_RESOLUTION_FAILURE",
            ["Must provide operation name if query contains multiple operations."])
        try checkRefused(
            document, operation: "C", as: .operation, code: "OPERATION_RESOLUTION_FAILURE",
            ["Unknown operation named \"C\"."])
        try checkRefused(
            "{ __typename }", operation: "C", as: .operation, code: "OPERATION_RESOLUTION_FAILURE",
            ["Unknown operation named \"C\"."])
        try checkRefused(
            "fragment F on Query { __typename }", as: .validation,
            code: "GRAPHQL_VALIDATION_FAILED",
            ["Fragment \"F\" is never used."])
    }

    @Test func `what is no document or not valid is refused with places`() throws {
        try club.check(
            "{ member(id: ",
            gives:
                #"{"errors":[{"message":"Syntax Error: Unexpected <EOF>.","locations":[{"line":1,"column":14}],"extensions":{"code":"GRAPHQL_PARSE_FAILED","rule":"Syntax"}}]}"#
        )
        try club.check(
            "{ member(id: \"mem_1\") { nam } }",
            gives:
                #"{"errors":[{"message":"Cannot query field \"nam\" on type \"Member\". Did you mean \"name\"?","locations":[{"line":1,"column":25}],"extensions":{"code":"GRAPHQL_VALIDATION_FAILED","rule":"FieldsOnCorrectType"}}]}"#
        )
    }

    // MARK: Variables

    @Test func `an absent variable leaves its argument absent`() throws {
        let document =
            "query($n: Int, $f: MemberFilter, $o: [MemberOrderBy!]) { members(first: $n, filter: $f, orderBy: $o) { nodes { name } } }"
        let all =
            #"{"data":{"members":{"nodes":[{"name":"Ada"},{"name":"Bo"},{"name":"Cy"},{"name":"Dee"}]}}}"#
        try club.check(document, gives: all)
        try club.check(document, [:], gives: all)
        try club.check(document, ["n": nil, "f": nil, "o": nil], gives: all)
        try club.check(document, ["f": [:], "o": [], "unknown": [1, 2]], gives: all)
        try club.check(
            document, ["n": 2.0, "f": ["and": []], "o": ["name": "DESC"]],
            gives: #"{"data":{"members":{"nodes":[{"name":"Dee"},{"name":"Cy"}]}}}"#)
        try club.check(
            document, ["f": ["or": []]], gives: #"{"data":{"members":{"nodes":[]}}}"#)
    }

    @Test func `a default counts only when the variable is absent`() throws {
        let document =
            "query($n: Int = 1, $s: [String!] = [\"Cy\", \"Bo\"]) { members(first: $n, filter: { name: { in: $s } }) { nodes { name } } }"
        try club.check(document, gives: #"{"data":{"members":{"nodes":[{"name":"Bo"}]}}}"#)
        try club.check(
            document, ["n": nil],
            gives: #"{"data":{"members":{"nodes":[{"name":"Bo"},{"name":"Cy"}]}}}"#)
        try club.check(
            document, ["s": "Dee"], gives: #"{"data":{"members":{"nodes":[{"name":"Dee"}]}}}"#)
        try club.check(document, ["s": []], gives: #"{"data":{"members":{"nodes":[]}}}"#)
    }

    @Test func `a null where the argument has none is an error of the field`() throws {
        try club.check(
            "query($id: ID = \"mem_1\") { member(id: $id) { name } }",
            gives: #"{"data":{"member":{"name":"Ada"}}}"#)
        for (field, path) in [("member", "member"), ("node", "node")] {
            try club.check(
                "query($id: ID = \"mem_1\") { \(field)(id: $id) { id } }", ["id": nil],
                gives:
                    #"{"errors":[{"message":"Argument \"id\" has invalid value: Expected variable \"$id\" provided to non-null type \"ID!\" not to be null.","locations":[{"line":1,"column":28}],"path":["\#(path)"],"extensions":{"code":"BAD_USER_INPUT"}}],"data":{"\#(path)":null}}"#
            )
        }
        try club.check(
            "query($ids: [ID!] = []) { nodes(ids: $ids) { id } }", ["ids": nil],
            gives:
                #"{"errors":[{"message":"Argument \"ids\" has invalid value: Expected variable \"$ids\" provided to non-null type \"[ID!]!\" not to be null.","locations":[{"line":1,"column":27}],"path":["nodes"],"extensions":{"code":"BAD_USER_INPUT"}}],"data":null}"#
        )
        try club.check(
            "query($e: String = \"x\") { memberByEmail(email: $e) { id } }", ["e": nil],
            gives:
                #"{"errors":[{"message":"Argument \"email\" has invalid value: Expected variable \"$e\" provided to non-null type \"String!\" not to be null.","locations":[{"line":1,"column":27}],"path":["memberByEmail"],"extensions":{"code":"BAD_USER_INPUT"}}],"data":{"memberByEmail":null}}"#
        )
    }

    @Test func `wrong variables are refused, all at once`() throws {
        try checkRefused(
            "query($id: ID!, $n: Int, $f: MemberFilter) { member(id: $id) { id } members(first: $n, filter: $f) { totalCount } }",
            ["n": "3", "f": ["nam": 1, "pointsBalance": ["eq": 1.5]]], as: .variables,
            code: "BAD_USER_INPUT",
            [
                "Variable \"$id\" has invalid value: Expected a value of non-null type \"ID!\" to be provided.",
                "Variable \"$n\" has invalid value: Int cannot represent non-integer value: \"3\"",
                "Variable \"$f\" has invalid value at .pointsBalance.eq: Int cannot represent non-integer value: 1.5",
                "Variable \"$f\" has invalid value: Expected value of type \"MemberFilter\" not to include unknown field \"nam\". Did you mean \"name\", \"and\", or \"not\"? Found: { nam: 1, pointsBalance: { eq: 1.5 } }.",
            ])
        try checkRefused(
            "query($id: ID!) { member(id: $id) { id } }", ["id": nil], as: .variables,
            code: "BAD_USER_INPUT",
            [
                "Variable \"$id\" has invalid value: Expected value of non-null type \"ID!\" not to be null."
            ])
        try checkRefused(
            "query($id: ID!) { member(id: $id) { id } }", ["id": 1.5], as: .variables,
            code: "BAD_USER_INPUT",
            ["Variable \"$id\" has invalid value: ID cannot represent value: 1.5"])
        try checkRefused(
            "query($s: MemberStatus!) { members(filter: { status: { eq: $s } }) { totalCount } }",
            ["s": "activ"], as: .variables, code: "BAD_USER_INPUT",
            [
                "Variable \"$s\" has invalid value: Value \"activ\" does not exist in \"MemberStatus\" enum. Did you mean the enum value \"active\"?"
            ])
    }

    @Test func `the same document takes other variables`() throws {
        let document =
            "query($id: ID!, $n: Int!, $full: Boolean!) { member(id: $id) { name pointsHistory(first: $n) @include(if: $full) { nodes { delta } } } }"
        for round in 0..<3 {
            _ = round
            try club.check(
                document, ["id": "mem_1", "n": 1, "full": true],
                gives:
                    #"{"data":{"member":{"name":"Ada","pointsHistory":{"nodes":[{"delta":100}]}}}}"#
            )
            try club.check(
                document, ["id": "mem_1", "n": 2, "full": true],
                gives:
                    #"{"data":{"member":{"name":"Ada","pointsHistory":{"nodes":[{"delta":100},{"delta":20}]}}}}"#
            )
            try club.check(
                document, ["id": "mem_2", "n": 2, "full": false],
                gives: #"{"data":{"member":{"name":"Bo"}}}"#)
        }
    }

    @Test func `a fixed list sees rows that come later`() throws {
        let document =
            "{ tiers(orderBy: [{ level: DESC }], first: 2) { totalCount nodes { name } } }"
        try club.check(
            document,
            gives:
                #"{"data":{"tiers":{"totalCount":3,"nodes":[{"name":"Gold"},{"name":"Silver"}]}}}"#)
        try club.insert(
            "Tier", ["id": "tier_4", "name": "Black", "level": 9, "threshold": 9000])
        try club.check(
            document,
            gives:
                #"{"data":{"tiers":{"totalCount":4,"nodes":[{"name":"Black"},{"name":"Gold"}]}}}"#)
    }
}
