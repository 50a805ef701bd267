import Bytes
import JSON
import Store
import Testing

@testable import Engine

/// A fixture that can be written to.
final class MutationFixture {
    let fixture: EngineFixture
    let session: MutationSession

    /// 2026-01-02T00:00:00Z
    static let writeTime: Int64 = EngineFixture.loadTime + 86_400_000

    init(
        _ schema: String = smallClub, rows: JSONValue = smallClubRows,
        limits: EngineLimits = EngineLimits(), rules: RuleLibrary = .none
    ) throws {
        fixture = try EngineFixture(schema, rows: rows, limits: limits, rules: rules)
        session = MutationSession(context: fixture.context)
    }

    var store: Store { fixture.store }
    var model: Model { fixture.model }

    /// The answer of the writer, the request first shown to a session as a server does.
    func mutate(
        _ document: String, _ variables: JSONValue? = nil, operation: String? = nil,
        key: String? = nil, viewer: Viewer = .unrestricted, now: Int64 = writeTime
    ) throws -> EngineFixture.Answer {
        let first = try fixture.ask(document, variables, operation: operation, viewer: viewer)
        guard first.outcome == .write else { return first }
        #expect(first.text.isEmpty)
        return try write(
            document, variables, operation: operation, key: key, viewer: viewer, now: now)
    }

    /// The answer of the writer alone.
    func write(
        _ document: String, _ variables: JSONValue? = nil, operation: String? = nil,
        key: String? = nil, viewer: Viewer = .unrestricted, now: Int64 = writeTime
    ) throws -> EngineFixture.Answer {
        let output = ByteBuffer()
        var document = document
        var json = variables?.description ?? "null"
        let outcome = try document.withUTF8 { text in
            try json.withUTF8 { variables in
                let request = try unsafe GraphQLRequest(
                    document: UnsafeRawBufferPointer(text), operationName: operation,
                    variables: UnsafeRawBufferPointer(variables))
                return store.write(now: now) { group in
                    session.execute(
                        request, idempotencyKey: key, viewer: viewer, in: group, into: output)
                }
            }
        }
        let reader = try #require(store.makeReader())
        let faults = store.check(reader.pin())
        reader.unpin()
        #expect(faults.isEmpty)
        return EngineFixture.Answer(outcome: outcome, text: output.makeString())
    }

    /// The whole answer of a mutation is `expected`.
    func check(
        _ document: String, _ variables: JSONValue? = nil, operation: String? = nil,
        key: String? = nil, viewer: Viewer = .unrestricted, now: Int64 = writeTime,
        gives expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let wanted = try JSONValue(parsing: expected)
        let answer = try mutate(
            document, variables, operation: operation, key: key, viewer: viewer, now: now)
        #expect(answer.json == wanted, "\(answer.text)", sourceLocation: sourceLocation)
    }

    /// The whole answer of a query is `expected`.
    func checkQuery(
        _ document: String, gives expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let wanted = try JSONValue(parsing: expected)
        let answer = try fixture.ask(document)
        #expect(answer.json == wanted, "\(answer.text)", sourceLocation: sourceLocation)
    }
}

/// Every kind of field and relation that mutations treat in their own way.
let smallClub = """
    type Tier @table(idPrefix: "tier", write: [CREATE, UPDATE, DELETE]) @key(fields: "code") {
      code: String! @constraint(minLength: 2, maxLength: 8)
      name: String!
      fee: Money
      perks: [Perk!]
      members: [Member!]! @relation(inverse: "tier")
    }
    type Member @table(idPrefix: "mem", write: [CREATE, UPDATE, DELETE])
      @key(fields: "number") @key(fields: "email") @key(fields: "tier rank") {
      number: String!
      name: String!
      email: EmailAddress
      status: MemberStatus! @default(value: ACTIVE)
      joinedAt: DateTime! @default(now: true)
      birthday: Date
      points: Int @constraint(min: 0, max: 1000)
      score: Float
      rank: Long
      notes: JSON
      tier: Tier @relation(onDelete: RESTRICT)
      sponsor: Member @relation(onDelete: SET_NULL)
      visits: [Visit!]! @relation(inverse: "member")
    }
    type Visit @table(idPrefix: "vis", shardBy: "member", write: [CREATE, UPDATE, DELETE]) {
      member: Member! @relation(onDelete: CASCADE)
      at: DateTime! @default(value: "2026-01-01T10:00:00Z")
      day: Date @default(value: "2026-01-01")
      tags: [String!]! @default(value: ["first"])
      price: Money! @default(value: { amountMinor: 0, currency: "EUR" })
      extra: JSON @default(value: "none")
    }
    type Entry @table(idPrefix: "ent", appendOnly: true, write: [CREATE]) {
      member: Member! @relation(onDelete: RESTRICT)
      delta: Int!
    }
    type Log @table(idPrefix: "log") { text: String! }
    type Money { amountMinor: Long! currency: String! @constraint(minLength: 3, maxLength: 3) }
    type Perk { name: String! worth: Money kind: PerkKind guest: Member }
    enum PerkKind { DRINK SEAT }
    enum MemberStatus { ACTIVE PAUSED LAPSED }
    """

let smallClubRows: JSONValue = [
    "Tier": [
        ["id": "tier_gold", "code": "gold", "name": "Gold"],
        ["id": "tier_iron", "code": "iron", "name": "Iron"],
    ],
    "Member": [
        [
            "id": "mem_ada", "number": "M-1", "name": "Ada", "email": "ada@example.org",
            "status": "ACTIVE", "joinedAt": "2020-01-01T00:00:00Z", "tier": "tier_gold",
            "rank": 1, "points": 10,
        ],
        [
            "id": "mem_bob", "number": "M-2", "name": "Bob", "status": "PAUSED",
            "joinedAt": "2021-01-01T00:00:00Z", "tier": "tier_gold", "rank": 2,
            "sponsor": "mem_ada",
        ],
    ],
    "Visit": [
        [
            "id": "vis_1", "member": "mem_ada", "at": "2025-01-01T00:00:00Z", "tags": [],
            "price": ["amountMinor": 5, "currency": "EUR"],
        ]
    ],
]
