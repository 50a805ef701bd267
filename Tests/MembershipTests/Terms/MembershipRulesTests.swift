import Testing

@testable import Membership

extension ClubFixture {
    /// A type of membership of `chp_1`, in NOK.
    func sell(_ code: String, fee: Int = 0, _ more: String = "") throws {
        _ = try text(
            """
            mutation { createMembershipType(input: { code: "\(code)", name: "\(code)", \
            chapterId: "chp_1", fee: { amountMinor: \(fee), currency: "NOK" } \(more) }) \
            { membershipType { id } userErrors { code message path } } }
            """, at: "createMembershipType.membershipType.id")
    }

    /// The new membership's id.
    func apply(_ member: String, _ code: String, _ more: String = "") throws -> String {
        try text(
            """
            mutation { applyMembership(input: { memberId: "\(member)", typeCode: "\(code)" \
            \(more) }) { membership { id } userErrors { code message path } } }
            """, at: "applyMembership.membership.id")
    }

    /// `status start…end` of a membership.
    func standing(_ membership: String) throws -> String {
        let row = try value(
            "{ membership(id: \"\(membership)\") { status startDate endDate } }", at: "membership")
        let fields = row as? [String: Any] ?? [:]
        let end = fields["endDate"] as? String ?? "–"
        return "\(fields["status"] ?? "") \(fields["startDate"] ?? "")…\(end)"
    }

    /// The codes of one mutation whose input is `input`.
    func codes(_ mutation: String, _ input: String) throws -> [String] {
        try errorCodes(
            "mutation { \(mutation)(input: { \(input) }) { userErrors { code message path } } }",
            of: mutation)
    }

    /// The terms of a membership as `seq kind start…end`.
    func terms(_ membership: String) throws -> [String] {
        let rows = try value(
            """
            { membership(id: "\(membership)") { terms(orderBy: [{ seq: ASC }]) { nodes \
            { seq kind startDate endDate } } } }
            """, at: "membership.terms.nodes")
        return (rows as? [[String: Any]] ?? []).map { row in
            "\(row["seq"] ?? 0) \(row["kind"] ?? "") \(row["startDate"] ?? "")…"
                + (row["endDate"] as? String ?? "–")
        }
    }
}

struct MembershipRulesTests {
    @Test func `I12 the status follows the clock through new, current, grace and expired`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-31T12:00:00Z")
        try club.sell("MONTH", ", durationUnit: MONTH, newDays: 7, graceDays: 3")
        let member = try club.enroll("Kari")
        let id = try club.apply(member, "MONTH")
        #expect(try club.standing(id) == "NEW 2026-01-31…2026-02-28")
        for (now, status) in [
            ("2026-02-06T22:59:59Z", "NEW"), ("2026-02-06T23:00:00Z", "CURRENT"),
            ("2026-02-28T22:59:59Z", "CURRENT"), ("2026-02-28T23:00:00Z", "GRACE"),
            ("2026-03-03T22:59:59Z", "GRACE"), ("2026-03-03T23:00:00Z", "EXPIRED"),
        ] {
            try club.set(now: now)
            #expect(try club.standing(id) == "\(status) 2026-01-31…2026-02-28", "\(now)")
        }
        try club.check(
            """
            { membership(id: "\(id)") { isCurrent daysToExpiry changesAt member {
              activities(filter: { type: { eq: LAPSED } }) { nodes { at subjectId } } } } }
            """,
            gives: """
                {"data": {"membership": {
                  "isCurrent": false, "daysToExpiry": -4, "changesAt": null,
                  "member": {"activities": {"nodes": [
                    {"at": "2026-03-03T23:00:00.000Z", "subjectId": "\(id)"}]}}}}}
                """)
        try club.checkStore()
    }

    @Test func `I13 new, current and in grace count as held, and nothing else does`() throws {
        let club = try ClubFixture.withChapters()
        try club.sell("YEAR")
        let id = try club.apply(try club.enroll("Kari"), "YEAR")
        for status in MembershipStatus.allCases {
            #expect(
                try club.codes(
                    "overrideMembershipStatus",
                    "id: \"\(id)\", status: \(status.rawValue), reason: \"test\"") == [])
            let isHeld = [.new, .current, .grace].contains(status)
            try club.check(
                "{ membership(id: \"\(id)\") { isCurrent status } }",
                gives: """
                    {"data": {"membership": {"isCurrent": \(isHeld), "status": "\(status.rawValue)"}}}
                    """)
        }
    }

    @Test func `a server that slept through the grace says expired at once`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("YEAR", ", graceDays: 30")
        let id = try club.apply(try club.enroll("Kari"), "YEAR")
        try club.set(now: "2029-05-05T00:00:00Z")
        #expect(try club.standing(id) == "EXPIRED 2026-01-01…2026-12-31")
        try club.check(
            """
            { activities(filter: { type: { eq: LAPSED } }) { nodes { at } } }
            """,
            gives: #"{"data": {"activities": {"nodes": [{"at": "2027-01-30T23:00:00.000Z"}]}}}"#)
    }

    @Test func `I11 renewals extend from the old end, before it and in grace`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("YEAR", ", graceDays: 30")
        let id = try club.apply(try club.enroll("Kari"), "YEAR")
        #expect(try club.codes("renewMembership", "id: \"\(id)\", terms: 2") == [])
        try club.set(now: "2029-01-15T12:00:00Z")
        #expect(try club.standing(id) == "GRACE 2026-01-01…2028-12-31")
        #expect(try club.codes("renewMembership", "id: \"\(id)\"") == [])
        #expect(try club.standing(id) == "CURRENT 2026-01-01…2029-12-31")
        try club.set(now: "2030-03-01T12:00:00Z")
        #expect(try club.codes("renewMembership", "id: \"\(id)\"") == [])
        #expect(try club.standing(id) == "CURRENT 2030-03-01…2031-02-28")
        #expect(
            try club.terms(id) == [
                "1 NEW 2026-01-01…2026-12-31", "2 RENEWAL 2027-01-01…2027-12-31",
                "3 RENEWAL 2028-01-01…2028-12-31", "4 RENEWAL 2029-01-01…2029-12-31",
                "5 REJOIN 2030-03-01…2031-02-28",
            ])
        try club.check(
            "{ membership(id: \"\(id)\") { joinDate } }",
            gives: #"{"data": {"membership": {"joinDate": "2026-01-01"}}}"#)
        #expect(
            try club.number(
                "{ activities(filter: { type: { eq: RENEWED } }) { totalCount } }",
                at: "activities.totalCount") == 3)
    }

    @Test func `what costs a fee waits for it, and counts once`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("YEAR", fee: 50_000)
        let id = try club.apply(try club.enroll("Kari"), "YEAR")
        #expect(try club.standing(id) == "PENDING 2026-01-01…2026-12-31")
        #expect(try club.terms(id) == [])
        #expect(try club.codes("renewMembership", "id: \"\(id)\"") == ["PAYMENT_REQUIRED"])
        try club.set(now: "2026-02-10T12:00:00Z")
        let activate = "id: \"\(id)\""
        #expect(try club.codes("activateMembership", activate) == ["PAYMENT_REQUIRED"])
        #expect(try club.codes("activateMembership", activate + ", waived: true") == [])
        #expect(try club.standing(id) == "CURRENT 2026-02-10…2027-02-09")
        #expect(try club.codes("activateMembership", activate + ", waived: true") == [])
        #expect(try club.terms(id) == ["1 NEW 2026-02-10…2027-02-09"])
        // A renewal that is not paid moves no date.
        #expect(try club.codes("renewMembership", activate) == [])
        #expect(try club.standing(id) == "CURRENT 2026-02-10…2027-02-09")
        try club.check(
            "{ membership(id: \"\(id)\") { pendingTerms pendingType { code } } }",
            gives:
                #"{"data": {"membership": {"pendingTerms": 1, "pendingType": {"code": "YEAR"}}}}"#)
        #expect(try club.codes("activateMembership", activate + ", waived: true") == [])
        #expect(try club.standing(id) == "CURRENT 2026-02-10…2028-02-09")
    }

    @Test func `one membership of a chapter at a time, unless the type allows several`() throws {
        let club = try ClubFixture.withChapters()
        try club.sell("YEAR")
        try club.sell("EXTRA", ", allowsSeveral: true")
        let member = try club.enroll("Kari")
        let id = try club.apply(member, "YEAR")
        let again = "memberId: \"\(member)\", typeCode: \"YEAR\""
        #expect(try club.codes("applyMembership", again) == ["MEMBERSHIP_ALREADY_CURRENT"])
        _ = try club.apply(member, "EXTRA")
        #expect(
            try club.codes(
                "cancelMembership", "id: \"\(id)\", mode: IMMEDIATE, reason: \"\"") == ["REQUIRED"])
        #expect(
            try club.codes(
                "cancelMembership", "id: \"\(id)\", mode: IMMEDIATE, reason: \"moved\"") == [])
        #expect(
            try club.codes(
                "cancelMembership", "id: \"\(id)\", mode: IMMEDIATE, reason: \"moved\"")
                == ["INVALID_TRANSITION"])
        #expect(
            try club.codes("renewMembership", "id: \"\(id)\"") == ["MEMBERSHIP_NOT_RENEWABLE"])
    }

    @Test func `what cannot be asked for is refused with its code`() throws {
        let club = try ClubFixture.withChapters()
        try club.sell("LIFE", ", durationUnit: LIFETIME")
        try club.sell("OLD", ", active: false")
        try club.sell("ODD", ", periodType: FIXED, durationUnit: DAY")
        let member = try club.enroll("Kari")
        func apply(_ code: String, _ more: String = "") throws -> [String] {
            try club.codes(
                "applyMembership", "memberId: \"\(member)\", typeCode: \"\(code)\"" + more)
        }
        #expect(try apply("NONE") == ["NOT_FOUND"])
        #expect(try apply("OLD") == ["INVALID"])
        #expect(try apply("ODD") == ["INVALID"])
        #expect(try apply("LIFE", ", terms: 2") == ["MEMBERSHIP_LIFETIME"])
        #expect(try apply("LIFE", ", terms: 0") == ["INVALID"])
        let id = try club.apply(member, "LIFE")
        #expect(try club.standing(id) == "CURRENT 2026-06-30…–")
        #expect(try club.codes("renewMembership", "id: \"\(id)\"") == ["MEMBERSHIP_LIFETIME"])
        #expect(
            try club.codes(
                "cancelMembership", "id: \"\(id)\", mode: AT_TERM_END, reason: \"x\"")
                == ["MEMBERSHIP_LIFETIME"])
        #expect(
            try club.codes("setMembershipAutoRenew", "id: \"\(id)\", on: true")
                == ["MEMBERSHIP_LIFETIME"])
        #expect(try club.codes("suspendMembership", "id: \"mbs_77\"") == ["NOT_FOUND"])
        _ = try club.codes("suspendMember", "id: \"\(member)\", reason: \"x\"")
        #expect(try apply("LIFE") == ["MEMBER_SUSPENDED"])
    }

    @Test func `a pause takes benefits away and may give its days back`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("YEAR")
        let id = try club.apply(try club.enroll("Kari"), "YEAR")
        func suspend(_ until: String) throws -> [String] {
            try club.codes("suspendMembership", "id: \"\(id)\", until: \"\(until)\"")
        }
        #expect(try suspend("2025-12-31") == ["INVALID"])
        #expect(try suspend("2027-01-01") == ["INVALID"])
        #expect(try suspend("2026-01-20") == [])
        #expect(try suspend("2026-01-20") == ["INVALID_TRANSITION"])
        #expect(try club.standing(id) == "SUSPENDED 2026-01-01…2026-12-31")
        try club.set(now: "2026-01-20T23:00:00Z")
        #expect(try club.standing(id) == "CURRENT 2026-01-01…2026-12-31")
        #expect(try club.codes("resumeMembership", "id: \"\(id)\"") == [])
        #expect(try club.standing(id) == "CURRENT 2026-01-01…2027-01-20")
        #expect(
            try club.terms(id) == [
                "1 NEW 2026-01-01…2026-12-31", "2 ADJUSTMENT 2027-01-01…2027-01-20",
            ])
        #expect(try club.codes("resumeMembership", "id: \"\(id)\"") == ["INVALID_TRANSITION"])
    }

    @Test func `a pinned status holds until its last day`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("YEAR")
        let id = try club.apply(try club.enroll("Kari"), "YEAR")
        func pin(_ input: String) throws -> [String] {
            try club.codes("overrideMembershipStatus", "id: \"\(id)\", \(input)")
        }
        #expect(try pin(#"status: EXPIRED, reason: " ""#) == ["REQUIRED"])
        #expect(try pin(#"status: EXPIRED, until: "2025-01-01", reason: "x""#) == ["INVALID"])
        #expect(try pin(#"status: EXPIRED, until: "2026-02-01", reason: "court""#) == [])
        #expect(try club.standing(id) == "EXPIRED 2026-01-01…2026-12-31")
        try club.set(now: "2026-02-01T23:00:00Z")
        #expect(try club.standing(id) == "CURRENT 2026-01-01…2026-12-31")
        #expect(try pin(#"status: DECEASED, reason: "x""#) == [])
        #expect(try club.codes("renewMembership", "id: \"\(id)\"") == ["MEMBERSHIP_NOT_RENEWABLE"])
        #expect(try pin(#"status: null, reason: "mistake""#) == [])
        #expect(try club.standing(id) == "CURRENT 2026-01-01…2026-12-31")
    }

    @Test func `I14 a shared membership has the dates and the status of the one it shares`() throws
    {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("FAMILY", ", maxInherited: 1, graceDays: 5")
        let primary = try club.apply(try club.enroll("Kari"), "FAMILY")
        let (second, third) = (try club.enroll("Ola"), try club.enroll("Per"))
        func inherit(_ id: String, _ member: String) throws -> [String] {
            try club.codes("inheritMembership", "primaryId: \"\(id)\", memberId: \"\(member)\"")
        }
        let heir = try club.text(
            """
            mutation { inheritMembership(input: { primaryId: "\(primary)", memberId: "\(second)" })
            { membership { id } } }
            """, at: "inheritMembership.membership.id")
        #expect(try inherit(primary, second) == ["MEMBERSHIP_ALREADY_CURRENT"])
        #expect(try inherit(primary, third) == ["INHERIT_LIMIT_REACHED"])
        #expect(try inherit(heir, third) == ["INHERITED_MEMBERSHIP"])
        #expect(try club.standing(heir) == "CURRENT 2026-01-01…2026-12-31")
        #expect(try club.codes("renewMembership", "id: \"\(heir)\"") == ["INHERITED_MEMBERSHIP"])
        try club.set(now: "2027-01-03T12:00:00Z")
        #expect(try club.standing(heir) == "GRACE 2026-01-01…2026-12-31")
        #expect(try club.codes("renewMembership", "id: \"\(primary)\"") == [])
        #expect(try club.standing(heir) == "CURRENT 2026-01-01…2027-12-31")
        try club.set(now: "2028-02-03T12:00:00Z")
        #expect(try club.standing(heir) == "EXPIRED 2026-01-01…2027-12-31")
        #expect(try inherit(primary, third) == ["NOT_ELIGIBLE"])
        _ = try club.codes("renewMembership", "id: \"\(primary)\"")
        #expect(
            try club.codes(
                "cancelMembership", "id: \"\(primary)\", mode: IMMEDIATE, reason: \"x\"") == [])
        #expect(try club.standing(heir) == "CANCELLED 2028-02-03…2029-02-02")
        try club.checkStore()
    }

    @Test func `a membership cancelled to its end has no grace, and renewing takes it back`() throws
    {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("YEAR", ", graceDays: 30, autoRenew: true")
        let id = try club.apply(try club.enroll("Kari"), "YEAR")
        let cancel = "id: \"\(id)\", mode: AT_TERM_END, reason: \"enough\""
        #expect(try club.codes("cancelMembership", cancel) == [])
        try club.check(
            "{ membership(id: \"\(id)\") { status autoRenew cancelledFrom cancelReason } }",
            gives: """
                {"data": {"membership": {"status": "CURRENT", "autoRenew": false,
                  "cancelledFrom": "2027-01-01", "cancelReason": "enough"}}}
                """)
        #expect(
            try club.codes("setMembershipAutoRenew", "id: \"\(id)\", on: true")
                == ["INVALID_TRANSITION"])
        try club.set(now: "2027-01-01T00:00:00Z")
        #expect(try club.standing(id) == "CANCELLED 2026-01-01…2026-12-31")
    }

    @Test func `a change of type goes on from the old end, within a chapter`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("YEAR")
        try club.sell("MONTHS", ", durationUnit: MONTH, durationInterval: 6")
        _ = try club.text(
            """
            mutation { createMembershipType(input: { code: "CN", name: "CN", chapterId: "chp_2",
              fee: { amountMinor: 0, currency: "CNY" } }) { membershipType { id } } }
            """, at: "createMembershipType.membershipType.id")
        let id = try club.apply(try club.enroll("Kari"), "YEAR")
        func renew(_ code: String) throws -> [String] {
            try club.codes("renewMembership", "id: \"\(id)\", toTypeCode: \"\(code)\"")
        }
        #expect(try renew("CN") == ["MEMBERSHIP_NOT_RENEWABLE"])
        #expect(try renew("MONTHS") == [])
        #expect(
            try club.terms(id) == [
                "1 NEW 2026-01-01…2026-12-31", "2 UPGRADE 2027-01-01…2027-06-30",
            ])
    }
}
