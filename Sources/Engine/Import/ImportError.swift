/// Why files as a whole cannot be imported: all problems at once, never empty.
public struct ImportError: Error, Equatable, Sendable, CustomStringConvertible {
    public let problems: [ImportProblem]

    init(_ problem: ImportProblem) {
        problems = [problem]
    }

    init(_ problems: [ImportProblem]) {
        self.problems = problems
    }

    /// The problems under each other, each with a line on how to mend it.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// What is wrong with one file, or with the folder.
public enum ImportProblem: Equatable, Sendable {
    /// The file or folder cannot be read: the system's words.
    case unreadable(path: String, reason: String)
    /// There is nothing to load in the folder.
    case noFiles(folder: String, tables: [String])
    /// A data file that bears no table's name.
    case unknownTable(file: String, name: String, tables: [String])
    /// Two files for the same table.
    case twoFiles(first: String, second: String, table: String)
    /// A name that does not end in .ndjson, .jsonl or .csv.
    case unknownFormat(file: String)
    /// The table has, or had, rows.
    case notEmpty(file: String, table: String)
    case lineTooLong(file: String, line: Int, byteCountMax: Int)
    /// The first line of a CSV file names something that is no field of the table.
    case unknownColumn(file: String, name: String, hint: String?)
    /// A relation to many rows, which the rows themselves lead to.
    case listColumn(file: String, name: String)
    /// The first line of a CSV file names a field twice, maybe by both of a relation's names.
    case columnTwice(file: String, name: String)
    /// The first line of a CSV file is missing or not well-formed.
    case noHeader(file: String)
}

extension ImportProblem: CustomStringConvertible {
    public var description: String {
        guard let hint else { return message }
        return "\(message)\n  help: \(hint)"
    }

    /// What is wrong, without a full stop.
    public var message: String {
        switch self {
        case .unreadable(let path, let reason): "\(path): cannot be read: \(reason)"
        case .noFiles(let folder, _): "\(folder): there are no data files here"
        case .unknownTable(let file, let name, _): "\(file): there is no table \(quoted(name))"
        case .twoFiles(let first, let second, let table):
            "\(second): the table \(quoted(table)) has another file, \(first)"
        case .unknownFormat(let file): "\(file): the name does not say what the file holds"
        case .notEmpty(let file, let table): "\(file): the table \(quoted(table)) has rows already"
        case .lineTooLong(let file, let line, let byteCountMax):
            "\(file):\(line): the line is longer than \(byteCountMax >> 20) MiB"
        case .unknownColumn(let file, let name, _):
            "\(file):1: there is no field \(quoted(name))"
        case .listColumn(let file, let name):
            "\(file):1: \(quoted(name)) is a list of other rows"
        case .columnTwice(let file, let name): "\(file):1: the field \(quoted(name)) stands twice"
        case .noHeader(let file): "\(file):1: the first line must name the columns"
        }
    }

    /// How to mend it.
    public var hint: String? {
        switch self {
        case .unreadable: "does it exist, and may this user read it?"
        case .noFiles(_, let tables):
            "data files are named after a table, as in \(tables.first ?? "members").ndjson or .csv; "
                + "the tables are \(phrase(tables, "and"))"
        case .unknownTable(_, let name, let tables):
            closestName(to: name, among: tables).map { "did you mean \(quoted($0))?" }
                ?? "the tables are \(phrase(tables, "and"))"
        case .twoFiles: "join the two files, or move one of them away"
        case .unknownFormat: "a data file ends in .ndjson, .jsonl or .csv"
        case .notEmpty: "import loads empty tables only"
        case .lineTooLong: "is there a line break missing, or a closing quotation mark?"
        case .unknownColumn(_, _, let hint): hint
        case .listColumn: "give each of those rows the id of this one instead, in their own file"
        case .columnTwice: "a relation has two names, such as tier and tierId: give one of them"
        case .noHeader: "cells are separated by commas, as in id,name,email"
        }
    }
}
