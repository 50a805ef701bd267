import JSON
import Store
import Testing

@testable import Engine

/// The words of texts, by an index and without.
@Suite struct SearchTests {
    private static let schema = """
        type Chapter @table(idPrefix: "chp") {
          name: String! @index(kind: TEXT)
          members: [Member!]! @relation(inverse: "home")
        }
        type Member @table(idPrefix: "mem") @index(fields: ["home", "number"]) {
          number: Int! @index
          name: String! @index @index(kind: TEXT)
          plain: String!
          email: EmailAddress @index(kind: TEXT)
          note: Note
          home: Chapter @relation
          identities: [Identity!]! @relation(inverse: "member")
          tags: [Tag!]! @relation(through: "MemberTag")
        }
        type Note { text: String }
        type Identity @table(idPrefix: "idn") {
          member: Member! @relation(onDelete: CASCADE)
          value: String! @index(kind: TEXT)
        }
        type Tag @table(idPrefix: "tag") { name: String! @index(kind: TEXT) }
        type MemberTag @table(idPrefix: "mtg") { member: Member! @relation tag: Tag! @relation @index }
        """

    private static let names = [
        "Ann Lindqvist", "ann-marie Olsen", "José Ångström", "Sinéad O'Brien", "王晓明", "Joann Lind",
        "Anna Straße", "Lindsay Ann",
    ]

    private let fixture: EngineFixture

    init() throws {
        let padding = (0..<3000).map { "Member Number\($0)" }
        let all = Self.names + padding
        let members = all.enumerated().map { number, name in
            JSONValue.object([
                .init("id", .string("mem_\(number)")), .init("name", .string(name)),
                .init("plain", .string(name)), .init("number", .integer(Int64(1000 - number))),
                .init("email", number == 1 ? .null : .string("m\(number)@example.org")),
                .init("home", .string("chp_\(number % 2)")),
                .init("note", .object([.init("text", .string("said \(name)"))])),
            ])
        }
        let identities = all.indices.map { number in
            JSONValue.object([
                .init("id", .string("idn_\(number)")), .init("member", .string("mem_\(number)")),
                .init("value", .string("+47 9\(10 + number % 80) 34 \(1000 + number)")),
            ])
        }
        fixture = try EngineFixture(
            Self.schema,
            rows: [
                "Chapter": [
                    ["id": "chp_0", "name": "Oslo North"], ["id": "chp_1", "name": "Bergen"],
                ],
                "Member": .array(members), "Identity": .array(identities),
                "Tag": [["id": "tag_0", "name": "Board"], ["id": "tag_1", "name": "Choir"]],
                "MemberTag": [
                    ["id": "mtg_0", "member": "mem_3", "tag": "tag_0"],
                    ["id": "mtg_1", "member": "mem_3", "tag": "tag_1"],
                    ["id": "mtg_2", "member": "mem_7", "tag": "tag_0"],
                ],
            ])
    }

    /// The numbers of the members that a list of them finds, and how.
    private func found(_ arguments: String) throws -> ([Int], [ListTrace]) {
        var traces: [ListTrace] = []
        let answer = try fixture.ask(
            "{ members(\(arguments)) { totalCount nodes { id } } }", trace: { traces.append($0) })
        let members = answer.json?["data"]?["members"]
        let numbers =
            members?["nodes"]?.elements?.compactMap { Int($0["id"]?.string?.dropFirst(4) ?? "") }
            ?? []
        #expect(members?["totalCount"] == .integer(Int64(numbers.count)), "\(answer.text)")
        return (numbers, traces)
    }

    @Test(arguments: [
        ("ann", [0, 1, 6, 7]), ("ann lin", [0, 7]), ("LIND", [0, 5, 7]), ("lindqvist ann", [0]),
        ("jose", [2]), ("JOSÉ ANG", [2]), ("obrien", [3]), ("brien sin", [3]), ("strasse", [6]),
        ("晓明", [4]), ("王晓明", [4]), ("王明", []), ("number399", [407]), ("399", [407, 1407, 2407]),
        ("member number39", [47, 398, 399, 400, 401, 402, 403, 404, 405, 406, 407]),
        ("nobody", []), ("ann nobody", []),
    ])
    func `names are found by their words, by an index and without`(test: (String, [Int])) throws {
        let (byIndex, traces) = try found(#"filter: {name: {search: "\#(test.0)"}}"#)
        #expect(byIndex == test.1)
        #expect(traces.map(\.source) == ["Member(name by words)"])
        let (byScan, scans) = try found(#"filter: {plain: {search: "\#(test.0)"}}"#)
        #expect(byScan == test.1)
        #expect(scans.allSatisfy { $0.source != "Member(name by words)" })
        let (inValue, _) = try found(#"filter: {note: {text: {search: "said \#(test.0)"}}}"#)
        #expect(inValue == test.1)
    }

    @Test func `what is found is ordered, paged, counted and filtered further`() throws {
        try fixture.check(
            #"""
            { members(filter: {name: {search: "ann"}}, orderBy: [{number: ASC}], first: 2) {
                totalCount nodes { number name } pageInfo { hasNextPage hasPreviousPage } } }
            """#,
            gives: #"""
                {"data": {"members": {"totalCount": 4, "nodes": [
                    {"number": 993, "name": "Lindsay Ann"}, {"number": 994, "name": "Anna Straße"}],
                    "pageInfo": {"hasNextPage": true, "hasPreviousPage": false}}}}
                """#)
        try fixture.check(
            #"""
            { members(filter: {name: {search: "ann"}}, last: 2) {
                nodes { name } pageInfo { hasNextPage hasPreviousPage } } }
            """#,
            gives: #"""
                {"data": {"members": {"nodes": [{"name": "Anna Straße"}, {"name": "Lindsay Ann"}],
                    "pageInfo": {"hasNextPage": false, "hasPreviousPage": true}}}}
                """#)
        try fixture.check(
            #"""
            { members(filter: {name: {search: "ann"}}, first: 1, offset: 1) {
                nodes { name } pageInfo { hasNextPage hasPreviousPage }
                aggregate { count min { number } } } }
            """#,
            gives: #"""
                {"data": {"members": {"nodes": [{"name": "ann-marie Olsen"}],
                    "pageInfo": {"hasNextPage": true, "hasPreviousPage": true},
                    "aggregate": {"count": 4, "min": {"number": 993}}}}}
                """#)
        #expect(try found(#"filter: {name: {search: "ann"}, number: {lt: 999}}"#).0 == [6, 7])
        #expect(
            try found(#"filter: {not: {name: {search: "member"}}, number: {lt: 998}}"#).0
                == [3, 4, 5, 6, 7])
        #expect(try found(#"filter: {email: {search: "m1"}, name: {search: "ann"}}"#).0 == [])
        #expect(try found(#"filter: {email: {search: "m2999@example"}}"#).0 == [2999])
        // A null has no words.
        #expect(try found(#"filter: {not: {email: {search: "example"}}}"#).0 == [1])
    }

    @Test func `pages of what is found follow each other`() throws {
        var cursor = "null"
        var names: [String] = []
        for _ in 0..<4 {
            let answer = try fixture.ask(
                """
                { members(filter: {name: {search: "ann"}}, first: 1, after: \(cursor)) {
                    nodes { name } pageInfo { endCursor } } }
                """)
            let members = answer.json?["data"]?["members"]
            names.append(members?["nodes"]?.elements?.first?["name"]?.string ?? answer.text)
            cursor = "\"\(members?["pageInfo"]?["endCursor"]?.string ?? "")\""
        }
        #expect(names == ["Ann Lindqvist", "ann-marie Olsen", "Anna Straße", "Lindsay Ann"])
    }

    @Test func `members are found by parts of a phone number`() throws {
        let filter = #"filter: {identities: {some: {value: {search: "341007"}}}}"#
        let (byPart, traces) = try found(filter)
        #expect(byPart == [7])
        #expect(traces.map(\.source) == ["Member by Identity(value by words)"])
        #expect(traces[0].rowsVisited < 30)
        for search in ["+47 917 34 1007", "917341007", "917-34-1007", "1734 1007"] {
            #expect(
                try found(#"filter: {identities: {some: {value: {search: "\#(search)"}}}}"#).0 == [
                    7
                ], "\(search)")
        }
        #expect(
            try found(
                #"filter: {identities: {none: {value: {search: "4734"}}}, number: {gte: 998}}"#
            )
            .0 == [0, 1, 2])
    }

    @Test func `relations through a table, to one row and alternatives are looked ahead for`()
        throws
    {
        let (tagged, traces) = try found(#"filter: {tags: {some: {name: {search: "board"}}}}"#)
        #expect(tagged == [3, 7])
        #expect(traces.map(\.source) == ["Member by Tag(name by words)"])

        let (alternatives, union) = try found(
            #"""
            filter: {or: [{name: {search: "jose"}}, {email: {search: "m2999"}},
              {identities: {some: {value: {search: "341007"}}}}, {name: {search: "ang"}}]}
            """#)
        #expect(alternatives == [2, 7, 2999])
        #expect(
            union.map(\.source) == [
                "Member(name by words) or Member(email by words)"
                    + " or Member by Identity(value by words) or Member(name by words)"
            ])

        let answer = try fixture.ask(
            #"""
            { identities(filter: {member: {name: {search: "obrien"}}}) { nodes { value } } }
            """#, trace: { #expect($0.source.contains("by Member(name by words)")) })
        #expect(
            answer.text
                == #"{"data":{"identities":{"nodes":[{"value":"+47 913 34 1003"}]}}}"#)
        try fixture.check(
            #"""
            { chapters { nodes { name members(filter: {name: {search: "ann lin"}}) {
                totalCount nodes { name } } } } }
            """#,
            gives: #"""
                {"data": {"chapters": {"nodes": [
                    {"name": "Oslo North", "members": {"totalCount": 1,
                        "nodes": [{"name": "Ann Lindqvist"}]}},
                    {"name": "Bergen", "members": {"totalCount": 1,
                        "nodes": [{"name": "Lindsay Ann"}]}}]}}}
                """#)
    }

    @Test(arguments: [
        ("\"\"", "filter.name.search has no letter and no digit."),
        ("\" - \"", "filter.name.search has no letter and no digit."),
        ("null", "filter.name.search is null."),
        ("\"\(String(repeating: "a", count: 1025))\"", "filter.name.search is too long."),
    ])
    func `a search for nothing is refused`(test: (String, String)) throws {
        let answer = try fixture.ask(
            "{ members(filter: {name: {search: \(test.0)}}) { totalCount } }")
        let error = answer.json?["errors"]?.elements?.first
        #expect(error?["message"]?.string == test.1)
        #expect(error?["extensions"]?["code"] == "BAD_USER_INPUT")
        #expect(error?["extensions"]?["hint"]?.string?.isEmpty == false)
    }

    @Test func `only single texts have an index by words`() {
        expectProblems(
            of: """
                type Tier @table @index(fields: ["name", "title"], kind: TEXT) {
                  name: String!
                  title: String
                  level: Int @index(kind: TEXT)
                }
                """,
            """
            a.graphql:1:18: error: "kind: TEXT" is for one field with a text
              help: remove "kind" to keep the rows in order
            a.graphql:4:14: error: "kind: TEXT" is for one field with a text
              help: remove "kind" to keep the rows in order
            """)
    }

    @Test(arguments: [11, 12, 13] as [UInt64])
    func `an index by words finds what a scan finds`(seed: UInt64) throws {
        let chance = Chance(seed: seed)
        let fixture = try EngineFixture(Self.schema)
        let parts = [
            "Ann", "anna", "lind", "José", "Øst", "Straße", "O'Brien", "王晓", "明", "912", "34 567",
            "AB12", "Ёлка", "christensensson", "christensenssen", "a@b.org", "-", "Lin",
        ]
        func text(_ count: Int) -> String {
            (0..<count).map { _ in
                parts[chance.below(parts.count)] + (chance.below(2) == 0 ? "" : " ")
            }
            .joined()
        }
        var ids: [Int] = []
        for step in 0..<600 {
            switch chance.below(4) {
            case 0, 1:
                let name = text(1 + chance.below(3))
                try fixture.insert(
                    "Member",
                    [
                        "id": .string("mem_\(step)"), "name": .string(name),
                        "plain": .string(name), "number": .integer(Int64(chance.below(50))),
                    ])
                try fixture.insert(
                    "Identity",
                    [
                        "id": .string("idn_\(step)"), "member": .string("mem_\(step)"),
                        "value": .string(name),
                    ])
                ids.append(step)
            case 2 where !ids.isEmpty:
                let name = text(1 + chance.below(3))
                try fixture.update(
                    "Member", "mem_\(ids[chance.below(ids.count)])",
                    ["name": .string(name), "plain": .string(name)])
            case 3 where ids.count > 40:
                try fixture.delete("Member", "mem_\(ids.remove(at: chance.below(ids.count)))")
            default: break
            }
            guard step % 5 == 0 else { continue }
            let words = text(1 + chance.below(2))
            guard (try? TextSearch(Array(words.utf8))) != nil else { continue }
            let search = JSONValue.string(words).description
            let rest = ["", ", number: {lt: 20}", ", not: {number: {eq: 7}}"][chance.below(3)]
            let order = ["", ", orderBy: [{number: DESC}]", ", orderBy: [{name: ASC}]"][
                chance.below(3)]
            let page = ["", ", first: 3", ", last: 2", ", first: 2, offset: 1"][chance.below(4)]
            func answer(_ condition: String) throws -> String {
                try fixture.ask(
                    """
                    { members(filter: {\(condition)\(rest)}\(order)\(page)) {
                        totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage }
                        aggregate { count sum { number } } } }
                    """
                ).text
            }
            let byScan = try answer("plain: {search: \(search)}")
            let byIndex = try answer("name: {search: \(search)}")
            let byBoth = try answer(
                "or: [{name: {search: \(search)}}, {name: {search: \"nobody\"}}]")
            try #require(byIndex == byScan, "\(search), seed \(seed)")
            try #require(byBoth == byScan, "\(search), seed \(seed)")
        }
        let reader = try #require(fixture.store.makeReader())
        #expect(fixture.store.check(reader.pin()) == [])
        reader.unpin()
    }
}
