import Bytes
import GraphQL
import Store

/// Who may do what, as `@allow` and `@sensitive` of the schema files say.
///
/// Nothing of it counts for the administrator, nor where a server has no access control: then every
/// viewer is ``Viewer/unrestricted``. For everybody else a table without `@allow` is closed, and so
/// is a field that a rule answers.
public final class AccessModel: Sendable {
    /// The role that may do everything.
    public static let administrator = "admin"
    /// The role of a viewer without a credential, if the schema names it.
    public static let anonymous = "anonymous"
    /// The roles that exist whether or not the schema names them.
    public static let standardRoles = [
        administrator, "manager", "staff", "analyst", "developer", "member",
    ]

    /// The roles that may ask for the schema, and for metrics, without the schema saying so: who may
    /// do everything, and who connects other systems.
    static let operatingRoles: Set<String> = [administrator, "developer"]

    /// The standard ones first, then those that the schema adds, in the order of its files.
    public let roles: [String]
    private let access: [String: RoleAccess]
    private let nobody = RoleAccess(name: "", tables: [], fields: [:], mayIntrospect: false)

    init(roles: [RoleAccess]) {
        var names = Self.standardRoles
        var access: [String: RoleAccess] = [:]
        for role in roles {
            if !names.contains(role.name) { names.append(role.name) }
            access[role.name] = role
        }
        self.roles = names
        self.access = access
    }

    /// Whether somebody without a credential may ask for anything.
    public var allowsAnonymous: Bool { access[Self.anonymous] != nil }

    /// What a role may do; nil for the administrator, who may do everything.
    ///
    /// A role of which the schema says nothing may ask for nothing.
    func role(_ name: String) -> RoleAccess? {
        name == Self.administrator ? nil : access[name] ?? nobody
    }
}

/// What a viewer can want to do with rows.
public enum AccessOperation: String, Sendable, CaseIterable {
    /// To see them, and all that ``aggregate`` shows.
    case read = "READ"
    /// To see counts, sums and groups, of five rows at least.
    case aggregate = "AGGREGATE"
    case create = "CREATE"
    case update = "UPDATE"
    case delete = "DELETE"
}

/// Some of the operations.
struct AccessOperations: OptionSet, Sendable {
    let rawValue: UInt8

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ operation: AccessOperation) {
        rawValue =
            switch operation {
            case .read: 0b11
            case .aggregate: 0b10
            case .create: 0b100
            case .update: 0b1000
            case .delete: 0b10000
            }
    }

    func allow(_ operation: AccessOperation) -> Bool { contains(AccessOperations(operation)) }
}

/// One `@allow` of a table, for one role.
struct AccessGrant: Sendable {
    let operations: AccessOperations
    /// Nil for all rows.
    let rule: RowRule?
}

/// Which rows a grant is about: a filter of the table in which variables stand for parts of the
/// viewer.
final class RowRule: Sendable {
    let filter: CoercedValue
    let type: TypeReference
    /// What of the viewer it asks for; a viewer that lacks one of them is granted nothing.
    let parts: [ViewerPart]
    /// The same in a form that a single row is quickly held against; nil when it says something
    /// else than whose the row is.
    let test: OwnershipTest?

    init(filter: CoercedValue, type: TypeReference, parts: [ViewerPart], test: OwnershipTest?) {
        self.filter = filter
        self.type = type
        self.parts = parts
        self.test = test
    }
}

/// What `$viewer.` can be followed by.
enum ViewerPart: String, Sendable, CaseIterable {
    case memberID = "memberId"
    case staffID = "staffId"
    case chapterID = "chapterId"

    /// The name of the variable that stands for it in a coerced filter.
    var variable: String { "viewer." + rawValue }

    var number: Int {
        switch self {
        case .memberID: 0
        case .staffID: 1
        case .chapterID: 2
        }
    }

    func value(of viewer: Viewer) -> String? {
        switch self {
        case .memberID: viewer.memberID
        case .staffID: viewer.staffID
        case .chapterID: viewer.chapterID
        }
    }
}

/// What one role may do.
final class RoleAccess: Sendable {
    let name: String
    /// Keeps its prepared documents apart from those of other roles.
    let seed: UInt64
    private let tables: [TableAccess]
    /// The grants of the fields that rules answer, by coordinate: `Mutation.earnPoints`.
    private let fields: [String: [FieldGrant]]
    /// Whether it may ask for the schema.
    let mayIntrospect: Bool

    init(
        name: String, tables: [TableAccess], fields: [String: [FieldGrant]], mayIntrospect: Bool
    ) {
        self.name = name
        self.mayIntrospect = mayIntrospect
        let bytes = Array(name.utf8)
        seed = unsafe bytes.withUnsafeBytes { unsafe StableHash.hash($0, seed: 1) }
        self.tables = tables
        self.fields = fields
    }

    subscript(table: TableID) -> TableAccess {
        tables.indices.contains(table.index) ? tables[table.index] : .closed
    }

    /// Rows that must have something in common before a role that may only count them learns of it.
    static let countedRowsMin = 5

    /// Whether a field of `Query` or `Mutation` that a rule answers may be asked for.
    func mayAsk(_ type: String, _ field: String) -> Bool { fields["\(type).\(field)"] != nil }

    /// The grants of a mutation that a rule answers.
    func grants(forMutation name: String) -> [FieldGrant] { fields["Mutation.\(name)"] ?? [] }
}

/// One `@allow` of a field that a rule answers, for one role.
struct FieldGrant: Sendable {
    /// What must hold of an id in the input.
    enum Demand: Sendable {
        /// It is the viewer's own.
        case own(ViewerPart)
        /// It names a row of a table for which a rule holds.
        case row(TableID, RowRule)
    }

    /// By the places of fields of the input.
    let demands: [(place: Int, demand: Demand)]
}

/// What one role may do with one table.
final class TableAccess: Sendable {
    let grants: [AccessGrant]
    /// Fields whose values the role never learns.
    let masked: Set<String>
    /// Those among them that an `@allow` of their own closes: such a field is not set either.
    let closed: Set<String>
    /// Fields that tell single rows apart, where the role may only count them: ids and texts. They
    /// may be grouped by, but rows are not chosen by them.
    let telling: Set<String>
    /// To-one relations whose row may be seen by whoever may see this one, because the rules say so:
    /// nobody needs to look.
    let implied: Set<ColumnID>
    /// To-one relations of which the same holds the other way round: who may see that row may see
    /// all rows that lead to it.
    let follows: Set<ColumnID>
    /// What may be done with some rows at least.
    private let open: AccessOperations
    /// What may be done with all rows.
    private let unguarded: AccessOperations

    static let closed = TableAccess(grants: [], masked: [], implied: [], follows: [])

    /// Whether rows are counted that may not be seen.
    let countsUnseen: Bool

    init(
        grants: [AccessGrant], masked: Set<String>, closed: Set<String> = [],
        telling: Set<String> = [], implied: Set<ColumnID>, follows: Set<ColumnID>
    ) {
        self.grants = grants
        self.masked = masked
        self.closed = closed
        self.telling = telling
        self.implied = implied
        self.follows = follows
        open = AccessOperations(grants.map(\.operations))
        unguarded = AccessOperations(grants.filter { $0.rule == nil }.map(\.operations))
        countsUnseen =
            !unguarded.allow(.read)
            && grants.contains { $0.operations.allow(.aggregate) && !$0.operations.allow(.read) }
    }

    func isOpen(to operation: AccessOperation) -> Bool { open.allow(operation) }

    /// Whether rows cannot be chosen by a field.
    func isUnasked(_ field: String) -> Bool { masked.contains(field) || telling.contains(field) }

    /// Whether only some of the rows are meant.
    func isGuarded(for operation: AccessOperation) -> Bool { !unguarded.allow(operation) }
}

extension ArgumentError {
    /// A field that the viewer's role may not learn anything about.
    static func masked(_ place: String) -> ArgumentError {
        ArgumentError(
            "\(place) is not open to this role.",
            hint: "It can be neither filtered, ordered, grouped nor aggregated.", code: .forbidden)
    }

    /// Rows that the viewer's role may not learn anything about.
    static func closed(_ place: String) -> ArgumentError {
        ArgumentError("\(place) leads to rows that are not open to this role.", code: .forbidden)
    }
}
