import Engine
import Membership
import GraphQL

let checkCommand = Command(
    name: "check", purpose: "check the schema files and reports",
    arguments: [], flags: [Dataset.schemaFlag],
    examples: [
        "tessera check", "tessera check --schema club/schema",
        "tessera check && tessera serve --import club-data",
    ],
    run: { invocation, terminal throws(CommandError) in
        let folder = invocation.text("schema") ?? ""
        let model: Model
        let reports: ReportLibrary
        do throws(ModelErrors) {
            model = try buildModel(try loadSchemaFiles(folder), rules: membershipRules)
            reports = try ReportLibrary(schemaFolder: folder, model)
        } catch {
            terminal.note(error.description)
            let count = error.problems.count
            terminal.note("\(folder): \(count) problem\(count == 1 ? "" : "s")")
            return .problems
        }
        terminal.write(checkSummary(model, reports, folder))
        return .success
    })

/// What the schema files make.
private func checkSummary(
    _ model: Model, _ reports: ReportLibrary, _ folder: String
) -> String {
    let fields = model.tables.reduce(0) { $0 + $1.fields.count }
    let indexes = model.storeDefinition.indexes.count
    let introspection = introspectionByteCount(model)
    return """
        \(folder): no problems
          tables         \(model.tables.count)
          fields         \(fields)
          values         \(model.values.count)
          enums          \(model.enums.count)
          indexes        \(indexes), and two for each table
          API types      \(model.schema.types.count)
          reports        \(reports.reports.count)
          introspection  \((introspection + 512) >> 10) KiB
        """
}
