import JSON
import Store
import Testing

@testable import Engine

/// Keys among part of the rows.
@Suite struct KeyConditionTests {
    static let schema = """
        type Member @table(idPrefix: "mem") { name: String! }
        type Registration @table(idPrefix: "reg", write: [CREATE, UPDATE])
          @key(fields: "event member", where: {status: {in: [OFFERED, REGISTERED]}, guest: {isNull: true}})
          @key(fields: "code", where: {isMain: {ne: false}}) {
          member: Member! @relation
          event: Int!
          code: String!
          status: Status @default(value: REGISTERED)
          isMain: Boolean
          guest: Member @relation
        }
        enum Status { REGISTERED OFFERED CANCELLED }
        """

    static let rows: JSONValue = [
        "Member": [["id": "mem_ada", "name": "Ada"], ["id": "mem_bob", "name": "Bob"]],
        "Registration": [
            [
                "id": "reg_1", "member": "mem_ada", "event": 1, "code": "A",
                "status": "REGISTERED", "isMain": true,
            ],
            [
                "id": "reg_2", "member": "mem_ada", "event": 1, "code": "B",
                "status": "CANCELLED", "isMain": false,
            ],
            [
                "id": "reg_3", "member": "mem_ada", "event": 1, "code": "B", "status": "OFFERED",
                "guest": "mem_bob",
            ],
        ],
    ]

    @Test func `a key among some rows is an index with conditions`() throws {
        let model = try model(Self.schema)
        #expect(
            model.storeDefinition.indexes.filter { $0.table == TableID(1) } == [
                IndexDefinition(
                    name: "Registration(event, member) unique where status is OFFERED or "
                        + "REGISTERED and guest is null",
                    table: TableID(1), equality: [5, 4], isUnique: true,
                    conditions: [
                        IndexCondition(7, .among([0, 1])), IndexCondition(9, .isNull),
                    ]),
                IndexDefinition(
                    name: "Registration(code) unique where isMain is not false",
                    table: TableID(1), equality: [6], isUnique: true,
                    conditions: [IndexCondition(8, .notAmong([0]))]),
            ])
    }

    @Test func `its look-up says of which rows it is, and it has no upsert`() throws {
        let model = try model(Self.schema)
        #expect(
            model.schemaText.contains(
                """
                  "Where status is OFFERED or REGISTERED and guest is null."
                  registrationByEventAndMember(event: Int!, memberId: ID!): Registration
                  "Where isMain is not false."
                  registrationByCode(code: String!): Registration

                """))
        #expect(
            model.mutations.map(\.name) == [
                "createRegistration", "updateRegistration", "updateRegistrations",
            ])
    }

    @Test func `the look-up finds the row that satisfies the conditions`() throws {
        let fixture = try EngineFixture(Self.schema, rows: Self.rows)
        try fixture.check(
            """
            {
              a: registrationByEventAndMember(event: 1, memberId: "mem_ada") { id }
              b: registrationByEventAndMember(event: 1, memberId: "mem_bob") { id }
              c: registrationByCode(code: "A") { id }
              d: registrationByCode(code: "B") { id }
            }
            """,
            gives: """
                {"data": {"a": {"id": "reg_1"}, "b": null, "c": {"id": "reg_1"},
                  "d": {"id": "reg_3"}}}
                """)
    }

    @Test func `a filter that says the conditions is served by the key, another is not`() throws {
        let fixture = try EngineFixture(Self.schema, rows: Self.rows)
        func sources(_ filter: String) throws -> [String] {
            var traces: [ListTrace] = []
            let answer = try fixture.ask(
                "{ registrations(filter: {\(filter)}) { totalCount nodes { id } } }"
            ) { traces.append($0) }
            #expect(answer.json?["errors"] == nil, "\(answer.text)")
            return traces.map { $0.source + ($0.isFiltered ? " filtered" : "") }
        }
        let key = "Registration(code) unique where isMain is not false"
        #expect(try sources(#"code: {eq: "A"}, isMain: {ne: false}"#) == [key + " filtered"])
        #expect(try sources(#"code: {eq: "A"}, isMain: {eq: true}"#) == [key + " filtered"])
        #expect(try sources(#"code: {eq: "A"}, isMain: {isNull: true}"#) == [key + " filtered"])
        let all = "Registration(creation) filtered"
        #expect(try sources(#"code: {eq: "A"}"#) == [all])
        #expect(try sources(#"code: {eq: "A"}, isMain: {eq: false}"#) == [all])
    }

    @Test func `mutations name the key and its conditions`() throws {
        let fixture = try MutationFixture(Self.schema, rows: Self.rows)
        let payload = "{ registration { id } userErrors { code message path } }"
        try fixture.check(
            """
            mutation {
              a: createRegistration(input: {id: "reg_a", memberId: "mem_ada", event: 1, code: "C"}) \(payload)
              b: createRegistration(input: {id: "reg_b", memberId: "mem_ada", event: 1, code: "C", status: CANCELLED}) \(payload)
              c: createRegistration(input: {id: "reg_c", memberId: "mem_ada", event: 1, code: "B", guestId: "mem_bob"}) \(payload)
              d: updateRegistration(input: {id: "reg_b", set: {status: OFFERED}}) \(payload)
              e: updateRegistration(input: {id: "reg_1", set: {status: null, isMain: false}}) \(payload)
              f: updateRegistration(input: {id: "reg_b", set: {status: OFFERED}}) \(payload)
            }
            """,
            gives: """
                {"data": {
                  "a": {"registration": null, "userErrors": [{"code": "DUPLICATE", "message": "Another row of registrations has the same event and memberId, and status is OFFERED or REGISTERED and guest is null.", "path": ["input", "event"]}]},
                  "b": {"registration": {"id": "reg_b"}, "userErrors": []},
                  "c": {"registration": null, "userErrors": [{"code": "DUPLICATE", "message": "Another row of registrations has the same code, and isMain is not false.", "path": ["input", "code"]}]},
                  "d": {"registration": null, "userErrors": [{"code": "DUPLICATE", "message": "Another row of registrations has the same event and memberId, and status is OFFERED or REGISTERED and guest is null.", "path": ["input", "set", "status"]}]},
                  "e": {"registration": {"id": "reg_1"}, "userErrors": []},
                  "f": {"registration": {"id": "reg_b"}, "userErrors": []}
                }}
                """)
    }

    @Test func `what cannot be a condition is told with its place`() {
        expectProblems(
            of: """
                type Money { amount: Long! }
                type Card @table
                  @key(fields: "a", where: 7)
                  @key(fields: "b", where: {})
                  @key(fields: "c", where: {stat: {eq: OPEN}, id: {isNull: true}, or: [], cards: {isNull: true}})
                  @key(fields: "d", where: {status: OPEN, flag: {eq: OPEN}, fee: {eq: 1}, a: {gt: 1}})
                  @key(fields: "e", where: {status: {eq: "OPEN", ne: OPNE, in: [], notIn: [CLOSED, 4]}})
                  @key(fields: "f", where: {status: {isNull: true}, fee: {isNull: 1}, a: {ne: 1}})
                  @key(fields: "g", where: {flag: {eq: true, eq: false}, flag: {eq: true}, status: {eq: [OPEN]}}) {
                  a: Int!
                  b: Int!
                  c: Int!
                  d: Int!
                  e: Int!
                  f: Int!
                  g: Int!
                  status: Status!
                  flag: Boolean
                  fee: Money
                  card: Card @relation
                  cards: [Card!]! @relation(inverse: "card")
                }
                enum Status { OPEN CLOSED }
                """,
            """
            a.graphql:3:28: error: the "where" of a key cannot be 7
              help: write: where: {status: {in: [OPEN, WAITING]}}
            a.graphql:4:28: error: this "where" says nothing
              help: name a field and what it must be, or remove "where"
            a.graphql:5:29: error: "Card" has no field "stat"
              help: did you mean "status"?
            a.graphql:5:47: error: "id" cannot decide whether a key holds
              help: choose a field of an enum or a boolean, or one that may be null
            a.graphql:5:67: error: "or" cannot stand in the "where" of a key
              help: name fields: all that is said about them must hold
            a.graphql:5:75: error: the list "cards" cannot decide whether a key holds
              help: choose a field that is stored in the row
            a.graphql:6:37: error: "status" cannot be compared with OPEN like this
              help: write: status: {in: [OPEN, CLOSED]}
            a.graphql:6:54: error: OPEN is no value of this field
              help: expected is true or false
            a.graphql:6:67: error: the values of "Card.fee" cannot decide whether a key holds
              help: of this field only isNull can be asked; values are those of enums and booleans
            a.graphql:6:79: error: the "where" of a key has no operator "gt"
              help: there are "isNull", "eq", "ne", "in" and "notIn"
            a.graphql:7:42: error: "OPEN" is no value of this field
              help: an enum value has no quotes: OPEN
            a.graphql:7:54: error: OPNE is no value of this field
              help: did you mean OPEN?
            a.graphql:7:64: error: "in" names no value
              help: write: status: {in: [OPEN, CLOSED]}
            a.graphql:7:84: error: 4 is no value of this field
              help: there are OPEN and CLOSED
            a.graphql:8:46: error: "Card.status" is never null
              help: remove "isNull", or the "!" of the field's type
            a.graphql:8:67: error: "isNull" cannot be 1
              help: it is true or false
            a.graphql:8:75: error: the values of "Card.a" cannot decide whether a key holds
              help: choose a field of an enum or a boolean, or one that may be null
            a.graphql:9:46: error: "eq" stands twice here
              help: remove one of them
            a.graphql:9:58: error: the field "flag" stands twice in this "where"
              help: write its operators together; all of them must hold
            a.graphql:9:89: error: "eq" takes one value
              help: write: status: {in: [OPEN]}
            """)
    }
}
