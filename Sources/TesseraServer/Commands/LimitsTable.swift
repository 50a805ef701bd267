import Engine
import GraphQLLanguage
import HTTP

/// Every limit of a server: one table, from which `tessera config show` is printed.
struct Limit: Sendable {
    /// Of the flag that sets it, if there is one.
    let name: String
    let unit: String
    /// Why there is a limit, and why this one.
    let reason: String
    /// The value where no flag sets it.
    let value: String

    private init(_ name: String, _ unit: String, _ value: Int, _ reason: String) {
        self.name = name
        self.unit = unit
        self.reason = reason
        self.value = String(value)
    }

    private init(_ name: String, _ unit: String, _ value: Duration, _ reason: String) {
        self.init(name, unit, Int(value / .seconds(1)), reason)
    }

    /// In the order in which they are printed.
    static let all: [Limit] = document + operation + answer + connection + memory

    private static let document: [Limit] = {
        let limits = ParseLimits.request
        return [
            Limit(
                "document-bytes", "bytes", limits.documentBytesMax,
                "reading a document takes time and memory"),
            Limit("tokens", "tokens", limits.tokensMax, "so does each token"),
            Limit("nesting", "levels", limits.nestingMax, "who walks a document recurses"),
            Limit("aliases", "aliases", limits.aliasesMax, "an alias repeats a field's work"),
            Limit("directives", "directives", limits.directivesMax, "each is checked"),
            Limit("fragments", "fragments", limits.fragmentsMax, "fragments multiply selections"),
            Limit("variables", "variables", limits.variablesMax, "for one operation"),
            Limit("items", "items", limits.listItemsMax, "of a list, each perhaps a look-up"),
        ]
    }()

    private static let operation: [Limit] = {
        let limits = EngineLimits()
        return [
            Limit(
                "max-cost", "objects", limits.costMax,
                "objects that the page sizes allow, some seconds of work"),
            Limit(
                "line-cost", "objects", limits.lineCostMax,
                "a hundredth of max-cost, for each line of a table, which has thousands"),
            Limit("max-depth", "relations", limits.depthMax, "each level multiplies the work"),
            Limit(
                "root-fields", "fields", limits.rootFieldsMax, "each is a request of its own"),
            Limit(
                "selections", "selections", limits.selectionsMax,
                "with fragments written out: a few of them can mean millions"),
            Limit("max-page", "rows", limits.pageRowsMax, "a page is held in memory"),
            Limit("page-default", "rows", limits.pageRowsDefault, "when the query does not say"),
            Limit(
                "filter-parts", "fields", limits.filterPartsMax,
                "of one filter, at all levels; each takes about a kilobyte while rows are found"),
            Limit(
                "order-keys", "keys", limits.orderKeysMax,
                "of one order; rows that are equal in all are compared by all"),
            Limit(
                "group-keys", "keys", limits.groupKeysMax,
                "of one groupBy; every row's group is found by all of them"),
            Limit("groups-shown", "groups", limits.groupsShownMax, "of one groupBy, as of a page"),
            Limit("group-nodes", "rows", limits.groupNodesMax, "of each group"),
            Limit("groups", "groups", limits.groupsMax, "while one groupBy is worked out"),
            Limit(
                "distinct-values", "values", limits.distinctValuesMax,
                "that are told apart in order to count them"),
            Limit("errors", "errors", limits.errorsMax, "nobody reads more"),
            Limit(
                "bulk-rows", "rows", limits.bulkRowsMax,
                "of one bulk mutation: everybody else's writing waits for it"),
            Limit(
                "payload-visits", "row visits", limits.payloadVisitsMax,
                "of what a mutation answers, for the same reason"),
            Limit("timeout", "seconds", limits.timeout, "a client that waits longer has gone"),
            Limit(
                "loop-budget", "row visits", limits.loopBudget,
                "of an event loop; what takes more goes to a worker"),
            Limit(
                "brief-time", "milliseconds", Int(limits.briefTime / .milliseconds(1)),
                "of a worker; what takes more goes to one for long operations"),
        ]
    }()

    private static let answer: [Limit] = [
        Limit(
            "answer-bytes", "bytes", EngineLimits().answerBytesMax,
            "an answer is in memory until the client has read it")
    ]

    private static let connection: [Limit] = {
        let limits = HTTPLimits()
        return [
            Limit("max-body", "bytes", limits.bodyBytesMax, "a body is in memory while it comes"),
            Limit("request-line", "bytes", limits.requestLineBytesMax, "RFC 9112 asks for 8000"),
            Limit("header-bytes", "bytes", limits.headerBytesMax, "cookies and a token fit"),
            Limit("header-count", "lines", limits.headerCountMax, "looking one up takes time"),
            Limit(
                "request-time", "seconds", limits.requestTimeout,
                "from the first byte to the last, however slowly they come"),
            Limit(
                "answer-time", "seconds", limits.answerTimeout,
                "in which a client must take its answer, or enough of it"),
            Limit(
                "answer-pace", "bytes", limits.answerBytesMin,
                "of an answer that are enough in that time"),
            Limit("idle-time", "seconds", limits.idleTimeout, "so that proxies close first"),
            Limit("connections", "connections", limits.connectionsMax, "each has buffers"),
        ]
    }()

    private static let memory: [Limit] = {
        let limits = EngineLimits()
        return [
            Limit(
                "plan-cache", "bytes", limits.planCacheBytesMax, "of plans, for each event loop"),
            Limit(
                "kept-documents", "bytes", DocumentRegistry.bytesMaxDefault,
                "of automatic persisted queries"),
            Limit(
                "idempotency-keys", "keys", limits.idempotencyKeysMax,
                "they take memory like rows"),
        ]
    }()
}

/// One setting of a server: a flag, or a limit that no flag sets.
struct Setting: Sendable, Equatable {
    let name: String
    /// Nil when it is not set and has no default.
    let value: String?
    let unit: String
    let reason: String
    /// Nil when nobody can change it.
    let flag: String?
    let environment: String?
    let origin: SettingOrigin

    /// All settings of a call of `serve`, the flags first.
    static func all(_ invocation: Invocation, of command: Command) -> [Setting] {
        let limits = Dictionary(Limit.all.map { ($0.name, $0) }) { first, _ in first }
        let flags = command.flags.map { flag in
            Setting(
                name: flag.name, value: invocation.shownText(flag),
                unit: limits[flag.name]?.unit ?? flag.unit,
                reason: limits[flag.name]?.reason ?? flag.help, flag: "--\(flag.name)",
                environment: flag.environmentName, origin: invocation.origin(flag.name))
        }
        let names = Set(command.flags.map(\.name))
        return flags
            + Limit.all.filter { !names.contains($0.name) }.map { limit in
                Setting(
                    name: limit.name, value: limit.value, unit: limit.unit,
                    reason: limit.reason, flag: nil, environment: nil, origin: .builtIn)
            }
    }
}

extension Flag {
    /// What its value counts, where it counts something.
    fileprivate var unit: String {
        switch kind {
        case .byteCount: "bytes"
        case .duration: "time"
        default: ""
        }
    }
}
