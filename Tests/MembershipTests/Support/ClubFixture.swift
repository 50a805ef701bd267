import Bytes
import Engine
import Foundation
import Store
import Synchronization
import Testing

@testable import Membership

/// A store of the schema files with a clock that tests set, changed and read by GraphQL alone.
final class ClubFixture {
    let model: Model
    let store: Store
    private let clock: Clock
    private let writer: MutationSession
    private let reader: Session

    /// Shared with the engine's context.
    private final class Clock: Sendable {
        let time: Atomic<Int64>

        init(_ time: Int64) { self.time = Atomic(time) }
    }

    private static let schema = Result {
        try buildModel(try loadSchemaFiles(schemaFolder), rules: membershipRules)
    }

    /// - Parameter now: as RFC 3339 writes it.
    init(now: String = "2026-06-30T12:00:00Z") throws {
        model = try Self.schema.get()
        store = Store(model.storeDefinition, seed: 11)
        clock = Clock(try Self.instant(now))
        let clock = clock
        let context = EngineContext(model: model, store: store) {
            clock.time.load(ordering: .relaxed)
        }
        writer = MutationSession(context: context)
        reader = try #require(Session(context: context))
    }

    // MARK: The clock

    var now: Int64 { clock.time.load(ordering: .relaxed) }

    func set(now text: String) throws {
        clock.time.store(try Self.instant(text), ordering: .relaxed)
    }

    func advance(milliseconds: Int64) {
        clock.time.wrappingAdd(milliseconds, ordering: .relaxed)
    }

    func advance(seconds: Int64) { advance(milliseconds: seconds * 1000) }

    func advance(days: Int64) { advance(seconds: days * 86_400) }

    private static func instant(_ text: String) throws -> Int64 {
        var text = text
        return try #require(
            text.withUTF8 { unsafe Instant.milliseconds(parsing: UnsafeRawBufferPointer($0)) })
    }

    // MARK: GraphQL

    /// The answer of an operation, as JSON text. Queries see what is due by now as settled.
    ///
    /// - Parameter variables: a JSON object.
    func run(
        _ document: String, _ variables: String = "{}", caller: String = "staff",
        requestID: String? = nil, viewer: Viewer? = nil
    ) throws -> String {
        let viewer = viewer ?? Viewer(role: "admin", name: caller)
        let output = ByteBuffer()
        var document = document
        var variables = variables
        try document.withUTF8 { text in
            try variables.withUTF8 { json in
                let request = try unsafe GraphQLRequest(
                    document: UnsafeRawBufferPointer(text), operationName: nil,
                    variables: UnsafeRawBufferPointer(json))
                if reader.execute(request, viewer: viewer, effort: .bounded, into: output) == .due {
                    store.write(now: now) { writer.settle(in: $0) }
                }
                output.removeAll()
                guard reader.execute(request, viewer: viewer, into: output) == .write else {
                    return
                }
                store.write(now: now) { group in
                    _ = writer.execute(
                        request, viewer: viewer,
                        requestID: requestID, in: group, into: output)
                }
            }
        }
        return output.makeString()
    }

    /// What a server does once a minute.
    func runSchedule() {
        store.write(now: now) { writer.runSchedule(in: $0) }
    }

    /// The whole answer of an operation is `expected`, whatever the layout of the JSON.
    func check(
        _ document: String, _ variables: String = "{}", gives expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let answer = try run(document, variables)
        #expect(
            try normalised(answer) == normalised(expected), "\(answer)",
            sourceLocation: sourceLocation)
    }

    /// What stands at a path of names and indexes in the answer's `data`.
    func value(
        _ document: String, _ variables: String = "{}", at path: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Any {
        let answer = try run(document, variables)
        let json = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
        var value: Any? = json?["data"]
        for step in path.split(separator: ".") {
            if let index = Int(step) {
                let items = value as? [Any] ?? []
                value = items.indices.contains(index) ? items[index] : nil
            } else {
                value = (value as? [String: Any])?[String(step)]
            }
        }
        return try #require(value, "\(path) in \(answer)", sourceLocation: sourceLocation)
    }

    func text(_ document: String, _ variables: String = "{}", at path: String) throws -> String {
        try #require(try value(document, variables, at: path) as? String)
    }

    func number(_ document: String, _ variables: String = "{}", at path: String) throws -> Int64 {
        try #require(try value(document, variables, at: path) as? NSNumber).int64Value
    }

    /// The codes of a mutation's user errors.
    func errorCodes(_ document: String, _ variables: String = "{}", of field: String) throws
        -> [String]
    {
        let errors = try value(document, variables, at: "\(field).userErrors") as? [[String: Any]]
        return (errors ?? []).compactMap { $0["code"] as? String }
    }

    /// Whether all indexes, references and counts of the store are as they should be.
    func checkStore(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let reader = try #require(store.makeReader())
        defer { reader.unpin() }
        #expect(store.check(reader.pin()).isEmpty, sourceLocation: sourceLocation)
    }

    private func normalised(_ json: String) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let data = try JSONSerialization.data(
            withJSONObject: object, options: [.sortedKeys, .prettyPrinted])
        return String(decoding: data, as: UTF8.self)
    }
}
