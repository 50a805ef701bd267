import JSON
import Store
import Testing

@testable import Engine

/// How an export runs: blocks, versions, what ends it before its time.
struct TableRunTests {
    private static let schema = """
        type Thing @table(idPrefix: "thg") { name: String! count: Long! @index
          half: Long @computed(rule: "thing.half") digits: Digits! @computed(rule: "thing.digits")
          parts: [Part!]! @relation(inverse: "thing") }
        type Part @table(idPrefix: "prt") { thing: Thing! @relation weight: Long }
        type Digits { first: Long last: Long all: [Long!]! thing: Thing }
        extend type Query {
          series(length: Int!): [Digits!]! @rule(name: "digits.series")
          squares: [Long!]! @rule(name: "squares") }
        """

    private static let rules = RuleLibrary(
        fields: [Half.self, DigitsOf.self, Series.self, Squares.self])

    private func things(_ rows: JSONValue) throws -> EngineFixture {
        try EngineFixture(Self.schema, rows: rows, rules: Self.rules)
    }

    private func few() throws -> EngineFixture {
        try things([
            "Thing": [
                ["id": "thg_1", "name": "a", "count": 12],
                ["id": "thg_2", "name": "b", "count": 34],
                ["id": "thg_3", "name": "c", "count": 7], ["id": "thg_4", "name": "d", "count": 8],
            ],
            "Part": [
                ["id": "prt_1", "thing": "thg_1", "weight": 1],
                ["id": "prt_2", "thing": "thg_2", "weight": 9_007_199_254_740_991],
                ["id": "prt_3", "thing": "thg_2", "weight": 1], ["id": "prt_4", "thing": "thg_4"],
            ],
        ])
    }

    private func many(_ count: Int) throws -> EngineFixture {
        try things([
            "Thing": .array(
                (0..<count).map {
                    [
                        "id": .string("thg_\($0)"), "name": .string("thing \($0)"),
                        "count": .integer(Int64($0 * 7 % count)),
                    ]
                })
        ])
    }

    // MARK: Rules

    @Test func `what rules answer of a row is flattened`() throws {
        try few().checkTable(
            "{ things(first: 2) { nodes { half digits { __typename last first all thing { name } } name } } }",
            gives: [
                "half,digits.__typename,digits.last,digits.first,digits.all,digits.thing.name,name",
                "6,Digits,2,1,\"[1,2]\",a,a", "17,Digits,4,3,\"[3,4]\",b,b",
            ])
    }

    @Test func `a list that a rule answers is a table`() throws {
        try few().checkTable(
            "{ s: series(length: 3) { last all first } }",
            gives: ["last,all,first", "0,[],", "1,[1],", "2,\"[1,2]\",1"])
        try few().checkTable("{ series(length: 0) { last } }", gives: ["last"])
        try few().checkTable(
            "{ squares }", nil, .ndjson,
            gives: [
                #"{"squares":0}"#, #"{"squares":1}"#, #"{"squares":4}"#,
            ])
    }

    // MARK: Errors

    @Test func `an error of a field ends the table`() throws {
        let query = "{ things(first: 4, offset: 1) { nodes { name half } } }"
        let things = try few()
        let csv = try things.table(query)
        #expect(csv.text == "name,half\r\nb,17\r\n")
        #expect(csv.end == .failed(message: "7 is odd.", rows: 1))
        let lines = try things.table(query, nil, .ndjson)
        #expect(
            lines.text == """
                {"name":"b","half":17}
                {"errors":[{"message":"7 is odd.","locations":[{"line":1,"column":46}],\
                "path":["things","nodes",1,"half"],"extensions":{"code":"BAD_USER_INPUT"}}]}

                """)
        #expect(lines.end == .failed(message: "7 is odd.", rows: 1))
        let rows = try things.table(query, nil, .rows)
        #expect(rows.text == "[\n{\"name\":\"b\",\"half\":17}")
        #expect(rows.end == .failed(message: "7 is odd.", rows: 1))
    }

    @Test func `a sum that no number holds ends the table`() throws {
        let message = "The sum is beyond ±(2^53−1), which a JSON number holds exactly."
        let answer = try few().table(
            "{ things { nodes { name parts { aggregate { sum { weight } } } } } }", nil, .ndjson)
        #expect(
            answer.text == """
                {"name":"a","parts.aggregate.sum.weight":1}
                {"errors":[{"message":"\(message)","locations":[{"line":1,"column":51}],\
                "path":["things","nodes",1,"parts","aggregate","sum","weight"],\
                "extensions":{"code":"BAD_USER_INPUT","hint":"Narrow the filter."}}]}

                """)
        #expect(answer.end == .failed(message: message, rows: 1))
    }

    @Test func `an error of an exploded row says where it is`() throws {
        let answer = try few().table(
            "{ things { nodes { name parts { nodes { weight thing { half } } } count } } }", nil,
            .ndjson, explode: "parts")
        #expect(answer.end == .finished(rows: 5))
        let broken = try things([
            "Thing": [["id": "thg_1", "name": "a", "count": 3]],
            "Part": [
                ["id": "prt_5", "thing": "thg_1", "weight": 1], ["id": "prt_6", "thing": "thg_1"],
            ],
        ]).table(
            "{ parts { nodes { thing { parts { nodes { weight thing { half } } } } } } }", nil,
            .ndjson, explode: "parts")
        #expect(broken.end == .failed(message: "3 is odd.", rows: 0))
        let path = try JSONValue(parsing: broken.text)["errors"]?.elements?.first?["path"]
        #expect(
            path == ["parts", "nodes", 0, "thing", "parts", "nodes", 0, "thing", "half"])
    }

    @Test func `an error before the first line`() throws {
        let answer = try few().table("{ series(length: -1) { last } }", nil, .ndjson)
        #expect(answer.end == .failed(message: "No such length.", rows: 0))
        #expect(
            answer.text == """
                {"errors":[{"message":"No such length.","locations":[{"line":1,"column":3}],\
                "path":["series"],"extensions":{"code":"BAD_USER_INPUT"}}]}

                """)
    }

    @Test func `an export ends with its time`() throws {
        let answer = try many(2_000).table(
            "{ things { nodes { name } } }", nil, .ndjson, deadline: .zero)
        let lines = answer.text.split(separator: "\n")
        let message = "The export took longer than 0.0 seconds."
        #expect(
            lines.last.map(String.init) == """
                {"errors":[{"message":"\(message)","extensions":{"code":"TIMEOUT",\
                "hint":"Narrow the filter, or select fewer fields."}}]}
                """)
        #expect(answer.end == .failed(message: message, rows: lines.count - 1))
        #expect(lines.count < 2_000)
    }

    @Test func `an export ends when nobody reads on`() throws {
        let answer = try many(10_000).table("{ things { nodes { name count } } }", blocksMax: 1)
        #expect(answer.end == .cancelled && answer.blockByteCounts.count == 1)
    }

    // MARK: Blocks

    @Test(arguments: TabularOptions.Format.allCases)
    func `blocks stay small however long the table`(_ format: TabularOptions.Format) throws {
        let count = 20_000
        let things = try many(count)
        let limit = 65_536 + 100
        let inOrder = try things.table("{ things { nodes { name count } } }", nil, format)
        #expect(inOrder.end == .finished(rows: count))
        #expect(inOrder.greatestBlock < limit && inOrder.blockByteCounts.count > 5)
        for order in ["count: ASC", "name: DESC"] {
            let sorted = try things.table(
                "{ things(orderBy: { \(order) }) { nodes { name count } } }", nil, format)
            #expect(sorted.end == .finished(rows: count) && sorted.greatestBlock < limit)
            let first = try things.ask(
                "{ things(orderBy: { \(order) }, first: 1) { nodes { name count } } }")
            let row = first.json?["data"]?["things"]?["nodes"]?.elements?.first
            let line = sorted.text.split(whereSeparator: \.isNewline).dropFirst(
                format == .ndjson ? 0 : 1
            ).first.map(String.init)
            #expect(
                line
                    == (format == .csv
                        ? "\(row?["name"]?.string ?? ""),\(row?["count"]?.description ?? "")"
                        : (row?.description ?? "") + (format == .rows ? "," : "")))
        }
    }

    @Test func `the children of one row fill blocks too`() throws {
        let count = 5_000
        let things = try things([
            "Thing": [["id": "thg_1", "name": "a name that takes a little room", "count": 1]],
            "Part": .array(
                (0..<count).map {
                    ["id": .string("prt_\($0)"), "thing": "thg_1", "weight": .integer(Int64($0))]
                }),
        ])
        let answer = try things.table(
            "{ things { nodes { parts { nodes { weight } } name } } }", explode: "parts")
        #expect(answer.end == .finished(rows: count))
        #expect(answer.greatestBlock < 65_536 + 100 && answer.blockByteCounts.count > 2)
        #expect(
            answer.text == "parts.weight,name\r\n"
                + (0..<count).map { "\($0),a name that takes a little room\r\n" }.joined())
    }

    // MARK: Versions

    @Test func `a table is of one version, and a session makes one after another`() throws {
        let things = try few()
        let session = try #require(TabularSession(context: things.context))
        let query = "{ things { nodes { name } } }"
        let before = try things.table(query, session: session)
        try things.insert("Thing", ["id": "thg_5", "name": "e", "count": 1])
        let after = try things.table(query, session: session)
        #expect(before.text == "name\r\na\r\nb\r\nc\r\nd\r\n")
        #expect(after.text == before.text + "e\r\n")
        // What was refused, or opened and not run, holds nothing.
        #expect(try things.table("{ things { totalCount } }", session: session).end == nil)
        #expect(try things.table(query, session: session).text == after.text)
    }
}

private struct ThingTables: BoundTables {
    let things: RuleTable
    let count: RowField<Int64>

    init(_ binder: RuleBinder) {
        let thing = binder.table("Thing")
        things = thing.table
        count = thing("count")
    }
}

private struct Half: FieldRule {
    static let name = "thing.half"
    let tables: ThingTables

    init(_ binder: RuleBinder) { tables = binder.shared() }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let count = read.data.row(tables.things, read.owner)[tables.count]
        if count % 2 != 0 { throw .refused("\(count) is odd.") }
        return .int(count / 2)
    }
}

private struct DigitsOf: FieldRule {
    static let name = "thing.digits"
    let tables: ThingTables
    let shape: ResultShape

    init(_ binder: RuleBinder) {
        tables = binder.shared()
        shape = binder.output("first", "last", "all", "thing")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let count = read.data.row(tables.things, read.owner)[tables.count]
        return shape.object(
            .int(count / 10), .int(count % 10), .list([.int(count / 10), .int(count % 10)]),
            .row(read.owner))
    }
}

private struct Series: FieldRule {
    static let name = "digits.series"
    let length: InputField<Int>
    let shape: ResultShape

    init(_ binder: RuleBinder) {
        length = binder.input("length")
        shape = binder.output("first", "last", "all")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        if read[length] < 0 { throw .refused("No such length.") }
        return .list(
            (0..<read[length]).map { number in
                shape.object(
                    number < 2 ? .null : .int(1), .int(Int64(number)),
                    .list((0..<number).map { .int(Int64($0 + 1)) }))
            })
    }
}

private struct Squares: FieldRule {
    static let name = "squares"

    init(_ binder: RuleBinder) {}

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        .list((0..<3).map { .int($0 * $0) })
    }
}
