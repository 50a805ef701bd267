import Testing

@testable import Membership

extension ClubFixture {
    /// A campaign's id.
    func campaign(_ kind: String, _ more: String = "", variants: String? = nil) throws -> String {
        let versions = variants ?? #"{ key: "A", weight: 100, channel: EMAIL, body: "Hi {name}" }"#
        return try text(
            """
            mutation { saveCampaign(input: { name: "\(kind)", kind: \(kind), \
            variants: [\(versions)] \(more) }) \
            { campaign { id } userErrors { code message path } } }
            """, at: "saveCampaign.campaign.id")
    }

    /// The new status.
    func start(_ campaign: String) throws -> String {
        try text(
            """
            mutation { startCampaign(input: {campaignId: "\(campaign)"}) \
            { campaign { status } userErrors { code message } } }
            """, at: "startCampaign.campaign.status")
    }

    /// How many rows the job changed.
    @discardableResult
    func runJob(_ job: String, asOf: String) throws -> Int64 {
        try number(
            """
            mutation { runJob(input: {job: \(job), asOf: "\(asOf)"}) \
            { processed userErrors { code message } } }
            """, at: "runJob.processed")
    }
}

struct CampaignTests {
    private static let messages = """
        { messages(orderBy: [{dedupeKey: ASC}]) { nodes {
          member { name } variantKey status suppressedReason dedupeKey sendAfter } } }
        """

    @Test func `a campaign is written, and written anew as a whole`() throws {
        let club = try ClubFixture.withChapters()
        let id = try club.campaign("BIRTHDAY", "controlPct: 10, goal: PURCHASE")
        let saved = """
            mutation { saveCampaign(input: { id: "\(id)", name: "Birthdays", kind: BIRTHDAY, \
            triggers: [{offsetDays: -3}, {offsetDays: 0}], \
            variants: [{key: "A", weight: 40, channel: SMS, body: "a"}, \
            {key: "B", weight: 60, channel: PUSH, subject: "S", body: "b"}] }) \
            { campaign { name status controlPct testPct goal attributionHours cooldownDays \
              triggers { offsetDays withinDays points } \
              variants { key weight channel subject body couponTemplate { name } } } \
              userErrors { code message path } } }
            """
        try club.check(
            saved,
            gives: """
                {"data": {"saveCampaign": {"userErrors": [], "campaign": {
                  "name": "Birthdays", "status": "DRAFT", "controlPct": 0, "testPct": 100,
                  "goal": null, "attributionHours": 72, "cooldownDays": 0,
                  "triggers": [
                    {"offsetDays": -3, "withinDays": null, "points": null},
                    {"offsetDays": 0, "withinDays": null, "points": null}],
                  "variants": [
                    {"key": "A", "weight": 40, "channel": "SMS", "subject": null, "body": "a",
                     "couponTemplate": null},
                    {"key": "B", "weight": 60, "channel": "PUSH", "subject": "S", "body": "b",
                     "couponTemplate": null}]}}}}
                """)
        #expect(
            try club.number("{ campaigns { totalCount } }", at: "campaigns.totalCount") == 1)
    }

    @Test func `all that is wrong with a campaign is told at once`() throws {
        let club = try ClubFixture.withChapters()
        try club.check(
            """
            mutation { saveCampaign(input: { name: " ", kind: EVENT_INVITE, controlPct: 51, \
            testPct: 4, quietFromHour: 22, endsAt: "2026-06-30T12:00:00Z", \
            variants: [{key: "A", weight: 40, channel: SMS, body: " "}, \
            {key: "A", weight: 50, channel: SMS, body: "x", forAutoRenew: true}] }) \
            { campaign { id } userErrors { code path } } }
            """,
            gives: """
                {"data": {"saveCampaign": {"campaign": null, "userErrors": [
                  {"code": "REQUIRED", "path": ["input", "name"]},
                  {"code": "REQUIRED", "path": ["input", "eventId"]},
                  {"code": "INVALID", "path": ["input", "controlPct"]},
                  {"code": "INVALID", "path": ["input", "testPct"]},
                  {"code": "INVALID", "path": ["input", "quietToHour"]},
                  {"code": "INVALID", "path": ["input", "endsAt"]},
                  {"code": "REQUIRED", "path": ["input", "variants", "0", "body"]},
                  {"code": "INVALID", "path": ["input", "variants", "1", "key"]},
                  {"code": "INVALID", "path": ["input", "variants", "1", "forAutoRenew"]},
                  {"code": "INVALID", "path": ["input", "variants"]},
                  {"code": "INVALID", "path": ["input", "variants"]}]}}}
                """)
    }

    @Test func `CAMPAIGN_NOT_EDITABLE: a running campaign is neither written nor started again`()
        throws
    {
        let club = try ClubFixture.withChapters()
        let id = try club.campaign("WELCOME")
        #expect(try club.start(id) == "RUNNING")
        #expect(
            try club.errorCodes(
                """
                mutation { saveCampaign(input: { id: "\(id)", name: "x", kind: WELCOME, \
                variants: [{key: "A", weight: 100, channel: SMS, body: "a"}] }) \
                { userErrors { code } } }
                """, of: "saveCampaign") == ["CAMPAIGN_NOT_EDITABLE"])
        #expect(
            try club.errorCodes(
                """
                mutation { startCampaign(input: {campaignId: "\(id)"}) { userErrors { code } } }
                """, of: "startCampaign") == ["CAMPAIGN_NOT_EDITABLE"])
    }

    @Test func `a campaign to nobody is allowed`() throws {
        let club = try ClubFixture.withChapters()
        #expect(try club.start(try club.campaign("BROADCAST")) == "RUNNING")
        try club.check(Self.messages, gives: #"{"data": {"messages": {"nodes": []}}}"#)
    }

    @Test func `I8: offers need consent to marketing, a welcome does not`() throws {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll("Ada")
        _ = try club.start(try club.campaign("BROADCAST"))
        _ = try club.start(try club.campaign("WELCOME"))
        try club.set(now: "2026-06-30T13:00:00Z")
        _ = try club.enroll("Bo")
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-07-01T00:00:00Z")
        try club.check(
            Self.messages,
            gives: """
                {"data": {"messages": {"nodes": [
                  {"member": {"name": "Ada"}, "variantKey": "A", "status": "SUPPRESSED",
                   "suppressedReason": "CONSENT_MISSING", "dedupeKey": "cmp_1|mem_1|1",
                   "sendAfter": null},
                  {"member": {"name": "Ada"}, "variantKey": "A", "status": "QUEUED",
                   "suppressedReason": null, "dedupeKey": "cmp_2|mem_1|joined",
                   "sendAfter": null},
                  {"member": {"name": "Bo"}, "variantKey": "A", "status": "QUEUED",
                   "suppressedReason": null, "dedupeKey": "cmp_2|mem_2|joined",
                   "sendAfter": null}]}}}
                """)
    }

    @Test func `I41: one message for each occasion, however often the day is looked at`() throws {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll("Ada", more: #"birthday: "1990-07-02""#)
        let id = try club.campaign(
            "BIRTHDAY", "triggers: [{offsetDays: -1}, {offsetDays: 0}]")
        _ = try club.start(id)
        #expect(try club.runJob("CAMPAIGN_TICK", asOf: "2026-06-30T06:00:00Z") == 0)
        #expect(try club.runJob("CAMPAIGN_TICK", asOf: "2026-07-04T06:00:00Z") == 2)
        #expect(try club.runJob("CAMPAIGN_TICK", asOf: "2026-07-04T06:00:01Z") == 0)
        try club.check(
            "{ messages(orderBy: [{queuedAt: ASC}]) { nodes { dedupeKey queuedAt } } }",
            gives: """
                {"data": {"messages": {"nodes": [
                  {"dedupeKey": "cmp_1|mem_1|2026|-1", "queuedAt": "2026-07-01T06:00:00.000Z"},
                  {"dedupeKey": "cmp_1|mem_1|2026|0", "queuedAt": "2026-07-02T06:00:00.000Z"}
                ]}}}
                """)
    }

    @Test func `a scheduled campaign begins and ends by itself`() throws {
        let club = try ClubFixture.withChapters()
        let id = try club.campaign(
            "WELCOME",
            #"startsAt: "2026-07-02T00:00:00Z", endsAt: "2026-07-05T00:00:00Z""#)
        #expect(try club.start(id) == "SCHEDULED")
        let status = #"{ campaign(id: "\#(id)") { status startedAt } }"#
        func isNow(_ text: String, _ started: String?) throws {
            let time = started.map { "\"\($0)\"" } ?? "null"
            try club.check(
                status,
                gives: #"{"data": {"campaign": {"status": "\#(text)", "startedAt": \#(time)}}}"#)
        }
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-07-01T00:00:00Z")
        try isNow("SCHEDULED", nil)
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-07-02T00:00:00Z")
        try isNow("RUNNING", "2026-07-02T00:00:00.000Z")
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-07-05T00:00:00Z")
        try isNow("FINISHED", "2026-07-02T00:00:00.000Z")
    }

    @Test func `INVALID_TRANSITION: only what is sending can pause, and what is over stays so`()
        throws
    {
        let club = try ClubFixture.withChapters()
        let id = try club.campaign("WELCOME")
        func act(_ name: String) throws -> [String] {
            try club.errorCodes(
                "mutation { \(name)(input: {campaignId: \"\(id)\"}) { userErrors { code } } }",
                of: name)
        }
        #expect(try act("pauseCampaign") == ["INVALID_TRANSITION"])
        #expect(try act("startCampaign") == [])
        #expect(try act("pauseCampaign") == [])
        #expect(try act("startCampaign") == [])
        #expect(try act("cancelCampaign") == [])
        #expect(try act("cancelCampaign") == ["INVALID_TRANSITION"])
        #expect(try act("startCampaign") == ["CAMPAIGN_NOT_EDITABLE"])
    }

    @Test func `a winner is picked once, and the rest gets the winning version`() throws {
        let club = try ClubFixture.withChapters()
        for place in 1...40 { _ = try club.enroll("M\(place)") }
        // Consent is a matter of its own: who has none stays held back, and does not wait.
        let id = try club.campaign(
            "BROADCAST", "testPct: 50",
            variants: """
                {key: "A", weight: 50, channel: EMAIL, body: "a"}, \
                {key: "B", weight: 50, channel: EMAIL, body: "b"}
                """)
        #expect(try club.start(id) == "TESTING")
        func pick(_ key: String) -> String {
            """
            mutation { pickCampaignWinner(input: {campaignId: "\(id)", variantKey: "\(key)"}) {
              campaign { status winnerKey } userErrors { code path } } }
            """
        }
        #expect(try club.errorCodes(pick("C"), of: "pickCampaignWinner") == ["NOT_FOUND"])
        try club.check(
            pick("B"),
            gives: """
                {"data": {"pickCampaignWinner": {"userErrors": [],
                  "campaign": {"status": "RUNNING", "winnerKey": "B"}}}}
                """)
        #expect(
            try club.errorCodes(pick("A"), of: "pickCampaignWinner") == ["INVALID_TRANSITION"])
    }

    @Test func `what a channel tells moves a message forward and is a line of the timeline`()
        throws
    {
        let club = try ClubFixture.withChapters()
        _ = try club.start(try club.campaign("WELCOME"))
        _ = try club.enroll("Ada")
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-06-30T12:00:00Z")
        try club.set(now: "2026-06-30T15:00:00Z")
        func tell(_ kind: String, _ at: String, _ id: String = "msg_1") -> String {
            """
            mutation { recordMessageEvent(input: {messageId: "\(id)", kind: \(kind), \
            at: "2026-06-30T\(at)Z"}) { message { status sentAt deliveredAt firstOpenedAt \
            machineOpened firstClickedAt unsubscribedAt } userErrors { code } } }
            """
        }
        _ = try club.run(tell("SENT", "12:01:00"))
        _ = try club.run(tell("DELIVERED", "12:02:00"))
        _ = try club.run(tell("OPENED", "12:02:00.500"))
        _ = try club.run(tell("CLICKED", "12:30:00"))
        try club.check(
            tell("UNSUBSCRIBED", "12:31:00"),
            gives: """
                {"data": {"recordMessageEvent": {"userErrors": [], "message": {
                  "status": "CLICKED", "sentAt": "2026-06-30T12:01:00.000Z",
                  "deliveredAt": "2026-06-30T12:02:00.000Z",
                  "firstOpenedAt": "2026-06-30T12:30:00.000Z", "machineOpened": true,
                  "firstClickedAt": "2026-06-30T12:30:00.000Z",
                  "unsubscribedAt": "2026-06-30T12:31:00.000Z"}}}}
                """)
        try club.check(
            """
            { member(id: "mem_1") {
              activities(filter: {channel: {eq: EMAIL}}, orderBy: [{type: ASC}]) {
                nodes { type at channel } }
              consents { nodes { channel purpose granted } } } }
            """,
            gives: """
                {"data": {"member": {
                  "activities": {"nodes": [
                    {"type": "MESSAGE_OPENED", "at": "2026-06-30T12:30:00.000Z",
                     "channel": "EMAIL"},
                    {"type": "MESSAGE_CLICKED", "at": "2026-06-30T12:30:00.000Z",
                     "channel": "EMAIL"}]},
                  "consents": {"nodes": [
                    {"channel": "EMAIL", "purpose": "SERVICE", "granted": false}]}}}}
                """)
        try club.check(
            tell("SENT", "12:01:00", "msg_999"),
            gives: """
                {"data": {"recordMessageEvent": {"message": null, "userErrors": []}}}
                """)
    }
}
