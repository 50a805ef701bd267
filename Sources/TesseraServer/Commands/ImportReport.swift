import Engine

/// What an import has done, for people.
struct ImportReport {
    private let summary: ImportSummary

    init(_ summary: ImportSummary) {
        self.summary = summary
    }

    /// Writes a line for each table with refused lines.
    func write(to terminal: Terminal) {
        for line in refusalLines { terminal.note(line) }
    }

    /// One line for each table.
    var lines: [String] {
        let width = summary.tables.map(\.name.count).max() ?? 0
        let counts = summary.tables.map { grouped($0.rows) }
        let countWidth = counts.map(\.count).max() ?? 0
        return zip(summary.tables, counts).map { table, count in
            let name = table.name + String(repeating: " ", count: width - table.name.count)
            let space = String(repeating: " ", count: countWidth - count.count)
            let refused = table.refused > 0 ? ", \(grouped(table.refused)) refused" : ""
            return "  \(name)  \(space)\(count) rows\(refused)"
        }
    }

    /// Where the refused lines are, and why the first one is there.
    var refusalLines: [String] {
        summary.tables.compactMap { table in
            guard let first = table.firstRefusal else { return nil }
            let place = table.errorFile ?? "nowhere: the file of refused lines cannot be written"
            let lines = table.refused == 1 ? "1 line was" : "\(grouped(table.refused)) lines were"
            return """
                \(table.file): \(lines) refused, see \(place)
                  the first, line \(first.line): \(first.reason)
                """
        }
    }
}

/// `1 234 567`.
func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var groups: [Substring] = []
    while digits.count > 3 {
        groups.insert(digits.suffix(3), at: 0)
        digits = String(digits.dropLast(3))
    }
    return (number < 0 ? "-" : "") + ([digits[...]] + groups).joined(separator: " ")
}
