import Foundation
import Testing

@testable import TesseraServer

/// What one call of the program did.
struct CommandResult: Equatable {
    let exitCode: ExitCode
    let output: String
    let errors: String
}

/// Runs the program as `tessera …`.
func tessera(
    _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
    isErrorTerminal: Bool = false, usesColour: Bool = false, outputWidth: Int? = nil
) -> CommandResult {
    let output = CollectedBytes()
    let errors = CollectedBytes()
    let terminal = Terminal(
        isErrorTerminal: isErrorTerminal, usesColour: usesColour, outputWidth: outputWidth,
        writeOutput: { output.append($0) }, writeError: { errors.append($0) },
        readInput: { input.map { Array($0.utf8) } })
    let exitCode = run(arguments: arguments, environment: environment, terminal: terminal)
    return CommandResult(exitCode: exitCode, output: output.text, errors: errors.text)
}

final class CollectedBytes {
    private var bytes: [UInt8] = []

    func append(_ more: [UInt8]) { bytes += more }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// The schema files at the top of this package.
let schemaFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("schema").path

/// A folder with files for one test, removed with this object.
final class CommandFolder {
    let path: String

    init(_ files: [String: String]) throws {
        path = NSTemporaryDirectory() + "tessera-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
        }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
