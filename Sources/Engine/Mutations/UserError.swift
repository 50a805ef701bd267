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

/// What kind of user error it is, for programs. Those below need no domain rule; rules bring more of
/// them, which then are in the printed enum too.
public struct ErrorCode: Hashable, Sendable {
    /// As the API writes it: `NOT_FOUND`.
    public let name: String
    /// What it means, for the printed schema.
    public let description: String

    public init(_ name: String, _ description: String) {
        self.name = name
        self.description = description
    }

    public static let notFound = ErrorCode("NOT_FOUND", "No row has this id.")
    public static let invalid = ErrorCode("INVALID", "The value is not accepted.")
    public static let required = ErrorCode("REQUIRED", "A value must be given.")
    public static let tooLong = ErrorCode("TOO_LONG", "The value is too long.")
    public static let duplicate = ErrorCode("DUPLICATE", "The key or the id is taken.")
    public static let conflict = ErrorCode(
        "CONFLICT", "The data is not as the request expected.")
    public static let referenced = ErrorCode("REFERENCED", "Other rows refer to the row.")
    public static let idempotencyKeyReused = ErrorCode(
        "IDEMPOTENCY_KEY_REUSED", "The key was sent before, with other arguments.")
    public static let undone = ErrorCode(
        "UNDONE", "Another field of the same transaction failed.")

    /// All of them.
    static let generic: [ErrorCode] = [
        .notFound, .invalid, .required, .tooLong, .duplicate, .conflict, .referenced,
        .idempotencyKeyReused, .undone,
    ]
}
