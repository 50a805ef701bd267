import Testing

@testable import Membership

/// What gives occasion to messages, and what keeps them back.
struct OccasionTests {
    private func consent(_ club: ClubFixture, _ member: String, _ granted: Bool = true) throws {
        #expect(
            try club.codes(
                "setConsent",
                """
                memberId: "\(member)", channel: EMAIL, purpose: MARKETING, granted: \(granted), \
                source: WEB, evidence: "ticked the box"
                """) == [])
    }

    /// `name status reason occurrence` of all messages.
    private func messages(_ club: ClubFixture) throws -> [String] {
        let rows = try club.value(
            """
            { messages(orderBy: [{dedupeKey: ASC}]) { nodes {
              member { name } status suppressedReason dedupeKey } } }
            """, at: "messages.nodes")
        return (rows as? [[String: Any]] ?? []).map { row in
            let member = (row["member"] as? [String: Any])?["name"] as? String ?? ""
            let key = row["dedupeKey"] as? String ?? ""
            return [
                member, row["status"] as? String ?? "",
                row["suppressedReason"] as? String ?? "–",
                key.split(separator: "|").dropFirst(2).joined(separator: "|"),
            ].joined(separator: " ")
        }
    }

    // MARK: Renewal

    @Test func `reminders are of a last day: who renewed is told of the new one`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-15T12:00:00Z")
        try club.sell("MONTH", ", durationUnit: MONTH, graceDays: 10")
        let ada = try club.apply(try club.enroll("Ada"), "MONTH")
        _ = try club.start(
            try club.campaign("RENEWAL_REMINDER", "triggers: [{offsetDays: -7}, {offsetDays: 0}]"))
        // The last day is 14 February.
        #expect(try club.runJob("REMINDERS", asOf: "2026-02-07T06:00:00Z") == 1)
        #expect(try club.runJob("REMINDERS", asOf: "2026-02-10T06:00:00Z") == 0)
        try club.set(now: "2026-02-10T12:00:00Z")
        #expect(try club.codes("renewMembership", "id: \"\(ada)\"") == [])
        #expect(try club.runJob("REMINDERS", asOf: "2026-02-14T06:00:00Z") == 0)
        // The last day is 14 March now.
        #expect(try club.runJob("REMINDERS", asOf: "2026-03-07T06:00:00Z") == 1)
        #expect(
            try messages(club) == [
                "Ada QUEUED – mbs_1|\(onDay("2026-02-14"))|-7",
                "Ada QUEUED – mbs_1|\(onDay("2026-03-14"))|-7",
            ])
        try club.check(
            """
            { membership(id: "\(ada)") { remindersSent(orderBy: [{queuedAt: ASC}]) {
              nodes { channel status queuedAt } } } }
            """,
            gives: """
                {"data": {"membership": {"remindersSent": {"nodes": [
                  {"channel": "EMAIL", "status": "QUEUED", "queuedAt": "2026-02-07T06:00:00.000Z"},
                  {"channel": "EMAIL", "status": "QUEUED", "queuedAt": "2026-03-07T06:00:00.000Z"}
                ]}}}}
                """)
    }

    @Test func `whose membership renews by itself is told of the charge, and only before it`()
        throws
    {
        let club = try ClubFixture.withChapters(now: "2026-01-15T12:00:00Z")
        try club.sell("MONTH", ", durationUnit: MONTH, graceDays: 10, autoRenew: true")
        _ = try club.apply(try club.enroll("Ada"), "MONTH")
        _ = try club.start(
            try club.campaign(
                "RENEWAL_REMINDER", "triggers: [{offsetDays: -7}, {offsetDays: 7}]",
                variants: """
                    {key: "RENEW", weight: 100, channel: EMAIL, body: "renew"}, \
                    {key: "CHARGE", weight: 100, channel: EMAIL, body: "we charge", \
                    forAutoRenew: true}
                    """))
        try club.runJob("REMINDERS", asOf: "2026-02-07T06:00:00Z")
        try club.runJob("REMINDERS", asOf: "2026-02-21T06:00:00Z")
        try club.check(
            "{ messages { nodes { variantKey body } } }",
            gives: """
                {"data": {"messages": {"nodes": [
                  {"variantKey": "CHARGE", "body": "we charge"}]}}}
                """)
    }

    @Test func `whose membership was cancelled or has expired is told nothing`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-15T12:00:00Z")
        try club.sell("MONTH", ", durationUnit: MONTH, graceDays: 3")
        let ada = try club.apply(try club.enroll("Ada"), "MONTH")
        _ = try club.apply(try club.enroll("Bo"), "MONTH")
        _ = try club.start(
            try club.campaign(
                "RENEWAL_REMINDER", "triggers: [{offsetDays: -7}, {offsetDays: 7}]"))
        #expect(
            try club.codes("cancelMembership", "id: \"\(ada)\", mode: IMMEDIATE, reason: \"x\"")
                == [])
        try club.runJob("REMINDERS", asOf: "2026-02-07T06:00:00Z")
        try club.set(now: "2026-02-21T05:00:00Z")
        try club.runJob("REMINDERS", asOf: "2026-02-21T06:00:00Z")
        #expect(try messages(club) == ["Bo QUEUED – mbs_2|\(onDay("2026-02-14"))|-7"])
    }

    // MARK: What keeps messages back

    @Test func `FREQUENCY_CAPPED and COOLDOWN: nobody is harassed`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        try consent(club, try club.enroll("Ada"))
        for _ in 1...3 { _ = try club.start(try club.campaign("BROADCAST", "weeklyMax: 2")) }
        #expect(
            try messages(club) == [
                "Ada QUEUED – 1", "Ada QUEUED – 1", "Ada SUPPRESSED FREQUENCY_CAPPED 1",
            ])
        // A week later there is room again.
        try club.set(now: "2026-06-08T10:00:00Z")
        _ = try club.start(try club.campaign("BROADCAST", "weeklyMax: 2"))
        #expect(try messages(club).last == "Ada QUEUED – 1")
    }

    @Test func `COOLDOWN: a second occasion soon after the first is passed over`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        let ada = try club.enroll("Ada", more: #"birthday: "1990-06-03""#)
        try consent(club, ada)
        _ = try club.start(
            try club.campaign(
                "BIRTHDAY", "cooldownDays: 30, triggers: [{offsetDays: -1}, {offsetDays: 0}]"))
        for day in 1...4 { try club.runJob("CAMPAIGN_TICK", asOf: "2026-06-0\(day)T06:00:00Z") }
        #expect(
            try messages(club) == [
                "Ada QUEUED – 2026|-1", "Ada SUPPRESSED COOLDOWN 2026|0",
            ])
    }

    @Test func `MEMBER_STATUS: a suspended member gets nothing`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        let ada = try club.enroll("Ada")
        try consent(club, ada)
        #expect(try club.codes("suspendMember", "id: \"\(ada)\", reason: \"x\"") == [])
        _ = try club.start(try club.campaign("BROADCAST"))
        #expect(try messages(club) == ["Ada SUPPRESSED MEMBER_STATUS 1"])
    }

    @Test func `CONSENT_WITHDRAWN: what is queued is taken back with the consent`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        let ada = try club.enroll("Ada")
        try consent(club, ada)
        _ = try club.start(try club.campaign("BROADCAST"))
        _ = try club.start(try club.campaign("WELCOME"))
        try consent(club, ada, false)
        #expect(
            try messages(club) == [
                "Ada SUPPRESSED CONSENT_WITHDRAWN 1"
            ])
    }

    @Test func `CAMPAIGN_ENDED: what a campaign has not sent is not sent any more`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        try consent(club, try club.enroll("Ada"))
        let id = try club.campaign("BROADCAST")
        _ = try club.start(id)
        #expect(try club.codes("cancelCampaign", "campaignId: \"\(id)\"") == [])
        #expect(try messages(club) == ["Ada SUPPRESSED CAMPAIGN_ENDED 1"])
    }

    @Test func `quiet hours put messages off in the member's own time`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T21:00:00Z")
        try consent(club, try club.enroll("Ada", chapter: "chp_1"))
        try consent(club, try club.enroll("Bo", chapter: "chp_2"))
        _ = try club.start(
            try club.campaign("BROADCAST", "quietFromHour: 22, quietToHour: 8"))
        try club.check(
            "{ messages(orderBy: [{dedupeKey: ASC}]) { nodes { member { name } sendAfter } } }",
            gives: """
                {"data": {"messages": {"nodes": [
                  {"member": {"name": "Ada"}, "sendAfter": "2026-06-02T06:00:00.000Z"},
                  {"member": {"name": "Bo"}, "sendAfter": "2026-06-02T00:00:00.000Z"}]}}}
                """)
    }

    @Test func `COUPON_UNAVAILABLE: a message comes with its coupon or not at all`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        for name in ["Ada", "Bo"] { try consent(club, try club.enroll(name)) }
        let template = try club.text(
            """
            mutation { createCouponTemplate(input: { name: "T", discount: PERCENT_OFF, \
            percentOffBps: 1000, validDays: 30, totalLimit: 1 }) { couponTemplate { id } \
            userErrors { message } } }
            """, at: "createCouponTemplate.couponTemplate.id")
        _ = try club.start(
            try club.campaign(
                "BROADCAST",
                variants: """
                    {key: "A", weight: 100, channel: EMAIL, body: "x", \
                    couponTemplateId: "\(template)"}
                    """))
        #expect(
            try messages(club).map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
                .sorted() == ["QUEUED – 1", "SUPPRESSED COUPON_UNAVAILABLE 1"])
        #expect(try club.number("{ coupons { totalCount } }", at: "coupons.totalCount") == 1)
    }

    // MARK: Occasions of members

    @Test func `who has been quiet is woken up once for each silence`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-10T10:00:00Z")
        let ada = try club.enroll("Ada")
        try consent(club, ada)
        _ = try club.start(try club.campaign("DORMANT_WAKE_UP", "triggers: [{withinDays: 20}]"))
        for day in ["2026-01-20", "2026-02-01", "2026-02-02"] {
            try club.runJob("CAMPAIGN_TICK", asOf: "\(day)T06:00:00Z")
        }
        try club.set(now: "2026-02-03T10:00:00Z")
        #expect(
            try club.codes(
                "recordActivity",
                #"memberId: "\#(ada)", type: LOGIN, at: "2026-02-03T09:00:00Z""#) == [])
        for day in ["2026-02-10", "2026-02-28", "2026-03-10"] {
            try club.runJob("CAMPAIGN_TICK", asOf: "\(day)T06:00:00Z")
        }
        #expect(
            try messages(club) == [
                "Ada QUEUED – \(onDay("2026-01-10"))", "Ada QUEUED – \(onDay("2026-02-03"))",
            ])
    }

    @Test func `who looked and bought nothing within a day is told`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        for name in ["Ada", "Bo"] { try consent(club, try club.enroll(name)) }
        for member in ["mem_1", "mem_2"] {
            #expect(
                try club.codes(
                    "recordActivity",
                    #"memberId: "\#(member)", type: BROWSE, at: "2026-06-01T09:00:00Z""#) == [])
        }
        #expect(
            try club.codes(
                "recordActivity",
                #"memberId: "mem_2", type: PURCHASE, at: "2026-06-01T09:30:00Z""#) == [])
        _ = try club.start(try club.campaign("BROWSED_NOT_BOUGHT"))
        #expect(try club.runJob("CAMPAIGN_TICK", asOf: "2026-06-02T08:00:00Z") == 0)
        #expect(try club.runJob("CAMPAIGN_TICK", asOf: "2026-06-02T10:00:00Z") == 1)
        #expect(try messages(club) == ["Ada QUEUED – \(onDay("2026-06-01"))"])
    }

    @Test func `a campaign to a segment leaves out everybody else`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        for name in ["Ada", "Bo"] { try consent(club, try club.enroll(name)) }
        let segment = try club.text(
            """
            mutation { saveSegment(input: { name: "S", kind: STATIC, memberIds: ["mem_2"] }) \
            { segment { id } userErrors { message } } }
            """, at: "saveSegment.segment.id")
        _ = try club.start(try club.campaign("BROADCAST", "segmentId: \"\(segment)\""))
        #expect(try messages(club) == ["Bo QUEUED – 1"])
    }

    @Test func `those whose points lapse soon, and those close to the next tier, are told`() throws
    {
        let points = try PointsClub(
            now: "2026-01-10T12:00:00Z",
            program: ", expiryPolicy: ROLLING, expiryMonths: 1")
        let club = points.fixture
        for member in [points.member, points.other] { try consent(club, member) }
        #expect(
            try club.codes(
                "earnPoints",
                """
                memberId: "\(points.member)", programId: "\(points.program)", points: 60, \
                reason: "x"
                """) == [])
        _ = try club.start(
            try club.campaign("POINTS_EXPIRING", "triggers: [{withinDays: 10, points: 50}]"))
        _ = try club.start(try club.campaign("NEAR_UPGRADE", "triggers: [{points: 40}]"))
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-01-11T06:00:00Z")
        let count = { try club.number("{ messages { totalCount } }", at: "messages.totalCount") }
        #expect(try count() == 1)
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-02-05T06:00:00Z")
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-02-06T06:00:00Z")
        try club.check(
            "{ messages(orderBy: [{queuedAt: ASC}]) { nodes { member { id } campaign { kind } } } }",
            gives: """
                {"data": {"messages": {"nodes": [
                  {"member": {"id": "\(points.member)"}, "campaign": {"kind": "NEAR_UPGRADE"}},
                  {"member": {"id": "\(points.member)"}, "campaign": {"kind": "POINTS_EXPIRING"}}
                ]}}}
                """)
    }
}
