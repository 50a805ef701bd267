// The program: commands, configuration, and the endpoints of the server.
//
// **In** come the arguments and the environment of a process, and then requests. **Out** go what a
// command prints, its exit code, and answers.
//
// *Commands* is one table (``CommandTable``) from which arguments are parsed and help is printed,
// and one file for each command. A command opens a **dataset**, a model with a filled store, and
// reads, checks or serves it. The server puts the endpoints on top of HTTP: this is the only room
// that knows all others.
//
// *Tables* answers queries as rows, for tools that read CSV or lines of JSON from a URL; *Reports*
// keeps such queries under names, with variables that the URL gives.
//
// **Invariants.** A command never traps on what a user typed: it says in one line what is wrong and
// in a second one how to mend it, on standard error, and ends with the code that
// ``ExitCode`` has for it. Standard output carries answers only, so that it can be piped. A server
// listens beyond the own machine only when it is told that it may.
//
// **Absent on purpose.** No rules of membership, no knowledge of tables: those come from the rooms
// below. Nothing is read from the network but what a client sends or `query --url` asks for.
import Glibc

/// Runs the program with the arguments and the environment of this process.
///
/// - Returns: the exit code.
public func runTessera() -> Int32 {
    // A file that may not grow is an error of its write, and not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    var environment: [String: String] = [:]
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
        let parts = unsafe String(cString: text).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { environment[String(parts[0])] = String(parts[1]) }
        unsafe entry += 1
    }
    let terminal = Terminal.ofProcess(noColour: environment["NO_COLOR"]?.isEmpty == false)
    return run(
        arguments: Array(CommandLine.arguments.dropFirst()), environment: environment,
        terminal: terminal
    ).rawValue
}

/// Runs one command.
func run(
    arguments: [String], environment: [String: String], terminal: Terminal
) -> ExitCode {
    do throws(CommandError) {
        guard let (command, rest) = try CommandTable.find(arguments) else {
            terminal.write(HelpText.overview)
            return arguments.isEmpty ? .usage : .success
        }
        if HelpText.isAsked(for: rest) {
            terminal.write(HelpText.text(for: command))
            return .success
        }
        let invocation = try Invocation(command, rest, environment: environment)
        return try command.run(invocation, terminal)
    } catch {
        terminal.report(error)
        return error.exitCode
    }
}
