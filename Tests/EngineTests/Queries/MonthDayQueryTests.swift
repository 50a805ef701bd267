import JSON
import Testing

@testable import Engine

/// Days of the year, whatever the year.
@Suite struct MonthDayQueryTests {
    private static let schema = """
        type Home @table(idPrefix: "home") { name: String! }
        type Member @table(idPrefix: "mem") @index(fields: ["birthday"], kind: MONTH_DAY)
          @index(fields: ["home", "birthday"], kind: MONTH_DAY) {
          name: String!
          birthday: Date
          joined: Date
          home: Home @relation
          life: Life
        }
        type Life { born: Date }
        """

    private static let days = [
        "1990-12-31", "1991-01-01", "1992-02-29", "1993-03-01", "1994-02-28", "1995-07-04",
        "1996-07-04", "2000-12-25",
    ]

    private let fixture: EngineFixture

    init() throws {
        let members = Self.days.enumerated().map { number, day in
            JSONValue.object([
                .init("id", .string("mem_\(number)")), .init("name", .string("M\(number)")),
                .init("birthday", .string(day)), .init("joined", .string(day)),
                .init("home", .string("home_\(number % 2)")),
                .init("life", .object([.init("born", .string(day))])),
            ])
        }
        let nobody: JSONValue = ["id": "mem_none", "name": "None"]
        fixture = try EngineFixture(
            Self.schema,
            rows: [
                "Home": [["id": "home_0", "name": "A"], ["id": "home_1", "name": "B"]],
                "Member": .array(members + [nobody]),
            ])
    }

    @Test(arguments: [
        (#"{eq: "07-04"}"#, [5, 6]),
        (#"{eq: "02-29"}"#, [2]),
        (#"{eq: "02-28"}"#, [4]),
        (#"{in: ["12-31", "01-01", "12-31", "06-01"]}"#, [0, 1]),
        (#"{in: []}"#, []),
        (#"{gte: "02-28", lte: "03-01"}"#, [2, 3, 4]),
        (#"{gte: "12-25", lte: "01-01"}"#, [0, 1, 7]),
        (#"{gte: "12-26", lte: "12-25"}"#, [0, 1, 2, 3, 4, 5, 6, 7]),
        (#"{lte: "01-31"}"#, [1]),
        (#"{gte: "12-26"}"#, [0]),
        (#"{gte: "01-01", in: ["03-01"], lte: "12-31"}"#, [3]),
    ])
    func `days of the year are found, by an index and without`(test: (String, [Int])) throws {
        let expected = JSONValue.array(test.1.map { .object([.init("id", .string("mem_\($0)"))]) })
        for filter in [
            "birthday: {monthDay: \(test.0)}", "joined: {monthDay: \(test.0)}",
            "life: {born: {monthDay: \(test.0)}}",
            "not: {not: {birthday: {monthDay: \(test.0)}}}",
        ] {
            let answer = try fixture.ask("{ members(filter: {\(filter)}) { nodes { id } } }")
            #expect(answer.json?["data"]?["members"]?["nodes"] == expected, "\(answer.text)")
        }
    }

    @Test func `the index serves them, alone and beside another column`() throws {
        func source(_ arguments: String) throws -> String {
            var traces: [ListTrace] = []
            let answer = try fixture.ask("{ members(\(arguments)) { totalCount nodes { id } } }") {
                traces.append($0)
            }
            let trace = try #require(traces.first, "\(answer.text)")
            return trace.source + (trace.isFiltered ? ", filtered" : "")
        }
        let march = #"birthday: {monthDay: {gte: "03-01", lte: "03-31"}}"#
        let winter = #"birthday: {monthDay: {gte: "12-01", lte: "02-29"}}"#
        #expect(try source("filter: {\(march)}") == "Member(birthday by month and day)")
        #expect(
            try source("filter: {\(winter)}") == "Member(birthday by month and day), 2 ranges")
        #expect(
            try source("filter: {\(march), homeId: {eq: \"home_1\"}}")
                == "Member(home, birthday by month and day)")
        // Neither ranges of whole dates nor their order are those of this index.
        #expect(
            try source("filter: {birthday: {lt: \"1992-01-01\"}}") == "Member(creation), filtered")
        #expect(try source("orderBy: [{birthday: ASC}]") == "Member scan")
    }

    @Test func `the filter of dates has the operator, and that of times has not`() {
        #expect(
            fixture.model.printed("input DateFilter").hasSuffix(
                """
                  "The day of the year, whatever the year."
                  monthDay: MonthDayFilter
                  "True: only null. False: only values."
                  isNull: Boolean
                }
                """))
        #expect(
            fixture.model.printed("input MonthDayFilter") == """
                "Months and days: 03-31. With gte later than lte the range goes over the new year."
                input MonthDayFilter {
                  eq: String
                  in: [String!]
                  gte: String
                  lte: String
                }
                """)
        #expect(!fixture.model.printed("input DateTimeFilter").contains("monthDay"))
    }

    @Test(arguments: [
        (#"{eq: "02-30"}"#, #"filter.birthday.monthDay.eq is "02-30", which is no day of a year."#),
        (#"{in: ["3-1"]}"#, #"filter.birthday.monthDay.in is "3-1", which is no day of a year."#),
        ("{}", "filter.birthday.monthDay has no operator."),
        ("null", "filter.birthday.monthDay is null."),
        ("{gte: null}", "filter.birthday.monthDay.gte is null."),
    ])
    func `what is no day of a year is told`(test: (String, String)) throws {
        let answer = try fixture.ask(
            "{ members(filter: {birthday: {monthDay: \(test.0)}}) { totalCount } }")
        #expect(answer.json?["errors"]?.elements?.first?["message"] == .string(test.1))
    }

    @Test func `only dates have an index by month and day`() {
        expectProblems(
            of: """
                type Tier @table @index(fields: ["day", "level"], kind: MONTH_DAY) {
                  name: String! @index(kind: MONTH_DAY)
                  day: Date @index(kind: MONTH_DAY)
                  level: Int!
                  at: DateTime! @index(kind: MONTH_DAY)
                  members: [Member!]! @relation(inverse: "tier")
                }
                type Member @table { tier: Tier @index(kind: MONTH_DAY) }
                """,
            """
            a.graphql:1:18: error: "kind: MONTH_DAY" is for a field of type "Date", or the last of several
              help: remove "kind" to keep the rows in the order of values
            a.graphql:2:17: error: "kind: MONTH_DAY" is for a field of type "Date", or the last of several
              help: remove "kind" to keep the rows in the order of values
            a.graphql:5:17: error: "kind: MONTH_DAY" is for a field of type "Date", or the last of several
              help: remove "kind" to keep the rows in the order of values
            a.graphql:8:33: error: "kind: MONTH_DAY" is for a field of type "Date", or the last of several
              help: remove "kind" to keep the rows in the order of values
            """)
    }
}
