import Testing

@testable import Membership

@Suite struct NightlyOrderTests {
    private let day = NightlyOrder.dayMilliseconds

    @Test func `the first run of a job looks at one moment`() {
        #expect(NightlyOrder.moments(after: nil, upTo: 5 * day) == [5 * day])
    }

    @Test func `a run of the next day looks at that day alone`() {
        #expect(NightlyOrder.moments(after: 5 * day, upTo: 6 * day) == [6 * day])
        #expect(NightlyOrder.moments(after: 5 * day, upTo: 5 * day + 1) == [5 * day + 1])
    }

    @Test func `days that were missed are caught up with one after the other`() {
        #expect(
            NightlyOrder.moments(after: 5 * day, upTo: 8 * day + 7)
                == [5 * day + 7, 6 * day + 7, 7 * day + 7, 8 * day + 7])
        #expect(
            NightlyOrder.moments(after: 5 * day, upTo: 8 * day) == [6 * day, 7 * day, 8 * day])
    }

    @Test func `a moment of the past has nothing to do`() {
        #expect(NightlyOrder.moments(after: 5 * day, upTo: 5 * day) == [])
        #expect(NightlyOrder.moments(after: 5 * day, upTo: 4 * day) == [])
    }

    @Test func `more than a year is too much for one run`() {
        #expect(NightlyOrder.moments(after: 0, upTo: 366 * day)?.count == 366)
        #expect(NightlyOrder.moments(after: 0, upTo: 366 * day + 1) == nil)
        #expect(NightlyOrder.moments(after: .min, upTo: .max) == nil)
    }

    @Test func `a night is over at two o'clock and comes once`() {
        let two: Int64 = 2 * 3_600_000
        #expect(NightlyOrder.night(after: nil, upTo: 9 * day + two) == 9 * day + two)
        #expect(NightlyOrder.night(after: nil, upTo: 9 * day + two - 1) == 8 * day + two)
        #expect(NightlyOrder.night(after: 9 * day + two, upTo: 10 * day + two - 1) == nil)
        #expect(NightlyOrder.night(after: 9 * day + two, upTo: 10 * day + two) == 10 * day + two)
        // After days without a server, one after the other; a run by hand counts for its night.
        #expect(NightlyOrder.night(after: 5 * day + two, upTo: 9 * day) == 6 * day + two)
        #expect(NightlyOrder.night(after: 5 * day + 9 * two, upTo: 9 * day) == 6 * day + two)
    }

    @Test func `the schedule runs each night's jobs once, and catches up night by night`() throws {
        let club = try ClubFixture(now: "2026-03-01T12:00:00Z")
        let runs = "{ jobRuns { totalCount } }"
        let jobs = Int64(NightlyOrder.jobs.count)
        club.runSchedule()
        #expect(try club.number(runs, at: "jobRuns.totalCount") == jobs)
        club.runSchedule()
        #expect(try club.number(runs, at: "jobRuns.totalCount") == jobs)
        club.advance(days: 3)
        for night in 2...4 as ClosedRange<Int64> {
            club.runSchedule()
            #expect(try club.number(runs, at: "jobRuns.totalCount") == night * jobs)
        }
        club.runSchedule()
        #expect(try club.number(runs, at: "jobRuns.totalCount") == 4 * jobs)
        #expect(
            try club.text("{ jobRuns(last: 1) { nodes { asOf } } }", at: "jobRuns.nodes.0.asOf")
                == "2026-03-04T02:00:00.000Z")
    }

    @Test func `no job is there twice`() {
        let names = NightlyOrder.jobs.map { $0.name }
        #expect(Set(names).count == names.count)
    }
}

@Suite struct RunJobTests {
    private static let runs = "{ jobRuns(orderBy: [{asOf: ASC}]) { nodes { job asOf processed } } }"

    private func run(_ job: String, asOf: String) -> String {
        """
        mutation { runJob(input: {job: \(job), asOf: "\(asOf)"}) {
          runs { job asOf processed } processed userErrors { code path } } }
        """
    }

    @Test func `a job runs once for a moment, and answers the same the second time`() throws {
        let club = try ClubFixture()
        let answer = """
            {"data": {"runJob": {"processed": 0, "userErrors": [], "runs": [
              {"job": "CAMPAIGN_TICK", "asOf": "2026-06-30T00:00:00.000Z", "processed": 0}]}}}
            """
        let document = run("CAMPAIGN_TICK", asOf: "2026-06-30T00:00:00Z")
        try club.check(document, gives: answer)
        try club.check(document, gives: answer)
        try club.check(
            Self.runs,
            gives: """
                {"data": {"jobRuns": {"nodes": [
                  {"job": "CAMPAIGN_TICK", "asOf": "2026-06-30T00:00:00.000Z",
                   "processed": 0}]}}}
                """)
    }

    @Test func `a job catches up day by day`() throws {
        let club = try ClubFixture()
        _ = try club.run(run("CAMPAIGN_TICK", asOf: "2026-06-27T00:00:00Z"))
        try club.check(
            run("CAMPAIGN_TICK", asOf: "2026-06-30T00:00:00Z"),
            gives: """
                {"data": {"runJob": {"processed": 0, "userErrors": [], "runs": [
                  {"job": "CAMPAIGN_TICK", "asOf": "2026-06-28T00:00:00.000Z", "processed": 0},
                  {"job": "CAMPAIGN_TICK", "asOf": "2026-06-29T00:00:00.000Z", "processed": 0},
                  {"job": "CAMPAIGN_TICK", "asOf": "2026-06-30T00:00:00.000Z", "processed": 0}
                ]}}}
                """)
    }

    @Test func `INVALID: a job does not go back`() throws {
        let club = try ClubFixture()
        _ = try club.run(run("CAMPAIGN_TICK", asOf: "2026-06-30T00:00:00Z"))
        try club.check(
            run("CAMPAIGN_TICK", asOf: "2026-06-29T00:00:00Z"),
            gives: """
                {"data": {"runJob": {"processed": null, "runs": [],
                  "userErrors": [{"code": "INVALID", "path": ["input", "asOf"]}]}}}
                """)
    }
}
