import Bytes
import HTTP

/// The two forms of a GraphQL answer.
///
/// Source: GraphQL over HTTP, §6.
enum MediaType: Sendable {
    /// `application/json`: a well-formed request is always answered with 200.
    case json
    /// `application/graphql-response+json`: the status tells whether there is data.
    case graphQLResponse

    var contentType: StaticString {
        switch self {
        case .json: "application/json; charset=utf-8"
        case .graphQLResponse: "application/graphql-response+json; charset=utf-8"
        }
    }

    // MARK: Content-Type

    /// What is wrong with the content type of a POST; nil when it is JSON in UTF-8.
    ///
    /// Source: GraphQL over HTTP, §5.4.
    static func problem(withContentTypeOf request: Request) -> String? {
        guard let value = unsafe request.header(.contentType), unsafe !value.isEmpty else {
            return "The request has no Content-Type."
        }
        if request.isRepeated(.contentType) { return "The request has more than one Content-Type." }
        if unsafe equals(value, "application/json") { return nil }
        var reader = unsafe FieldValueReader(value)
        guard let name = unsafe reader.nextElement(),
            unsafe equalsIgnoringCase(name, "application/json")
        else { return "The Content-Type \(unsafe quoted(value)) is not supported." }
        while let parameter = reader.nextParameter() {
            if unsafe equalsIgnoringCase(parameter.name, "charset") && !isUTF8(parameter.value) {
                return "The charset \(unsafe quoted(parameter.value)) is not supported."
            }
        }
        return unsafe reader.nextElement() == nil
            ? nil : "The Content-Type \(unsafe quoted(value)) is not supported."
    }

    static func isUTF8(_ charset: UnsafeRawBufferPointer) -> Bool {
        unsafe equalsIgnoringCase(charset, "utf-8") || equalsIgnoringCase(charset, "utf8")
    }

    /// At most 100 characters of what a client has sent.
    private static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
        "\"\(unsafe String(decoding: bytes.prefix(400), as: UTF8.self).prefix(100))\""
    }
}
