import JSON
import Testing

@testable import Engine

/// A club for roles that may count what they may not see, and change what they may not know.
private let countedClub = """
    type Tier @table(idPrefix: "tier") @allow(roles: ["board", "guide", "clerk"]) {
      name: String!
      members: [Member!]! @relation(inverse: "tier")
    }

    enum Kind { PERSON FAMILY }

    type Member @table(idPrefix: "mem", write: [CREATE, UPDATE, DELETE]) @key(fields: "email")
      @allow(roles: ["board"], operations: ["AGGREGATE"])
      @allow(roles: ["guide"], where: {id: {eq: "$viewer.memberId"}})
      @allow(roles: ["guide"], operations: ["AGGREGATE"])
      @allow(roles: ["clerk"], operations: ["CREATE", "UPDATE", "DELETE"])
    {
      name: String!
      email: String! @sensitive
      note: String @allow(roles: ["guide"])
      kind: Kind! @default(value: PERSON)
      points: Int! @default(value: 0)
      tier: Tier!
      entries: [Entry!]! @relation(inverse: "member")
    }

    type Entry @table(idPrefix: "ent") @allow(roles: ["guide"]) {
      member: Member! @relation(onDelete: RESTRICT)
      at: DateTime!
    }
    """

/// Twelve members of the first tier, two of which are families; none of the second.
private func countedRows() -> JSONValue {
    [
        "Tier": [["id": "tier_1", "name": "Basic"], ["id": "tier_2", "name": "Gold"]],
        "Member": .array(
            (1...12).map { number in
                [
                    "id": .string("mem_\(number)"), "name": .string("Member \(number)"),
                    "email": .string("m\(number)@example.org"),
                    "kind": number > 10 ? "FAMILY" : "PERSON",
                    "points": .integer(Int64(10 * number)), "tier": "tier_1",
                ]
            }),
        "Entry": [["id": "ent_1", "member": "mem_3", "at": "2026-01-01T00:00:00Z"]],
    ]
}

/// What answers tell of rows that nobody was to learn of.
@Suite struct AccessInferenceTests {
    private let club: AccessFixture
    private static let board = Viewer(role: "board", name: "b")
    private static let guide = Viewer(role: "guide", name: "g", memberID: "mem_1")
    private static let clerk = Viewer(role: "clerk", name: "c")

    init() throws {
        club = try AccessFixture(countedClub, rows: countedRows())
    }

    @Test func `who only counts learns as little of none as of four`() throws {
        for bound in [80, 115, 200] {
            try club.checkRefused(
                "{ members(filter: { points: { gt: \(bound) } }) { totalCount } }",
                as: Self.board)
        }
        try club.check(
            "{ members(filter: { points: { gt: 70 } }) { totalCount aggregate { count } } }",
            as: Self.board,
            gives: #"{"data":{"members":{"totalCount":5,"aggregate":{"count":5}}}}"#)
        // Nothing was chosen here: that a tier is empty tells of nobody.
        try club.check(
            "{ tiers { nodes { members { totalCount } } } }", as: Self.board,
            gives: """
                {"data":{"tiers":{"nodes":[{"members":{"totalCount":12}},{"members":{"totalCount":0}}]}}}
                """)
        try club.check(
            """
            { members { groupBy(by: [{ field: KIND }], having: { count: { lt: 5 } }) {
              keys { kind } aggregate { count } } } }
            """, as: Self.board, gives: #"{"data":{"members":{"groupBy":[]}}}"#)
    }

    @Test func `who only counts chooses no rows by ids or texts`() throws {
        for filter in [
            #"{ id: { ne: "mem_3" } }"#, #"{ name: { startsWith: "M" } }"#,
            #"{ name: { gte: "A" } }"#, #"{ not: { name: { eq: "Member 3" } } }"#,
            #"{ email: { isNull: false } }"#,
        ] {
            for document in [
                "{ members(filter: \(filter)) { totalCount } }",
                "{ members(filter: { or: [{ points: { gt: 0 } }, \(filter)] }) { aggregate { count } } }",
                "{ tiers { nodes { members(filter: \(filter)) { totalCount } } } }",
                "{ tiers(filter: { members: { some: \(filter) } }) { totalCount } }",
            ] {
                try club.checkRefused(document, as: Self.board)
            }
        }
        for document in [
            "{ members { aggregate { min { name } } } }",
            "{ members { aggregate { max { id } } } }",
            """
            { members { groupBy(by: [{ field: TIER }], orderBy: [{ min: { name: ASC } }]) {
              aggregate { count } } } }
            """,
        ] {
            let json = try club.ask(document, as: Self.board).json
            #expect(json?["errors"] != nil, "\(document)")
            #expect(json?["data"]?["members"]?["aggregate"] == nil, "\(document)")
        }
    }

    @Test func `who counts all and sees some chooses among those seen`() throws {
        try club.check(
            "{ members { totalCount } }", as: Self.guide,
            gives: #"{"data":{"members":{"totalCount":12}}}"#)
        for (filter, count) in [
            (#"{ name: { startsWith: "Member 2" } }"#, 0), ("{ points: { gt: 0 } }", 1),
            (#"{ id: { eq: "mem_1" } }"#, 1),
        ] {
            try club.check(
                "{ members(filter: \(filter)) { totalCount } }", as: Self.guide,
                gives: #"{"data":{"members":{"totalCount":\#(count)}}}"#)
        }
        try club.check(
            "{ members { totalCount nodes { id } } }", as: Self.guide,
            gives: #"{"data":{"members":{"totalCount":1,"nodes":[{"id":"mem_1"}]}}}"#)
    }

    @Test func `a relation to a hidden row is one to nothing, also when asked about`() throws {
        let club = try AccessFixture()
        for field in ["host", "hostId"] {
            for (wanted, titles) in [(true, ["Dinner", "Walk"]), (false, ["Concert"])] {
                let nodes = titles.map { #"{"title":"\#($0)"}"# }.joined(separator: ",")
                try club.check(
                    """
                    { events(filter: { \(field): { isNull: \(wanted) } }) { nodes { title } } }
                    """, as: .someMember,
                    gives: #"{"data":{"events":{"nodes":[\#(nodes)]}}}"#)
            }
        }
    }

    @Test func `a list through a table that is closed is closed`() throws {
        let club = try AccessFixture()
        for document in [
            "{ events { nodes { members { totalCount } } } }",
            "{ events(filter: { members: { some: { points: { gt: 0 } } } }) { totalCount } }",
            "{ events(orderBy: [{ members: { count: ASC } }]) { nodes { id } } }",
            #"{ member(id: "mem_1") { events { totalCount } } }"#,
        ] {
            try club.checkRefused(document, as: .analyst)
        }
    }

    @Test func `nobody sets what is not shown, but sensitive fields of new rows`() throws {
        let club = try AccessFixture()
        for document in [
            #"mutation { updateMember(input: { id: "mem_1", set: { note: "x" } }) { member { id } } }"#,
            """
            mutation { updateMember(input: { id: "mem_1", set: { note: null } }) { member { id } } }
            """,
        ] {
            try club.checkRefused(document, as: .someMember)
        }
        try club.check(
            #"{ member(id: "mem_1") { note } }"#, as: .unrestricted,
            gives: #"{"data":{"member":{"note":"note 1"}}}"#)
        for document in [
            """
            mutation { updateMembers(input: { filter: { points: { gt: 0 } },
              set: { email: "x" } }) { count } }
            """,
            """
            mutation { createMember(input: { name: "N", email: "n@example.org", note: "x",
              tierId: "tier_1" }) { member { id } } }
            """,
            """
            mutation { upsertMemberByEmail(input: { email: "m3@example.org",
              set: { points: 1 } }) { member { id } } }
            """,
        ] {
            try self.club.checkRefused(document, as: Self.clerk)
        }
        try self.club.check(
            """
            mutation { createMember(input: { name: "N", email: "n@example.org",
              tierId: "tier_1" }) { member { id } userErrors { code } } }
            """, as: Self.clerk,
            gives: #"{"data":{"createMember":{"member":null,"userErrors":[]}}}"#)
    }

    @Test func `a change of many rows finds none that are not seen`() throws {
        for points in [30, 31] {
            try club.check(
                """
                mutation { updateMembers(input: { filter: { points: { eq: \(points) } },
                  set: { points: 1 } }) { count userErrors { code } } }
                """, as: Self.clerk,
                gives: #"{"data":{"updateMembers":{"count":0,"userErrors":[]}}}"#)
        }
    }

    @Test func `a refusal names rows in the way to those who may see them`() throws {
        let document = """
            mutation { deleteMember(input: { id: "mem_3" }) { deletedId userErrors { message } } }
            """
        for (viewer, message) in [
            (Self.clerk, "Rows of entries refer to it by member."),
            (Viewer.unrestricted, "Rows of entries refer to it by member: ent_1."),
        ] {
            try club.check(
                document, as: viewer,
                gives: """
                    {"data":{"deleteMember":{"deletedId":null,"userErrors":[{"message":"\(message)"}]}}}
                    """)
        }
    }

    @Test func `an idempotency key means nothing to another bearer of the name`() throws {
        let document = """
            mutation { updateMember(input: { id: "mem_1", idempotencyKey: "k",
              set: { name: "Ann" } }) { replayed userErrors { code } } }
            """
        let club = try AccessFixture()
        let other = Viewer(role: "member", name: "k1", memberID: "mem_2")
        for (viewer, isReplayed, codes) in [
            (Viewer.someMember, false, ""), (.someMember, true, ""),
            (other, false, #"{"code":"NOT_FOUND"}"#),
        ] {
            try club.check(
                document, as: viewer,
                gives: """
                    {"data":{"updateMember":{"replayed":\(isReplayed),"userErrors":[\(codes)]}}}
                    """)
        }
    }
}
