import JSON
import Testing

@testable import Engine

/// A club in which every kind of rule stands: trees, own rows, masks, closed and counted tables.
let guardedClub = """
    type Chapter @table(idPrefix: "chp") @tree(parent: "parent")
      @allow(roles: ["manager", "staff", "analyst", "member"])
    {
      name: String!
      parent: Chapter
      members: [Member!]! @relation(inverse: "chapter")
    }

    type Tier @table(idPrefix: "tier") @key(fields: "name")
      @allow(roles: ["manager", "staff", "analyst", "member", "anonymous"])
    {
      name: String!
      rank: Int! @index
      members: [Member!]! @relation(inverse: "tier")
    }

    type Member @table(idPrefix: "mem", write: [CREATE, UPDATE, DELETE]) @key(fields: "email")
      @allow(roles: ["manager"], operations: ["READ", "CREATE", "UPDATE", "DELETE"],
        where: {chapter: {within: "$viewer.chapterId"}})
      @allow(roles: ["staff"], where: {chapter: {id: {eq: "$viewer.chapterId"}}})
      @allow(roles: ["analyst"])
      @allow(roles: ["board"], operations: ["AGGREGATE"])
      @allow(roles: ["member"], operations: ["READ", "UPDATE"],
        where: {id: {eq: "$viewer.memberId"}})
    {
      name: String!
      email: String! @sensitive @index
      phone: String @sensitive
      birthday: Date @sensitive @index
      note: String @allow(roles: ["manager"])
      points: Int! @default(value: 0) @index
      chapter: Chapter!
      tier: Tier!
      entries: [Entry!]! @relation(inverse: "member")
      events: [Event!]! @relation(through: "Visit")
      hosted: [Event!]! @relation(inverse: "host")
    }

    type Entry @table(idPrefix: "ent", shardBy: "member", appendOnly: true, write: [CREATE])
      @index(fields: ["member", "at"])
      @allow(roles: ["manager"], operations: ["READ", "CREATE"],
        where: {member: {chapter: {within: "$viewer.chapterId"}}})
      @allow(roles: ["staff"], where: {member: {chapter: {id: {eq: "$viewer.chapterId"}}}})
      @allow(roles: ["analyst", "board"])
      @allow(roles: ["member"], where: {member: {id: {eq: "$viewer.memberId"}}})
    {
      member: Member! @relation(onDelete: RESTRICT)
      event: Event
      amount: Int!
      at: DateTime! @index
    }

    type Event @table(idPrefix: "evt")
      @allow(roles: ["manager", "staff", "analyst", "member", "anonymous"])
    {
      title: String!
      host: Member
      members: [Member!]! @relation(through: "Visit")
      entries: [Entry!]! @relation(inverse: "event")
      visits: [Visit!]! @relation(inverse: "event")
    }

    type Visit @table(idPrefix: "vis", shardBy: "member")
      @allow(roles: ["manager", "staff", "member"])
    {
      member: Member! @relation(onDelete: CASCADE)
      event: Event! @relation(onDelete: CASCADE)
    }

    type Secret @table(idPrefix: "sec") {
      text: String!
      member: Member
    }
    """

/// Twelve members in three chapters, two of them below the first; each has three entries and came to
/// two events.
func guardedClubRows() -> JSONValue {
    var members: [JSONValue] = []
    var entries: [JSONValue] = []
    var visits: [JSONValue] = []
    for number in 1...12 {
        let chapter = ["chp_root", "chp_north", "chp_south"][number % 3]
        members.append([
            "id": .string("mem_\(number)"), "name": .string("Member \(number)"),
            "email": .string("m\(number)@example.org"), "phone": .string("+47 9000000\(number)"),
            "birthday": .string("1990-01-\(number < 10 ? "0" : "")\(number)"),
            "note": .string("note \(number)"), "points": .integer(Int64(10 * number)),
            "chapter": .string(chapter), "tier": .string("tier_\(1 + number % 2)"),
        ])
        for entry in 0..<3 {
            entries.append([
                "id": .string("ent_\(number)\(entry)"), "member": .string("mem_\(number)"),
                "event": .string("evt_\(1 + entry)"), "amount": .integer(Int64(number + entry)),
                "at": .string("2026-01-0\(1 + entry)T00:00:00Z"),
            ])
        }
        for event in 0..<2 {
            visits.append([
                "id": .string("vis_\(number)\(event)"), "member": .string("mem_\(number)"),
                "event": .string("evt_\(1 + (number + event) % 3)"),
            ])
        }
    }
    return [
        "Chapter": [
            ["id": "chp_root", "name": "Root"],
            ["id": "chp_north", "name": "North", "parent": "chp_root"],
            ["id": "chp_south", "name": "South", "parent": "chp_root"],
        ],
        "Tier": [
            ["id": "tier_1", "name": "Basic", "rank": 1],
            ["id": "tier_2", "name": "Gold", "rank": 2],
        ],
        "Member": .array(members),
        "Event": [
            ["id": "evt_1", "title": "Concert", "host": "mem_1"],
            ["id": "evt_2", "title": "Dinner", "host": "mem_2"],
            ["id": "evt_3", "title": "Walk"],
        ],
        "Entry": .array(entries),
        "Visit": .array(visits),
        "Secret": [["id": "sec_1", "text": "hidden", "member": "mem_1"]],
    ]
}

extension Viewer {
    static let someMember = Viewer(role: "member", name: "k1", memberID: "mem_1")
    static let northStaff = Viewer(role: "staff", name: "k2", chapterID: "chp_north")
    static let rootManager = Viewer(role: "manager", name: "k3", chapterID: "chp_root")
    static let northManager = Viewer(role: "manager", name: "k4", chapterID: "chp_north")
    static let analyst = Viewer(role: "analyst", name: "k5")
    static let board = Viewer(role: "board", name: "k6")
    static let developer = Viewer(role: "developer", name: "k7")
    static let nobody = Viewer(role: "anonymous", name: "")
}

/// What one viewer gets of the guarded club.
final class AccessFixture {
    let mutations: MutationFixture

    init(_ schema: String = guardedClub, rows: JSONValue = guardedClubRows()) throws {
        var limits = EngineLimits()
        limits.costMax = .max
        mutations = try MutationFixture(schema, rows: rows, limits: limits)
    }

    var model: Model { mutations.model }

    func ask(_ document: String, as viewer: Viewer) throws -> EngineFixture.Answer {
        try mutations.mutate(document, viewer: viewer)
    }

    /// The whole answer is `expected`.
    func check(
        _ document: String, as viewer: Viewer, gives expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try ask(document, as: viewer)
        #expect(
            try answer.json == JSONValue(parsing: expected), "\(answer.text)",
            sourceLocation: sourceLocation)
    }

    /// The answer has no data, and one error that says it is not open.
    func checkRefused(
        _ document: String, as viewer: Viewer, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try ask(document, as: viewer)
        let json = try #require(answer.json)
        let codes = json["errors"]?.elements?.map { $0["extensions"]?["code"]?.string }
        #expect(
            codes == ["FORBIDDEN"], "\(document): \(answer.text)", sourceLocation: sourceLocation)
        let data = json["data"] ?? .null
        #expect(
            data.isNull || data.members?.allSatisfy(\.value.isNull) ?? false,
            "\(document): \(answer.text)", sourceLocation: sourceLocation)
    }
}
