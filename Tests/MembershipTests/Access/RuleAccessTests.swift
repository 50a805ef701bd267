import Engine
import Foundation
import Testing

@testable import Membership

/// What the club's rules do for somebody who sees a part of the club: rows beyond it are like rows
/// that are not there, and nothing is put there.
@Suite struct RuleAccessTests {
    private let club: ClubFixture
    /// Of `chp_1` and of `chp_2`.
    private let own: String
    private let foreign: String

    private static let staff = Viewer(role: "staff", name: "s", chapterID: "chp_1")
    private static let manager = Viewer(role: "manager", name: "m", chapterID: "chp_1")

    init() throws {
        club = try ClubFixture.withChapters()
        own = try club.enroll(
            "Ann", identities: #"[{ kind: EMAIL, value: "ann@example.org" }]"#)
        foreign = try club.enroll(
            "Bo", identities: #"[{ kind: EMAIL, value: "bo@example.org" }]"#, chapter: "chp_2")
    }

    private var member: Viewer { Viewer(role: "member", name: "own", memberID: own) }

    /// The codes of the answer's errors, and of the user errors of its field.
    private func codes(
        _ field: String, _ input: String, _ more: String = "", as viewer: Viewer
    ) throws -> [String] {
        let text = try club.run(
            "mutation { \(field)(input: { \(input) }) { userErrors { code message } \(more) } }",
            viewer: viewer)
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        let errors = json?["errors"] as? [[String: Any]] ?? []
        let payload = (json?["data"] as? [String: Any])?[field] as? [String: Any]
        let userErrors = payload?["userErrors"] as? [[String: Any]] ?? []
        return errors.map {
            ($0["extensions"] as? [String: Any])?["code"] as? String ?? ""
        } + userErrors.map { $0["code"] as? String ?? "" }
    }

    private func text(_ document: String, at path: String) throws -> String {
        try club.text(document, at: path)
    }

    @Test func `an upsert does not reach a member of another chapter`() throws {
        func upsert(_ address: String, _ more: String) throws -> [String] {
            try codes(
                "upsertMemberByIdentity",
                """
                identity: { kind: EMAIL, value: "\(address)" }, source: STORE
                member: { name: "Eve" \(more) }
                """, as: Self.staff)
        }
        #expect(try upsert("bo@example.org", "") == ["IDENTITY_TAKEN"])
        #expect(try upsert("new@example.org", #", homeChapterId: "chp_2""#) == ["FORBIDDEN"])
        #expect(try upsert("ann@example.org", #", homeChapterId: "chp_2""#) == ["FORBIDDEN"])
        #expect(try upsert("ann@example.org", "") == [])
        try club.check(
            "{ members { nodes { name homeChapter { id } } } }",
            gives: """
                {"data":{"members":{"nodes":[
                  {"name":"Eve","homeChapter":{"id":"chp_1"}},
                  {"name":"Bo","homeChapter":{"id":"chp_2"}}]}}}
                """)
    }

    @Test func `members are neither enrolled in nor moved or imported to another chapter`() throws {
        #expect(
            try codes(
                "enrollMember",
                #"member: { name: "X", homeChapterId: "chp_2" }, chapterId: "chp_1", source: WEB"#,
                as: Self.staff) == ["FORBIDDEN"])
        #expect(
            try codes(
                "updateMember",
                #"id: "\#(own)", expectedVersion: 1, set: { homeChapterId: "chp_2" }"#,
                as: Self.staff) == ["FORBIDDEN"])
        #expect(
            try codes(
                "importMembers",
                #"rows: [{ name: "X", homeChapterId: "chp_2" }], chapterId: "chp_1", source: IMPORT"#,
                as: Self.manager) == ["FORBIDDEN"])
        let answer = try club.run(
            """
            mutation { importMembers(input: { chapterId: "chp_1", source: IMPORT, rows: [
              { name: "Eve", identities: [{ kind: EMAIL, value: "bo@example.org" }] }
            ] }) { created updated rejected { code } } }
            """, viewer: Self.manager)
        #expect(
            answer == """
                {"data":{"importMembers":{"created":0,"updated":0,"rejected":[{"code":"UNIQUE_VIOLATION"}]}}}
                """)
        try club.check(
            "{ members { nodes { name homeChapter { id } } } }",
            gives: """
                {"data":{"members":{"nodes":[
                  {"name":"Ann","homeChapter":{"id":"chp_1"}},
                  {"name":"Bo","homeChapter":{"id":"chp_2"}}]}}}
                """)
    }

    @Test func `a member neither sets hidden fields nor acts for the organisation`() throws {
        for change in [
            "attributes: { vip: true }", #"memberNo: "VIP-1""#, "kind: ORGANIZATION",
            #"homeChapterId: "chp_1""#,
        ] {
            #expect(
                try codes(
                    "updateMember", #"id: "\#(own)", expectedVersion: 1, set: { \#(change) }"#,
                    as: member) == ["FORBIDDEN"])
        }
        #expect(
            try codes(
                "updateMember", #"id: "\#(own)", expectedVersion: 1, set: { name: "Other" }"#,
                as: member) == [])
        try club.sell("YEAR")
        let membership = try club.apply(own, "YEAR")
        for input in ["waived: true", #"asOf: "2026-01-01""#] {
            #expect(
                try codes("renewMembership", #"id: "\#(membership)", \#(input)"#, as: member)
                    == ["FORBIDDEN"])
        }
        #expect(try codes("renewMembership", #"id: "\#(membership)""#, as: member) == [])
    }

    @Test func `a member who gives a seat up is told of no other`() throws {
        let event = try text(
            """
            mutation { createEvent(input: { title: "E", chapterId: "chp_1", capacity: 1,
              waitlistEnabled: true, startsAt: "2026-08-01T10:00:00Z",
              endsAt: "2026-08-01T12:00:00Z" }) { event { id } userErrors { message } } }
            """, at: "createEvent.event.id")
        _ = try text(
            "mutation { publishEvent(input: { id: \"\(event)\" }) { event { id } } }",
            at: "publishEvent.event.id")
        var registrations: [String] = []
        for id in [own, foreign] {
            registrations.append(
                try text(
                    """
                    mutation { registerForEvent(input: { eventId: "\(event)", memberId: "\(id)",
                      joinWaitlist: true }) { registration { id } userErrors { message } } }
                    """, at: "registerForEvent.registration.id"))
        }
        #expect(
            try codes(
                "cancelRegistration", #"id: "\#(registrations[0])", byOrganizer: true"#,
                as: member) == ["FORBIDDEN"])
        // The second, whose turn it now is, is another's.
        let answer = try club.run(
            """
            mutation { cancelRegistration(input: { id: "\(registrations[0])" }) {
              registration { status } promoted { id } userErrors { code } } }
            """, viewer: member)
        #expect(
            answer == """
                {"data":{"cancelRegistration":{"registration":{"status":"CANCELLED"},"promoted":[],"userErrors":[]}}}
                """)
        let waited = try text(
            "{ eventRegistration(id: \"\(registrations[1])\") { status } }",
            at: "eventRegistration.status")
        #expect(waited != "WAITLISTED")
    }

    @Test func `another member's coupon is like none, whatever is done with its code`() throws {
        let template = try text(
            """
            mutation { createCouponTemplate(input: { name: "T", discount: PERCENT_OFF,
              percentOffBps: 1000 }) { couponTemplate { id } userErrors { message path } } }
            """, at: "createCouponTemplate.couponTemplate.id")
        _ = try club.run(
            """
            mutation { issueCoupons(input: { templateId: "\(template)",
              memberIds: ["\(foreign)"], codes: ["FOREIGN1"] }) { coupons { id } } }
            """)
        for code in ["FOREIGN1", "UNKNOWN1"] {
            #expect(
                try codes(
                    "reserveCoupon",
                    #"code: "\#(code)", memberId: "\#(own)", reservationKey: "k", ttlSeconds: 60"#,
                    as: member) == ["COUPON_NOT_FOUND"])
            #expect(
                try codes("rollbackCoupon", #"code: "\#(code)", reason: "r""#, as: Self.staff)
                    == ["COUPON_NOT_FOUND"])
            let voided = try club.run(
                """
                mutation { voidCoupons(input: { codes: ["\(code)"], reason: "r" }) {
                  coupons { id } failures { code } } }
                """, viewer: Self.manager)
            #expect(
                voided == """
                    {"data":{"voidCoupons":{"coupons":[],"failures":[{"code":"COUPON_NOT_FOUND"}]}}}
                    """)
        }
    }

    @Test func `an event stays where its keeper may keep it`() throws {
        let event = try text(
            """
            mutation { createEvent(input: { title: "E", chapterId: "chp_1",
              startsAt: "2026-08-01T10:00:00Z", endsAt: "2026-08-01T12:00:00Z" }) {
              event { id } userErrors { message } } }
            """, at: "createEvent.event.id")
        #expect(
            try codes("updateEvent", #"id: "\#(event)", chapterId: "chp_2""#, as: Self.staff)
                == ["FORBIDDEN"])
        #expect(try codes("updateEvent", #"id: "\#(event)", title: "F""#, as: Self.staff) == [])
        try club.check(
            "{ events { nodes { title chapter { id } } } }",
            gives: #"{"data":{"events":{"nodes":[{"title":"F","chapter":{"id":"chp_1"}}]}}}"#)
    }

    @Test func `a segment finds no more by night than its maker saw by day`() throws {
        let segment = try text(
            """
            mutation { saveSegment(input: { name: "all", kind: DYNAMIC,
              rule: { name: { startsWith: "B" } } }) { segment { id } userErrors { message } } }
            """, at: "saveSegment.segment.id")
        #expect(
            try codes(
                "saveSegment",
                #"id: "\#(segment)", name: "all", kind: DYNAMIC, rule: { kind: { eq: INDIVIDUAL } }"#,
                as: Self.staff) == ["FORBIDDEN"])
        #expect(
            try codes(
                "saveSegment",
                #"name: "mine", kind: DYNAMIC, rule: { kind: { eq: INDIVIDUAL } }"#,
                as: Self.staff) == [])
        club.advance(days: 1)
        _ = try club.run(
            """
            mutation { runJob(input: { job: LIFECYCLE, asOf: "2026-07-01T06:00:00Z" }) {
              userErrors { message } } }
            """)
        try club.check(
            "{ segments { nodes { name memberCount } } }",
            gives: """
                {"data":{"segments":{"nodes":[
                  {"name":"all","memberCount":1},{"name":"mine","memberCount":1}]}}}
                """)
        // A campaign for those whom its starter does not see.
        let campaign = try club.campaign("BROADCAST", #", segmentId: "\#(segment)""#)
        #expect(
            try codes("startCampaign", #"campaignId: "\#(campaign)""#, as: Self.manager)
                == ["FORBIDDEN"])
        #expect(try club.start(campaign) == "RUNNING")
    }

    @Test func `new tags are made by marketers`() throws {
        func assign(_ viewer: Viewer) throws -> [String] {
            try codes(
                "assignTags",
                #"memberIds: ["\#(own)"], tagKeys: ["new"], source: MANUAL, create: true"#,
                as: viewer)
        }
        var ids: [String] = []
        for role in ["CASHIER", "MARKETER"] {
            ids.append(
                try text(
                    """
                    mutation { createStaff(input: { name: "\(role)", role: \(role),
                      chapterId: "chp_1" }) { staff { id } userErrors { message } } }
                    """, at: "createStaff.staff.id"))
        }
        #expect(try assign(Self.staff) == ["FORBIDDEN"])
        #expect(try assign(Viewer(role: "", name: "c", staffID: ids[0])) == ["FORBIDDEN"])
        #expect(try assign(Viewer(role: "", name: "d", staffID: ids[1])) == [])
    }

    @Test func `figures and likely duplicates are of one's own members`() throws {
        _ = try club.enroll(
            "Bo", identities: #"[{ kind: PHONE, value: "+8613800138000" }]"#, chapter: "chp_2")
        for (viewer, pairs, members) in [
            (Self.manager, "[]", 0), (Viewer.unrestricted, #"[{"score":40}]"#, 2),
        ] {
            let answer = try club.run(
                """
                { duplicateCandidates(threshold: 10) { score }
                  chapter(id: "chp_2") { stats(period: { from: "2026-01-01T00:00:00Z",
                    to: "2026-12-31T00:00:00Z" }) { members } } }
                """, viewer: viewer)
            #expect(
                answer.contains(#""stats":{"members":\#(members)}"#), "\(answer)")
            #expect((pairs == "[]") == answer.contains(#""duplicateCandidates":[]"#), "\(answer)")
        }
    }
}
