/// All commands, in the order in which help shows them.
enum CommandTable {
    static let commands: [Command] = [
        demoCommand, serveCommand, queryCommand, importCommand, checkCommand, schemaCommand,
        versionCommand, helpCommand,
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

/// The name that differs from a mistaken one by the fewest letters, if any is close.
func nearestName(to input: String, among names: [String]) -> String? {
    let distances = names.map { (name: $0, distance: editDistance(Array(input), Array($0))) }
    guard let best = distances.min(by: { $0.distance < $1.distance }),
        best.distance <= input.count * 2 / 5 + 1
    else { return nil }
    return best.name
}

/// Letters to insert, delete or replace until one text is the other.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var last = Array(0...right.count)
    for (row, letter) in left.enumerated() {
        var current = [row + 1]
        for (column, other) in right.enumerated() {
            current.append(
                min(
                    last[column + 1] + 1, current[column] + 1,
                    last[column] + (letter == other ? 0 : 1)))
        }
        last = current
    }
    return last[right.count]
}
