import Testing

@testable import Membership

struct ImportTests {
    private let rows = """
        rows: [
          { name: "Kari", memberNo: "A-0001", identities: [{ kind: PHONE, value: "+4791234567" }] }
          { name: "Ola", homeChapterId: "chp_2", birthday: "2999-01-01" }
          { memberNo: "A-0003" }
          { identities: [{ kind: PHONE, value: "004791234567" }], gender: FEMALE }
          { name: "Li", homeChapterId: "chp_2", identities: [{ kind: PHONE, value: "13912345678" }] }
        ]
        """

    private func run(_ club: ClubFixture, _ more: String) throws -> String {
        try club.run(
            """
            mutation { importMembers(input: { \(rows), chapterId: "chp_1" \(more) }) {
              created updated rejected { code path } userErrors { code message path } } }
            """)
    }

    private let answer =
        #"{"data":{"importMembers":{"created":2,"updated":1,"rejected":["#
        + #"{"code":"INVALID","path":["rows","1","birthday"]},"#
        + #"{"code":"REQUIRED","path":["rows","2","name"]}],"userErrors":[]}}}"#

    @Test func `each row stands by itself, and a dry run says the same and writes nothing`() throws
    {
        let club = try ClubFixture.withChapters()
        #expect(try run(club, "") == answer)
        try club.check(
            "{ members { totalCount } }", gives: #"{"data": {"members": {"totalCount": 0}}}"#)
        #expect(try run(club, ", dryRun: false") == answer)
        try club.check(
            "{ members { nodes { memberNo name gender profileByHand identities { nodes "
                + "{ normalized source } } } } }",
            gives: """
                {"data": {"members": {"nodes": [
                  {"memberNo": "A-0001", "name": "Kari", "gender": "FEMALE",
                   "profileByHand": false, "identities": {"nodes": [
                    {"normalized": "+4791234567", "source": "IMPORT"}]}},
                  {"memberNo": "M100002", "name": "Li", "gender": "UNKNOWN",
                   "profileByHand": false, "identities": {"nodes": [
                    {"normalized": "+8613912345678", "source": "IMPORT"}]}}]}}}
                """)
        try club.checkStore()
    }

    @Test func `what a machine brings does not replace what people wrote, unless it is forced`()
        throws
    {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll(
            "Kari", identities: #"[{ kind: EMAIL, value: "k@example.org" }]"#,
            more: #", preferences: { a: 1 }"#)
        func upsert(_ more: String) throws -> String {
            try club.run(
                """
                mutation { upsertMemberByIdentity(input: {
                  identity: { kind: EMAIL, value: "K@example.org" }
                  member: { name: "Machine", gender: FEMALE, birthday: null
                    preferences: { a: 2, b: 3 } } \(more) })
                { created member { name gender preferences } userErrors { code message } } }
                """)
        }
        #expect(
            try upsert("source: API")
                == #"{"data":{"upsertMemberByIdentity":{"created":false,"member":{"name":"Kari","#
                + #""gender":"FEMALE","preferences":{"a":1,"b":3}},"userErrors":[]}}}"#)
        #expect(
            try upsert("source: API, force: true").contains(
                #""name":"Machine","gender":"FEMALE","preferences":{"a":2,"b":3}"#))
    }

    @Test func `identities of two members are never a silent pick: MERGE_CONFLICT`() throws {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll("Kari", identities: #"[{ kind: EMAIL, value: "k@example.org" }]"#)
        _ = try club.enroll("Ola", identities: #"[{ kind: CARD_NO, value: "77 1" }]"#)
        try club.check(
            """
            mutation { upsertMemberByIdentity(input: {
              identity: { kind: EMAIL, value: "k@example.org" }, source: WEB
              member: { identities: [{ kind: CARD_NO, value: "771" }] } })
            { member { id } userErrors { code message path } } }
            """,
            gives: """
                {"data": {"upsertMemberByIdentity": {"member": null, "userErrors": [{
                  "code": "MERGE_CONFLICT",
                  "message": "The identities lead to several members: mem_1, mem_2.",
                  "path": ["input", "member"]}]}}}
                """)
        // Somebody new needs a name and a home.
        #expect(
            try club.codes(
                "upsertMemberByIdentity",
                #"identity: { kind: EMAIL, value: "x@example.org" }, source: WEB, member: {}"#)
                == ["REQUIRED", "REQUIRED"])
    }

    @Test func `an identity is verified, and the primary one of its kind is one (I2)`() throws {
        let club = try ClubFixture.withChapters()
        let id = try club.enroll("Kari", identities: #"[{ kind: EMAIL, value: "k@example.org" }]"#)
        let add = "memberId: \"\(id)\", source: APP, identity: { kind: EMAIL, value: "
        #expect(try club.codes("addMemberIdentity", add + "\"x@example.org\" }") == [])
        #expect(try club.codes("addMemberIdentity", add + "\"X@example.org\" }") == [])
        #expect(try club.codes("addMemberIdentity", add + "\"x\" }") == ["INVALID"])
        _ = try club.enroll("Ola", identities: #"[{ kind: EMAIL, value: "o@example.org" }]"#)
        #expect(
            try club.codes("addMemberIdentity", add + "\"o@example.org\" }") == ["IDENTITY_TAKEN"])
        try club.check(
            """
            mutation { verifyMemberIdentity(input: { identityId: "idn_2", makePrimary: true }) {
              identity { verifiedAt primary } member { identities { nodes { value primary } } }
              userErrors { code } } }
            """,
            gives: """
                {"data": {"verifyMemberIdentity": {
                  "identity": {"verifiedAt": "2026-06-30T12:00:00.000Z", "primary": true},
                  "member": {"identities": {"nodes": [
                    {"value": "k@example.org", "primary": false},
                    {"value": "x@example.org", "primary": true}]}},
                  "userErrors": []}}}
                """)
        #expect(try club.codes("verifyMemberIdentity", "identityId: \"idn_8\"") == ["NOT_FOUND"])
    }

    @Test func `members who look alike are found, until somebody says that they are not`() throws {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll(
            "Kari  Nordmann", identities: #"[{ kind: PHONE, value: "+4791234567" }]"#,
            more: #", birthday: "1990-01-01""#)
        _ = try club.enroll("kari nordmann", more: #", birthday: "1990-01-01""#)
        _ = try club.enroll("Ola", more: #", birthday: "1990-01-01""#)
        let query = "{ duplicateCandidates { a { id } b { id } score matched conflicts } }"
        try club.check(
            query,
            gives: """
                {"data": {"duplicateCandidates": [{
                  "a": {"id": "mem_1"}, "b": {"id": "mem_2"}, "score": 110,
                  "matched": ["NAME", "BIRTHDAY", "HOME_CHAPTER"], "conflicts": []}]}}
                """)
        try club.check(
            "{ duplicateCandidates(threshold: 60) { score } }",
            gives: """
                {"data": {"duplicateCandidates": [{"score": 110}, {"score": 60}, {"score": 60}]}}
                """)
        #expect(
            try club.codes("excludeDuplicate", #"firstId: "mem_2", secondId: "mem_2""#)
                == ["MERGE_SELF"])
        #expect(try club.codes("excludeDuplicate", #"firstId: "mem_2", secondId: "mem_1""#) == [])
        #expect(try club.codes("excludeDuplicate", #"firstId: "mem_1", secondId: "mem_2""#) == [])
        try club.check(query, gives: #"{"data": {"duplicateCandidates": []}}"#)
        try club.check(
            "{ duplicateExclusions { totalCount } }",
            gives: #"{"data": {"duplicateExclusions": {"totalCount": 1}}}"#)
    }
}
