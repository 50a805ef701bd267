import Testing

@testable import Membership

struct ConsentRuleTests {
    @Test func `I7 consent to marketing needs evidence, and the latest line counts`() throws {
        let club = try ClubFixture.withChapters()
        let id = try club.enroll("Kari")
        func set(_ more: String) throws -> [String] {
            try club.codes(
                "setConsent", "memberId: \"\(id)\", channel: EMAIL, source: WEB, \(more)")
        }
        #expect(try set("purpose: MARKETING, granted: true") == ["REQUIRED"])
        #expect(try set(#"purpose: MARKETING, granted: true, evidence: " ""#) == ["REQUIRED"])
        #expect(try set(#"purpose: MARKETING, granted: true, evidence: "box 3""#) == [])
        club.advance(seconds: 1)
        #expect(try set("purpose: MARKETING, granted: false") == [])
        try club.check(
            "{ member(id: \"\(id)\") { consents(orderBy: [{ at: ASC }]) { nodes "
                + "{ channel purpose granted at evidence } } } }",
            gives: """
                {"data": {"member": {"consents": {"nodes": [
                  {"channel": "EMAIL", "purpose": "MARKETING", "granted": true,
                   "at": "2026-06-30T12:00:00.000Z", "evidence": "box 3"},
                  {"channel": "EMAIL", "purpose": "MARKETING", "granted": false,
                   "at": "2026-06-30T12:00:01.000Z", "evidence": null}]}}}}
                """)
    }
}

struct TagRuleTests {
    @Test func `a tag is put on once, and is gone when it has run out`() throws {
        let club = try ClubFixture.withChapters()
        let (a, b) = (try club.enroll("Kari"), try club.enroll("Ola"))
        func assign(_ members: String, _ more: String) throws -> String {
            try club.run(
                "mutation { assignTags(input: { memberIds: [\(members)], \(more) }) "
                    + "{ processed userErrors { code path } } }")
        }
        #expect(
            try assign("\"\(a)\", \"mem_9\"", #"tagKeys: ["runner"]"#)
                == #"{"data":{"assignTags":{"processed":null,"userErrors":["#
                + #"{"code":"NOT_FOUND","path":["input","memberIds","1"]},"#
                + #"{"code":"NOT_FOUND","path":["input","tagKeys","0"]}]}}}"#)
        let both = "\"\(a)\", \"\(b)\""
        let until = #"tagKeys: ["runner", "vip"], create: true, expiresAt: "2026-07-01T00:00:00Z""#
        #expect(
            try assign(both, until)
                == #"{"data":{"assignTags":{"processed":2,"userErrors":[]}}}"#)
        #expect(
            try assign("\"\(a)\"", #"tagKeys: ["vip"]"#)
                == #"{"data":{"assignTags":{"processed":0,"userErrors":[]}}}"#)
        #expect(
            try assign(both, #"tagKeys: ["vip"], expiresAt: "2026-06-30T12:00:00Z""#)
                == #"{"data":{"assignTags":{"processed":null,"userErrors":["#
                + #"{"code":"INVALID","path":["input","expiresAt"]}]}}}"#)
        let tags =
            "{ tags(orderBy: [{ key: ASC }]) { nodes { key memberCount members { nodes "
            + "{ member { name } expiresAt } } } } }"
        try club.check(
            tags,
            gives: """
                {"data": {"tags": {"nodes": [
                  {"key": "runner", "memberCount": 2, "members": {"nodes": [
                    {"member": {"name": "Kari"}, "expiresAt": "2026-07-01T00:00:00.000Z"},
                    {"member": {"name": "Ola"}, "expiresAt": "2026-07-01T00:00:00.000Z"}]}},
                  {"key": "vip", "memberCount": 2, "members": {"nodes": [
                    {"member": {"name": "Kari"}, "expiresAt": null},
                    {"member": {"name": "Ola"}, "expiresAt": "2026-07-01T00:00:00.000Z"}]}}
                ]}}}
                """)
        try club.set(now: "2026-07-01T00:00:00Z")
        try club.check(
            tags,
            gives: """
                {"data": {"tags": {"nodes": [
                  {"key": "runner", "memberCount": 0, "members": {"nodes": []}},
                  {"key": "vip", "memberCount": 1, "members": {"nodes": [
                    {"member": {"name": "Kari"}, "expiresAt": null}]}}
                ]}}}
                """)
        try club.check(
            "mutation { removeTags(input: { memberIds: [\(both)], tagKeys: [\"vip\"] }) "
                + "{ processed userErrors { code } } }",
            gives: #"{"data": {"removeTags": {"processed": 1, "userErrors": []}}}"#)
        try club.checkStore()
    }
}

struct SegmentRuleTests {
    private func save(_ club: ClubFixture, _ input: String) throws -> String {
        try club.run(
            "mutation { saveSegment(input: { \(input) }) { segment { id memberCount "
                + "members { nodes { name } } } userErrors { code path } } }")
    }

    @Test func `a dynamic segment holds whom its filter finds`() throws {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll("Kari")
        _ = try club.enroll("Ola", chapter: "chp_2")
        let rule = #"rule: { homeChapter: { code: { eq: "SHA" } } }"#
        #expect(
            try save(club, "name: \"China\", kind: DYNAMIC, \(rule)")
                == #"{"data":{"saveSegment":{"segment":{"id":"seg_1","memberCount":1,"#
                + #""members":{"nodes":[{"name":"Ola"}]}},"userErrors":[]}}}"#)
        try club.check(
            "{ previewSegment(rule: { name: { startsWith: \"K\" } }) { count sample { name } } }",
            gives: #"{"data": {"previewSegment": {"count": 1, "sample": [{"name": "Kari"}]}}}"#)
        // Another segment's members, by its name.
        let inner = #"rule: { segments: { some: { name: { eq: "China" } } } }"#
        #expect(
            try save(club, "name: \"Outer\", kind: DYNAMIC, \(inner)")
                .contains(#""memberCount":1,"members":{"nodes":[{"name":"Ola"}]}"#))
    }

    @Test func `a rule that is no filter, or asks for itself, is refused`() throws {
        let club = try ClubFixture.withChapters()
        func codes(_ input: String) throws -> [String] { try club.codes("saveSegment", input) }
        #expect(try codes("name: \"A\", kind: DYNAMIC") == ["REQUIRED"])
        #expect(
            try codes("name: \"A\", kind: DYNAMIC, rule: { nonsense: 1 }")
                == ["SEGMENT_RULE_INVALID"])
        #expect(
            try codes("name: \"A\", kind: DYNAMIC, rule: { name: { eq: 1 } }")
                == ["SEGMENT_RULE_INVALID"])
        func asking(_ name: String) -> String {
            "kind: DYNAMIC, rule: { segments: { some: { name: { eq: \"\(name)\" } } } }"
        }
        #expect(try codes("name: \"A\", \(asking("A"))") == ["SEGMENT_RULE_INVALID"])
        #expect(try codes("name: \"A\", \(asking("B"))") == ["SEGMENT_RULE_INVALID"])
        #expect(try codes("name: \"A\", kind: DYNAMIC, rule: { status: { eq: ACTIVE } }") == [])
        #expect(try codes("name: \"B\", \(asking("A"))") == [])
        #expect(try codes("id: \"seg_1\", name: \"A\", \(asking("B"))") == ["SEGMENT_RULE_INVALID"])
        #expect(
            try codes(
                "name: \"C\", kind: DYNAMIC, "
                    + "rule: { segments: { some: { name: { startsWith: \"A\" } } } }")
                == ["SEGMENT_RULE_INVALID"])
        #expect(try codes("name: \"A\", kind: STATIC, memberIds: []") == ["UNIQUE_VIOLATION"])
        #expect(try codes("name: \" \", kind: STATIC, memberIds: []") == ["REQUIRED"])
        #expect(try codes("name: \"D\", kind: STATIC, rule: {}") == ["INVALID", "REQUIRED"])
        #expect(try codes("name: \"D\", kind: STATIC, memberIds: [\"mem_4\"]") == ["NOT_FOUND"])
    }

    @Test func `a static segment is as it was listed`() throws {
        let club = try ClubFixture.withChapters()
        let (a, b) = (try club.enroll("Kari"), try club.enroll("Ola"))
        #expect(
            try save(club, "name: \"S\", kind: STATIC, memberIds: [\"\(b)\", \"\(a)\", \"\(b)\"]")
                .contains(#""memberCount":2,"#))
        #expect(
            try save(club, "id: \"seg_1\", name: \"S\", kind: STATIC, memberIds: [\"\(b)\"]")
                .contains(#""memberCount":1,"members":{"nodes":[{"name":"Ola"}]}"#))
        try club.check(
            "{ member(id: \"\(b)\") { segments { nodes { name } } } }",
            gives: #"{"data": {"member": {"segments": {"nodes": [{"name": "S"}]}}}}"#)
        try club.checkStore()
    }
}

struct ActivityRuleTests {
    @Test func `what a member does moves lastActiveAt forward, and what is done to it does not`()
        throws
    {
        let club = try ClubFixture.withChapters()
        let id = try club.enroll("Kari")
        func record(_ type: String, _ at: String) throws -> [String] {
            try club.codes(
                "recordActivity",
                "memberId: \"\(id)\", type: \(type), at: \"\(at)\", channel: APP, payload: { a: 1 }"
            )
        }
        #expect(try record("LOGIN", "2026-06-30T12:06:00Z") == ["INVALID"])
        #expect(try record("LOGIN", "2026-06-30T12:04:00Z") == [])
        #expect(try record("LOGIN", "2026-06-29T12:04:00Z") == [])
        #expect(try record("MESSAGE_OPENED", "2026-06-30T12:04:30Z") == [])
        try club.check(
            "{ member(id: \"\(id)\") { lastActiveAt lifecycleStage activities { totalCount } } }",
            gives: """
                {"data": {"member": {"lastActiveAt": "2026-06-30T12:04:00.000Z",
                  "lifecycleStage": "ACTIVE", "activities": {"totalCount": 5}}}}
                """)
        #expect(
            try club.codes(
                "recordActivity", "memberId: \"mem_5\", type: LOGIN, at: \"2026-06-30T12:00:00Z\"")
                == ["NOT_FOUND"])
        #expect(
            try club.codes(
                "recordActivity",
                "memberId: \"\(id)\", type: LOGIN, at: \"2026-06-30T12:00:00Z\", "
                    + "subjectId: \"\(String(repeating: "x", count: 129))\"") == ["TOO_LONG"])
    }

    @Test func `who comes back after a long silence is won back`() throws {
        let club = try ClubFixture.withChapters()
        let id = try club.enroll("Kari")
        let login = { (now: String) in
            try club.set(now: now)
            return try club.codes(
                "recordActivity", "memberId: \"\(id)\", type: LOGIN, at: \"\(now)\"")
        }
        #expect(try login("2026-07-01T12:00:00Z") == [])
        #expect(try login("2026-12-01T12:00:00Z") == [])
        try club.check(
            "{ member(id: \"\(id)\") { lifecycleStage returnedAt activities("
                + "filter: { type: { eq: STAGE_CHANGED } }) { nodes { payload } } } }",
            gives: """
                {"data": {"member": {"lifecycleStage": "WON_BACK",
                  "returnedAt": "2026-12-01T12:00:00.000Z", "activities": {"nodes": [
                    {"payload": {"from": "REGISTERED", "to": "ACTIVE"}},
                    {"payload": {"from": "ACTIVE", "to": "WON_BACK"}}]}}}}
                """)
    }
}
