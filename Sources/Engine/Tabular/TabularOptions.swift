/// How a table is written.
public struct TabularOptions: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        /// RFC 4180: a header, CR LF, an empty cell for null, `""` for an empty text.
        case csv
        /// One flat object a line.
        case ndjson
        /// One array of flat objects.
        case rows
    }

    public var format: Format
    /// The response key of the one list inside the rows whose rows become lines of their own; or
    /// its path, such as `member.points`.
    public var explode: String?
    /// For spreadsheets, CSV alone: a byte order mark first, and a text that would be read as a
    /// formula gets an apostrophe before it.
    public var excel: Bool

    public init(format: Format, explode: String? = nil, excel: Bool = false) {
        self.format = format
        self.explode = explode
        self.excel = excel
    }
}

/// How an export ended.
public enum TabularEnd: Equatable, Sendable {
    /// - Parameter rows: lines written, the header aside.
    case finished(rows: Int)
    /// The table breaks off behind `rows` whole lines. In NDJSON a last line says why; of the other
    /// forms nobody can tell, so that the transport must break off too.
    case failed(message: String, rows: Int)
    /// The one who writes had enough.
    case cancelled
}
