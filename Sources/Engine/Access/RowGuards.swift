import GraphQL
import Store

/// Which rows one viewer may see and change: the row rules of the viewer's role with the viewer's
/// own ids in them.
///
/// It reads rows itself without being asked, so that a rule may look at what its viewer may not.
/// What it has worked out is forgotten when it is asked about another version.
final class RowGuards {
    let role: RoleAccess
    let viewer: Viewer
    private let context: EngineContext
    private let constants: RuleConstants
    /// Where the rest comes from.
    private var sequence: UInt64 = 0
    /// The rows that the parts of the viewer name, by the parts' numbers.
    private var named = [NamedRow?](repeating: nil, count: ViewerPart.allCases.count)
    private var filters: [ObjectIdentifier: RowFilter] = [:]
    private var conditions: [Place: Condition] = [:]

    private struct NamedRow {
        let table: TableID
        let ref: RowRef?
    }

    private struct Place: Hashable {
        let table: TableID
        let operation: AccessOperation
    }

    init(
        _ role: RoleAccess, _ viewer: Viewer, _ context: EngineContext, _ constants: RuleConstants
    ) {
        self.role = role
        self.viewer = viewer
        self.context = context
        self.constants = constants
    }

    /// Forgets what was worked out of another state of the same version.
    func forget() {
        for part in named.indices { named[part] = nil }
        filters.removeAll(keepingCapacity: true)
        conditions.removeAll(keepingCapacity: true)
    }

    /// The condition that the rows open to an operation satisfy.
    func condition(_ table: TableID, for operation: AccessOperation, _ view: MeteredView)
        -> Condition
    {
        let access = role[table]
        guard access.isOpen(to: operation) else { return .never }
        if !access.isGuarded(for: operation) { return .always }
        notice(view)
        let place = Place(table: table, operation: operation)
        if let known = conditions[place] { return known }
        var parts: [Condition] = []
        for grant in access.grants where grant.operations.allow(operation) {
            guard let rule = grant.rule else { return .always }
            parts.append(condition(rule, table, view))
        }
        let condition = Condition.or(parts).normalized
        conditions[place] = condition
        return condition
    }

    /// Whether a row is open to an operation. O(1) where the table has no row rules.
    func allows(
        _ table: TableID, _ ref: RowRef, for operation: AccessOperation, _ view: MeteredView
    ) -> Bool {
        let access = role[table]
        guard access.isOpen(to: operation) else { return false }
        if !access.isGuarded(for: operation) { return true }
        notice(view)
        return access.grants.contains { grant in
            guard grant.operations.allow(operation) else { return false }
            return grant.rule.map { holds($0, of: ref, in: table, view) } ?? true
        }
    }

    /// Whether a mutation that a rule answers may be asked for with this input.
    func mayRun(_ mutation: String, _ input: [CoercedField], _ view: MeteredView) -> Bool {
        notice(view)
        return role.grants(forMutation: mutation).contains { grant in
            grant.demands.allSatisfy { place, demand in
                guard let id = input.text(at: place) else { return false }
                switch demand {
                case .own(let part): return part.value(of: viewer) == id
                case .row(let table, let rule):
                    guard let ref = context.row(id: id, in: table, view.version) else {
                        return false
                    }
                    return holds(rule, of: ref, in: table, view)
                }
            }
        }
    }

    private func notice(_ view: MeteredView) {
        if view.version.sequence == sequence { return }
        forget()
        sequence = view.version.sequence
    }

    // MARK: Rules of the usual forms

    private func holds(_ rule: RowRule, of ref: RowRef, in table: TableID, _ view: MeteredView)
        -> Bool
    {
        guard rule.parts.allSatisfy({ $0.value(of: viewer) != nil }) else { return false }
        if let test = rule.test { return passes(test, ref, table, view) }
        guard let predicate = filter(rule, table, view).predicate else { return true }
        return PredicateEvaluator(predicate, view: view.unguarded, table: table)
            .matches(view.table(table).row(ref), ref)
    }

    private func passes(_ test: OwnershipTest, _ ref: RowRef, _ table: TableID, _ view: MeteredView)
        -> Bool
    {
        switch test {
        case .own(let part): return row(part, table, view) == ref
        case .within(let part, let parent):
            guard let top = row(part, table, view) else { return false }
            let rows = view.table(table)
            let column = context.layouts.column(table, parent)
            var next = ref
            // Rows that stand below each other in a circle have no top.
            for _ in 0...rows.count {
                if next == top { return true }
                let row = rows.row(next)
                guard view.meter.visit(1), !row.isNull(column) else { return false }
                next = row.reference(column)
            }
            return false
        case .behind(let column, let target, let inner):
            let row = view.table(table).row(ref)
            let column = context.layouts.column(table, column)
            return !row.isNull(column) && passes(inner, row.reference(column), target, view)
        case .any(let tests): return tests.contains { passes($0, ref, table, view) }
        case .all(let tests): return tests.allSatisfy { passes($0, ref, table, view) }
        }
    }

    private func condition(_ test: OwnershipTest, _ table: TableID, _ view: MeteredView)
        -> Condition
    {
        switch test {
        case .own(let part):
            return row(part, table, view).map { .rows([$0.rawValue]) } ?? .never
        case .within(let part, _):
            guard let top = row(part, table, view) else { return .never }
            return .rows(
                FilterReader(context: context, view: view.unguarded)
                    .subtree(of: top, context.model[table]))
        case .behind(let column, let target, let inner):
            return .toOne(column, target, condition(inner, target, view))
        case .any(let tests): return .or(tests.map { condition($0, table, view) })
        case .all(let tests): return .and(tests.map { condition($0, table, view) })
        }
    }

    /// The row that a part of the viewer names. Two different tables for one part are legal, and not
    /// worth a second place.
    private func row(_ part: ViewerPart, _ table: TableID, _ view: MeteredView) -> RowRef? {
        if let known = named[part.number], known.table == table { return known.ref }
        let ref = part.value(of: viewer).flatMap { context.row(id: $0, in: table, view.version) }
        named[part.number] = NamedRow(table: table, ref: ref)
        return ref
    }

    // MARK: Rules that are filters

    private func condition(_ rule: RowRule, _ table: TableID, _ view: MeteredView) -> Condition {
        guard rule.parts.allSatisfy({ $0.value(of: viewer) != nil }) else { return .never }
        if let test = rule.test { return condition(test, table, view) }
        return filter(rule, table, view).condition
    }

    private func filter(_ rule: RowRule, _ table: TableID, _ view: MeteredView) -> RowFilter {
        if let known = constants[rule] ?? filters[ObjectIdentifier(rule)] { return known }
        let reader = FilterReader(context: context, view: view.unguarded)
        let condition = condition(rule, table, reader)
        let made = RowFilter(
            condition: condition, predicate: condition.predicate(context.layouts, table))
        if rule.parts.isEmpty && !reader.namesRows(rule.filter, type: rule.type.named) {
            constants[rule] = made
        } else {
            filters[ObjectIdentifier(rule)] = made
        }
        return made
    }

    private func condition(_ rule: RowRule, _ table: TableID, _ reader: FilterReader) -> Condition {
        var variables: [String: CoercedValue] = [:]
        for part in rule.parts {
            variables[part.variable] = part.value(of: viewer).map { .string($0) }
        }
        do {
            let filter = try substitute(
                rule.filter, type: rule.type, variables: variables, schema: context.model.schema,
                codecs: context.model.codecs)
            return try reader.condition(filter ?? .null, type: rule.type.named, table: table)
        } catch {
            // What was accepted with the schema means something; if ever not, nothing is open.
            return .never
        }
    }
}

/// A row rule that was read as a filter.
struct RowFilter {
    let condition: Condition
    /// Nil when all rows match.
    let predicate: Predicate?
}

/// The rules that mean the same for every viewer in every version.
final class RuleConstants {
    private var filters: [ObjectIdentifier: RowFilter] = [:]

    subscript(rule: RowRule) -> RowFilter? {
        get { filters[ObjectIdentifier(rule)] }
        set { filters[ObjectIdentifier(rule)] = newValue }
    }
}

/// The guards of those who asked last. Each session has one, on its thread.
final class GuardCache {
    private let context: EngineContext
    private let constants = RuleConstants()
    private var known: [String: Known] = [:]
    /// Viewers that are remembered. Reason: each takes about a kilobyte.
    private static let viewersMax = 1024

    private struct Known {
        let viewer: Viewer
        let sequence: UInt64
        let guards: RowGuards?
    }

    init(_ context: EngineContext) {
        self.context = context
    }

    /// What a viewer may see, with all that the data says of the viewer; nil for everything.
    func guards(for viewer: Viewer, _ view: VersionView) -> RowGuards? {
        if let known = known[viewer.name], known.sequence == view.sequence,
            known.viewer == viewer
        {
            return known.guards
        }
        let guards = made(for: viewer, view)
        if known.count >= Self.viewersMax { known.removeAll(keepingCapacity: true) }
        known[viewer.name] = Known(viewer: viewer, sequence: view.sequence, guards: guards)
        return guards
    }

    /// As above, for a state of the store that can change without a new version.
    func made(for viewer: Viewer, _ view: VersionView) -> RowGuards? {
        let viewer = context.completed(viewer, view)
        return context.model.access.role(viewer.role).map {
            RowGuards($0, viewer, context, constants)
        }
    }
}
