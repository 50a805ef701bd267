/// What a client did wrong in an argument: found when the argument is looked at, after the type
/// system had nothing to say against it.
public struct ArgumentError: Error {
    enum Code: String {
        case badUserInput = "BAD_USER_INPUT"
        case badCursor = "BAD_CURSOR"
        case forbidden = "FORBIDDEN"
        case storageFull = "STORAGE_FULL"
        case timeout = "TIMEOUT"
        case answerTooLarge = "ANSWER_TOO_LARGE"
    }

    let code: Code
    let message: String
    let hint: String?

    init(_ message: String, hint: String? = nil, code: Code = .badUserInput) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// `isNull` where there is always a row or a value to ask.
    static func misplacedIsNull(_ place: String) -> ArgumentError {
        ArgumentError(
            "\(place) is asked where nothing can be null.",
            hint: "Write isNull directly into the filter of a field that may be null.")
    }
}
