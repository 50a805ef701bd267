import Engine
import Glibc

/// How a server is to listen, and what it says when it does.
struct ServeOptions: Sendable {
    let address: Address
    /// Event loops, each on a thread of its own.
    let loopCount: Int
    /// Time that one table may take.
    let exportTimeout: Duration
    /// Bytes of a request's body.
    let bodyBytesMax: Int
    /// Resident memory from which on mutations are refused; nil for no limit.
    let memoryBytesMax: Int?
    /// Which status an answer gets where the audits of GraphQL over HTTP and its draft differ.
    let statusRules: StatusRules
    /// Where operators ask for metrics; nil for nowhere.
    let adminAddress: Address?
    /// Whether that address was given, and is not the default.
    let isAdminAsked: Bool
    /// Operations that take as long are logged; nil for none.
    let slowNanoseconds: UInt64?
    /// Nil for what suits standard error.
    let logFormat: SlowLog.Format?
    let logsVariables: Bool
    /// Who may come in, and how often.
    let access: AccessOptions
    /// A fixed time for all operations, in milliseconds since 1970-01-01T00:00:00Z; nil for the
    /// system's.
    let fixedNow: Int64?
    /// The first lines of the banner, printed once the server listens: which data is served.
    let headlines: [String]
    /// A query that has something to say about that data.
    let sampleQuery: String

    /// The lines that a server prints once it listens.
    ///
    /// - Parameters:
    ///   - port: the one it listens on, chosen by the system where 0 was asked for.
    ///   - adminPort: that of the listener for operators, if there is one.
    func banner(
        port: UInt16, adminPort: UInt16? = nil, hasReports: Bool = false
    ) -> [String] {
        let base = address.urlText(port: port)
        let url = base + "/graphql"
        let credential = access.asksForCredentials ? "-H \"authorization: Bearer $KEY\" " : ""
        let metrics =
            adminPort.flatMap { port in
                adminAddress.map { ["  Metrics   \($0.urlText(port: port))/metrics"] }
            } ?? []
        let reports = hasReports ? ["  Reports   \(base)/reports"] : []
        return headlines + [
            "  GraphQL   \(url)"
        ] + reports + metrics + [
            "  try       curl -s \(url) \(credential)-H 'content-type: application/json' "
                + #"-d '{"query":"\#(sampleQuery)"}'"#,
            "Ctrl-C stops.",
        ]
    }

    /// The flags of every command that serves.
    static let flags = ownFlags + AccessOptions.flags

    private static let ownFlags = [
        Flag(
            "listen", .address, "HOST:PORT", default: "127.0.0.1:8080",
            help: "where to listen; port 0 lets the system choose"),
        Flag("loops", .count, "N", help: "event loops; by default one for each processor"),
        Flag(
            "timeout", .duration, "TIME", default: "10s", help: "time that one operation may take"),
        Flag(
            "export-timeout", .duration, "TIME", default: "10m",
            help: "time that one table may take, such as /graphql.csv"),
        Flag("max-body", .byteCount, "SIZE", default: "1MiB", help: "size of a request's body"),
        Flag(
            "max-memory", .byteCount, "SIZE",
            help: "memory of the process from which on mutations are refused"),
        Flag("max-page", .count, "N", default: "1000", help: "rows that one page may have"),
        Flag(
            "max-cost", .count, "N", default: "1000000",
            help: "objects that the page sizes of one operation may allow"),
        Flag(
            "max-depth", .count, "N", default: "15",
            help: "relations that one operation may follow inside one another"),
        Flag(
            "http-draft", .toggle,
            help: "status codes of the GraphQL-over-HTTP draft, such as 422 and 294"),
        Flag(
            "slow", .durationOrOff, "TIME", default: "200ms",
            help: "log operations that take as long, with their plans; 0 logs all, off none"),
        Flag(
            "log", .choice(["text", "json"]), "FORMAT",
            help: "of the log on standard error; by default text on a terminal, else json"),
        Flag(
            "log-variables", .toggle,
            help: "log the variables of slow operations too, those of @sensitive fields masked"),
        Flag(
            "insecure", .toggle,
            help: "let --listen be an address that other machines reach without --auth: "
                + "all may read and change everything"),
    ]

    /// The flag for the listener of operators.
    ///
    /// - Parameter address: what counts when it is not given, or `off`.
    static func adminFlag(default address: String) -> Flag {
        Flag(
            "admin-listen", .addressOrOff, "HOST:PORT", default: address,
            help: "where to show /metrics and /health to operators, or off")
    }

    /// The flags of `serve`, where strangers are expected.
    static let publicFlags = [
        Flag(
            "introspection", .toggle,
            help:
                "let all clients ask for the schema, not the roles admin and developer alone, and "
                + "let errors name what they did not say"),
        Flag(
            "trusted", .path, "FILE", isRepeatable: true,
            help: "a manifest of documents that clients may name by their ids"),
        Flag(
            "only-trusted", .toggle,
            help: "execute no other documents than those of --trusted and of the reports"),
        Flag(
            "apq", .choice(["on", "off"]), "WHEN", default: "on",
            help: "whether clients may leave documents here and name them by their hashes"),
        ConfigFile.flag,
    ]

    init(
        _ invocation: Invocation, headlines: [String], sampleQuery: String, fixedNow: Int64?
    ) throws(CommandError) {
        let address = try ServeOptions.address(invocation)
        self.address = address
        loopCount = try ServeOptions.loopCount(invocation)
        exportTimeout = invocation.duration("export-timeout") ?? ExportPool.timeoutDefault
        bodyBytesMax = invocation.byteCount("max-body") ?? 1 << 20
        memoryBytesMax = invocation.byteCount("max-memory")
        statusRules = invocation.isOn("http-draft") ? .draft : .audits
        isAdminAsked = invocation.isGiven("admin-listen")
        let access = try AccessOptions(invocation)
        self.access = access
        adminAddress = try ServeOptions.adminAddress(invocation, access)
        slowNanoseconds = invocation.duration("slow").map { time in
            UInt64(clamping: Int64(time / .nanoseconds(1)))
        }
        logFormat = invocation.text("log").flatMap(SlowLog.Format.init)
        logsVariables = invocation.isOn("log-variables")
        self.fixedNow = fixedNow
        self.headlines = headlines
        self.sampleQuery = sampleQuery
    }

    /// The address to listen on, unless it would show the data to others unasked.
    static func address(_ invocation: Invocation) throws(CommandError) -> Address {
        let address = invocation.address("listen") ?? Address(host: Address.hostDefault, port: 8080)
        let access = try AccessOptions(invocation)
        guard address.isLoopback || access.asksForCredentials || invocation.isOn("insecure") else {
            throw .usage(
                "other machines could reach \(address.host), and all of them could read and change "
                    + "everything",
                hint: "ask for credentials with --auth keys, listen on 127.0.0.1, or say "
                    + "--insecure if that is meant")
        }
        // A file that cannot be read is told of at once, too.
        _ = try access.makeGate(.builtIn, DenialLog { _ in })
        return address
    }

    /// The address for operators, unless it would show figures to others unasked.
    private static func adminAddress(
        _ invocation: Invocation, _ access: AccessOptions
    ) throws(CommandError) -> Address? {
        guard let address = invocation.address("admin-listen") else { return nil }
        guard address.isLoopback || access.asksForCredentials || invocation.isOn("insecure") else {
            throw .usage(
                "other machines could reach \(address.host), and all of them could read "
                    + "the metrics",
                hint:
                    "ask for credentials with --auth keys, let --admin-listen be on 127.0.0.1, or "
                    + "say --insecure if that is meant")
        }
        return address
    }

    private static func loopCount(_ invocation: Invocation) throws(CommandError) -> Int {
        let countMax = GraphQLServer.loopCountMax
        guard let count = invocation.count("loops") else {
            return min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), countMax)
        }
        guard count <= countMax else {
            throw .usage(
                "--loops cannot be \(count)", hint: "one for each processor, at most \(countMax)")
        }
        return count
    }

    /// - Parameter isOpen: whether clients may know the schema.
    static func engineLimits(_ invocation: Invocation, isOpen: Bool) -> EngineLimits {
        var limits = EngineLimits()
        limits.introspection = isOpen
        limits.suggestions = isOpen
        if let cost = invocation.count("max-cost") { limits.costMax = cost }
        if let depth = invocation.count("max-depth") { limits.depthMax = depth }
        if let timeout = invocation.duration("timeout") { limits.timeout = timeout }
        if let rows = invocation.count("max-page") {
            limits.pageRowsMax = rows
            limits.pageRowsDefault = min(limits.pageRowsDefault, rows)
        }
        return limits
    }
}
