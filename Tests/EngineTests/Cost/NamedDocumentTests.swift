import Bytes
import JSON
import Testing

@testable import Engine

/// Documents that requests name instead of sending them.
@Suite struct NamedDocumentTests {
    private static let document = "{ members(first: 1) { nodes { id } } }"
    private static let answer = #"{"data":{"members":{"nodes":[{"id":"mem_1"}]}}}"#

    private static func hash(_ text: String) -> String {
        SHA256.digest(of: Array(text.utf8)).hexadecimal
    }

    private static func session(_ documents: DocumentRegistry) throws -> Session {
        let club = try EngineFixture.club()
        return try #require(
            Session(
                context: EngineContext(
                    model: club.model, store: club.store, documents: documents)))
    }

    private func ask(_ session: Session, _ body: JSONValue) throws -> (Session.Outcome, String) {
        var text = body.description
        let output = ByteBuffer()
        let outcome = try text.withUTF8 { bytes in
            session.execute(
                try unsafe GraphQLRequest(jsonBody: UnsafeRawBufferPointer(bytes)), into: output)
        }
        return (outcome, output.makeString())
    }

    private func persisted(
        _ hash: String, query: String? = nil, version: JSONValue = 1
    ) -> JSONValue {
        let extensions: JSONValue = [
            "persistedQuery": ["version": version, "sha256Hash": .string(hash)]
        ]
        guard let query else { return ["extensions": extensions] }
        return ["query": .string(query), "extensions": extensions]
    }

    @Test func `a hash that is not known is said so, and is known once its document was sent`()
        throws
    {
        let session = try Self.session(DocumentRegistry())
        let hash = Self.hash(Self.document)
        #expect(
            try ask(session, persisted(hash)) == (
                .requestError(.notPersisted),
                #"{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}"#
            ))
        #expect(try ask(session, persisted(hash, query: Self.document)) == (.data, Self.answer))
        #expect(try ask(session, persisted(hash)) == (.data, Self.answer))
        #expect(try ask(session, persisted(hash.uppercased())) == (.data, Self.answer))
    }

    @Test func `what one thread has been sent all others know`() throws {
        let documents = DocumentRegistry()
        let first = try Self.session(documents)
        let second = try Self.session(documents)
        let hash = Self.hash(Self.document)
        #expect(try ask(first, persisted(hash, query: Self.document)).0 == .data)
        #expect(try ask(second, persisted(hash)) == (.data, Self.answer))
    }

    @Test func `a document that is not that of the hash, or another version, is refused`() throws {
        let session = try Self.session(DocumentRegistry())
        let hash = Self.hash(Self.document)
        #expect(
            try ask(session, persisted(hash, query: "{ __typename }")) == (
                .requestError(.reference),
                #"{"errors":[{"message":"provided sha does not match query","extensions":{"code":"BAD_REQUEST","hint":"Send the SHA-256 of the document's UTF-8 bytes."}}]}"#
            ))
        #expect(try ask(session, persisted(hash)).0 == .requestError(.notPersisted))
        #expect(
            try ask(session, persisted(hash, query: Self.document, version: 2)).0
                == .requestError(.reference))
    }

    @Test func `an invalid document is not kept`() throws {
        let session = try Self.session(DocumentRegistry())
        let wrong = "{ nothing }"
        #expect(
            try ask(session, persisted(Self.hash(wrong), query: wrong)).0
                == .requestError(.validation))
        #expect(
            try ask(session, persisted(Self.hash(wrong))).0 == .requestError(.notPersisted))
    }

    @Test func `where nothing is kept, that is said`() throws {
        let session = try Self.session(DocumentRegistry(bytesMax: 0))
        let answer = try ask(session, persisted(Self.hash(Self.document)))
        #expect(
            answer == (
                .requestError(.notPersisted),
                #"{"errors":[{"message":"PersistedQueryNotSupported","extensions":{"code":"PERSISTED_QUERY_NOT_SUPPORTED"}}]}"#
            ))
        #expect(
            try ask(session, persisted(Self.hash(Self.document), query: Self.document))
                == (.data, Self.answer))
    }

    @Test func `what clients leave is bounded, and what is used stays`() throws {
        let documents = DocumentRegistry(bytesMax: 20_000)
        let session = try Self.session(documents)
        let used = Self.hash(Self.document)
        #expect(try ask(session, persisted(used, query: Self.document)).0 == .data)
        for number in 0..<400 {
            let text = "{ a\(number): __typename }"
            #expect(try ask(session, persisted(Self.hash(text), query: text)).0 == .data)
            if number % 20 == 0 { #expect(try ask(session, persisted(used)).0 == .data) }
        }
        #expect(documents.keptByteCount <= 20_000)
        #expect(try ask(session, persisted(used)).0 == .data)
        #expect(
            try ask(session, persisted(Self.hash("{ a0: __typename }"))).0
                == .requestError(.notPersisted))
    }

    @Test(arguments: ["sha256:", ""])
    func `a trusted document is known by its hash, and by any name it was given`(
        prefix: String
    ) throws {
        let session = try Self.session(
            DocumentRegistry(trusted: [
                TrustedDocument(text: Array(Self.document.utf8)),
                TrustedDocument(id: "first", text: Array(Self.document.utf8)),
            ]))
        let id = prefix + Self.hash(Self.document)
        #expect(try ask(session, ["documentId": .string(id)]) == (.data, Self.answer))
        #expect(try ask(session, ["documentId": "first"]) == (.data, Self.answer))
        #expect(
            try ask(session, persisted(Self.hash(Self.document))) == (.data, Self.answer))
        #expect(
            try ask(session, ["documentId": "second"]).0 == .requestError(.notPersisted))
    }

    @Test func `where only trusted documents are executed, no other is`() throws {
        let documents = DocumentRegistry(
            trusted: [TrustedDocument(text: Array(Self.document.utf8))], onlyTrusted: true)
        let session = try Self.session(documents)
        let hash = Self.hash(Self.document)
        #expect(try ask(session, ["documentId": .string("sha256:" + hash)]).0 == .data)
        #expect(try ask(session, ["query": .string(Self.document)]).0 == .data)
        #expect(try ask(session, persisted(hash, query: Self.document)).0 == .data)
        for other in [
            "{ members(first: 1) { nodes { id name } } }", "{ __typename }", "{",
            Self.document + " ",
        ] {
            #expect(
                try ask(session, ["query": .string(other)]).0 == .requestError(.notTrusted),
                "\(other)")
            #expect(
                try ask(session, persisted(Self.hash(other), query: other)).0
                    == .requestError(.notTrusted))
            #expect(
                try ask(session, persisted(Self.hash(other))).0 == .requestError(.notPersisted))
        }
    }

    @Test func `a name and a text together are the named document`() throws {
        let session = try Self.session(
            DocumentRegistry(trusted: [TrustedDocument(id: "a", text: Array(Self.document.utf8))])
        )
        #expect(
            try ask(session, ["documentId": "a", "query": "{ __typename }"])
                == (.data, Self.answer))
        #expect(
            try ask(session, ["documentId": "b", "query": "{ __typename }"])
                == (.data, #"{"data":{"__typename":"Query"}}"#))
    }
}

/// Errors where clients may not know the schema.
@Suite struct DiscretionTests {
    @Test(arguments: [
        ("{ members { nodes { nmae } } }", "Cannot query field \"nmae\" on type \"…\"."),
        (
            "{ member { id } }",
            "Argument \"….member(id:)\" of type \"ID!\" is required, but it was not provided."
        ),
        (
            "{ member(id: \"x\") }",
            "Field \"member\" of type \"…\" must have a selection of subfields. Did you mean \"member { ... }\"?"
        ),
        ("{ mebmers { totalCount } }", "Cannot query field \"mebmers\" on type \"…\"."),
    ]) func `names that the client did not say are not told`(
        document: String, message: String
    ) throws {
        var limits = EngineLimits()
        limits.introspection = false
        limits.suggestions = false
        let answer = try EngineFixture.club(limits).ask(document)
        #expect(answer.json?["errors"]?[0]?["message"]?.string == message)
    }

    @Test func `nor are values of enums and fields of inputs`() throws {
        var limits = EngineLimits()
        limits.suggestions = false
        let club = try EngineFixture.club(limits)
        let document = "query($f: MemberFilter) { members(filter: $f) { totalCount } }"
        for variables: JSONValue in [
            ["f": ["status": ["eq": "activ"]]], ["f": ["nmae": ["eq": "x"]]],
            ["f": ["pointsBalance": ["eq": "ten"]]],
        ] {
            let answer = try club.ask(document, variables)
            #expect(answer.outcome == .requestError(.variables))
            for secret in ["active", "MemberStatus", "name", "StringFilter", "IntFilter"] {
                #expect(!answer.text.contains("\"\(secret)"), "\(answer.text)")
                #expect(!answer.text.contains("\(secret)\\\""), "\(answer.text)")
            }
        }
    }
}
