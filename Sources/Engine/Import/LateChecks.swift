import Store

/// What can be judged only when all rows are there: references to rows further on, and keys.
///
/// A row that fails is taken out again, and with it every row that refers to it.
final class LateChecks {
    private let store: Store
    private let loader: BulkLoader
    private let model: Model
    /// By table; nil for tables that this import does not read.
    private var files: [FileRun?]
    private var referrers: [ReferenceColumn: Referrers] = [:]
    /// Rows that were taken out, and whose referrers were not yet.
    private var removed: [RemovedRow] = []

    private struct ReferenceColumn: Hashable {
        let table: TableID
        let column: ColumnID
    }

    private struct RemovedRow {
        let table: TableID
        let ref: RowRef
        let id: String
    }

    init(_ run: ImportRun, _ files: [FileRun]) {
        store = run.store
        loader = run.loader
        model = run.model
        self.files = Array(repeating: nil, count: run.model.tables.count)
        for file in files { self.files[file.source.table.id.index] = file }
    }

    /// Finishes the load.
    func finish() {
        setPendingReferences()
        removeReferrers()
        while true {
            let violations = loader.finish()
            if violations.isEmpty { return }
            for violation in violations { mend(violation) }
            removeReferrers()
        }
    }

    private func setPendingReferences() {
        // All that can be set are set first: then the referrers of every row are known.
        var dangling: [(FileRun, FileRun.PendingReference)] = []
        for case let file? in files {
            for reference in file.pending {
                let target = file.reader.fields[reference.field].target
                let ref = unsafe reference.id.withUnsafeBytes {
                    unsafe file.reader.find($0, in: target)
                }
                if let ref {
                    set(file.source.table.id, reference, ref)
                } else {
                    dangling.append((file, reference))
                }
            }
        }
        for (file, reference) in dangling {
            let target = model[file.reader.fields[reference.field].target]
            let id = target.idPrefix + String(decoding: reference.id, as: UTF8.self)
            remove(
                reference.row, of: file.source.table.id,
                .noRow(
                    field: file.reader.fields.names[reference.field], table: target.plural, id: id))
        }
    }

    private func set(_ table: TableID, _ reference: FileRun.PendingReference, _ target: RowRef) {
        do {
            try loader.setReference(table, reference.row, reference.column, to: target)
        } catch {
            remove(reference.row, of: table, .store(error))
        }
    }

    private func mend(_ violation: LoadViolation) {
        switch violation {
        case .duplicate(let index, _, let second):
            let table = store.definition(of: index).table
            let fields = files[table.index]?.reader.keyFields(of: index) ?? []
            remove(second, of: table, .duplicateKey(fields: fields))
        case .nullInRequired(let table, let column, let ref):
            let name = files[table.index]?.reader.fieldName(of: column) ?? ""
            remove(ref, of: table, .missing(field: name))
        case .missingReference(let table, let column, let ref):
            let name = files[table.index]?.reader.fieldName(of: column) ?? ""
            remove(ref, of: table, .missing(field: name))
        }
    }

    /// Takes a row out of the store, unless it is gone already.
    private func remove(_ ref: RowRef, of table: TableID, _ fault: RowFault) {
        guard let file = files[table.index],
            let row = loader.view.table(table).liveRow(ref)
        else { return }
        let id = file.reader.publicID(of: ref, in: table)
        let creation = row.creation
        do {
            try loader.remove(table, ref)
        } catch {
            preconditionFailure("a live row can be removed: \(error)")
        }
        file.refuse(creation: creation, fault)
        removed.append(RemovedRow(table: table, ref: ref, id: id))
    }

    /// Removes what refers to removed rows, and what refers to that. O(rows log rows) for each
    /// reference column concerned.
    private func removeReferrers() {
        while let row = removed.popLast() {
            for table in model.tables {
                guard let file = files[table.id.index] else { continue }
                for (column, target) in referenceColumns(of: table.id) where target == row.table {
                    let key = ReferenceColumn(table: table.id, column: column)
                    let index = referrers[key] ?? makeReferrers(table.id, column)
                    referrers[key] = index
                    for ref in index.rows(referringTo: row.ref) {
                        remove(
                            ref, of: table.id,
                            .refusedRow(
                                field: file.reader.fieldName(of: column),
                                table: model[target].plural, id: row.id))
                    }
                }
            }
        }
    }

    private func referenceColumns(of table: TableID) -> [(ColumnID, TableID)] {
        let columns = model.storeDefinition.tables[table.index].columns
        return columns.enumerated().compactMap { position, column in
            guard case .reference(let target) = column.kind else { return nil }
            return (position, target)
        }
    }

    private func makeReferrers(_ table: TableID, _ column: ColumnID) -> Referrers {
        Referrers(loader.view.table(table), store.column(table, column))
    }
}

/// The rows of a table by the rows that one of its columns refers to.
struct Referrers {
    /// The row referred to over the row that refers, sorted.
    private var pairs: [UInt64] = []

    init(_ rows: TableView, _ column: Column) {
        rows.forEachRow { row, ref in
            let target = row.reference(column)
            guard target != .none else { return }
            pairs.append(UInt64(target.rawValue) << 32 | UInt64(ref.rawValue))
        }
        pairs.sort()
    }

    func rows(referringTo target: RowRef) -> some Sequence<RowRef> {
        let wanted = UInt64(target.rawValue)
        var low = 0
        var high = pairs.count
        while low < high {
            let middle = (low + high) / 2
            if pairs[middle] < wanted << 32 { low = middle + 1 } else { high = middle }
        }
        return pairs[low...].lazy.prefix { $0 >> 32 == wanted }.map {
            RowRef(rawValue: UInt32(truncatingIfNeeded: $0))
        }
    }
}
