import Bytes
import Foundation
import JSON
import Store
import Testing

@testable import Engine

/// Every kind of field, a cycle between two tables and a table that refers to itself.
let importSchema = """
    type Team @table(idPrefix: "team") @key(fields: "code") {
      code: String! @constraint(minLength: 2, maxLength: 4)
      lead: Person @relation
      people: [Person!]! @relation(inverse: "team")
    }
    type Person @table(idPrefix: "per", plural: "people") @key(fields: "nick") {
      name: String!
      nick: String
      email: EmailAddress
      site: String @constraint(format: URL)
      phone: String @constraint(format: PHONE)
      slug: String @constraint(format: SLUG)
      mail: String @constraint(format: EMAIL)
      team: Team! @relation
      boss: Person @relation
      reports: [Person!]! @relation(inverse: "boss")
      rank: Int! @default(value: 1) @constraint(min: 0, max: 99)
      total: Long
      score: Float @constraint(min: -1.5)
      isOpen: Boolean! @default(value: true)
      seenAt: DateTime
      madeAt: DateTime! @default(now: true)
      born: Date
      color: Color! @default(value: GREEN)
      notes: JSON
      home: Address
      tags: [String!]! @default(value: [])
      code: ID
    }
    type Address { street: String! zip: Int }
    enum Color { RED GREEN DARK_BLUE_AND_GREEN DARK_BLUE_AND_GREY }
    """

/// A folder for one test, removed with this object.
final class ImportFolder {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        path = NSTemporaryDirectory() + "tessera-import-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        for (name, text) in files { try write(name, Array(text.utf8)) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: path + "/" + name).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    var names: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }
}

/// A store that was filled from files.
struct Imported {
    let folder: ImportFolder
    let model: Model
    let store: Store
    let summary: ImportSummary

    /// 2026-06-30T12:00:00Z
    static let now: Int64 = 1_782_820_800_000

    init(
        _ files: [String: String], schema: String = importSchema, isDryRun: Bool = false
    ) throws {
        try self.init(ImportFolder(files), schema: schema, isDryRun: isDryRun)
    }

    init(_ folder: ImportFolder, schema: String = importSchema, isDryRun: Bool = false) throws {
        self.folder = folder
        model = try importModel(schema)
        store = Store(model.storeDefinition, seed: 7)
        summary = try Importer(
            model: model, store: store, now: Imported.now, isDryRun: isDryRun
        ).load(folder: folder.path)
        let reader = try #require(store.makeReader())
        #expect(reader.withVersion { store.check($0) }.isEmpty)
    }

    /// The data of a query's answer as JSON.
    func query(_ document: String) throws -> String {
        let session = try #require(
            Session(context: EngineContext(model: model, store: store)))
        let output = ByteBuffer()
        let outcome = try unsafe document.utf8.span.withUnsafeBytes { bytes in
            session.execute(try unsafe GraphQLRequest(document: bytes), into: output)
        }
        try #require(outcome == .data, "\(output.makeString())")
        return output.makeString()
    }

    /// The nodes of a list, each as JSON.
    func rows(_ list: String, _ fields: String) throws -> [String] {
        let answer = try JSONValue(
            parsing: query("{ \(list)(first: 1000) { nodes { \(fields) } } }"))
        let nodes = try #require(answer["data"]?[list]?["nodes"]?.elements)
        return nodes.map(\.description)
    }
}

func importModel(_ schema: String) throws -> Model {
    try buildModel([SchemaFile(path: "schema/all.graphql", bytes: Array(schema.utf8))])
}

/// Lines of a file that ends in a line end.
func lines(_ lines: String...) -> String {
    lines.map { $0 + "\n" }.joined()
}
