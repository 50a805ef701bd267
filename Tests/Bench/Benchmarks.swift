import Bytes
import Engine
import GraphQL
import GraphQLLanguage
import Store

extension Benchmark {
    /// Everything that can be measured, in the order in which it is printed.
    static func all(_ club: Club) throws -> [Benchmark] {
        try [
            pointRead(club), relationWalk(club), filter(club), topRows(club), aggregate(club),
        ] + documents(club) + coldRoads(club) + requests(club) + [dryImport(club)]
            + mutations(club)
    }

    // MARK: The store

    /// A row by its id, and every column of it.
    private static func pointRead(_ club: Club) throws -> Benchmark {
        let store = club.context.store
        let table = try club.table("Member")
        let columns = store.columns(of: table.id)
        let ids = club.memberIDs.map { $0.dropFirst(table.idPrefix.count) }.map(String.init)
        guard let reader = store.makeReader() else {
            throw BenchError("the store has no reader left")
        }
        var sum: Int64 = 0
        return Benchmark("point read", items: (columns.count, "columns")) { number in
            reader.withVersion { view in
                guard let ref = store.row(withID: ids[number % ids.count], of: table.id, in: view)
                else { fatalError("no member \(ids[number % ids.count])") }
                let row = view.table(table.id).row(ref)
                for column in columns where !row.isNull(column) {
                    switch column.code {
                    case .bytes: sum &+= Int64(unsafe row.bytes(column).first ?? 0)
                    case .reference: sum &+= Int64(row.reference(column).rawValue)
                    default: sum &+= row.integer(column)
                    }
                }
            }
            return sum == .min ? 1 : 0
        }
    }

    // MARK: One step of an operation each

    /// 1000 members, and what hangs on each of them.
    private static func relationWalk(_ club: Club) throws -> Benchmark {
        let query = """
            query($offset: Int) { members(first: 1000, offset: $offset) {
              nodes { registrations(first: 50) { nodes { status } } } } }
            """
        let offsets = reportOffsets(club)
        let answer = try RequestRoad(club.context).value(query, offsets[0])
        let rows = answer["data"]?["members"]?["nodes"]?.elements ?? []
        let count = rows.reduce(rows.count) {
            $0 + ($1["registrations"]?["nodes"]?.elements?.count ?? 0)
        }
        return try request("relation walk", club, query, offsets, items: (count, "rows"))
    }

    /// A column that no index serves.
    private static func filter(_ club: Club) throws -> Benchmark {
        try request(
            "filter", club,
            "query($n: Int!) { pointsEntries(filter: { balance: { gt: $n } }) { totalCount } }",
            (0..<64).map { "{\"n\":\(1000 + 37 * $0)}" },
            items: (try entryCount(club), "values"))
    }

    /// The greatest few of all rows, by a column that no index serves.
    private static func topRows(_ club: Club) throws -> Benchmark {
        try request(
            "top-k", club,
            "{ pointsEntries(orderBy: [{ delta: DESC }], first: 20) { nodes { id delta } } }",
            ["{}"], items: (try entryCount(club), "rows"))
    }

    private static func aggregate(_ club: Club) throws -> Benchmark {
        try request(
            "aggregate", club, "{ pointsEntries { aggregate { sum { delta } } } }", ["{}"],
            items: (try entryCount(club), "values"))
    }

    private static func entryCount(_ club: Club) throws -> Int {
        let answer = try RequestRoad(club.context).value("{ pointsEntries { totalCount } }", "{}")
        return Int(answer["data"]?["pointsEntries"]?["totalCount"]?.int64 ?? 0)
    }

    // MARK: Documents

    /// What happens to a large document before it is executed. Its id is unknown, so that there is
    /// nothing to execute.
    private static func documents(_ club: Club) throws -> [Benchmark] {
        let text = try club.query("wide")
        let source = Source(text)
        let document = try parse(source)
        let model = club.context.model
        let problems = validate(document, schema: model.schema, codecs: model.codecs)
        guard problems.isEmpty else { throw BenchError("\(problems[0].message)") }
        let byteCount = source.bytes.count

        let bodies = Bodies()
        let variables = "{\"id\":\"\(try club.table("Member").idPrefix)none\"}"
        bodies.append(
            text.replacing("query Wide", with: "query Wide00000000", maxReplacements: 1), variables)
        guard let digits = bodies.offset(of: "00000000") else { return [] }
        let missed = try RequestRoad(club.context)
        return [
            Benchmark("parse") { _ in
                guard (try? parse(source)) != nil else { fatalError("it parsed before") }
                return byteCount
            },
            Benchmark("validate") { _ in
                validate(document, schema: model.schema, codecs: model.codecs).count
            },
            try request("plan hit", club, text, [variables]),
            Benchmark("plan miss") { number in
                bodies.write(number, at: digits)
                return unsafe missed.answer(bodies[0])
            },
        ]
    }

    // MARK: Whole requests

    /// The body's bytes in, the answer's bytes out.
    private static func requests(_ club: Club) throws -> [Benchmark] {
        var random = SeededRandom(seed: 4)
        let members = (0..<65_536).map { number in
            "{\"id\":\"\(club.memberIDs[number % club.memberIDs.count])\"}"
        }
        let pages = "{\"offset\":\(max(0, club.memberIDs.count * 9 / 10))}"
        let tops = (0..<4096).map { _ in
            "{\"city\":\"\(random.pick(club.cities))\",\"min\":\(random.below(3000))}"
        }
        return [
            try request("q1 member", club, try club.query("q1"), members),
            try request("q2 page", club, try club.query("q2"), [pages]),
            try request("q3 report", club, try club.query("q3"), reportOffsets(club)),
            try request("q4 top", club, try club.query("q4"), tops),
            try request("q6 chain", club, try club.query("q6"), members),
        ]
    }

    private static func request(
        _ name: String, _ club: Club, _ query: String, _ variables: [String],
        items: (count: Int, name: String)? = nil
    ) throws -> Benchmark {
        let road = try RequestRoad(club.context)
        let bodies = Bodies()
        for each in variables { bodies.append(query, each) }
        return Benchmark(name, items: items) { unsafe road.answer(bodies[$0]) }
    }

    /// Pages of 1000 members from random places on.
    private static func reportOffsets(_ club: Club) -> [String] {
        var random = SeededRandom(seed: 3)
        return (0..<256).map { _ in
            "{\"offset\":\(random.below(max(1, club.memberIDs.count - 1000)))}"
        }
    }

    // MARK: Import

    /// All files, into a store that is dropped afterwards.
    private static func dryImport(_ club: Club) -> Benchmark {
        let model = club.context.model
        return Benchmark("import", items: (club.rowCount, "rows")) { _ in
            // A store can be filled once, so each operation brings its own.
            let importer = Importer(
                model: model, store: club.context.store, now: Club.now, isDryRun: true)
            guard let summary = try? importer.load(folder: club.dataFolder), summary.refused == 0
            else { fatalError("the files were read before") }
            return 0
        }
    }
}
