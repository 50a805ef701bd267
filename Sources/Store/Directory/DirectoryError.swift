import Bytes

/// Why a data directory cannot be used as asked. Its files are as they were.
public enum DirectoryError: Error, Equatable, Sendable {
    /// Another process has the directory open.
    case inUse
    case disk(DiskError)
    /// A file is not what was written.
    case damaged(FileDamage)
    /// A journal is not what was written.
    case journal(JournalDamage)
    /// A file that the others need is missing.
    case missing(file: String, neededBy: String)
    /// Something that this program did not put there.
    case unknownFile(String)
    /// A directory that has to be empty is not.
    case notEmpty(file: String)
    /// There is nothing to read.
    case empty
    /// The files cannot be read with the present schema.
    case schema([SchemaConflict])
    /// Rows agree in columns in which no two rows may.
    case duplicates(index: String, rows: [DuplicateRows], total: Int)
    /// No snapshot is as old as the moment to go back to, in milliseconds since
    /// 1970-01-01T00:00:00Z.
    case tooEarly(time: Int64, earliest: Int64)
    /// The writer takes no more changes.
    case storage(StorageFailure)
    /// The system has no thread left.
    case noThread
}

/// Two rows with the same key.
public struct DuplicateRows: Equatable, Sendable {
    /// Without the prefix of the table.
    public let first: String
    public let second: String
}

/// Why rows of files do not fit the present schema.
public enum SchemaConflict: Error, Equatable, Sendable {
    case kindChanged(table: String, column: String, from: String, to: String)
    case targetChanged(table: String, column: String, from: String, to: String)
    case nowRequired(table: String, column: String)
    case requiredWithoutDefault(table: String, column: String)
    /// Rows have a value that the enumeration no longer has.
    case valueInUse(table: String, column: String, value: String, rows: Int)
    /// A stored value does not fit its type.
    case valueUnreadable(table: String, column: String, reason: String)
}

extension SchemaConflict: CustomStringConvertible {
    public var description: String {
        switch self {
        case .kindChanged(let table, let column, let from, let to):
            "\(table).\(column) is stored as \(from) and is now \(to): give the new field another "
                + "name and copy the values"
        case .targetChanged(let table, let column, let from, let to):
            "\(table).\(column) refers to \(from) in the files and to \(to) now: give the new "
                + "field another name"
        case .nowRequired(let table, let column):
            "\(table).\(column) may be null in the files and must have a value now: leave it "
                + "nullable"
        case .requiredWithoutDefault(let table, let column):
            "\(table).\(column) is new, must have a value and has no default: give it a @default "
                + "or make it nullable"
        case .valueInUse(let table, let column, let value, let rows):
            "\(table).\(column) no longer has the value \(value), which \(rows) "
                + "\(rows == 1 ? "row has" : "rows have"): put it back, or change those rows first"
        case .valueUnreadable(let table, let column, let reason):
            "\(table).\(column): \(reason)"
        }
    }
}

/// A moment as people read it.
func instantText(_ milliseconds: Int64) -> String {
    let text = ByteBuffer(capacity: 64)
    text.appendDateTime(milliseconds)
    return text.makeString()
}

extension DirectoryError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .inUse: "the data directory is in use by another process"
        case .disk(let error): "\(error)"
        case .damaged(let damage):
            if case .newerFormat = damage.fault {
                "\(damage); use the program that wrote it, or a later one"
            } else {
                "\(damage); restore a backup, or start with --recover to go back to the older "
                    + "generation"
            }
        case .journal(let damage): "\(damage); \(damage.advice)"
        case .missing(let file, let neededBy):
            "\(file) is missing, and \(neededBy) needs it; put it back, restore a backup, or start "
                + "with --recover to go on without it"
        case .unknownFile(let name):
            "\(name) does not belong into a data directory; move it elsewhere"
        case .notEmpty(let file): "the directory has to be empty, and there is \(file)"
        case .empty: "the directory has no data"
        case .schema(let conflicts): conflicts.map(\.description).joined(separator: "\n")
        case .duplicates(let index, let rows, let total):
            "\(total) rows have the same key as another in \(index): "
                + rows.map { "\($0.first) and \($0.second)" }.joined(separator: ", ")
                + (total > rows.count ? ", …" : "")
                + "; change one of each pair, or leave the key as it was"
        case .tooEarly(let time, let earliest):
            "there is no snapshot of \(instantText(time)) or before; the earliest moment to go "
                + "back to is \(instantText(earliest))"
        case .storage(let failure): "\(failure)"
        case .noThread: "the system has no thread left"
        }
    }
}
