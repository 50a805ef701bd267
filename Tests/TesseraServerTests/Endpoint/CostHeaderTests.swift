import Bytes
import Engine
import JSON
import Testing

@testable import TesseraServer

// MARK: GraphQL-Cost

@Test func `a report of the cost stands in the extensions, also of a worker's answer`() throws {
    let server = try ClubServer.audits.get()
    for (query, cost) in [
        ("{members(first:2){nodes{tier{name}}}}", 5), ("{visits(first:1000){nodes{id}}}", 1001),
    ] {
        let answer = try server.ask(
            post(#"{"query":"\#(query)"}"#, headers: "GraphQL-Cost: report\r\n"))
        #expect(answer.status == "200 OK")
        let body = try JSONValue(parsing: answer.body)
        #expect(body["extensions"]?["cost"]?["estimated"] == .integer(Int64(cost)))
        #expect(body["extensions"]?["cost"]?["limit"] == 1_000_000)
        #expect(body["data"] != .null)
    }
}

@Test func `an operation is priced without being executed`() throws {
    let answer = try ClubServer.audits.get().ask(
        post(#"{"query":"{visits(first:7){nodes{id}}}"}"#, headers: "graphql-cost: VALIDATE\r\n"))
    #expect(
        answer
            == Answer(
                "200 OK", json,
                #"{"data":null,"extensions":{"cost":{"estimated":8,"limit":1000000}}}"#))
}

@Test func `another value of the header is refused, and none leaves the answer as it was`() throws {
    let server = try ClubServer.audits.get()
    let wrong = try server.ask(
        post(#"{"query":"{__typename}"}"#, headers: "GraphQL-Cost: much\r\n"))
    #expect(wrong.status == "400 Bad Request")
    #expect(
        try server.ask(post(#"{"query":"{__typename}"}"#))
            == Answer("200 OK", json, Audit.typeName))
}

@Test(arguments: [(json, "200 OK"), (response, "400 Bad Request")])
func `what is too dear has the status of a request that is not executed`(
    accept: String, status: String
) throws {
    let server = try ClubServer { $0.costMax = 10 }
    let answer = try server.ask(
        post(#"{"query":"{visits(first:11){nodes{id}}}"}"#, accept: accept))
    #expect(answer.status == status)
    #expect(answer.body.contains("\"COST_LIMIT_EXCEEDED\""))
}

// MARK: Named documents

private let document = "{members(first:1){nodes{id}}}"
private let hash = SHA256.digest(of: Array(document.utf8)).hexadecimal
private let found = #"{"data":{"members":{"nodes":[{"id":"mem_1"}]}}}"#
private let persisted = #""extensions":{"persistedQuery":{"version":1,"sha256Hash":"\#(hash)"}}"#

@Test(arguments: [json, response])
func `a hash that is not known has status 200, so that clients send the document`(
    accept: String
) throws {
    let server = try ClubServer()
    let unknown = Answer(
        "200 OK", accept,
        #"{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}"#
    )
    #expect(try server.ask(post("{\(persisted)}", accept: accept)) == unknown)
    #expect(
        try server.ask(post(#"{"query":"\#(document)",\#(persisted)}"#, accept: accept))
            == Answer("200 OK", accept, found))
    #expect(
        try server.ask(post("{\(persisted)}", accept: accept)) == Answer("200 OK", accept, found))
    let parameter =
        "extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22\(hash)%22%7D%7D"
    #expect(
        try server.ask(
            "GET /graphql?\(parameter) HTTP/1.1\r\nHost: club\r\nAccept: \(accept)\r\n\r\n")
            == Answer("200 OK", accept, found))
}

@Test func `only trusted documents are executed where that is asked for`() throws {
    let server = try ClubServer(
        documents: DocumentRegistry(
            trusted: [TrustedDocument(text: Array(document.utf8))], onlyTrusted: true))
    for body in [
        #"{"documentId":"sha256:\#(hash)"}"#, "{\(persisted)}", #"{"query":"\#(document)"}"#,
    ] {
        #expect(try server.ask(post(body)) == Answer("200 OK", json, found))
    }
    #expect(
        try server.ask(
            "GET /graphql?documentId=sha256:\(hash) HTTP/1.1\r\nHost: club\r\n\r\n"
        ).body == found)
    let other = try server.ask(post(#"{"query":"{__typename}"}"#))
    #expect(other.status == "403 Forbidden")
    #expect(other.body.contains("\"OPERATION_NOT_ALLOWED\""))
}

@Test func `extensions that name no document do not stand for one`() throws {
    let server = try ClubServer.audits.get()
    for body in [#"{"extensions":{}}"#, #"{"query":null,"extensions":{"persistedQuery":null}}"#] {
        #expect(try server.ask(post(body)).status == "400 Bad Request")
    }
    #expect(
        try server.ask("GET /graphql?extensions=%7B%7D HTTP/1.1\r\nHost: club\r\n\r\n").status
            == "400 Bad Request")
}
