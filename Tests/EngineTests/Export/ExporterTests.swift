import Bytes
import Store
import Testing

@testable import Engine

/// What an export writes, and that an import takes it again.
struct ExporterTests {
    private static let files = [
        "teams.ndjson": lines(
            #"{"id":"team_a","code":"ops","lead":"per_2","createdAt":"2024-01-01T00:00:00Z"}"#,
            #"{"id":"team_b","code":"dev","version":7}"#),
        "people.ndjson": lines(
            #"{"id":"per_1","name":"Ada \"the\" 王, 1st","team":"team_a","boss":"per_2","rank":3}"#,
            #"{"id":"per_2","name":"","nick":"b,o","email":"bo@x.org","team":"team_a","total":-9,"#
                + #""score":0.25,"isOpen":false,"seenAt":"2025-02-03T04:05:06.789Z","#
                + #""born":"1999-12-31","color":"DARK_BLUE_AND_GREY","notes":{"a":[1,null,"\n"]},"#
                + #""home":{"street":"A\"B","zip":null},"tags":["x","y,z"],"code":"c-1"}"#),
    ]

    private func export(
        _ imported: Imported, _ table: String, _ format: Exporter.Format
    ) throws -> String {
        let model = try #require(imported.model.tables.first { $0.plural == table })
        let reader = try #require(imported.store.makeReader())
        let exporter = Exporter(model: imported.model, store: imported.store, format: format)
        return reader.withVersion { view in
            let output = ByteBuffer()
            unsafe exporter.export(model, from: view) { unsafe output.append($0) }
            return output.makeString()
        }
    }

    @Test func `NDJSON has every field of every row, relations as ids`() throws {
        let imported = try Imported(ExporterTests.files)
        #expect(
            try export(imported, "teams", .ndjson)
                == lines(
                    #"{"id":"team_a","version":1,"createdAt":"2024-01-01T00:00:00.000Z","#
                        + #""updatedAt":"2026-06-30T12:00:00.000Z","code":"ops","leadId":"per_2"}"#,
                    #"{"id":"team_b","version":7,"createdAt":"2026-06-30T12:00:00.000Z","#
                        + #""updatedAt":"2026-06-30T12:00:00.000Z","code":"dev","leadId":null}"#))
    }

    @Test func `CSV quotes what must be quoted and leaves null empty`() throws {
        let imported = try Imported(ExporterTests.files)
        #expect(
            try export(imported, "people", .csv) == """
                id,version,createdAt,updatedAt,name,nick,email,site,phone,slug,mail,teamId,bossId,\
                rank,total,score,isOpen,seenAt,madeAt,born,color,notes,home,tags,code\r
                per_1,1,2026-06-30T12:00:00.000Z,2026-06-30T12:00:00.000Z,\
                "Ada ""the"" 王, 1st",,,,,,,team_a,per_2,3,,,true,,2026-06-30T12:00:00.000Z,,GREEN,\
                ,,[],\r
                per_2,1,2026-06-30T12:00:00.000Z,2026-06-30T12:00:00.000Z,"","b,o",bo@x.org,,,,,\
                team_a,,1,-9,0.25,false,2025-02-03T04:05:06.789Z,2026-06-30T12:00:00.000Z,\
                1999-12-31,DARK_BLUE_AND_GREY,"{""a"":[1,null,""\\n""]}",\
                "{""street"":""A\\""B"",""zip"":null}","[""x"",""y,z""]",c-1\r

                """)
    }

    @Test(arguments: Exporter.Format.allCases)
    func `what was exported gives the same rows when it is imported`(
        _ format: Exporter.Format
    ) throws {
        let first = try Imported(ExporterTests.files)
        var files: [String: String] = [:]
        for table in ["teams", "people"] {
            files["\(table).\(format.rawValue)"] = try export(first, table, format)
        }
        let second = try Imported(files)
        #expect(second.summary.refused == 0 && second.summary.rows == 4)
        for table in ["teams", "people"] {
            #expect(try export(second, table, .ndjson) == export(first, table, .ndjson))
        }
    }

    @Test func `a table without rows has a header in CSV and nothing in NDJSON`() throws {
        let imported = try Imported(["teams.csv": "code\nab\n"])
        #expect(try export(imported, "people", .ndjson) == "")
        #expect(try export(imported, "people", .csv).split(separator: "\r\n").count == 1)
    }

    @Test func `blocks are handed on as they fill`() throws {
        let imported = try Imported([
            "teams.ndjson": (0..<5_000).map { "{\"code\":\"\(String($0, radix: 36))x\"}\n" }
                .joined()
        ])
        let model = try #require(imported.model.tables.first { $0.plural == "teams" })
        let reader = try #require(imported.store.makeReader())
        let exporter = Exporter(model: imported.model, store: imported.store, format: .ndjson)
        reader.withVersion { view in
            var pieces = 0
            let rows = unsafe exporter.export(model, from: view) { bytes in
                pieces += 1
                #expect(unsafe bytes.last == UInt8(ascii: "\n"))
            }
            #expect(rows == imported.summary.rows && pieces > 5)
        }
    }
}
