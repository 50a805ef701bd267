import Bytes
import Store
import Testing

@testable import Engine

/// Adding the lines of a file to a table in use.
struct TableImportTests {
    private static let base = [
        "teams.ndjson": lines(#"{"id":"team_1","code":"ops"}"#),
        "people.ndjson": lines(#"{"id":"per_1","name":"Ada","nick":"a","team":"team_1"}"#),
    ]

    /// Imports a file as a server would, one group for each transaction.
    private func add(
        _ imported: Imported, _ file: String, to table: String = "people", resumes: Bool = false
    ) throws -> TableImportSummary {
        let run = try TableImport(
            file: imported.folder.path + "/" + file, table: table, model: imported.model,
            store: imported.store, now: Imported.now, resumes: resumes)
        while try imported.store.write(now: Imported.now, { try run.takeLines(in: $0) }) {}
        let reader = try #require(imported.store.makeReader())
        #expect(reader.withVersion { imported.store.check($0) }.isEmpty)
        return try run.finish()
    }

    private func folder(_ people: String) throws -> Imported {
        let imported = try Imported(TableImportTests.base)
        try imported.folder.write("more.ndjson", Array(people.utf8))
        return imported
    }

    @Test func `rows join those that are there, numbered behind them`() throws {
        let imported = try folder(
            lines(#"{"name":"Bo","team":"team_1"}"#, #"{"name":"Cy","team":1,"boss":"per_1"}"#))
        let summary = try add(imported, "more.ndjson")
        #expect(summary.table.rows == 2 && summary.table.refused == 0 && summary.present == 0)
        #expect(
            try imported.rows("people", "id name boss { name }") == [
                #"{"id":"per_1","name":"Ada","boss":null}"#,
                #"{"id":"per_2","name":"Bo","boss":null}"#,
                #"{"id":"per_3","name":"Cy","boss":{"name":"Ada"}}"#,
            ])
    }

    @Test func `lines that cannot be taken are refused one by one`() throws {
        let imported = try folder(
            lines(
                #"{"id":"per_1","name":"Eve","team":"team_1"}"#,
                #"{"name":"Flo","nick":"a","team":"team_1"}"#,
                #"{"name":"Gus","team":"team_9"}"#,
                #"{"name":"Hal","team":"team_1"}"#,
                #"{"name":"Ira""#))
        let summary = try add(imported, "more.ndjson")
        #expect(summary.table.rows == 1 && summary.table.refused == 4)
        #expect(
            summary.table.firstRefusal
                == ImportRefusal(line: 1, reason: #"id: an earlier row has the id "per_1""#))
        let refused = try #require(imported.folder.read("more.ndjson.errors.ndjson"))
        #expect(
            refused.split(separator: "\n").map { $0.prefix(50) }
                == [
                    #"{"line":1,"reason":"id: an earlier row has the id \"per_1\"""#,
                    #"{"line":2,"reason":"nick: an earlier row has the same value""#,
                    #"{"line":3,"reason":"team: there is no row \"team_9\" in team"#,
                    #"{"line":5,"reason":"the text ends inside a value at byte 13""#,
                ].map { $0.prefix(50) })
    }

    @Test func `a second run that resumes passes over what is there`() throws {
        let people = lines(
            #"{"id":"per_7","name":"Bo","nick":"b","team":"team_1"}"#,
            #"{"id":"per_8","name":"Cy","team":"team_1"}"#)
        let imported = try folder(people)
        try imported.folder.write("half.ndjson", Array(people.split(separator: "\n")[0].utf8))
        #expect(try add(imported, "half.ndjson").table.rows == 1)
        let summary = try add(imported, "more.ndjson", resumes: true)
        #expect(summary.table.rows == 1 && summary.present == 1 && summary.table.refused == 0)
        #expect(
            try imported.rows("people", "id") == [
                #"{"id":"per_1"}"#, #"{"id":"per_7"}"#, #"{"id":"per_8"}"#,
            ])
    }

    @Test func `a row may refer to one further on in the file`() throws {
        let imported = try folder(
            lines(
                #"{"id":"per_5","name":"Bo","team":"team_1","boss":"per_6"}"#,
                #"{"id":"per_6","name":"Cy","team":"team_1","boss":"per_7"}"#,
                #"{"id":"per_7","name":"Di","team":"team_1"}"#,
                #"{"id":"per_8","name":"Ed","team":"team_1","boss":"per_9"}"#))
        let summary = try add(imported, "more.ndjson")
        #expect(summary.table.rows == 3 && summary.table.refused == 1)
        #expect(
            summary.table.firstRefusal
                == ImportRefusal(line: 4, reason: #"boss: there is no row "per_9" in people"#))
        #expect(
            try imported.rows("people", "id boss { id }") == [
                #"{"id":"per_1","boss":null}"#, #"{"id":"per_7","boss":null}"#,
                #"{"id":"per_6","boss":{"id":"per_7"}}"#, #"{"id":"per_5","boss":{"id":"per_6"}}"#,
            ])
    }

    @Test func `a long CSV file is spread over many transactions`() throws {
        let count = 3 * TableImport.linesPerTransaction + 10
        let imported = try Imported(TableImportTests.base)
        try imported.folder.write(
            "more.csv",
            Array(("name,team\n" + (1...count).map { "P\($0),team_1\n" }.joined()).utf8))
        let run = try TableImport(
            file: imported.folder.path + "/more.csv", table: "Person", model: imported.model,
            store: imported.store, now: Imported.now, resumes: false)
        var counts: [Int] = []
        while try imported.store.write(now: Imported.now, { try run.takeLines(in: $0) }) {
            counts.append(run.rowCount)
        }
        #expect(counts == [256, 512, 768])
        #expect(run.rowCount == count && run.lineCount == count)
        #expect(try run.finish().table.rows == count)
    }

    @Test func `a table or a file that is not there is told at once`() throws {
        let imported = try Imported(TableImportTests.base)
        #expect(throws: ImportError.self) { try add(imported, "more.ndjson") }
        #expect(throws: ImportError.self) { try add(imported, "teams.ndjson", to: "team") }
    }
}
