import Testing

@testable import Engine

/// What is wrong with `@allow`.
@Suite struct AccessProblemTests {
    @Test func `roles, operations and conditions are checked with the schema`() {
        expectProblems(
            of: """
                type Member @table
                  @allow(roles: [])
                  @allow(roles: ["staff"], operations: ["REED"])
                  @allow(roles: ["staff"], where: {nam: {eq: "x"}})
                  @allow(roles: ["staff"], where: {name: {eq: "$viewer.memberId"}})
                  @allow(roles: ["staff"], where: {id: {eq: "$viewer.memberID"}})
                  @allow(roles: ["staff"], where: {})
                {
                  name: String! @allow(roles: ["staff"], operations: ["READ"], where: {id: {eq: "1"}})
                }
                """,
            """
            a.graphql:2:3: error: this "@allow" names no role
              help: write: @allow(roles: ["staff"])
            a.graphql:3:41: error: there is no operation "REED"
              help: did you mean "READ"?
            a.graphql:4:35: error: this "where" is no filter: Expected value of type "MemberFilter" not to include unknown field "nam". Did you mean "name", "and", or "not"? Found: { nam: { eq: "x" } }
              help: it is written like the argument "filter" of members
            a.graphql:5:35: error: "$viewer.memberId" stands where no id is asked for
              help: compare it with an id: {id: {eq: "$viewer.memberId"}}
            a.graphql:6:45: error: "$viewer.memberID" is nothing that is known of a viewer
              help: did you mean "$viewer.memberId"?
            a.graphql:7:35: error: this "where" says nothing
              help: remove it if all rows are meant
            a.graphql:9:54: error: "operations" has no meaning on a field
              help: it belongs to the "@allow" of the type; this one says who sees the field
            a.graphql:9:71: error: "where" has no meaning on a field
              help: it belongs to the "@allow" of the type; this one says who sees the field
            """)
    }

    @Test func `an allow stands on tables, their fields and the fields of the roots`() {
        expectProblems(
            of: """
                type Member @table {
                  address: Address
                }
                type Address @allow(roles: ["staff"]) {
                  city: String @allow(roles: ["staff"])
                }
                """,
            """
            a.graphql:4:14: error: "@allow" has no meaning here
              help: it stands on types with "@table", their fields, and fields of Query and Mutation
            a.graphql:5:16: error: "@allow" has no meaning here
              help: it stands on types with "@table", their fields, and fields of Query and Mutation
            """)
    }
}
