import Testing

@testable import Engine

/// Lines that are refused, each with its reason, and what becomes of the others.
struct RefusalTests {
    /// The files of refused lines that an import writes, by the name of the file.
    private func refusals(_ files: [String: String]) throws -> [String: String] {
        let imported = try Imported(files)
        var result: [String: String] = [:]
        for name in imported.folder.names where name.hasSuffix(".errors.ndjson") {
            result[String(name.dropLast(".errors.ndjson".count))] = imported.folder.read(name)
        }
        return result
    }

    /// The reasons for which lines of `people.ndjson` are refused, with their numbers.
    private func reasons(_ rows: [String]) throws -> [String] {
        let files = try refusals([
            "teams.ndjson": lines(#"{"id":"1","code":"ops"}"#),
            "people.ndjson": rows.map { $0 + "\n" }.joined(),
        ])
        let text = files["people.ndjson"] ?? ""
        return text.split(separator: "\n").map { line -> String in
            let end = line.firstRange(of: #","row":"#)?.lowerBound ?? line.endIndex
            return String(line[..<end]).replacing(#"{"line":"#, with: "")
                .replacing(#","reason":"#, with: " ").replacing(#"\""#, with: "'")
        }
    }

    @Test func `a refused line is written with its number, its reason and itself`() throws {
        let files = try refusals([
            "teams.ndjson": lines(
                #"{"code":"ops"}"#, #"{"code":"o" }"#, #"{"code":"dev""#, "", #"["ops"]"#,
                "{\"code\":\"tab\tin\"}")
        ])
        #expect(
            files == [
                "teams.ndjson": lines(
                    #"{"line":2,"reason":"code: accepted is 2 to 4 characters","row":{"code":"o" }}"#,
                    #"{"line":3,"reason":"the text ends inside a value at byte 13","row":"{\"code\":\"dev\""}"#,
                    #"{"line":5,"reason":"expected is an object","row":["ops"]}"#,
                    #"{"line":6,"reason":"a control character in a string must be escaped at byte 12","row":"{\"code\":\"tab\tin\"}"}"#
                )
            ])
    }

    @Test func `a line that is not UTF-8 is written with replacement characters`() throws {
        let folder = try ImportFolder()
        try folder.write(
            "teams.ndjson", Array(#"{"code":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8))
        let imported = try Imported(folder)
        #expect(
            imported.folder.read("teams.ndjson.errors.ndjson")
                == lines(
                    #"{"line":1,"reason":"a string is not valid UTF-8 at byte 9","row":"{\"code\":\"\#u{FFFD}(\"}"}"#
                ))
    }

    @Test func `names that are no fields are refused with a proposal`() throws {
        #expect(
            try reasons([
                #"{"nam":"a","team":"1"}"#, #"{"name":"a","team":"1","xyzxyz":1}"#,
                #"{"name":"a","team":"1","reports":[]}"#, #"{"name":"a","team":"1","name":"b"}"#,
                #"{"name":"a","team":"1","teamId":"1"}"#, #"{"nam":"a","team":"1" "#,
            ]) == [
                "1 \"there is no field 'nam'; did you mean 'name'?\"",
                "2 \"there is no field 'xyzxyz'; there are 'id', 'version', 'createdAt', "
                    + "'updatedAt', 'name', 'nick', 'email', 'site', 'phone', 'slug', 'mail', "
                    + "'team', 'teamId', 'boss', 'bossId', 'rank', 'total', 'score', 'isOpen', "
                    + "'seenAt', 'madeAt', 'born', 'color', 'notes', 'home', 'tags' and 'code'\"",
                "3 \"reports: a list of other rows cannot be given; give their own ids in people\"",
                "4 \"the field 'name' stands twice\"", "5 \"the field 'teamId' stands twice\"",
                "6 \"the text ends inside a value at byte 22\"",
            ])
    }

    @Test func `values of another type are refused with what is expected`() throws {
        let rows = [
            #""name":1"#, #""rank":"1""#, #""rank":1.5"#, #""rank":2147483648"#,
            #""total":9007199254740992"#, #""total":true"#, #""score":"1""#, #""score":1e400"#,
            #""isOpen":1"#, #""seenAt":"2026-06-30""#, #""seenAt":"2026-06-30T12:00:00""#,
            #""born":"2026-02-29""#, #""born":20260101"#, #""color":"BLUE""#, #""color":1"#,
            #""email":"a@""#, #""code":1.5"#, #""code":true"#, #""version":0"#,
            #""home":{"street":1}"#, #""home":{}"#, #""home":{"street":"s","zap":1}"#,
            #""home":[]"#, #""tags":["a",null]"#, #""tags":"a""#, #""team":{"id":"1"}"#,
        ]
        #expect(
            try reasons(
                rows.map { row in
                    let team = row.contains("team") ? "" : #","team":"1""#
                    let name = row.contains(#""name""#) ? "" : #","name":"a""#
                    return "{\(row)\(team)\(name)}"
                }) == [
                    "1 \"name: expected is a string\"",
                    "2 \"rank: expected is an integer from -2147483648 to 2147483647\"",
                    "3 \"rank: expected is an integer from -2147483648 to 2147483647\"",
                    "4 \"rank: expected is an integer from -2147483648 to 2147483647\"",
                    "5 \"total: expected is an integer from -9007199254740991 to 9007199254740991\"",
                    "6 \"total: expected is an integer from -9007199254740991 to 9007199254740991\"",
                    "7 \"score: expected is a number\"", "8 \"score: expected is a number\"",
                    "9 \"isOpen: expected is true or false\"",
                    "10 \"seenAt: expected is an RFC 3339 date-time with offset, "
                        + "like '2026-06-30T12:00:00Z'\"",
                    "11 \"seenAt: expected is an RFC 3339 date-time with offset, "
                        + "like '2026-06-30T12:00:00Z'\"",
                    "12 \"born: expected is a date like '2026-06-30'\"",
                    "13 \"born: expected is a date like '2026-06-30'\"",
                    "14 \"color: expected is RED, GREEN, DARK_BLUE_AND_GREEN or DARK_BLUE_AND_GREY\"",
                    "15 \"color: expected is RED, GREEN, DARK_BLUE_AND_GREEN or DARK_BLUE_AND_GREY\"",
                    "16 \"email: expected is an e-mail address like 'ada@example.org'\"",
                    "17 \"code: expected is a string or an integer\"",
                    "18 \"code: expected is a string or an integer\"",
                    "19 \"version: accepted is at least 1\"",
                    "20 \"home: street: expected is a string\"",
                    "21 \"home: street: a value is missing\"",
                    "22 \"home: there is no field 'zap'\"", "23 \"home: expected is an object\"",
                    "24 \"tags: [1]: a value is missing\"", "25 \"tags: expected is a list\"",
                    "26 \"team: expected is the id of a row, which cannot be given as a whole\"",
                ])
    }

    @Test func `null, absence and broken constraints are refused`() throws {
        #expect(
            try reasons([
                #"{"team":"1"}"#, #"{"name":null,"team":"1"}"#, #"{"name":"a"}"#,
                #"{"name":"a","team":null}"#, #"{"name":"a","team":"1","rank":null}"#,
                #"{"name":"a","team":"1","rank":100}"#, #"{"name":"a","team":"1","rank":-1}"#,
                #"{"name":"a","team":"1","score":-1.6}"#, #"{"name":"a","team":"1","site":"x"}"#,
                #"{"name":"a","team":"1","phone":"12"}"#, #"{"name":"a","team":"1","slug":"A"}"#,
                #"{"name":"a","team":"1","mail":"a"}"#,
            ]) == [
                "1 \"name: a value is missing\"", "2 \"name: null is not accepted\"",
                "3 \"team: a value is missing\"", "4 \"team: null is not accepted\"",
                "5 \"rank: null is not accepted\"", "6 \"rank: accepted is at most 99\"",
                "7 \"rank: accepted is at least 0\"", "8 \"score: accepted is at least -1.5\"",
                "9 \"site: accepted is an http or https address\"",
                "10 \"phone: accepted is a phone number like +8613800138000\"",
                "11 \"slug: accepted is small letters and digits with single hyphens between\"",
                "12 \"mail: accepted is an e-mail address\"",
            ])
    }

    @Test func `lengths are counted in Unicode scalars`() throws {
        let imported = try Imported([
            "teams.ndjson": lines(#"{"code":"长度不超"}"#, #"{"code":"长度不超过"}"#, #"{"code":"😀"}"#)
        ])
        #expect(try imported.rows("teams", "code") == [#"{"code":"长度不超"}"#])
    }

    @Test func `ids must be letters, digits, hyphens and underscores, 64 at most`() throws {
        let long = String(repeating: "x", count: 64)
        let problem =
            "an id has 1 to 64 letters, digits, hyphens and underscores after its table's prefix"
        #expect(
            try reasons([
                #"{"id":"per_\#(long)","name":"a","team":"1"}"#,
                #"{"id":"y\#(long)","name":"a","team":"1"}"#, #"{"id":"","name":"a","team":"1"}"#,
                #"{"id":"a b","name":"a","team":"1"}"#, #"{"id":"é","name":"a","team":"1"}"#,
                #"{"id":null,"name":"a","team":"1"}"#, #"{"id":1.5,"name":"a","team":"1"}"#,
                #"{"name":"a","team":"a/b"}"#,
            ]) == [
                "2 \"id: \(problem)\"", "3 \"id: \(problem)\"", "4 \"id: \(problem)\"",
                "5 \"id: \(problem)\"", "6 \"id: null is not accepted\"",
                "7 \"id: expected is a string or an integer\"", "8 \"team: \(problem)\"",
            ])
    }

    @Test func `of rows with the same id or key the later ones are refused`() throws {
        let files = try refusals([
            "teams.ndjson": lines(
                #"{"id":"1","code":"aa"}"#, #"{"id":"team_1","code":"bb"}"#,
                #"{"id":"3","code":"aa"}"#, #"{"id":"4","code":"aa"}"#, #"{"id":"5","code":"cc"}"#)
        ])
        #expect(
            files == [
                "teams.ndjson": lines(
                    #"{"line":2,"reason":"id: an earlier row has the id \"team_1\"","row":{"id":"team_1","code":"bb"}}"#,
                    #"{"line":3,"reason":"code: an earlier row has the same value","row":{"id":"3","code":"aa"}}"#,
                    #"{"line":4,"reason":"code: an earlier row has the same value","row":{"id":"4","code":"aa"}}"#
                )
            ])
    }

    @Test func `a key of several fields is named by all of them, and nulls are not compared`()
        throws
    {
        let schema = """
            type Owner @table { name: String }
            type Thing @table @key(fields: "owner size") { owner: Owner @relation size: Int }
            """
        let imported = try Imported(
            [
                "owners.ndjson": lines(#"{"id":"1"}"#),
                "things.ndjson": lines(
                    #"{"owner":"1","size":1}"#, #"{"owner":"1","size":2}"#,
                    #"{"owner":"1","size":1}"#, #"{"size":1}"#, #"{"size":1}"#, #"{"owner":"1"}"#,
                    #"{"owner":"1"}"#),
            ], schema: schema)
        #expect(imported.summary.tables.map(\.rows) == [1, 6])
        #expect(
            imported.summary.tables[1].firstRefusal
                == ImportRefusal(
                    line: 3, reason: "owner and size: an earlier row has the same values"))
    }

    @Test func `what refers to no row is refused, and whatever refers to that`() throws {
        let files = try refusals([
            "teams.ndjson": lines(
                #"{"id":"1","code":"aa","lead":"9"}"#, #"{"id":"2","code":"bb","lead":"5"}"#,
                #"{"id":"3","code":"cc"}"#),
            "people.ndjson": lines(
                #"{"id":"1","name":"a","team":"1"}"#,
                #"{"id":"2","name":"b","team":"3","boss":"1"}"#,
                #"{"id":"3","name":"c","team":"3","boss":"4"}"#,
                #"{"id":"4","name":"d","team":"3","boss":"2"}"#,
                #"{"id":"5","name":"e","team":"7"}"#, #"{"id":"6","name":"f","team":"3"}"#),
        ])
        #expect(
            files == [
                "teams.ndjson": lines(
                    #"{"line":1,"reason":"lead: there is no row \"per_9\" in people","row":{"id":"1","code":"aa","lead":"9"}}"#,
                    #"{"line":2,"reason":"lead: there is no row \"per_5\" in people","row":{"id":"2","code":"bb","lead":"5"}}"#
                ),
                "people.ndjson": lines(
                    #"{"line":1,"reason":"team: the row \"team_1\" in teams was refused","row":{"id":"1","name":"a","team":"1"}}"#,
                    #"{"line":2,"reason":"boss: the row \"per_1\" in people was refused","row":{"id":"2","name":"b","team":"3","boss":"1"}}"#,
                    #"{"line":3,"reason":"boss: the row \"per_4\" in people was refused","row":{"id":"3","name":"c","team":"3","boss":"4"}}"#,
                    #"{"line":4,"reason":"boss: the row \"per_2\" in people was refused","row":{"id":"4","name":"d","team":"3","boss":"2"}}"#,
                    #"{"line":5,"reason":"team: there is no row \"team_7\" in teams","row":{"id":"5","name":"e","team":"7"}}"#
                ),
            ])
    }

    @Test func `a row refused for its key takes those that refer to it along`() throws {
        let files = try refusals([
            "teams.ndjson": lines(#"{"id":"1","code":"aa"}"#, #"{"id":"2","code":"aa"}"#),
            "people.csv": lines("id,name,team,boss", "1,a,2,", "2,b,1,1", "3,c,1,3", "4,d,1,2"),
        ])
        #expect(
            files == [
                "teams.ndjson": lines(
                    #"{"line":2,"reason":"code: an earlier row has the same value","row":{"id":"2","code":"aa"}}"#
                ),
                "people.csv": lines(
                    #"{"line":2,"reason":"team: the row \"team_2\" in teams was refused","row":"1,a,2,"}"#,
                    #"{"line":3,"reason":"boss: the row \"per_1\" in people was refused","row":"2,b,1,1"}"#,
                    #"{"line":5,"reason":"boss: the row \"per_2\" in people was refused","row":"4,d,1,2"}"#
                ),
            ])
    }

    @Test func `late refusals take their places among the early ones`() throws {
        let files = try refusals([
            "teams.ndjson": lines(
                #"{"code":"aa"}"#, #"{"code":"x"}"#, "", #"{"code":"aa"}"#, #"{"code":"y"}"#,
                #"{"code":"bb"}"#, #"{"code":"bb"}"#)
        ])
        let numbers = files["teams.ndjson"]?.split(separator: "\n").map { $0.prefix(10) }
        #expect(numbers == [#"{"line":2,"#, #"{"line":4,"#, #"{"line":5,"#, #"{"line":7,"#])
    }

    @Test func `a long chain of references falls at once`() throws {
        // Forwards and backwards alternate, so that no single direction of reading would do.
        let count = 3_000
        let rows = (0..<count).map { place in
            let boss = place % 2 == 0 ? place + 3 : place - 1
            return #"{"id":"\#(place)","name":"n","team":"1","boss":"\#(boss)"}"#
        }
        #expect(try reasons(rows).count == count)
    }

    @Test func `an old file of refused lines goes when there are none any more`() throws {
        let folder = try ImportFolder([
            "teams.ndjson": lines(#"{"code":"aa"}"#), "teams.ndjson.errors.ndjson": "old",
        ])
        _ = try Imported(folder)
        #expect(folder.names == ["teams.ndjson"])
    }

    @Test func `a summary counts, names the first refusal and the file`() throws {
        let imported = try Imported([
            "teams.ndjson": lines(#"{"code":"aa"}"#, #"{"code":"aa"}"#, #"{}"#)
        ])
        let path = imported.folder.path + "/teams.ndjson"
        #expect(
            imported.summary.tables == [
                ImportSummary.Table(
                    name: "teams", file: path, rows: 1, refused: 2,
                    firstRefusal: ImportRefusal(
                        line: 2, reason: "code: an earlier row has the same value"),
                    errorFile: path + ".errors.ndjson")
            ])
    }
}
