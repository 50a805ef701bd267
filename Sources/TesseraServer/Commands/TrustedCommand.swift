import Bytes
import Engine
import FoundationEssentials
import GraphQL
import GraphQLLanguage
import JSON

let trustedCommand = Command(
    name: "trusted", purpose: "write a manifest of the documents that a server is to trust",
    arguments: [
        Command.Argument("WHAT", choices: ["build"], help: "build: a manifest of all operations"),
        Command.Argument("DIR", help: "the folder of .graphql files, folders in it included"),
    ],
    flags: [
        Dataset.schemaFlag,
        Flag("output", .path, "FILE", short: "o", help: "where to; by default standard output"),
    ],
    examples: [
        "tessera trusted build operations -o trusted.json",
        "tessera trusted build schema/reports",
        "tessera trusted build app/operations --schema club/schema -o trusted.json",
    ],
    run: { invocation, terminal throws(CommandError) in
        let folder = invocation.arguments[1]
        var build = TrustedBuild(try Dataset.model(invocation))
        try build.read(folder)
        build.finish()
        if !build.problems.isEmpty {
            for problem in build.problems { terminal.note(problem) }
            let count = build.problems.count
            terminal.note("\(folder): \(count) problem\(count == 1 ? "" : "s")")
            return .problems
        }
        let text = build.manifest.json.indentedText + "\n"
        guard let output = invocation.text("output") else {
            terminal.write(bytes: Array(text.utf8))
            return .success
        }
        guard FileManager.default.createFile(atPath: output, contents: Data(text.utf8)) else {
            throw CommandError(.failure, "\(output) cannot be written")
        }
        terminal.note("\(output): \(build.manifest.operations.count) operations")
        return .success
    })

/// Collects the operations of a folder.
///
/// A file with one operation, and every fragment that it uses, is trusted as it stands, byte for
/// byte. Any other operation is written out with the fragments it uses, from whichever file.
private struct TrustedBuild {
    private(set) var manifest = TrustedManifest()
    private(set) var problems: [String] = []

    private let model: Model
    private var files: [(source: Source, document: Document)] = []
    private var fragments: [String: FragmentDefinition] = [:]

    init(_ model: Model) {
        self.model = model
    }

    mutating func read(_ folder: String) throws(CommandError) {
        var isFolder = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder
        else { throw .usage("\(folder) is no folder", hint: "name the folder of the operations") }
        for path in Self.files(in: folder) {
            guard let contents = FileManager.default.contents(atPath: path) else {
                throw .usage("\(path) cannot be read", hint: "may this user read it?")
            }
            let source = Source(name: path, bytes: Array(contents))
            do throws(SyntaxError) {
                let document = try parse(source, limits: .request)
                files.append((source, document))
                for case .fragment(let fragment) in document.definitions {
                    fragments[fragment.name.value] = fragment
                }
            } catch {
                problems.append(error.description)
            }
        }
    }

    /// In the order of their paths.
    private static func files(in folder: String) -> [String] {
        var found: [String] = []
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
            var isFolder = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                continue
            }
            if isFolder {
                found += files(in: path)
            } else if name.hasSuffix(".graphql") || name.hasSuffix(".gql") {
                found.append(path)
            }
        }
        return found
    }

    mutating func finish() {
        var places: [String: String] = [:]
        for (source, document) in files {
            var operations: [OperationDefinition] = []
            var own: Set<String> = []
            for definition in document.definitions {
                switch definition {
                case .operation(let operation): operations.append(operation)
                case .fragment(let fragment): own.insert(fragment.name.value)
                case .schema, .type, .directive: continue
                }
            }
            for operation in operations {
                let used = usedFragments(operation.selectionSet)
                let isWhole = operations.count == 1 && own == Set(used)
                let body = isWhole ? source.bytes : Array(text(operation, used).utf8)
                let name = operation.name?.value ?? ""
                if !name.isEmpty, let other = places.updateValue(source.name, forKey: name) {
                    problems.append(
                        "\(source.name): the operation \(name) stands in \(other), too")
                }
                check(body, source, isWhole: isWhole)
                manifest.operations.append(
                    TrustedManifest.Operation(
                        id: SHA256.digest(of: body).hexadecimal, name: name,
                        type: operation.type.rawValue, body: String(decoding: body, as: UTF8.self)))
            }
        }
        manifest.operations.sort { ($0.name, $0.id) < ($1.name, $1.id) }
    }

    /// The names of the fragments that a selection set uses, directly or through others.
    private func usedFragments(_ set: SelectionSet) -> [String] {
        var used: [String] = []
        var sets = [set]
        while let set = sets.popLast() {
            for selection in set.selections {
                switch selection {
                case .field(let field): if let inner = field.selectionSet { sets.append(inner) }
                case .inlineFragment(let fragment): sets.append(fragment.selectionSet)
                case .fragmentSpread(let spread):
                    let name = spread.name.value
                    if used.contains(name) { continue }
                    used.append(name)
                    if let fragment = fragments[name] { sets.append(fragment.selectionSet) }
                }
            }
        }
        return used
    }

    private func text(_ operation: OperationDefinition, _ used: [String]) -> String {
        var definitions: [Definition] = [.operation(operation)]
        for name in used.sorted() {
            if let fragment = fragments[name] { definitions.append(.fragment(fragment)) }
        }
        return print(Document(definitions: definitions, source: Source("")))
    }

    private mutating func check(_ body: [UInt8], _ source: Source, isWhole: Bool) {
        let source = Source(
            name: isWhole ? source.name : source.name + " (with its fragments)", bytes: body)
        do throws(SyntaxError) {
            let errors = validate(
                try parse(source), schema: model.schema, codecs: model.codecs)
            for error in errors {
                let place = error.locations.first.map { ":\($0.line):\($0.column)" } ?? ""
                problems.append("\(source.name)\(place): \(error.message)")
            }
        } catch {
            problems.append(error.description)
        }
    }
}
