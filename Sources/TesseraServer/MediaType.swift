import Bytes

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

    /// The form that the `Accept` header prefers; `json` without one, nil when it accepts neither.
    ///
    /// The greatest quality wins, then the more exact range, then the one named first.
    /// Source: RFC 9110 §12.5.1.
    static func negotiate(_ accept: UnsafeRawBufferPointer?) -> MediaType? {
        guard let accept = unsafe accept, unsafe !accept.isEmpty else { return .json }
        // What nearly every client sends needs no parsing.
        if unsafe equals(accept, "*/*") || equals(accept, "application/json") { return .json }
        if unsafe equals(accept, "application/graphql-response+json") { return .graphQLResponse }
        let text = unsafe String(decoding: accept, as: UTF8.self).lowercased()
        var json = Range(), response = Range()
        for (place, element) in text.split(separator: ",").enumerated() {
            let parts = element.split(separator: ";").map { $0.trimmed }
            guard let name = parts.first else { continue }
            let quality = quality(parts.dropFirst())
            switch name {
            case "application/json": json.take(quality, exactness: 2, place)
            case "application/graphql-response+json": response.take(quality, exactness: 2, place)
            case "application/*":
                json.take(quality, exactness: 1, place)
                response.take(quality, exactness: 1, place)
            case "*/*":
                json.take(quality, exactness: 0, place)
                response.take(quality, exactness: 0, place)
            default: continue
            }
        }
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
    private struct Range {
        var quality = 0
        var exactness = -1
        var place = Int.max

        mutating func take(_ quality: Int, exactness: Int, _ place: Int) {
            guard exactness > self.exactness else { return }
            self = Range(quality: quality, exactness: exactness, place: place)
        }
    }

    /// Thousandths; 1000 without a `q`. A malformed one counts as 0.
    private static func quality(_ parameters: ArraySlice<Substring>) -> Int {
        for parameter in parameters where parameter.hasPrefix("q=") {
            guard let value = Double(parameter.dropFirst(2)), value >= 0, value <= 1 else {
                return 0
            }
            return Int((value * 1000).rounded())
        }
        return 1000
    }

    /// What is wrong with the content type of a POST; nil when it is JSON in UTF-8.
    ///
    /// Source: GraphQL over HTTP, §5.4.
    static func problem(withContentType value: UnsafeRawBufferPointer?) -> String? {
        guard let value = unsafe value, unsafe !value.isEmpty else {
            return "The request has no Content-Type."
        }
        if unsafe equals(value, "application/json") { return nil }
        let text = unsafe String(decoding: value, as: UTF8.self).lowercased()
        let parts = text.split(separator: ";").map { $0.trimmed }
        guard parts.first == "application/json" else {
            return "The Content-Type \"\(text.prefix(100))\" is not supported."
        }
        for parameter in parts.dropFirst() where parameter.hasPrefix("charset=") {
            let charset = parameter.dropFirst(8).filter { $0 != "\"" }
            if charset != "utf-8" && charset != "utf8" {
                return "The charset \"\(charset.prefix(100))\" is not supported."
            }
        }
        return nil
    }

    private static func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { unsafe bytes.elementsEqual($0) }
    }
}

extension Substring {
    /// Without the white space that HTTP allows around list elements.
    fileprivate var trimmed: Substring {
        var text = self
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
