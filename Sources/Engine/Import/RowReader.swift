import Bytes
import GraphQL
import JSON
import Store

/// Reads lines of one table into rows of the store.
///
/// A line goes straight from the file's bytes into the row builder, without a string and without
/// an allocation, unless a text has escapes or the line is refused.
// Safe: `stamps` has one element for each column and belongs to this object. Texts lie in the file's
// bytes at hand or in `scratch`, and are used at once.
@safe
final class RowReader {
    /// A reference to a row that was not read yet.
    struct Pending {
        let column: ColumnID
        let field: Int
        let id: [UInt8]
    }

    let table: TableModel
    let fields: ImportFields
    let builder: RowBuilder
    /// References of the present row that lead further on.
    var pending: [Pending] = []

    let model: Model
    let store: Store
    /// Nil when rows go into transactions.
    let loader: BulkLoader?
    /// The transaction at hand, when rows are not loaded.
    private var transaction: Transaction?
    let values: ValueWriter
    private let now: Int64
    /// Tables whose rows are all there, or never will be.
    var completeTables: [Bool]
    /// Tables that this import reads.
    let isLoaded: [Bool]
    let prefixes: [[UInt8]]
    /// The ids of deleted rows, which nothing that is loaded can have.
    let takenIDs: TableID?
    let scratch = ByteBuffer()

    /// The number of the row that gave a column its last value.
    private let stamps: UnsafeMutablePointer<UInt32>
    private var stamp: UInt32 = 0
    /// The field that is being read, for messages.
    private var current = 0
    var idNumber = 0
    private(set) var hasGivenIDs = false
    /// The id of the present row, when it goes into a transaction and brings one along.
    var givenID: [UInt8] = []
    var lastReferences: LastReferences

    /// - Parameter loader: nil when rows go into transactions, each announced by
    ///   ``begin(_:)``.
    init(
        _ table: TableModel, _ model: Model, _ store: Store, _ loader: BulkLoader?,
        isLoaded: [Bool], now: Int64
    ) {
        self.table = table
        self.model = model
        self.store = store
        self.loader = loader
        completeTables = []
        self.isLoaded = isLoaded
        self.now = now
        fields = ImportFields(table, model)
        builder = store.makeRowBuilder(table.id)
        values = ValueWriter(model)
        prefixes = model.tables.map { Array($0.idPrefix.utf8) }
        takenIDs = HiddenTables.places(in: store.definition)?.takenIDs
        unsafe stamps = .allocate(capacity: fields.columnCount)
        unsafe stamps.initialize(repeating: 0, count: fields.columnCount)
        lastReferences = LastReferences(fieldCount: fields.count)
    }

    deinit { unsafe stamps.deallocate() }

    /// The rows there are so far.
    var view: VersionView {
        if let loader { return loader.view }
        guard let transaction else { preconditionFailure("rows go into a transaction") }
        return transaction.view
    }

    // MARK: Transactions

    /// The rows of the next lines belong to this transaction. What was known of other rows may have
    /// changed since the last one.
    func begin(_ transaction: Transaction) {
        self.transaction = transaction
        lastReferences.forgetAll()
        idNumber = max(idNumber, Int(transaction.view.table(table.id).nextCreation) - 1)
    }

    /// The transaction is over.
    func end() {
        transaction = nil
    }

    /// Adds the row at hand to the transaction.
    private func insert(into transaction: Transaction) throws(RowFault) -> RowRef {
        // A reference that leads further on in the file: the line is taken again later.
        guard pending.isEmpty else { throw .later }
        if hasID { try checkGivenID() }
        do {
            return try transaction.insert(table.id, builder)
        } catch {
            throw translated(error)
        }
    }

    // MARK: Lines

    /// Adds the row of a line of JSON.
    func add(line: UnsafeRawBufferPointer) throws(RowFault) -> RowRef {
        begin()
        do {
            var reader = unsafe JSONReader(line)
            guard try reader.peekKind() == .object else {
                try reader.skipValue()
                try reader.finish()
                throw RowFault.notAnObject
            }
            try reader.beginObject()
            var previous = fields.start
            while let key = try reader.nextKey() {
                let name = unsafe key.hasEscapes ? unescaped(key) : key.raw
                guard let field = unsafe fields.find(name, after: previous) else {
                    let name = key.makeString()
                    try checkRest(&reader)
                    throw fields.unknown(name)
                }
                previous = field.index
                try take(field)
                try read(&reader, field)
            }
            try reader.finish()
        } catch {
            throw fault(error)
        }
        return try append()
    }

    /// Adds the row of a CSV record.
    /// - Parameter columns: the field of each cell.
    func add(record: CSVReader, columns: [Int]) throws(RowFault) -> RowRef {
        if let fault = record.fault { throw .csv(fault) }
        guard record.cells.count == columns.count else {
            throw .cellCount(record.cells.count, header: columns.count)
        }
        begin()
        do {
            for (cell, index) in zip(record.cells, columns) {
                let field = fields[index]
                if cell.count == 0 && !cell.isQuoted {
                    guard field.isNullable else { continue }
                    try take(field)
                    builder.setNull(field.column)
                    continue
                }
                try take(field)
                try unsafe read(cell: record.text(cell), field)
            }
        } catch {
            throw fault(error)
        }
        return try append()
    }

    /// Whether the present row brings its own id.
    private var hasID: Bool { unsafe stamps[TableDefinition.idColumn] == stamp }

    /// Forgets the last row.
    private func begin() {
        builder.reset()
        if !pending.isEmpty { pending.removeAll() }
        stamp &+= 1
        if stamp == 0 {
            unsafe stamps.update(repeating: 0, count: fields.columnCount)
            stamp = 1
        }
    }

    /// Notes that the row gives the field's column.
    @inline(__always)
    private func take(_ field: ImportField) throws(RowFault) {
        current = field.index
        guard field.column >= 0 else {
            throw .listKey(fields.names[field.index], target: fields.listTables[field.index] ?? "")
        }
        if unsafe stamps[field.column] == stamp { throw .keyTwice(fields.names[field.index]) }
        unsafe stamps[field.column] = stamp
    }

    /// A line that is no JSON is told so, even if a name in it is unknown, too.
    private func checkRest(_ reader: inout JSONReader) throws(JSONError) {
        try reader.skipValue()
        while try reader.nextKey() != nil { try reader.skipValue() }
        try reader.finish()
    }

    private func fault(_ error: any Error) -> RowFault {
        switch error {
        case let fault as RowFault: fault
        case let error as JSONError:
            if case .expected = error.reason, fields[current].kind != .list {
                expected(fields[current])
            } else {
                .json(error)
            }
        default: .notAnObject
        }
    }

    /// Completes the row and adds it.
    private func append() throws(RowFault) -> RowRef {
        for absence in fields.absences where unsafe stamps[absence.column] != stamp {
            try fill(absence)
        }
        if unsafe stamps[TableDefinition.idColumn] == stamp {
            hasGivenIDs = true
        } else {
            setNextID()
        }
        if let transaction { return try insert(into: transaction) }
        guard let loader else { preconditionFailure("rows go into a transaction") }
        do {
            return try loader.append(table.id, builder)
        } catch {
            throw translated(error)
        }
    }

    private func translated(_ error: StoreError) -> RowFault {
        switch error {
        case .duplicate(_, let index, let existing):
            if index == store.idIndex(of: table.id) {
                .duplicateID(publicID(of: existing, in: table.id))
            } else {
                .duplicateKey(fields: keyFields(of: index))
            }
        case .outOfRange(_, let column), .nullInRequired(_, let column):
            .tooLong(field: fieldName(of: column))
        default: .store(error)
        }
    }

    /// The names of the fields that a unique index compares.
    func keyFields(of index: IndexID) -> [String] {
        let definition = store.definition(of: index)
        return (definition.equality + (definition.ordered.map { [$0] } ?? [])).map {
            fieldName(of: $0)
        }
    }

    /// The name of the field that is kept in a column; of a relation its own.
    func fieldName(of column: ColumnID) -> String {
        for index in 0..<fields.count where fields[index].column == column {
            return fields.names[index]
        }
        return "id"
    }

    /// The id of a row as clients see it.
    func publicID(of ref: RowRef, in table: TableID) -> String {
        let column = store.column(table, TableDefinition.idColumn)
        let row = view.table(table).row(ref)
        return unsafe model[table].idPrefix + String(decoding: row.bytes(column), as: UTF8.self)
    }

    // MARK: What a row does not give

    private func fill(_ absence: ImportFields.Absence) throws(RowFault) {
        switch absence.value {
        case .missing: throw .missing(field: fields.names[absence.field])
        case .now: builder.set(absence.column, int: now)
        case .constant(let value): try fill(fields[absence.field], value)
        }
    }

    private func fill(_ field: ImportField, _ value: CoercedValue) throws(RowFault) {
        switch value {
        case .null: builder.setNull(field.column)
        case .int(let number) where field.kind == .float:
            builder.set(field.column, double: Double(number))
        case .int(let number): builder.set(field.column, int: number)
        case .float(let number): builder.set(field.column, double: number)
        case .boolean(let flag): builder.set(field.column, int: flag ? 1 : 0)
        case .enumValue(let place): builder.set(field.column, int: Int64(place))
        case .string(let text): builder.set(field.column, text: text)
        case .list, .object, .variable:
            guard let type = fields.types[field.index] else { return }
            scratch.removeAll()
            do {
                try values.append(value, as: type, to: scratch) { row(id: $1, in: $0) }
            } catch {
                throw .value(field: fields.names[field.index], error)
            }
            unsafe scratch.withUnsafeBytes { unsafe builder.set(field.column, bytes: $0) }
        }
    }
}
