import JSON
import Testing

@testable import TesseraServer

/// `tessera.json`, and `tessera config show`.
struct ConfigCommandTests {
    private func settings(
        _ arguments: [String], environment: [String: String] = [:], file: String? = nil
    ) throws -> (result: CommandResult, settings: [String: JSONValue]) {
        let folder = try CommandFolder(["club.json": file ?? "{}"])
        let config = file == nil ? [] : ["--config", folder.path + "/club.json"]
        let result = tessera(
            ["config", "show", "--json"] + config + arguments, environment: environment)
        guard let rows = try? JSONValue(parsing: result.output) else { return (result, [:]) }
        var settings: [String: JSONValue] = [:]
        for row in rows.elements ?? [] { settings[row["name"]?.string ?? ""] = row }
        return (result, settings)
    }

    private func fault(_ file: String) throws -> String {
        let folder = try CommandFolder(["club.json": file])
        let path = folder.path + "/club.json"
        let result = tessera(["config", "show", "--config", path])
        #expect(result.exitCode == .usage)
        return result.errors.replacing(path, with: "club.json")
    }

    @Test func `a flag counts before the environment, that before the file, that before defaults`()
        throws
    {
        let file = #"{"max-page": 11, "max-cost": 22, "max-depth": 3, "introspection": true}"#
        let (result, settings) = try settings(
            ["--max-page", "500"],
            environment: ["TESSERA_MAX_PAGE": "400", "TESSERA_MAX_COST": "300"], file: file)
        #expect(result.exitCode == .success)
        func row(_ name: String) -> [String?] {
            [settings[name]?["value"]?.string, settings[name]?["origin"]?.string]
        }
        #expect(row("max-page") == ["500", "flag"])
        #expect(row("max-cost") == ["300", "TESSERA_MAX_COST"])
        #expect(row("max-depth")[0] == "3")
        #expect(row("max-depth")[1]?.hasSuffix("club.json:1:34") == true)
        #expect(row("introspection")[0] == "true")
        #expect(row("max-body") == ["1MiB", "default"])
        #expect(row("aliases") == ["50", "built in"])
    }

    @Test func `every flag of serve and every limit is shown once, with a reason`() throws {
        let (result, _) = try settings([])
        let rows = try #require(JSONValue(parsing: result.output).elements)
        let names = rows.compactMap { $0["name"]?.string }
        #expect(Set(names).count == names.count)
        for flag in serveCommand.flags { #expect(names.contains(flag.name)) }
        for limit in Limit.all { #expect(names.contains(limit.name), "\(limit.name)") }
        for row in rows { #expect(row["reason"]?.string?.isEmpty == false) }
    }

    @Test func `the table has a line for each setting, with its origin when that is asked for`()
        throws
    {
        let plain = tessera(["config", "show", "--max-page", "7"]).output.split(separator: "\n")
        #expect(plain[0].hasPrefix("SETTING"))
        #expect(!plain[0].contains("FROM"))
        let lines = tessera(["config", "show", "--origin", "--max-page", "7"]).output
            .split(separator: "\n")
        #expect(lines.count == plain.count)
        let words = lines.first { $0.hasPrefix("max-page ") }?.split(separator: " ").prefix(4)
        #expect(words == ["max-page", "7", "rows", "flag"])
    }

    @Test func `a setting that does not exist is named with its place`() throws {
        #expect(
            try fault("{\n  \"max-pages\": 3\n}") == """
                tessera: club.json:2:3: there is no setting "max-pages"
                  help: did you mean "max-page"?

                """)
    }

    @Test(arguments: [
        (#"{"max-page": "many"}"#, "\"max-page\" cannot be \"many\""),
        (#"{"max-page": -1}"#, "\"max-page\" cannot be \"-1\""),
        (#"{"introspection": 3}"#, "\"introspection\" cannot be \"3\""),
        (#"{"max-page": [1, 2]}"#, "\"max-page\" has 2 values"),
        (#"{"max-page": {}}"#, "\"max-page\" cannot be \"{}\""),
    ]) func `a value that does not fit is told with its place`(file: String, message: String) throws
    {
        #expect(try fault(file).hasPrefix("tessera: club.json:1:2: \(message)\n"))
    }

    @Test(arguments: ["", "[]", "{", "{\"a\": 1, \"a\": 2}", "{} x"])
    func `a file that is no JSON object is refused with its place`(file: String) throws {
        let text = try fault(file)
        #expect(text.hasPrefix("tessera: club.json:1:"), "\(text)")
    }

    @Test func `a file that is named must be there`() {
        let result = tessera(["config", "show", "--config", "/nowhere/tessera.json"])
        #expect(result.exitCode == .usage)
        #expect(result.errors.hasPrefix("tessera: /nowhere/tessera.json cannot be read\n"))
    }
}
