import JSON
import Testing

@testable import Engine

/// What a client can do wrong in a `groupBy`.
@Suite struct GroupErrorTests {
    private let club: EngineFixture

    init() throws { club = try .club() }

    /// The one error of `{ members { groupBy(…) { keys { status } nodes(…) { id } } } }`.
    private func check(
        _ arguments: String, nodes: String = "", _ message: String, hint: String? = nil,
        path: JSONValue = ["members", "groupBy"], column: Int = 13,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var extensions = [JSONValue.Member("code", "BAD_USER_INPUT")]
        if let hint { extensions.append(.init("hint", .string(hint))) }
        let error: JSONValue = [
            "message": .string(message),
            "locations": [["line": 1, "column": .integer(Int64(column))]],
            "path": path, "extensions": .object(extensions),
        ]
        try club.check(
            "{ members { groupBy(\(arguments)) { keys { status } nodes\(nodes) { id } } } }",
            gives: JSONValue.object([.init("errors", [error]), .init("data", nil)]).description,
            sourceLocation: sourceLocation)
    }

    // MARK: by

    @Test func `there is something to group by, once`() throws {
        try check(
            "by: []", "by is empty.",
            hint: "Name what to group by; for all rows together use aggregate.")
        try check(
            "by: [{field: CITY}, {field: STATUS}, {field: CITY}]",
            "by[2].field is CITY, which is in by already.",
            hint:
                "A field is a key once; for another bucket write a second groupBy under an alias.")
        try check(
            "by: [{field: JOINED_AT, bucket: YEAR}, {field: JOINED_AT, bucket: MONTH}]",
            "by[1].field is JOINED_AT, which is in by already.",
            hint:
                "A field is a key once; for another bucket write a second groupBy under an alias.")
        let nine = ["NAME", "EMAIL", "PHONE", "CITY", "STATUS", "TIER", "JOINED_AT", "CREATED_AT"]
            .map { "{field: \($0)}" }
        try check(
            "by: [\(nine.joined(separator: ", ")), {field: UPDATED_AT}]",
            "by has 9 elements; at most 8 are allowed.")
    }

    @Test func `buckets are for dates and times`() throws {
        try check(
            "by: [{field: STATUS}, {field: CITY, bucket: MONTH}]",
            "by[1].bucket is MONTH, but CITY is neither a date nor a time.",
            hint: "Leave bucket out; it is for CREATED_AT, UPDATED_AT and JOINED_AT.")
        let notes = try EngineFixture("type Note @table { day: Date }")
        try notes.check(
            "{ notes { groupBy(by: [{field: DAY, bucket: HOUR}]) { keys { day } } } }",
            gives:
                #"{"errors":[{"message":"by[0].bucket is HOUR, but DAY is a date, which has no hours.","locations":[{"line":1,"column":11}],"path":["notes","groupBy"],"extensions":{"code":"BAD_USER_INPUT","hint":"Use DAY or a longer one."}}],"data":null}"#
        )
    }

    @Test func `time zones have names`() throws {
        for zone in ["Europe/Olso", "CET", "+01:00", "", "europe/oslo "] {
            try check(
                "by: [{field: JOINED_AT, bucket: DAY}], timeZone: \"\(zone)\"",
                "timeZone is \"\(zone)\", which is no time zone.",
                hint: "Give a name of the IANA Time Zone Database, such as \"Europe/Oslo\" or "
                    + "\"UTC\".")
        }
    }

    // MARK: Sizes

    @Test func `an answer has so many groups, and a group so many rows`() throws {
        let by = "by: [{field: STATUS}]"
        try check("\(by), first: -1", "first is -1; it cannot be negative.")
        try check(
            "\(by), first: 10001", "first is 10001; an answer has at most 10000 groups.",
            hint: "Ask for less, or narrow the filter.")
        let path: JSONValue = ["members", "groupBy", 0, "nodes"]
        try check(
            by, nodes: "(first: -1)", "first is -1; it cannot be negative.", path: path, column: 62)
        try check(
            by, nodes: "(first: 101)",
            "first is 101; an answer has at most 100 rows of each group.",
            hint: "Ask for less, or narrow the filter.", path: path, column: 62)
        try club.check(
            "{ members { groupBy(\(by), first: 10000, having: {count: {gt: 9}}) { nodes(first: -1) { id } } } }",
            gives: #"{"data":{"members":{"groupBy":[]}}}"#)
    }

    // MARK: having

    @Test func `having has conditions`() throws {
        func having(_ having: String, _ message: String, hint: String? = nil) throws {
            try check("by: [{field: STATUS}], having: {\(having)}", message, hint: hint)
        }
        let absent =
            "Give one, or leave the field out; a variable that is absent leaves it empty."
        try having("count: null", "having.count is null.", hint: "Leave it out.")
        try having("count: {}", "having.count has no operator.", hint: absent)
        try having(
            "count: {gte: null}", "having.count.gte is null.",
            hint: "To find rows without a value use isNull: true.")
        try having("sum: {}", "having.sum has no condition.", hint: "Leave it out.")
        try having(
            "sum: {pointsBalance: null}", "having.sum.pointsBalance is null.",
            hint: "Leave it out.")
        try having(
            "avg: {pointsBalance: {}}", "having.avg.pointsBalance has no operator.", hint: absent)
        try having("avg: null", "having.avg is null.", hint: "Leave it out.")
    }

    // MARK: orderBy

    @Test func `each element of orderBy has one thing`() throws {
        func order(_ order: String, _ message: String, hint: String? = nil) throws {
            try check("by: [{field: STATUS}], orderBy: [\(order)]", message, hint: hint)
        }
        let oneThing = "Name one thing, like {key: CREATED_AT, direction: DESC} or {count: DESC}."
        try order("{}", "orderBy[0] has no key.", hint: oneThing)
        try order("{count: ASC}, {direction: ASC}", "orderBy[1] has no key.", hint: oneThing)
        try order(
            "{count: ASC, key: STATUS}", "orderBy[0] has 2 keys.",
            hint: "Give one in each element: [{sum: {…}}, {count: DESC}].")
        try order(
            "{count: ASC, direction: DESC}", "orderBy[0].direction stands beside count.",
            hint: "It is the direction of a key; write {count: DESC} without it.")
        try order(
            "{key: CITY}", "orderBy[0].key is CITY, which is not in by.",
            hint: "The groups have STATUS.")
        try order("{key: null}", "orderBy[0].key is null.", hint: "Name one of by.")
        try order(
            "{key: STATUS, direction: null}", "orderBy[0] has a null direction.",
            hint: "Use ASC or DESC.")
        try order("{count: null}", "orderBy[0] has a null direction.", hint: "Use ASC or DESC.")
        try order("{sum: {}}", "orderBy[0].sum has no key.", hint: "Name one field of it.")
        try order("{sum: null}", "orderBy[0].sum has no key.", hint: "Name one field of it.")
        try order(
            "{avg: {pointsBalance: null}}", "orderBy[0].avg.pointsBalance has a null direction.",
            hint: "Use ASC or DESC.")
    }

    // MARK: Sums

    @Test func `a sum beyond what JSON numbers hold is an error in its place`() throws {
        let most = 9_007_199_254_740_991
        let accounts = try EngineFixture(
            "type Account @table { kind: String! amount: Long! rank: Int }",
            rows: [
                "Account": [
                    ["id": "account_1", "kind": "a", "amount": .integer(Int64(most))],
                    ["id": "account_2", "kind": "b", "amount": .integer(Int64(most))],
                    ["id": "account_3", "kind": "b", "amount": 1],
                ]
            ])
        try accounts.check(
            "{ accounts { groupBy(by: [{field: KIND}]) { keys { kind } aggregate { sum { amount } max { amount } } } } }",
            gives:
                #"{"errors":[{"message":"The sum is beyond ±(2^53−1), which a JSON number holds exactly.","locations":[{"line":1,"column":77}],"path":["accounts","groupBy",1,"aggregate","sum","amount"],"extensions":{"code":"BAD_USER_INPUT","hint":"Narrow the filter."}}],"data":{"accounts":{"groupBy":[{"keys":{"kind":"a"},"aggregate":{"sum":{"amount":9007199254740991},"max":{"amount":9007199254740991}}},{"keys":{"kind":"b"},"aggregate":{"sum":{"amount":null},"max":{"amount":9007199254740991}}}]}}}"#
        )
        try accounts.check(
            "{ accounts { groupBy(by: [{field: KIND}], orderBy: [{avg: {amount: ASC, rank: ASC}}]) { keys { kind } } } }",
            gives:
                #"{"errors":[{"message":"orderBy[0].avg has 2 keys.","locations":[{"line":1,"column":14}],"path":["accounts","groupBy"],"extensions":{"code":"BAD_USER_INPUT","hint":"Give one in each element of orderBy."}}],"data":null}"#
        )
        for argument in ["having: {sum: {amount: {gt: 0}}}", "orderBy: [{sum: {amount: DESC}}]"] {
            try accounts.check(
                "{ accounts { groupBy(by: [{field: KIND}], \(argument)) { keys { kind } } } }",
                gives:
                    #"{"errors":[{"message":"The groups cannot be compared by sum.amount: of one it is beyond ±(2^53−1), which a JSON number holds exactly.","locations":[{"line":1,"column":14}],"path":["accounts","groupBy"],"extensions":{"code":"BAD_USER_INPUT","hint":"Narrow the filter."}}],"data":null}"#
            )
        }
    }

    // MARK: The schema

    @Test func `two keys cannot have one name`() {
        expectProblems(
            of: """
                type Tier @table {
                  kind: Kind!
                  "Never a key over a relation."
                  name: String!
                }
                type Member @table {
                  tierName: String!
                  tierKind: Kind!
                  tier: Tier! @relation
                  otherURL: String
                  otherUrl: String
                }
                enum Kind { A B }
                """,
            """
            a.graphql:9:3: error: the key TIER_KIND of groups of "Member" would be two things: "tierKind" and "tier.kind"
              help: give one of the fields another name
            a.graphql:11:3: error: the key OTHER_URL of groups of "Member" would be two things: "otherURL" and "otherUrl"
              help: give one of the fields another name
            """)
    }

    @Test func `names of enum values are in capitals`() {
        let names = [
            "joinedAt": "JOINED_AT", "tier": "TIER", "smsURLCount": "SMS_URL_COUNT",
            "externalID": "EXTERNAL_ID", "utm2Source": "UTM2_SOURCE", "a_b": "A_B",
            "point_X": "POINT_X", "aB": "A_B", "SMS": "SMS",
        ]
        for (name, value) in names { #expect(Naming.constant(name) == value) }
    }
}
