import Testing

@testable import Engine

/// What is wrong with relations between tables.
@Suite struct RelationProblemTests {
    @Test func `a list says how it finds its rows`() {
        expectProblems(
            of: """
                type Tier @table {
                  members: [Member!]!
                  guests: [Member!]! @relation
                  events: [Event!]! @relation
                  both: [Member!]! @relation(inverse: "tier", through: "Event")
                }
                type Member @table {
                  tier: Tier!
                }
                type Event @table {
                  title: String!
                }
                """,
            """
            a.graphql:2:3: error: the list "Tier.members" does not say how it finds its rows
              help: name the field of "Member" that leads here: @relation(inverse: "tier")
            a.graphql:3:22: error: the list "Tier.guests" does not say how it finds its rows
              help: name the field of "Member" that leads here: @relation(inverse: "tier")
            a.graphql:4:21: error: the list "Tier.events" does not say how it finds its rows
              help: name the table between: @relation(through: "…"); or add a field to "Event" that leads here: tier: Tier!, and name it as the inverse
            a.graphql:5:56: error: the list "Tier.both" finds its rows in two ways
              help: write either "inverse" or "through"
            """)
    }

    @Test func `an inverse is a relation to one row that leads back`() {
        expectProblems(
            of: """
                type Tier @table {
                  a: [Member!]! @relation(inverse: "teir")
                  b: [Member!]! @relation(inverse: "name")
                  c: [Member!]! @relation(inverse: "event")
                  d: [Event!]! @relation(inverse: "tiers")
                  e: [Event!]! @relation(inverse: "nothing")
                }
                type Member @table {
                  name: String!
                  tier: Tier!
                  event: Event
                }
                type Event @table {
                  tiers: [Tier!]! @relation(inverse: "x")
                }
                """,
            """
            a.graphql:2:36: error: "Member" has no field "teir"
              help: did you mean "tier"?
            a.graphql:3:36: error: "Member.name" is no relation
              help: there is only "tier"
            a.graphql:4:36: error: "Member.event" leads to "Event", not to "Tier"
              help: there is only "tier"
            a.graphql:5:35: error: "Event.tiers" is a list too
              help: rows that have many of each other need a table between: @relation(through: "…")
            a.graphql:6:35: error: "Event" has no field "nothing"
              help: add it: tier: Tier!
            a.graphql:14:38: error: "Tier" has no field "x"
              help: add it: event: Event!
            """)
    }

    @Test func `a table between has one field to each side`() {
        expectProblems(
            of: """
                type Tier @table {
                  a: [Event!]! @relation(through: "TierEvents")
                  b: [Event!]! @relation(through: "OneSide")
                  c: [Event!]! @relation(through: "Twice")
                  d: [Tier!]! @relation(through: "Pair")
                  e: [Tier!]! @relation(through: "Single")
                }
                type Event @table {
                  title: String!
                }
                type TierEvent @table { tier: Tier! event: Event! }
                type OneSide @table { tier: Tier! }
                type Twice @table { tier: Tier! event: Event! other: Event! }
                type Pair @table { one: Tier! other: Tier! }
                type Single @table { one: Tier! }
                """,
            """
            a.graphql:2:35: error: there is no table "TierEvents"
              help: did you mean "TierEvent"?
            a.graphql:3:35: error: "OneSide" has no field that leads to "Event"
              help: add one to it: event: Event!
            a.graphql:4:35: error: "Twice" has 2 fields that lead to "Event"
              help: only one may; list the rows of "Twice" instead: [Twice!]! @relation(inverse: "…")
            a.graphql:5:34: error: "Pair" has 2 fields that lead to "Tier"
              help: only one may; list the rows of "Pair" instead: [Pair!]! @relation(inverse: "…")
            a.graphql:6:34: error: "Single" has one field that leads to "Tier", and the list needs two
              help: list the rows of "Single" instead: [Single!]! @relation(inverse: "…")
            """)
    }

    @Test func `a list of rows is never null`() {
        expectProblems(
            of: """
                type Tier @table {
                  members: [Member] @relation(inverse: "tier")
                }
                type Member @table {
                  tier: Tier!
                }
                """,
            """
            a.graphql:2:12: error: a list of rows is never null, nor are its items
              help: write: [Member!]!
            """)
    }

    @Test func `what a deletion does must be possible`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                  entries: [Entry!]! @relation(inverse: "tier", onDelete: CASCADE)
                }
                type Member @table {
                  tier: Tier! @relation(onDelete: SET_NULL)
                }
                type Entry @table(appendOnly: true, write: [CREATE, DELETE]) {
                  tier: Tier! @relation(onDelete: CASCADE)
                  member: Member @relation(onDelete: SET_NULL)
                }
                """,
            """
            a.graphql:3:59: error: "onDelete" has no meaning on a list
              help: write it on the relation to one row, at the other end
            a.graphql:6:35: error: "Member.tier" cannot become null
              help: remove the "!" of its type, or choose RESTRICT or CASCADE
            a.graphql:8:12: error: the append-only table "Entry" cannot be opened to DELETE
              help: write: [CREATE], or remove "appendOnly"
            a.graphql:9:35: error: the rows of the append-only table "Entry" are never changed or deleted
              help: onDelete: RESTRICT
            a.graphql:10:38: error: the rows of the append-only table "Entry" are never changed or deleted
              help: onDelete: RESTRICT
            """)
    }

    @Test func `a relation leads to a table`() {
        expectProblems(
            of: """
                type Money { amount: Long! }
                type Tier @table {
                  fee: Money @relation
                  name: String! @relation
                  fees: [Money!]! @relation(inverse: "tier")
                }
                """,
            """
            a.graphql:3:14: error: the field "fee" leads to no table
              help: a value lies inside its row: remove "@relation", or add "@table" to "Money"
            a.graphql:4:17: error: the field "name" leads to no table
              help: remove "@relation"
            a.graphql:5:19: error: the field "fees" leads to no table
              help: a value lies inside its row: remove "@relation", or add "@table" to "Money"
            """)
    }

    @Test func `one row has no inverse`() {
        expectProblems(
            of: """
                type Tier @table {
                  name: String!
                  best: Member @relation(inverse: "tier")
                  event: Member @relation(through: "Event")
                }
                type Member @table {
                  tier: Tier! @default(value: 1) @constraint(min: 1)
                }
                type Event @table {
                  tiers: [Tier!]! @index @relation(through: "Member") @sensitive
                }
                """,
            """
            a.graphql:3:35: error: "Tier.best" leads to one row, and has no inverse
              help: write "inverse" on the list at the other end
            a.graphql:4:36: error: "Tier.event" leads to one row, and has no table between
              help: write "through" on the list at the other end
            a.graphql:7:15: error: "@default" has no meaning on a relation
              help: remove it
            a.graphql:7:34: error: "@constraint" has no meaning on a relation
              help: remove it
            a.graphql:10:19: error: "@index" has no meaning on a list of rows
              help: remove it
            a.graphql:10:45: error: "Member" has no field that leads to "Event"
              help: add one to it: event: Event!
            a.graphql:10:55: error: "@sensitive" has no meaning on a list of rows
              help: remove it
            """)
    }
}
