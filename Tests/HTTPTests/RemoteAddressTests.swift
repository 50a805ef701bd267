import Testing

@testable import HTTP

@Test func `an address inside another counts as what it is`() throws {
    let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF, 192, 0, 2, 7]
    let address = try #require(RemoteAddress(bytes: mapped))
    #expect(address == RemoteAddress(bytes: [192, 0, 2, 7]))
    #expect(address.text == "192.0.2.7")
    #expect(address.network == [192, 0, 2, 7])
}

@Test func `half of an IPv6 address is its network`() throws {
    let bytes: [UInt8] = [0x20, 0x01, 0x0D, 0xB8, 1, 2, 3, 4] + [0, 0, 0, 0, 0, 0, 0, 7]
    let address = try #require(RemoteAddress(bytes: bytes))
    #expect(address.text == "2001:db8:102:304::7")
    #expect(address.network == Array(bytes.prefix(8)))
}

@Test func `nothing else is an address`() {
    for count in 0...17 where count != 4 && count != 16 {
        #expect(RemoteAddress(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }
    #expect(RemoteAddress(ofPeer: -1) == nil)
}

@Test(arguments: ["127.0.0.1", "::1"])
func `a handler learns where its client is`(_ host: String) throws {
    try withServer(host: host) { _, exchange in
        exchange.begin(status: .ok, contentType: "text/plain")
        exchange.output.append(exchange.remoteAddress?.text ?? "nowhere")
        exchange.end()
    } _: { server, _ in
        let client = Client(port: server.port, host: host)
        client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        let answer = client.readToEnd()
        #expect(answer.hasSuffix("\r\n\r\n" + host), "\(answer)")
    }
}

@Test(arguments: [
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "NONSENSE\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
])
func `every answer bears the lines that all bear`(_ request: String) throws {
    var configuration = HTTPConfiguration()
    configuration.headerLines = "X-One: 1\r\nX-Two: 2\r\n"
    let server = HTTPServer(configuration) { _ in ScriptedHandler(echo) }
    try server.start()
    defer { server.stop(drain: .seconds(5)) }
    let client = Client(port: server.port)
    client.send(request)
    let answer = client.readToEnd()
    #expect(answer.components(of: "\r\nX-One: 1\r\nX-Two: 2\r\n") == 2, "\(answer)")
}

extension String {
    /// How many parts others divide it into.
    fileprivate func components(of divider: String) -> Int { split(separator: divider).count }
}
