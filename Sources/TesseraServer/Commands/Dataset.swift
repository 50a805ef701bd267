import Bytes
import Engine
import FoundationEssentials
import Membership
import Store

/// A model and a store filled with data: what queries and servers work on.
struct Dataset {
    let model: Model
    let store: Store

    static let schemaFlag = Flag(
        "schema", .path, "DIR", default: "schema", help: "the folder of the schema files")

    static let importFlag = Flag(
        "import", .path, "DIR", help: "load the data files of this folder")

    static let sizeFlag = Flag(
        "size", .choice(["small", "large"]), "SIZE", default: "small",
        help: "of the sample club: small, or large for ten times as much")

    static let clockFlag = Flag(
        "clock", .time, "TIME", help: "what counts as now; by default the system's time")

    // MARK: Models

    /// The model of `--schema`.
    static func model(_ invocation: Invocation) throws(CommandError) -> Model {
        try model(folder: invocation.text("schema") ?? "schema")
    }

    static func model(folder: String) throws(CommandError) -> Model {
        do {
            return try buildModel(try loadSchemaFiles(folder), rules: membershipRules)
        } catch {
            throw .usage(
                error.description, hint: "\"tessera check\" looks at the schema files alone")
        }
    }

    /// The reports in the folder of a schema.
    static func reports(folder: String, _ model: Model) throws(CommandError) -> ReportLibrary {
        do throws(ModelErrors) {
            return try ReportLibrary(schemaFolder: folder, model)
        } catch {
            throw .usage(
                error.description, hint: "\"tessera check\" looks at schema and reports alone")
        }
    }

    /// The folder with Tessera's own schema: beside the working directory, or above the program.
    static func ownSchemaFolder() throws(CommandError) -> String {
        var candidates = ["schema"]
        if let program = try? FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/self/exe")
        {
            var parts = program.split(separator: "/").dropLast()
            while !parts.isEmpty {
                candidates.append("/" + parts.joined(separator: "/") + "/schema")
                parts = parts.dropLast()
            }
        }
        for candidate in candidates
        where FileManager.default.fileExists(atPath: candidate + "/members.graphql") {
            return candidate
        }
        throw .usage(
            "the schema files of the sample club were not found",
            hint: "run it where Tessera's folder \"schema\" lies, or name the folder with --schema")
    }

    // MARK: Data

    /// The schema of `--schema` with the data of `--import`, or none.
    static func open(
        _ invocation: Invocation, _ terminal: Terminal, model known: Model? = nil
    ) throws(CommandError) -> Dataset {
        let dataset: Dataset
        if let known {
            dataset = Dataset(model: known)
        } else {
            dataset = Dataset(model: try model(invocation))
        }
        if let folder = invocation.text("import") {
            let summary = try dataset.importFolder(
                folder, now: now(invocation), isDryRun: false, terminal)
            ImportReport(summary).write(to: terminal)
        }
        return dataset
    }

    /// The folder with the schema of the sample club.
    static func sampleClubFolder(_ invocation: Invocation) throws(CommandError) -> String {
        if invocation.isGiven("schema"), let given = invocation.text("schema") { return given }
        return try ownSchemaFolder()
    }

    /// The sample club.
    static func sampleClub(_ invocation: Invocation) throws(CommandError) -> Dataset {
        let dataset = Dataset(model: try model(folder: try sampleClubFolder(invocation)))
        do throws(SampleClubError) {
            let size: SampleClub.Size = invocation.text("size") == "large" ? .large : .small
            try SampleClub(size).load(into: dataset.store, dataset.model)
        } catch {
            throw .usage(
                "the sample club does not fit the schema files: \(error)",
                hint: "name Tessera's own schema with --schema, or serve data of your own with "
                    + "\"tessera serve --import\"")
        }
        return dataset
    }

    init(model: Model, store: Store) {
        self.model = model
        self.store = store
    }

    init(model: Model, shardCount: Int = Store.shardCountDefault) {
        self.model = model
        store = Store(
            model.storeDefinition, shardCount: shardCount,
            seed: UInt64.random(in: .min ... .max))
    }

    func importFolder(
        _ folder: String, now: Int64, isDryRun: Bool, _ terminal: Terminal,
        isQuiet: Bool = false
    ) throws(CommandError) -> ImportSummary {
        let progress = ProgressLine(terminal, isQuiet: isQuiet)
        defer { progress.clear() }
        let importer = Importer(
            model: model, store: store, now: now, isDryRun: isDryRun,
            onProgress: { progress.show($0) })
        do {
            return try importer.load(folder: folder)
        } catch {
            throw .usage(error.description)
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z: what `--clock` says, or the system.
    static func now(_ invocation: Invocation) -> Int64 {
        invocation.time("clock") ?? Instant.now
    }
}
