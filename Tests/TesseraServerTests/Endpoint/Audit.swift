import Testing

/// One sentence of GraphQL over HTTP: what a client sends, and the whole answer it must get.
struct Audit: Sendable, CustomTestStringConvertible {
    let id: String
    let sentence: String
    let request: [UInt8]
    let answer: Answer
    /// What a server that follows the draft of 2026-08 answers.
    let draftAnswer: Answer

    init(
        _ id: String, _ sentence: String, _ request: String, _ answer: Answer,
        draft: Answer? = nil
    ) {
        self.init(id, sentence, Array(request.utf8), answer, draft: draft)
    }

    init(
        _ id: String, _ sentence: String, _ request: [UInt8], _ answer: Answer,
        draft: Answer? = nil
    ) {
        self.id = id
        self.sentence = sentence
        self.request = request
        self.answer = answer
        draftAnswer = draft ?? answer
    }

    /// An audit of a body that is refused: 400, and 422 by the draft.
    static func refused(
        _ id: String, _ sentence: String, _ body: String, _ message: String
    ) -> Audit {
        Audit(
            id, sentence, post(body), Answer("400 Bad Request", json, refusal(message)),
            draft: Answer("422 Unprocessable Content", json, refusal(message)))
    }

    /// An audit of a request that is answered with the root's name.
    static func accepted(
        _ id: String, _ sentence: String, _ request: String, as mediaType: String = json
    ) -> Audit {
        Audit(id, sentence, request, Answer("200 OK", mediaType, typeName))
    }

    static let typeName = #"{"data":{"__typename":"Query"}}"#

    var testDescription: String { "\(id) \(sentence)" }
}

@Test(arguments: publishedAudits + draftAudits)
func `the audits of GraphQL over HTTP hold`(_ audit: Audit) throws {
    let answer = try ClubServer.audits.get().ask(audit.request)
    #expect(answer == audit.answer, "\(audit.id)")
}

@Test(arguments: publishedAudits + draftAudits)
func `with the draft's statuses the audits hold as far as they agree`(_ audit: Audit) throws {
    let answer = try ClubServer.draft.get().ask(audit.request)
    #expect(answer == audit.draftAnswer, "\(audit.id)")
}

@Test
func `there is a test for each of the 61 published audits`() {
    #expect(publishedAudits.count == 61)
    #expect(Set((publishedAudits + draftAudits).map(\.id)).count == 61 + draftAudits.count)
}
