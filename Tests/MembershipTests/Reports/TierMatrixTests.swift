import Testing

@testable import Membership

struct ReportTierMatrixTests {
    @Test func `members are counted by the tier they had on either day`() throws {
        let points = try PointsClub(now: "2026-01-10T12:00:00Z")
        let club = points.fixture
        func earn(_ member: String, _ amount: Int) throws {
            #expect(
                try club.codes(
                    "earnPoints",
                    """
                    memberId: "\(member)", programId: "\(points.program)", points: \(amount), \
                    reason: "x"
                    """) == [])
        }
        // One rises before the first day, one between the two, one joins between them.
        try earn(points.member, 150)
        try club.set(now: "2026-03-10T12:00:00Z")
        try earn(points.other, 1_500)
        _ = try PointsClub.enroll("1003", points.chapter, club)
        try club.check(
            """
            { report { tierMatrix(programId: "\(points.program)", from: "2026-02-01",
              to: "2026-04-01") { from { code } to { code } left members rate } } }
            """,
            gives: """
                {"data": {"report": {"tierMatrix": [
                  {"from": {"code": "BASIC"}, "to": {"code": "GOLD"}, "left": false,
                   "members": 1, "rate": 1},
                  {"from": {"code": "SILVER"}, "to": {"code": "SILVER"}, "left": false,
                   "members": 1, "rate": 1}]}}}
                """)
        try club.check(
            """
            { report { tierMatrix(programId: "\(points.program)", from: "2026-04-01",
              to: "2026-04-01") { from { code } to { code } members rate } } }
            """,
            gives: """
                {"data": {"report": {"tierMatrix": [
                  {"from": {"code": "BASIC"}, "to": {"code": "BASIC"}, "members": 1, "rate": 1},
                  {"from": {"code": "SILVER"}, "to": {"code": "SILVER"}, "members": 1,
                   "rate": 1},
                  {"from": {"code": "GOLD"}, "to": {"code": "GOLD"}, "members": 1, "rate": 1}
                ]}}}
                """)
    }

    @Test func `an unknown program is an error of the field`() throws {
        let club = try ClubFixture.withChapters()
        let answer = try club.run(
            """
            { report { tierMatrix(programId: "prg_9", from: "2026-02-01", to: "2026-04-01") {
              rate } } }
            """)
        #expect(answer.contains("programId: no row has the id prg_9"), "\(answer)")
    }
}
