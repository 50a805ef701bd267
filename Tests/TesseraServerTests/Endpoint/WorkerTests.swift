import HTTP
import Testing

@testable import TesseraServer

private let cheap = #"{"query":"{ __typename }"}"#
private let dear = #"{"query":"{ visits(first: 1000) { nodes { number } } }"}"#
private let dearQuery = "query={visits(first:1000){nodes{number}}}"
private let dearAnswer =
    #"{"data":{"visits":{"nodes":["#
    + (1...1000).map { #"{"number":\#($0)}"# }.joined(separator: ",") + "]}}}"
/// Dear, and with an error of a field.
private let partial =
    #"{"query":"{ visits(first: 1000) { totalCount nodes { id } } "#
    + #"tier(id: \"tier_1\") { members(first: 5000) { totalCount } } }"}"#

@Test
func `what is too dear for a loop is answered by a worker`() throws {
    let club = try ClubServer { $0.loopBudget = 10 }
    #expect(try club.ask(post(dear)) == Answer("200 OK", json, dearAnswer))
    #expect(try club.ask(post(dear, accept: response)) == Answer("200 OK", response, dearAnswer))
    #expect(try club.ask(get(dearQuery)) == Answer("200 OK", json, dearAnswer))
    #expect(
        try club.ask(get(dearQuery, method: "HEAD"))
            == Answer(
                "200 OK", json, headers: ["Content-Length: \(dearAnswer.utf8.count)"], ""))
}

@Test
func `what is not soon done is begun anew by a worker for long operations`() throws {
    let club = try ClubServer {
        $0.loopBudget = 10
        $0.briefTime = .zero
    }
    #expect(try club.ask(post(dear)) == Answer("200 OK", json, dearAnswer))
    #expect(try club.ask(get(dearQuery)) == Answer("200 OK", json, dearAnswer))
    #expect(try club.ask(post(cheap)) == Answer("200 OK", json, Audit.typeName))
}

@Test
func `an operation with many values is for a worker for long operations at once`() throws {
    let club = try ClubServer {
        $0.loopBudget = 10
        $0.timeout = .seconds(60)
    }
    let ids = (0..<900).map { _ in "\"" + String(repeating: "x", count: 400) + "\"" }
    let body =
        #"{"query":"query($ids: [ID!]){visits(first: 1000, filter: {id: {notIn: $ids}}) {nodes{number}}}","#
        + #""variables":{"ids":[\#(ids.joined(separator: ","))]}}"#
    for _ in 0..<2 { #expect(try club.ask(post(body)) == Answer("200 OK", json, dearAnswer)) }
}

@Test
func `a worker knows the operation, the variables and the rules`() throws {
    let body =
        #"{"query":"query A{__typename} query B($n:Int=1){visits(first:$n){nodes{number}}}","#
        + #""operationName":"B","variables":{"n":1000}}"#
    let query =
        "query=query+A{__typename}query+B($n:Int=1){visits(first:$n){nodes{number}}}"
        + "&operationName=B&variables={%22n%22:1000}"
    let club = try ClubServer(rules: .draft) { $0.loopBudget = 10 }
    #expect(try club.ask(post(body)) == Answer("200 OK", json, dearAnswer))
    #expect(try club.ask(get(query)) == Answer("200 OK", json, dearAnswer))
    let onLoop = try ClubServer.draft.get().ask(post(partial, accept: response))
    #expect(onLoop.status == "294 Partial Success")
    #expect(try club.ask(post(partial, accept: response)) == onLoop)
}

@Test
func `answers keep the order of their requests, wherever they are made`() throws {
    let club = try ClubServer { $0.loopBudget = 10 }
    let client = try Client(port: club.port)
    client.send(
        post(dear) + post(cheap) + get(dearQuery, method: "HEAD") + post("{", accept: response)
            + post(dear) + get("query=mutation{x}", accept: response) + post(cheap))
    #expect(try client.read() == Answer("200 OK", json, dearAnswer))
    #expect(try client.read() == Answer("200 OK", json, Audit.typeName))
    #expect(
        try client.read(isHead: true)
            == Answer(
                "200 OK", json, headers: ["Content-Length: \(dearAnswer.utf8.count)"], ""))
    #expect(try client.read().status == "400 Bad Request")
    #expect(try client.read() == Answer("200 OK", json, dearAnswer))
    #expect(try client.read().status == "405 Method Not Allowed")
    #expect(try client.read() == Answer("200 OK", json, Audit.typeName))
}

@Test
func `when too many operations wait, one more is turned away`() throws {
    let club = try ClubServer(jobsWaitingMax: 0) { $0.loopBudget = 10 }
    let body = refusal(
        "Too many dear operations are waiting.", code: "UNAVAILABLE",
        hint: "Try again in a second.")
    for mediaType in [json, response] {
        #expect(
            try club.ask(post(dear, accept: mediaType))
                == Answer(
                    "503 Service Unavailable", mediaType, headers: ["Retry-After: 1"], body))
    }
    #expect(try club.ask(post(cheap)) == Answer("200 OK", json, Audit.typeName))
}

private let timeout = refusal(
    "The operation took longer than 0.0 seconds.", code: "TIMEOUT",
    hint: "Ask for less at once, or for fields with an index.")
private let tooLarge = refusal(
    "The answer is larger than 1000 bytes.", code: "ANSWER_TOO_LARGE",
    hint: "Ask for smaller pages or fewer fields.")

@Test(arguments: [10, 10_000])
func `an operation that takes too long is given up, on a loop and on a worker`(
    _ loopBudget: Int
) throws {
    for rules in [StatusRules.audits, .draft] {
        let club = try ClubServer(rules: rules) {
            $0.loopBudget = loopBudget
            $0.timeout = .zero
        }
        #expect(
            try club.ask(post(dear, accept: response))
                == Answer("503 Service Unavailable", response, timeout))
        #expect(
            try club.ask(post(dear))
                == Answer(rules == .draft ? "503 Service Unavailable" : "200 OK", json, timeout))
    }
}

@Test(arguments: [10, 10_000])
func `an answer that grows too large is given up, on a loop and on a worker`(
    _ loopBudget: Int
) throws {
    for rules in [StatusRules.audits, .draft] {
        let club = try ClubServer(rules: rules) {
            $0.loopBudget = loopBudget
            $0.answerBytesMax = 1000
        }
        #expect(
            try club.ask(post(dear, accept: response))
                == Answer("400 Bad Request", response, tooLarge))
        #expect(
            try club.ask(post(dear))
                == Answer(rules == .draft ? "400 Bad Request" : "200 OK", json, tooLarge))
    }
}

@Test
func `a refused answer leaves no trace in the next one`() throws {
    let club = try ClubServer { $0.loopBudget = 10 }
    let client = try Client(port: club.port)
    client.send(get("query=mutation{x}") + post(dear) + post(cheap))
    #expect(try client.read().headers.contains("Allow: POST"))
    #expect(try client.read() == Answer("200 OK", json, dearAnswer))
    #expect(try client.read() == Answer("200 OK", json, Audit.typeName))
}
