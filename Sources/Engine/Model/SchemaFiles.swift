import FoundationEssentials

/// One file of a data model, as it was read.
public struct SchemaFile: Sendable {
    /// As problems name it: the folder as it was given, and the file's name.
    public let path: String
    public let bytes: [UInt8]

    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

/// Reads every `*.graphql` and `*.graphqls` that lies directly in a folder, in the order of the
/// names' bytes. Folders inside it, such as `reports`, are left alone.
///
/// - Throws: when the folder or one of the files cannot be read, or when there are none.
public func loadSchemaFiles(_ folder: String) throws(ModelErrors) -> [SchemaFile] {
    let names: [String]
    do {
        names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
        throw refusal(
            folder, "the folder of the schema files cannot be read",
            hint: "does it exist, and is it a folder?")
    }
    var files: [SchemaFile] = []
    var problems: [ModelProblem] = []
    let prefix = folder.hasSuffix("/") ? folder : folder + "/"
    let candidates = names.filter { $0.hasSuffix(".graphql") || $0.hasSuffix(".graphqls") }
    for name in candidates.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        let path = prefix + name
        var isFolder = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder
        else { continue }
        guard let contents = FileManager.default.contents(atPath: path) else {
            problems.append(
                ModelProblem(
                    file: path, message: "the file cannot be read",
                    hint: "may this user read it?"))
            continue
        }
        files.append(SchemaFile(path: path, bytes: Array(contents)))
    }
    if !problems.isEmpty { throw ModelErrors(problems: problems) }
    guard !files.isEmpty else {
        throw refusal(
            folder, "the folder holds no schema files",
            hint: "write the tables into files that end in .graphql, directly in this folder")
    }
    return files
}

private func refusal(_ folder: String, _ message: String, hint: String) -> ModelErrors {
    ModelErrors(problems: [ModelProblem(file: folder, message: message, hint: hint)])
}
