import Engine

let schemaCommand = Command(
    name: "schema", purpose: "print the API, or the directives of schema files",
    arguments: [
        Command.Argument(
            "WHAT", choices: ["print", "directives"],
            help: "print: the API that the schema files make; directives: what they may use")
    ],
    flags: [Dataset.schemaFlag],
    examples: [
        "tessera schema print > api.graphql", "tessera schema print --schema club/schema",
        "tessera schema directives > schema/_directives.graphql",
    ],
    run: { invocation, terminal throws(CommandError) in
        if invocation.arguments[0] == "directives" {
            terminal.write(trimmed(directiveDefinitions))
        } else {
            terminal.write(trimmed(try Dataset.model(invocation).schemaText))
        }
        return .success
    })

/// The text without its last line end, which the terminal adds.
private func trimmed(_ text: String) -> String {
    text.hasSuffix("\n") ? String(text.dropLast()) : text
}
