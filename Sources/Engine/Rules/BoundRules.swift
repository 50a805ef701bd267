import GraphQL
import Store

/// A field of the schema that names a rule.
public struct RuleUse: Sendable {
    public enum Kind: Sendable { case mutation, field }

    public let kind: Kind
    /// The type that has the field: `Mutation`, `Query`, a table's, a result's.
    public let type: String
    public let field: String
    public let rule: String
}

/// The rules of a library, bound to one model.
final class BoundRules: Sendable {
    struct FieldKey: Hashable, Sendable {
        let type: TypeID
        /// Its place in the type's fields.
        let index: Int
    }

    struct Due: Sendable {
        let rule: any DueRule
        let table: TableID
        let index: IndexID
    }

    /// By the field of Mutation.
    let mutations: [String: any MutationRule]
    let fields: [FieldKey: any FieldRule]
    let due: [Due]
    let schedule: (any ScheduledRule)?
    let observer: (any ChangeObserver)?
    let viewers: (any ViewerRule)?
    /// What the schema lacks: the place among the model's uses, and why.
    let problems: [(use: Int, message: String)]

    init(_ model: Model, _ layouts: ColumnLayouts) {
        let binder = RuleBinder(model, layouts)
        let schema = model.schema
        var mutations: [String: any MutationRule] = [:]
        var fields: [FieldKey: any FieldRule] = [:]
        var problems: [(use: Int, message: String)] = []
        for (place, use) in model.ruleUses.enumerated() {
            guard let type = schema.type(named: use.type),
                let index = schema[type].fields.firstIndex(where: { $0.name == use.field })
            else { continue }
            let definition = schema[type].fields[index]
            let result = definition.type.named
            let isObject = !schema[result].fields.isEmpty
            switch use.kind {
            case .mutation:
                guard let rule = model.rules.mutation(named: use.rule) else { continue }
                let input = schema[definition.arguments[0].type.named]
                binder.begin(inputs: input.inputFields, of: input.name, result: result)
                mutations[use.field] = rule.init(binder)
                binder.finish(ignoring: ["clientMutationId", "idempotencyKey", "dryRun"])
            case .field:
                guard let rule = model.rules.field(named: use.rule) else { continue }
                binder.begin(
                    inputs: definition.arguments, of: "\(use.type).\(use.field)",
                    result: isObject ? result : nil)
                fields[FieldKey(type: type, index: index)] = rule.init(binder)
                binder.finish(ignoring: [])
            }
            for problem in binder.problems { problems.append((place, problem)) }
        }
        self.mutations = mutations
        self.fields = fields
        due = model.rules.due.compactMap { rule in
            guard let table = model.table(named: rule.table),
                case .column(let column, _)? = table.field(rule.field)?.kind,
                let index = table.indexes.first(where: {
                    $0.equality.isEmpty && $0.ordered == column
                })
            else { return nil }
            binder.begin(inputs: [], of: rule.table, result: nil)
            let bound = rule.init(binder)
            for problem in binder.problems { problems.append((0, problem)) }
            return Due(rule: bound, table: table.id, index: index.id)
        }
        var schedule: (any ScheduledRule)?
        var observer: (any ChangeObserver)?
        var viewers: (any ViewerRule)?
        if !model.ruleUses.isEmpty {
            binder.begin(inputs: [], of: "the schedule", result: nil)
            schedule = model.rules.schedule?.init(binder)
            for problem in binder.problems { problems.append((0, problem)) }
            binder.begin(inputs: [], of: "the audit", result: nil)
            observer = model.rules.observer?.init(binder)
            for problem in binder.problems { problems.append((0, problem)) }
            binder.begin(inputs: [], of: "the viewers", result: nil)
            viewers = model.rules.viewers?.init(binder)
            for problem in binder.problems { problems.append((0, problem)) }
        }
        self.schedule = schedule
        self.observer = observer
        self.viewers = viewers
        self.problems = problems
    }

    /// The rows that are due at an instant, by rule.
    func dueRows(_ view: VersionView, at now: Int64, limit: Int) -> [(due: Due, ref: RowRef)] {
        var found: [(due: Due, ref: RowRef)] = []
        for due in due {
            var cursor = view.tree(due.index).cursor(at: .before())
            while found.count < limit, let key = cursor.nextKey(), key.first != KeyEncoding.null,
                KeyEncoding.int64(ordered: key.first) <= now
            {
                found.append((due, Locator(rawValue: key.locator).ref))
            }
        }
        return found
    }

    /// When the next row is due; `Int64.max` for never. O(log n) for each rule.
    func nextDue(_ view: VersionView) -> Int64 {
        var next = Int64.max
        for due in due {
            var cursor = view.tree(due.index).cursor(at: .before())
            guard let key = cursor.nextKey(), key.first != KeyEncoding.null else { continue }
            next = min(next, KeyEncoding.int64(ordered: key.first))
        }
        return next
    }
}
