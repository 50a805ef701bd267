import JSON
import Store

/// Why a line gives no row.
enum RowFault: Error {
    case json(JSONError)
    /// The line is JSON, but no object.
    case notAnObject
    case csv(CSVReader.Fault)
    case cellCount(Int, header: Int)
    case unknownKey(String, hint: String?)
    /// A relation to many rows, which the rows themselves lead to.
    case listKey(String, target: String)
    /// Maybe once by each of a relation's two names.
    case keyTwice(String)
    /// The end of a sentence: `expected is …`.
    case expected(field: String, String)
    case nestedRow(field: String)
    case null(field: String)
    case missing(field: String)
    /// The field's `@constraint` accepts something else.
    case constraint(field: String, String)
    case value(field: String, ValueError)
    case id(field: String)
    case noRow(field: String, table: String, id: String)
    case refusedRow(field: String, table: String, id: String)
    case duplicateID(String)
    /// A row that is gone had the id.
    case deletedID(String)
    case duplicateKey(fields: [String])
    /// In a transaction: the row refers to one that may stand further on in the file.
    case later
    case tooLong(field: String)
    /// The row fits by itself, but the store has no place for it.
    case store(StoreError)
}

extension RowFault {
    /// In words, without a full stop.
    var reason: String {
        switch self {
        case .json(let error): error.description
        case .notAnObject: "expected is an object"
        case .csv(.openQuote): "a cell's closing quotation mark is missing"
        case .csv(.textAfterQuote): "text follows a cell's closing quotation mark"
        case .csv(.quoteInside): "a quotation mark stands inside a cell without any around it"
        case .csv(.invalidUTF8): "the text is not valid UTF-8"
        case .cellCount(let count, let header):
            "the line has \(count) cells, but the header has \(header)"
        case .unknownKey(let name, let hint):
            "there is no field \(quoted(name))" + (hint.map { "; \($0)" } ?? "")
        case .listKey(let name, let target):
            "\(name): a list of other rows cannot be given; give their own ids in \(target)"
        case .keyTwice(let name): "the field \(quoted(name)) stands twice"
        case .expected(let field, let what): "\(field): expected is \(what)"
        case .nestedRow(let field):
            "\(field): expected is the id of a row, which cannot be given as a whole"
        case .null(let field): "\(field): null is not accepted"
        case .missing(let field): "\(field): a value is missing"
        case .constraint(let field, let what): "\(field): accepted is \(what)"
        case .value(let field, let error): "\(field): \(error)"
        case .id(let field):
            "\(field): an id has 1 to 64 letters, digits, hyphens and underscores "
                + "after its table's prefix"
        case .noRow(let field, let table, let id):
            "\(field): there is no row \(quoted(id)) in \(table)"
        case .refusedRow(let field, let table, let id):
            "\(field): the row \(quoted(id)) in \(table) was refused"
        case .duplicateID(let id): "id: an earlier row has the id \(quoted(id))"
        case .deletedID(let id):
            "id: \(quoted(id)) was a deleted row's; ids are not given out again"
        case .duplicateKey(let fields):
            "\(phrase(fields, "and")): an earlier row has the same value"
                + (fields.count > 1 ? "s" : "")
        case .later: "it refers to a row that stands further on"
        case .tooLong(let field): "\(field): the value is too long"
        case .store(.pageFull): "the row and its neighbours are too large together"
        case .store(.tooManyRows): "the table can hold no more rows"
        case .store(let error): "the store refuses the row: \(error)"
        }
    }
}
