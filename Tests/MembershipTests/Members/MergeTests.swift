import Foundation
import Testing

@testable import Membership

/// Two members with something of everything, for tests of merges.
struct MergeClub {
    let fixture: ClubFixture
    let points: PointsClub
    let survivor: String
    let absorbed: String

    init() throws {
        points = try PointsClub(now: "2026-01-01T12:00:00Z")
        fixture = points.fixture
        (survivor, absorbed) = (points.member, points.other)
        try fixture.sell("YEAR")
        try fixture.sell("EXTRA", ", allowsSeveral: true")
    }

    /// Everything that belongs to a member, as the API shows it; for ledgers and histories, what
    /// follows from them.
    func portrait(_ id: String) throws -> String {
        try fixture.run(
            """
            { member(id: "\(id)") {
              name gender birthday status joinedAt lastActiveAt preferences attributes
              homeChapter { code } tier { code } mergedInto { id }
              identities(orderBy: [{ normalized: ASC }]) { nodes { id value normalized primary } }
              tags(orderBy: [{ id: ASC }]) { nodes { id tag { key } } }
              segments { nodes { name } }
              memberships(orderBy: [{ id: ASC }]) { nodes { id status joinDate startDate endDate
                needsReview cancelledFrom cancelReason
                terms(orderBy: [{ seq: ASC }]) { nodes { id seq kind startDate endDate } } } }
              registrations(orderBy: [{ id: ASC }]) { nodes { id status event { title } } }
              pointsAccounts(filter: { or: [{ active: { gt: 0 } }, { pending: { gt: 0 } },
                { owed: { gt: 0 } }] }) { nodes { program { code } active pending owed spendable } }
              wallets(filter: { balance: { amountMinor: { gt: 0 } } }) { nodes {
                currency balance { amountMinor } principal { amountMinor } } }
              activities(filter: { type: { notIn: [MERGED, TIER_CHANGED] } },
                orderBy: [{ id: ASC }]) { nodes { id type } }
            } }
            """)
    }

    /// The lines of a member's accounts as `seq type delta balance origin`.
    func ledger(_ id: String) throws -> [String] {
        let rows = try fixture.value(
            "{ member(id: \"\(id)\") { pointsHistory(orderBy: [{ seq: ASC }]) { nodes "
                + "{ seq type delta balanceAfter originMemberId } } } }",
            at: "member.pointsHistory.nodes")
        return (rows as? [[String: Any]] ?? []).map {
            "\($0["seq"] ?? "") \($0["type"] ?? "") \($0["delta"] ?? "") "
                + "\($0["balanceAfter"] ?? "") \($0["originMemberId"] ?? "")"
        }
    }

    func consents(_ id: String) throws -> [String] {
        let rows = try fixture.value(
            "{ member(id: \"\(id)\") { consents(orderBy: [{ at: ASC }]) { nodes "
                + "{ channel purpose granted } } } }", at: "member.consents.nodes")
        return (rows as? [[String: Any]] ?? []).map {
            "\($0["channel"] ?? "") \($0["purpose"] ?? "") \($0["granted"] as? Bool ?? false)"
        }
    }

    func merge(_ more: String = "") throws -> String {
        try fixture.text(
            """
            mutation { mergeMembers(input: { survivorId: "\(survivor)", absorbedId: "\(absorbed)"
              \(more) }) { merge { id } userErrors { code message path } } }
            """, at: "mergeMembers.merge.id")
    }

    func earn(_ member: String, _ count: Int) throws {
        #expect(
            try fixture.codes(
                "earnPoints",
                "memberId: \"\(member)\", programId: \"\(points.program)\", points: \(count)") == []
        )
    }

    /// Gives both members identities, tags, memberships, points, money and places at an event.
    func furnish() throws {
        let club = fixture
        for (member, address, card) in [
            (survivor, "a@example.org", "11"), (absorbed, "b@example.org", "22"),
        ] {
            for (kind, value) in [("EMAIL", address), ("CARD_NO", card)] {
                #expect(
                    try club.codes(
                        "addMemberIdentity",
                        "memberId: \"\(member)\", source: APP, identity: "
                            + "{ kind: \(kind), value: \"\(value)\" }") == [])
            }
        }
        for (members, tag) in [
            ("\"\(survivor)\", \"\(absorbed)\"", "both"), ("\"\(absorbed)\"", "theirs"),
        ] {
            #expect(
                try club.codes(
                    "assignTags", "memberIds: [\(members)], tagKeys: [\"\(tag)\"], create: true")
                    == [])
        }
        #expect(
            try club.codes(
                "saveSegment", "name: \"S\", kind: STATIC, memberIds: [\"\(absorbed)\"]") == [])
        try earn(survivor, 40)
        try earn(absorbed, 1_200)
        #expect(
            try club.codes(
                "topUpWallet",
                "memberId: \"\(absorbed)\", amount: { amountMinor: 5000, currency: \"NOK\" }, "
                    + "paymentRef: \"p1\"") == [])
        for (title, capacity) in [("Ball", 2), ("Walk", 9)] {
            #expect(
                try club.codes(
                    "createEvent",
                    "title: \"\(title)\", chapterId: \"chp_1\", capacity: \(capacity), "
                        + "startsAt: \"2026-09-01T12:00:00Z\", endsAt: \"2026-09-01T14:00:00Z\"")
                    == [])
        }
        for event in ["evt_1", "evt_2"] {
            #expect(try club.codes("publishEvent", "id: \"\(event)\"") == [])
        }
        for (member, event) in [(survivor, "evt_1"), (absorbed, "evt_1"), (absorbed, "evt_2")] {
            #expect(
                try club.codes(
                    "registerForEvent", "eventId: \"\(event)\", memberId: \"\(member)\"") == [])
        }
        #expect(
            try club.codes(
                "recordActivity",
                "memberId: \"\(absorbed)\", type: LOGIN, at: \"2026-01-01T11:00:00Z\"") == [])
    }
}

struct MergeTests {
    @Test func `I5 a merge moves everything, and undoing it gives everything back`() throws {
        let club = try MergeClub()
        try club.furnish()
        _ = try club.fixture.apply(club.survivor, "YEAR")
        _ = try club.fixture.apply(club.absorbed, "YEAR")
        let before = (try club.portrait(club.survivor), try club.portrait(club.absorbed))
        let ledger = try club.ledger(club.absorbed)
        let merge = try club.merge()
        try club.fixture.checkStore()
        // No line of the ledger is rewritten: the points went by a line of their own.
        let now = try club.ledger(club.absorbed)
        #expect(Array(now.prefix(ledger.count)) == ledger)
        #expect(now.dropFirst(ledger.count) == ["2 TRANSFER_OUT -1200 0 \(club.absorbed)"])
        try club.fixture.check(
            """
            { memberMerge(id: "\(merge)") { status by movedCounts fieldChoices }
              absorbed: member(id: "\(club.absorbed)") { status mergedInto { id }
                identities { totalCount } memberships { totalCount } activities { totalCount }
                pointsAccounts { nodes { active } } }
              survivor: member(id: "\(club.survivor)") { tier { code }
                identities(orderBy: [{ normalized: ASC }]) { nodes { normalized primary } }
                tags { totalCount } segments { totalCount }
                memberships { nodes { id needsReview } }
                registrations(orderBy: [{ id: ASC }]) { nodes { id status } }
                pointsAccounts { nodes { active lifetimeEarned } }
                wallets { nodes { balance { amountMinor } } } }
              event(id: "evt_1") { seatsTaken } }
            """,
            gives: """
                {"data": {
                  "memberMerge": {"status": "MERGED", "by": "staff", "fieldChoices": {},
                    "movedCounts": {"Activity": 8, "EventRegistration": 2, "MemberIdentity": 2,
                      "MemberTag": 1, "Membership": 1, "Payment": 1, "PointsEntry": 1,
                      "SegmentMember": 1, "Wallet": 1}},
                  "absorbed": {"status": "MERGED", "mergedInto": {"id": "\(club.survivor)"},
                    "identities": {"totalCount": 0}, "memberships": {"totalCount": 0},
                    "activities": {"totalCount": 0},
                    "pointsAccounts": {"nodes": [{"active": 0}]}},
                  "survivor": {"tier": {"code": "GOLD"},
                    "identities": {"nodes": [
                      {"normalized": "11", "primary": true},
                      {"normalized": "22", "primary": false},
                      {"normalized": "a@example.org", "primary": true},
                      {"normalized": "b@example.org", "primary": false}]},
                    "tags": {"totalCount": 2}, "segments": {"totalCount": 1},
                    "memberships": {"nodes": [
                      {"id": "mbs_1", "needsReview": true}, {"id": "mbs_2", "needsReview": true}]},
                    "registrations": {"nodes": [
                      {"id": "reg_1", "status": "REGISTERED"},
                      {"id": "reg_2", "status": "CANCELLED"},
                      {"id": "reg_3", "status": "REGISTERED"}]},
                    "pointsAccounts": {"nodes": [{"active": 1240, "lifetimeEarned": 40}]},
                    "wallets": {"nodes": [{"balance": {"amountMinor": 5000}}]}},
                  "event": {"seatsTaken": 1}}}
                """)
        club.fixture.advance(days: 1)
        #expect(try club.fixture.codes("unmergeMembers", "mergeId: \"\(merge)\"") == [])
        let after = (try club.portrait(club.survivor), try club.portrait(club.absorbed))
        #expect(after.0 == before.0)
        #expect(after.1 == before.1)
        #expect(
            try club.fixture.number(
                "{ event(id: \"evt_1\") { seatsTaken } }", at: "event.seatsTaken")
                == 2)
        #expect(
            try club.fixture.codes("unmergeMembers", "mergeId: \"\(merge)\"")
                == ["INVALID_TRANSITION"])
        try club.fixture.checkStore()
    }

    @Test func `what came to be after the merge stays with the survivor`() throws {
        let club = try MergeClub()
        let merge = try club.merge()
        #expect(
            try club.fixture.codes(
                "addMemberIdentity",
                "memberId: \"\(club.survivor)\", source: APP, "
                    + "identity: { kind: CARD_NO, value: \"9\" }") == [])
        try club.earn(club.survivor, 5)
        #expect(try club.fixture.codes("unmergeMembers", "mergeId: \"\(merge)\"") == [])
        try club.fixture.check(
            """
            { member(id: "\(club.survivor)") { identities { totalCount }
              pointsAccounts { nodes { active } } } }
            """,
            gives: """
                {"data": {"member": {"identities": {"totalCount": 1},
                  "pointsAccounts": {"nodes": [{"active": 5}]}}}}
                """)
    }

    @Test func `points spent since the merge make it MERGE_NOT_UNDOABLE unless that is accepted`()
        throws
    {
        let club = try MergeClub()
        try club.earn(club.absorbed, 100)
        let merge = try club.merge()
        #expect(
            try club.fixture.codes(
                "redeemPoints",
                "memberId: \"\(club.survivor)\", programId: \"\(club.points.program)\", points: 30, "
                    + "reason: \"gift\"") == [])
        let undo = "mergeId: \"\(merge)\""
        #expect(try club.fixture.codes("unmergeMembers", undo) == ["MERGE_NOT_UNDOABLE"])
        #expect(
            try club.fixture.codes("unmergeMembers", undo + ", acceptsShortage: true") == [])
        try club.fixture.check(
            """
            { a: member(id: "\(club.survivor)") { pointsAccounts { nodes { active } } }
              b: member(id: "\(club.absorbed)") { status pointsAccounts { nodes { active } } } }
            """,
            gives: """
                {"data": {"a": {"pointsAccounts": {"nodes": [{"active": 0}]}},
                  "b": {"status": "ACTIVE", "pointsAccounts": {"nodes": [{"active": 70}]}}}}
                """)
    }

    @Test func `I3 a merged member accepts no write and says whose place it took`() throws {
        let club = try MergeClub()
        _ = try club.merge()
        let answer = try club.fixture.run(
            """
            mutation { suspendMember(input: { id: "\(club.absorbed)", reason: "x" }) {
              userErrors { code message } } }
            """)
        #expect(
            answer
                == #"{"data":{"suspendMember":{"userErrors":[{"code":"MEMBER_MERGED","message":"#
                + "\"The member \(club.absorbed) became one with \(club.survivor).\"}]}}}")
        for (mutation, input) in [
            ("updateMember", "id: \"\(club.absorbed)\", expectedVersion: 1, set: {}"),
            (
                "earnPoints",
                "memberId: \"\(club.absorbed)\", programId: \"\(club.points.program)\", points: 1"
            ),
            ("applyMembership", "memberId: \"\(club.absorbed)\", typeCode: \"YEAR\""),
            ("mergeMembers", "survivorId: \"\(club.survivor)\", absorbedId: \"\(club.absorbed)\""),
            ("mergeMembers", "survivorId: \"\(club.absorbed)\", absorbedId: \"\(club.survivor)\""),
            ("eraseMember", "id: \"\(club.absorbed)\", reason: \"x\""),
        ] {
            #expect(try club.fixture.codes(mutation, input) == ["MEMBER_MERGED"], "\(mutation)")
        }
        #expect(
            try club.fixture.codes(
                "assignTags", "memberIds: [\"\(club.absorbed)\"], tagKeys: []") == ["MEMBER_MERGED"]
        )
    }

    @Test func `I4 the survivor of several merges is named, and they are undone from the last`()
        throws
    {
        let club = try MergeClub()
        let first = try club.merge()
        let third = try club.fixture.enroll("Third")
        let second = try club.fixture.text(
            """
            mutation { mergeMembers(input: { survivorId: "\(third)", absorbedId: "\(club.survivor)" })
            { merge { id } } }
            """, at: "mergeMembers.merge.id")
        #expect(
            try club.fixture.run(
                "mutation { reinstateMember(input: { id: \"\(club.absorbed)\" }) "
                    + "{ userErrors { message } } }"
            ).contains("became one with \(third)."))
        #expect(
            try club.fixture.codes("unmergeMembers", "mergeId: \"\(first)\"")
                == ["MERGE_NOT_UNDOABLE"])
        #expect(try club.fixture.codes("unmergeMembers", "mergeId: \"\(second)\"") == [])
        #expect(try club.fixture.codes("unmergeMembers", "mergeId: \"\(first)\"") == [])
    }

    @Test func `members who cannot become one are refused with MERGE_SELF or MERGE_CONFLICT`()
        throws
    {
        let club = try MergeClub()
        func merge(_ survivor: String, _ absorbed: String, _ more: String = "") throws -> [String] {
            try club.fixture.codes(
                "mergeMembers",
                "survivorId: \"\(survivor)\", absorbedId: \"\(absorbed)\" \(more)")
        }
        #expect(try merge(club.survivor, club.survivor) == ["MERGE_SELF"])
        #expect(try merge(club.survivor, "mem_99") == ["NOT_FOUND"])
        let firm = try club.fixture.enroll("Firm", more: ", kind: ORGANIZATION")
        #expect(try merge(club.survivor, firm) == ["MERGE_CONFLICT"])
        #expect(
            try merge(
                club.survivor, club.absorbed, #", fieldChoices: { age: SURVIVOR, name: "X" }"#)
                == ["INVALID", "INVALID"])
        try club.earn(club.absorbed, 10)
        #expect(
            try club.fixture.codes(
                "createPointsHold",
                "memberId: \"\(club.absorbed)\", programId: \"\(club.points.program)\", points: 5, "
                    + "ttlSeconds: 60") == [])
        #expect(try merge(club.survivor, club.absorbed) == ["MERGE_CONFLICT"])
        club.fixture.advance(seconds: 61)
        #expect(try merge(club.survivor, club.absorbed) == [])
    }

    @Test func `the survivor's fields win, but for choices and what it lacks`() throws {
        let club = try MergeClub()
        for (member, set) in [
            (club.survivor, "gender: MALE, preferences: { a: 1 }"),
            (club.absorbed, #"name: "Other", gender: FEMALE, birthday: "1990-01-01""#),
        ] {
            #expect(
                try club.fixture.codes(
                    "updateMember", "id: \"\(member)\", expectedVersion: 1, set: { \(set) }") == [])
        }
        let merge = try club.merge(#", fieldChoices: { name: "ABSORBED" }"#)
        let fields = "{ member(id: \"\(club.survivor)\") { name gender birthday preferences } }"
        try club.fixture.check(
            fields,
            gives: """
                {"data": {"member": {"name": "Other", "gender": "MALE",
                  "birthday": "1990-01-01", "preferences": {"a": 1}}}}
                """)
        // What was changed since is not undone.
        let version = try club.fixture.number(
            "{ member(id: \"\(club.survivor)\") { version } }", at: "member.version")
        #expect(
            try club.fixture.codes(
                "updateMember",
                "id: \"\(club.survivor)\", expectedVersion: \(version), set: { name: \"New\" }")
                == [])
        #expect(try club.fixture.codes("unmergeMembers", "mergeId: \"\(merge)\"") == [])
        try club.fixture.check(
            fields,
            gives: """
                {"data": {"member": {"name": "New", "gender": "MALE", "birthday": null,
                  "preferences": {"a": 1}}}}
                """)
    }

    @Test func `only that stays granted which both granted`() throws {
        let club = try MergeClub()
        for (member, channel) in [
            (club.survivor, "EMAIL"), (club.survivor, "SMS"), (club.absorbed, "SMS"),
        ] {
            #expect(
                try club.fixture.codes(
                    "setConsent",
                    "memberId: \"\(member)\", channel: \(channel), purpose: MARKETING, "
                        + "granted: true, source: WEB, evidence: \"e\"") == [])
        }
        let merge = try club.merge()
        #expect(
            try club.consents(club.survivor) == [
                "EMAIL MARKETING true", "SMS MARKETING true", "EMAIL MARKETING false",
            ])
        club.fixture.advance(seconds: 1)
        #expect(try club.fixture.codes("unmergeMembers", "mergeId: \"\(merge)\"") == [])
        #expect(try club.consents(club.survivor).last == "EMAIL MARKETING true")
        #expect(try club.consents(club.absorbed) == ["SMS MARKETING true"])
    }

    @Test func `terms of one type that do not overlap become those of one membership`() throws {
        let club = try MergeClub()
        let old = try club.fixture.apply(club.absorbed, "YEAR")
        try club.fixture.set(now: "2027-01-01T12:00:00Z")
        let own = try club.fixture.apply(club.survivor, "YEAR")
        let before = (try club.portrait(club.survivor), try club.portrait(club.absorbed))
        let merge = try club.merge()
        #expect(
            try club.fixture.terms(own) == [
                "1 NEW 2026-01-01…2026-12-31", "2 NEW 2027-01-01…2027-12-31",
            ])
        #expect(try club.fixture.standing(own) == "CURRENT 2026-01-01…2027-12-31")
        #expect(try club.fixture.terms(old) == [])
        try club.fixture.checkStore()
        #expect(try club.fixture.codes("unmergeMembers", "mergeId: \"\(merge)\"") == [])
        #expect(try club.portrait(club.survivor) == before.0)
        #expect(try club.portrait(club.absorbed) == before.1)
    }

    @Test func `I6 an erased member keeps ids, amounts and dates, and nothing else`() throws {
        let club = try MergeClub()
        try club.furnish()
        let membership = try club.fixture.apply(club.absorbed, "YEAR")
        #expect(
            try club.fixture.codes("eraseMember", "id: \"\(club.absorbed)\", reason: \" \"")
                == ["REQUIRED"])
        #expect(
            try club.fixture.codes("eraseMember", "id: \"\(club.absorbed)\", reason: \"asked\"")
                == ["INVALID_TRANSITION"])
        #expect(
            try club.fixture.codes(
                "withdrawFromWallet",
                "memberId: \"\(club.absorbed)\", reason: \"leaves\", "
                    + "amount: { amountMinor: 5000, currency: \"NOK\" }") == [])
        #expect(
            try club.fixture.codes("eraseMember", "id: \"\(club.absorbed)\", reason: \"asked\"")
                == [])
        try club.fixture.check(
            """
            { member(id: "\(club.absorbed)") { name gender birthday preferences status statusReason
              memberNo joinedAt
              identities { nodes { kind value normalized primary } }
              tags { totalCount } segments { totalCount }
              pointsAccounts { nodes { active lifetimeEarned } }
              registrations { nodes { status } }
              activities(filter: { payload: { isNull: false } }) { totalCount } }
              membership(id: "\(membership)") { status startDate endDate } }
            """,
            gives: """
                {"data": {"member": {"name": "", "gender": "UNKNOWN", "birthday": null,
                  "preferences": null, "status": "ERASED", "statusReason": "asked",
                  "memberNo": "1002", "joinedAt": "2026-01-01T12:00:00.000Z",
                  "identities": {"nodes": [
                    {"kind": "EMAIL", "value": "", "normalized": null, "primary": false},
                    {"kind": "CARD_NO", "value": "", "normalized": null, "primary": false}]},
                  "tags": {"totalCount": 0}, "segments": {"totalCount": 0},
                  "pointsAccounts": {"nodes": [{"active": 1200, "lifetimeEarned": 1200}]},
                  "registrations": {"nodes": [{"status": "CANCELLED"}, {"status": "CANCELLED"}]},
                  "activities": {"totalCount": 0}},
                  "membership": {"status": "CANCELLED", "startDate": "2026-01-01",
                    "endDate": "2026-12-31"}}}
                """)
        // The identity is free for somebody else.
        _ = try club.fixture.enroll(
            "New", identities: #"[{ kind: EMAIL, value: "b@example.org" }]"#)
        #expect(
            try club.fixture.codes("eraseMember", "id: \"\(club.absorbed)\", reason: \"asked\"")
                == ["MEMBER_ERASED"])
        try club.fixture.checkStore()
    }

    @Test func `a payment that fits lets terms count, and no other`() throws {
        let club = try ClubFixture.withChapters(now: "2026-01-01T12:00:00Z")
        try club.sell("PAID", fee: 500)
        let member = try club.enroll("Kari")
        let id = try club.apply(member, "PAID", ", terms: 2")
        func pay(_ amount: Int, _ currency: String, _ purpose: String, _ subject: String) throws
            -> String
        {
            try club.text(
                """
                mutation { recordPayment(input: { memberId: "\(member)", purpose: \(purpose)
                  amount: { amountMinor: \(amount), currency: "\(currency)" }, method: CARD
                  subjectId: "\(subject)" }) { payment { id } userErrors { message } } }
                """, at: "recordPayment.payment.id")
        }
        func activate(_ payment: String) throws -> [String] {
            try club.codes("activateMembership", "id: \"\(id)\", paymentId: \"\(payment)\"")
        }
        #expect(try activate("pay_9") == ["NOT_FOUND"])
        #expect(try activate(pay(999, "NOK", "MEMBERSHIP_DUES", id)) == ["PAYMENT_REQUIRED"])
        #expect(try activate(pay(1000, "SEK", "MEMBERSHIP_DUES", id)) == ["CURRENCY_MISMATCH"])
        #expect(try activate(pay(1000, "NOK", "PASS_PURCHASE", id)) == ["INVALID"])
        #expect(try activate(pay(1000, "NOK", "MEMBERSHIP_DUES", "mbs_7")) == ["INVALID"])
        let payment = try pay(1000, "NOK", "MEMBERSHIP_DUES", id)
        #expect(try activate(payment) == [])
        #expect(try activate(payment) == [])
        #expect(try club.standing(id) == "CURRENT 2026-01-01…2027-12-31")
        // A payment buys once.
        #expect(
            try club.codes(
                "renewMembership", "id: \"\(id)\", terms: 2, paymentId: \"\(payment)\"") == [])
        #expect(try club.standing(id) == "CURRENT 2026-01-01…2027-12-31")
    }
}
