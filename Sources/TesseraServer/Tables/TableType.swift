import Engine

/// The media types of answers that are tables.
enum TableType: Sendable, CaseIterable {
    case csv
    case ndjson
    /// The same lines by two other names.
    case jsonl, jsonLines
    /// One array of flat objects.
    case rows

    var format: TabularOptions.Format {
        switch self {
        case .csv: .csv
        case .ndjson, .jsonl, .jsonLines: .ndjson
        case .rows: .rows
        }
    }

    /// Source: RFC 4180 §3; RFC 7111 for `header`.
    var contentType: StaticString {
        switch self {
        case .csv: "text/csv; charset=utf-8; header=present"
        case .ndjson: "application/x-ndjson"
        case .jsonl: "application/jsonl"
        case .jsonLines: "application/json-lines"
        case .rows: "application/json; charset=utf-8"
        }
    }

    /// What metrics call it.
    var label: String {
        switch format {
        case .csv: "csv"
        case .ndjson: "ndjson"
        case .rows: "json"
        }
    }

    /// Whether a browser is to save the answer and not to show it.
    var isDownload: Bool { self == .csv }
}

/// What the query string says of a table.
struct TableParameters {
    let explode: String?
    let excel: Bool

    /// The names that are taken.
    static let names = ["explode", "excel"]

    init(_ form: FormFields) throws(QueryParameters.Problem) {
        var explode: String?
        var excel: Bool?
        for field in form.fields {
            switch field.name {
            case "explode":
                if explode != nil { throw .repeated(field.name) }
                explode = String(decoding: field.value, as: UTF8.self)
            case "excel":
                if excel != nil { throw .repeated(field.name) }
                switch String(decoding: field.value, as: UTF8.self) {
                case "1", "true": excel = true
                case "0", "false": excel = false
                default: throw .notBoolean(field.name)
                }
            default: continue
            }
        }
        self.explode = explode
        self.excel = excel ?? false
    }
}
