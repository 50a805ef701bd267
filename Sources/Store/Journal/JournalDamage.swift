/// A journal that is not what was written, and where.
public struct JournalDamage: Error, Equatable, Sendable {
    /// The name within the data directory.
    public let file: String
    /// Bytes from the start of the file to the record that is wrong.
    public let offset: Int
    /// The last record before it, in this file or those before; what could be saved goes up to it.
    public let lastSequence: UInt64
    public let reason: Reason

    public enum Reason: Error, Equatable, Sendable {
        /// The disk cannot read the file from there on, or there is something else than a file.
        case unreadable(DiskError)
        /// The header of a record does not match its checksum, or the file ends within it.
        case recordHeader
        /// The file ends before the record does.
        case recordEnd
        /// The body of a record does not match its checksum.
        case body
        /// The record is not the one that follows.
        case sequence(expected: UInt64, found: UInt64)
        /// The record follows another one than that which stands before it.
        case hash
        /// A record of a kind that does not belong there.
        case kind(UInt32)
        /// What the file says about itself cannot be read.
        case header(String)
        case newerFormat(found: Int, known: Int)
        /// The file is that of another generation than its name says.
        case generation(found: UInt64)
        /// The file ends, although a record was acknowledged that is not in it.
        case lost(acknowledged: UInt64)
        /// The file has another record than the one that was acknowledged under its number.
        case replaced(acknowledged: UInt64)
        /// The changes in the record cannot be read.
        case changes
        /// A change that does not fit the rows as they are.
        case row(table: String, row: UInt32, RowReason)
    }

    public enum RowReason: Error, Equatable, Sendable {
        /// A new row whose place or number was given out before.
        case place
        /// A row that does not exist is to be changed or deleted.
        case missing
        /// A column that must have a value has none.
        case null(column: String)
        /// A value that its column cannot hold.
        case value(column: String, reason: String)
        /// A reference to a row that does not exist.
        case reference(column: String)
        /// The texts of neighbouring rows are too large.
        case pageFull
    }

    public init(file: String, offset: Int, lastSequence: UInt64, reason: Reason) {
        self.file = file
        self.offset = offset
        self.lastSequence = lastSequence
        self.reason = reason
    }
}

extension JournalDamage: CustomStringConvertible {
    public var description: String { "\(file), byte \(offset): \(reason)" }

    /// What to do about it.
    public var advice: String {
        if case .newerFormat = reason { return "start a later version of the program" }
        return "put the file back from a backup, or start with --recover to go on with what is "
            + "before it, up to change \(lastSequence), and lose what follows"
    }
}

extension JournalDamage.Reason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let error): "\(error)"
        case .recordHeader: "the header of a record is damaged"
        case .recordEnd: "the file ends within a record"
        case .body: "the checksum of a record does not match"
        case .sequence(let expected, let found):
            "here is change \(found), where change \(expected) should be"
        case .hash: "the record does not follow the one before it"
        case .kind(let kind): "a record of kind \(kind) does not belong here"
        case .header(let text): "the header of the file: \(text)"
        case .newerFormat(let found, let known):
            "it has format \(found), and this program knows formats up to \(known)"
        case .generation(let found): "this is the file of generation \(found)"
        case .lost(let sequence):
            "the file ends, although changes up to \(sequence) were acknowledged"
        case .replaced(let sequence):
            "change \(sequence) is another than the one that was acknowledged"
        case .changes: "the changes in a record cannot be read"
        case .row(let table, let row, let reason): "row \(row) of \(table): \(reason)"
        }
    }
}

extension JournalDamage.RowReason: CustomStringConvertible {
    public var description: String {
        switch self {
        case .place: "its place was given out before"
        case .missing: "it does not exist"
        case .null(let column): "column \"\(column)\" must have a value"
        case .value(let column, let reason): "column \"\(column)\": \(reason)"
        case .reference(let column): "column \"\(column)\" refers to a row that does not exist"
        case .pageFull: "the texts of neighbouring rows are too large"
        }
    }
}

/// Why a journal cannot be read.
public enum JournalError: Error, Equatable, Sendable {
    case disk(DiskError)
    case damaged(JournalDamage)
}

extension JournalError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disk(let error): error.description
        case .damaged(let damage): damage.description
        }
    }
}
