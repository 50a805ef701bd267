/// The program's version, after https://semver.org.
let tesseraVersion = "0.1.0"

let versionCommand = Command(
    name: "version", purpose: "print the version", arguments: [], flags: [],
    examples: ["tessera version", "tessera --version", "tessera version --help"],
    run: { _, terminal throws(CommandError) in
        terminal.write("tessera \(tesseraVersion)")
        return .success
    })
