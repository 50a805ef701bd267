import JSON
import Testing

@testable import Engine

/// What makes no table, and what is said of it.
struct TableRefusalTests {
    private let club: EngineFixture

    init() throws { club = try .club() }

    @Test func `a table is one root field`() throws {
        try club.checkRefusal(
            "{ members { nodes { id } } t: tiers { nodes { id } } }",
            message: #"A table is one root field; the operation has 2: "members", "t"."#,
            hint: "Send one request for each of them.")
        try club.checkRefusal(
            "{ members @skip(if: true) { nodes { id } } }",
            message: "The operation selects nothing.", hint: "Send one request for each of them.")
    }

    @Test func `a line may cost a hundredth of what an operation may`() throws {
        var limits = EngineLimits()
        limits.costMax = 400
        let club = try EngineFixture.club(limits)
        func table(_ first: Int) -> String {
            "{ members { nodes { name registrations(first: \(first)) { nodes { id } } } } }"
        }
        // The row, the connection, and the rows of that.
        #expect(try club.table(table(2), explode: "registrations").refusal == nil)
        #expect(
            try club.tableRefusal(table(3), explode: "registrations")
                == [
                    "COST_LIMIT_EXCEEDED", "line-cost",
                    "Each line of the table could read 5 objects; 4 are allowed.",
                ])
        // What counts once may cost as much as an operation.
        let groups =
            "{ members { groupBy(by: [{ field: NAME }], first: %) { aggregate { count } } } }"
        #expect(try club.table(groups.replacing("%", with: "399")).refusal == nil)
        #expect(
            try club.tableRefusal(groups.replacing("%", with: "400"))
                == [
                    "COST_LIMIT_EXCEEDED", "cost",
                    "The operation could read 401 objects; 400 are allowed.",
                ])
    }

    @Test func `the root field is a list of rows`() throws {
        try club.checkRefusal(
            #"{ member(id: "mem_1") { name } }"#, message: #""member" is not a list of rows."#,
            hint: "Select a connection with nodes, edges { node } or groupBy.")
        try club.checkRefusal(
            "{ __schema { queryType { name } } }",
            message: #""__schema" is not a list of rows."#,
            hint: "Select a connection with nodes, edges { node } or groupBy.")
        try club.checkRefusal(
            "{ members { totalCount } }", message: #""members" has no rows here."#,
            hint: "Select its nodes or edges { node }, or its groupBy.")
    }

    @Test func `nothing stands beside the rows`() throws {
        try club.checkRefusal(
            "{ m: members { n: totalCount nodes { id } } }",
            message: #""m.n" is said of the whole list and has no place in a table of its rows."#,
            hint: "Leave n out, or ask for it in a request of its own.")
        try club.checkRefusal(
            "{ members { nodes { id } pageInfo { hasNextPage } } }",
            message:
                #""members.pageInfo" is said of the whole list and has no place in a table of its rows."#,
            hint: "Leave pageInfo out, or ask for it in a request of its own.")
        try club.checkRefusal(
            "{ members { nodes { id } edges { cursor } } }",
            message: #""members" has two lists of rows here, "nodes" and "edges"."#,
            hint: "Select one of them.")
    }

    @Test func `lists inside the rows`() throws {
        try club.checkRefusal(
            "{ members { nodes { id r: registrations { nodes { id } } } } }",
            message: #""r" has many rows for one line."#,
            hint:
                "Add explode=r for a line for each of them, or select its totalCount or aggregate instead."
        )
        try club.checkRefusal(
            "{ registrations { nodes { member { pointsHistory { edges { cursor } } } } } }",
            message: #""member.pointsHistory" has many rows for one line."#,
            hint:
                "Add explode=pointsHistory for a line for each of them, or select its totalCount or aggregate instead."
        )
        try club.checkRefusal(
            "{ members { nodes { registrations { nodes { id } } pointsHistory { nodes { id } } } } }",
            explode: "registrations", message: #""pointsHistory" has many rows for one line."#,
            hint:
                "One list can be exploded; select the totalCount or aggregate of this one instead.")
        try club.checkRefusal(
            "{ members { nodes { registrations { nodes { id member { pointsHistory { nodes { id } } } } } } } }",
            explode: "registrations",
            message: #""registrations.member.pointsHistory" has many rows for one line."#,
            hint:
                "One list can be exploded; select the totalCount or aggregate of this one instead.")
    }

    @Test func `what is exploded is there, and there once`() throws {
        try club.checkRefusal(
            "{ members { nodes { id } } }", explode: "points",
            message: #"explode names "points", which is no list inside the rows."#,
            hint: "There is none; leave explode out.")
        try club.checkRefusal(
            "{ members { nodes { registrations { nodes { id } } p: pointsHistory { nodes { id } } } } }",
            explode: "points",
            message: #"explode names "points", which is no list inside the rows."#,
            hint: "Lists here: registrations, p.")
        try club.checkRefusal(
            """
            { registrations { nodes { member { p: registrations { nodes { id } } }
              event { p: registrations { nodes { id } } } } } }
            """, explode: "p", message: "explode=p can mean several lists.",
            hint: "Give its whole path: explode=member.p or explode=event.p.")
    }

    @Test func `columns have names of their own`() throws {
        try club.checkRefusal(
            "{ members { edges { name: cursor node { name } } } }",
            message: #"Two columns are named "name"."#, hint: "Give one of them an alias.")
        try club.checkRefusal(
            "{ members { nodes { name @skip(if: true) } } }",
            message: "The table has no columns.", hint: "Select fields of its rows.")
    }

    @Test func `what is wrong with any query`() throws {
        #expect(try club.table("{ members {").refusal == .syntax)
        #expect(try club.table("{ members { nodes { nam } } }").refusal == .validation)
        #expect(
            try club.table("query($n: Int!) { members(first: $n) { nodes { id } } }").refusal
                == .variables)
        try club.checkRefusal(
            #"mutation { deleteMember(input: { id: "mem_1" }) { deletedId } }"#, as: .notAllowed,
            message: "Only queries make tables; this is a mutation.", hint: nil)
        try club.checkRefusal(
            "{ members(first: -1) { nodes { id } } }",
            message: "first is -1; it cannot be negative.", hint: nil)
        try club.checkRefusal(
            "{ members { nodes { registrations(first: 1, last: 1) { nodes { id } } } } }",
            explode: "registrations", message: "first and last are both given.",
            hint: "Page forwards or backwards, not both.")
    }
}
