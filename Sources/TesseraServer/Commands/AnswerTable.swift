import JSON

/// An answer as tables for people: one for each list of objects among the root fields, and one of
/// names and values for everything else.
enum AnswerTable {
    static func text(_ data: JSONValue) -> String {
        guard let members = data.members else { return "no data" }
        return members.map { member in
            let title = members.count > 1 ? "\(member.key)\n" : ""
            return title + table(member.value)
        }.joined(separator: "\n\n")
    }

    private static func table(_ value: JSONValue) -> String {
        if let rows = rows(value) { return table(rows) }
        guard value.members != nil else { return cell(value) }
        let cells = flat(value)
        let width = cells.map { columns($0.name) }.max() ?? 0
        return cells.map { "\(padded($0.name, to: width))  \($0.text)" }.joined(separator: "\n")
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

    private static func table(_ rows: [JSONValue]) -> String {
        if rows.isEmpty { return "no rows" }
        var names: [String] = []
        var known: Set<String> = []
        let cells = rows.map { row in
            let cells = flat(row)
            for cell in cells where known.insert(cell.name).inserted { names.append(cell.name) }
            return Dictionary(cells.map { ($0.name, $0.text) }) { first, _ in first }
        }
        // A null where other rows have an object has no column of its own.
        let all = names
        names.removeAll { name in
            all.contains { $0.hasPrefix(name + ".") }
                && cells.allSatisfy { ($0[name] ?? "").isEmpty }
        }
        let isNumeric = names.map { name in
            cells.allSatisfy { row in row[name].map { $0.isEmpty || Double($0) != nil } ?? true }
        }
        let widths = names.map { name in
            max(columns(name), cells.map { columns($0[name] ?? "") }.max() ?? 0)
        }
        func line(_ texts: [String]) -> String {
            let parts = texts.indices.map {
                padded(texts[$0], to: widths[$0], isRight: isNumeric[$0])
            }
            return String(parts.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        return ([line(names), rule] + cells.map { row in line(names.map { row[$0] ?? "" }) })
            .joined(separator: "\n")
    }

    /// The scalars of an object, those of objects inside it under names with a dot.
    private static func flat(_ value: JSONValue) -> [(name: String, text: String)] {
        guard let members = value.members else { return [("value", cell(value))] }
        return members.flatMap { member -> [(name: String, text: String)] in
            guard member.value.members != nil, rows(member.value) == nil else {
                return [(member.key, cell(member.value))]
            }
            return flat(member.value).map { ("\(member.key).\($0.name)", $0.text) }
        }
    }

    private static func cell(_ value: JSONValue) -> String {
        if value.isNull { return "" }
        if let text = value.string {
            return String(
                String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
        }
        guard let rows = rows(value) else { return value.description }
        return rows.map { row in flat(row).map(\.text).joined(separator: " ") }
            .joined(separator: ", ")
    }

    private static func padded(_ text: String, to width: Int, isRight: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - columns(text)))
        return isRight ? space + text : text + space
    }

    /// How many columns of a terminal a text takes: East Asian letters take two.
    /// Source: Unicode Standard Annex #11, East Asian Width, the large blocks alone.
    static func columns(_ text: String) -> Int {
        text.reduce(0) { sum, letter in
            guard let scalar = letter.unicodeScalars.first?.value else { return sum }
            switch scalar {
            case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
                0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF,
                0x20000...0x3FFFD:
                return sum + 2
            default: return sum + 1
            }
        }
    }
}
