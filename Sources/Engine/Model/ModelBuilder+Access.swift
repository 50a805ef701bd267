import GraphQL
import GraphQLLanguage
import Store

/// Step 9, after the API is generated: `@allow` and `@sensitive`. The condition of an `@allow` is a
/// filter of the API, so it is read as one.
extension ModelBuilder {
    /// Roles that see sensitive fields which name no roles of their own.
    private static let trustedRoles: Set<String> = ["manager", "staff", "member"]

    mutating func accessModel(_ tableModels: [TableModel], _ schema: Schema) -> AccessModel {
        var grants: [[Allow]] = tables.map { _ in [] }
        for table in tables {
            for directive in table.declaration.syntax.directives.named("allow") {
                grants[table.id.index] += allow(directive, on: table, tableModels, schema)
            }
        }
        var fields: [(coordinate: String, roles: [String], grant: FieldGrant)] = []
        for declaration in rootExtensions {
            for field in declaration.syntax.fields {
                for directive in field.directives.named("allow") {
                    guard
                        let grant = fieldGrant(
                            directive, field, declaration, tableModels, schema)
                    else { continue }
                    let coordinate = "\(declaration.name).\(field.name.value)"
                    fields.append((coordinate, roles(of: directive, declaration.file), grant))
                }
            }
        }
        let viewers = tables.map { fieldViewers(of: $0) }
        let introspecting = introspectingRoles()
        var names: [String] = []
        for name in AccessModel.standardRoles + grants.joined().map(\.role)
            + fields.flatMap(\.roles) + introspecting
        where name != AccessModel.administrator && !names.contains(name) {
            names.append(name)
        }
        return AccessModel(
            roles: names.map { name in
                let own = grants.map { $0.filter { $0.role == name }.map(\.grant) }
                var ownFields: [String: [FieldGrant]] = [:]
                for field in fields where field.roles.contains(name) {
                    ownFields[field.coordinate, default: []].append(field.grant)
                }
                return RoleAccess(
                    name: name,
                    tables: zip(tableModels, viewers).map { table, viewers in
                        let grants = own[table.id.index]
                        let masked = masked(table, for: name, viewers)
                        return TableAccess(
                            grants: grants, masked: masked,
                            closed: masked.filter { viewers[relation($0, of: table)] != nil },
                            telling: grants.contains { $0.operations.allow(.read) }
                                ? [] : telling(table),
                            implied: implied(table, own, schema),
                            follows: follows(table, own, schema))
                    }, fields: ownFields,
                    mayIntrospect: AccessModel.operatingRoles.contains(name)
                        || introspecting.contains(name))
            })
    }

    // MARK: Directives

    /// One role of one `@allow` of a table.
    private struct Allow {
        let role: String
        let grant: AccessGrant
    }

    private mutating func allow(
        _ directive: Directive, on table: TableDraft, _ tableModels: [TableModel],
        _ schema: Schema
    ) -> [Allow] {
        let declaration = table.declaration
        var operations = AccessOperations(.read)
        if let given = directive.given("operations") {
            operations = []
            for word in given.items.compactMap(\.text) {
                if let operation = AccessOperation(rawValue: word.value) {
                    operations.insert(AccessOperations(operation))
                } else {
                    problems.report(
                        "there is no operation \"\(word.value)\"",
                        at: declaration.place(word.offset),
                        hint: spellingHint(
                            for: word.value, among: AccessOperation.allCases.map(\.rawValue)))
                }
            }
        }
        var rule: RowRule?
        if let literal = directive.given("where") {
            rule = rowRule(
                literal, on: tableModels[table.id.index], at: declaration, tableModels, schema)
            if rule == nil { return [] }
        }
        let grant = AccessGrant(operations: operations, rule: rule)
        return roles(of: directive, declaration.file).map { Allow(role: $0, grant: grant) }
    }

    private mutating func roles(of directive: Directive, _ file: Int) -> [String] {
        let roles = directive.texts("roles")
        if roles.isEmpty {
            problems.report(
                "this \"@allow\" names no role",
                at: Place(file: file, offset: directive.offset),
                hint: "write: @allow(roles: [\"staff\"])")
        }
        return roles.map(\.value)
    }

    /// - Parameter declaration: where it stands.
    private mutating func rowRule(
        _ literal: Value, on table: TableModel, at declaration: Declaration,
        _ tableModels: [TableModel], _ schema: Schema
    ) -> RowRule? {
        let countBefore = problems.count
        let value = named(literal, declaration)
        guard problems.count == countBefore,
            let type = schema.type(named: Naming.filter(table.name))
        else { return nil }
        let reference = TypeReference(named: type)
        let filter: CoercedValue
        do {
            filter = try coerceLiteral(
                value, to: reference, schema: schema, codecs: scalarCodecs)
        } catch {
            problems.report(
                error.errors.first.map { plain($0.sentence("this \"where\" is no filter")) }
                    ?? "this \"where\" is no filter of \(table.plural)",
                at: declaration.place(literal.offset),
                hint: "it is written like the argument \"filter\" of \(table.plural)")
            return nil
        }
        var parts: [ViewerPart] = []
        if let misplaced = variables(in: filter, reference, schema, &parts) {
            problems.report(
                "\"$\(misplaced)\" stands where no id is asked for",
                at: declaration.place(literal.offset),
                hint: "compare it with an id: {id: {eq: \"$\(misplaced)\"}}")
            return nil
        }
        if case .object(let fields) = filter, fields.isEmpty {
            problems.report(
                "this \"where\" says nothing", at: declaration.place(literal.offset),
                hint: "remove it if all rows are meant")
            return nil
        }
        return RowRule(
            filter: filter, type: reference, parts: parts,
            test: OwnershipTest(filter, type, table, tableModels, schema))
    }

    /// The literal with variables for the texts that name parts of the viewer.
    private mutating func named(_ value: Value, _ declaration: Declaration) -> Value {
        var value = value
        switch value.kind {
        case .string(let text) where text.value.hasPrefix("$"):
            if let part = viewerPart(text.value, at: declaration.place(value.offset)) {
                value.kind = .variable(part.variable)
            }
        case .list(let items):
            value.kind = .list(items.map { named($0, declaration) })
        case .object(let fields):
            value.kind = .object(
                fields.map { field in
                    var field = field
                    field.value = named(field.value, declaration)
                    return field
                })
        default: break
        }
        return value
    }

    private mutating func viewerPart(_ text: String, at place: Place) -> ViewerPart? {
        let prefix = "$viewer."
        if text.hasPrefix(prefix),
            let part = ViewerPart(rawValue: String(text.dropFirst(prefix.count)))
        {
            return part
        }
        problems.report(
            "\"\(text)\" is nothing that is known of a viewer", at: place,
            hint: spellingHint(
                for: text, among: ViewerPart.allCases.map { prefix + $0.rawValue }))
        return nil
    }

    /// Collects the parts of the viewer that a filter asks for.
    /// - Returns: one that does not stand for an id.
    private func variables(
        in value: CoercedValue, _ type: TypeReference, _ schema: Schema,
        _ parts: inout [ViewerPart]
    ) -> String? {
        switch value {
        case .variable(let name):
            guard schema[type].name == ScalarKind.id.rawValue, !type.isList,
                let part = ViewerPart.allCases.first(where: { $0.variable == name })
            else { return name }
            if !parts.contains(part) { parts.append(part) }
            return nil
        case .list(let items):
            for item in items {
                if let name = variables(in: item, type.item, schema, &parts) { return name }
            }
            return nil
        case .object(let fields):
            for field in fields {
                let definition = schema[type].inputFields[field.index]
                if let name = variables(in: field.value, definition.type, schema, &parts) {
                    return name
                }
            }
            return nil
        default: return nil
        }
    }

    /// Who may ask for the schema beside the roles that always may:
    /// `extend type Query @allow(roles: ["partner"], operations: ["INTROSPECT"])`.
    private mutating func introspectingRoles() -> [String] {
        var names: [String] = []
        for declaration in rootExtensions {
            for directive in declaration.syntax.directives.named("allow") {
                let words = directive.given("operations")?.items.compactMap(\.text?.value)
                guard declaration.name == "Query", words == ["INTROSPECT"],
                    directive.argument("where") == nil
                else {
                    problems.report(
                        "an \"@allow\" of \(declaration.name) as a whole is about introspection",
                        at: Place(file: declaration.file, offset: directive.offset),
                        hint: "write: extend type Query @allow(roles: [\"partner\"], operations: "
                            + "[\"INTROSPECT\"])")
                    continue
                }
                names += roles(of: directive, declaration.file)
            }
        }
        return names
    }

    /// `@allow` of a field of Query or Mutation.
    private mutating func fieldGrant(
        _ directive: Directive, _ field: FieldDefinition, _ declaration: Declaration,
        _ tableModels: [TableModel], _ schema: Schema
    ) -> FieldGrant? {
        if let operations = directive.argument("operations") {
            problems.report(
                "\"operations\" has no meaning on a field",
                at: declaration.place(operations.value.offset),
                hint: "remove it: the field is what may be asked for")
        }
        guard let literal = directive.given("where") else { return FieldGrant(demands: []) }
        guard declaration.name == "Mutation", let root = schema.mutationType,
            let input = schema[root].field(field.name.value)?.arguments.first?.type.named
        else {
            problems.report(
                "\"where\" has no meaning on a field of \(declaration.name)",
                at: declaration.place(literal.offset),
                hint: "rows are guarded by the \"@allow\" of their own type")
            return nil
        }
        guard case .object(let entries) = literal.kind, !entries.isEmpty else {
            reportDemand(literal, declaration)
            return nil
        }
        var demands: [(place: Int, demand: FieldGrant.Demand)] = []
        for entry in entries {
            guard let place = schema[input].index(of: entry.name.value) else {
                problems.report(
                    "\"\(schema[input].name)\" has no field \"\(entry.name.value)\"",
                    at: declaration.place(entry.name.offset),
                    hint: spellingHint(
                        for: entry.name.value, among: schema[input].inputFields.map(\.name)))
                return nil
            }
            guard let demand = demand(entry.value, declaration, tableModels, schema) else {
                return nil
            }
            demands.append((place, demand))
        }
        return FieldGrant(demands: demands)
    }

    /// `{eq: "$viewer.memberId"}`, or a filter below the name of a table: `{event: {…}}`.
    private mutating func demand(
        _ literal: Value, _ declaration: Declaration, _ tableModels: [TableModel],
        _ schema: Schema
    ) -> FieldGrant.Demand? {
        guard case .object(let entries) = literal.kind, entries.count == 1 else {
            reportDemand(literal, declaration)
            return nil
        }
        let entry = entries[0]
        if entry.name.value == "eq" {
            guard case .string(let text) = entry.value.kind else {
                reportDemand(literal, declaration)
                return nil
            }
            return viewerPart(text.value, at: declaration.place(entry.value.offset)).map {
                .own($0)
            }
        }
        guard let table = tables.first(where: { $0.singular == entry.name.value }) else {
            problems.report(
                "there is no table \"\(entry.name.value)\"",
                at: declaration.place(entry.name.offset),
                hint: spellingHint(
                    for: entry.name.value, among: ["eq"] + tables.map(\.singular)))
            return nil
        }
        return rowRule(
            entry.value, on: tableModels[table.id.index], at: declaration, tableModels, schema
        ).map { .row(table.id, $0) }
    }

    private mutating func reportDemand(_ literal: Value, _ declaration: Declaration) {
        problems.report(
            "the \"where\" of a mutation cannot be \(literalText(literal))",
            at: declaration.place(literal.offset),
            hint: "it says of ids in the input whose they are: {memberId: {eq: "
                + "\"$viewer.memberId\"}, id: {event: {chapter: {id: {eq: "
                + "\"$viewer.chapterId\"}}}}}")
    }

    // MARK: What follows from it

    /// Which roles the `@allow`s of a field name; nil where it has none.
    private mutating func fieldViewers(of table: TableDraft) -> [String: Set<String>] {
        var viewers: [String: Set<String>] = [:]
        for field in table.fields {
            for directive in field.syntax.directives.named("allow") {
                for argument in ["operations", "where"] {
                    guard let misplaced = directive.argument(argument) else { continue }
                    problems.report(
                        "\"\(argument)\" has no meaning on a field",
                        at: table.declaration.place(misplaced.value.offset),
                        hint: "it belongs to the \"@allow\" of the type; this one says who sees "
                            + "the field")
                }
                viewers[field.name, default: []].formUnion(
                    roles(of: directive, table.declaration.file))
            }
        }
        return viewers
    }

    private func masked(
        _ table: TableModel, for role: String, _ viewers: [String: Set<String>]
    ) -> Set<String> {
        var masked: Set<String> = []
        for field in table.fields {
            let isOpen =
                viewers[relation(field.name, of: table)].map { $0.contains(role) }
                ?? (!field.isSensitive || Self.trustedRoles.contains(role))
            if !isOpen { masked.insert(field.name) }
        }
        return masked
    }

    /// The field that an `@allow` stands on: a reference by id goes with its relation.
    private func relation(_ name: String, of table: TableModel) -> String {
        guard case .referenceID(let column, _) = table.field(name)?.kind else { return name }
        let relation = table.fields.first { other in
            if case .toOne(column, _) = other.kind { true } else { false }
        }
        return relation?.name ?? name
    }

    private func telling(_ table: TableModel) -> Set<String> {
        var names: Set<String> = []
        for field in table.fields {
            switch field.kind {
            case .id: names.insert(field.name)
            case .column(_, .scalar(let kind)) where kind.isText: names.insert(field.name)
            default: continue
            }
        }
        return names
    }

    /// The to-one relations to rows that are open whenever a row of this table is: each of its rules
    /// says of that row what one of that table's own rules says.
    private func implied(_ table: TableModel, _ grants: [[AccessGrant]], _ schema: Schema)
        -> Set<ColumnID>
    {
        columns(table, schema) { column, place, target in
            let own = readRules(grants[table.id.index])
            let theirs = readRules(grants[target.index])
            return !own.isEmpty
                && own.allSatisfy { rule in
                    guard case .object(let fields)? = rule?.filter,
                        let inner = fields.first(where: { $0.index == place })?.value
                    else { return false }
                    return theirs.contains { $0?.filter == inner }
                }
        }
    }

    /// The to-one relations to rows whose own rules, each of them, open the rows of this table too.
    private func follows(_ table: TableModel, _ grants: [[AccessGrant]], _ schema: Schema)
        -> Set<ColumnID>
    {
        columns(table, schema) { column, place, target in
            let own = readRules(grants[table.id.index])
            let theirs = readRules(grants[target.index])
            return !theirs.isEmpty
                && theirs.allSatisfy { rule in
                    guard let rule else { return own.contains { $0 == nil } }
                    let wrapped = CoercedValue.object([
                        CoercedField(index: place, value: rule.filter)
                    ])
                    return own.contains { $0 == nil || $0?.filter == wrapped }
                }
        }
    }

    private func readRules(_ grants: [AccessGrant]) -> [RowRule?] {
        grants.filter { $0.operations.allow(.read) }.map(\.rule)
    }

    private func columns(
        _ table: TableModel, _ schema: Schema, _ isIncluded: (ColumnID, Int, TableID) -> Bool
    ) -> Set<ColumnID> {
        guard let type = schema.type(named: Naming.filter(table.name)) else { return [] }
        var columns: Set<ColumnID> = []
        for field in table.fields {
            guard case .toOne(let column, let target) = field.kind,
                let place = schema[type].index(of: field.name),
                isIncluded(column, place, target)
            else { continue }
            columns.insert(column)
        }
        return columns
    }
}
