import Testing

@testable import Engine

struct CSVImportTests {
    private func people(_ text: String, _ fields: String = "name nick") throws -> [String] {
        try Imported([
            "teams.csv": "id,code\n1,ops\n", "people.csv": text,
        ]).rows("people", fields)
    }

    @Test func `cells may be quoted and hold commas, quotes and line ends`() throws {
        let text =
            "name,nick,team\r\n\"a,b\",\"say \"\"hi\"\"\",1\r\n\"two\r\nlines\",plain text,\"1\"\r\n"
        #expect(
            try people(text) == [
                #"{"name":"a,b","nick":"say \"hi\""}"#,
                #"{"name":"two\r\nlines","nick":"plain text"}"#,
            ])
    }

    @Test func `an empty cell is null and a quoted one an empty text`() throws {
        #expect(
            try people("name,nick,team\n\"\",\"\",1\nb,,1\n") == [
                #"{"name":"","nick":""}"#, #"{"name":"b","nick":null}"#,
            ])
    }

    @Test func `where null may not be, an empty cell counts as not given`() throws {
        #expect(
            try people("id,name,team,rank,isOpen\n,a,1,,\n7,b,1,4,false\n", "id rank isOpen") == [
                #"{"id":"per_1","rank":1,"isOpen":true}"#,
                #"{"id":"per_7","rank":4,"isOpen":false}"#,
            ])
    }

    @Test func `values and lists are JSON inside a cell`() throws {
        let text = #"""
            name,team,home,tags,notes,score,total,seenAt,born,color,boss
            a,1,"{""street"":""S 1"",""zip"":5}","[""x"",""y""]","{""k"": null}",1.5e1,-3,2026-01-01T00:00:00Z,2026-02-01,RED,per_1

            """#
        #expect(
            try people(
                text, "home { street zip } tags notes score total seenAt born color bossId") == [
                    #"""
                    {"home":{"street":"S 1","zip":5},"tags":["x","y"],"notes":{"k":null},"score":15,\#
                    "total":-3,"seenAt":"2026-01-01T00:00:00.000Z","born":"2026-02-01","color":"RED",\#
                    "bossId":"per_1"}
                    """#
                ])
    }

    @Test func `line ends, a byte order mark and empty lines do not matter`() throws {
        #expect(
            try people("\u{FEFF}team,name\r\n1,a\n\n\r\n1,b") == [
                #"{"name":"a","nick":null}"#, #"{"name":"b","nick":null}"#,
            ])
    }

    @Test func `a carriage return inside a cell is kept`() throws {
        #expect(
            try people("name,team\na\rb,1\n\"c\r\",1\n") == [
                #"{"name":"a\rb","nick":null}"#, #"{"name":"c\r","nick":null}"#,
            ])
    }

    @Test func `records that are not well-formed are refused one by one`() throws {
        let folder = try ImportFolder(["teams.csv": "id,code\n1,ops\n"])
        let text =
            "name,team,rank,isOpen,home,notes\n\"a\"b,1,,,,\na\"b,1,,,,\na,1\na,1,x,,,\na,1,+5,,,\n"
            + "a,1,,yes,,\na,1,,,{,\na,1,,,,\"\"\n\"two\nlines\",9,,,,\ngood,1,,,,\n\"open,1,,,,\nx"
        try folder.write("people.csv", Array(text.utf8))
        let imported = try Imported(folder)
        #expect(try imported.rows("people", "name") == [#"{"name":"good"}"#])
        #expect(
            folder.read("people.csv.errors.ndjson")
                == lines(
                    #"{"line":2,"reason":"text follows a cell's closing quotation mark","row":"\"a\"b,1,,,,"}"#,
                    #"{"line":3,"reason":"a quotation mark stands inside a cell without any around it","row":"a\"b,1,,,,"}"#,
                    #"{"line":4,"reason":"the line has 2 cells, but the header has 6","row":"a,1"}"#,
                    #"{"line":5,"reason":"rank: expected is an integer from -2147483648 to 2147483647","row":"a,1,x,,,"}"#,
                    #"{"line":6,"reason":"rank: expected is an integer from -2147483648 to 2147483647","row":"a,1,+5,,,"}"#,
                    #"{"line":7,"reason":"isOpen: expected is true or false","row":"a,1,,yes,,"}"#,
                    #"{"line":8,"reason":"home: the text ends inside a value at byte 1","row":"a,1,,,{,"}"#,
                    #"{"line":9,"reason":"notes: the text ends inside a value at byte 0","row":"a,1,,,,\"\""}"#,
                    #"{"line":10,"reason":"team: there is no row \"team_9\" in teams","row":"\"two\nlines\",9,,,,"}"#,
                    #"{"line":13,"reason":"a cell's closing quotation mark is missing","row":"\"open,1,,,,\nx"}"#
                ))
    }

    @Test func `a record that is not UTF-8 is refused`() throws {
        let folder = try ImportFolder()
        try folder.write("teams.csv", Array("code\nok\n".utf8) + [0xFF, 0x41, 0x0A])
        _ = try Imported(folder)
        #expect(
            folder.read("teams.csv.errors.ndjson")
                == lines(
                    #"{"line":3,"reason":"the text is not valid UTF-8","row":"\#u{FFFD}A"}"#))
    }

    @Test func `a header that names no fields refuses the whole file`() throws {
        let cases = [
            "nam,team,xyzxyz\n": """
            F/people.csv:1: there is no field "nam"
              help: did you mean "name"?
            F/people.csv:1: there is no field "xyzxyz"
              help: there are "id", "version", "createdAt", "updatedAt", "name", "nick", \
            "email", "site", "phone", "slug", "mail", "team", "teamId", "boss", "bossId", \
            "rank", "total", "score", "isOpen", "seenAt", "madeAt", "born", "color", "notes", \
            "home", "tags" and "code"
            """,
            "name;team\n": """
            F/people.csv:1: there is no field "name;team"
              help: cells are separated by commas
            """,
            "name,reports,team,teamId\n": """
            F/people.csv:1: "reports" is a list of other rows
              help: give each of those rows the id of this one instead, in their own file
            F/people.csv:1: the field "teamId" stands twice
              help: a relation has two names, such as tier and tierId: give one of them
            """,
            "": """
            F/people.csv:1: the first line must name the columns
              help: cells are separated by commas, as in id,name,email
            """,
            "\"open\n": """
            F/people.csv:1: the first line must name the columns
              help: cells are separated by commas, as in id,name,email
            """,
        ]
        for (text, expected) in cases {
            let folder = try ImportFolder(["people.csv": text, "teams.csv": "code\nok\n"])
            do {
                _ = try Imported(folder)
                Issue.record("the header was taken: \(text)")
            } catch let error as ImportError {
                #expect(error.description.replacing(folder.path, with: "F") == expected)
            }
        }
    }

    @Test func `records across the borders of blocks are read whole`() throws {
        // Longer than two blocks, and of odd lengths, so that borders fall everywhere.
        var text = "code\n"
        var codes: [String] = []
        for number in 0..<1_600 {
            let filler = String(repeating: "\n,\"\"", count: number % 701)
            codes.append("\(number)\(filler)".replacing("\"\"", with: "\""))
            text += "\"\(number)\(filler)\"\r\n"
        }
        let imported = try Imported(
            ["things.csv": text], schema: "type Thing @table { code: String! }")
        #expect(imported.summary.rows == 1_600)
        let answer = try imported.query(
            "{ things(first: 1, offset: 1599) { nodes { code } } }")
        let last = codes[1_599].replacing("\n", with: "\\n").replacing("\"", with: "\\\"")
        #expect(answer == #"{"data":{"things":{"nodes":[{"code":"\#(last)"}]}}}"#)
    }
}
