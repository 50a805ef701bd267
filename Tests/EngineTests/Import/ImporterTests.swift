import Store
import Testing

@testable import Engine

struct ImporterTests {
    @Test func `rows are read by the names of the fields, in any order`() throws {
        let imported = try Imported([
            "teams.ndjson": lines(#"{"id":"1","code":"ops"}"#),
            "people.ndjson": lines(
                #"{"id":"7","name":"Ada","team":"1","rank":3,"color":"RED"}"#,
                #"{"color":"DARK_BLUE_AND_GREY","teamId":"1","name":"Béla","id":"8"}"#),
        ])
        #expect(
            try imported.rows("people", "id name rank color team { code }") == [
                #"{"id":"per_7","name":"Ada","rank":3,"color":"RED","team":{"code":"ops"}}"#,
                #"{"id":"per_8","name":"Béla","rank":1,"color":"DARK_BLUE_AND_GREY","team":{"code":"ops"}}"#,
            ])
        #expect(
            imported.summary.tables.map { "\($0.name) \($0.rows) \($0.refused)" } == [
                "teams 1 0", "people 2 0",
            ])
        #expect(imported.folder.names == ["people.ndjson", "teams.ndjson"])
    }

    @Test func `every kind of field is kept as it was given`() throws {
        let imported = try Imported([
            "teams.ndjson": lines(#"{"code":"ops"}"#),
            "people.ndjson": lines(
                #"""
                {"id":"a-B_9","version":4,"createdAt":"2020-02-29T00:00:00Z",\#
                "updatedAt":"2021-03-01T01:00:00+01:00","name":"Tab\tand \"quotes\" 😀 \u00e9",\#
                "nick":"n","email":"a@b.co","site":"https://x.y/z","phone":"+8613800138000",\#
                "slug":"a-b","mail":"c@d.e","team":"team_1","rank":99,"total":-9007199254740991,\#
                "score":-1.5,"isOpen":false,"seenAt":"2026-01-01T00:00:00.123+08:00",\#
                "madeAt":"1999-12-31T23:59:59Z","born":"1970-01-02","color":"RED",\#
                "notes":{"a" : [1, 2.50, "x y"]},"home":{"zip":12,"street":"S \"1\""},\#
                "tags":["x","y z"],"code":17}
                """#),
        ])
        #expect(
            try imported.rows(
                "people",
                """
                id version createdAt updatedAt name nick email site phone slug mail teamId rank
                total score isOpen seenAt madeAt born color notes home { street zip } tags code
                """) == [
                    #"""
                    {"id":"per_a-B_9","version":4,"createdAt":"2020-02-29T00:00:00.000Z",\#
                    "updatedAt":"2021-03-01T00:00:00.000Z","name":"Tab\tand \"quotes\" 😀 é",\#
                    "nick":"n","email":"a@b.co","site":"https://x.y/z","phone":"+8613800138000",\#
                    "slug":"a-b","mail":"c@d.e","teamId":"team_1","rank":99,"total":-9007199254740991,\#
                    "score":-1.5,"isOpen":false,"seenAt":"2025-12-31T16:00:00.123Z",\#
                    "madeAt":"1999-12-31T23:59:59.000Z","born":"1970-01-02","color":"RED",\#
                    "notes":{"a":[1,2.5,"x y"]},"home":{"street":"S \"1\"","zip":12},\#
                    "tags":["x","y z"],"code":"17"}
                    """#
                ])
    }

    @Test func `what a row does not give takes its default`() throws {
        let imported = try Imported([
            "teams.ndjson": lines(#"{"code":"ops"}"#),
            "people.ndjson": lines(#"{"name":"Ada","team":"1"}"#),
        ])
        #expect(
            try imported.rows(
                "people",
                "id version createdAt updatedAt rank isOpen madeAt color tags nick score boss { id }"
            ) == [
                #"""
                {"id":"per_1","version":1,"createdAt":"2026-06-30T12:00:00.000Z",\#
                "updatedAt":"2026-06-30T12:00:00.000Z","rank":1,"isOpen":true,\#
                "madeAt":"2026-06-30T12:00:00.000Z","color":"GREEN","tags":[],"nick":null,\#
                "score":null,"boss":null}
                """#
            ])
    }

    @Test func `null is kept where it may be, even if there is a default`() throws {
        let schema = """
            type Thing @table { size: Int @default(value: 5) name: String }
            """
        let imported = try Imported(
            ["things.ndjson": lines(#"{"size":null,"name":null}"#, #"{}"#)], schema: schema)
        #expect(
            try imported.rows("things", "size name") == [
                #"{"size":null,"name":null}"#, #"{"size":5,"name":null}"#,
            ])
    }

    @Test func `ids may have their table's prefix or not, in rows and in references`() throws {
        let imported = try Imported([
            "teams.ndjson": lines(
                #"{"id":"team_1","code":"one"}"#, #"{"id":"2","code":"two"}"#,
                #"{"id":"team_team_3","code":"thre"}"#),
            "people.ndjson": lines(
                #"{"name":"a","team":"1"}"#, #"{"name":"b","teamId":"team_1"}"#,
                #"{"name":"c","team":2}"#, #"{"name":"d","team":"team_team_3"}"#),
        ])
        #expect(
            try imported.rows("people", "id teamId") == [
                #"{"id":"per_1","teamId":"team_1"}"#, #"{"id":"per_2","teamId":"team_1"}"#,
                #"{"id":"per_3","teamId":"team_2"}"#, #"{"id":"per_4","teamId":"team_team_3"}"#,
            ])
    }

    @Test func `rows without an id take the next number that is free`() throws {
        let imported = try Imported([
            "teams.ndjson": lines(
                #"{"code":"aa"}"#, #"{"id":"2","code":"bb"}"#, #"{"id":"x","code":"cc"}"#,
                #"{"code":"dd"}"#, #"{"code":"ee"}"#)
        ])
        #expect(
            try imported.rows("teams", "id code") == [
                #"{"id":"team_1","code":"aa"}"#, #"{"id":"team_2","code":"bb"}"#,
                #"{"id":"team_x","code":"cc"}"#, #"{"id":"team_3","code":"dd"}"#,
                #"{"id":"team_4","code":"ee"}"#,
            ])
    }

    @Test func `references may lead forward, backward, in cycles and to their own row`() throws {
        let imported = try Imported([
            "teams.ndjson": lines(
                #"{"id":"1","code":"ops","lead":"2"}"#, #"{"id":"2","code":"dev","lead":"per_1"}"#),
            "people.ndjson": lines(
                #"{"id":"1","name":"a","team":"2","boss":"3"}"#,
                #"{"id":"2","name":"b","team":"1","boss":"2"}"#,
                #"{"id":"3","name":"c","team":"1","boss":"1"}"#),
        ])
        #expect(
            try imported.rows("people", "name boss { name } team { code lead { name } }") == [
                #"{"name":"a","boss":{"name":"c"},"team":{"code":"dev","lead":{"name":"a"}}}"#,
                #"{"name":"b","boss":{"name":"b"},"team":{"code":"ops","lead":{"name":"b"}}}"#,
                #"{"name":"c","boss":{"name":"a"},"team":{"code":"ops","lead":{"name":"b"}}}"#,
            ])
    }

    @Test func `tables are read after those that they refer to`() throws {
        let model = try importModel(
            """
            type Leaf @table { branch: Branch! @relation note: Note }
            type Note { by: Author }
            type Branch @table { trunk: Trunk! @relation other: Branch @relation }
            type Author @table { name: String }
            type Trunk @table { name: String }
            """)
        #expect(
            ImportSources.referenceOrder(model).map { model[$0].name } == [
                "Trunk", "Branch", "Author", "Leaf",
            ])
    }

    @Test func `required references come first where tables form a cycle`() throws {
        #expect(
            ImportSources.referenceOrder(try importModel(importSchema)).map(\.index) == [0, 1])
    }

    @Test func `in a cycle of references that may be null, one leads further on`() throws {
        let model = try importModel(
            """
            type A @table { b: B @relation }
            type B @table { c: C @relation }
            type C @table { a: A @relation d: D @relation }
            type D @table { name: String }
            """)
        #expect(
            ImportSources.referenceOrder(model).map { model[$0].name } == ["D", "C", "B", "A"])
    }

    @Test func `an id inside a value leads to a row`() throws {
        let schema = """
            type Author @table { name: String! }
            type Note { by: Author text: String }
            type Book @table { notes: [Note!]! }
            """
        let imported = try Imported(
            [
                "authors.ndjson": lines(#"{"id":"1","name":"Ada"}"#),
                "books.ndjson": lines(
                    #"{"notes":[{"by":"author_1","text":"t"},{"by":"1"}]}"#,
                    #"{"notes":[{"by":"2"}]}"#),
            ], schema: schema)
        #expect(
            try imported.rows("books", "notes { by { name } text }") == [
                #"{"notes":[{"by":{"name":"Ada"},"text":"t"},{"by":{"name":"Ada"},"text":null}]}"#
            ])
        #expect(
            imported.folder.read("books.ndjson.errors.ndjson")
                == lines(
                    #"{"line":2,"reason":"notes: [0].by: there is no row \"2\"","row":{"notes":[{"by":"2"}]}}"#
                ))
    }

    @Test func `blank lines, a byte order mark and carriage returns are passed over`() throws {
        let imported = try Imported([
            "teams.ndjson":
                "\u{FEFF}{\"code\":\"aa\"}\r\n\r\n  \n\t{\"code\":\"bb\"} \n\n{\"code\":\"cc\"}"
        ])
        #expect(
            try imported.rows("teams", "code") == [
                #"{"code":"aa"}"#, #"{"code":"bb"}"#, #"{"code":"cc"}"#,
            ])
    }

    @Test func `a dry run says the same and keeps nothing`() throws {
        let files = [
            "teams.ndjson": lines(#"{"code":"aa"}"#, #"{"code":"a"}"#, #"{"code":"aa"}"#)
        ]
        let real = try Imported(files)
        let dry = try Imported(files, isDryRun: true)
        #expect(try real.rows("teams", "code") == [#"{"code":"aa"}"#])
        #expect(try dry.rows("teams", "code") == [])
        #expect(dry.summary.tables.map(\.refused) == [2])
        #expect(
            dry.folder.read("teams.ndjson.errors.ndjson")
                == real.folder.read("teams.ndjson.errors.ndjson"))
    }

    @Test func `one file fills one table whatever its name`() throws {
        let folder = try ImportFolder(["some.jsonl": lines(#"{"code":"aa"}"#)])
        let model = try importModel(importSchema)
        let store = Store(model.storeDefinition, seed: 1)
        let table = try #require(model.table(named: "Team"))
        let importer = Importer(model: model, store: store, now: 0)
        let summary = try importer.load(file: folder.path + "/some.jsonl", table: table.id)
        #expect(summary.rows == 1)
        #expect(throws: ImportError(.unknownFormat(file: "x.txt"))) {
            try importer.load(file: "x.txt", table: table.id)
        }
        #expect(
            throws: ImportError(
                .notEmpty(file: folder.path + "/some.jsonl", table: "teams"))
        ) {
            try importer.load(file: folder.path + "/some.jsonl", table: table.id)
        }
    }

    @Test func `rows refer to rows that were there before`() throws {
        let folder = try ImportFolder([
            "teams.ndjson": lines(#"{"id":"9","code":"aa"}"#),
            "people.ndjson": lines(#"{"name":"a","team":"team_9"}"#, #"{"name":"b","team":"8"}"#),
        ])
        let model = try importModel(importSchema)
        let store = Store(model.storeDefinition, seed: 1)
        let importer = Importer(model: model, store: store, now: 0)
        let teams = try #require(model.table(named: "Team"))
        let people = try #require(model.table(named: "Person"))
        _ = try importer.load(file: folder.path + "/teams.ndjson", table: teams.id)
        let summary = try importer.load(file: folder.path + "/people.ndjson", table: people.id)
        #expect(summary.tables.map(\.rows) == [1])
        #expect(
            summary.tables.map(\.firstRefusal) == [
                ImportRefusal(line: 2, reason: #"team: there is no row "team_8" in teams"#)
            ])
    }

    @Test func `files that cannot be taken are all named before anything is loaded`() throws {
        let folder = try ImportFolder([
            "team.ndjson": "{}", "people.csv": "name\n", "people.jsonl": "{}", "other.csv": "a\n",
            "meta.json": "{}", "notes.txt": "", ".hidden.csv": "x",
            "x.csv.errors.ndjson": "",
        ])
        do {
            _ = try Imported(folder)
            Issue.record("the folder was taken")
        } catch let error as ImportError {
            #expect(
                error.description.replacing(folder.path, with: "F") == """
                    F/other.csv: there is no table "other"
                      help: the tables are teams and people
                    F/people.jsonl: the table "people" has another file, F/people.csv
                      help: join the two files, or move one of them away
                    F/team.ndjson: there is no table "team"
                      help: did you mean "teams"?
                    """)
        }
    }

    @Test func `an empty folder and a missing one are told apart`() throws {
        let folder = try ImportFolder()
        #expect(
            throws: ImportError(.noFiles(folder: folder.path, tables: ["teams", "people"]))
        ) { try Imported(folder) }
        let model = try importModel(importSchema)
        let store = Store(model.storeDefinition, seed: 1)
        #expect(
            throws: ImportError(
                .unreadable(path: "/nowhere/at/all", reason: "no folder can be opened there"))
        ) {
            try Importer(model: model, store: store, now: 0).load(folder: "/nowhere/at/all")
        }
        let table = try #require(model.table(named: "Team"))
        #expect(
            throws: ImportError(
                .unreadable(path: "/nowhere.csv", reason: "No such file or directory"))
        ) {
            try Importer(model: model, store: store, now: 0).load(
                file: "/nowhere.csv", table: table.id)
        }
    }

    @Test func `lines longer than a block are read whole`() throws {
        let long = String(repeating: "längere Zeile ", count: 200_000)
        let imported = try Imported([
            "teams.ndjson": lines(#"{"code":"aa"}"#),
            "people.ndjson": lines(
                #"{"name":"short","team":"1"}"#, #"{"name":"\#(long)","team":"1"}"#,
                #"{"name":"last","team":"1"}"#),
        ])
        #expect(
            try imported.rows("people", "name") == [
                #"{"name":"short"}"#, #"{"name":"\#(long)"}"#, #"{"name":"last"}"#,
            ])
    }

    @Test func `progress is reported while reading and before the indexes are built`() throws {
        let count = 2 * Importer.rowsPerReport + 10
        let text = (0..<count).map { #"{"size":\#($0)}"# + "\n" }.joined()
        let folder = try ImportFolder(["things.ndjson": text])
        let model = try importModel("type Thing @table { size: Int }")
        let store = Store(model.storeDefinition, seed: 1)
        var reports: [String] = []
        let importer = Importer(model: model, store: store, now: 0) {
            reports.append("\($0.table) \($0.lines) \($0.isReading)")
        }
        let summary = try importer.load(folder: folder.path)
        #expect(summary.rows == count)
        #expect(
            reports == ["things 65536 true", "things 131072 true", "things 131082 false"])
    }
}
