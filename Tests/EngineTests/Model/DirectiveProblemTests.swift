import Testing

@testable import Engine

/// What is wrong with directives: unknown ones, their places, their arguments.
@Suite struct DirectiveProblemTests {
    @Test func `an unknown directive is named with the closest known one`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String! @indx
                }
                """,
            """
            a.graphql:2:17: error: unknown directive "@indx"
              help: did you mean "@index"?
            """)
    }

    @Test func `a misspelt @table still makes a table`() {
        expectProblems(
            of: """
                type Tier @tabel {
                  name: String!
                }
                type Member @table {
                  tier: Tier!
                }
                """,
            """
            a.graphql:1:11: error: unknown directive "@tabel"
              help: did you mean "@table"?
            """)
    }

    @Test func `an unknown directive that is like no other lists those for its place`() {
        expectProblems(
            of: """
                type Tier @federated {
                  name: String!
                }
                type Member @table {
                  tier: Tier
                }
                """,
            """
            a.graphql:1:11: error: unknown directive "@federated"
              help: there is only "@table"
            """)
    }

    @Test func `a directive in the wrong place is told its place`() {
        expectProblems(
            of: """
                type Tier @table @default(value: 1) {
                  name: String! @key(fields: "name")
                  kind: Kind!
                }
                enum Kind @table { A @index }
                """,
            """
            a.graphql:1:18: error: "@default" may not stand on a type
              help: its place is on a field
            a.graphql:2:17: error: "@key" may not stand on a field
              help: its place is on a type
            a.graphql:5:11: error: "@table" may not stand on an enum
              help: its place is on a type
            a.graphql:5:22: error: "@index" may not stand on an enum value
              help: its place is on a type or a field
            """)
    }

    @Test func `a directive of operations has no place in a schema file`() {
        expectProblems(
            of: """
                type Tier @table @transaction {
                  name: String! @skip(if: true)
                }
                """,
            """
            a.graphql:1:18: error: "@transaction" may not stand on a type
              help: its place is on a mutation
            a.graphql:2:17: error: "@skip" may not stand on a field
              help: its place is on a field of an operation or a fragment of an operation
            """)
    }

    @Test func `an unknown argument is named with the closest known one`() {
        expectProblems(
            of: """
                type Tier @table(idPrefx: "tier") {
                  name: String! @sensitive(always: true)
                }
                """,
            """
            a.graphql:1:18: error: "@table" has no argument "idPrefx"
              help: did you mean "idPrefix"?
            a.graphql:2:28: error: "@sensitive" has no argument "always"
              help: remove it: "@sensitive" takes none
            """)
    }

    @Test func `an argument of the wrong type is shown with the type it should have`() {
        expectProblems(
            of: """
                type Tier @table(plural: tiers, appendOnly: "yes", write: [CREATE, REMOVE]) @index(fields: ["name", 1]) {
                  name: String! @constraint(minLength: 1.5, format: PHONES)
                }
                """,
            """
            a.graphql:1:26: error: the argument "plural" of "@table" cannot be tiers
              help: its type is String
            a.graphql:1:45: error: the argument "appendOnly" of "@table" cannot be "yes"
              help: its type is Boolean
            a.graphql:1:59: error: the argument "write" of "@table" cannot be [CREATE, REMOVE]
              help: its type is [WriteKind!], with the values CREATE, UPDATE and DELETE
            a.graphql:1:92: error: the argument "fields" of "@index" cannot be ["name", 1]
              help: its type is [String!]
            a.graphql:2:40: error: the argument "minLength" of "@constraint" cannot be 1.5
              help: its type is Int
            a.graphql:2:53: error: the argument "format" of "@constraint" cannot be PHONES
              help: its type is TextFormat, with the values EMAIL, PHONE, URL and SLUG
            """)
    }

    @Test func `a missing argument is asked for`() {
        expectProblems(
            of: """
                type Tier @table @key {
                  name: String!
                }
                """,
            """
            a.graphql:1:18: error: "@key" needs the argument "fields"
              help: write: @key(fields: …)
            """)
    }

    @Test func `an argument that stands twice is reported`() {
        expectProblems(
            of: """
                type Tier @table(plural: "tiers", plural: "levels") {
                  name: String!
                }
                """,
            """
            a.graphql:1:35: error: the argument "plural" is given twice
              help: remove one of them
            """)
    }

    @Test func `a directive that is not repeatable stands once`() {
        expectProblems(
            of: """
                type Tier @table @table {
                  name: String! @sensitive @sensitive
                }
                """,
            """
            a.graphql:1:18: error: "@table" stands here twice
              help: remove one of them
            a.graphql:2:28: error: "@sensitive" stands here twice
              help: remove one of them
            """)
    }

    @Test func `keys and indexes need a table`() {
        expectProblems(
            of: """
                type Money @key(fields: "currency") {
                  amount: Long! @index
                  currency: String! @default(value: "EUR") @sensitive
                }
                type Tier @table {
                  fee: Money
                }
                """,
            """
            a.graphql:1:12: error: "@key" has no meaning on a type without "@table"
              help: add "@table", or remove "@key"
            a.graphql:2:17: error: "@index" has no meaning inside a value
              help: a type without "@table" is stored inside the rows that use it; put "@index" on the field that holds the value, or remove it
            a.graphql:3:21: error: "@default" has no meaning inside a value
              help: a type without "@table" is stored inside the rows that use it; put "@default" on the field that holds the value, or remove it
            a.graphql:3:44: error: "@sensitive" has no meaning inside a value
              help: a type without "@table" is stored inside the rows that use it; put "@sensitive" on the field that holds the value, or remove it
            """)
    }

    @Test func `what the generator sets cannot be set in a schema file`() {
        expectProblems(
            of: """
                type Tier @table @cost(weight: "2") {
                  name: String! @cost(weight: "3")
                  members: [Member!]! @relation(inverse: "tier") @listSize(assumedSize: 5)
                }
                type Member @table {
                  tier: Tier!
                }
                """,
            """
            a.graphql:1:18: error: "@cost" is set by Tessera in the API it generates
              help: remove it
            a.graphql:2:17: error: "@cost" is set by Tessera in the API it generates
              help: remove it
            a.graphql:3:50: error: "@listSize" is set by Tessera in the API it generates
              help: remove it
            """)
    }

    @Test func `a computed field names a rule that is unknown`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                  balance: Int! @computed(rule: "points.balance", stored: true)
                }
                """,
            """
            a.graphql:3:33: error: the rule "points.balance" is unknown
              help: this server has no rules
            """)
    }

    @Test func `a mutation names a rule that is unknown`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                }
                extend type Mutation {
                  earnPoints(input: EarnPointsInput!): EarnPointsPayload! @rule(name: "points.earn")
                  spendPoints: Int
                }
                input EarnPointsInput { amount: Int! }
                type EarnPointsPayload { tier: Tier }
                """,
            """
            a.graphql:5:71: error: the rule "points.earn" is unknown
              help: this server has no rules
            a.graphql:6:3: error: the field "spendPoints" of "Mutation" has no "@rule"
              help: name the rule that answers it: @rule(name: "…")
            """)
    }

    @Test func `a rule does not answer a field of a table`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String! @rule(name: "tier.name")
                }
                """,
            """
            a.graphql:2:17: error: "@rule" has no meaning on a field of a table
              help: a rule answers a field of: extend type Mutation { … }
            """)
    }

    @Test func `a repeated definition that differs is refused`() {
        expectProblems(
            of: """
                directive @sensitive(level: Int) on FIELD_DEFINITION
                directive @mine on OBJECT
                enum OnDelete { RESTRICT CASCADE }
                scalar Long @specifiedBy(url: "https://example.org")
                type Tier @table {
                  name: String!
                }
                """,
            """
            a.graphql:1:1: error: this definition of "@sensitive" differs from Tessera's own
              help: remove it, or take the one that "tessera schema directives" prints
            a.graphql:2:1: error: the directive "@mine" cannot be defined here
              help: schema files use the directives that Tessera defines
            a.graphql:3:6: error: this definition of "OnDelete" differs from Tessera's own
              help: remove it, or give the type another name
            a.graphql:4:8: error: this definition of "Long" differs from Tessera's own
              help: remove it, or give the type another name
            """)
    }
}
