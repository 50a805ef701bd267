import HTTP

/// The names by which a server that asks for no credentials lets browsers call it.
///
/// Any page can let a name of its own lead to this machine, and then ask this server as if it were
/// where the page came from (DNS rebinding). What gives it away is that name in `Host`; an address
/// cannot be borrowed like that. Only browsers are concerned. They send `Accept-Encoding` with every
/// request and `Origin` with most, and no page can keep them from it; other programs may call the
/// server what they like.
///
/// Source: the Fetch standard, "forbidden request-header".
struct HostNames: Equatable, Sendable {
    /// In lower case, beside those of this machine.
    private let names: [[UInt8]]

    struct Malformed: Error, Equatable {
        let name: String
    }

    /// - Parameter names: without ports.
    init(_ names: [String]) throws(Malformed) {
        for name in names where !HostNames.isName(name) { throw Malformed(name: name) }
        self.names = names.map { Array($0.lowercased().utf8) }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                0x61...0x7A ~= byte | 0x20 || 0x30...0x39 ~= byte || byte == UInt8(ascii: "-")
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            }
    }

    /// Whether a page of a stranger may be behind this request.
    func refuses(_ request: Request) -> Bool {
        if unsafe isKnown(request.authority) { return false }
        return unsafe request.header("accept-encoding") != nil || request.header("origin") != nil
    }

    /// - Parameter authority: with or without a port; empty where HTTP/1.0 says none.
    private func isKnown(_ authority: UnsafeRawBufferPointer) -> Bool {
        guard let first = unsafe authority.first, first != UInt8(ascii: "[") else { return true }
        let end = unsafe authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
        let host = unsafe UnsafeRawBufferPointer(rebasing: authority[..<end])
        let isAddress = unsafe host.allSatisfy { 0x30...0x39 ~= $0 || $0 == UInt8(ascii: ".") }
        if unsafe isAddress || equalsIgnoringCase(host, "localhost") { return true }
        return names.contains { name in
            unsafe host.count == name.count
                && zip(host, name).allSatisfy { byte, wanted in
                    byte == wanted || 0x41...0x5A ~= byte && byte | 0x20 == wanted
                }
        }
    }
}
