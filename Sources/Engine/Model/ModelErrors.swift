import GraphQLLanguage

/// One thing that is wrong with a folder of schema files, and how to mend it.
public struct ModelProblem: Sendable, Equatable {
    /// The file as it was named when it was read, or the folder.
    public let file: String
    /// From 1; 0 when the problem is with the file or the folder as a whole.
    public let line: Int
    /// From 1, in Unicode scalars; 0 as for `line`.
    public let column: Int
    /// What is wrong, without a full stop.
    public let message: String
    /// How to mend it.
    public let hint: String?

    public init(file: String, line: Int = 0, column: Int = 0, message: String, hint: String?) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.hint = hint
    }
}

extension ModelProblem: CustomStringConvertible {
    /// `schema/members.graphql:12:3: error: …`, and a second line `  help: …` if there is a hint.
    public var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        let first = "\(place): error: \(message)"
        guard let hint else { return first }
        return "\(first)\n  help: \(hint)"
    }
}

/// Why a folder of schema files makes no model: everything that is wrong with it, in the order of
/// files and places; never empty.
public struct ModelErrors: Error, Sendable, Equatable, CustomStringConvertible {
    public let problems: [ModelProblem]

    public init(problems: [ModelProblem]) {
        self.problems = problems
    }

    /// The problems under each other.
    public var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// A place in the schema files.
struct Place: Hashable {
    /// Index of the file.
    let file: Int
    /// Byte offset.
    let offset: Int
}

/// The problems found so far.
struct ProblemList {
    private struct Entry {
        let place: Place
        let message: String
        let hint: String?
    }

    let sources: [Source]
    private var entries: [Entry] = []

    var count: Int { entries.count }

    init(sources: [Source]) {
        self.sources = sources
    }

    mutating func report(_ message: String, at place: Place, hint: String? = nil) {
        entries.append(Entry(place: place, message: message, hint: hint))
    }

    /// `file:line` of a place, for hints.
    func describe(_ place: Place) -> String {
        let source = sources[place.file]
        return "\(source.name):\(source.location(at: place.offset).line)"
    }

    /// The lines that have a problem already.
    func reportedLines() -> Set<String> {
        Set(entries.map { describe($0.place) })
    }

    /// Throws what was found, if anything, by file and place.
    func throwIfAny() throws(ModelErrors) {
        guard !entries.isEmpty else { return }
        let sorted = entries.enumerated().sorted {
            let (left, right) = ($0.element.place, $1.element.place)
            return (left.file, left.offset, $0.offset) < (right.file, right.offset, $1.offset)
        }
        throw ModelErrors(
            problems: sorted.map { _, entry in
                let source = sources[entry.place.file]
                let location = source.location(at: entry.place.offset)
                return ModelProblem(
                    file: source.name, line: location.line, column: location.column,
                    message: entry.message, hint: entry.hint)
            })
    }
}
