import Store

/// What the domain brings to the engine: rules, which the schema files name, and the codes that they
/// refuse with. Adding a rule is one type, and one line where the library is made.
public struct RuleLibrary: Sendable {
    /// What `@rule` on a field of Mutation can name.
    public var mutations: [any MutationRule.Type]
    /// What `@computed` on a field of a table, and `@rule` on a field of Query or of a result, can
    /// name.
    public var fields: [any FieldRule.Type]
    /// What the clock changes.
    public var due: [any DueRule.Type]
    /// What is done by itself from time to time.
    public var schedule: (any ScheduledRule.Type)?
    /// Who is told of each row that a mutation is about.
    public var observer: (any ChangeObserver.Type)?
    /// Who knows more of a viewer than the credential says.
    public var viewers: (any ViewerRule.Type)?
    /// What `@computed(rule:, stored: true)` can name: whose business a stored field is.
    public var keepers: Set<String>
    /// Beside those that need no rule.
    public var errorCodes: [ErrorCode]

    public init(
        mutations: [any MutationRule.Type] = [], fields: [any FieldRule.Type] = [],
        due: [any DueRule.Type] = [], schedule: (any ScheduledRule.Type)? = nil,
        observer: (any ChangeObserver.Type)? = nil, viewers: (any ViewerRule.Type)? = nil,
        keepers: Set<String> = [], errorCodes: [ErrorCode] = []
    ) {
        self.mutations = mutations
        self.fields = fields
        self.due = due
        self.schedule = schedule
        self.observer = observer
        self.viewers = viewers
        self.keepers = keepers
        self.errorCodes = errorCodes
    }

    /// No rules: a schema that names one is refused.
    public static let none = RuleLibrary()

    func mutation(named name: String) -> (any MutationRule.Type)? {
        mutations.first { $0.name == name }
    }

    func field(named name: String) -> (any FieldRule.Type)? { fields.first { $0.name == name } }

    /// Of all that a schema can name.
    var names: Set<String> {
        keepers.union(mutations.map { $0.name }).union(fields.map { $0.name })
    }
}

/// A mutation of the domain.
///
///     extend type Mutation {
///       earnPoints(input: EarnPointsInput!): EarnPointsPayload! @rule(name: "points.earn")
///     }
public protocol MutationRule: Sendable {
    /// As `@rule` names it.
    static var name: String { get }

    /// Binds the rule to the tables, inputs and payload of a schema. What is missing is noted by the
    /// binder, and the schema is refused.
    init(_ binder: RuleBinder)

    /// Changes rows and says what the payload shows. What it changed is undone when it throws.
    func run(_ call: RuleCall) throws(MutationStop)
}

/// A field that is worked out at each reading.
public protocol FieldRule: Sendable {
    /// As `@computed` or `@rule` names it.
    static var name: String { get }

    /// As for ``MutationRule``.
    init(_ binder: RuleBinder)

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue
}

/// Keeps rows up to the clock: a field of theirs says when they change next, and no answer is given
/// before those that are due have been settled.
public protocol DueRule: Sendable {
    static var table: String { get }
    /// A `DateTime` with `@index`; null for rows that the clock never changes.
    static var field: String { get }

    /// As for ``MutationRule``.
    init(_ binder: RuleBinder)

    /// Afterwards the row's field is null, or later than `call.now`.
    func settle(_ row: RowRef, _ call: RuleCall) throws(MutationStop)
}

/// Work that a server does by itself: it is asked every minute, and does a bounded part of what there
/// is to do each time, as a transaction.
public protocol ScheduledRule: Sendable {
    /// As for ``MutationRule``.
    init(_ binder: RuleBinder)

    func isDue(_ data: DataView) -> Bool
    func run(_ call: RuleCall) throws(MutationStop)
}

/// Is told of the rows that mutations are about, in their transaction.
public protocol ChangeObserver: Sendable {
    /// As for ``MutationRule``.
    init(_ binder: RuleBinder)

    func changed(_ change: RowChange, _ call: RuleCall) throws(MutationStop)
}

/// Completes what a credential says of its bearer by what the data says: where somebody works now,
/// and as what. Asked once for each operation.
public protocol ViewerRule: Sendable {
    /// As for ``MutationRule``.
    init(_ binder: RuleBinder)

    func completed(_ viewer: Viewer, _ data: DataView) -> Viewer
}

/// What a mutation made of a row.
public struct RowChange: Sendable {
    /// The field of Mutation.
    public let mutation: String
    /// The row's public id.
    public let subjectID: String
    /// The fields that differ, as a JSON object; nil for a row that was not there before.
    public let before: String?
    /// The same fields afterwards; nil for a row that is gone.
    public let after: String?
}
