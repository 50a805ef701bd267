import GraphQL
import Store
import Synchronization

/// One `groupBy` of a document.
final class GroupPlan: Sendable {
    let table: TableID
    let arguments: GroupArguments
    /// The columns of all aggregates that the groups show.
    let columns: [AggregateColumn]
    /// `first` of each `nodes` that the groups show.
    let nodeSizes: [ArgumentPlan]
    private let fixed = AtomicLazyReference<ResolvedGrouping>()

    init(
        table: TableID, arguments: GroupArguments, columns: [AggregateColumn],
        nodeSizes: [ArgumentPlan]
    ) {
        self.table = table
        self.arguments = arguments
        self.columns = columns
        self.nodeSizes = nodeSizes
    }

    /// The grouping as one request means it; without variables, as the first request found it.
    func resolved(by resolver: GroupResolver) throws(ArgumentError) -> ResolvedGrouping {
        guard arguments.isFixed else { return try resolver.resolve(self) }
        if let known = fixed.load() { return known }
        return fixed.storeIfNil(try resolver.resolve(self))
    }
}

/// The arguments of `groupBy`.
struct GroupArguments: Sendable {
    /// Groups of an answer when the query does not say.
    static let sizeDefault = 1000
    /// Rows of a group when the query does not say.
    static let nodesDefault = 10

    private let plans: [ArgumentPlan]

    /// - Parameter plans: in the order of the definition.
    init(_ plans: [ArgumentPlan]) {
        self.plans = plans
        precondition(
            plans.map(\.definition.name) == ["by", "timeZone", "having", "orderBy", "first"])
    }

    var by: ArgumentPlan { plans[0] }
    var timeZone: ArgumentPlan { plans[1] }
    var having: ArgumentPlan { plans[2] }
    var orderBy: ArgumentPlan { plans[3] }
    var first: ArgumentPlan { plans[4] }

    var isFixed: Bool { plans.allSatisfy(\.isFixed) }
}

/// A grouping whose arguments have values.
final class ResolvedGrouping: Sendable {
    /// What groups are compared by.
    enum Measure: Sendable {
        /// A place in the request's keys.
        case key(Int)
        case count
        /// A place in the request's aggregates.
        case aggregate(Int)
    }

    struct OrderKey: Sendable {
        let measure: Measure
        var isDescending = false
        var nullsFirst = false
    }

    let request: GroupRequest
    /// By the places of `XGroupField`: the key's place in the request, or nil.
    let places: [Int?]
    /// Which groups are shown; its columns are places in `measures`.
    let having: Condition
    let measures: [Measure]
    /// All keys are at its end, so that no two groups are equal.
    let order: [OrderKey]
    /// The tables of keys that are rows; beside the request's keys.
    let targets: [TableID?]
    /// Groups at the most.
    let size: Int
    /// For error messages, beside the request's aggregates: `sum.amount`.
    let names: [String]

    init(
        request: GroupRequest, places: [Int?], having: Condition, measures: [Measure],
        order: [OrderKey], targets: [TableID?], size: Int, names: [String]
    ) {
        self.request = request
        self.places = places
        self.having = having
        self.measures = measures
        self.order = order
        self.targets = targets
        self.size = size
        self.names = names
    }
}
