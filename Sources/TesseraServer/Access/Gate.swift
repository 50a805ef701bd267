import Bytes
import Engine
import Glibc
import HTTP

/// What every request has to pass before it is answered, one for a whole server.
final class Gate: Sendable {
    /// Nil when nobody is asked for a credential.
    let authenticator: Authenticator?
    let roles: AccessRoles
    let origins: CrossOrigin?
    /// Nil when the server may be called by any name.
    let hosts: HostNames?
    private let limiter: RateLimiter?
    /// Failed attempts of one network. Reason: the rate is far above what a client with an old key
    /// does, and far below what would keep this server busy.
    private let failures = RateLimiter(Rate(unitsPerSecond: 100, burst: 1_000))
    private let log: DenialLog
    private let clock: @Sendable () -> UInt64

    /// - Parameters:
    ///   - rate: how much each key may ask for; nil for no limit.
    ///   - clock: nanoseconds of a clock that does not go back.
    init(
        _ authenticator: Authenticator?, roles: AccessRoles, origins: CrossOrigin?, rate: Rate?,
        hosts: HostNames? = nil, log: DenialLog,
        clock: @escaping @Sendable () -> UInt64 = { Gate.monotonicNanoseconds() }
    ) {
        self.authenticator = authenticator
        self.roles = roles
        self.origins = origins
        self.hosts = hosts
        limiter = rate.map { RateLimiter($0) }
        self.log = log
        self.clock = clock
    }

    /// Whether there is nothing to pass.
    var isOpen: Bool {
        authenticator == nil && origins == nil && limiter == nil && hosts == nil
    }

    private static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    // MARK: Passing

    /// Why a request is turned away, as far as its client may know.
    enum Refusal: Error, Equatable, Sendable {
        /// - Parameter wasGiven: whether there was a credential, which was not accepted.
        case unauthenticated(wasGiven: Bool)
        case rateLimited(seconds: Int)
        /// The role may not have this.
        case forbidden
    }

    /// Whom a request comes from, once it has passed.
    func admit(_ request: Request, _ exchange: Exchange) -> Result<Viewer, Refusal> {
        let now = clock()
        let viewer: Viewer
        switch authenticate(request) {
        case .success(let bearer): viewer = bearer
        case .failure(let failure):
            return .failure(turnAway(failure, request, exchange, now: now))
        }
        if let limiter {
            let name = bucketName(viewer, exchange)
            if let seconds = limiter.take(Gate.entryUnits, for: name, now: now) {
                let refusal = Refusal.rateLimited(seconds: seconds)
                note(refusal, "too many requests", viewer, request, exchange, now: now)
                return .failure(refusal)
            }
        }
        return .success(viewer)
    }

    /// Why a request for what only operators may have is turned away; nil when it is not.
    func refusal(
        ofOperator request: Request, _ exchange: Exchange, _ mayOperate: (Viewer) -> Bool
    ) -> Refusal? {
        switch admit(request, exchange) {
        case .failure(let refusal): return refusal
        case .success(let viewer):
            if mayOperate(viewer) { return nil }
            note(.forbidden, "metrics", viewer, request, exchange, now: clock())
            return .forbidden
        }
    }

    /// Units that a request must find in its bearer's bucket. What it costs beyond is known when it
    /// has been read.
    private static let entryUnits = 1.0

    /// Takes the rest of an operation's cost out of its bearer's bucket.
    ///
    /// - Parameter cost: in objects, as the engine has priced it.
    func charge(_ cost: Int, to viewer: Viewer, _ exchange: Exchange) {
        bill(for: viewer, exchange)?(cost)
    }

    /// Does the same once the exchange is over; nil when there is no limit.
    func bill(for viewer: Viewer, _ exchange: Exchange) -> (@Sendable (Int) -> Void)? {
        guard let limiter else { return nil }
        let name = bucketName(viewer, exchange)
        let clock = clock
        return { cost in
            guard Double(cost) > Gate.entryUnits else { return }
            limiter.charge(Double(cost) - Gate.entryUnits, to: name, now: clock())
        }
    }

    /// Without credentials, clients are told apart by where they are.
    private func bucketName(_ viewer: Viewer, _ exchange: Exchange) -> [UInt8] {
        viewer.name.isEmpty ? exchange.remoteAddress?.network ?? [] : Array(viewer.name.utf8)
    }

    // MARK: Credentials

    private struct Failure: Error {
        let denial: Denial
        let wasGiven: Bool
    }

    private func authenticate(_ request: Request) -> Result<Viewer, Failure> {
        guard let authenticator else { return .success(.unrestricted) }
        guard let value = unsafe request.header(.authorization) else {
            if roles.allowsAnonymous { return .success(AccessRoles.anonymous) }
            return .failure(Failure(denial: Denial("no credential"), wasGiven: false))
        }
        if request.isRepeated(.authorization) {
            return .failure(
                Failure(denial: Denial("two Authorization headers"), wasGiven: true))
        }
        guard let token = unsafe Gate.bearerToken(value) else {
            return .failure(
                Failure(denial: Denial("Authorization is not a Bearer token"), wasGiven: true))
        }
        return authenticator.viewer(of: token).mapError { Failure(denial: $0, wasGiven: true) }
    }

    /// What follows `Bearer` and spaces; nil when it is something else, or too long.
    ///
    /// Source: RFC 6750 §2.1; RFC 9110 §11.1: case does not count in a scheme.
    static func bearerToken(_ value: UnsafeRawBufferPointer) -> [UInt8]? {
        let scheme = unsafe value.prefix(6)
        guard unsafe equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: scheme), "bearer") else {
            return nil
        }
        let rest = unsafe value.dropFirst(6)
        let token = unsafe rest.drop { $0 == 0x20 }
        guard unsafe !token.isEmpty, unsafe token.count < rest.count,
            unsafe token.count <= WebToken.byteCountMax,
            unsafe token.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ",") })
        else { return nil }
        return unsafe Array(token)
    }

    /// Who fails too often is told to wait. A good credential is accepted all the same: many clients
    /// may share one address.
    private func turnAway(
        _ failure: Failure, _ request: Request, _ exchange: Exchange, now: UInt64
    ) -> Refusal {
        let address = exchange.remoteAddress
        let refusal: Refusal
        if let seconds = failures.take(1, for: address?.network ?? [], now: now) {
            refusal = .rateLimited(seconds: seconds)
        } else {
            refusal = .unauthenticated(wasGiven: failure.wasGiven)
        }
        log.put(
            entry(
                refusal, failure.denial.reason, subject: failure.denial.subject, role: nil,
                request, RequestID.given(in: request, orAddedTo: exchange), address),
            now: now)
        return refusal
    }

    // MARK: Log

    private func note(
        _ refusal: Refusal, _ reason: String, _ viewer: Viewer, _ request: Request,
        _ exchange: Exchange, now: UInt64
    ) {
        log.put(
            entry(
                refusal, reason, subject: viewer.name.isEmpty ? nil : viewer.name,
                role: viewer.role, request,
                RequestID.given(in: request, orAddedTo: exchange), exchange.remoteAddress),
            now: now)
    }

    private func entry(
        _ refusal: Refusal, _ reason: String, subject: String?, role: String?, _ request: Request,
        _ requestID: String, _ address: RemoteAddress?
    ) -> DenialEntry {
        DenialEntry(
            status: Int(refusal.status.rawValue), kind: refusal.kind, reason: reason,
            subject: subject, role: role, path: unsafe Gate.text(request.path),
            requestID: requestID,
            remoteAddress: address?.text)
    }

    /// At most 100 bytes of what a client has sent, as text.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        unsafe String(decoding: bytes.prefix(100), as: UTF8.self)
    }
}

extension Gate.Refusal {
    var status: HTTPStatus {
        switch self {
        case .unauthenticated: .unauthorized
        case .rateLimited: .tooManyRequests
        case .forbidden: .forbidden
        }
    }

    /// Says so.
    func answer(_ request: Request, _ exchange: Exchange) {
        let message: String
        let hint: String
        switch self {
        case .unauthenticated(let wasGiven):
            // Source: RFC 6750 §3.1: without a credential there is no error to name.
            exchange.header(
                "WWW-Authenticate", wasGiven ? "Bearer error=\"invalid_token\"" : "Bearer")
            message = "This server has to know who asks."
            hint = "Send the header Authorization: Bearer, with an access key or a token."
        case .rateLimited(let seconds):
            exchange.header("Retry-After", seconds)
            message = "There were too many requests."
            hint = "Try again in \(seconds) s."
        case .forbidden:
            message = "This is not open to your role."
            hint = "The roles admin and developer may have it."
        }
        if let id = RequestID.given(in: request) { RequestID.add(id, to: exchange) }
        let accept = unsafe request.header(.accept)
        let isResponse = unsafe accept.map {
            unsafe equals($0, "application/graphql-response+json")
        }
        let mediaType = isResponse == true ? MediaType.graphQLResponse : .json
        exchange.begin(status: status, contentType: mediaType.contentType)
        GraphQLEndpoint.appendError(status, message, hint: hint, to: exchange.output)
        exchange.end()
    }

    fileprivate var kind: DenialEntry.Kind {
        switch self {
        case .unauthenticated: .unauthenticated
        case .rateLimited: .rateLimited
        case .forbidden: .forbidden
        }
    }
}

/// Stands before the endpoint of one event loop: whoever has not passed the gate does not get there.
final class GuardedEndpoint: RequestHandler {
    private let gate: Gate
    private let endpoint: GraphQLEndpoint

    init(_ gate: Gate, _ endpoint: GraphQLEndpoint) {
        self.gate = gate
        self.endpoint = endpoint
        endpoint.bill = { viewer, exchange in gate.bill(for: viewer, exchange) }
    }

    func handle(_ request: Request, _ exchange: Exchange) {
        // Load balancers have no credentials.
        if unsafe isHealth(request.path) { return endpoint.handle(request, exchange) }
        exchange.route = unsafe Route(path: request.path).rawValue
        if gate.hosts?.refuses(request) == true {
            return endpoint.refuse(
                exchange, .misdirectedRequest,
                "A browser asked for this server by a name that it does not know.",
                hint: "Ask for localhost or an address, or name the host with --allowed-host.")
        }
        if gate.origins?.answer(request, exchange) == true { return }
        switch gate.admit(request, exchange) {
        case .success(let viewer):
            endpoint.viewer = viewer
            endpoint.handle(request, exchange)
            if let cost = endpoint.cost { gate.charge(cost, to: viewer, exchange) }
        case .failure(.unauthenticated(wasGiven: false)) where ReportKeyPage.isWanted(request):
            ReportKeyPage.answer(exchange)
        case .failure(let refusal): refusal.answer(request, exchange)
        }
    }

    private func isHealth(_ path: UnsafeRawBufferPointer) -> Bool {
        unsafe equals(path, "/health/live") || equals(path, "/health/ready")
            || equals(path, "/healthz")
    }
}
