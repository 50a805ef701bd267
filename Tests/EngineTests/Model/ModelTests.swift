import Bytes
import Foundation
import GraphQL
import GraphQLLanguage
import Membership
import Store
import Testing

@testable import Engine

@Suite struct ModelTests {
    @Test func `the club's tables`() throws {
        let model = try model(clubSchema)
        #expect(
            model.tables.map { "\($0.name) \($0.singular) \($0.plural) \($0.idPrefix)" } == [
                "Tier tier tiers tier_", "Event event events evt_", "Member member members mem_",
                "Registration registration registrations reg_",
                "PointsEntry pointsEntry pointsEntries pts_",
            ])
        #expect(
            model.tables.map { $0.write.map(\.rawValue).sorted() } == [
                ["CREATE", "UPDATE"], ["CREATE", "DELETE", "UPDATE"],
                ["CREATE", "DELETE", "UPDATE"], ["CREATE", "DELETE", "UPDATE"], ["CREATE"],
            ])
        #expect(model.tables.map(\.isAppendOnly) == [false, false, false, false, true])
        #expect(model.table(named: "Event")?.id == TableID(1))
        #expect(model.table(named: "Venue") == nil)
        #expect(model.tables[0].description == "A level of membership. 会员等级")
    }

    @Test func `the club's members, field by field`() throws {
        let model = try model(clubSchema)
        let table = model[TableID(2)]
        #expect(
            table.fields.map(summary) == [
                "id: id!", "version: column 1 Int!", "createdAt: column 2 DateTime!",
                "updatedAt: column 3 DateTime!", "name: column 4 String!",
                "email: column 5 String! sensitive", "phone: column 6 String sensitive",
                "joinedAt: column 7 DateTime!", "city: column 8 String!",
                "pointsBalance: column 9 Int!", "status: column 10 enum 0! default enumValue(0)",
                "tier: column 11 to table 0!", "tierId: column 11 id of table 0!",
                "registrations: rows of table 3 by 3.4 index 12!",
                "pointsHistory: rows of table 4 by 4.4 index 15!",
            ])
        #expect(table.field("city")?.name == "city")
        #expect(table.field("town") == nil)
        #expect(table.keys.map(\.queryField) == ["memberByEmail"])
        #expect(table.keys.map(\.columns) == [[5]])
        #expect(table.keys.map(\.arguments) == [["email"]])
        #expect(table.keys.map(\.index) == [IndexID(6)])
    }

    @Test func `the club in the store`() throws {
        let definition = try model(clubSchema).storeDefinition
        #expect(
            definition.tables[3]
                == TableDefinition(
                    name: "Registration",
                    columns: TableDefinition.systemColumns + [
                        ColumnDefinition(
                            name: "member", kind: .reference(TableID(2)), onDelete: .cascade),
                        ColumnDefinition(
                            name: "event", kind: .reference(TableID(1)), onDelete: .cascade),
                        ColumnDefinition(
                            name: "status", kind: .int8,
                            enumNames: ["confirmed", "waitlisted", "cancelled", "attended"]),
                        ColumnDefinition(name: "at", kind: .int64),
                    ], shardBy: 4))
        #expect(definition.tables.map(\.shardBy) == [nil, nil, nil, 4, 4, nil, nil])
        #expect(
            definition.tables.map(\.isAppendOnly) == [
                false, false, false, false, true, false, false,
            ])
        #expect(
            definition.indexes.map(\.name) == [
                "Tier(level)", "Event(tier)", "Event(tier, startsAt)", "Event(title by words)",
                "Event(startsAt)", "Member(tier)", "Member(email) unique",
                "Member(city, pointsBalance)", "Member(name by words)", "Member(joinedAt)",
                "Member(pointsBalance)", "Registration(event)",
                "Registration(member)", "Registration(member, at)", "Registration(event, at)",
                "PointsEntry(member)", "PointsEntry(member, at)", "PointsEntry(at)",
                "__Idempotency(createdAt)",
            ])
        #expect(definition.tables.suffix(2).map(\.name) == ["__Idempotency", "__TakenId"])
        #expect(
            definition.indexes[7]
                == IndexDefinition(
                    name: "Member(city, pointsBalance)", table: TableID(2), equality: [8],
                    ordered: 9))
        #expect(
            definition.indexes[6]
                == IndexDefinition(
                    name: "Member(email) unique", table: TableID(2), equality: [5],
                    isUnique: true))
    }

    @Test func `indexes of a table agree with those of the store`() throws {
        for model in [try model(clubSchema), try membershipModel()] {
            let indexes = model.tables.flatMap(\.indexes)
            #expect(indexes.map(\.id) == indexes.indices.map { IndexID($0) })
            let definitions = zip(model.tables, model.tables.map(\.indexes)).flatMap { table, own in
                own.map {
                    IndexDefinition(
                        name: $0.name, table: table.id, equality: $0.equality,
                        ordered: $0.ordered, order: $0.order, isUnique: $0.isUnique,
                        conditions: $0.conditions)
                }
            }
            #expect(definitions == model.storeDefinition.indexes.dropLast())
            #expect(Set(definitions.map(\.name)).count == definitions.count)
            for (index, definition) in zip(indexes, definitions) {
                let columns = model.storeDefinition.tables[definition.table.index].columns
                let isExact =
                    index.equality.isEmpty
                    || index.equality.count == 1 && !columns[index.equality[0]].kind.isBytes
                #expect(index.isExact == isExact)
            }
        }
    }

    @Test func `every kind of field has its column`() throws {
        let model = try model(
            """
            type All @table {
              a: ID b: String c: Int d: Long e: Float f: Boolean g: DateTime h: Date
              i: EmailAddress j: JSON k: Kind l: Many m: Money n: [Int!]! o: All p: [Money]
            }
            enum Kind { A B }
            enum Many { \((0..<251).map { "V\($0)" }.joined(separator: " ")) }
            type Money { amount: Long! }
            """)
        let columns = model.storeDefinition.tables[0].columns.dropFirst(4)
        #expect(
            columns.map(\.kind) == [
                .bytes(.text), .bytes(.text), .int32, .int64, .double, .bool, .int64, .int32,
                .bytes(.text), .bytes(.json), .int8, .int16, .bytes(.value), .bytes(.value),
                .reference(TableID(0)), .bytes(.value),
            ])
        #expect(columns.map(\.isNullable) == (0..<16).map { $0 != 13 })
        #expect(
            model[TableID(0)].fields.suffix(5).map(summary) == [
                "m: column 16 value 0", "n: column 17 [Int!]!", "o: column 18 to table 0",
                "oId: column 18 id of table 0", "p: column 19 [value 0]",
            ])
    }

    @Test func `rows through a table between`() throws {
        let model = try model(
            """
            type Tier @table { events: [Event!]! @relation(through: "TierEvent") }
            type Event @table { tiers: [Tier!]! @relation(through: "TierEvent") }
            type TierEvent @table {
              tier: Tier! @relation(onDelete: CASCADE)
              event: Event! @relation(onDelete: CASCADE)
            }
            """)
        #expect(
            model.tables.flatMap(\.fields).compactMap {
                if case .toMany = $0.kind { summary($0) } else { nil }
            } == [
                "events: rows of table 1 through 2.4-5 index 0!",
                "tiers: rows of table 0 through 2.5-4 index 1!",
            ])
        #expect(
            model.storeDefinition.indexes.map(\.name) == ["TierEvent(tier)", "TierEvent(event)"])
    }

    @Test func `one index serves all that need it`() throws {
        let model = try model(
            """
            type Tier @table {
              members: [Member!]! @relation(inverse: "tier")
              elders: [Member!]! @relation(inverse: "tier")
            }
            type Member @table @index(fields: ["tier", "name"]) @index(fields: ["name"])
              @index(fields: ["name", "tier"], name: "byName") {
              name: String! @index @index(kind: TEXT)
              tier: Tier @index @relation(onDelete: SET_NULL)
              guest: Tier @relation(onDelete: CASCADE)
              host: Tier
            }
            """)
        #expect(
            model.storeDefinition.indexes == [
                IndexDefinition(name: "Member(tier)", table: TableID(1), equality: [5]),
                IndexDefinition(name: "Member(guest)", table: TableID(1), equality: [6]),
                IndexDefinition(
                    name: "Member(tier, name)", table: TableID(1), equality: [5], ordered: 4),
                IndexDefinition(
                    name: "Member(name)", table: TableID(1), equality: [], ordered: 4),
                IndexDefinition(name: "byName", table: TableID(1), equality: [4, 5]),
                IndexDefinition(
                    name: "Member(name by words)", table: TableID(1), equality: [], ordered: 4,
                    order: .words),
            ])
    }

    @Test func `defaults and constraints are in the model`() throws {
        let model = try model(
            """
            type Tier @table {
              a: DateTime! @default(now: true)
              b: Money @default(value: {currency: "EUR", amount: 5})
              c: [Kind!]! @default(value: [B, A])
              d: JSON @default(value: {x: [1, 2.50, null, "é"]})
              e: Float! @default(value: 1) @constraint(min: 0.5, max: 2)
              f: String @constraint(minLength: 1, maxLength: 9, format: SLUG)
              g: Date! @default(value: "1970-01-03")
              h: [Int]! @default(value: [])
            }
            type Money { amount: Long! note: String currency: String! @constraint(minLength: 3) }
            enum Kind { A B }
            """)
        let fields = model[TableID(0)].fields.dropFirst(4)
        #expect(
            fields.map(\.defaultValue) == [
                .now,
                .constant(
                    .object([
                        CoercedField(index: 0, value: .int(5)),
                        CoercedField(index: 2, value: .string("EUR")),
                    ])),
                .constant(.list([.enumValue(1), .enumValue(0)])),
                .constant(.string("{\"x\":[1,2.50,null,\"é\"]}")), .constant(.float(1)), nil,
                .constant(.int(2)), .constant(.list([])),
            ])
        #expect(
            fields.compactMap(\.constraint) == [
                ConstraintModel(min: 0.5, max: 2, minLength: nil, maxLength: nil, format: nil),
                ConstraintModel(min: nil, max: nil, minLength: 1, maxLength: 9, format: .slug),
            ])
        #expect(model.values[0].fields.map(\.constraint?.minLength) == [nil, nil, 3])
    }

    @Test func `the membership model builds`() throws {
        let model = try membershipModel()
        #expect(Set(model.values.map(\.name)).isSuperset(of: ["Benefit", "Money"]))
        let chapter = try #require(model.table(named: "Chapter"))
        #expect(chapter.keys.map(\.queryField) == ["chapterByCode"])
        let account = try #require(model.table(named: "PointsAccount"))
        #expect(account.keys.map(\.arguments) == [["memberId", "programId"]])
        let query = model.schema[model.schema.queryType]
        #expect(
            query.field("pointsAccountByMemberAndProgram")?.arguments.map(\.name) == [
                "memberId", "programId",
            ])
    }

    /// Consoles and generators load all of it before they do anything.
    @Test func `introspection takes at most 50 KB a table`() throws {
        for model in [try model(clubSchema), try membershipModel()] {
            let byteCount = try introspectionByteCount(of: model.schema)
            #expect(byteCount < model.tables.count * 50_000)
            // Far less would mean that something is not printed any more.
            #expect(byteCount > model.tables.count * 15_000)
        }
    }

    private func introspectionByteCount(of schema: Schema) throws -> Int {
        let document = try parse(Source(introspectionQuery))
        var fields: [Field] = []
        var fragments: [String: FragmentDefinition] = [:]
        for definition in document.definitions {
            switch definition {
            case .operation(let operation):
                for case .field(let field) in operation.selectionSet.selections {
                    fields.append(field)
                }
            case .fragment(let fragment): fragments[fragment.name.value] = fragment
            case .schema, .type, .directive: break
            }
        }
        let buffer = ByteBuffer()
        let isWritten = Introspection(schema: schema).write(
            fields: fields, fragments: fragments, variable: { _ in nil }, to: buffer)
        #expect(isWritten)
        return buffer.count
    }

    /// The model that lies in the package's `schema` folder.
    private func membershipModel() throws -> Model {
        let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try buildModel(
            try loadSchemaFiles(root.appendingPathComponent("schema").path), rules: membershipRules)
    }

    private func summary(_ field: FieldModel) -> String {
        var text = "\(field.name): "
        switch field.kind {
        case .id: text += "id"
        case .column(let column, let type): text += "column \(column) \(summary(type))"
        case .toOne(let column, let target): text += "column \(column) to table \(target.index)"
        case .referenceID(let column, let target):
            text += "column \(column) id of table \(target.index)"
        case .toMany(let list):
            text += "rows of table \(list.target.index) "
            text += list.targetColumn == nil ? "by" : "through"
            text += " \(list.linkTable.index).\(list.ownerColumn)"
            text += list.targetColumn.map { "-\($0)" } ?? ""
            text += " index \(list.index.index)"
        case .computed(let definition): text += "computed \(definition)"
        }
        if !field.isNullable { text += "!" }
        if field.isSensitive { text += " sensitive" }
        switch field.defaultValue {
        case .now: text += " default now"
        case .constant(let value): text += " default \(value)"
        case nil: break
        }
        return text
    }

    private func summary(_ type: StoredType) -> String {
        switch type {
        case .scalar(let scalar): scalar.rawValue
        case .enum(let id): "enum \(id.index)"
        case .value(let id): "value \(id.index)"
        case .reference(let id): "table \(id.index)"
        case .list(let item, let itemIsNullable): "[\(summary(item))\(itemIsNullable ? "" : "!")]"
        }
    }
}

/// What consoles ask: everything, with types of up to nine wrappers.
private let introspectionQuery = """
    {
      __schema {
        description
        queryType { name kind }
        mutationType { name kind }
        subscriptionType { name kind }
        types { ...FullType }
        directives {
          name description isRepeatable locations
          args(includeDeprecated: true) { ...InputValue }
        }
      }
    }
    fragment FullType on __Type {
      kind name description specifiedByURL
      fields(includeDeprecated: true) {
        name description
        args(includeDeprecated: true) { ...InputValue }
        type { ...TypeRef }
        isDeprecated deprecationReason
      }
      inputFields(includeDeprecated: true) { ...InputValue }
      interfaces { ...TypeRef }
      enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
      possibleTypes { ...TypeRef }
    }
    fragment InputValue on __InputValue {
      name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
    }
    fragment TypeRef on __Type {
      kind name ofType { kind name ofType { kind name ofType { kind name ofType {
        kind name ofType { kind name ofType { kind name ofType { kind name ofType {
          kind name } } } } } } } }
    }
    """
