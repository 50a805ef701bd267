import GraphQLLanguage

/// Something that an operation asked for and its viewer may not have, as operators are told of it.
///
/// It names types, fields, roles and the operation; never a value of a row or of the request.
public struct AccessDenial: Equatable, Sendable {
    public enum Reason: String, CaseIterable, Sendable {
        /// The role may not ask for this, or not in this way.
        case forbidden
        /// The role may not ask for the schema.
        case introspection
        /// The server executes trusted documents only, and this is none.
        case untrusted
    }

    public let reason: Reason
    /// The role that counted: the credential's, or that of the row that the credential stands for.
    public let role: String
    /// The operation's name in its document.
    public let operation: String?
    /// The coordinate of the field, such as `Query.members`; nil when it is not about a field.
    public let place: String?
    /// What the client was told.
    public let message: String

    init(
        _ reason: Reason, _ message: String, role: RoleAccess?, operation: String? = nil,
        place: String? = nil
    ) {
        self.reason = reason
        self.message = message
        self.role = role?.name ?? AccessModel.administrator
        self.operation = operation
        self.place = place
    }
}

/// Collects what one operation was denied; empty, and free of charge, for all others.
struct AccessDenials {
    /// Denials of one operation that are told apart. Reason: more say nothing new of who asks.
    private static let countMax = 8

    private(set) var all: [AccessDenial] = []

    init(_ first: AccessDenial? = nil) {
        if let first { all = [first] }
    }

    /// Notes which of the errors beside the data of an operation are denials.
    mutating func note(_ errors: [ExecutionError], in operation: PreparedOperation) {
        for error in errors where error.code == ArgumentError.Code.forbidden.rawValue {
            note(error.message, at: error.sourceOffset, in: operation)
        }
    }

    /// Notes why there is no plan, if that is a denial.
    mutating func note(_ failure: PlanCompiler.Failure, in operation: PreparedOperation) {
        guard case .forbidden(let message, let offset) = failure else { return }
        note(message, at: offset, in: operation)
    }

    /// - Parameter offset: of the field.
    mutating func note(_ message: String, at offset: Int?, in operation: PreparedOperation) {
        guard all.count < Self.countMax else { return }
        let denial = AccessDenial(
            .forbidden, message, role: operation.role, operation: operation.definition.name?.value,
            place: offset.flatMap {
                operation.facts.coordinate(ofFieldAt: $0, in: operation.schema)
            })
        if !all.contains(denial) { all.append(denial) }
    }
}
