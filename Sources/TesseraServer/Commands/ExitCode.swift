/// What the program's exit code means.
enum ExitCode: Int32, CaseIterable {
    case success = 0
    case failure = 1
    /// The arguments or the configuration are wrong; nothing was done.
    case usage = 2
    /// A check has found problems.
    case problems = 3
    /// The data directory is locked or damaged.
    case data = 4
    /// The server cannot be reached.
    case unreachable = 5
    /// The query was answered with errors.
    case answeredWithErrors = 6
}

/// Why a command ends early: a line for people, and one on how to mend it.
struct CommandError: Error, Equatable {
    let exitCode: ExitCode
    /// Without a full stop.
    let message: String
    let hint: String?

    init(_ exitCode: ExitCode, _ message: String, hint: String? = nil) {
        self.exitCode = exitCode
        self.message = message
        self.hint = hint
    }

    static func usage(_ message: String, hint: String? = nil) -> CommandError {
        CommandError(.usage, message, hint: hint)
    }
}
