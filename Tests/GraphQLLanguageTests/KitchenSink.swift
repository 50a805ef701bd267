/// Documents that use every production of the language.
enum KitchenSink {
    static let query = #"""
        # Each production of an executable document, at least once.
        "The whole of a member."
        query Overview(
          $id: ID!, "How many." $first: Int! = 20 @pageSize(max: 100)
          """
          Which ones:
            all of them
          """
          $where: [[MemberFilter!]!] = [[{status: {in: [ACTIVE, null]}, level: {gte: -1.5e+3}}], []]
          $on: Boolean = true
        ) @live @cost(max: 0) {
          me: member(id: $id) @include(if: $on) @skip(if: false) {
            __typename, id
            ...Contact @client
            ... on Member @expand { tier { name } ... { level } }
            ... @include(if: $on) { entries(first: $first) { nodes { delta } } }
            type: fragment(query: mutation, on: {true: "\"\u00e9\uD83D\uDE00\u{1F600}\n\\\/", a: $where})
            note(text: """
              He said \"""yes\""".
                "No", said she. \n is no escape
            """, empty: """""", short: "")
          }
        }

        query { a }

        mutation Earn { earn(points: 100, items: [], tags: {}) { ok } }

        subscription on { memberChanged { id } }

        """Where to write to."""
        fragment Contact on Member @x(y: [1, 2.50, "s", """b""", true, null, E, $v, [$w], {z: $z}]) {
          email(kind: WORK)
          phone
        }

        { b }
        """#

    static let schema = #"""
        """
        The schema.

          Indented.
        """
        schema @link(url: "https://example.org") {
          query: Query
          mutation: Mutation
        }

        extend schema @more { subscription: Subscription }
        extend schema @again

        "A moment."
        scalar DateTime @specifiedBy(url: "https://example.org/date-time")
        extend scalar DateTime @format

        "A person of the club."
        type Member implements & Node & Timed @table(plural: "members", write: [CREATE, UPDATE]) {
          id: ID!
          "The e-mail address."
          email: String @unique @index
          """
          What was earned.
          """
          entries(
            "How many." first: Int! = 20 @min(value: 1)
            after: String, where: EntryFilter = {kind: EARN, delta: {gt: 0}, tags: ["a", "b"]}
          ): [[PointsEntry!]!]! @relation
          type(query: Int): Kind
        }

        type Bare
        extend type Member implements Audited
        extend type Member @audited
        extend type Member { note: String }

        interface Node { id: ID! }
        interface Timed implements Node @x { id: ID!, at: DateTime! }
        extend interface Node @y

        union Party @x = | Member | Organization
        union Nobody
        extend union Party = Guest

        enum Kind @x { EARN "Points given away." SPEND @deprecated(reason: "Use \"GIVE\".") on query }
        extend enum Kind { EXPIRE }

        input EntryFilter @x { kind: Kind = EARN @y, delta: [Float!] = [0.5, -1e3], and: [EntryFilter!] }
        extend input EntryFilter { or: [EntryFilter!] = null }

        """Stored."""
        directive @table("Its name." plural: String = "x" @y, write: [Write!]! = [CREATE]) on OBJECT
        directive @index repeatable on | FIELD_DEFINITION | INPUT_FIELD_DEFINITION
        directive @everywhere on QUERY | MUTATION | SUBSCRIPTION | FIELD | FRAGMENT_DEFINITION
          | FRAGMENT_SPREAD | INLINE_FRAGMENT | VARIABLE_DEFINITION | SCHEMA | SCALAR | OBJECT
          | FIELD_DEFINITION | ARGUMENT_DEFINITION | INTERFACE | UNION | ENUM | ENUM_VALUE
          | INPUT_OBJECT | INPUT_FIELD_DEFINITION
        """#
}
