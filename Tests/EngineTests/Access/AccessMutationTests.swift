import Testing

@testable import Engine

/// What a viewer may change.
@Suite struct AccessMutationTests {
    private let club: AccessFixture

    init() throws {
        club = try AccessFixture()
    }

    @Test func `a member changes the own row, and knows of no other`() throws {
        try club.check(
            """
            mutation { updateMember(input: { id: "mem_1", set: { name: "Ann" } }) {
              member { name } userErrors { code } } }
            """, as: .someMember,
            gives: #"{"data":{"updateMember":{"member":{"name":"Ann"},"userErrors":[]}}}"#)
        for id in ["mem_2", "mem_99"] {
            try club.check(
                """
                mutation { updateMember(input: { id: "\(id)", set: { name: "Ann" } }) {
                  member { name } userErrors { code message path } } }
                """, as: .someMember,
                gives: """
                    {"data":{"updateMember":{"member":null,"userErrors":[{"code":"NOT_FOUND","message":"No row of members has the id \\"\(id)\\".","path":["input","id"]}]}}}
                    """)
        }
    }

    @Test func `operations that are not granted are refused before anything is done`() throws {
        for (document, viewer) in [
            (
                "mutation { deleteMember(input: { id: \"mem_1\" }) { deletedId } }",
                Viewer.someMember
            ),
            (
                "mutation { updateMember(input: { id: \"mem_4\", set: { points: 1 } }) { member { id } } }",
                .northStaff
            ),
            (
                "mutation { deleteMembers(input: { filter: { points: { gt: 0 } } }) { count } }",
                .someMember
            ),
            (
                "mutation { createEntry(input: { memberId: \"mem_1\", amount: 5, at: \"2026-01-01T00:00:00Z\" }) { entry { id } } }",
                .someMember
            ),
            (
                "mutation { upsertMemberByEmail(input: { email: \"new@example.org\", set: { name: \"N\", chapterId: \"chp_root\", tierId: \"tier_1\" } }) { member { id } } }",
                .someMember
            ),
        ] {
            try club.checkRefused(document, as: viewer)
        }
        try club.check(
            "{ members { totalCount } }", as: .unrestricted,
            gives: #"{"data":{"members":{"totalCount":12}}}"#)
    }

    @Test func `a manager neither puts rows into other chapters nor moves them there`() throws {
        try club.checkRefused(
            """
            mutation { createMember(input: { name: "N", email: "n@example.org",
              chapterId: "chp_south", tierId: "tier_1" }) { member { id } userErrors { code } } }
            """, as: .northManager)
        try club.checkRefused(
            """
            mutation { updateMember(input: { id: "mem_4", set: { chapterId: "chp_south" } }) {
              member { id } userErrors { code } } }
            """, as: .northManager)
        try club.checkRefused(
            """
            mutation { updateMembers(input: { filter: { points: { gt: 0 } },
              set: { chapterId: "chp_south" } }) { count userErrors { code } } }
            """, as: .northManager)
        try club.check(
            "{ members(filter: { chapter: { id: { eq: \"chp_south\" } } }) { totalCount } }",
            as: .unrestricted, gives: #"{"data":{"members":{"totalCount":4}}}"#)
        try club.check(
            """
            mutation { createMember(input: { name: "N", email: "n@example.org",
              chapterId: "chp_north", tierId: "tier_1" }) { member { name } userErrors { code } } }
            """, as: .northManager,
            gives: #"{"data":{"createMember":{"member":{"name":"N"},"userErrors":[]}}}"#)
    }

    @Test func `a bulk change touches the viewer's rows only`() throws {
        try club.check(
            """
            mutation { updateMembers(input: { filter: { points: { gt: 0 } }, set: { points: 7 } }) {
              count members { nodes { id } } userErrors { code } } }
            """, as: .northManager,
            gives: """
                {"data":{"updateMembers":{"count":4,"members":{"nodes":[{"id":"mem_1"},{"id":"mem_4"},{"id":"mem_7"},{"id":"mem_10"}]},"userErrors":[]}}}
                """)
    }

    @Test func `an input cannot refer to rows that are not open`() throws {
        for id in ["mem_2", "mem_99"] {
            try club.check(
                """
                mutation { createEntry(input: { memberId: "\(id)", amount: 5,
                  at: "2026-01-01T00:00:00Z" }) { entry { id } userErrors { code path } } }
                """, as: .northManager,
                gives: """
                    {"data":{"createEntry":{"entry":null,"userErrors":[{"code":"NOT_FOUND","path":["input","memberId"]}]}}}
                    """)
        }
    }

    @Test func `a payload shows what its viewer may see`() throws {
        try club.check(
            """
            mutation { updateMember(input: { id: "mem_1", set: { name: "Ann" } }) {
              member { note chapter { members { totalCount } } }
              query { members { totalCount } } } }
            """, as: .someMember,
            gives: """
                {"data":{"updateMember":{"member":{"note":null,"chapter":{"members":{"totalCount":1}}},"query":{"members":{"totalCount":1}}}}}
                """)
        try club.checkRefused(
            """
            mutation { updateMember(input: { id: "mem_1", set: { name: "Ann" } }) {
              query { secrets { totalCount } } } }
            """, as: .someMember)
    }
}
