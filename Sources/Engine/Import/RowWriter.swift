import Store

/// Adds rows to one table of a load, field by field, by the names of the schema.
///
/// For data that a program makes: everything is checked as in an import, and fields that are not
/// set take their defaults. Fields are found quickest when every row sets them in the same order.
// Safe: texts are used within the calls that bring them.
@safe
public final class RowWriter {
    /// Why a row was not added.
    public struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
        public let table: String
        /// In words, without a full stop.
        public let reason: String

        public var description: String { "\(table): \(reason)" }
    }

    private let reader: RowReader
    private var previous: Int
    private var fault: RowFault?

    /// - Parameters:
    ///   - table: the name of its type: `Member`.
    ///   - now: milliseconds since 1970-01-01T00:00:00Z, for what takes the time of the write.
    /// - Throws: when the model has no such table.
    public init(
        _ table: String, _ model: Model, _ store: Store, _ loader: BulkLoader, now: Int64
    ) throws(Fault) {
        guard let table = model.table(named: table) else {
            throw Fault(table: table, reason: "there is no such table")
        }
        reader = RowReader(
            table, model, store, loader,
            isLoaded: Array(repeating: true, count: model.tables.count), now: now)
        reader.completeTables = Array(repeating: true, count: model.tables.count)
        previous = reader.fields.start
        reader.begin()
    }

    /// Sets an integer, a flag (0 or 1) or a time in milliseconds since 1970-01-01T00:00:00Z.
    public func set(_ name: StaticString, _ value: Int64) {
        guard let field = take(name) else { return }
        switch field.kind {
        case .int, .long, .boolean, .dateTime, .date:
            reader.builder.set(field.column, int: value)
        case .float: reader.builder.set(field.column, double: Double(value))
        default: fault = fault ?? .expected(field: name.description, "another type")
        }
    }

    /// Sets any field by what a cell of a CSV file would hold for it: a text, an id, the name of
    /// an enum value, a number, a time, or a value as JSON.
    public func set(_ name: StaticString, _ text: String) {
        guard let field = take(name) else { return }
        var text = text
        text.withUTF8 { bytes in
            do {
                try unsafe reader.read(cell: UnsafeRawBufferPointer(bytes), field)
            } catch {
                fault = fault ?? reader.fault(error)
            }
        }
    }

    /// Sets a relation to a row of the same load.
    public func set(_ name: StaticString, _ row: RowRef) {
        guard let field = take(name) else { return }
        guard field.kind == .reference else {
            fault = fault ?? .expected(field: name.description, "another type")
            return
        }
        reader.builder.set(field.column, reference: row)
    }

    /// Adds the row with all that was set since the last one.
    public func append() throws(Fault) -> RowRef {
        defer {
            reader.begin()
            previous = reader.fields.start
            fault = nil
        }
        do throws(RowFault) {
            if let fault { throw fault }
            return try reader.append()
        } catch {
            throw Fault(table: reader.table.name, reason: error.reason)
        }
    }

    private func take(_ name: StaticString) -> ImportField? {
        let field = name.withUTF8Buffer {
            unsafe reader.fields.find(UnsafeRawBufferPointer($0), after: previous)
        }
        guard let field else {
            fault = fault ?? reader.fields.unknown(name.description)
            return nil
        }
        previous = field.index
        do {
            try reader.take(field)
        } catch {
            fault = fault ?? error
        }
        return field
    }
}
