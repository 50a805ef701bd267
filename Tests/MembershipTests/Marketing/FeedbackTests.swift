import Testing

@testable import Membership

struct FeedbackTests {
    private func submit(_ input: String) -> String {
        """
        mutation { submitFeedback(input: { memberId: "mem_1" \(input) }) {
          feedback { kind score comment wave at resolvedAt member { name } }
          userErrors { code message path } } }
        """
    }

    private func refused(_ errors: String) -> String {
        #"{"data": {"submitFeedback": {"feedback": null, "userErrors": [\#(errors)]}}}"#
    }

    private func club() throws -> ClubFixture {
        let club = try ClubFixture.withChapters()
        _ = try club.enroll("Ada")
        return club
    }

    @Test func `an answer is kept, and is a line of the timeline and of the audit`() throws {
        let club = try club()
        try club.check(
            submit(#"kind: NPS score: 9 comment: "Fine""#),
            gives: """
                {"data": {"submitFeedback": {"userErrors": [], "feedback": {
                  "kind": "NPS", "score": 9, "comment": "Fine", "wave": "2026-Q2",
                  "at": "2026-06-30T12:00:00.000Z", "resolvedAt": null,
                  "member": {"name": "Ada"}}}}}
                """)
        try club.check(
            """
            { activities(filter: {type: {eq: FEEDBACK_GIVEN}}) { nodes { subjectId } }
              auditEntries(filter: {action: {eq: "submitFeedback"}}) { nodes { subjectId } } }
            """,
            gives: """
                {"data": {"activities": {"nodes": [{"subjectId": "fbk_1"}]},
                  "auditEntries": {"nodes": [{"subjectId": "fbk_1"}]}}}
                """)
    }

    @Test func `UNIQUE_VIOLATION: one NPS answer by a member in each wave`() throws {
        let club = try club()
        _ = try club.run(submit("kind: NPS score: 9"))
        try club.check(
            submit("kind: NPS score: 3"),
            gives: refused(
                """
                {"code": "UNIQUE_VIOLATION", "path": ["input", "wave"],
                 "message": "The member has answered in the wave 2026-Q2 already."}
                """))
        #expect(
            try club.text(
                submit(#"kind: NPS score: 3 wave: "launch""#), at: "submitFeedback.feedback.wave")
                == "launch")
        // Still June in Greenwich, July in Oslo.
        try club.set(now: "2026-06-30T22:30:00Z")
        #expect(
            try club.text(submit("kind: NPS score: 3"), at: "submitFeedback.feedback.wave")
                == "2026-Q3")
    }

    @Test func `INVALID and REQUIRED: scores lie on their scale, words are needed elsewhere`()
        throws
    {
        let club = try club()
        try club.check(
            submit("kind: NPS score: 11"),
            gives: refused(
                """
                {"code": "INVALID", "path": ["input", "score"],
                 "message": "The score for NPS is 0 to 10."}
                """))
        try club.check(
            submit("kind: CSAT"),
            gives: refused(
                """
                {"code": "REQUIRED", "path": ["input", "score"],
                 "message": "A score must be given for CSAT."}
                """))
        try club.check(
            submit(#"kind: COMPLAINT score: 1 comment: " ""#),
            gives: refused(
                """
                {"code": "INVALID", "path": ["input", "score"],
                 "message": "There is no score for COMPLAINT."},
                {"code": "REQUIRED", "path": ["input", "comment"],
                 "message": "Say it in words."}
                """))
        let long = String(repeating: "x", count: 10_001)
        try club.check(
            submit(#"kind: SUGGESTION comment: "\#(long)""#),
            gives: refused(
                """
                {"code": "TOO_LONG", "path": ["input", "comment"],
                 "message": "At most 10000 characters."}
                """))
        #expect(
            try club.errorCodes(submit("kind: EVENT_RATING score: 4"), of: "submitFeedback")
                == ["NOT_FOUND"])
    }

    @Test func `a complaint is dealt with once`() throws {
        let club = try club()
        _ = try club.run(submit(#"kind: COMPLAINT comment: "Cold soup""#))
        let resolve = """
            mutation { resolveFeedback(input: {feedbackId: "fbk_1"}) {
              feedback { resolvedAt } userErrors { code path } } }
            """
        try club.check(
            resolve,
            gives: """
                {"data": {"resolveFeedback": {"userErrors": [],
                  "feedback": {"resolvedAt": "2026-06-30T12:00:00.000Z"}}}}
                """)
        try club.check(
            resolve,
            gives: """
                {"data": {"resolveFeedback": {"feedback": null, "userErrors": [
                  {"code": "INVALID_TRANSITION", "path": ["input", "feedbackId"]}]}}}
                """)
    }
}
