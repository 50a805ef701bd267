import JSON

/// An answer as tables for people.
///
/// Every list of objects is a table of its own, with a column for each leaf: objects inside a row are
/// flattened under names with a dot, as in CSV; lists inside a row stay in one cell. What is no list
/// is a table of names and values. Several tables have titles: the way to each from the root.
enum AnswerTable {
    /// - Parameter width: columns of the terminal, to which the cells of a table are cut; nil for as
    ///   wide as they are.
    static func text(_ data: JSONValue, width: Int? = nil) -> String {
        guard let members = data.members else { return "no data" }
        var sections: [Section] = []
        for member in members { collect(member.value, member.key, width, into: &sections) }
        return sections.map { section in
            (sections.count > 1 ? "\(section.title)\n" : "") + section.text
        }.joined(separator: "\n\n")
    }

    private struct Section {
        let title: String
        let text: String
    }

    // MARK: Sections

    /// The tables of a value, its own before those of lists inside it.
    private static func collect(
        _ value: JSONValue, _ title: String, _ width: Int?, into sections: inout [Section]
    ) {
        if let rows = rows(value) {
            sections.append(Section(title: title, text: table(rows, width)))
            // What a connection has beside its rows.
            let others = (value.members ?? []).filter { !["nodes", "edges"].contains($0.key) }
            if !others.isEmpty { collect(others, title, width, into: &sections) }
        } else if let members = value.members, !members.isEmpty {
            collect(members, title, width, into: &sections)
        } else {
            sections.append(Section(title: title, text: cell(value)))
        }
    }

    private static func collect(
        _ members: [JSONValue.Member], _ title: String, _ width: Int?,
        into sections: inout [Section]
    ) {
        var lists: [JSONValue.Member] = []
        let scalars = scalars(of: members, "", &lists)
        if !scalars.isEmpty {
            let nameWidth = scalars.map { TextWidth.columns($0.name) }.max() ?? 0
            let lines = scalars.map { "\(TextWidth.padded($0.name, to: nameWidth))  \($0.text)" }
            sections.append(Section(title: title, text: lines.joined(separator: "\n")))
        }
        for list in lists { collect(list.value, "\(title).\(list.key)", width, into: &sections) }
    }

    /// The leaves of an object; lists of objects are put aside.
    private static func scalars(
        of members: [JSONValue.Member], _ prefix: String, _ lists: inout [JSONValue.Member]
    ) -> [Cell] {
        var cells: [Cell] = []
        for member in members {
            let name = prefix + member.key
            if let rows = rows(member.value) {
                if rows.contains(where: { $0.members != nil }) || rows.isEmpty {
                    lists.append(JSONValue.Member(name, member.value))
                    continue
                }
            } else if let inner = member.value.members {
                cells += scalars(of: inner, name + ".", &lists)
                continue
            }
            cells.append(Cell(name: name, value: member.value))
        }
        return cells
    }

    /// The items of a list, or of the list in a connection.
    private static func rows(_ value: JSONValue) -> [JSONValue]? {
        if let elements = value.elements { return elements }
        if let nodes = value["nodes"]?.elements { return nodes }
        if let edges = value["edges"]?.elements {
            return edges.map { edge in edge["node"] ?? edge }
        }
        return nil
    }

    // MARK: One table

    private struct Cell {
        let name: String
        let text: String
        let isNumber: Bool

        /// The cell of an object inside a row, under its longer name.
        init(_ name: String, _ cell: Cell) {
            self.name = name
            text = cell.text
            isNumber = cell.isNumber
        }

        init(name: String, value: JSONValue) {
            self.name = name
            text = AnswerTable.cell(value)
            isNumber =
                switch value {
                case .integer, .double, .number: true
                default: false
                }
        }
    }

    private static func table(_ rows: [JSONValue], _ width: Int?) -> String {
        if rows.isEmpty { return "no rows" }
        var names: [String] = []
        var known: Set<String> = []
        var numeric: [String: Bool] = [:]
        let lines = rows.map { row in
            let cells = flat(row)
            for cell in cells {
                if known.insert(cell.name).inserted { names.append(cell.name) }
                if !cell.text.isEmpty {
                    numeric[cell.name] = cell.isNumber && numeric[cell.name] ?? true
                }
            }
            return Dictionary(cells.map { ($0.name, $0.text) }) { first, _ in first }
        }
        // A null where other rows have an object has no column of its own.
        let all = names
        names.removeAll { name in
            all.contains { $0.hasPrefix(name + ".") }
                && lines.allSatisfy { ($0[name] ?? "").isEmpty }
        }
        let isNumeric = names.map { numeric[$0] ?? false }
        let widths = TextWidth.fitted(
            names.map { name in
                let widest = lines.map { TextWidth.columns($0[name] ?? "") }.max() ?? 0
                return max(TextWidth.columns(name), widest)
            }, keeping: isNumeric, into: width)
        func line(_ texts: [String]) -> String {
            let parts = texts.indices.map {
                TextWidth.padded(
                    TextWidth.cut(texts[$0], to: widths[$0]), to: widths[$0],
                    isRight: isNumeric[$0])
            }
            return String(parts.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        return ([line(names), rule] + lines.map { row in line(names.map { row[$0] ?? "" }) })
            .joined(separator: "\n")
    }

    /// The leaves of a row, those of objects inside it under names with a dot.
    private static func flat(_ value: JSONValue) -> [Cell] {
        guard let members = value.members else { return [Cell(name: "value", value: value)] }
        return members.flatMap { member -> [Cell] in
            guard member.value.members != nil, rows(member.value) == nil else {
                return [Cell(name: member.key, value: member.value)]
            }
            return flat(member.value).map { Cell("\(member.key).\($0.name)", $0) }
        }
    }

    private static func cell(_ value: JSONValue) -> String {
        if value.isNull { return "" }
        if let text = value.string {
            return String(
                String.UnicodeScalarView(
                    text.unicodeScalars.map { TextWidth.isControl($0) ? " " : $0 }))
        }
        guard let rows = rows(value) else { return value.description }
        return rows.map { row in flat(row).map(\.text).joined(separator: " ") }
            .joined(separator: ", ")
    }
}

/// How much room texts take on a terminal.
enum TextWidth {
    /// Columns to which a cell is cut at the least: a few letters say what it is.
    private static let leastColumns = 8

    /// How many columns of a terminal a text takes: East Asian letters take two.
    /// Source: Unicode Standard Annex #11, East Asian Width, the large blocks alone.
    static func columns(_ text: String) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    private static func columns(_ letter: Character) -> Int {
        guard let scalar = letter.unicodeScalars.first?.value else { return 0 }
        switch scalar {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
            0x20000...0x3FFFD:
            return 2
        // What joins or directs the letters around it.
        case 0x0300...0x036F, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2069, 0xFEFF: return 0
        default: return 1
        }
    }

    /// Whether a terminal would act on it, and not show it.
    static func isControl(_ scalar: UnicodeScalar) -> Bool {
        scalar.value < 0x20 || 0x7F...0x9F ~= scalar.value
    }

    static func padded(_ text: String, to width: Int, isRight: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - columns(text)))
        return isRight ? space + text : text + space
    }

    /// The text, or its beginning and an ellipsis where it takes more room.
    static func cut(_ text: String, to width: Int) -> String {
        guard columns(text) > width else { return text }
        var result = ""
        var taken = 1
        for letter in text {
            taken += columns(letter)
            if taken > width { break }
            result.append(letter)
        }
        return result + "…"
    }

    /// The widths that columns get, two apart, so that a line fits: the widest are cut first.
    ///
    /// - Parameter kept: columns that are never cut, such as numbers.
    static func fitted(_ widths: [Int], keeping kept: [Bool], into room: Int?) -> [Int] {
        guard let room else { return widths }
        func cut(to most: Int) -> [Int] {
            zip(widths, kept).map { $1 ? $0 : min($0, most) }
        }
        func fits(_ widths: [Int]) -> Bool {
            widths.reduce(0, +) + 2 * max(0, widths.count - 1) <= room
        }
        var most = widths.max() ?? 0
        while most > leastColumns && !fits(cut(to: most)) { most -= 1 }
        return cut(to: most)
    }
}
