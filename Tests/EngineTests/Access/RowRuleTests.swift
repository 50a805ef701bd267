import Testing

@testable import Engine

/// Which rows a viewer gets.
@Suite struct RowRuleTests {
    private let club: AccessFixture

    init() throws {
        club = try AccessFixture()
    }

    @Test func `a member sees the own row alone, however it is asked for`() throws {
        try club.check(
            "{ members { totalCount nodes { id name email note points } aggregate { max { points } } } }",
            as: .someMember,
            gives: """
                {"data":{"members":{"totalCount":1,"nodes":[{"id":"mem_1","name":"Member 1","email":"m1@example.org","note":null,"points":10}],"aggregate":{"max":{"points":10}}}}}
                """)
        try club.check(
            """
            { own: member(id: "mem_1") { id } foreign: member(id: "mem_2") { id }
              byEmail: memberByEmail(email: "m2@example.org") { id }
              node(id: "mem_2") { id } unknown: node(id: "mem_99") { id }
              nodes(ids: ["mem_1", "mem_2", "ent_10", "ent_20", "sec_1"]) { id } }
            """, as: .someMember,
            gives: """
                {"data":{"own":{"id":"mem_1"},"foreign":null,"byEmail":null,"node":null,"unknown":null,"nodes":[{"id":"mem_1"},null,{"id":"ent_10"},null,null]}}
                """)
    }

    @Test func `relations lead to open rows only`() throws {
        try club.check(
            """
            { events { nodes { title host { name } hostId members { totalCount nodes { id } }
                entries { totalCount aggregate { sum { amount } } } } } }
            """, as: .someMember,
            gives: """
                {"data":{"events":{"nodes":[{"title":"Concert","host":{"name":"Member 1"},"hostId":"mem_1","members":{"totalCount":0,"nodes":[]},"entries":{"totalCount":1,"aggregate":{"sum":{"amount":1}}}},{"title":"Dinner","host":null,"hostId":null,"members":{"totalCount":1,"nodes":[{"id":"mem_1"}]},"entries":{"totalCount":1,"aggregate":{"sum":{"amount":2}}}},{"title":"Walk","host":null,"hostId":null,"members":{"totalCount":1,"nodes":[{"id":"mem_1"}]},"entries":{"totalCount":1,"aggregate":{"sum":{"amount":3}}}}]}}}
                """)
    }

    @Test func `a relation that must lead somewhere is an error where it may not`() throws {
        try club.check(
            "{ visits(first: 3) { nodes { id member { name } } } }", as: .someMember,
            gives: """
                {"errors":[{"message":"The row that this leads to is not open to this role.","locations":[{"line":1,"column":33}],"path":["visits","nodes",2,"member"],"extensions":{"code":"FORBIDDEN"}}],"data":null}
                """)
    }

    @Test func `staff see their chapter, managers what is below theirs`() throws {
        try club.check(
            "{ members { nodes { id } } }", as: .northStaff,
            gives: """
                {"data":{"members":{"nodes":[{"id":"mem_1"},{"id":"mem_4"},{"id":"mem_7"},{"id":"mem_10"}]}}}
                """)
        try club.check(
            "{ members { totalCount } entries { totalCount } }", as: .northManager,
            gives: #"{"data":{"members":{"totalCount":4},"entries":{"totalCount":12}}}"#)
        try club.check(
            "{ members { totalCount } entries { totalCount } }", as: .rootManager,
            gives: #"{"data":{"members":{"totalCount":12},"entries":{"totalCount":36}}}"#)
    }

    @Test func `a viewer that lacks what a rule asks for sees nothing`() throws {
        let drifting = Viewer(role: "manager", name: "k")
        try club.check(
            "{ members { totalCount } member(id: \"mem_1\") { id } tiers { totalCount } }",
            as: drifting,
            gives: #"{"data":{"members":{"totalCount":0},"member":null,"tiers":{"totalCount":2}}}"#)
    }

    @Test func `a table without a rule is closed, and so is everything to an unknown role`() throws
    {
        for viewer in [Viewer.someMember, .rootManager, .analyst, .developer, .nobody] {
            try club.checkRefused("{ secrets { totalCount } }", as: viewer)
            try club.checkRefused("{ secret(id: \"sec_1\") { id } }", as: viewer)
        }
        try club.checkRefused("{ tiers { totalCount } }", as: Viewer(role: "guest", name: ""))
        try club.checkRefused("{ members { totalCount } }", as: .developer)
        try club.check(
            "{ tiers { nodes { name } } }", as: .nobody,
            gives: #"{"data":{"tiers":{"nodes":[{"name":"Basic"},{"name":"Gold"}]}}}"#)
        try club.checkRefused("{ tiers { nodes { members { totalCount } } } }", as: .nobody)
        try club.check(
            "{ secrets { totalCount } }", as: .unrestricted,
            gives: #"{"data":{"secrets":{"totalCount":1}}}"#)
    }

    @Test func `who may only count sees no rows`() throws {
        try club.check(
            "{ members { totalCount aggregate { count avg { points } } } }", as: .board,
            gives:
                #"{"data":{"members":{"totalCount":12,"aggregate":{"count":12,"avg":{"points":65}}}}}"#
        )
        for document in [
            "{ members { nodes { id } } }", "{ members { edges { cursor } } }",
            "{ members { pageInfo { endCursor } } }", "{ member(id: \"mem_1\") { id } }",
            "{ entries { nodes { member { id } } } }",
            "{ members { aggregate { max { email } } } }",
        ] {
            try club.checkRefused(document, as: .board)
        }
        try club.check(
            "{ node(id: \"mem_1\") { id } }", as: .board, gives: #"{"data":{"node":null}}"#)
    }

    /// What is behind a relation counts in a filter only as far as the viewer may see it.
    @Test func `filters find nothing out about rows that are not open`() throws {
        for (filter, titles) in [
            ("{ host: { name: { startsWith: \"Member 2\" } } }", []),
            ("{ host: { name: { startsWith: \"Member 1\" } } }", ["Concert"]),
            ("{ not: { host: { name: { startsWith: \"X\" } } } }", ["Concert", "Dinner", "Walk"]),
            ("{ hostId: { eq: \"mem_2\" } }", []), ("{ hostId: { eq: \"mem_1\" } }", ["Concert"]),
            ("{ members: { some: { id: { eq: \"mem_2\" } } } }", []),
            ("{ members: { none: { points: { gt: 100 } } } }", ["Concert", "Dinner", "Walk"]),
            ("{ members: { every: { points: { eq: 10 } } } }", ["Concert", "Dinner", "Walk"]),
            ("{ members: { count: { gt: 1 } } }", []),
            ("{ members: { sum: { points: { gt: 10 } } } }", []),
            ("{ entries: { sum: { amount: { gt: 3 } } } }", []),
            ("{ entries: { count: { eq: 1 } } }", ["Concert", "Dinner", "Walk"]),
        ] as [(String, [String])] {
            let nodes = titles.map { #"{"title":"\#($0)"}"# }.joined(separator: ",")
            try club.check(
                "{ events(filter: \(filter)) { nodes { title } } }", as: .someMember,
                gives: #"{"data":{"events":{"nodes":[\#(nodes)]}}}"#)
        }
    }

    @Test func `an order does not look behind rows that are not open`() throws {
        for order in ["{ host: { name: ASC } }", "{ hostId: ASC }", "{ members: { count: DESC } }"]
        where order != "{ hostId: ASC }" {
            try club.checkRefused(
                "{ events(orderBy: [\(order)]) { nodes { id } } }", as: .someMember)
        }
        // An entry's member is open to whoever may see the entry.
        try club.check(
            "{ entries(orderBy: [{ member: { name: DESC } }], first: 1) { nodes { id } } }",
            as: .northStaff, gives: #"{"data":{"entries":{"nodes":[{"id":"ent_72"}]}}}"#)
        try club.check(
            "{ members(orderBy: [{ entries: { sum: { amount: DESC } } }], first: 1) { nodes { id } } }",
            as: .northStaff, gives: #"{"data":{"members":{"nodes":[{"id":"mem_10"}]}}}"#)
    }

    /// Rules of a table that repeat those of the table behind a relation need not be looked at twice.
    @Test func `rules that follow from another rule cost nothing`() throws {
        let model = club.model
        let entry = try #require(model.table(named: "Entry"))
        guard case .toOne(let member, _)? = entry.field("member")?.kind else {
            Issue.record("Entry.member is a relation")
            return
        }
        for role in ["manager", "staff", "member"] {
            let access = try #require(model.access.role(role))
            #expect(access[entry.id].implied == [member])
            #expect(access[entry.id].follows.contains(member))
        }
        let visit = try #require(model.table(named: "Visit"))
        let access = try #require(model.access.role("member"))
        #expect(access[visit.id].implied.isEmpty)
    }
}
