import Bytes
import Dispatch
import Engine
import Testing

@testable import TesseraServer

private let isUp = "{\"status\":\"ok\"}\n"

@Test(arguments: ["/health/live", "/health/ready", "/healthz"])
func `a healthy server says so`(_ path: String) throws {
    let club = try ClubServer.audits.get()
    #expect(
        try club.ask(get("", accept: "text/plain", path: path))
            == Answer("200 OK", json, isUp))
    #expect(
        try club.ask(get("", method: "HEAD", path: path))
            == Answer(
                "200 OK", json, headers: ["Content-Length: \(isUp.utf8.count)"], ""))
}

@Test
func `a server that drains is alive but not ready, and still answers`() throws {
    let club = try ClubServer()
    club.server.readiness.drain()
    for path in ["/health/ready", "/healthz"] {
        #expect(
            try club.ask(get("", path: path))
                == Answer(
                    "503 Service Unavailable", json,
                    "{\"status\":\"unavailable\",\"reasons\":[\"draining\"]}\n"))
    }
    #expect(
        try club.ask(get("", path: "/health/live"))
            == Answer("200 OK", json, isUp))
    #expect(
        try club.ask(get("query={__typename}")) == Answer("200 OK", json, Audit.typeName))
}

@Test
func `a request in progress is answered after the stop`() throws {
    let club = try ClubServer(loopCount: 1)
    let silent = try Client(port: club.port)
    silent.send(get("query={__typename}"))
    _ = try silent.read()
    let client = try Client(port: club.port)
    // 100 says that the head is read.
    client.send(
        "POST /graphql HTTP/1.1\r\nHost: club\r\nContent-Type: \(json)\r\n"
            + "Content-Length: 26\r\nExpect: 100-continue\r\n\r\n")
    #expect(try client.read().status == "100 Continue")
    let end = DispatchSemaphore(value: 0)
    try SystemThread.start {
        club.server.stop(drain: .seconds(10))
        end.signal()
    }
    // A silent connection ends when its loop begins to drain.
    silent.waitForEnd()
    client.send(#"{"query":"{ __typename }"}"#)
    #expect(
        try client.read()
            == Answer("200 OK", json, headers: ["Connection: close"], Audit.typeName))
    end.wait()
    #expect(club.server.port == 0)
}

private func options(_ arguments: String...) throws -> ServeOptions {
    let invocation = try Invocation(serveCommand, arguments, environment: [:])
    return try ServeOptions(invocation, headlines: [], sampleQuery: "", fixedNow: nil)
}

@Test
func `a port in use is said in one line, with exit code 1`() throws {
    let club = try ClubServer()
    let (model, _, _) = try ClubServer.data.get()
    let data = ServedData(inMemory: Dataset(model: model), clock: { 0 })
    let context = EngineContext(model: model, store: data.store)
    let options = try options("--listen", "127.0.0.1:\(club.port)")
    let terminal = Terminal(writeOutput: { _ in }, writeError: { _ in })
    #expect(
        throws: CommandError(
            .failure, "127.0.0.1:\(club.port) is in use by another process",
            hint: "stop it, or choose another port with --listen HOST:PORT; port 0 takes a free "
                + "one")
    ) { try runServer(data, context: context, options: options, terminal) }
}

@Test
func `flags choose the rules and the loops of a server`() throws {
    #expect(try options().statusRules == .audits)
    #expect(try options("--http-draft").statusRules == .draft)
    #expect(try options("--loops", "128").loopCount == 128)
    #expect(
        throws: CommandError.usage(
            "--loops cannot be 129", hint: "one for each processor, at most 128")
    ) { try options("--loops", "129") }
}
