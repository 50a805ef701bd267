import Testing

@testable import Engine

/// What is wrong with fields: names, defaults, constraints.
@Suite struct FieldProblemTests {
    @Test func `the fields that every table has are not declared`() {
        expectProblems(
            of: """
                type Tier @table {
                  id: ID!
                  version: Int!
                  createdAt: DateTime!
                  updatedAt: DateTime!
                  name: String!
                }
                """,
            """
            a.graphql:2:3: error: every table has the field "id" already
              help: remove it
            a.graphql:3:3: error: every table has the field "version" already
              help: remove it
            a.graphql:4:3: error: every table has the field "createdAt" already
              help: remove it
            a.graphql:5:3: error: every table has the field "updatedAt" already
              help: remove it
            """)
    }

    @Test func `a field beside a relation may not take the name of its id`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                }
                type Member @table {
                  tierId: ID!
                  tier: Tier!
                }
                """,
            """
            a.graphql:5:3: error: the field "tierId" is generated beside the relation "tier"
              help: remove it, or give it another name
            """)
    }

    @Test func `the words of filters are no names of fields`() {
        expectProblems(
            of: """
                type Tier @table {
                  and: Int
                  or: Int
                  not: Int
                  isNull: Int
                }
                """,
            """
            a.graphql:2:3: error: "and" cannot be the name of a field
              help: it is a word of filters: choose another name
            a.graphql:3:3: error: "or" cannot be the name of a field
              help: it is a word of filters: choose another name
            a.graphql:4:3: error: "not" cannot be the name of a field
              help: it is a word of filters: choose another name
            a.graphql:5:3: error: "isNull" cannot be the name of a field
              help: it is a word of filters: choose another name
            """)
    }

    @Test func `a field stands once`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                  name: Int
                }
                """,
            """
            a.graphql:3:3: error: the field "name" stands twice in "Tier"
              help: remove one of them, or give it another name
            """)
    }

    @Test func `stored fields have no arguments`() {
        expectProblems(
            of: """
                type Money { amount(in: String): Long! }
                type Tier @table {
                  name(language: String): String!
                  fee: Money
                }
                """,
            """
            a.graphql:1:21: error: the stored field "amount" cannot have arguments
              help: remove them; lists of rows get their arguments in the generated API
            a.graphql:3:8: error: the stored field "name" cannot have arguments
              help: remove them; lists of rows get their arguments in the generated API
            """)
    }

    @Test func `a default fits its type`() {
        expectProblems(
            of: """
                enum Kind { GOLD SILVER }
                type Money { amount: Long! currency: String! @constraint(minLength: 3, maxLength: 3) }
                type Tier @table {
                  a: Int! @default(value: 3.5)
                  b: Kind! @default(value: GLOD)
                  c: Kind! @default(value: "GOLD")
                  d: DateTime! @default(value: "2026-06-30")
                  e: Long @default(value: 9007199254740992)
                  f: [Int!]! @default(value: [1, "2"])
                  g: Money @default(value: {amount: 1, currency: "EURO"})
                  h: Money @default(value: {amount: 1})
                  i: Money @default(value: {amount: 1, currency: "EUR", tax: 2})
                  j: Int! @default(value: 0) @constraint(min: 1)
                  k: Boolean! @default(value: 1)
                  l: Date @default(value: "2026-02-30")
                  m: EmailAddress @default(value: "ada")
                }
                """,
            """
            a.graphql:4:27: error: the default 3.5 does not fit "Int!"
              help: expected is an integer from -2147483648 to 2147483647
            a.graphql:5:28: error: the default GLOD does not fit "Kind!"
              help: did you mean GOLD?
            a.graphql:6:28: error: the default "GOLD" does not fit "Kind!"
              help: an enum value has no quotes: GOLD
            a.graphql:7:32: error: the default "2026-06-30" does not fit "DateTime!"
              help: expected is an RFC 3339 date-time with offset, like "2026-06-30T12:00:00Z"
            a.graphql:8:27: error: the default 9007199254740992 does not fit "Long"
              help: expected is an integer from -9007199254740991 to 9007199254740991
            a.graphql:9:34: error: the default "2" does not fit "[Int!]!"
              help: expected is an integer from -2147483648 to 2147483647
            a.graphql:10:50: error: the default "EURO" does not fit "Money"
              help: the @constraint of "currency" accepts exactly 3 characters
            a.graphql:11:28: error: the default {amount: 1} does not fit "Money"
              help: "currency" is missing
            a.graphql:12:28: error: the default {amount: 1, currency: "EUR", tax: 2} does not fit "Money"
              help: "Money" has no field "tax"
            a.graphql:13:27: error: the default 0 does not fit "Int!"
              help: its @constraint accepts at least 1
            a.graphql:14:31: error: the default 1 does not fit "Boolean!"
              help: expected is true or false
            a.graphql:15:27: error: the default "2026-02-30" does not fit "Date"
              help: expected is a date like "2026-06-30"
            a.graphql:16:35: error: the default "ada" does not fit "EmailAddress"
              help: expected is an e-mail address like "ada@example.org"
            """)
    }

    @Test func `a default is a value or the time of the write`() {
        expectProblems(
            of: """
                type Tier @table {
                  a: Int @default
                  b: DateTime @default(value: "2026-06-30T12:00:00Z", now: true)
                  c: Int @default(now: true)
                  d: Int @default(value: null)
                  e: Int! @default(value: null)
                  f: Int @default(now: false)
                }
                """,
            """
            a.graphql:2:10: error: this "@default" gives nothing
              help: write either @default(value: …) or @default(now: true)
            a.graphql:3:15: error: this "@default" gives two values
              help: write either @default(value: …) or @default(now: true)
            a.graphql:4:10: error: the time of the write does not fit "Int"
              help: @default(now: true) is for DateTime
            a.graphql:5:26: error: the default cannot be null
              help: remove it: a field without a default is null when it is not given
            a.graphql:6:27: error: the default cannot be null
              help: give a value, or remove the directive
            a.graphql:7:10: error: this "@default" gives nothing
              help: write either @default(value: …) or @default(now: true)
            """)
    }

    @Test func `a constraint fits its type`() {
        expectProblems(
            of: """
                type Tier @table {
                  a: String @constraint(min: 1)
                  b: Int @constraint(minLength: 1)
                  c: Int @constraint(format: EMAIL)
                  d: Int @constraint(min: 10, max: 2)
                  e: String @constraint(minLength: 3, maxLength: 2)
                  f: String @constraint(minLength: -1)
                  g: String @constraint
                  h: [String!] @constraint(maxLength: 3)
                }
                """,
            """
            a.graphql:2:25: error: "min" does not fit "String"
              help: min is for Int, Long and Float
            a.graphql:3:22: error: "minLength" does not fit "Int"
              help: minLength is for String, ID and EmailAddress
            a.graphql:4:22: error: "format" does not fit "Int"
              help: format is for String
            a.graphql:5:10: error: no number is at least 10 and at most 2
              help: exchange min and max
            a.graphql:6:13: error: no text is at least 3 and at most 2 long
              help: exchange minLength and maxLength
            a.graphql:7:13: error: a length is never negative
              help: begin at 0
            a.graphql:8:13: error: this "@constraint" says nothing
              help: give it min, max, minLength, maxLength or format, or remove it
            a.graphql:9:28: error: "maxLength" does not fit "[String!]"
              help: maxLength is for String, ID and EmailAddress
            """)
    }
}
