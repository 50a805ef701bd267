import Testing

@testable import Membership

struct CampaignFigureTests {
    @Test func `every rate has its own denominator, and none of 0 is null`() {
        let figures = CampaignFigures(
            targeted: 20, suppressed: 4, control: 6, sent: 10, delivered: 8, bounced: 1,
            uniqueOpens: 4, uniqueClicks: 2, converted: 3)
        #expect(figures.deliveryRate == Ratio(8, 10))
        #expect(figures.bounceRate == Ratio(1, 10))
        #expect(figures.openRate == Ratio(4, 8))
        #expect(figures.clickRate == Ratio(2, 8))
        #expect(figures.clickToOpenRate == Ratio(2, 4))
        #expect(figures.conversionRate == Ratio(3, 8))
        #expect(CampaignFigures().openRate.value == nil)
    }

    @Test func `lift and its likelihood need five in each cell`() throws {
        var figures = CampaignFigures(control: 100, delivered: 200)
        figures.converted = 40
        figures.controlConverted = 10
        #expect(figures.lift == 1)
        // z = 0.1 / sqrt(1/6 · 5/6 · (1/200 + 1/100)) = 2.1909: a table gives 0.0285.
        let p = try #require(figures.pValue)
        #expect(abs(p - 0.02846) < 0.00001)
        figures.controlConverted = 4
        #expect(figures.lift == nil && figures.pValue == nil)
        figures.controlConverted = 96
        #expect(figures.lift == nil)
        figures = CampaignFigures(control: 100, delivered: 100, converted: 10, controlConverted: 10)
        #expect(figures.lift == 0 && figures.pValue == 1)
    }
}

struct CampaignMetricsTests {
    /// Three members, who all get a welcome; the first reads it and buys, the second's comes back.
    private func club() throws -> ClubFixture {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        _ = try club.text(
            """
            mutation { createProduct(input: { sku: "P", name: "P", \
            price: { amountMinor: 500, currency: "NOK" } }) { product { id } } }
            """, at: "createProduct.product.id")
        _ = try club.start(try club.campaign("WELCOME", "goal: PURCHASE, attributionHours: 24"))
        for name in ["Ada", "Bo", "Cy"] { _ = try club.enroll(name) }
        for (message, kind) in [
            (1, "SENT"), (1, "DELIVERED"), (1, "MACHINE_OPENED"), (1, "OPENED"), (1, "CLICKED"),
            (2, "SENT"), (2, "BOUNCED"), (3, "SENT"), (3, "DELIVERED"), (3, "MACHINE_OPENED"),
        ] {
            club.advance(seconds: 60)
            #expect(
                try club.codes("recordMessageEvent", "messageId: \"msg_\(message)\", kind: \(kind)")
                    == [])
        }
        return club
    }

    private func buy(_ club: ClubFixture, _ number: Int, _ member: String) throws {
        let order = try club.text(
            """
            mutation { createOrder(input: { orderNo: "O\(number)", memberId: "\(member)", \
            channel: POS, chapterId: "chp_1", lines: [{ productId: "prd_1", quantity: 1 }] }) \
            { order { id } userErrors { message } } }
            """, at: "createOrder.order.id")
        #expect(
            try club.codes(
                "payOrder",
                """
                orderId: "\(order)", tenders: [{ method: CASH, \
                amount: { amountMinor: 500, currency: "NOK" } }]
                """) == [])
    }

    private static let figures = """
        targeted suppressed control sent delivered bounced uniqueOpens machineOpens uniqueClicks
        converted controlConverted unsubscribed deliveryRate openRate clickRate clickToOpenRate
        conversionRate lift pValue revenue { amountMinor currency }
        """

    @Test func `a campaign tells what became of its messages`() throws {
        let club = try club()
        try buy(club, 1, "mem_1")
        try buy(club, 2, "mem_1")
        // The message to this one never arrived.
        try buy(club, 3, "mem_2")
        club.advance(days: 2)
        // Too late.
        try buy(club, 4, "mem_3")
        try club.check(
            """
            { campaign(id: "cmp_1") { metrics { \(Self.figures) } }
              report { campaignComparison(ids: ["cmp_1"]) { campaign { name }
                metrics { converted } } } }
            """,
            gives: """
                {"data": {"campaign": {"metrics": {
                  "targeted": 3, "suppressed": 0, "control": 0, "sent": 3, "delivered": 2,
                  "bounced": 1, "uniqueOpens": 1, "machineOpens": 1, "uniqueClicks": 1,
                  "converted": 1, "controlConverted": 0, "unsubscribed": 0,
                  "deliveryRate": 0.6666666666666666, "openRate": 0.5, "clickRate": 0.5,
                  "clickToOpenRate": 1, "conversionRate": 0.5, "lift": null, "pValue": null,
                  "revenue": [{"amountMinor": 500, "currency": "NOK"}]}},
                  "report": {"campaignComparison": [
                    {"campaign": {"name": "WELCOME"}, "metrics": {"converted": 1}}]}}}
                """)
    }

    @Test func `the nightly job marks the messages that reached the goal`() throws {
        let club = try club()
        try buy(club, 1, "mem_1")
        try club.runJob("CAMPAIGN_TICK", asOf: "2026-06-01T12:00:00Z")
        try club.check(
            """
            { messages(filter: {status: {eq: CONVERTED}}) { nodes {
                member { name } subject body attributedOrder { orderNo } } } }
            """,
            gives: """
                {"data": {"messages": {"nodes": [
                  {"member": {"name": "Ada"}, "subject": null, "body": "Hi Ada",
                   "attributedOrder": {"orderNo": "O1"}}]}}}
                """)
    }

    @Test func `of two messages with one goal the later has it`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        _ = try club.text(
            """
            mutation { createProduct(input: { sku: "P", name: "P", \
            price: { amountMinor: 500, currency: "NOK" } }) { product { id } } }
            """, at: "createProduct.product.id")
        let first = try club.campaign("WELCOME", "goal: PURCHASE, attributionHours: 24")
        let second = try club.campaign("WELCOME", "goal: PURCHASE, attributionHours: 24")
        for campaign in [first, second] { _ = try club.start(campaign) }
        _ = try club.enroll("Ada")
        for campaign in [first, second] {
            club.advance(seconds: 60)
            let message = try club.text(
                """
                { messages(filter: {campaign: {id: {eq: "\(campaign)"}}}) { nodes { id } } }
                """, at: "messages.nodes.0.id")
            #expect(
                try club.codes("recordMessageEvent", "messageId: \"\(message)\", kind: DELIVERED")
                    == [])
        }
        club.advance(seconds: 60)
        try buy(club, 1, "mem_1")
        try club.check(
            """
            { report { campaignComparison(ids: ["cmp_1", "\(second)"]) {
              metrics { converted revenue { amountMinor } } } } }
            """,
            gives: """
                {"data": {"report": {"campaignComparison": [
                  {"metrics": {"converted": 0, "revenue": []}},
                  {"metrics": {"converted": 1, "revenue": [{"amountMinor": 500}]}}]}}}
                """)
    }

    @Test func `I42: the control group gets nothing, and is counted to compare with`() throws {
        let club = try ClubFixture.withChapters(now: "2026-06-01T10:00:00Z")
        let id = try club.campaign("WELCOME", "controlPct: 50, goal: LOGIN")
        _ = try club.start(id)
        for place in 1...40 { _ = try club.enroll("M\(place)") }
        let control = try club.number(
            "{ messages(filter: {suppressedReason: {eq: CONTROL_GROUP}}) { totalCount } }",
            at: "messages.totalCount")
        let queued = try club.number(
            "{ messages(filter: {status: {eq: QUEUED}}) { totalCount } }",
            at: "messages.totalCount")
        #expect(control + queued == 40 && control > 8 && queued > 8)
        club.advance(seconds: 3_600)
        for place in 1...40 {
            #expect(
                try club.codes(
                    "recordActivity",
                    #"memberId: "mem_\#(place)", type: LOGIN, at: "2026-06-01T11:00:00Z""#) == [])
        }
        try club.check(
            """
            { campaign(id: "\(id)") { metrics { targeted suppressed control delivered converted
              controlConverted } } }
            """,
            gives: """
                {"data": {"campaign": {"metrics": {"targeted": 40, "suppressed": 0,
                  "control": \(control), "delivered": 0, "converted": 0,
                  "controlConverted": \(control)}}}}
                """)
    }
}
