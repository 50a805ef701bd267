import GraphQLLanguage
import Store

/// Step 7: every name that the API will have, once each.
///
/// All names that a table may ever generate are taken, also those it has no use for yet: a new
/// field must not make two names collide that lived together before.
extension ModelBuilder {
    /// Who has a name.
    private struct Owner {
        let what: String
        /// Nil for Tessera itself.
        let place: Place?
    }

    mutating func checkNames() {
        let countBefore = problems.count
        checkQueryFields()
        // What follows from a collision is no news.
        if problems.count == countBefore { checkMutations() }
        checkTypeNames(withWritten: problems.count == countBefore)
        checkGroupKeys()
        checkPrefixes()
    }

    /// - Parameter withWritten: whether the types of mutations count too.
    private mutating func checkTypeNames(withWritten: Bool) {
        var owners: [String: Owner] = [:]
        for name in SharedNames.all { owners[name] = Owner(what: "Tessera", place: nil) }
        for name in declaredNames {
            guard let declaration = declarations[name] else { continue }
            take(
                name, Owner(what: Self.noun(of: declaration), place: declaration.place), &owners,
                kind: "type", hint: "give the type another name")
        }
        let rename = "rename one of the two types"
        for table in tables {
            let place = table.declaration.place
            let written = withWritten ? writtenNames(of: table) : []
            for (name, what) in Self.generatedNames(of: table.name) + written {
                take(
                    name, Owner(what: "the \(what) of \"\(table.name)\"", place: place), &owners,
                    kind: "type", hint: rename)
            }
        }
        let inner =
            values.map { ($0.declaration.name, $0.declaration.place) }
            + enums.compactMap { item in declarations[item.name].map { (item.name, $0.place) } }
        for (name, place) in inner {
            for (generated, what) in [
                (Naming.filter(name), "filter"), (Naming.listFilter(name), "list filter"),
                (Naming.input(name), "input"),
            ] where !isWrittenOut(generated, name) {
                take(
                    generated, Owner(what: "the \(what) of \"\(name)\"", place: place), &owners,
                    kind: "type", hint: rename)
            }
        }
    }

    private static func noun(of declaration: Declaration) -> String {
        switch declaration.role {
        case .table: "the table \"\(declaration.name)\""
        case .enum: "the enum \"\(declaration.name)\""
        case .object: "the type \"\(declaration.name)\""
        case .input: "the input type \"\(declaration.name)\""
        case .refused: "\"\(declaration.name)\""
        }
    }

    private static func generatedNames(of type: String) -> [(String, String)] {
        [
            (Naming.edge(type), "edge"), (Naming.connection(type), "connection"),
            (Naming.aggregate(type), "aggregate"), (Naming.distinct(type), "distinct counts"),
            (Naming.minMax(type), "minima and maxima"), (Naming.numbers(type), "sums"),
            (Naming.averages(type), "averages"), (Naming.filter(type), "filter"),
            (Naming.listFilter(type), "list filter"), (Naming.sumFilter(type), "sum filter"),
            (Naming.orderBy(type), "order"), (Naming.listOrderBy(type), "list order"),
            (Naming.sumOrderBy(type), "sum order"), (Naming.group(type), "group"),
            (Naming.groupKeys(type), "group keys"), (Naming.groupField(type), "key names"),
            (Naming.groupBy(type), "grouping"), (Naming.groupOrderBy(type), "group order"),
            (Naming.having(type), "group filter"),
            (Naming.averageFilter(type), "average filter"),
        ]
    }

    /// Whether schema files declare the input of a value themselves, as it would be generated.
    private mutating func isWrittenOut(_ generated: String, _ name: String) -> Bool {
        guard let input = declarations[generated], input.role == .input,
            generated == Naming.input(name),
            let value = values.first(where: { $0.declaration.name == name })
        else { return false }
        let wanted = value.declaration.syntax.fields.map { field in
            var type = typeText(field.type)
            if case .object = declarations[field.type.name.value]?.role {
                type = type.replacing(
                    field.type.name.value, with: Naming.input(field.type.name.value))
            }
            return "\(field.name.value): \(type)"
        }
        let declared = input.syntax.inputFields.map { "\($0.name.value): \(typeText($0.type))" }
        if declared != wanted {
            problems.report(
                "the input \"\(generated)\" has other fields than \"\(name)\"", at: input.place,
                hint: "write: input \(generated) { \(wanted.joined(separator: " ")) }")
        }
        return true
    }

    /// What the mutations of a table are called, those that rules replace left out.
    private func writtenNames(of table: TableDraft) -> [(String, String)] {
        let names = Self.mutationNames(of: table)
        var replaced: Set<String> = []
        for kind in names.kinds where ruleMutations.contains(names.field(kind)) {
            replaced.formUnion([names.input(kind), names.payload(kind)])
        }
        var all = [(Naming.patch(table.name), "patch")]
        for kind in names.kinds { all.append((names.input(kind), "input of a mutation")) }
        // Upserts by several keys have one payload together.
        for name in Set(names.kinds.map(names.payload)).sorted() {
            all.append((name, "payload of a mutation"))
        }
        return all.filter { !replaced.contains($0.0) }
    }

    /// The fields of Mutation that rules answer.
    private var ruleMutations: Set<String> {
        Set(
            rootExtensions.filter { $0.name == "Mutation" }
                .flatMap { $0.syntax.fields.map(\.name.value) })
    }

    private static func mutationNames(of table: TableDraft) -> MutationNames {
        MutationNames(
            type: table.name, singular: table.singular, plural: table.plural,
            lookUps: table.keys.map { Naming.lookUp(table.singular, by: $0.fields) })
    }

    private mutating func checkMutations() {
        var owners: [String: Owner] = [:]
        for table in tables {
            let place = table.declaration.place
            let names = Self.mutationNames(of: table)
            for kind in names.kinds {
                take(
                    names.field(kind),
                    Owner(what: "a mutation of \"\(table.name)\"", place: place), &owners,
                    kind: "field of Mutation", hint: "rename one of the two types")
            }
            guard !table.directive.write.isEmpty else { continue }
            checkPayload(of: table)
            checkInputs(of: table)
        }
    }

    /// The fields that all payloads have beside the table's own.
    private mutating func checkPayload(of table: TableDraft) {
        let shared = [
            "clientMutationId", "userErrors", "replayed", "query", "created", "deletedId", "count",
        ]
        for name in [table.singular, Naming.edgeField(table.singular), table.plural]
        where shared.contains(name) {
            problems.report(
                "the field \"\(name)\" of the payloads of \"\(table.name)\" would be two things",
                at: table.declaration.place, hint: "give the table another name")
        }
    }

    /// The fields that inputs have beside those of the table.
    private mutating func checkInputs(of table: TableDraft) {
        let keyFields = Set(table.keys.flatMap(\.fields))
        for field in table.fields {
            let isTaken =
                ["clientMutationId", "idempotencyKey"].contains(field.name)
                || keyFields.contains(field.name)
                    && ["set", "expectedVersion"].contains(field.name)
            guard isTaken else { continue }
            problems.report(
                "the field \"\(field.name)\" of the inputs of \"\(table.name)\" would be two things",
                at: table.declaration.place(field.syntax.name.offset),
                hint: "give the field another name")
        }
    }

    private mutating func checkQueryFields() {
        var owners: [String: Owner] = [:]
        for name in ["node", "nodes"] { owners[name] = Owner(what: "Tessera", place: nil) }
        for table in tables {
            let place = table.declaration.place
            let plural = table.directive.plural.map { table.declaration.place($0.offset) }
            take(
                table.singular, Owner(what: "the look-up of \"\(table.name)\"", place: place),
                &owners, kind: "field of Query", hint: "give the table another name")
            take(
                table.plural, Owner(what: "the list of \"\(table.name)\"", place: plural ?? place),
                &owners, kind: "field of Query",
                hint: "give one of them another name for its list: @table(plural: \"…\")")
            for key in table.keys {
                let name = Naming.lookUp(table.singular, by: key.fields)
                take(
                    name, Owner(what: "a key of \"\(table.name)\"", place: key.place), &owners,
                    kind: "field of Query", hint: "rename one of the two types")
            }
        }
    }

    /// Keys over a relation have a name of two fields.
    private mutating func checkGroupKeys() {
        for table in tables {
            var owners: [String: GroupField] = [:]
            for field in GroupFields.all(of: table.id, { tables[$0.index].groupSources }) {
                guard let other = owners.updateValue(field, forKey: field.value) else { continue }
                let declared = table.field(field.origin[0])?.syntax.name.offset
                problems.report(
                    "the key \(field.value) of groups of \"\(table.name)\" would be two things: "
                        + "\"\(other.origin.joined(separator: "."))\" and "
                        + "\"\(field.origin.joined(separator: "."))\"",
                    at: declared.map(table.declaration.place) ?? table.declaration.place,
                    hint: "give one of the fields another name")
            }
        }
    }

    private mutating func checkPrefixes() {
        var owners: [String: TableDraft] = [:]
        for table in tables {
            let declaration = table.declaration
            let place = declaration.place(
                table.directive.idPrefix?.offset ?? declaration.syntax.name.offset)
            if let other = owners[table.idPrefix] {
                problems.report(
                    "the ids of \"\(table.name)\" and of \"\(other.name)\" both begin with "
                        + "\"\(table.idPrefix)_\"", at: place,
                    hint: "give one of them another: @table(idPrefix: \"…\")")
            } else {
                owners[table.idPrefix] = table
            }
        }
    }

    private mutating func take(
        _ name: String, _ owner: Owner, _ owners: inout [String: Owner], kind: String, hint: String
    ) {
        guard let other = owners[name], let place = owner.place else {
            owners[name] = owner
            return
        }
        // Of a declared type and a generated one, the declared one is easier to rename.
        problems.report(
            "the \(kind) \"\(name)\" would be two things: \(other.what) and \(owner.what)",
            at: place,
            hint: other.place.map { "\(hint); the other is at \(problems.describe($0))" } ?? hint)
    }
}

/// The names of types that every API has, or has when a table asks for them.
enum SharedNames {
    static let dateBucket = "DateBucket"

    static let all: [String] =
        [
            "Query", "Mutation", "Subscription", "Node", "PageInfo", "OrderDirection", "Literal",
            "UserError", "ErrorCode", FilterOperator.monthDayFilter, dateBucket,
        ]
        + ScalarKind.allCases.map(\.rawValue)
        + ScalarKind.allCases.flatMap {
            [Naming.filter($0.rawValue), Naming.listFilter($0.rawValue)]
        }
}
