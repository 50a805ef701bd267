/// Why a mutation did nothing, for the person who asked for it: what forms show beside their fields.
///
/// What is wrong with the request itself, with storage or with access is an error of the answer
/// instead.
struct UserError: Equatable, Sendable {
    let code: ErrorCode
    let message: String
    /// From the argument on: `input`, `set`, `email`.
    let path: [String]
    /// The domain rule that refused it.
    var rule: String?
}

/// The codes of user errors that need no domain rule.
public enum ErrorCode: String, Sendable, CaseIterable {
    case notFound = "NOT_FOUND"
    case invalid = "INVALID"
    case required = "REQUIRED"
    case tooLong = "TOO_LONG"
    case duplicate = "DUPLICATE"
    case conflict = "CONFLICT"
    case referenced = "REFERENCED"
    case idempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
    case undone = "UNDONE"

    /// What it means, for the printed schema.
    var description: String {
        switch self {
        case .notFound: "No row has this id."
        case .invalid: "The value is not accepted."
        case .required: "A value must be given."
        case .tooLong: "The value is too long."
        case .duplicate: "The key or the id is taken."
        case .conflict: "The data is not as the request expected."
        case .referenced: "Other rows refer to the row."
        case .idempotencyKeyReused: "The key was sent before, with other arguments."
        case .undone: "Another field of the same transaction failed."
        }
    }
}
