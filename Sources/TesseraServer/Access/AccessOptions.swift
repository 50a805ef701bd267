import Glibc
import HTTP

/// The flags that say who may come in, and how often.
struct AccessOptions: Sendable {
    let mode: AccessMode
    let origins: CrossOrigin?
    /// Nil when the server may be called by any name.
    let hosts: HostNames?
    let proxies: TrustedProxies?
    let rate: Rate?

    /// The flags of every command that serves.
    static let flags = [
        Flag(
            "auth", .text, "WHAT",
            help: "what clients must show: keys (made by \"tessera key create\"), "
                + "jwt-hs256:FILE (tokens signed with a key of that JSON web key set), or none"),
        keysFlag,
        Flag(
            "cors", .text, "ORIGIN", isRepeatable: true,
            help: "pages of this origin may ask, such as https://app.example; * for all"),
        Flag(
            "allowed-host", .text, "NAME", isRepeatable: true,
            help: "a name, beside localhost, by which browsers may ask for a server without --auth"),
        Flag(
            "trusted-proxy", .text, "ADDRESS", isRepeatable: true,
            help: "a proxy whose X-Forwarded-For says where clients are: an address, a network "
                + "such as 10.0.0.0/8, or loopback"),
        Flag(
            "rate-limit", .text, "RATE",
            help: "cost of one key's requests, such as 1000/s, or 1000/s:5000 with 5000 at once"),
    ]

    static let keysFlag = Flag(
        "keys", .path, "FILE", help: "the file of access keys; by default in the data directory")

    init(_ invocation: Invocation) throws(CommandError) {
        mode = try AccessOptions.mode(invocation)
        do throws(CrossOrigin.Malformed) {
            origins = try CrossOrigin(invocation.texts("cors"))
        } catch {
            throw .usage(
                "--cors cannot be \"\(error.origin)\"",
                hint: "it takes what browsers send, such as https://app.example or "
                    + "http://localhost:3000, or * for all")
        }
        hosts = try AccessOptions.hosts(invocation, mode)
        do throws(TrustedProxies.Malformed) {
            proxies = try TrustedProxies(invocation.texts("trusted-proxy"))
        } catch {
            throw .usage(
                "--trusted-proxy cannot be \"\(error.text)\"",
                hint: "it takes an address, a network such as 10.0.0.0/8, or loopback")
        }
        if let text = invocation.text("rate-limit") {
            guard let rate = Rate(text) else {
                throw .usage(
                    "--rate-limit cannot be \"\(text)\"",
                    hint: "it takes a rate like 1000/s, 60/m, or 1000/s:5000")
            }
            self.rate = rate
        } else {
            rate = nil
        }
    }

    /// Whether clients must show who they are.
    var asksForCredentials: Bool { mode != .none }

    /// Nobody else's pages can have a credential, and a server that all may reach has names that it
    /// does not know of.
    private static func hosts(
        _ invocation: Invocation, _ mode: AccessMode
    ) throws(CommandError) -> HostNames? {
        let given = invocation.texts("allowed-host")
        let address = invocation.address("listen")
        guard mode == .none, !given.isEmpty || address?.isLoopback != false else { return nil }
        do throws(HostNames.Malformed) {
            return try HostNames(given)
        } catch {
            throw .usage(
                "--allowed-host cannot be \"\(error.name)\"",
                hint: "it takes a name such as club.example, without a port")
        }
    }

    private static func mode(_ invocation: Invocation) throws(CommandError) -> AccessMode {
        let text = invocation.text("auth") ?? "none"
        let file = invocation.text("keys")
        if text == "keys" {
            guard let path = file ?? invocation.text("data").map(keyPath) else {
                throw .usage(
                    "--auth keys needs a place for the keys",
                    hint: "name one with --keys FILE, or serve a data directory with --data")
            }
            return .keys(KeyFile(path: path))
        }
        if file != nil {
            throw .usage("--keys means nothing without --auth keys", hint: "say --auth keys too")
        }
        if text == "none" { return .none }
        let start = "jwt-hs256:"
        guard text.hasPrefix(start), text.utf8.count > start.utf8.count else {
            throw .usage(
                "--auth cannot be \"\(text)\"",
                hint: "it takes keys, jwt-hs256:FILE or none")
        }
        return .webTokens(path: String(text.dropFirst(start.count)))
    }

    /// Where the keys of a data directory are.
    static func keyPath(_ directory: String) -> String { directory + "/" + KeyFile.name }

    /// The gate of a server; what it reads is read now.
    ///
    func makeGate(_ roles: AccessRoles, _ log: DenialLog) throws(CommandError) -> Gate {
        Gate(
            try Authenticator(mode, roles), roles: roles, origins: origins, rate: rate,
            hosts: hosts, log: log)
    }
}
