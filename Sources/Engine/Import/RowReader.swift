import Bytes
import Glibc
import GraphQL
import JSON
import Store

/// Reads lines of one table into rows of the store.
///
/// A line goes straight from the file's bytes into the row builder, without a string and without
/// an allocation, unless a text has escapes or the line is refused.
// Safe: `stamps` has one element for each column, `lastIDs` 64 bytes for each field; both belong to
// this object. Texts lie in the file's bytes at hand or in `scratch`, and are used at once.
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
    private(set) var pending: [Pending] = []

    private let model: Model
    private let store: Store
    /// Nil when rows go into transactions.
    private let loader: BulkLoader?
    /// The transaction at hand, when rows are not loaded.
    private var transaction: Transaction?
    private let values: ValueWriter
    private let now: Int64
    /// Tables whose rows are all there, or never will be.
    var completeTables: [Bool]
    /// Tables that this import reads.
    private let isLoaded: [Bool]
    private let prefixes: [[UInt8]]
    /// The ids of deleted rows, which nothing that is loaded can have.
    private let takenIDs: TableID?
    private let scratch = ByteBuffer()

    /// The number of the row that gave a column its last value.
    private let stamps: UnsafeMutablePointer<UInt32>
    private var stamp: UInt32 = 0
    /// The field that is being read, for messages.
    private(set) var current = 0
    private var idNumber = 0
    private var hasGivenIDs = false
    /// The id of the present row, when it goes into a transaction and brings one along.
    private var givenID: [UInt8] = []

    /// The id that each reference had last, and the row it means: files are often sorted by it.
    private let lastIDs: UnsafeMutablePointer<UInt8>
    private var lastCounts: [Int]
    private var lastRows: [RowRef]

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
        unsafe lastIDs = .allocate(capacity: RowReader.idBytesMax * max(fields.count, 1))
        lastCounts = Array(repeating: -1, count: fields.count)
        lastRows = Array(repeating: .none, count: fields.count)
    }

    deinit {
        unsafe stamps.deallocate()
        unsafe lastIDs.deallocate()
    }

    /// An id in the store is at most this long, without its table's prefix.
    static let idBytesMax = 64

    /// The rows there are so far.
    private var view: VersionView {
        if let loader { return loader.view }
        guard let transaction else { preconditionFailure("rows go into a transaction") }
        return transaction.view
    }

    // MARK: Transactions

    /// The rows of the next lines belong to this transaction. What was known of other rows may have
    /// changed since the last one.
    func begin(_ transaction: Transaction) {
        self.transaction = transaction
        for index in lastCounts.indices { lastCounts[index] = -1 }
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

    /// An id is given out once.
    private func checkGivenID() throws(RowFault) {
        let existing = unsafe givenID.withUnsafeBytes {
            unsafe store.row(withID: $0, of: table.id, in: view)
        }
        if let existing { throw .duplicateID(publicID(of: existing, in: table.id)) }
        guard let takenIDs, view.table(takenIDs).count > 0 else { return }
        let id = table.idPrefix + String(decoding: givenID, as: UTF8.self)
        if store.row(withID: id, of: takenIDs, in: view) != nil { throw .deletedID(id) }
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
    func begin() {
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
    func take(_ field: ImportField) throws(RowFault) {
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

    func fault(_ error: any Error) -> RowFault {
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
    func append() throws(RowFault) -> RowRef {
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

    /// The next number that no earlier row of the table has for an id.
    private func setNextID() {
        while true {
            idNumber += 1
            scratch.removeAll()
            scratch.appendInteger(idNumber)
            let id = unsafe UnsafeRawBufferPointer(start: scratch.base, count: scratch.count)
            if loader == nil || hasGivenIDs, unsafe find(id, in: table.id) != nil { continue }
            return unsafe builder.set(TableDefinition.idColumn, bytes: id)
        }
    }

    // MARK: Values

    /// Reads the value of a field.
    @inline(__always)
    private func read(_ reader: inout JSONReader, _ field: ImportField) throws {
        if reader.takeNull() {
            guard field.isNullable else { throw RowFault.null(field: fields.names[field.index]) }
            return builder.setNull(field.column)
        }
        switch field.kind {
        case .text, .email, .dateTime, .date, .enumeration:
            let text = try reader.readString()
            try unsafe set(text: text.hasEscapes ? unescaped(text) : text.raw, field)
        case .int, .long, .float:
            try set(number: try reader.readNumber(), field)
        case .id, .idText, .reference:
            try readID(&reader, field)
        case .boolean:
            builder.set(field.column, int: try reader.readBool() ? 1 : 0)
        case .json:
            try unsafe set(json: try reader.readRawValue(), field)
        case .value, .list:
            try readValue(&reader, field)
        }
    }

    /// Reads the value of a field from a cell, or a text in the form of one.
    func read(cell: UnsafeRawBufferPointer, _ field: ImportField) throws {
        switch field.kind {
        case .text, .email, .dateTime, .date, .enumeration, .id, .idText, .reference:
            try unsafe set(text: cell, field)
        case .int, .long, .float, .boolean, .json, .value, .list:
            var reader = unsafe JSONReader(cell)
            do {
                try read(&reader, field)
                try reader.finish()
            } catch let error as JSONError {
                if field.kind == .json || field.kind == .value {
                    throw RowFault.value(
                        field: fields.names[field.index],
                        ValueError(path: [], fault: .json(error)))
                }
                throw expected(field)
            }
        }
    }

    /// Ids may be written as integers.
    private func readID(_ reader: inout JSONReader, _ field: ImportField) throws {
        switch try reader.peekKind() {
        case .string:
            let text = try reader.readString()
            try unsafe set(text: text.hasEscapes ? unescaped(text) : text.raw, field)
        case .number:
            let number = try reader.readNumber()
            guard number.isInteger else { throw expected(field) }
            try unsafe set(text: number.raw, field)
        case .object where field.kind == .reference:
            throw RowFault.nestedRow(field: fields.names[field.index])
        default: throw expected(field)
        }
    }

    private func readValue(_ reader: inout JSONReader, _ field: ImportField) throws(RowFault) {
        guard let type = fields.types[field.index] else { return }
        scratch.removeAll()
        do {
            try values.append(&reader, as: type, to: scratch) { row(id: $1, in: $0) }
        } catch {
            throw .value(field: fields.names[field.index], error)
        }
        unsafe scratch.withUnsafeBytes { unsafe builder.set(field.column, bytes: $0) }
    }

    /// A document is kept as it is written, without the white space between its parts.
    private func set(json: UnsafeRawBufferPointer, _ field: ImportField) throws(RowFault) {
        scratch.removeAll()
        scratch.reserve(json.count)
        var isInString = false
        var isEscaped = false
        for index in json.indices {
            let byte = unsafe json[index]
            if isInString {
                isInString = isEscaped || byte != 0x22
                isEscaped = !isEscaped && byte == 0x5C
            } else {
                isInString = byte == 0x22
                if byte <= 0x20 { continue }
            }
            scratch.append(byte: byte)
        }
        unsafe scratch.withUnsafeBytes { unsafe builder.set(field.column, bytes: $0) }
    }

    @inline(__always)
    private func set(number: JSONNumber, _ field: ImportField) throws(RowFault) {
        if field.kind == .float {
            guard let value = number.double else { throw expected(field) }
            builder.set(field.column, double: value)
            return try check(value, field)
        }
        guard let value = number.int64 ?? number.integralInt64 else { throw expected(field) }
        let isInRange =
            field.kind == .int
            ? Int64(Int32(truncatingIfNeeded: value)) == value
            : value.magnitude <= ScalarKind.longMax.magnitude
        guard isInRange else { throw expected(field) }
        if field.column == TableDefinition.versionColumn && value < 1 {
            throw .constraint(field: fields.names[field.index], "at least 1")
        }
        builder.set(field.column, int: value)
        try check(Double(value), field)
    }

    @inline(__always)
    private func check(_ number: Double, _ field: ImportField) throws(RowFault) {
        if field.hasConstraint, let what = fields.constraints[field.index]?.fault(inNumber: number)
        {
            throw .constraint(field: fields.names[field.index], what)
        }
    }

    @inline(__always)
    private func set(text: UnsafeRawBufferPointer, _ field: ImportField) throws(RowFault) {
        switch field.kind {
        case .text, .idText:
            if field.hasConstraint { try unsafe check(text, field) }
            unsafe builder.set(field.column, bytes: text)
        case .reference:
            try unsafe set(reference: text, field)
        case .dateTime:
            guard let time = unsafe Instant.milliseconds(parsing: text) else {
                throw expected(field)
            }
            builder.set(field.column, int: time)
        case .enumeration:
            guard let place = unsafe fields.enumNames[field.index]?.place(of: text) else {
                throw expected(field)
            }
            builder.set(field.column, int: Int64(place))
        case .date:
            guard let day = unsafe CivilDate.dayNumber(parsing: text) else {
                throw expected(field)
            }
            builder.set(field.column, int: Int64(day))
        case .id:
            let id = unsafe storedID(text, of: table.id)
            guard unsafe RowReader.isID(id) else {
                throw .id(field: fields.names[field.index])
            }
            if loader == nil {
                givenID.removeAll(keepingCapacity: true)
                unsafe givenID.append(contentsOf: id)
            }
            unsafe builder.set(TableDefinition.idColumn, bytes: id)
        case .email:
            guard unsafe EmailSyntax.accepts(Array(text)) else { throw expected(field) }
            if field.hasConstraint { try unsafe check(text, field) }
            unsafe builder.set(field.column, bytes: text)
        case .int, .long, .float, .boolean, .json, .value, .list:
            throw expected(field)
        }
    }

    private func check(_ text: UnsafeRawBufferPointer, _ field: ImportField) throws(RowFault) {
        let text = unsafe String(decoding: text, as: UTF8.self)
        if let what = fields.constraints[field.index]?.fault(inText: text) {
            throw .constraint(field: fields.names[field.index], what)
        }
    }

    /// What the field holds instead.
    private func expected(_ field: ImportField) -> RowFault {
        let name = fields.names[field.index]
        switch field.kind {
        case .id, .idText, .reference: return .expected(field: name, ScalarKind.id.expectation)
        case .enumeration:
            return .expected(field: name, phrase(fields.enumNames[field.index]?.names ?? [], "or"))
        default:
            guard case .scalar(let scalar)? = fields.types[field.index] else {
                return .expected(field: name, "a value")
            }
            return .expected(field: name, scalar.expectation)
        }
    }

    /// The text itself, in `scratch`.
    private func unescaped(_ text: JSONText) -> UnsafeRawBufferPointer {
        scratch.removeAll()
        text.append(to: scratch)
        return unsafe UnsafeRawBufferPointer(start: scratch.base, count: scratch.count)
    }

    // MARK: Ids and references

    private func set(reference text: UnsafeRawBufferPointer, _ field: ImportField) throws(RowFault)
    {
        let target = field.target
        let id = unsafe storedID(text, of: target)
        if let known = unsafe lastRow(field.index, id) {
            return builder.set(field.column, reference: known)
        }
        if let ref = unsafe find(id, in: target) {
            unsafe remember(field.index, id, ref)
            return builder.set(field.column, reference: ref)
        }
        guard unsafe RowReader.isID(id) else { throw .id(field: fields.names[field.index]) }
        if completeTables[target.index] {
            throw .noRow(
                field: fields.names[field.index], table: model[target].plural,
                id: unsafe model[target].idPrefix + String(decoding: id, as: UTF8.self))
        }
        pending.append(
            Pending(column: field.column, field: field.index, id: unsafe Array(id)))
    }

    /// The row of the id that a reference had last, if it is this one.
    @inline(__always)
    private func lastRow(_ field: Int, _ id: UnsafeRawBufferPointer) -> RowRef? {
        guard lastCounts[field] == id.count, let base = id.baseAddress,
            unsafe memcmp(lastIDs + field &* RowReader.idBytesMax, base, id.count) == 0
        else { return nil }
        return lastRows[field]
    }

    private func remember(_ field: Int, _ id: UnsafeRawBufferPointer, _ ref: RowRef) {
        guard let base = id.baseAddress, id.count <= RowReader.idBytesMax else { return }
        unsafe memcpy(lastIDs + field &* RowReader.idBytesMax, base, id.count)
        lastCounts[field] = id.count
        lastRows[field] = ref
    }

    /// A row by its id in the store.
    func find(_ id: UnsafeRawBufferPointer, in target: TableID) -> RowRef? {
        if let loader, isLoaded[target.index] { return unsafe loader.lookUp(target, id) }
        return unsafe store.row(withID: id, of: target, in: view)
    }

    /// A row by the id that stands inside a value.
    private func row(id: String, in target: TableID) -> RowRef? {
        var id = id
        return id.withUTF8 { bytes in
            unsafe find(storedID(UnsafeRawBufferPointer(bytes), of: target), in: target)
        }
    }

    /// An id without its table's prefix, whether it was written with or without.
    @inline(__always)
    private func storedID(
        _ text: UnsafeRawBufferPointer, of table: TableID
    ) -> UnsafeRawBufferPointer {
        let prefix = prefixes[table.index]
        guard text.count > prefix.count, let base = text.baseAddress,
            unsafe memcmp(base, prefix, prefix.count) == 0
        else { return unsafe text }
        return unsafe UnsafeRawBufferPointer(rebasing: text[prefix.count...])
    }

    /// Whether this is what the store takes for an id: letters, digits, `-` and `_`.
    private static func isID(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count > 0, text.count <= idBytesMax else { return false }
        for index in 0..<text.count {
            let byte = unsafe text[index]
            let isLetter = byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
            guard isLetter || byte &- 0x30 <= 9 || byte == 0x2D || byte == 0x5F else {
                return false
            }
        }
        return true
    }
}
