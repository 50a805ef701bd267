import Bytes
import Engine
import FoundationEssentials
import GraphQLLanguage
import JSON

/// The documents that a server may be told to trust, as a file.
///
/// Written in the format of Apollo's manifests; read in that, and as an object whose keys are ids
/// and whose values are documents.
struct TrustedManifest: Sendable {
    struct Operation: Sendable, Equatable {
        /// The SHA-256 of the text in hexadecimal digits, where Tessera has written the manifest.
        let id: String
        let name: String
        let type: String
        let body: String
    }

    var operations: [Operation] = []

    private static let format = "apollo-persisted-query-manifest"

    // MARK: Writing

    var json: JSONValue {
        .object([
            .init("format", .string(Self.format)), .init("version", .integer(1)),
            .init(
                "operations",
                .array(
                    operations.map { operation in
                        .object([
                            .init("id", .string(operation.id)),
                            .init("name", .string(operation.name)),
                            .init("type", .string(operation.type)),
                            .init("body", .string(operation.body)),
                        ])
                    })),
        ])
    }

    // MARK: Reading

    /// The documents of a manifest.
    static func documents(ofFile path: String) throws(CommandError) -> [TrustedDocument] {
        guard let contents = FileManager.default.contents(atPath: path) else {
            throw .usage(
                "\(path) cannot be read", hint: "does it exist, and may this user read it?")
        }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: Array(contents))
        } catch {
            throw .usage("\(path): \(error.description)", hint: manifestHint)
        }
        guard let documents = documents(json) else {
            throw .usage("\(path) is no manifest of trusted documents", hint: manifestHint)
        }
        return documents
    }

    private static let manifestHint = "\"tessera trusted build DIR\" writes one"

    /// Nil for what is no manifest.
    static func documents(_ json: JSONValue) -> [TrustedDocument]? {
        guard let members = json.members else { return nil }
        guard let format = json["format"] else {
            return documents(flat: members)
        }
        guard format.string == Self.format, let operations = json["operations"]?.elements else {
            return nil
        }
        var documents: [TrustedDocument] = []
        for operation in operations {
            guard let id = operation["id"]?.string, let body = operation["body"]?.string else {
                return nil
            }
            documents.append(document(id, body))
        }
        return documents
    }

    private static func documents(flat members: [JSONValue.Member]) -> [TrustedDocument]? {
        var documents: [TrustedDocument] = []
        for member in members {
            guard let body = member.value.string else { return nil }
            documents.append(document(member.key, body))
        }
        return documents
    }

    private static func document(_ id: String, _ body: String) -> TrustedDocument {
        let bare = id.hasPrefix("sha256:") ? String(id.dropFirst("sha256:".count)) : id
        return TrustedDocument(id: bare, text: Array(body.utf8))
    }

    /// The documents of the `.graphql` files directly in a folder, each under its hash; none when
    /// there is no such folder.
    static func documents(ofFolder folder: String) -> [TrustedDocument] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".graphql") }.sorted().compactMap { name in
            FileManager.default.contents(atPath: folder + "/" + name).map {
                TrustedDocument(text: Array($0))
            }
        }
    }
}
