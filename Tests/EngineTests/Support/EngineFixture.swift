import Bytes
import JSON
import Store
import Testing

@testable import Engine

/// A model made of schema texts, a store with rows, and a session that asks them.
///
/// Rows are JSON objects as an import has them: public ids, relations as the id of the row they
/// lead to, times and enum values as strings.
final class EngineFixture {
    let model: Model
    let store: Store
    let context: EngineContext
    let session: Session

    /// 2026-01-01T00:00:00Z
    static let loadTime: Int64 = 1_767_225_600_000

    /// - Parameter rows: by the name of the table; tables in any order.
    init(
        _ model: Model, rows: JSONValue = [:], limits: EngineLimits = EngineLimits(),
        shardCount: Int = 4, clock: @escaping @Sendable () -> Int64 = { EngineFixture.loadTime }
    ) throws {
        self.model = model
        store = Store(model.storeDefinition, shardCount: shardCount, seed: 42)
        context = EngineContext(model: model, store: store, limits: limits, clock: clock)
        session = try #require(Session(context: context))
        try load(rows)
    }

    convenience init(
        _ schema: String, rows: JSONValue = [:], limits: EngineLimits = EngineLimits(),
        rules: RuleLibrary = .none
    ) throws {
        try self.init(
            buildModel(
                [SchemaFile(path: "test.graphql", bytes: Array(schema.utf8))], rules: rules),
            rows: rows, limits: limits)
    }

    /// A second session over the same store, with limits of its own.
    func session(_ limits: EngineLimits) throws -> Session {
        try #require(
            Session(context: EngineContext(model: model, store: store, limits: limits)))
    }

    // MARK: Rows

    /// What an import does for fields that a row does not have.
    private func fillDefaults(_ builder: RowBuilder, _ table: TableModel) throws {
        for field in table.fields {
            guard case .column(let column, let type) = field.kind, !builder.isSet(column) else {
                continue
            }
            switch field.defaultValue {
            case .now: builder.set(column, int: Self.loadTime)
            case .constant(let value):
                try context.valueWriter.set(
                    column, of: builder, to: value, type, scratch: ByteBuffer()
                ) { _, _ in nil }
            case nil: continue
            }
        }
    }

    private func load(_ rows: JSONValue) throws {
        try store.load(now: Self.loadTime) { loader in
            func row(_ table: TableID, _ id: String) -> RowRef? {
                var id = self.storedID(id, table)
                return id.withUTF8 { unsafe loader.lookUp(table, UnsafeRawBufferPointer($0)) }
            }
            var late: [(TableID, RowRef, RowFilling.Missing)] = []
            for member in rows.members ?? [] {
                let table = try #require(model.table(named: member.key))
                let builder = store.makeRowBuilder(table.id)
                for values in member.value.elements ?? [] {
                    builder.reset()
                    var filling = RowFilling(model: model, rows: row)
                    try filling.fill(builder, table, values)
                    try fillDefaults(builder, table)
                    let ref = try loader.append(table.id, builder)
                    late += filling.missing.map { (table.id, ref, $0) }
                }
            }
            for (table, ref, missing) in late {
                try loader.setReference(
                    table, ref, missing.column,
                    to: #require(row(missing.target, missing.id), "no row \(missing.id)"))
            }
            let violations = loader.finish()
            #expect(violations.isEmpty)
        }
    }

    func insert(_ table: String, _ values: JSONValue, now: Int64 = loadTime) throws {
        try change(table, values, now: now) { transaction, table, builder in
            _ = try transaction.insert(table, builder)
        }
    }

    func update(_ table: String, _ id: String, _ values: JSONValue, now: Int64 = loadTime) throws {
        try change(table, values, now: now) { transaction, table, builder in
            let ref = try #require(
                self.store.row(
                    withID: self.storedID(id, table), of: table, in: transaction.view))
            try transaction.update(table, ref, changes: builder, raisesVersion: true)
        }
    }

    func delete(_ table: String, _ id: String, now: Int64 = loadTime) throws {
        try change(table, [:], now: now) { transaction, table, _ in
            let ref = try #require(
                self.store.row(
                    withID: self.storedID(id, table), of: table, in: transaction.view))
            try transaction.delete(table, ref)
        }
    }

    private func change(
        _ name: String, _ values: JSONValue, now: Int64,
        _ body: (Transaction, TableID, RowBuilder) throws -> Void
    ) throws {
        let table = try #require(model.table(named: name))
        let builder = store.makeRowBuilder(table.id)
        try store.write(now: now) { group in
            try group.transaction { transaction in
                var filling = RowFilling(model: model) { target, id in
                    self.store.row(
                        withID: self.storedID(id, target), of: target, in: transaction.view)
                }
                try filling.fill(builder, table, values)
                #expect(filling.missing.isEmpty)
                try body(transaction, table.id, builder)
            }
        }
    }

    private func storedID(_ id: String, _ table: TableID) -> String {
        String(id.dropFirst(model[table].idPrefix.count))
    }

    // MARK: Questions

    struct Answer {
        let outcome: Session.Outcome
        /// The answer as it was written.
        let text: String

        var json: JSONValue? { try? JSONValue(parsing: text) }
    }

    func ask(
        _ document: String, _ variables: JSONValue? = nil, operation: String? = nil,
        viewer: Viewer = .unrestricted, effort: Session.Effort = .full, session: Session? = nil,
        trace: ((ListTrace) -> Void)? = nil
    ) throws -> Answer {
        let output = ByteBuffer()
        var document = document
        var json = variables?.description ?? "null"
        let outcome = try document.withUTF8 { text in
            try json.withUTF8 { variables in
                let request = try unsafe GraphQLRequest(
                    document: UnsafeRawBufferPointer(text), operationName: operation,
                    variables: UnsafeRawBufferPointer(variables))
                return (session ?? self.session).execute(
                    request, viewer: viewer, effort: effort, into: output, trace: trace)
            }
        }
        return Answer(outcome: outcome, text: output.makeString())
    }

    /// The answer to the same question as the body of a POST request.
    func askByBody(
        _ document: String, _ variables: JSONValue? = nil, operation: String? = nil
    ) throws -> Answer {
        var members = [JSONValue.Member("query", .string(document))]
        if let variables { members.append(JSONValue.Member("variables", variables)) }
        if let operation { members.append(JSONValue.Member("operationName", .string(operation))) }
        var body = JSONValue.object(members).description
        let output = ByteBuffer()
        let outcome = try body.withUTF8 { bytes in
            session.execute(
                try unsafe GraphQLRequest(jsonBody: UnsafeRawBufferPointer(bytes)), into: output)
        }
        return Answer(outcome: outcome, text: output.makeString())
    }

    /// The whole answer is `expected`, whichever way the question is asked.
    func check(
        _ document: String, _ variables: JSONValue? = nil, operation: String? = nil,
        gives expected: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let wanted = try JSONValue(parsing: expected)
        for effort in [Session.Effort.full, .bounded] {
            let answer = try ask(document, variables, operation: operation, effort: effort)
            #expect(answer.json == wanted, "\(answer.text)", sourceLocation: sourceLocation)
        }
        let answer = try askByBody(document, variables, operation: operation)
        #expect(answer.json == wanted, "\(answer.text)", sourceLocation: sourceLocation)
    }
}
