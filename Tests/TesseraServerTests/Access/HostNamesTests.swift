import Testing

@testable import TesseraServer

private let question = #"{"query":"{ __typename }"}"#
private let answered = Answer("200 OK", json, #"{"data":{"__typename":"Query"}}"#)
private let misdirected = Answer(
    "421 Misdirected Request", json,
    refusal(
        "A browser asked for this server by a name that it does not know.", code: "BAD_REQUEST",
        hint: "Ask for localhost or an address, or name the host with --allowed-host."))

/// What a server without credentials answers to whoever calls it by that name.
private func ask(
    _ host: String, _ headers: String, allowing names: [String] = [], path: String = "/graphql"
) throws -> Answer {
    let gate = Gate(
        nil, roles: .builtIn, origins: nil, rate: nil, hosts: try HostNames(names),
        log: DenialLog { _ in }, clock: { 0 })
    return try ClubServer(gate: gate).ask(
        "POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(question.utf8.count)\r\n\(headers)\r\n\(question)")
}

private let browser = "Accept-Encoding: gzip, deflate\r\n"

@Suite struct HostNamesTests {
    @Test(arguments: [
        "localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "127.1.2.3", "[::1]:8080",
        "192.168.1.7:8080", "[fd00::1]",
    ])
    func `a browser may use an address, or the name of this machine`(_ host: String) throws {
        #expect(try ask(host, browser + "Origin: http://\(host)\r\n") == answered)
    }

    @Test(arguments: [
        "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example",
        "xlocalhost", "localhos", "1.2.3.x", "club.example",
    ])
    func `a name of somebody else is refused to browsers, and to them alone`(
        _ host: String
    ) throws {
        #expect(try ask(host, browser) == misdirected)
        #expect(try ask(host, "Origin: http://\(host)\r\n") == misdirected)
        #expect(try ask(host, "") == answered)
    }

    @Test func `names can be allowed`() throws {
        let names = ["Club.Example", "club2"]
        #expect(try ask("club.example:80", browser, allowing: names) == answered)
        #expect(try ask("CLUB2", browser, allowing: names) == answered)
        #expect(try ask("a.club.example", browser, allowing: names) == misdirected)
        #expect(try ask("club", browser, allowing: names) == misdirected)
    }

    @Test func `the host of the target counts, as it does for the answer`() throws {
        let path = "http://evil.example/graphql"
        #expect(try ask("localhost", browser, path: path) == misdirected)
        #expect(try ask("evil.example", browser, path: "http://localhost/graphql") == answered)
    }

    @Test(arguments: ["", "club.example:80", "http://club.example", "a b", "é", "*"])
    func `nothing else is a name`(_ name: String) {
        #expect(throws: HostNames.Malformed(name: name)) { try HostNames([name]) }
    }

    @Test func `only a server without credentials, on this machine alone, looks at names`() throws {
        func hosts(_ arguments: [String]) throws -> HostNames? {
            try AccessOptions(Invocation(serveCommand, arguments, environment: [:])).hosts
        }
        #expect(try hosts([]) == HostNames([]))
        #expect(try hosts(["--listen", "[::1]:1"]) == HostNames([]))
        #expect(
            try hosts(["--allowed-host", "a", "--allowed-host", "b"]) == HostNames(["a", "b"]))
        #expect(try hosts(["--listen", "0.0.0.0:1"]) == nil)
        #expect(try hosts(["--listen", "0.0.0.0:1", "--allowed-host", "a"]) == HostNames(["a"]))
        #expect(try hosts(["--auth", "keys", "--keys", "x"]) == nil)
    }
}
