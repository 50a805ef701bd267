/// Why a server did not start.
public enum HTTPServerError: Error, Equatable, Sendable {
    /// Another socket listens there.
    case addressInUse(host: String, port: UInt16)
    /// The address is none of this machine's.
    case addressNotAvailable(host: String)
    /// The host is neither an address nor `localhost`.
    case cannotResolve(host: String)
    /// The port is below 1024 and the process may not use it.
    case permissionDenied(host: String, port: UInt16)
    /// The process or the system has no descriptor left.
    case descriptorsExhausted
    /// `start` was called twice.
    case alreadyStarted
    /// Any other failed call of the system: its name and its `errno`.
    case system(call: String, errno: Int32)
}
