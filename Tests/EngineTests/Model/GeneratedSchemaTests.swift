import GraphQL
import GraphQLLanguage
import Store
import Testing

@testable import Engine

@Suite struct GeneratedSchemaTests {
    @Test func `the whole API of two tables`() throws {
        let model = try model(Self.schemaFile)
        #expect(model.schemaText == costDirectives + "\n" + Self.api + "\n")
    }

    @Test func `the schema is what the printed text says`() throws {
        let model = try model(Self.schemaFile)
        let source = Source(model.schemaText)
        let again = try buildSchema([try parse(source, limits: .file)], codecs: scalarCodecs)
        #expect(again.types.map(\.name) == model.schema.types.map(\.name))
        #expect(
            model.schema.types.map(\.name).prefix(5)
                == ["Query", "Tier", "TierEdge", "TierConnection", "TierAggregate"])
    }

    @Test func `each type is bound to what it stands for`() throws {
        let model = try model(Self.schemaFile)
        let tier = TableID(0)
        let expected: [String: TypeBinding] = [
            "Query": .query, "Node": .node, "PageInfo": .pageInfo, "Tier": .table(tier),
            "TierEdge": .edge(tier), "TierConnection": .connection(tier),
            "TierAggregate": .aggregate(tier), "TierDistinct": .aggregateColumns(tier),
            "TierMinMax": .aggregateColumns(tier), "TierNumbers": .aggregateColumns(tier),
            "TierAverages": .aggregateColumns(tier), "TierGroup": .group(tier),
            "TierGroupKeys": .groupKeys(tier), "TierGroupBy": .none, "Money": .value(ValueID(0)),
            "Perk": .value(ValueID(1)), "TierFilter": .none, "Status": .none, "Int": .none,
            "__Type": .none,
        ]
        for (name, binding) in expected {
            let type = try #require(model.schema.type(named: name))
            #expect(model.bindings[type.index] == binding, "\(name)")
        }
        #expect(model.bindings.count == model.schema.types.count)
    }

    @Test func `parts without columns are left out`() throws {
        let model = try model("type Note @table { text: JSON }")
        #expect(
            model.printed("type NoteAggregate") == """
                type NoteAggregate {
                  count: Int!
                  min: NoteMinMax!
                  max: NoteMinMax!
                }
                """)
        for name in ["NoteDistinct", "NoteNumbers", "NoteAverages", "NoteListFilter", "Long"] {
            #expect(model.schema.type(named: name) == nil, "\(name)")
        }
    }

    @Test func `lists of scalars and enums have filters of their own`() throws {
        let model = try model(
            """
            type Note @table { flags: [Flag!] marks: [Int] mails: [EmailAddress!] all: [JSON!] }
            enum Flag { RED BLUE }
            """)
        #expect(
            model.printed("input NoteFilter") == """
                input NoteFilter {
                  and: [NoteFilter!]
                  or: [NoteFilter!]
                  not: NoteFilter
                  id: IDFilter
                  version: IntFilter
                  createdAt: DateTimeFilter
                  updatedAt: DateTimeFilter
                  flags: FlagListFilter
                  marks: IntListFilter
                  mails: StringListFilter
                  all: JSONFilter
                }
                """)
        #expect(
            model.printed("input FlagListFilter") == """
                input FlagListFilter {
                  has: Flag
                  hasAny: [Flag!]
                  hasAll: [Flag!]
                  isEmpty: Boolean
                  isNull: Boolean
                }
                """)
        #expect(model.schema.type(named: "FlagFilter") == nil)
    }

    @Test func `a key with an enum asks for an enum value`() throws {
        let model = try model(
            """
            type Identity @table(plural: "allIdentities") @key(fields: "kind value") {
              kind: Kind!
              value: String!
            }
            enum Kind { PHONE EMAIL }
            """)
        let query = model.schema[model.schema.queryType]
        #expect(
            query.fields.map(\.name)
                == ["node", "nodes", "identity", "identityByKindAndValue", "allIdentities"])
        let lookUp = try #require(query.field("identityByKindAndValue"))
        #expect(
            lookUp.arguments.map { "\($0.name): \(model.schema.describe($0.type))" }
                == ["kind: Kind!", "value: String!"])
    }

    @Test func `a description that ends like a block string is kept`() throws {
        let text = "One \\\"\"\" quote,\n\nand \\ a backslash \"here\""
        let model = try model("\"\"\"\n\(text)\n\"\"\"\ntype Note @table { text: String }")
        let type = try #require(model.schema.type(named: "Note"))
        #expect(
            model.schema[type].description
                == "One \"\"\" quote,\n\nand \\ a backslash \"here\"")
    }

    private static let schemaFile = #"""
        "A level."
        type Tier @table @key(fields: "code") {
          "The short name."
          code: String!
          rank: Int! @index
          fee: Money
          tags: [String!]!
          perks: [Perk!]!
          members: [Member!]! @relation(inverse: "tier")
        }

        type Member @table(idPrefix: "mem", shardBy: "tier") @key(fields: "tier number") {
          number: Long!
          email: EmailAddress @deprecated(reason: "Use \"contact\".")
          joined: Date!
          """
          How things stand.

          Set by staff.
          """
          status: Status!
          weight: Float
          notes: JSON
          tier: Tier
        }

        "An amount."
        type Money {
          "In cents."
          amount: Long!
          currency: String!
        }

        type Perk { kind: Status best: Member }

        enum Status {
          "May do all."
          ACTIVE
          PAUSED @deprecated
        }
        """#

    private static let api = #"""
        type Query {
          "The row with this id, of whatever table."
          node(id: ID!): Node
          "Beside each id its row, or null."
          nodes(ids: [ID!]!): [Node]!
          tier(id: ID!): Tier
          tierByCode(code: String!): Tier
          tiers(filter: TierFilter, orderBy: [TierOrderBy!], first: Int, after: String, last: Int, before: String, offset: Int): TierConnection! @listSize(assumedSize: 50, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)
          member(id: ID!): Member
          memberByTierAndNumber(tierId: ID!, number: Long!): Member
          members(filter: MemberFilter, orderBy: [MemberOrderBy!], first: Int, after: String, last: Int, before: String, offset: Int): MemberConnection! @listSize(assumedSize: 50, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)
        }

        "A level."
        type Tier implements Node {
          id: ID!
          version: Int!
          createdAt: DateTime!
          updatedAt: DateTime!
          "The short name."
          code: String!
          rank: Int!
          fee: Money
          tags: [String!]!
          perks: [Perk!]!
          members(filter: MemberFilter, orderBy: [MemberOrderBy!], first: Int, after: String, last: Int, before: String, offset: Int): MemberConnection! @listSize(assumedSize: 50, slicingArguments: ["first", "last"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)
        }

        type TierEdge {
          cursor: String!
          node: Tier!
        }

        type TierConnection {
          edges: [TierEdge!]!
          nodes: [Tier!]!
          pageInfo: PageInfo!
          totalCount: Int!
          aggregate: TierAggregate!
          groupBy(by: [TierGroupBy!]!, timeZone: String = "UTC", having: TierHaving, orderBy: [TierGroupOrderBy!], first: Int = 1000): [TierGroup!]!
        }

        type TierAggregate {
          count: Int!
          countDistinct: TierDistinct!
          min: TierMinMax!
          max: TierMinMax!
          sum: TierNumbers!
          avg: TierAverages!
        }

        type TierDistinct {
          code: Int!
          rank: Int!
        }

        type TierMinMax {
          createdAt: DateTime
          updatedAt: DateTime
          code: String
          rank: Int
        }

        type TierNumbers {
          rank: Long
        }

        type TierAverages {
          rank: Float
        }

        input TierFilter {
          and: [TierFilter!]
          or: [TierFilter!]
          not: TierFilter
          "Only where the relation may be null."
          isNull: Boolean
          id: IDFilter
          version: IntFilter
          createdAt: DateTimeFilter
          updatedAt: DateTimeFilter
          code: StringFilter
          rank: IntFilter
          fee: MoneyFilter
          tags: StringListFilter
          perks: PerkListFilter
          members: MemberListFilter
        }

        input TierOrderBy {
          id: OrderDirection
          version: OrderDirection
          createdAt: OrderDirection
          updatedAt: OrderDirection
          code: OrderDirection
          rank: OrderDirection
          members: MemberListOrderBy
        }

        type TierGroup {
          keys: TierGroupKeys!
          aggregate: TierAggregate!
          "In the order of the list."
          nodes(first: Int = 10): [Tier!]!
        }

        "Null also for what is not in by."
        type TierGroupKeys {
          createdAt: DateTime
          updatedAt: DateTime
          code: String
          rank: Int
        }

        enum TierGroupField {
          CREATED_AT
          UPDATED_AT
          CODE
          RANK
        }

        input TierGroupBy {
          field: TierGroupField!
          bucket: DateBucket
        }

        input TierHaving {
          count: IntFilter
          sum: TierSumFilter
          avg: TierAverageFilter
        }

        input TierSumFilter {
          rank: LongFilter
        }

        input TierAverageFilter {
          rank: FloatFilter
        }

        input TierGroupOrderBy {
          key: TierGroupField
          "Of the key."
          direction: OrderDirection
          count: OrderDirection
          sum: TierSumOrderBy
          avg: TierSumOrderBy
        }

        input TierSumOrderBy {
          rank: OrderDirection
        }

        type Member implements Node {
          id: ID!
          version: Int!
          createdAt: DateTime!
          updatedAt: DateTime!
          number: Long!
          email: EmailAddress @deprecated(reason: "Use \"contact\".")
          joined: Date!
          """
          How things stand.

          Set by staff.
          """
          status: Status!
          weight: Float
          notes: JSON
          tier: Tier
          tierId: ID
        }

        type MemberEdge {
          cursor: String!
          node: Member!
        }

        type MemberConnection {
          edges: [MemberEdge!]!
          nodes: [Member!]!
          pageInfo: PageInfo!
          totalCount: Int!
          aggregate: MemberAggregate!
          groupBy(by: [MemberGroupBy!]!, timeZone: String = "UTC", having: MemberHaving, orderBy: [MemberGroupOrderBy!], first: Int = 1000): [MemberGroup!]!
        }

        type MemberAggregate {
          count: Int!
          countDistinct: MemberDistinct!
          min: MemberMinMax!
          max: MemberMinMax!
          sum: MemberNumbers!
          avg: MemberAverages!
        }

        type MemberDistinct {
          number: Int!
          email: Int!
          joined: Int!
          status: Int!
          weight: Int!
          tier: Int!
        }

        type MemberMinMax {
          createdAt: DateTime
          updatedAt: DateTime
          number: Long
          joined: Date
          weight: Float
        }

        type MemberNumbers {
          number: Long
          weight: Float
        }

        type MemberAverages {
          number: Float
          weight: Float
        }

        input MemberFilter {
          and: [MemberFilter!]
          or: [MemberFilter!]
          not: MemberFilter
          id: IDFilter
          version: IntFilter
          createdAt: DateTimeFilter
          updatedAt: DateTimeFilter
          number: LongFilter
          email: StringFilter
          joined: DateFilter
          status: StatusFilter
          weight: FloatFilter
          notes: JSONFilter
          tier: TierFilter
          tierId: IDFilter
        }

        input MemberOrderBy {
          id: OrderDirection
          version: OrderDirection
          createdAt: OrderDirection
          updatedAt: OrderDirection
          number: OrderDirection
          email: OrderDirection
          joined: OrderDirection
          status: OrderDirection
          weight: OrderDirection
          tier: TierOrderBy
        }

        type MemberGroup {
          keys: MemberGroupKeys!
          aggregate: MemberAggregate!
          "In the order of the list."
          nodes(first: Int = 10): [Member!]!
        }

        "Null also for what is not in by."
        type MemberGroupKeys {
          createdAt: DateTime
          updatedAt: DateTime
          number: Long
          email: EmailAddress
          joined: Date
          status: Status
          weight: Float
          tier: Tier
        }

        enum MemberGroupField {
          CREATED_AT
          UPDATED_AT
          NUMBER
          EMAIL
          JOINED
          STATUS
          WEIGHT
          TIER
        }

        input MemberGroupBy {
          field: MemberGroupField!
          bucket: DateBucket
        }

        input MemberHaving {
          count: IntFilter
          sum: MemberSumFilter
          avg: MemberAverageFilter
        }

        input MemberSumFilter {
          number: LongFilter
          weight: FloatFilter
        }

        input MemberAverageFilter {
          number: FloatFilter
          weight: FloatFilter
        }

        input MemberGroupOrderBy {
          key: MemberGroupField
          "Of the key."
          direction: OrderDirection
          count: OrderDirection
          sum: MemberSumOrderBy
          avg: MemberSumOrderBy
        }

        input MemberSumOrderBy {
          number: OrderDirection
          weight: OrderDirection
        }

        input MemberListFilter {
          some: MemberFilter
          every: MemberFilter
          none: MemberFilter
          count: IntFilter
          sum: MemberSumFilter
          "Which rows count and sum look at."
          where: MemberFilter
        }

        input MemberListOrderBy {
          count: OrderDirection
          sum: MemberSumOrderBy
        }

        "An amount."
        type Money {
          "In cents."
          amount: Long!
          currency: String!
        }

        input MoneyFilter {
          and: [MoneyFilter!]
          or: [MoneyFilter!]
          not: MoneyFilter
          isNull: Boolean
          amount: LongFilter
          currency: StringFilter
        }

        type Perk {
          kind: Status
          best: Member
        }

        input PerkFilter {
          and: [PerkFilter!]
          or: [PerkFilter!]
          not: PerkFilter
          kind: StatusFilter
        }

        input PerkListFilter {
          some: PerkFilter
          every: PerkFilter
          none: PerkFilter
        }

        enum Status {
          "May do all."
          ACTIVE
          PAUSED @deprecated(reason: "No longer supported")
        }

        input StatusFilter {
          eq: Status
          ne: Status
          in: [Status!]
          notIn: [Status!]
          isNull: Boolean
        }

        "A row of any table."
        interface Node {
          id: ID!
        }

        type PageInfo {
          hasNextPage: Boolean!
          hasPreviousPage: Boolean!
          startCursor: String
          endCursor: String
        }

        enum OrderDirection {
          "The smallest first, nulls last."
          ASC
          "The greatest first, nulls last."
          DESC
          ASC_NULLS_FIRST
          DESC_NULLS_FIRST
        }

        enum DateBucket {
          HOUR
          DAY
          "From Monday."
          WEEK
          MONTH
          QUARTER
          YEAR
        }

        input IDFilter {
          eq: ID
          "True of null."
          ne: ID
          in: [ID!]
          "True of null."
          notIn: [ID!]
          "True: only null. False: only values."
          isNull: Boolean
        }

        input StringFilter {
          eq: String
          "True of null."
          ne: String
          in: [String!]
          "True of null."
          notIn: [String!]
          lt: String
          lte: String
          gt: String
          gte: String
          startsWith: String
          endsWith: String
          contains: String
          "Every word begins one of the text, whatever case and accents; digits are any part."
          search: String
          "For all operators beside it but search."
          ignoreCase: Boolean = false
          "True: only null. False: only values."
          isNull: Boolean
        }

        input IntFilter {
          eq: Int
          "True of null."
          ne: Int
          in: [Int!]
          "True of null."
          notIn: [Int!]
          lt: Int
          lte: Int
          gt: Int
          gte: Int
          "True: only null. False: only values."
          isNull: Boolean
        }

        input LongFilter {
          eq: Long
          "True of null."
          ne: Long
          in: [Long!]
          "True of null."
          notIn: [Long!]
          lt: Long
          lte: Long
          gt: Long
          gte: Long
          "True: only null. False: only values."
          isNull: Boolean
        }

        input FloatFilter {
          eq: Float
          "True of null."
          ne: Float
          in: [Float!]
          "True of null."
          notIn: [Float!]
          lt: Float
          lte: Float
          gt: Float
          gte: Float
          "True: only null. False: only values."
          isNull: Boolean
        }

        input DateTimeFilter {
          eq: DateTime
          "True of null."
          ne: DateTime
          in: [DateTime!]
          "True of null."
          notIn: [DateTime!]
          lt: DateTime
          lte: DateTime
          gt: DateTime
          gte: DateTime
          "True: only null. False: only values."
          isNull: Boolean
        }

        input DateFilter {
          eq: Date
          "True of null."
          ne: Date
          in: [Date!]
          "True of null."
          notIn: [Date!]
          lt: Date
          lte: Date
          gt: Date
          gte: Date
          "The day of the year, whatever the year."
          monthDay: MonthDayFilter
          "True: only null. False: only values."
          isNull: Boolean
        }

        input JSONFilter {
          "True: only null. False: only values."
          isNull: Boolean
        }

        "Months and days: 03-31. With gte later than lte the range goes over the new year."
        input MonthDayFilter {
          eq: String
          in: [String!]
          gte: String
          lte: String
        }

        input StringListFilter {
          has: String
          hasAny: [String!]
          hasAll: [String!]
          isEmpty: Boolean
          isNull: Boolean
        }

        "An integer within ±(2^53−1)."
        scalar Long

        "A time with its offset, RFC 3339: 2026-06-30T12:00:00Z. Answered in UTC with milliseconds."
        scalar DateTime @specifiedBy(url: "https://scalars.graphql.org/andimarek/date-time.html")

        "A day: 2026-06-30."
        scalar Date

        "An e-mail address: ada@example.org."
        scalar EmailAddress @specifiedBy(url: "https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address")

        "Any JSON document."
        scalar JSON
        """#
}
