import JSON

/// What is wrong with a file of a snapshot.
public enum FileFault: Error, Equatable, Sendable {
    /// The file has fewer bytes than any such file.
    case tooShort
    /// The bytes are not those that were written.
    case checksum
    /// The file was written by a later version of the program.
    case newerFormat(found: Int, known: Int)
    case json(JSONError)
    /// The JSON is well-formed and holds something else than it should, in that member.
    case malformed(member: String)
    case byteCount(expected: Int, found: Int)
    case rowCount(expected: Int, found: Int)
    /// A row's slot is not above the one before it, or was never given out.
    case slot(Int)
    /// A row's creation number is not above the one before it, or was never given out.
    case creation(Int)
    /// A row with more or fewer elements than columns.
    case columnCount(expected: Int)
    /// A value that its column cannot hold.
    case value(column: String, reason: String)
    /// No value where there must be one.
    case null(column: String)
    /// A reference to a row that is not there.
    case reference(column: String)
    /// The rows of a page would need more than a page can have.
    case pageFull
}

extension FileFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooShort: "the file is too short"
        case .checksum: "the checksum does not match"
        case .newerFormat(let found, let known):
            "it has format \(found), and this program knows formats up to \(known)"
        case .json(let error): "\(error.reason.text)"
        case .malformed(let member): "\"\(member)\" is missing or not as it should be"
        case .byteCount(let expected, let found): "it has \(found) bytes instead of \(expected)"
        case .rowCount(let expected, let found): "it has \(found) rows instead of \(expected)"
        case .slot(let slot): "slot \(slot) is out of order"
        case .creation(let creation): "creation number \(creation) is out of order"
        case .columnCount(let expected): "the row has not \(expected) elements"
        case .value(let column, let reason): "column \"\(column)\": \(reason)"
        case .null(let column): "column \"\(column)\" must have a value"
        case .reference(let column): "column \"\(column)\" refers to a row that does not exist"
        case .pageFull: "the texts of neighbouring rows are too large"
        }
    }
}

/// A fault of a file, and where it is.
public struct FileDamage: Error, Equatable, Sendable {
    /// The name within the data directory.
    public let file: String
    /// Bytes from the start of the file; 0 where the line says it all.
    public let offset: Int
    /// In files of rows, the line, from 1.
    public let line: Int?
    public let fault: FileFault

    public init(file: String, offset: Int, line: Int? = nil, fault: FileFault) {
        self.file = file
        self.offset = offset
        self.line = line
        self.fault = fault
    }
}

extension FileDamage: CustomStringConvertible {
    public var description: String {
        let place =
            line.map { "line \($0)" + (offset > 0 ? ", byte \(offset)" : "") }
            ?? "byte \(offset)"
        return "\(file), \(place): \(fault)"
    }
}
