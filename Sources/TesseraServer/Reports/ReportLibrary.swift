import Engine
import FoundationEssentials
import GraphQL
import GraphQLLanguage

/// The reports of a schema's folder: every `reports/*.graphql` in it, found valid when the server
/// starts.
struct ReportLibrary: Sendable {
    /// In the order of their names.
    let reports: [Report]

    static let empty = ReportLibrary(reports: [])

    private init(reports: [Report]) {
        self.reports = reports
    }

    /// Loads the reports of a schema's folder; there are none when it holds no folder `reports`.
    ///
    /// - Throws: everything that is wrong with them.
    init(schemaFolder: String, _ model: Model) throws(ModelErrors) {
        let folder = (schemaFolder.hasSuffix("/") ? schemaFolder : schemaFolder + "/") + "reports"
        guard FileManager.default.fileExists(atPath: folder) else {
            self = .empty
            return
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw ModelErrors(problems: [
                ModelProblem(
                    file: folder, message: "the folder of the reports cannot be read",
                    hint: "is it a folder, and may this user read it?")
            ])
        }
        let files = names.filter { $0.hasSuffix(".graphql") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var reports: [Report] = []
        var problems: [ModelProblem] = []
        for file in files {
            let path = folder + "/" + file
            guard let contents = FileManager.default.contents(atPath: path) else {
                problems.append(
                    ModelProblem(
                        file: path, message: "the file cannot be read",
                        hint: "may this user read it?"))
                continue
            }
            let source = Source(name: path, bytes: Array(contents))
            do throws(ModelErrors) {
                reports.append(try Self.report(source, String(file.dropLast(8)), model))
            } catch {
                problems += error.problems
            }
        }
        if !problems.isEmpty { throw ModelErrors(problems: problems) }
        self.reports = reports
    }

    func report(named name: String) -> Report? { reports.first { $0.name == name } }

    // MARK: Checking

    private static func report(
        _ source: Source, _ name: String, _ model: Model
    ) throws(ModelErrors) -> Report {
        guard !name.isEmpty, name.utf8.count <= 100, name.utf8.allSatisfy(isNameByte) else {
            throw ModelErrors(problems: [
                ModelProblem(
                    file: source.name, message: "a report cannot have this name",
                    hint: "use at most 100 letters, digits, \"-\" and \"_\": it becomes a URL")
            ])
        }
        let document: Document
        do throws(SyntaxError) {
            document = try parse(source, limits: .file)
        } catch {
            throw problem(source, error.offset, error.message, hint: nil)
        }
        let errors = validate(document, schema: model.schema, codecs: model.codecs)
        guard errors.isEmpty else {
            throw ModelErrors(
                problems: errors.map { error in
                    let location = error.locations.first
                    return ModelProblem(
                        file: source.name, line: location?.line ?? 0,
                        column: location?.column ?? 0, message: withoutFullStop(error.message),
                        hint: nil)
                })
        }
        var operations: [OperationDefinition] = []
        for case .operation(let operation) in document.definitions { operations.append(operation) }
        guard let operation = operations.first, operations.count == 1 else {
            throw problem(
                source, operations.dropFirst().first?.offset ?? 0,
                "a report has one operation, and this file \(operations.count)",
                hint: "give each report a file of its own")
        }
        guard operation.type == .query else {
            throw problem(
                source, operation.offset, "a report is a query, and this is a \(operation.type)",
                hint: nil)
        }
        for variable in operation.variables
        where Report.reservedNames.contains(variable.name.value) {
            throw problem(
                source, variable.offset,
                "the variable \"\(variable.name.value)\" would hide what the URL of every report "
                    + "can say", hint: "give it another name")
        }
        return Report(
            name: name, document: source, operation: operation, schema: model.schema,
            codecs: model.codecs)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func problem(
        _ source: Source, _ offset: Int, _ message: String, hint: String?
    ) -> ModelErrors {
        let location = source.location(at: offset)
        return ModelErrors(problems: [
            ModelProblem(
                file: source.name, line: location.line, column: location.column,
                message: withoutFullStop(message), hint: hint)
        ])
    }

    private static func withoutFullStop(_ message: String) -> String {
        message.hasSuffix(".") ? String(message.dropLast()) : message
    }
}
