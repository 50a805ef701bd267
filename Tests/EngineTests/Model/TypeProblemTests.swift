import Testing

@testable import Engine

/// What is wrong with types: unknown ones, kinds that a data model has no use for, values.
@Suite struct TypeProblemTests {
    @Test func `an unknown type is named with the closest known one`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: Strin!
                  members: [Membr!]! @relation(inverse: "tier")
                }
                type Member @table {
                  tier: Teir!
                }
                """,
            """
            a.graphql:2:9: error: unknown type "Strin"
              help: did you mean "String"?
            a.graphql:3:13: error: unknown type "Membr"
              help: did you mean "Member"?
            a.graphql:6:9: error: unknown type "Teir"
              help: did you mean "Tier"?
            """)
    }

    @Test func `a type is defined once`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                }
                enum Tier { GOLD }
                """,
            """
            a.graphql:4:6: error: the type "Tier" is defined twice
              help: the first definition is at a.graphql:1
            """)
    }

    @Test func `a custom scalar is refused with those there are`() {
        expectProblems(
            of: """
                scalar Money
                type Tier @table {
                  fee: Money!
                }
                """,
            """
            a.graphql:1:8: error: the scalar "Money" is unknown
              help: fields can be ID, String, Int, Long, Float, Boolean, DateTime, Date, EmailAddress and JSON, enums and types of your own
            """)
    }

    @Test func `interfaces and unions are refused`() {
        expectProblems(
            of: """
                interface Named { name: String! }
                union Thing = Tier
                type Tier implements Named @table {
                  name: String!
                }
                """,
            """
            a.graphql:1:11: error: the interface "Named" has no place in a data model
              help: repeat the fields in each table, or make one table with an enum field
            a.graphql:2:7: error: the union "Thing" has no place in a data model
              help: repeat the fields in each table, or make one table with an enum field
            a.graphql:3:22: error: "Tier" cannot implement "Named"
              help: remove it: every table implements Node, and there are no other interfaces
            """)
    }

    @Test func `the root types are generated`() {
        expectProblems(
            of: """
                type Query { tiers: [Tier!]! }
                type Subscription { tier: Tier }
                schema { query: Query }
                type Tier @table {
                  name: String!
                }
                """,
            """
            a.graphql:1:6: error: the type "Query" is generated
              help: to add a field that a rule answers, write: extend type Query { … }
            a.graphql:2:6: error: the type "Subscription" is generated
              help: remove it
            a.graphql:3:1: error: the schema definition is Tessera's own
              help: remove it: the root types are Query and Mutation
            """)
    }

    @Test func `only the root types are extended`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                }
                extend type Tier { code: String! }
                """,
            """
            a.graphql:4:13: error: "Tier" cannot be extended
              help: write everything into one definition; only Query and Mutation are extended
            """)
    }

    @Test func `operations do not belong in a schema file`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                }
                query Tiers { tiers { totalCount } }
                fragment F on Tier { name }
                """,
            """
            a.graphql:4:1: error: an operation does not belong in a schema file
              help: reports lie in the folder reports/ beside the schema files
            a.graphql:5:1: error: an operation does not belong in a schema file
              help: reports lie in the folder reports/ beside the schema files
            """)
    }

    @Test func `a type that nothing uses is reported`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                }
                type Money {
                  amount: Long!
                }
                input TierInput { name: String }
                """,
            """
            a.graphql:4:6: error: nothing uses the type "Money"
              help: add "@table" to keep rows of it, or use it in a field of a table
            a.graphql:7:7: error: nothing uses the input type "TierInput"
              help: inputs are generated; one of your own is for the argument of a rule
            """)
    }

    @Test func `an input type cannot be stored`() {
        expectProblems(
            of: """
                type Tier @table {
                  fee: MoneyInput
                }
                input MoneyInput { amount: Long! }
                """,
            """
            a.graphql:2:8: error: the input type "MoneyInput" cannot be stored
              help: write "type MoneyInput" to store it inside the row
            """)
    }

    @Test func `a folder without a table is refused`() {
        expectProblems(
            of: """
                enum Kind { A B }
                """,
            """
            a.graphql:1:1: error: no type has "@table"
              help: a type becomes a table by it: type Member @table { name: String! }
            """)
    }

    @Test func `a table has fields`() {
        expectProblems(
            of: """
                type Tier @table
                """,
            """
            a.graphql:1:6: error: the table "Tier" has no fields
              help: add one: name: String!
            """)
    }

    @Test func `a value has fields`() {
        expectProblems(
            of: """
                type Money
                type Tier @table { fee: Money }
                """,
            """
            a.graphql:1:6: error: the type "Money" has no fields
              help: add one: note: String
            """)
    }

    @Test func `an enum has values, each once`() {
        expectProblems(
            of: """
                enum Kind
                enum Level { LOW LOW __HIGH }
                type Tier @table { kind: Kind level: Level }
                """,
            """
            a.graphql:1:6: error: the enum "Kind" has 0 values
              help: an enum has 1 to 30000 of them
            a.graphql:2:18: error: the value "LOW" stands twice in "Level"
              help: remove one of them
            a.graphql:2:22: error: the name "__HIGH" begins with "__"
              help: such names belong to introspection
            """)
    }

    @Test func `true is no enum value`() {
        expectProblems(
            of: """
                enum Kind { true }
                type Tier @table { kind: Kind }
                """,
            """
            a.graphql:1:13: error: Name "true" is reserved and cannot be used for an enum value
            """)
    }

    @Test func `names with two underscores belong to introspection`() {
        expectProblems(
            of: """
                type __Tier @table {
                  __name: String!
                }
                """,
            """
            a.graphql:1:6: error: the name "__Tier" begins with "__"
              help: such names belong to introspection
            a.graphql:2:3: error: the name "__name" begins with "__"
              help: such names belong to introspection
            """)
    }

    @Test func `a value does not contain itself`() {
        expectProblems(
            of: """
                type Address { city: String! owner: Person }
                type Person { name: String! home: Address }
                type Tier @table {
                  contact: Person
                }
                """,
            """
            a.graphql:1:6: error: the value "Address" contains itself: Address → Person → Address
              help: make it a table, or hold a list: [Address!]!
            a.graphql:2:6: error: the value "Person" contains itself: Person → Address → Person
              help: make it a table, or hold a list: [Person!]!
            """)
    }

    @Test func `a list of lists is refused`() {
        expectProblems(
            of: """
                type Tier @table {
                  grid: [[Int!]!]!
                }
                """,
            """
            a.graphql:2:9: error: a list of lists cannot be stored
              help: put the inner list into a field of a type of its own
            """)
    }

    @Test func `a value holds no list of rows`() {
        expectProblems(
            of: """
                type Order { tiers: [Tier!] best: Tier! }
                type Tier @table {
                  last: Order
                }
                """,
            """
            a.graphql:1:22: error: a value cannot hold a list of rows
              help: make it a table, and relate the two
            a.graphql:1:29: error: the row that "Order.best" leads to may be deleted, but the field is never null
              help: remove the "!": a value does not keep rows from being deleted
            """)
    }
}
