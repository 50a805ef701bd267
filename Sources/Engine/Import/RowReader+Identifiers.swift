import Bytes
import Glibc
import Store

/// The id of a row, and the ids by which it refers to others.
extension RowReader {
    /// An id is given out once.
    func checkGivenID() throws(RowFault) {
        let existing = unsafe givenID.withUnsafeBytes {
            unsafe store.row(withID: $0, of: table.id, in: view)
        }
        if let existing { throw .duplicateID(publicID(of: existing, in: table.id)) }
        guard let takenIDs, view.table(takenIDs).count > 0 else { return }
        let id = table.idPrefix + String(decoding: givenID, as: UTF8.self)
        if store.row(withID: id, of: takenIDs, in: view) != nil { throw .deletedID(id) }
    }

    /// The next number that no earlier row of the table has for an id.
    func setNextID() {
        while true {
            idNumber += 1
            scratch.removeAll()
            scratch.appendInteger(idNumber)
            let id = unsafe UnsafeRawBufferPointer(start: scratch.base, count: scratch.count)
            if loader == nil || hasGivenIDs, unsafe find(id, in: table.id) != nil { continue }
            return unsafe builder.set(TableDefinition.idColumn, bytes: id)
        }
    }

    // MARK: References

    func set(reference text: UnsafeRawBufferPointer, _ field: ImportField) throws(RowFault) {
        let target = field.target
        let id = unsafe storedID(text, of: target)
        if let known = unsafe lastReferences.row(of: id, field: field.index) {
            return builder.set(field.column, reference: known)
        }
        if let ref = unsafe find(id, in: target) {
            unsafe lastReferences.remember(id, ref, field: field.index)
            return builder.set(field.column, reference: ref)
        }
        guard unsafe IDSyntax.accepts(id) else { throw .id(field: fields.names[field.index]) }
        if completeTables[target.index] {
            throw .noRow(
                field: fields.names[field.index], table: model[target].plural,
                id: unsafe model[target].idPrefix + String(decoding: id, as: UTF8.self))
        }
        pending.append(
            Pending(column: field.column, field: field.index, id: unsafe Array(id)))
    }

    /// A row by its id in the store.
    func find(_ id: UnsafeRawBufferPointer, in target: TableID) -> RowRef? {
        if let loader, isLoaded[target.index] { return unsafe loader.lookUp(target, id) }
        return unsafe store.row(withID: id, of: target, in: view)
    }

    /// A row by the id that stands inside a value.
    func row(id: String, in target: TableID) -> RowRef? {
        var id = id
        return id.withUTF8 { bytes in
            unsafe find(storedID(UnsafeRawBufferPointer(bytes), of: target), in: target)
        }
    }

    /// An id without its table's prefix, whether it was written with or without.
    @inline(__always)
    func storedID(
        _ text: UnsafeRawBufferPointer, of table: TableID
    ) -> UnsafeRawBufferPointer {
        let prefix = prefixes[table.index]
        guard text.count > prefix.count, let base = text.baseAddress,
            unsafe memcmp(base, prefix, prefix.count) == 0
        else { return unsafe text }
        return unsafe UnsafeRawBufferPointer(rebasing: text[prefix.count...])
    }
}
