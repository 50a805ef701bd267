import Testing

@testable import Engine

/// Names that collide or cannot be.
@Suite struct NameProblemTests {
    @Test func `a prefix of ids is short and belongs to one table`() {
        expectProblems(
            of: """
                type Tier @table(idPrefix: "T-1") {
                  name: String!
                }
                type Member @table(idPrefix: "abcdefghijklm") {
                  name: String!
                }
                type Event @table(idPrefix: "mem") {
                  name: String!
                }
                type Mem @table {
                  name: String!
                }
                """,
            """
            a.graphql:1:28: error: "T-1" cannot begin the ids of "Tier"
              help: an idPrefix is a small letter, then small letters and digits, at most 12 in all
            a.graphql:4:30: error: "abcdefghijklm" cannot begin the ids of "Member"
              help: an idPrefix is a small letter, then small letters and digits, at most 12 in all
            a.graphql:10:6: error: the ids of "Mem" and of "Event" both begin with "mem_"
              help: give one of them another: @table(idPrefix: "…")
            """)
    }

    @Test func `two names of types do not collide`() {
        expectProblems(
            of: """
                type Member @table {
                  name: String!
                }
                type MemberEdge @table {
                  name: String!
                }
                enum PageInfo { A }
                type MemberList @table {
                  kind: PageInfo
                }
                """,
            """
            a.graphql:1:6: error: the type "MemberEdge" would be two things: the table "MemberEdge" and the edge of "Member"
              help: rename one of the two types; the other is at a.graphql:4
            a.graphql:7:6: error: the type "PageInfo" would be two things: Tessera and the enum "PageInfo"
              help: give the type another name
            a.graphql:8:6: error: the type "MemberListFilter" would be two things: the list filter of "Member" and the filter of "MemberList"
              help: rename one of the two types; the other is at a.graphql:1
            a.graphql:8:6: error: the type "MemberListOrderBy" would be two things: the list order of "Member" and the order of "MemberList"
              help: rename one of the two types; the other is at a.graphql:1
            """)
    }

    @Test func `two fields of Query do not collide`() {
        expectProblems(
            of: """
                type Member @table {
                  name: String!
                }
                type Members @table(plural: "members") {
                  name: String!
                }
                type Node1 @table(plural: "nodes") {
                  name: String!
                }
                type Sheep @table(plural: "sheep") {
                  name: String!
                }
                type Goat @table(plural: "two goats") {
                  name: String!
                }
                """,
            """
            a.graphql:4:6: error: the field of Query "members" would be two things: the list of "Member" and the look-up of "Members"
              help: give the table another name; the other is at a.graphql:1
            a.graphql:4:29: error: the field of Query "members" would be two things: the list of "Member" and the list of "Members"
              help: give one of them another name for its list: @table(plural: "…"); the other is at a.graphql:1
            a.graphql:7:27: error: the field of Query "nodes" would be two things: Tessera and the list of "Node1"
              help: give one of them another name for its list: @table(plural: "…")
            a.graphql:10:27: error: the field of Query "sheep" would be two things: the look-up of "Sheep" and the list of "Sheep"
              help: give one of them another name for its list: @table(plural: "…"); the other is at a.graphql:10
            a.graphql:13:26: error: "two goats" cannot be the name of a list
              help: a name has letters, digits and underscores, and begins with no digit
            """)
    }

    @Test func `a generated key does not collide with a table`() {
        expectProblems(
            of: """
                type Member @table @key(fields: "code") {
                  code: String!
                }
                type MemberByCode @table {
                  name: String!
                }
                """,
            """
            a.graphql:4:6: error: the field of Query "memberByCode" would be two things: a key of "Member" and the look-up of "MemberByCode"
              help: give the table another name; the other is at a.graphql:1
            """)
    }
}
