/// The texts that `--help` prints, made from the command table.
enum HelpText {
    static func isAsked(for words: [String]) -> Bool {
        words.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
    }

    /// All commands.
    static var overview: String {
        let width = CommandTable.commands.map(\.name.count).max() ?? 0
        let lines = CommandTable.commands.map { command in
            "  \(padded(command.name, to: width))  \(command.purpose)"
        }
        return """
            Tessera \(tesseraVersion): a GraphQL server over a membership model, in memory.

            Usage: tessera COMMAND [flags]

            \(lines.joined(separator: "\n"))

            "tessera COMMAND --help" says more about each. Every flag is also an environment
            variable: --max-body is TESSERA_MAX_BODY.
            """
    }

    /// One command.
    static func text(for command: Command) -> String {
        var parts = ["tessera \(command.name): \(command.purpose)", "", "Usage: " + usage(command)]
        let arguments = command.arguments.map { ($0.name, $0.help) }
        let flags = command.flags.map { flag in (left(flag), right(flag)) }
        let width = (arguments + flags).map(\.0.count).max() ?? 0
        if !arguments.isEmpty { parts += [""] + rows("Arguments:", arguments, width) }
        if !flags.isEmpty { parts += [""] + rows("Flags:", flags, width) }
        parts += ["", "Examples:"] + command.examples.map { "  \($0)" }
        return parts.joined(separator: "\n")
    }

    private static func usage(_ command: Command) -> String {
        var words = ["tessera", command.name]
        for argument in command.arguments {
            var name =
                argument.choices.isEmpty
                ? argument.name : argument.choices.joined(separator: "|")
            if argument.isRepeatable { name += "..." }
            words.append(argument.isRequired ? name : "[\(name)]")
        }
        if !command.flags.isEmpty { words.append("[flags]") }
        return words.joined(separator: " ")
    }

    private static func left(_ flag: Flag) -> String {
        let short = flag.short.map { "-\($0), " } ?? ""
        return short + "--\(flag.name)" + (flag.kind == .toggle ? "" : " \(flag.placeholder)")
    }

    private static func right(_ flag: Flag) -> String {
        guard let text = flag.defaultText else { return flag.help }
        return "\(flag.help) (default: \(text))"
    }

    private static func rows(
        _ title: String, _ rows: [(String, String)], _ width: Int
    ) -> [String] {
        [title] + rows.map { "  \(padded($0.0, to: width))  \($0.1)" }
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

let helpCommand = Command(
    name: "help", purpose: "list the commands, or explain one",
    arguments: [Command.Argument("COMMAND", isRequired: false, help: "the command to explain")],
    flags: [],
    examples: ["tessera help", "tessera help query", "tessera serve --help"],
    run: { invocation, terminal throws(CommandError) in
        if let name = invocation.arguments.first {
            terminal.write(HelpText.text(for: try CommandTable.command(named: name)))
        } else {
            terminal.write(HelpText.overview)
        }
        return .success
    })
