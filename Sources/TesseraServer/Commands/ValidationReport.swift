import Bytes
import GraphQL
import GraphQLLanguage
import JSON

/// What `validate` says of one file after another: lines for people, or a line of JSON for each.
struct ValidationReport {
    let terminal: Terminal
    let isJSON: Bool
    private let buffer = ByteBuffer()

    /// A problem may have thousands of places; people are shown the first few.
    private static let excerptsMax = 5

    init(terminal: Terminal, isJSON: Bool) {
        self.terminal = terminal
        self.isJSON = isJSON
    }

    /// Writes what is wrong with a file, or the folder of a schema.
    ///
    /// - Parameter namesFiles: whether a line of JSON is about several files, so that each problem
    ///   says in which it lies.
    func write(_ problems: [GraphQLError], of path: String, namesFiles: Bool = false) {
        if isJSON {
            writeJSON(problems, path, namesFiles)
        } else {
            for problem in problems { terminal.write(text(problem, path)) }
        }
    }

    /// What people read last, about a schema that was checked by itself.
    func finishSchema(_ path: String, problemCount: Int) {
        if !isJSON { terminal.write("\(path): \(counted(problemCount))") }
    }

    /// What people read last, about documents.
    func finishDocuments(_ count: Int, problemCount: Int) {
        if !isJSON {
            terminal.write("\(count) file\(count == 1 ? "" : "s"), \(counted(problemCount))")
        }
    }

    private func counted(_ count: Int) -> String {
        switch count {
        case 0: "no problems"
        case 1: "1 problem"
        default: "\(count) problems"
        }
    }

    // MARK: Text

    /// `file:line:column: message (rule)`, and below it the lines it is about.
    private func text(_ problem: GraphQLError, _ path: String) -> String {
        let locations = problem.locations
        guard let source = problem.source, let first = locations.first else {
            return "\(path): \(problem.message) (\(problem.rule))"
        }
        var lines = [
            "\(source.name):\(first.line):\(first.column): \(problem.message) (\(problem.rule))"
        ]
        let shown = Array(zip(problem.offsets, locations).prefix(ValidationReport.excerptsMax))
        let width = shown.map { String($0.1.line).count }.max() ?? 0
        let margin = String(repeating: " ", count: width)
        for (offset, location) in shown {
            let excerpt = SourceExcerpt(source, at: offset)
            let number = String(location.line)
            lines.append("  \(margin.dropFirst(number.count))\(number) | \(excerpt.line)")
            lines.append("  \(margin) | \(excerpt.caret)")
        }
        if locations.count > shown.count {
            lines.append("  and \(locations.count - shown.count) more places")
        }
        return lines.joined(separator: "\n")
    }

    // MARK: JSON

    private func writeJSON(_ problems: [GraphQLError], _ path: String, _ namesFiles: Bool) {
        buffer.removeAll()
        buffer.append("{\"file\":")
        buffer.appendJSONString(path)
        buffer.append(",\"errors\":[")
        for (place, problem) in problems.enumerated() {
            if place > 0 { buffer.append(byte: UInt8(ascii: ",")) }
            buffer.append("{\"message\":")
            buffer.appendJSONString(problem.message)
            buffer.append(",\"locations\":[")
            for (index, location) in problem.locations.enumerated() {
                if index > 0 { buffer.append(byte: UInt8(ascii: ",")) }
                buffer.append("{\"line\":")
                buffer.appendInteger(location.line)
                buffer.append(",\"column\":")
                buffer.appendInteger(location.column)
                buffer.append("}")
            }
            buffer.append("],\"extensions\":{\"rule\":")
            buffer.appendJSONString(problem.rule)
            if namesFiles, let source = problem.source {
                buffer.append(",\"file\":")
                buffer.appendJSONString(source.name)
            }
            buffer.append("}}")
        }
        buffer.append("]}\n")
        terminal.write(bytes: buffer.bytes)
    }
}
