import Testing

@testable import Engine

/// What is wrong with indexes, keys and placement.
@Suite struct IndexProblemTests {
    @Test func `an index names fields of its table`() {
        expectProblems(
            of: """
                type Tier @table @index(fields: ["nam", "level"]) @index(fields: ["memberId"]) @index(fields: []) @index(fields: ["name", "name"]) @index {
                  name: String!
                  level: Int! @index(fields: ["name"])
                  member: Member
                }
                type Member @table {
                  tier: Tier!
                }
                """,
            """
            a.graphql:1:34: error: "Tier" has no field "nam"
              help: did you mean "name"?
            a.graphql:1:67: error: "Tier" has no field "memberId"
              help: name the relation itself: "member"
            a.graphql:1:80: error: this "@index" names no field
              help: write: @index(fields: ["name"])
            a.graphql:1:123: error: the field "name" stands twice in this index
              help: name each field once
            a.graphql:1:132: error: this "@index" names no field
              help: write: @index(fields: ["name"])
            a.graphql:3:15: error: an "@index" on a field has no "fields"
              help: write it on the type to name several fields
            """)
    }

    @Test func `only single values are indexed`() {
        expectProblems(
            of: """
                type Money { amount: Long! }
                type Tier @table @index(fields: ["members", "name"]) @key(fields: "fee") {
                  name: String!
                  notes: JSON @index
                  tags: [String!]! @index
                  fee: Money @index
                  level: Int @index(kind: TEXT)
                  members: [Member!]! @relation(inverse: "tier")
                }
                type Member @table {
                  tier: Tier!
                }
                """,
            """
            a.graphql:2:34: error: "Tier.members" of type "[Member!]!" cannot be indexed
              help: the lists of rows have their indexes already
            a.graphql:2:67: error: "Tier.fee" of type "Money" cannot be indexed
              help: choose a field with a single scalar, an enum or a relation to one row
            a.graphql:4:15: error: "Tier.notes" of type "JSON" cannot be indexed
              help: choose a field with a single scalar, an enum or a relation to one row
            a.graphql:5:20: error: "Tier.tags" of type "[String!]!" cannot be indexed
              help: choose a field with a single scalar, an enum or a relation to one row
            a.graphql:6:14: error: "Tier.fee" of type "Money" cannot be indexed
              help: choose a field with a single scalar, an enum or a relation to one row
            a.graphql:7:14: error: "kind: TEXT" is for one field with a text
              help: remove "kind" to keep the rows in order
            """)
    }

    @Test func `two indexes have two names`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String! @index(name: "names")
                  level: Int! @index(name: "names")
                  rank: Int! @index(name: "")
                }
                """,
            """
            a.graphql:3:28: error: another index is called "names"
              help: give it another name, or none
            a.graphql:4:27: error: the name of an index is empty
              help: give it another name, or none
            """)
    }

    @Test func `a key names fields of its table, each once`() {
        expectProblems(
            of: """
                type Tier @table @key(fields: "cod") @key(fields: "code name") @key(fields: "name, code") @key(fields: " ") @key(fields: "id") @key(fields: "code code") {
                  code: String!
                  name: String!
                }
                """,
            """
            a.graphql:1:31: error: "Tier" has no field "cod"
              help: did you mean "code"?
            a.graphql:1:77: error: "Tier" has this key already
              help: the first is at a.graphql:1: remove one of them
            a.graphql:1:104: error: this key names no field
              help: write: @key(fields: "number")
            a.graphql:1:122: error: "id" cannot be part of a key
              help: ids are unique already, and "tier(id:)" looks them up
            a.graphql:1:141: error: a field stands twice in this key
              help: name each field once
            """)
    }

    @Test func `rows lie beside a row that they lead to`() {
        expectProblems(
            of: """
                type Tier @table(shardBy: "membr") {
                  name: String!
                  member: Member
                }
                type Member @table(shardBy: "tiers") {
                  name: String!
                  tiers: [Tier!]! @relation(inverse: "member")
                }
                type Event @table(shardBy: "name") {
                  name: String!
                }
                """,
            """
            a.graphql:1:27: error: "membr" is no relation of "Tier" to one row
              help: did you mean "member"?
            a.graphql:5:29: error: "tiers" is no relation of "Member" to one row
              help: shardBy names the field whose row the rows lie beside; without it they are spread by their own ids
            a.graphql:9:28: error: "name" is no relation of "Event" to one row
              help: shardBy names the field whose row the rows lie beside; without it they are spread by their own ids
            """)
    }
}
