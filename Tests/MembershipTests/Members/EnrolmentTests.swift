import Testing

@testable import Membership

/// A club with two chapters, whose members come by mutations.
extension ClubFixture {
    /// `chp_1` in Oslo, `chp_2` in Shanghai.
    static func withChapters(now: String = "2026-06-30T12:00:00Z") throws -> ClubFixture {
        let club = try ClubFixture(now: now)
        for (code, zone, currency) in [
            ("OSL", "Europe/Oslo", "NOK"), ("SHA", "Asia/Shanghai", "CNY"),
        ] {
            _ = try club.text(
                """
                mutation { createChapter(input: { code: "\(code)", name: "\(code)", \
                level: CHAPTER, timezone: "\(zone)", currency: "\(currency)" }) \
                { chapter { id } userErrors { message } } }
                """, at: "createChapter.chapter.id")
        }
        return club
    }

    /// A new member's id.
    func enroll(
        _ name: String, identities: String = "[]", chapter: String = "chp_1",
        more: String = "", source: String = "WEB"
    ) throws -> String {
        try text(
            """
            mutation { enrollMember(input: { member: { name: "\(name)", \
            identities: \(identities) \(more) }, chapterId: "\(chapter)", source: \(source) }) \
            { member { id } userErrors { code message path } } }
            """, at: "enrollMember.member.id")
    }
}

struct EnrolmentTests {
    @Test func `enrolling makes a member with identities and a first line of the timeline`() throws
    {
        let club = try ClubFixture.withChapters()
        try club.check(
            """
            mutation {
              enrollMember(input: {
                member: {
                  name: " Kari Nordmann ", birthday: "1990-02-28", gender: FEMALE
                  preferences: { language: "nb", x: null }
                  identities: [
                    { kind: PHONE, value: "91 23 45 67" }
                    { kind: EMAIL, value: "Kari@Exämple.org" }
                    { kind: PHONE, value: "+47 91234568" }
                  ]
                }
                chapterId: "chp_1", source: STORE
              }) {
                member {
                  id memberNo kind name gender birthday status joinedAt profileByHand
                  homeChapter { code } preferences lifecycleStage lastActiveAt
                  identities { nodes { kind value normalized primary verifiedAt source } }
                  activities { nodes { type at channel } }
                }
                userErrors { code message path rule }
              }
            }
            """,
            gives: """
                {"data": {"enrollMember": {
                  "member": {
                    "id": "mem_1", "memberNo": "M100001", "kind": "INDIVIDUAL",
                    "name": "Kari Nordmann", "gender": "FEMALE", "birthday": "1990-02-28",
                    "status": "ACTIVE", "joinedAt": "2026-06-30T12:00:00.000Z",
                    "profileByHand": true, "homeChapter": {"code": "OSL"},
                    "preferences": {"language": "nb"}, "lifecycleStage": "REGISTERED",
                    "lastActiveAt": null,
                    "identities": {"nodes": [
                      {"kind": "PHONE", "value": "91 23 45 67", "normalized": "+4791234567",
                       "primary": true, "verifiedAt": null, "source": "STORE"},
                      {"kind": "EMAIL", "value": "Kari@Exämple.org",
                       "normalized": "kari@xn--exmple-cua.org",
                       "primary": true, "verifiedAt": null, "source": "STORE"},
                      {"kind": "PHONE", "value": "+47 91234568", "normalized": "+4791234568",
                       "primary": false, "verifiedAt": null, "source": "STORE"}
                    ]},
                    "activities": {"nodes": [
                      {"type": "REGISTERED", "at": "2026-06-30T12:00:00.000Z", "channel": "STORE"}
                    ]}
                  },
                  "userErrors": []
                }}}
                """)
        try club.checkStore()
    }

    @Test func `I1: an identity leads to one member, however it is written`() throws {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll("Kari", identities: #"[{ kind: PHONE, value: "+47 91 23 45 67" }]"#)
        try club.check(
            """
            mutation {
              enrollMember(input: {
                member: { name: "Ola", identities: [
                  { kind: EMAIL, value: "ola@example.org" }
                  { kind: PHONE, value: "0047 91234567" }
                ] }
                chapterId: "chp_1", source: WEB
              }) { member { id } userErrors { code message path rule } }
            }
            """,
            gives: """
                {"data": {"enrollMember": {"member": null, "userErrors": [{
                  "code": "IDENTITY_TAKEN", "message": "Another member has this identity.",
                  "path": ["input", "member", "identities", "1", "value"],
                  "rule": "members.enroll"}]}}}
                """)
        try club.check(
            "{ members { totalCount } memberIdentities { totalCount } }",
            gives:
                #"{"data": {"members": {"totalCount": 1}, "memberIdentities": {"totalCount": 1}}}"#
        )
        try club.check(
            #"{ memberByIdentity(identity: { kind: PHONE, value: "+4791234567" }) { name } }"#,
            gives: #"{"data": {"memberByIdentity": {"name": "Kari"}}}"#)
        try club.check(
            """
            { memberByIdentity(identity: { kind: PHONE, value: "91 23 45 67" }, chapterId: "chp_1")
              { name } }
            """, gives: #"{"data": {"memberByIdentity": {"name": "Kari"}}}"#)
        try club.check(
            #"{ memberByIdentity(identity: { kind: PHONE, value: "912" }) { name } }"#,
            gives: #"{"data": {"memberByIdentity": null}}"#)
    }

    @Test func `all that is wrong with a profile is said at once`() throws {
        let club = try ClubFixture.withChapters()
        try club.check(
            """
            mutation {
              enrollMember(input: {
                member: {
                  name: "  ", memberNo: "12", birthday: "2026-07-03", homeChapterId: "chp_9"
                  preferences: [1], identities: [
                    { kind: PHONE, value: "12" }, { kind: EMAIL, value: "a" }
                    { kind: CARD_NO, value: " " }, { kind: EXTERNAL, value: "\(long)" }
                  ]
                }
                chapterId: "chp_1", source: WEB
              }) { userErrors { code path } }
            }
            """,
            gives: """
                {"data": {"enrollMember": {"userErrors": [
                  {"code": "INVALID", "path": ["input", "member", "memberNo"]},
                  {"code": "REQUIRED", "path": ["input", "member", "name"]},
                  {"code": "INVALID", "path": ["input", "member", "birthday"]},
                  {"code": "NOT_FOUND", "path": ["input", "member", "homeChapterId"]},
                  {"code": "INVALID", "path": ["input", "member", "preferences"]},
                  {"code": "INVALID", "path": ["input", "member", "identities", "0", "value"]},
                  {"code": "INVALID", "path": ["input", "member", "identities", "1", "value"]},
                  {"code": "REQUIRED", "path": ["input", "member", "identities", "2", "value"]},
                  {"code": "TOO_LONG", "path": ["input", "member", "identities", "3", "value"]}
                ]}}}
                """)
    }

    private var long: String { String(repeating: "x", count: 257) }

    @Test func `a number that another member has is refused with UNIQUE_VIOLATION`() throws {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll("Kari", more: #", memberNo: "M100002""#)
        #expect(
            try club.errorCodes(
                """
                mutation { enrollMember(input: { member: { name: "Ola", memberNo: "M100002" }, \
                chapterId: "chp_1", source: WEB }) { userErrors { code } } }
                """, of: "enrollMember") == ["UNIQUE_VIOLATION"])
        // A number that is made gives way to those that are taken.
        let next = try club.enroll("Ola")
        try club.check(
            "{ member(id: \"\(next)\") { memberNo } }",
            gives: #"{"data": {"member": {"memberNo": "M100002-2"}}}"#)
    }

    @Test func `a change needs the version that it was made from`() throws {
        let club = try ClubFixture.withChapters()
        let id = try club.enroll(
            "Kari", more: #", birthday: "1990-01-01", preferences: { a: 1, b: { c: [1, "}"] } }"#)
        let change = """
            mutation ($version: Int!) {
              updateMember(input: { id: "\(id)", expectedVersion: $version, set: {
                birthday: null, preferences: { a: null, d: 1.50 } } }) {
                member { version birthday preferences activities { nodes { type } } }
                userErrors { code message path }
              }
            }
            """
        try club.check(
            change, #"{"version": 1}"#,
            gives: """
                {"data": {"updateMember": {"member": {
                  "version": 2, "birthday": null, "preferences": {"b": {"c": [1, "}"]}, "d": 1.5},
                  "activities": {"nodes": [{"type": "REGISTERED"}, {"type": "PROFILE_UPDATED"}]}},
                  "userErrors": []}}}
                """)
        try club.check(
            change, #"{"version": 1}"#,
            gives: """
                {"data": {"updateMember": {"member": null, "userErrors": [{
                  "code": "VERSION_CONFLICT", "message": "The member has version 2, not 1.",
                  "path": ["input", "expectedVersion"]}]}}}
                """)
        try club.check(
            """
            mutation { updateMember(input: { id: "\(id)", expectedVersion: 2, set: {
              name: null, kind: null, memberNo: null, homeChapterId: null } }) {
              userErrors { code path } } }
            """,
            gives: """
                {"data": {"updateMember": {"userErrors": [
                  {"code": "REQUIRED", "path": ["input", "set", "memberNo"]},
                  {"code": "REQUIRED", "path": ["input", "set", "kind"]},
                  {"code": "REQUIRED", "path": ["input", "set", "name"]},
                  {"code": "REQUIRED", "path": ["input", "set", "homeChapterId"]}]}}}
                """)
        #expect(
            try club.errorCodes(
                """
                mutation { updateMember(input: { id: "mem_9", expectedVersion: 1, set: {} }) \
                { userErrors { code } } }
                """, of: "updateMember") == ["NOT_FOUND"])
    }

    @Test func `a suspended member is seen, and reinstated once`() throws {
        let club = try ClubFixture.withChapters()
        let id = try club.enroll("Kari")
        func suspend(_ reason: String) throws -> String {
            try club.run(
                """
                mutation { suspendMember(input: { id: "\(id)", reason: "\(reason)" }) \
                { member { status statusReason } userErrors { code path } } }
                """)
        }
        #expect(try suspend(" ").contains(#""code":"REQUIRED","path":["input","reason"]"#))
        #expect(try suspend("Fraud").contains(#""status":"SUSPENDED","statusReason":"Fraud""#))
        #expect(try suspend("Fraud").contains(#""code":"INVALID_TRANSITION""#))
        let reinstate = """
            mutation { reinstateMember(input: { id: "\(id)" }) \
            { member { status statusReason } userErrors { code path } } }
            """
        #expect(try club.run(reinstate).contains(#""status":"ACTIVE","statusReason":null"#))
        #expect(try club.run(reinstate).contains(#""code":"INVALID_TRANSITION""#))
    }
}
