import GraphQL
import Store

/// Which rows one viewer may see and change: the row rules of the viewer's role with the viewer's
/// own ids in them. Made for one operation; what it has worked out holds for one version.
///
/// It reads rows itself without being asked, so that a rule may look at what its viewer may not.
final class RowGuards {
    let role: RoleAccess
    let viewer: Viewer
    private let context: EngineContext
    private var guards: [Place: RowGuard] = [:]

    private struct Place: Hashable {
        let table: TableID
        let operation: AccessOperation
    }

    /// The rows of a table that are open.
    private struct RowGuard {
        let condition: Condition
        /// Nil when all rows are.
        let predicate: Predicate?
    }

    init(_ role: RoleAccess, _ viewer: Viewer, _ context: EngineContext) {
        self.role = role
        self.viewer = viewer
        self.context = context
    }

    /// Forgets what was worked out of another state of the store.
    func forget() { guards.removeAll(keepingCapacity: true) }

    /// The condition that the rows open to an operation satisfy.
    func condition(_ table: TableID, for operation: AccessOperation, _ view: MeteredView)
        -> Condition
    {
        rowGuard(table, operation, view).condition
    }

    /// Whether a row is open to an operation. O(1) where the table has no row rules.
    func allows(
        _ table: TableID, _ row: RowView, _ ref: RowRef, for operation: AccessOperation,
        _ view: MeteredView
    ) -> Bool {
        let access = role[table]
        guard access.isOpen(to: operation) else { return false }
        if !access.isGuarded(for: operation) { return true }
        guard let predicate = rowGuard(table, operation, view).predicate else { return true }
        return PredicateEvaluator(predicate, view: view.unguarded, table: table).matches(row, ref)
    }

    /// As above, for a row that is to be looked up.
    func allows(
        _ table: TableID, _ ref: RowRef, for operation: AccessOperation, _ view: MeteredView
    ) -> Bool {
        allows(table, view.table(table).row(ref), ref, for: operation, view)
    }

    /// Whether a mutation that a rule answers may be asked for with this input.
    func mayRun(_ mutation: String, _ input: [CoercedField], _ view: MeteredView) -> Bool {
        role.grants(forMutation: mutation).contains { grant in
            grant.demands.allSatisfy { place, demand in
                guard let id = input.text(at: place) else { return false }
                switch demand {
                case .own(let part): return part.value(of: viewer) == id
                case .row(let table, let rule):
                    guard let ref = context.row(id: id, in: table, view.version) else {
                        return false
                    }
                    let condition = condition(rule, table, view)
                    guard let predicate = condition.predicate(context.layouts, table) else {
                        return true
                    }
                    return PredicateEvaluator(predicate, view: view.unguarded, table: table)
                        .matches(view.table(table).row(ref), ref)
                }
            }
        }
    }

    private func rowGuard(_ table: TableID, _ operation: AccessOperation, _ view: MeteredView)
        -> RowGuard
    {
        let place = Place(table: table, operation: operation)
        if let known = guards[place] { return known }
        let condition = made(table, operation, view)
        let made = RowGuard(
            condition: condition, predicate: condition.predicate(context.layouts, table))
        guards[place] = made
        return made
    }

    private func made(_ table: TableID, _ operation: AccessOperation, _ view: MeteredView)
        -> Condition
    {
        var parts: [Condition] = []
        for grant in role[table].grants where grant.allows(operation) {
            guard let rule = grant.rule else { return .always }
            parts.append(condition(rule, table, view))
        }
        return Condition.or(parts).normalized
    }

    private func condition(_ rule: RowRule, _ table: TableID, _ view: MeteredView) -> Condition {
        var variables: [String: CoercedValue] = [:]
        for part in rule.parts {
            guard let id = part.value(of: viewer) else { return .never }
            variables[part.variable] = .string(id)
        }
        do {
            let filter = try substitute(
                rule.filter, type: rule.type, variables: variables, schema: context.model.schema,
                codecs: context.model.codecs)
            return try FilterReader(context: context, view: view.unguarded).condition(
                filter ?? .null, type: rule.type.named, table: table)
        } catch {
            // What was accepted with the schema means something; if ever not, nothing is open.
            return .never
        }
    }
}

extension EngineContext {
    /// What a viewer may see, with all that the data says of the viewer; nil for everything.
    func guards(for viewer: Viewer, _ view: VersionView) -> RowGuards? {
        let viewer = completed(viewer, view)
        return model.access.role(viewer.role).map { RowGuards($0, viewer, self) }
    }
}
