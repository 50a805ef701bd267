/// One command: what it is for, what it takes, and what it does.
///
/// Arguments are parsed and help is printed from the same description, so that they agree.
struct Command: Sendable {
    let name: String
    /// What it does, as the end of "tessera NAME: …".
    let purpose: String
    /// What it takes besides flags.
    let arguments: [Argument]
    let flags: [Flag]
    /// Three lines that work as they stand.
    let examples: [String]
    let run: @Sendable (Invocation, Terminal) throws(CommandError) -> ExitCode

    struct Argument: Sendable {
        /// As help shows it: `DIR`.
        let name: String
        let isRequired: Bool
        let help: String
        /// The only words that are accepted; empty when all are.
        let choices: [String]
        /// Whether it takes all words that are left; so for the last argument alone.
        let isRepeatable: Bool

        init(
            _ name: String, isRequired: Bool = true, choices: [String] = [],
            isRepeatable: Bool = false, help: String
        ) {
            self.name = name
            self.isRequired = isRequired
            self.choices = choices
            self.isRepeatable = isRepeatable
            self.help = help
        }
    }
}

/// One flag of a command: `--name value`, `--name=value`, or `--name` alone for a switch.
struct Flag: Sendable {
    enum Kind: Sendable, Equatable {
        case toggle
        case text
        /// A file or a folder.
        case path
        /// A whole number, at least 1.
        case count
        /// `HOST:PORT`, `:PORT` or `PORT`.
        case address
        /// As `address`, or `off`.
        case addressOrOff
        /// `10s`, `500ms`, `2m`.
        case duration
        /// As `duration`, or `0`, or `off`.
        case durationOrOff
        /// `1MB`, `64KiB`, or bytes.
        case byteCount
        /// An RFC 3339 date-time.
        case time
        /// `always`, `interval:5ms` or `never`.
        case syncMode
        case choice([String])
        /// `name=value`.
        case assignment
    }

    let name: String
    let short: Character?
    let kind: Kind
    /// As help shows it: `DIR`.
    let placeholder: String
    /// What counts when the flag is not given, in the form in which it would be given.
    let defaultText: String?
    let isRepeatable: Bool
    let help: String

    init(
        _ name: String, _ kind: Kind, _ placeholder: String = "", short: Character? = nil,
        default defaultText: String? = nil, isRepeatable: Bool = false, help: String
    ) {
        self.name = name
        self.short = short
        self.kind = kind
        self.placeholder = placeholder
        self.defaultText = defaultText
        self.isRepeatable = isRepeatable
        self.help = help
    }

    /// The environment variable that counts when the flag is not given: `TESSERA_MAX_BODY`.
    var environmentName: String {
        "TESSERA_" + name.uppercased().replacing("-", with: "_")
    }
}
