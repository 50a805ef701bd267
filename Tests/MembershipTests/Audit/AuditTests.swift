import Testing

@testable import Membership

@Suite struct AuditTests {
    private static let entries = """
        { auditEntries(orderBy: [{seq: ASC}]) { nodes {
            seq at actor action subjectId before after requestId } } }
        """

    @Test func `I45: a row that is added leaves a line with what it became`() throws {
        let club = try ClubFixture()
        let tag = try club.text(
            """
            mutation { createTag(input: {key: "jazz", name: "Jazz"}) { tag { id } } }
            """, at: "createTag.tag.id")
        try club.check(
            Self.entries,
            gives: """
                {"data": {"auditEntries": {"nodes": [
                  {"seq": 1, "at": "2026-06-30T12:00:00.000Z", "actor": "staff",
                   "action": "createTag", "subjectId": "\(tag)", "before": null,
                   "after": {"key": "jazz", "name": "Jazz"}, "requestId": null}]}}}
                """)
    }

    @Test func `I45: a row that is changed leaves a line with the fields that differ`() throws {
        let club = try ClubFixture()
        let tag = try club.text(
            """
            mutation { createTag(input: {key: "jazz", name: "Jazz"}) { tag { id } } }
            """, at: "createTag.tag.id")
        try club.set(now: "2026-07-01T08:00:00Z")
        _ = try club.run(
            """
            mutation { updateTag(input: {id: "\(tag)", set: {name: "Jazz!", key: "jazz"}}) {
              userErrors { code } } }
            """)
        try club.check(
            """
            { auditEntries(filter: {seq: {gt: 1}}) { nodes {
                seq at action subjectId before after } } }
            """,
            gives: """
                {"data": {"auditEntries": {"nodes": [
                  {"seq": 2, "at": "2026-07-01T08:00:00.000Z", "action": "updateTag",
                   "subjectId": "\(tag)", "before": {"name": "Jazz"},
                   "after": {"name": "Jazz!"}}]}}}
                """)
    }

    @Test func `a line names the request, and what nobody asked for has none`() throws {
        let club = try ClubFixture()
        let create = """
            mutation ($key: String!) { createTag(input: {key: $key, name: "x"}) { tag { id } } }
            """
        _ = try club.run(create, #"{"key": "a"}"#, requestID: "r-1")
        _ = try club.run(create, #"{"key": "b"}"#)
        try club.check(
            "{ auditEntries(orderBy: [{seq: ASC}]) { nodes { requestId } } }",
            gives: """
                {"data": {"auditEntries": {"nodes": [{"requestId": "r-1"}, {"requestId": null}]}}}
                """)
    }

    @Test func `a mutation that is refused leaves no line`() throws {
        let club = try ClubFixture()
        _ = try club.run(
            """
            mutation { createTag(input: {key: "", name: "Jazz"}) { userErrors { code } } }
            """)
        try club.check(
            Self.entries, gives: #"{"data": {"auditEntries": {"nodes": []}}}"#)
    }
}
