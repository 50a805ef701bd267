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

    // MARK: Accept

    /// The form that a request prefers; `json` when it does not say, nil when it accepts neither.
    static func negotiate(_ request: Request) -> MediaType? {
        guard request.isRepeated(.accept) else {
            return unsafe negotiate(accept: request.header(.accept))
        }
        // Several lines are one list. Source: RFC 9110 §5.3.
        var list: [UInt8] = []
        for index in 0..<request.headerCount {
            let header = unsafe request.header(at: index)
            guard unsafe equalsIgnoringCase(header.name, "accept") else { continue }
            unsafe list.append(contentsOf: header.value)
            list.append(UInt8(ascii: ","))
        }
        return unsafe list.withUnsafeBytes { unsafe negotiate(accept: $0) }
    }

    /// The greatest quality wins, then the more exact range, then the one named first.
    ///
    /// Source: RFC 9110 §12.5.1.
    private static func negotiate(accept: UnsafeRawBufferPointer?) -> MediaType? {
        guard let accept = unsafe accept, unsafe !accept.isEmpty else { return .json }
        // What nearly every client sends needs no parsing.
        if unsafe equals(accept, "*/*") || equals(accept, "application/json") { return .json }
        if unsafe equals(accept, "application/graphql-response+json") { return .graphQLResponse }
        var reader = unsafe FieldValueReader(accept)
        var json = Preference(), response = Preference()
        var place = 0
        while let name = unsafe reader.nextElement() {
            let quality = quality(ofElement: &reader)
            place += 1
            if unsafe equalsIgnoringCase(name, "application/json") {
                json.take(quality, exactness: 2, place)
            } else if unsafe equalsIgnoringCase(name, "application/graphql-response+json") {
                response.take(quality, exactness: 2, place)
            } else if unsafe equalsIgnoringCase(name, "application/*") {
                json.take(quality, exactness: 1, place)
                response.take(quality, exactness: 1, place)
            } else if unsafe equals(name, "*/*") || equals(name, "*") {
                // The lone asterisk is what Java's own client sends.
                json.take(quality, exactness: 0, place)
                response.take(quality, exactness: 0, place)
            }
        }
        // Nothing but commas asks for nothing.
        if place == 0 { return .json }
        if json.quality == 0 && response.quality == 0 { return nil }
        if json.quality != response.quality {
            return json.quality > response.quality ? .json : .graphQLResponse
        }
        if json.exactness != response.exactness {
            return json.exactness > response.exactness ? .json : .graphQLResponse
        }
        return response.place < json.place ? .graphQLResponse : .json
    }

    /// What `Accept` says of one form: the most exact range that covers it counts.
    private struct Preference {
        var quality = 0
        var exactness = -1
        var place = Int.max

        mutating func take(_ quality: Int?, exactness: Int, _ place: Int) {
            guard let quality, exactness > self.exactness else { return }
            self = Preference(quality: quality, exactness: exactness, place: place)
        }
    }

    /// Thousandths, 1000 without a `q`; nil when the element asks for a charset that no answer has.
    private static func quality(ofElement reader: inout FieldValueReader) -> Int? {
        var quality = 1000
        var isUTF8 = true
        while let parameter = reader.nextParameter() {
            if unsafe equalsIgnoringCase(parameter.name, "q") {
                quality = unsafe thousandths(parameter.value)
            } else if unsafe equalsIgnoringCase(parameter.name, "charset") {
                isUTF8 = unsafe isUTF8 && MediaType.isUTF8(parameter.value)
            }
        }
        return isUTF8 ? quality : nil
    }

    /// A number from 0 to 1 in thousandths; what is none counts as 0. Java's own client writes `.2`.
    ///
    /// Source: RFC 9110 §12.4.2.
    private static func thousandths(_ text: UnsafeRawBufferPointer) -> Int {
        var value = 0
        var unit = 1000
        for place in 0..<text.count {
            let byte = unsafe text[place]
            if byte == UInt8(ascii: ".") {
                guard unit == 1000, place <= 1 else { return 0 }
                unit = 100
            } else if 0x30...0x39 ~= byte {
                guard unit < 1000 || place == 0 else { return 0 }
                value += Int(byte - 0x30) * unit
                unit /= unit == 1000 ? 1 : 10
            } else {
                return 0
            }
        }
        return min(value, 1000)
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

    private static func isUTF8(_ charset: UnsafeRawBufferPointer) -> Bool {
        unsafe equalsIgnoringCase(charset, "utf-8") || equalsIgnoringCase(charset, "utf8")
    }

    /// At most 100 characters of what a client has sent.
    private static func quoted(_ bytes: UnsafeRawBufferPointer) -> String {
        "\"\(unsafe String(decoding: bytes.prefix(400), as: UTF8.self).prefix(100))\""
    }
}
