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
    private var writers: [TableID: ExportRowWriter] = [:]
    private let isActive: Bool

    /// Fields that say nothing about what was done.
    private static let silent: Set<String> = ["id", "version", "createdAt", "updatedAt"]

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
        let names = writer(entry.table).fieldNames
        var old: [String] = []
        var new: [String] = []
        for (place, name) in names.enumerated() where !Self.silent.contains(name) {
            let values = (entry.before?[place], after?[place])
            if values.0 == values.1 { continue }
            let isSensitive = context.model[entry.table].field(name)?.isSensitive ?? false
            func member(_ value: String) -> String {
                "\"\(name)\":\(isSensitive && value != "null" ? "\"***\"" : value)"
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
        let writer = writer(table)
        writer.move(to: view)
        return writer.texts(of: row)
    }

    private func writer(_ table: TableID) -> ExportRowWriter {
        if let writer = writers[table] { return writer }
        // The view is set before each use.
        let writer = ExportRowWriter(context.model[table], context.model, context.store)
        writers[table] = writer
        return writer
    }
}
