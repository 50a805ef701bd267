import Testing

@testable import Membership

struct LifecycleJobTests {
    private func night(_ club: ClubFixture, _ job: String, _ asOf: String) throws -> Int64 {
        try club.set(now: asOf)
        return try club.number(
            "mutation { runJob(input: { job: \(job), asOf: \"\(asOf)\" }) { processed } }",
            at: "runJob.processed")
    }

    private func stage(_ club: ClubFixture, _ id: String) throws -> String {
        try club.text("{ member(id: \"\(id)\") { lifecycleStage } }", at: "member.lifecycleStage")
    }

    @Test func `who is silent grows dormant and then is gone; a lapsed membership is gone too`()
        throws
    {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("MONTH", ", durationUnit: MONTH")
        let (quiet, lapsing) = (try club.enroll("Kari"), try club.enroll("Ola"))
        let membership = try club.apply(lapsing, "MONTH")
        #expect(try night(club, "LIFECYCLE", "2026-01-31T12:00:00Z") == 0)
        #expect(try stage(club, quiet) == "REGISTERED")
        #expect(try night(club, "LIFECYCLE", "2026-02-01T12:00:00Z") == 2)
        #expect(try stage(club, quiet) == "DORMANT")
        #expect(try stage(club, lapsing) == "CHURNED")
        #expect(try night(club, "LIFECYCLE", "2026-04-02T12:00:00Z") == 1)
        #expect(try stage(club, quiet) == "CHURNED")
        // Signing in does not give the membership back; renewing it does.
        _ = try club.codes(
            "recordActivity", "memberId: \"\(lapsing)\", type: LOGIN, at: \"2026-04-02T12:00:00Z\"")
        #expect(try stage(club, lapsing) == "CHURNED")
        #expect(try club.codes("renewMembership", "id: \"\(membership)\"") == [])
        #expect(try night(club, "LIFECYCLE", "2026-04-03T12:00:00Z") == 1)
        #expect(try stage(club, lapsing) == "WON_BACK")
        try club.checkStore()
    }

    @Test func `the night fills dynamic segments anew`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        _ = try club.codes(
            "saveSegment",
            "name: \"Dormant\", kind: DYNAMIC, rule: { lifecycleStage: { eq: DORMANT } }")
        _ = try club.enroll("Kari")
        #expect(try night(club, "LIFECYCLE", "2026-02-10T12:00:00Z") == 1)
        try club.check(
            "{ segment(id: \"seg_1\") { memberCount evaluatedAt members { nodes { name } } } }",
            gives: """
                {"data": {"segment": {"memberCount": 1,
                  "evaluatedAt": "2026-02-10T12:00:00.000Z",
                  "members": {"nodes": [{"name": "Kari"}]}}}}
                """)
    }

    @Test func `statuses that the clock keeps leave the nightly job nothing to do`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("MONTH", ", durationUnit: MONTH")
        _ = try club.apply(try club.enroll("Kari"), "MONTH")
        #expect(try night(club, "MEMBERSHIP_STATUS", "2026-03-01T12:00:00Z") == 0)
    }
}
