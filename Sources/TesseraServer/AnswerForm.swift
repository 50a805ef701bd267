import Bytes
import HTTP

/// What a request wants to be answered with.
enum AnswerForm: Sendable {
    case graphQL(MediaType)
    case table(TableType)

    /// What there is, in the order of preference where a request has none.
    private static let offered = [
        (name: "application/json" as StaticString, form: AnswerForm.graphQL(.json)),
        ("application/graphql-response+json", .graphQL(.graphQLResponse)),
        ("text/csv", .table(.csv)), ("application/x-ndjson", .table(.ndjson)),
        ("application/ndjson", .table(.ndjson)), ("application/jsonl", .table(.jsonl)),
        ("application/json-lines", .table(.jsonLines)),
    ]
    /// How many of these a range such as `*/*` stands for. Reason: a table is only for who asks
    /// for one; most queries make none.
    private static let rangedCount = 2

    /// The form that a request prefers; JSON when it does not say, nil when it accepts none.
    static func negotiate(_ request: Request) -> AnswerForm? {
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
    private static func negotiate(accept: UnsafeRawBufferPointer?) -> AnswerForm? {
        guard let accept = unsafe accept, unsafe !accept.isEmpty else { return .graphQL(.json) }
        // What nearly every client sends needs no parsing.
        if unsafe equals(accept, "*/*") || equals(accept, "application/json") {
            return .graphQL(.json)
        }
        if unsafe equals(accept, "application/graphql-response+json") {
            return .graphQL(.graphQLResponse)
        }
        var reader = unsafe FieldValueReader(accept)
        var preferences = InlineArray<7, Preference>(repeating: Preference())
        var place = 0
        while let name = unsafe reader.nextElement() {
            let quality = quality(ofElement: &reader)
            place += 1
            if let index = offered.firstIndex(where: { unsafe equalsIgnoringCase(name, $0.name) }) {
                preferences[index].take(quality, exactness: 2, place)
                continue
            }
            // The lone asterisk is what Java's own client sends.
            let isAny = unsafe equals(name, "*/*") || equals(name, "*")
            guard unsafe isAny || equalsIgnoringCase(name, "application/*") else { continue }
            for index in 0..<rangedCount {
                preferences[index].take(quality, exactness: isAny ? 0 : 1, place)
            }
        }
        // Nothing but commas asks for nothing.
        if place == 0 { return .graphQL(.json) }
        var best = 0
        for index in offered.indices where preferences[index].isBefore(preferences[best]) {
            best = index
        }
        return preferences[best].quality > 0 ? offered[best].form : nil
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

        func isBefore(_ other: Preference) -> Bool {
            if quality != other.quality { return quality > other.quality }
            if exactness != other.exactness { return exactness > other.exactness }
            return place < other.place
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
}
