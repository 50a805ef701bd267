import JSON

let configCommand = Command(
    name: "config", purpose: "show the settings of a server",
    arguments: [
        Command.Argument(
            "WHAT", choices: ["show"],
            help: "show: what \"tessera serve\" with the same flags would go by")
    ],
    flags: serveCommand.flags + [
        Flag("origin", .toggle, help: "show where each value comes from"),
        Flag("json", .toggle, help: "as JSON, with origins and reasons"),
    ],
    examples: [
        "tessera config show", "tessera config show --origin",
        "tessera config show --json --max-page 500",
    ],
    run: { invocation, terminal throws(CommandError) in
        let settings = Setting.all(invocation, of: serveCommand)
        if invocation.isOn("json") {
            terminal.write(json(settings).indentedText)
        } else {
            terminal.write(table(settings, hasOrigins: invocation.isOn("origin")))
        }
        return .success
    })

private func json(_ settings: [Setting]) -> JSONValue {
    func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    return .array(
        settings.map { setting in
            .object([
                .init("name", .string(setting.name)), .init("value", text(setting.value)),
                .init("unit", .string(setting.unit)), .init("reason", .string(setting.reason)),
                .init("flag", text(setting.flag)),
                .init("environment", text(setting.environment)),
                .init("origin", .string(setting.origin.text)),
            ])
        })
}

private func table(_ settings: [Setting], hasOrigins: Bool) -> String {
    var rows = [["SETTING", "VALUE", "UNIT"] + (hasOrigins ? ["FROM"] : []) + ["WHY"]]
    for setting in settings {
        rows.append(
            [setting.name, setting.value ?? "-", setting.unit]
                + (hasOrigins ? [setting.origin.text] : []) + [setting.reason])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        zip(row, widths).enumerated().map { place, cell in
            place == row.count - 1
                ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
        }.joined(separator: "  ")
    }.joined(separator: "\n")
}
