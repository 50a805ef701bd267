import Bytes
import Glibc
import Store

/// A command with the flags and arguments of one call, checked against its description.
///
/// A flag counts before its environment variable, that before the configuration file, and that
/// before the default.
struct Invocation {
    let command: Command
    /// What was given besides flags.
    let arguments: [String]
    private var values: [String: [String]] = [:]
    private var origins: [String: SettingOrigin] = [:]

    init(
        _ command: Command, _ words: [String], environment: [String: String]
    ) throws(CommandError) {
        self.command = command
        var arguments: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                arguments += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                arguments.append(word)
                continue
            }
            let (flag, inlineValue) = try Invocation.flag(word, of: command)
            guard values[flag.name] == nil || flag.isRepeatable else {
                throw .usage("\(word) stands twice")
            }
            var value = inlineValue
            if value == nil {
                value = flag.kind == .toggle ? "true" : rest.popFirst()
            }
            guard let value else {
                throw .usage("\(word) needs a value: --\(flag.name) \(flag.placeholder)")
            }
            values[flag.name, default: []].append(value)
            origins[flag.name] = .flag
        }
        for flag in command.flags where values[flag.name] == nil && !flag.isRepeatable {
            guard let value = environment[flag.environmentName], !value.isEmpty else { continue }
            values[flag.name] = [value]
            origins[flag.name] = .environment(flag.environmentName)
        }
        self.arguments = arguments
        try checkArguments()
        try readFile()
        for flag in command.flags {
            for value in values[flag.name] ?? [] { try Invocation.check(value, of: flag) }
        }
    }

    /// Takes what neither flags nor the environment give from the configuration file.
    private mutating func readFile() throws(CommandError) {
        guard flag(ConfigFile.flag.name) != nil else { return }
        let known = serveCommand.flags.map(\.name) + command.flags.map(\.name)
        let path = text(ConfigFile.flag.name)
        guard
            let file = try ConfigFile.load(
                path, known: known.filter { $0 != ConfigFile.flag.name })
        else { return }
        for setting in file.settings {
            guard let flag = flag(setting.name), values[flag.name] == nil else { continue }
            let place = file.place(of: setting)
            for text in setting.texts {
                do throws(CommandError) {
                    try Invocation.check(text, of: flag)
                } catch {
                    throw .usage(
                        "\(place): \"\(flag.name)\" cannot be \"\(text)\"", hint: error.hint)
                }
            }
            guard flag.isRepeatable || setting.texts.count == 1 else {
                throw .usage(
                    "\(place): \"\(flag.name)\" has \(setting.texts.count) values",
                    hint: "it takes one")
            }
            values[flag.name] = setting.texts
            origins[flag.name] = .file(place)
        }
    }

    private static func flag(
        _ word: String, of command: Command
    ) throws(CommandError) -> (Flag, value: String?) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let flag = command.flags.first { flag in
            name == "--\(flag.name)" || flag.short.map { name == "-\($0)" } ?? false
        }
        guard let flag else {
            let names = command.flags.map { "--\($0.name)" }
            let hint =
                nearestName(to: name, among: names).map { "did you mean \($0)?" }
                ?? "\"tessera \(command.name) --help\" lists the flags"
            throw .usage("\(command.name) has no flag \(name)", hint: hint)
        }
        return (flag, parts.count == 2 ? String(parts[1]) : nil)
    }

    private func checkArguments() throws(CommandError) {
        let required = command.arguments.filter(\.isRequired)
        if arguments.count < required.count {
            throw .usage(
                "\(command.name) needs \(required[arguments.count].name)",
                hint: "as in \"\(command.examples[0])\"")
        }
        let isOpen = command.arguments.last?.isRepeatable == true
        if arguments.count > command.arguments.count && !isOpen {
            throw .usage("\(command.name) does not take \"\(arguments[command.arguments.count])\"")
        }
        for (given, expected) in zip(arguments, command.arguments)
        where !expected.choices.isEmpty && !expected.choices.contains(given) {
            throw .usage(
                "\(command.name) does not take \"\(given)\"",
                hint: "it takes \(expected.choices.joined(separator: " or "))")
        }
    }

    private static func check(_ value: String, of flag: Flag) throws(CommandError) {
        let isGood: Bool
        switch flag.kind {
        case .toggle: isGood = toggle(value) != nil
        case .text, .path: isGood = !value.isEmpty
        case .count: isGood = Int(value).map { $0 >= 1 } ?? false
        case .address: isGood = Address(value) != nil
        case .addressOrOff: isGood = value == "off" || Address(value) != nil
        case .duration: isGood = duration(value) != nil
        case .durationOrOff: isGood = ["off", "0"].contains(value) || duration(value) != nil
        case .byteCount: isGood = byteCount(value) != nil
        case .time: isGood = time(value) != nil
        case .syncMode: isGood = syncMode(value) != nil
        case .choice(let choices): isGood = choices.contains(value)
        case .assignment: isGood = value.contains("=") && !value.hasPrefix("=")
        }
        if !isGood {
            throw .usage(
                "--\(flag.name) cannot be \"\(value)\"", hint: "it takes \(flag.expectation)")
        }
    }

    // MARK: Values

    /// The flag's text, or its default; nil when it has neither.
    func text(_ name: String) -> String? {
        values[name]?.last ?? flag(name)?.defaultText
    }

    /// All texts of a flag that can be given several times.
    func texts(_ name: String) -> [String] { values[name] ?? [] }

    /// Whether the flag was given, by itself or in the environment.
    func isGiven(_ name: String) -> Bool { values[name] != nil }

    func origin(_ name: String) -> SettingOrigin { origins[name] ?? .standard }

    /// A flag's value as `tessera config show` prints it.
    func shownText(_ flag: Flag) -> String? {
        if let texts = values[flag.name] { return texts.joined(separator: ", ") }
        return flag.defaultText ?? (flag.kind == .toggle ? "false" : nil)
    }

    func isOn(_ name: String) -> Bool { text(name).flatMap(Invocation.toggle) ?? false }

    func count(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

    /// Nil for `off`, and for a flag that has neither a value nor a default.
    func duration(_ name: String) -> Duration? {
        text(name).flatMap { $0 == "0" ? .zero : Invocation.duration($0) }
    }

    func byteCount(_ name: String) -> Int? { text(name).flatMap(Invocation.byteCount) }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    func time(_ name: String) -> Int64? { text(name).flatMap(Invocation.time) }

    func syncMode(_ name: String) -> SyncMode? { text(name).flatMap(Invocation.syncMode) }

    func address(_ name: String) -> Address? { text(name).flatMap { Address($0) } }

    private func flag(_ name: String) -> Flag? { command.flags.first { $0.name == name } }

    private static func toggle(_ text: String) -> Bool? {
        switch text {
        case "true", "1": true
        case "false", "0": false
        default: nil
        }
    }

    /// A number directly followed by its unit.
    private static func split(_ text: String) -> (Int, unit: String)? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        return (number, String(text.dropFirst(digits.count)))
    }

    private static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = split(text), number > 0, number <= 1_000_000_000 else {
            return nil
        }
        switch unit {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(60 * number)
        case "h": return .seconds(3_600 * number)
        case "d": return .seconds(86_400 * number)
        default: return nil
        }
    }

    private static func syncMode(_ text: String) -> SyncMode? {
        switch text {
        case "always": return .always
        case "never": return .never
        default:
            guard text.hasPrefix("interval:"),
                let interval = duration(String(text.dropFirst("interval:".count))),
                interval <= .seconds(60)
            else { return nil }
            return .interval(milliseconds: Int(interval / .milliseconds(1)))
        }
    }

    private static func byteCount(_ text: String) -> Int? {
        guard let (number, unit) = split(text), number > 0 else { return nil }
        let units = [
            "": 1, "B": 1, "kB": 1_000, "KB": 1_000, "KiB": 1 << 10, "MB": 1_000_000,
            "MiB": 1 << 20, "GB": 1_000_000_000, "GiB": 1 << 30,
        ]
        guard let size = units[unit] else { return nil }
        let (result, overflow) = number.multipliedReportingOverflow(by: size)
        return overflow ? nil : result
    }

    private static func time(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 {
            unsafe Instant.milliseconds(parsing: UnsafeRawBufferPointer($0))
        }
    }
}

extension Flag {
    /// What a value looks like, as the end of a sentence.
    var expectation: String {
        switch kind {
        case .toggle: "true or false"
        case .text: "a text"
        case .path: "a path"
        case .count: "a whole number, at least 1"
        case .address: "an address like 127.0.0.1:8080"
        case .addressOrOff: "an address like 127.0.0.1:9090, or off"
        case .duration: "a time like 10s, 500ms or 2m"
        case .durationOrOff: "a time like 200ms, 0 for all, or off"
        case .byteCount: "a size like 1MB or 64KiB"
        case .time: "a time like 2026-06-30T12:00:00Z"
        case .syncMode: "always, a time like interval:5ms, or never"
        case .choice(let choices): choices.joined(separator: " or ")
        case .assignment: "name=value"
        }
    }
}

/// Where a server listens.
struct Address: Equatable, Sendable {
    let host: String
    let port: UInt16

    static let hostDefault = "127.0.0.1"

    /// `HOST:PORT`, `[IPv6]:PORT`, or `:PORT` and `PORT` for this machine alone.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else {
            guard let port = UInt16(text), text.allSatisfy(\.isNumber) else { return nil }
            self.init(host: Address.hostDefault, port: port)
            return
        }
        let digits = text[text.index(after: colon)...]
        guard let port = UInt16(digits), digits.allSatisfy(\.isNumber) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host.isEmpty ? Address.hostDefault : host, port: port)
    }

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Whether only this machine can reach it.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        var address = in_addr()
        guard unsafe inet_pton(AF_INET, host, &address) == 1 else { return false }
        return UInt32(bigEndian: address.s_addr) >> 24 == 127
    }

    /// As it stands in a URL.
    func urlText(port: UInt16) -> String {
        host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    }
}
