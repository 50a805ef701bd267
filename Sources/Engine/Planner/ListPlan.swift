import GraphQL
import Store
import Synchronization

/// An argument as the document gives it: absent, or coerced with variables left in it.
struct ArgumentPlan: Sendable {
    let definition: InputValue
    private(set) var value: CoercedValue?
    /// Whether no variables stand in the value.
    private(set) var isFixed = true

    init(definition: InputValue, value: CoercedValue?) {
        self.definition = definition
        if let value { give(value) }
    }

    mutating func give(_ value: CoercedValue) {
        self.value = value
        isFixed = !value.hasVariables
    }

    /// The value that the executor gets; nil when there is none.
    /// - Parameter variables: looked at only when the value depends on them.
    func value(
        variables: @autoclosure () -> [String: CoercedValue], _ model: Model
    ) throws(ArgumentError) -> CoercedValue? {
        if isFixed, let value { return value }
        do {
            return try argumentValue(
                value, of: definition, variables: variables(), schema: model.schema,
                codecs: model.codecs)
        } catch {
            throw ArgumentError(
                error.errors.first?.sentence("Argument \"\(definition.name)\" has invalid value")
                    ?? "Argument \"\(definition.name)\" has an invalid value.")
        }
    }
}

/// The arguments of a connection.
struct ListArguments: Sendable {
    /// The first ones that every connection has, in this order.
    private enum Name: String, CaseIterable {
        case filter, orderBy, first, after, last, before, offset
    }

    private let plans: [ArgumentPlan]

    /// - Parameter plans: in the order of the definition.
    init(_ plans: [ArgumentPlan]) {
        self.plans = plans
        precondition(plans.count >= Name.allCases.count, "every connection has these arguments")
        assert(zip(plans, Name.allCases).allSatisfy { $0.definition.name == $1.rawValue })
    }

    var filter: ArgumentPlan { plans[0] }
    var orderBy: ArgumentPlan { plans[1] }
    var first: ArgumentPlan { plans[2] }
    var after: ArgumentPlan { plans[3] }
    var last: ArgumentPlan { plans[4] }
    var before: ArgumentPlan { plans[5] }
    var offset: ArgumentPlan { plans[6] }

    /// True when neither variables nor ids of rows can change what the list means.
    var isFixed: Bool {
        filter.value == nil && plans.allSatisfy(\.isFixed)
    }
}

/// One connection field of a document.
final class ListPlan: Sendable {
    let table: TableID
    /// The relation from the owner; nil at the root.
    let relation: ToManyModel?
    let arguments: ListArguments
    let needs: ListNeeds
    /// The list with everything decided, where that can be done before any request.
    let fixed: ResolvedList?
    private let decisions = AtomicLazyReference<ListDecisions>()

    init(
        table: TableID, relation: ToManyModel?, arguments: ListArguments, needs: ListNeeds,
        fixed: ResolvedList?
    ) {
        self.table = table
        self.relation = relation
        self.arguments = arguments
        self.needs = needs
        self.fixed = fixed
    }

    /// The list as one request means it. What is the same for all requests is decided by the first.
    func resolved(by resolver: ListResolver) throws(ArgumentError) -> ResolvedList {
        let known =
            decisions.load()
            ?? decisions.storeIfNil(resolver.decisions(arguments, table: table))
        return try resolver.resolve(arguments, known, table: table, relation: relation, needs)
    }
}

/// What a list means by its `orderBy` and its `filter`, where neither variables nor ids of rows stand
/// in them. How the rows are found is not decided: that depends on how many there are.
final class ListDecisions: Sendable {
    let order: SortOrder?
    let condition: Condition?

    static let none = ListDecisions(order: nil, condition: nil)

    init(order: SortOrder?, condition: Condition?) {
        self.order = order
        self.condition = condition
    }
}

/// A list whose arguments have values: where its rows come from, in which order, and which of them
/// make the page. The owner of a nested list is filled in for each of its rows.
final class ResolvedList: Sendable {
    let table: TableID
    let source: ListSource
    let order: SortOrder
    /// Rows of the page at the most.
    let size: Int
    /// The page is the end of the list.
    let isFromEnd: Bool
    let offset: Int
    let after: CursorPosition?
    let before: CursorPosition?
    /// Numbers of rows that would tell of single ones, where the viewer may count rows but not see
    /// them.
    let hiddenCounts: Range<Int>

    init(
        table: TableID, source: ListSource, order: SortOrder, size: Int, isFromEnd: Bool,
        offset: Int, after: CursorPosition?, before: CursorPosition?,
        hiddenCounts: Range<Int> = 0..<0
    ) {
        self.table = table
        self.source = source
        self.order = order
        self.size = size
        self.isFromEnd = isFromEnd
        self.offset = offset
        self.after = after
        self.before = before
        self.hiddenCounts = hiddenCounts
    }

    /// The common case: the first rows of an index range, with nothing to skip, test or sort.
    var isPlainStart: Bool {
        source.kind == .index && source.isOrdered && !source.isFiltered && !source.isUnion
            && !isFromEnd && offset == 0 && after == nil && before == nil
    }
}

/// Gives the arguments of a list their values and chooses its source.
struct ListResolver {
    let context: EngineContext
    let view: MeteredView
    let variables: [String: CoercedValue]
    /// Whose plan it is; nil when everything may be seen.
    let role: RoleAccess?
    /// All rows are wanted where nothing is said, and as many as are said: for tables, which are
    /// never held as a whole.
    var isUnlimited = false

    /// What can be decided once for all requests. What is wrong with the arguments is told when the
    /// field is executed.
    func decisions(_ arguments: ListArguments, table: TableID) -> ListDecisions {
        var condition: Condition?
        // What a filter finds behind relations depends on who asks.
        if role == nil, let filter = arguments.filter.value, arguments.filter.isFixed {
            let reader = FilterReader(context: context, view: view)
            if !reader.namesRows(filter, type: arguments.filter.definition.type.named) {
                condition = try? self.condition(arguments, table)
            }
        }
        return ListDecisions(
            order: arguments.orderBy.isFixed ? try? order(arguments, table) : nil,
            condition: condition)
    }

    func resolve(
        _ arguments: ListArguments, _ decided: ListDecisions, table: TableID,
        relation: ToManyModel?, _ needs: ListNeeds
    ) throws(ArgumentError) -> ResolvedList {
        let (size, isFromEnd) = try pageSize(arguments)
        let offset = try integer(arguments.offset) ?? 0
        if offset < 0 {
            throw ArgumentError("offset is \(offset); it cannot be negative.")
        }
        if offset > 0 && isFromEnd {
            throw ArgumentError(
                "offset and last are both given.", hint: "Use offset with first.")
        }
        let order =
            if let known = decided.order { known } else { try order(arguments, table) }
        var condition =
            if let known = decided.condition { known } else { try condition(arguments, table) }
        var operation = needs.rows ? AccessOperation.read : .aggregate
        var hiddenCounts = 0..<0
        if let role, !needs.rows, role[table].countsUnseen {
            let isChosen = try value(arguments.filter) != nil
            if isChosen && role[table].isOpen(to: .read) {
                // Rows are chosen among those only that may be seen.
                operation = .read
            } else {
                // Where rows are chosen, that there is none tells as much as that there is one.
                hiddenCounts = (isChosen ? 0 : 1)..<RoleAccess.countedRowsMin
            }
        }
        if let guards = view.guards, relation.map({ !guards.role.follows($0) }) ?? true {
            let open = guards.condition(table, for: operation, view)
            condition = Condition.and([open, condition]).normalized
        }
        let after = try cursor(arguments.after, order)
        let before = try cursor(arguments.before, order)
        let source: ListSource
        if let relation, relation.targetColumn != nil {
            source = links(relation, condition)
        } else {
            source = AccessPath(
                context: context, view: view, table: table, ownerColumn: relation?.ownerColumn,
                order: order, needs: needs, pageRows: size + 1, skippedRows: offset
            ).choose(condition)
        }
        return ResolvedList(
            table: table, source: source, order: order, size: size, isFromEnd: isFromEnd,
            offset: offset, after: after, before: before, hiddenCounts: hiddenCounts)
    }

    private func order(_ arguments: ListArguments, _ table: TableID) throws(ArgumentError)
        -> SortOrder
    {
        guard let value = try value(arguments.orderBy) else {
            return context.creationOrder(of: table)
        }
        return try OrderReader(context: context, role: role).order(
            value, type: arguments.orderBy.definition.type.named, table: table)
    }

    private func condition(_ arguments: ListArguments, _ table: TableID) throws(ArgumentError)
        -> Condition
    {
        guard let value = try value(arguments.filter) else { return .always }
        return try FilterReader(context: context, view: view).condition(
            value, type: arguments.filter.definition.type.named, table: table)
    }

    /// The rows behind a table between two others: gathered, then sorted.
    private func links(_ relation: ToManyModel, _ condition: Condition) -> ListSource {
        if case .never = condition { return ListSource(kind: .empty, isOrdered: true) }
        var source = ListSource(kind: .links)
        source.relation = context.relation(relation)
        source.residual = condition.predicate(context.layouts, relation.target)
        source.name =
            "\(context.model[relation.linkTable].name)(\(context.model.columnName(relation.linkTable, relation.ownerColumn)))"
        return source
    }

    /// How many rows the page has at the most, and whether it is the end of the list.
    func pageSize(_ arguments: ListArguments) throws(ArgumentError) -> (Int, Bool) {
        let first = try integer(arguments.first)
        let last = try integer(arguments.last)
        if first != nil && last != nil {
            throw ArgumentError(
                "first and last are both given.", hint: "Page forwards or backwards, not both.")
        }
        let size =
            first ?? last ?? (isUnlimited ? Int(UInt32.max) : context.limits.pageRowsDefault)
        let name = last == nil ? "first" : "last"
        if size < 0 { throw ArgumentError("\(name) is \(size); it cannot be negative.") }
        if size > context.limits.pageRowsMax, !isUnlimited {
            throw ArgumentError(
                "\(name) is \(size); a page has at most \(context.limits.pageRowsMax) rows.",
                hint: "Ask for less and page on with after: pageInfo.endCursor.")
        }
        return (size, last != nil)
    }

    private func value(_ argument: ArgumentPlan) throws(ArgumentError) -> CoercedValue? {
        let value = try argument.value(variables: variables, context.model)
        return value == .null ? nil : value
    }

    private func integer(_ argument: ArgumentPlan) throws(ArgumentError) -> Int? {
        guard case .int(let number) = try value(argument) else { return nil }
        return Int(number)
    }

    private func cursor(_ argument: ArgumentPlan, _ order: SortOrder) throws(ArgumentError)
        -> CursorPosition?
    {
        guard case .string(var text) = try value(argument) else { return nil }
        let position = text.withUTF8 { unsafe CursorCoding.read(UnsafeRawBufferPointer($0), order) }
        guard let position else {
            throw ArgumentError(
                "\(argument.definition.name) is not a cursor of this list in this order.",
                hint: "Take cursors from pageInfo or edges of the same list with the same orderBy.",
                code: .badCursor)
        }
        return position
    }
}

extension Model {
    /// The name of the field that a column holds, for explanations.
    func columnName(_ table: TableID, _ column: ColumnID) -> String {
        storeDefinition.tables[table.index].columns[column].name
    }
}
