import Bytes
import Store

/// The rows that a mutation is about, as they were before it.
final class ChangeTrail {
    private struct Entry {
        let table: TableID
        let ref: RowRef
        let id: String
        /// Beside the fields of the table's writer their JSON; nil for a row that was not there.
        let before: [String]?
    }

    private struct Key: Hashable {
        let table: TableID
        let ref: RowRef
    }

    private let context: EngineContext
    private var entries: [Entry] = []
    private var known: Set<Key> = []
    private var writers: [TableID: FieldTexts] = [:]
    private let isActive: Bool

    init(_ context: EngineContext) {
        self.context = context
        isActive = context.rules.observer != nil
    }

    func begin() {
        entries.removeAll(keepingCapacity: true)
        known.removeAll(keepingCapacity: true)
    }

    /// Keeps a row as it is, unless it is known already.
    func note(_ table: TableID, _ ref: RowRef, _ view: VersionView, isNew: Bool) {
        guard isActive, known.insert(Key(table: table, ref: ref)).inserted else { return }
        let before = isNew ? nil : texts(table, ref, view)
        entries.append(
            Entry(
                table: table, ref: ref, id: context.publicID(ref, table, view), before: before))
    }

    /// Tells the observer what has become of the rows.
    func report(_ mutation: String, _ call: MutationCall, _ transaction: Transaction)
        throws(MutationStop)
    {
        guard let observer = context.rules.observer, !entries.isEmpty else { return }
        let entries = entries
        for entry in entries {
            let after = texts(entry.table, entry.ref, transaction.view)
            guard entry.before != nil || after != nil, entry.before != after else { continue }
            let change = change(mutation, entry, after)
            try observer.changed(
                change, RuleCall(call, transaction, input: [], rule: mutation))
        }
    }

    private func change(_ mutation: String, _ entry: Entry, _ after: [String]?) -> RowChange {
        let fields = fields(of: entry.table)
        var old: [String] = []
        var new: [String] = []
        for place in fields.names.indices {
            let values = (entry.before?[place], after?[place])
            if values.0 == values.1 { continue }
            func member(_ value: String) -> String {
                let shown = fields.isSensitive[place] && value != "null" ? "\"***\"" : value
                return "\"\(fields.names[place])\":\(shown)"
            }
            // Of a new row, what it does not have says nothing.
            if let value = values.0, after != nil || value != "null" { old.append(member(value)) }
            if let value = values.1, entry.before != nil || value != "null" {
                new.append(member(value))
            }
        }
        return RowChange(
            mutation: mutation, subjectID: entry.id,
            before: entry.before == nil ? nil : "{\(old.joined(separator: ","))}",
            after: after == nil ? nil : "{\(new.joined(separator: ","))}")
    }

    private func texts(_ table: TableID, _ ref: RowRef, _ view: VersionView) -> [String]? {
        guard let row = view.table(table).liveRow(ref) else { return nil }
        let fields = fields(of: table)
        fields.writer.move(to: view)
        return fields.writer.texts(of: row)
    }

    private func fields(of table: TableID) -> FieldTexts {
        if let known = writers[table] { return known }
        let made = FieldTexts(context.model[table], context)
        writers[table] = made
        return made
    }
}

/// The fields of a table that say something about what was done.
private final class FieldTexts {
    /// Its view is set before each use.
    let writer: ExportRowWriter
    let names: [String]
    let isSensitive: [Bool]

    private static let silent: Set<String> = ["id", "version", "createdAt", "updatedAt"]

    init(_ table: TableModel, _ context: EngineContext) {
        writer = ExportRowWriter(table, context.model, context.store, without: Self.silent)
        names = writer.fieldNames
        isSensitive = names.map { table.field($0)?.isSensitive ?? false }
    }
}
