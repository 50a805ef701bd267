import Testing

@testable import HTTP

/// Where a request with these headers comes from, when it comes over loopback.
private func client(
    _ headers: String, trusting proxies: [String], host: String = "127.0.0.1"
) throws -> String {
    var configuration = HTTPConfiguration(host: host)
    configuration.trustedProxies = try TrustedProxies(proxies)
    let server = HTTPServer(configuration) { _ in
        ScriptedHandler { _, exchange in
            exchange.begin(status: .ok, contentType: "text/plain")
            exchange.output.append(exchange.remoteAddress?.text ?? "nowhere")
            exchange.end()
        }
    }
    try server.start()
    defer { server.stop(drain: .seconds(5)) }
    let client = Client(port: server.port, host: host)
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\(headers)\r\n")
    return client.readToEnd().split(separator: "\r\n\r\n").last.map(String.init) ?? ""
}

@Test(arguments: [
    // Nobody says anything, or nothing that is an address.
    ("", "127.0.0.1"), ("X-Forwarded-For:\r\n", "127.0.0.1"),
    ("X-Forwarded-For: unknown\r\n", "127.0.0.1"), ("X-Forwarded-For: 1.2.3\r\n", "127.0.0.1"),
    ("X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7"),
    ("x-forwarded-for:192.0.2.7:4711\r\n", "192.0.2.7"),
    ("X-Forwarded-For: 2001:db8::7\r\n", "2001:db8::7"),
    ("X-Forwarded-For: [2001:db8::7]:4711\r\n", "2001:db8::7"),
    ("X-Forwarded-For: [2001:db8::7]\r\n", "2001:db8::7"),
    // What stands before the address that a trusted proxy saw may be made up.
    ("X-Forwarded-For: 10.0.0.1, 192.0.2.7\r\n", "192.0.2.7"),
    ("X-Forwarded-For: 198.51.100.1, 192.0.2.7, 10.1.2.3\r\n", "192.0.2.7"),
    ("X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-For: 10.1.2.3, 127.0.0.9\r\n", "192.0.2.7"),
    ("X-Forwarded-For: 192.0.2.7, nonsense, 10.1.2.3\r\n", "10.1.2.3"),
    ("X-Forwarded-For: 10.1.2.3, 10.9.9.9\r\n", "10.1.2.3"),
    ("X-Forwarded-For: 192.0.2.7, ::ffff:10.1.2.3\r\n", "192.0.2.7"),
    ("Forwarded: for=192.0.2.7\r\nX-Real-IP: 192.0.2.7\r\n", "127.0.0.1"),
])
func `a trusted proxy says where its client is`(_ headers: String, _ expected: String) throws {
    #expect(try client(headers, trusting: ["loopback", "10.0.0.0/8"]) == expected)
}

@Test func `who is not trusted says nothing`() throws {
    let headers = "X-Forwarded-For: 192.0.2.7\r\n"
    #expect(try client(headers, trusting: []) == "127.0.0.1")
    #expect(try client(headers, trusting: ["192.0.2.7", "10.0.0.0/8", "::1"]) == "127.0.0.1")
    #expect(try client(headers, trusting: ["127.0.0.1"]) == "192.0.2.7")
    #expect(try client(headers, trusting: ["loopback"], host: "::1") == "192.0.2.7")
    #expect(try client(headers, trusting: ["127.0.0.0/8"], host: "::1") == "::1")
}

@Test(arguments: [
    ("127.0.0.0/31", true), ("127.0.0.2/31", false), ("126.0.0.0/7", true), ("0.0.0.0/0", true),
    ("128.0.0.0/1", false), ("127.0.0.1/32", true), ("::/0", false),
])
func `a network is as large as it says`(_ network: String, _ contains: Bool) throws {
    let expected = contains ? "192.0.2.7" : "127.0.0.1"
    #expect(try client("X-Forwarded-For: 192.0.2.7\r\n", trusting: [network]) == expected)
}

@Test(arguments: [
    "", "localhost", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/08", "/8",
    "10.0.0.0/8/8", "::1/129", "10.0.0.0/8 ", "10.0.0.1:80", "[::1]", "256.0.0.1",
])
func `nothing else is a proxy`(_ text: String) {
    #expect(throws: TrustedProxies.Malformed(text: text)) { try TrustedProxies([text]) }
}
