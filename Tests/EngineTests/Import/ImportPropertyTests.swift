import Bytes
import JSON
import Testing

@testable import Engine

/// Random rows, written as NDJSON and as CSV, give the same rows, and those that were written.
struct ImportPropertyTests {
    @Test(arguments: 0..<6) func `rows come back as they were written`(round: Int) throws {
        var random = SeededRandom(seed: UInt64(round) &* 0x9E37_79B9 &+ 12)
        let teamCount = 1 + random.below(9)
        let count = random.below(200)
        let teams = (0..<teamCount).map { team in
            let lead = count > 0 && random.below(3) == 0 ? random.below(count) : nil
            return [
                ("id", JSONValue.string("t\(team)")), ("code", .string("c\(team)")),
                ("lead", lead.map { .string("per_p\($0)") } ?? .null),
            ]
        }
        let people = (0..<count).map { person in
            [
                ("id", .string("p\(person)")), ("name", .string(random.text())),
                ("nick", random.maybe { .string("\(person) \($0.text())") }),
                ("team", .string("t\(random.below(teamCount))")),
                ("boss", random.maybe { .string("p\($0.below(count))") }),
                ("rank", .integer(Int64(random.below(100)))),
                ("total", random.maybe { .integer($0.long()) }),
                ("score", random.maybe { .double(Double($0.below(1_000_000)) / 64 + 0.5) }),
                ("isOpen", .bool(random.below(2) == 0)),
                (
                    "born",
                    random.maybe {
                        .string("19\($0.below(90) + 10)-0\($0.below(9) + 1)-1\($0.below(10))")
                    }
                ),
                (
                    "seenAt",
                    random.maybe {
                        .string(
                            "20\($0.below(90) + 10)-11-2\($0.below(9))T0\($0.below(10)):30:00.\($0.below(900) + 100)Z"
                        )
                    }
                ),
                (
                    "color",
                    .string(
                        ["RED", "GREEN", "DARK_BLUE_AND_GREEN", "DARK_BLUE_AND_GREY"][
                            random.below(4)])
                ),
                (
                    "notes",
                    random.maybe {
                        .object([
                            JSONValue.Member(
                                "k\($0.below(5))",
                                .array([.string($0.text()), .integer($0.long())]))
                        ])
                    }
                ),
                (
                    "home",
                    random.maybe {
                        .object([
                            JSONValue.Member("street", .string($0.text())),
                            JSONValue.Member("zip", $0.maybe { .integer(Int64($0.below(99_999))) }),
                        ])
                    }
                ),
                ("tags", .array((0..<random.below(4)).map { _ in .string(random.text()) })),
            ] as [(String, JSONValue)]
        }
        let asJSON = try Imported([
            "teams.ndjson": ndjson(teams, &random), "people.ndjson": ndjson(people, &random),
        ])
        let asCSV = try Imported([
            "teams.csv": csv(teams, &random), "people.csv": csv(people, &random),
        ])
        #expect(asJSON.summary.refused == 0, "round \(round)")
        #expect(asCSV.summary.refused == 0, "round \(round)")

        let teamFields = "id code lead { id }"
        let fields = """
            id name nick team { id } boss { id } rank total score isOpen born seenAt color notes
            home { street zip } tags
            """
        let expected = people.map { row in
            JSONValue.object(row.map { JSONValue.Member($0.0, shown($0.0, $0.1)) }).description
        }
        #expect(try asJSON.rows("people", fields) == expected, "round \(round)")
        #expect(try asCSV.rows("people", fields) == expected, "round \(round)")
        #expect(try asJSON.rows("teams", teamFields) == asCSV.rows("teams", teamFields))
        #expect(asJSON.summary.tables.map(\.rows) == [teamCount, count])
    }

    @Test(arguments: 0..<4) func `damaged files never stop the import`(round: Int) throws {
        var random = SeededRandom(seed: UInt64(round) &+ 77)
        let line = #"""
            {"id":"7","version":1,"createdAt":"2020-02-29T00:00:00Z","name":"A\u00e9\"","team":"1",\#
            "boss":"per_7","rank":9,"total":-12,"score":1.5e2,"isOpen":true,"born":"2020-01-01",\#
            "color":"RED","notes":{"a":[1,{}]},"home":{"street":"s","zip":1},"tags":["x"]}
            """#
        let record = #"""
            7,"A ""b"",
            c",1,per_7,9,-12,1.5,true,2020-01-01,RED,"{""a"":[1]}","{""street"":""s""}","[""x""]"
            """#
        let header = "id,name,team,boss,rank,total,score,isOpen,born,color,notes,home,tags\n"
        for (name, start, sample) in [
            ("people.ndjson", "", line + "\n"), ("people.csv", header, record + "\r\n"),
        ] {
            var bytes = Array(start.utf8)
            for _ in 0..<300 {
                var damaged = Array(sample.utf8)
                for _ in 0...random.below(3) {
                    let place = random.below(damaged.count)
                    switch random.below(3) {
                    case 0: damaged[place] = UInt8(random.below(256))
                    case 1: damaged.remove(at: place)
                    default:
                        damaged.insert(Array("\"{}[],:\\\n0e-".utf8)[random.below(12)], at: place)
                    }
                }
                bytes += damaged
            }
            let folder = try ImportFolder(["teams.csv": "code\nops\n"])
            try folder.write(name, bytes)
            let imported = try Imported(folder)
            #expect(imported.summary.refused > 200, "round \(round), \(name)")
        }
    }

    /// A field as the API shows it.
    private func shown(_ name: String, _ value: JSONValue) -> JSONValue {
        guard let text = value.string else { return value }
        switch name {
        case "id": return .string("per_" + text)
        case "team": return ["id": .string("team_" + text)]
        case "boss": return ["id": .string("per_" + text)]
        default: return value
        }
    }

    /// Lines whose keys stand in any order, and are left out now and then when null.
    private func ndjson(
        _ rows: [[(String, JSONValue)]], _ random: inout SeededRandom
    ) -> String {
        rows.map { row in
            var members = row.filter { !$0.1.isNull || random.below(2) == 0 }
            if random.below(4) == 0 { members.shuffle(using: &random) }
            return JSONValue.object(members.map { JSONValue.Member($0.0, $0.1) }).description + "\n"
        }.joined()
    }

    private func csv(_ rows: [[(String, JSONValue)]], _ random: inout SeededRandom) -> String {
        guard let first = rows.first else { return "name\n" }
        let end = random.below(2) == 0 ? "\n" : "\r\n"
        let header = first.map(\.0).joined(separator: ",") + end
        return header
            + rows.map { row in
                row.map { cell($0.1, &random) }.joined(separator: ",") + end
            }.joined()
    }

    private func cell(_ value: JSONValue, _ random: inout SeededRandom) -> String {
        if value.isNull { return "" }
        let text = value.string ?? value.description
        let isSpecial =
            text.isEmpty || text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
        guard isSpecial || random.below(4) == 0 else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension SeededRandom {
    mutating func long() -> Int64 { Int64(next() >> 11) * (below(2) == 0 ? 1 : -1) }

    /// Null in one of three cases.
    mutating func maybe(_ body: (inout SeededRandom) -> JSONValue) -> JSONValue {
        below(3) == 0 ? .null : body(&self)
    }

    /// A text of everything that formats trip over.
    mutating func text() -> String {
        let parts = [
            "a", "Zed", " ", ",", "\"", "\"\"", "\n", "\r\n", "\\", "\\u0041", "é", "漢字", "😀", "\t",
            "null", "0", "'", "\u{0}", "\u{7F}", "\u{FEFF}", "e\u{301}",
        ]
        return (0..<below(6)).map { _ in parts[below(parts.count)] }.joined()
    }
}
