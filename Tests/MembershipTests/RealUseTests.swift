import Bytes
import Engine
import Foundation
import Store
import Testing

@testable import Membership

/// The questions of real use, with whole answers over the tiny club: each lies with its variables
/// and its answer in `Tests/Queries`.
struct RealUseTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Queries")

    private static let names = [
        "01-member-home", "02-points-history", "03-till", "04-renewal-worklist",
        "05-expiring-points", "06-near-upgrade", "07-churn-watch", "08-chapter-roll-up",
        "09-event-roster", "10-event-evaluation", "11-campaign-report", "12-liability",
        "13-board-report", "14-member-360", "15-segment-builder",
    ]

    @Test(arguments: names)
    func `a question of real use has its whole answer`(name: String) throws {
        let answer = try answer(
            try Self.text(name + ".graphql"), try Self.text(name + ".variables.json"))
        #expect(
            try Self.layout(answer) == Self.layout(try Self.text(name + ".json")), "\(answer)")
        #expect(!answer.contains("\"errors\""))
    }

    private func answer(_ document: String, _ variables: String) throws -> String {
        let club = try LoadedClub.small.get()
        let context = EngineContext(model: club.model, store: club.store) { SampleClub.now }
        let session = try #require(Session(context: context))
        let output = ByteBuffer()
        var document = document
        var variables = variables
        try document.withUTF8 { text in
            try variables.withUTF8 { json in
                let request = try unsafe GraphQLRequest(
                    document: UnsafeRawBufferPointer(text), operationName: nil,
                    variables: UnsafeRawBufferPointer(json))
                _ = session.execute(request, into: output)
            }
        }
        return output.makeString()
    }

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    /// The same JSON in one layout.
    private static func layout(_ json: String) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.sortedKeys, .prettyPrinted])
        return String(decoding: data, as: UTF8.self)
    }
}
