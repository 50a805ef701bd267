import GraphQL

/// All commands, in the order in which help shows them.
enum CommandTable {
    static let commands: [Command] = [
        demoCommand, serveCommand, queryCommand, importCommand, exportCommand, snapshotCommand,
        backupCommand, restoreCommand, journalCommand, storeCommand, keyCommand, checkCommand,
        configCommand, trustedCommand, schemaCommand,
        validateCommand, versionCommand, helpCommand,
    ]

    static func command(named name: String) throws(CommandError) -> Command {
        if let command = commands.first(where: { $0.name == name }) { return command }
        throw .usage(
            "there is no command \"\(name)\"",
            hint: nearestName(to: name, among: commands.map(\.name)).map {
                "did you mean \"\($0)\"?"
            } ?? "\"tessera help\" lists the commands")
    }

    /// The command that the arguments begin with, and the other arguments; nil when help was asked
    /// for, or nothing.
    static func find(
        _ arguments: [String]
    ) throws(CommandError) -> (Command, [String])? {
        guard let name = arguments.first, !["--help", "-h"].contains(name) else { return nil }
        if name == "--version" { return (versionCommand, []) }
        return (try command(named: name), Array(arguments.dropFirst()))
    }
}

/// The known name that is closest to a mistaken one, if any is close.
func nearestName(to input: String, among names: [String]) -> String? {
    suggestions(for: input, among: names).first
}
