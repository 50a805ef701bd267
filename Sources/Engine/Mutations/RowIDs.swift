import Bytes
import Store

/// Ids of new rows, and the memory of those that are gone: an id is never given out twice.
///
/// An id that the server makes is the row's creation number, which the store never gives out again.
/// Ids that clients choose are remembered when their rows go; those that are numbers are also held
/// against the creation numbers so far.
extension MutationCall {
    /// Sets the id that the client chose; notes an error when that is not to be had.
    func setID(
        _ id: String, _ builder: RowBuilder, _ table: WritableTable, _ view: VersionView
    ) {
        let prefix = table.model.idPrefix
        let own = Array(id.utf8.dropFirst(prefix.utf8.count))
        guard id.utf8.starts(with: prefix.utf8),
            unsafe own.withUnsafeBytes({ unsafe IDSyntax.accepts($0) })
        else {
            return note(
                .invalid,
                "An id of \(table.model.plural) is \(quoted(prefix)) and 1 to "
                    + "\(IDSyntax.byteCountMax) letters, digits, hyphens and underscores.",
                at: ["input", "id"])
        }
        if context.row(id: id, in: table.id, view) != nil {
            return note(.duplicate, "The id \(quoted(id)) is taken.", at: ["input", "id"])
        }
        if wasTaken(id, own, table.id, view) {
            return note(
                .duplicate,
                "The id \(quoted(id)) was a deleted row's; ids are not given out again.",
                at: ["input", "id"])
        }
        unsafe own.withUnsafeBytes { unsafe builder.set(TableDefinition.idColumn, bytes: $0) }
    }

    /// Sets the next id of the table.
    func setNextID(_ builder: RowBuilder, _ table: WritableTable, _ view: VersionView) {
        let number = view.table(table.id).nextCreation
        idBytes.removeAll()
        idBytes.appendUnsigned(number)
        let digits = idBytes.count
        var copy = 1
        while isTaken(table, view) {
            copy += 1
            idBytes.truncate(to: digits)
            idBytes.append(byte: UInt8(ascii: "-"))
            idBytes.appendInteger(copy)
        }
        unsafe idBytes.withUnsafeBytes { unsafe builder.set(TableDefinition.idColumn, bytes: $0) }
    }

    /// Whether a row has, or had, the id in `idBytes`.
    private func isTaken(_ table: WritableTable, _ view: VersionView) -> Bool {
        let isLive = unsafe idBytes.withUnsafeBytes {
            unsafe context.store.row(withID: $0, of: table.id, in: view) != nil
        }
        if isLive { return true }
        guard let hidden = context.hiddenTables, view.table(hidden.takenIDs).count > 0 else {
            return false
        }
        return unsafe idBytes.withUnsafeBytes { bytes in
            let id = unsafe table.model.idPrefix + String(decoding: bytes, as: UTF8.self)
            return context.store.row(withID: id, of: hidden.takenIDs, in: view) != nil
        }
    }

    private func wasTaken(
        _ id: String, _ own: [UInt8], _ table: TableID, _ view: VersionView
    ) -> Bool {
        if let hidden = context.hiddenTables,
            context.store.row(withID: id, of: hidden.takenIDs, in: view) != nil
        {
            return true
        }
        guard let number = Self.number(own), UInt64(number) < view.table(table).nextCreation else {
            return false
        }
        // The row with this creation number had it for its id, unless it lives with another.
        var cursor = view.tree(context.store.creationIndex(of: table)).cursor(
            at: TreeKey(locator: UInt64(number) << 32))
        return cursor.next()?.creation != number
    }

    /// The creation number that an id spells, as the server would.
    private static func number(_ id: some Collection<UInt8>) -> UInt32? {
        guard id.first != 0x30, id.allSatisfy({ $0 &- 0x30 <= 9 }) else { return nil }
        return UInt32(String(decoding: id, as: UTF8.self))
    }

    /// Deletes a row with all that goes with it, and remembers the ids that were chosen by clients.
    func delete(
        _ table: TableID, _ ref: RowRef, _ transaction: Transaction
    ) throws(StoreError) {
        var gone: [String] = []
        try transaction.delete(table, ref) { table, row in
            guard table.index < self.context.model.tables.count else { return }
            let column = self.context.layouts.column(table, TableDefinition.idColumn)
            let id = unsafe row.bytes(column)
            if unsafe Self.number(id) == row.creation { return }
            unsafe gone.append(
                self.context.model[table].idPrefix + String(decoding: id, as: UTF8.self))
        }
        guard let hidden = context.hiddenTables else { return }
        for id in gone {
            let builder = builder(hidden.takenIDs)
            builder.set(TableDefinition.idColumn, text: id)
            try transaction.insert(hidden.takenIDs, builder)
        }
    }
}
