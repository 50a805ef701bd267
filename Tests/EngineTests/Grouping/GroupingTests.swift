import Bytes
import Store
import Testing

@testable import Engine

@Suite struct GroupingTests {
    private static let zones = [
        "UTC", "Europe/Oslo", "America/New_York", "Asia/Kathmandu", "Asia/Shanghai",
        "Australia/Adelaide", "Africa/Casablanca",
    ]

    @Test(arguments: 0..<24)
    func `groups are what looking at every row gives`(seed: Int) throws {
        let chance = Chance(seed: UInt64(seed))
        let scores = try ScoreFixture(chance, scoreCount: chance.pick([0, 1, 63, 700, 5_000]))
        for round in 0..<6 {
            try check(scores, chance, "seed \(seed), round \(round)")
        }
    }

    private func check(_ scores: ScoreFixture, _ chance: Chance, _ place: String) throws {
        let request = try request(scores, chance)
        try scores.reader.withVersion { version in
            let table = try scores.table("Score")
            let points = try scores.column("Score", "points")
            var residual: Predicate?
            if chance.percent(50) {
                var draft = PredicateDraft()
                draft.leaf(.integerRange, points, low: -40, high: 200)
                residual = Predicate(draft)
            }
            var naive = NaiveGroups(request, version)
            var refs: [RowRef] = []
            let byRows = chance.percent(30)
            version.table(table.id).forEachRow { row, ref in
                if byRows, ref.rawValue % 3 == 0 { return }
                refs.append(ref)
                if residual != nil, row.isNull(points) || !(-40...200 ~= row.integer(points)) {
                    return
                }
                naive.add(row)
            }
            let list =
                byRows ? scores.rows(table, refs, residual) : scores.pages(table, residual)
            for threads in [1, 3] {
                let meter = WorkMeter()
                let view = MeteredView(version: version, meter: meter, guards: nil)
                let frame = ListFrame(list, of: .none, view)
                let grouped = try #require(
                    frame.grouped(by: request, view, threads: threads, rowsForThreadsMin: 100),
                    "\(place)")
                check(grouped, request, naive, "\(place), \(threads) threads")
                if residual == nil, !byRows {
                    #expect(
                        meter.rowsVisited >= refs.count / 16, "\(place): the rows were not counted")
                }
            }
        }
    }

    private func check(
        _ grouped: GroupTable, _ request: GroupRequest, _ naive: NaiveGroups, _ place: String
    ) {
        #expect(grouped.count == naive.rows.count, "\(place)")
        var seen: Set<[GroupKeyValue]> = []
        for group in 0..<grouped.count {
            let keys = request.keys.indices.map { grouped.key(group, $0) }
            #expect(seen.insert(keys).inserted, "\(place): \(keys) twice")
            guard let rows = naive.rows[keys] else {
                Issue.record("\(place): there is no group \(keys)")
                continue
            }
            #expect(grouped.rowCount(group) == rows.count, "\(place): \(keys)")
            for (index, aggregate) in request.aggregates.enumerated() {
                let expected = ColumnResult(
                    value: naive.result(rows, aggregate), rendering: aggregate.rendering)
                #expect(
                    grouped.result(group, index) == expected,
                    "\(place): \(aggregate.function) in \(keys)")
            }
            for row in rows.prefix(2) {
                #expect(grouped.group(of: row, .none) == group, "\(place): \(keys)")
            }
        }
    }

    private func request(_ scores: ScoreFixture, _ chance: Chance) throws -> GroupRequest {
        let team = try (scores.column("Score", "team"), scores.table("Team").id)
        let region = try (scores.column("Team", "region"), scores.table("Region").id)
        let buckets = DateBucket.allCases
        let candidates: [() throws -> GroupKey] = [
            { GroupKey(column: try scores.column("Score", "team")) },
            { GroupKey(column: try scores.column("Score", "colour")) },
            { GroupKey(column: try scores.column("Score", "won")) },
            { GroupKey(column: try scores.column("Score", "points")) },
            { GroupKey(column: try scores.column("Score", "big")) },
            { GroupKey(column: try scores.column("Score", "weight")) },
            { GroupKey(column: try scores.column("Score", "note")) },
            { GroupKey(column: try scores.column("Score", "at")) },
            { GroupKey(column: try scores.column("Score", "rank")) },
            { GroupKey(column: try scores.column("Score", "at"), bucket: chance.pick(buckets)) },
            { GroupKey(column: try scores.column("Score", "day"), bucket: chance.pick(buckets)) },
            { GroupKey(path: [team], column: try scores.column("Team", "name")) },
            { GroupKey(path: [team], column: try scores.column("Team", "colour")) },
            {
                GroupKey(
                    path: [team], column: try scores.column("Team", "founded"),
                    bucket: chance.pick(buckets))
            },
            { GroupKey(path: [team], column: try scores.column("Team", "region")) },
            { GroupKey(path: [team, region], column: try scores.column("Region", "name")) },
            { GroupKey(path: [team, region], column: try scores.column("Region", "rank")) },
            {
                GroupKey(
                    path: [team, region], column: try scores.column("Region", "since"),
                    bucket: chance.pick(buckets))
            },
        ]
        let numbers = ["points", "big", "weight", "rank"]
        let ordered = numbers + ["note", "at", "day"]
        let all = ordered + ["team", "colour", "won"]
        let aggregates = try (0..<chance.below(5)).map { _ in
            let function = chance.pick(
                [AggregateColumn.Function.countDistinct, .min, .max, .sum, .average])
            let names =
                switch function {
                case .countDistinct: all
                case .min, .max: ordered
                case .sum, .average: numbers
                }
            let name = chance.pick(names)
            return AggregateColumn(
                function: function, column: try scores.column("Score", name),
                rendering: name == "weight" ? .double : .integer)
        }
        return GroupRequest(
            keys: try chance.some(chance.below(4), of: candidates).map { try $0() },
            calendar: calendar(chance.pick(Self.zones)), aggregates: aggregates)
    }

    // MARK: Giving up

    private func grouped(
        limits: GroupLimits = GroupLimits(), threads: Int, _ begin: (WorkMeter) -> Void
    ) throws -> (GroupTable?, WorkMeter) {
        let scores = try ScoreFixture(Chance(seed: 1), scoreCount: 3_000)
        let key = GroupKey(column: try scores.column("Score", "at"))
        let distinct = AggregateColumn(
            function: .countDistinct, column: try scores.column("Score", "at"),
            rendering: .integer)
        let table = try scores.table("Score")
        return scores.reader.withVersion { version in
            let meter = WorkMeter()
            begin(meter)
            let view = MeteredView(version: version, meter: meter, guards: nil)
            var refs: [RowRef] = []
            version.table(table.id).forEachRow { _, ref in refs.append(ref) }
            // One thread looks at rows, several at pages.
            let list =
                threads == 1 ? scores.rows(table, refs, nil) : scores.pages(table, nil)
            let frame = ListFrame(list, of: .none, view)
            let request = GroupRequest(
                keys: [key], calendar: .utc, aggregates: [distinct], limits: limits)
            return (
                frame.grouped(by: request, view, threads: threads, rowsForThreadsMin: 100), meter
            )
        }
    }

    @Test(arguments: [1, 3])
    func `a grouping beyond its budget is given up`(threads: Int) throws {
        let (table, meter) = try grouped(threads: threads) {
            $0.begin(
                budget: 20, deadline: .now + .seconds(100), output: ByteBuffer(),
                answerBytesMax: 1_000)
        }
        #expect(table == nil)
        #expect(meter.abortion == .overBudget)
    }

    @Test(arguments: [1, 3])
    func `a grouping beyond its deadline is given up`(threads: Int) throws {
        let (table, meter) = try grouped(threads: threads) {
            $0.begin(
                budget: .max, deadline: .now - .seconds(1), output: ByteBuffer(),
                answerBytesMax: 1_000)
        }
        #expect(table == nil)
        #expect(meter.abortion == .timeout)
    }

    @Test(arguments: [1, 3])
    func `more groups than allowed are an error`(threads: Int) throws {
        var limits = GroupLimits()
        limits.groupsMax = 100
        let (table, meter) = try grouped(limits: limits, threads: threads) { _ in }
        #expect(table == nil)
        #expect(meter.abortion == .tooManyGroups)
    }

    @Test(arguments: [1, 3])
    func `more different values than allowed are an error`(threads: Int) throws {
        var limits = GroupLimits()
        limits.distinctValuesMax = 1_000
        let (table, meter) = try grouped(limits: limits, threads: threads) { _ in }
        #expect(table == nil)
        #expect(meter.abortion == .tooManyGroups)
    }

    @Test
    func `a client is told that there are too many values`() throws {
        var limits = EngineLimits()
        limits.distinctValuesMax = 2
        let club = try EngineFixture.club(limits)
        let answer = try club.ask("{ members { aggregate { countDistinct { joinedAt } } } }")
        #expect(answer.outcome == .requestError(.tooLarge))
        #expect(answer.text.contains("\"ANSWER_TOO_LARGE\""), "\(answer.text)")
    }
}
