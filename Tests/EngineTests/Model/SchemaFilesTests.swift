import Foundation
import Testing

@testable import Engine

@Suite struct SchemaFilesTests {
    /// A new folder with these files, removed after `body`.
    private func withFolder(
        _ files: [String: String], _ body: (String) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("schema-files-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(folder.path)
    }

    @Test func `schema files lie directly in the folder and come in the order of names`() throws {
        try withFolder([
            "b.graphql": "B", "a.graphqls": "A", "Z.graphql": "Z", "notes.md": "N",
            "reports/joins.graphql": "R", "odd.graphql/inner.graphql": "I",
        ]) { folder in
            let files = try loadSchemaFiles(folder)
            #expect(
                files.map(\.path)
                    == ["Z.graphql", "a.graphqls", "b.graphql"].map { "\(folder)/\($0)" })
            #expect(files.map(\.bytes) == [[0x5A], [0x41], [0x42]])
            #expect(try loadSchemaFiles(folder + "/").map(\.path) == files.map(\.path))
        }
    }

    @Test func `a folder that is not there is refused`() throws {
        try withFolder(["a.graphql": ""]) { folder in
            for path in [folder + "/none", folder + "/a.graphql"] {
                #expect(throws: Self.unreadable(path)) { try loadSchemaFiles(path) }
            }
        }
    }

    private static func unreadable(_ path: String) -> ModelErrors {
        ModelErrors(problems: [
            ModelProblem(
                file: path, message: "the folder of the schema files cannot be read",
                hint: "does it exist, and is it a folder?")
        ])
    }

    @Test func `a folder without schema files is refused`() throws {
        try withFolder(["notes.md": "", "reports/a.graphql": ""]) { folder in
            let expected = ModelErrors(problems: [
                ModelProblem(
                    file: folder, message: "the folder holds no schema files",
                    hint: "write the tables into files that end in .graphql, directly in this "
                        + "folder")
            ])
            #expect(throws: expected) { try loadSchemaFiles(folder) }
        }
    }
}
