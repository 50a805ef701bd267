import Bytes
import FoundationEssentials
import GraphQLLanguage
import JSON

/// The file `tessera.json`: settings under the names of flags, for whoever does not want to repeat
/// them.
///
/// `{"listen": "127.0.0.1:9000", "max-page": 500, "introspection": true}`: a text as the flag takes
/// it, a number, or true and false; a list for flags that can be given several times.
struct ConfigFile: Sendable {
    /// As it was named.
    let path: String
    private(set) var settings: [Setting] = []

    struct Setting: Sendable, Equatable {
        /// Of the flag, without its dashes.
        let name: String
        let texts: [String]
        let line: Int
        let column: Int
    }

    /// The file that counts when none is named.
    static let standardPath = "tessera.json"

    static let flag = Flag(
        "config", .path, "FILE",
        help: "settings for flags that are not given; by default "
            + "\(standardPath) in this folder, if it is there")

    /// - Parameters:
    ///   - path: nil for the standard one, which need not be there.
    ///   - known: the names that may stand in it.
    /// - Returns: nil when there is no file.
    static func load(_ path: String?, known: [String]) throws(CommandError) -> ConfigFile? {
        let file = path ?? standardPath
        guard let contents = FileManager.default.contents(atPath: file) else {
            if path == nil, !FileManager.default.fileExists(atPath: file) { return nil }
            throw .usage(
                "\(file) cannot be read", hint: "does it exist, and may this user read it?")
        }
        return try ConfigFile(file, Array(contents), known: known)
    }

    init(_ path: String, _ bytes: [UInt8], known: [String]) throws(CommandError) {
        self.path = path
        let source = Source(name: path, bytes: bytes)
        do throws(JSONError) {
            settings = try unsafe bytes.span.withUnsafeBytes { bytes throws(JSONError) in
                var reader = unsafe JSONReader(bytes)
                return try Self.settings(&reader, source)
            }
        } catch {
            let place = source.location(at: min(error.offset, bytes.count))
            throw .usage(
                "\(path):\(place.line):\(place.column): \(error.reason.text)",
                hint: "it is a JSON object, as in {\"max-page\": 500}")
        }
        try checkNames(known)
    }

    private static func settings(
        _ reader: inout JSONReader, _ source: Source
    ) throws(JSONError) -> [Setting] {
        var settings: [Setting] = []
        try reader.beginObject()
        while let key = try reader.nextKey() {
            let place = source.location(at: reader.offset(of: key))
            let name = key.makeString()
            if settings.contains(where: { $0.name == name }) { throw reader.duplicate(key) }
            let value = try JSONValue(reading: &reader)
            settings.append(
                Setting(
                    name: name, texts: (value.elements ?? [value]).map(text),
                    line: place.line, column: place.column))
        }
        try reader.finish()
        return settings
    }

    /// A value as a flag would have it.
    private static func text(_ value: JSONValue) -> String { value.string ?? value.description }

    private func checkNames(_ known: [String]) throws(CommandError) {
        for setting in settings where !known.contains(setting.name) {
            let hint =
                nearestName(to: setting.name, among: known).map { "did you mean \"\($0)\"?" }
                ?? "\"tessera config show\" lists the settings"
            throw .usage(
                "\(place(of: setting)): there is no setting \"\(setting.name)\"", hint: hint)
        }
    }

    func place(of setting: Setting) -> String { "\(path):\(setting.line):\(setting.column)" }
}

/// Where the value of a setting comes from; the first of these that has one counts.
enum SettingOrigin: Equatable, Sendable {
    case flag
    case environment(String)
    /// `tessera.json:3:5`
    case file(String)
    case standard
    /// Nobody can change it.
    case builtIn

    var text: String {
        switch self {
        case .flag: "flag"
        case .environment(let name): name
        case .file(let place): place
        case .standard: "default"
        case .builtIn: "built in"
        }
    }
}
