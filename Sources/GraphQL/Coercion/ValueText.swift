import GraphQLLanguage
import JSON

/// Values as error messages show them: on one line, and cut after `scalarsMax` characters, so that
/// an answer never repeats a large input.
enum ValueText {
    static let scalarsMax = 100
    /// Lists and objects of a document are shown whole up to here, on several lines if need be: a
    /// hundred errors then are 50 KB.
    static let wholeScalarsMax = 500

    /// A literal, as a document would spell it.
    static func of(_ value: Value) -> String {
        var writer = Writer()
        writer.write(value)
        switch value.kind {
        case .list, .object:
            // Only the printer breaks lines, and only those that are nearly too long.
            guard writer.isNearlyFull else { return writer.finished }
            var longer = Writer(room: wholeScalarsMax)
            longer.write(value)
            return longer.isFull ? writer.finished : print(value)
        case .variable, .int, .float, .string, .boolean, .null, .enum:
            return writer.finished
        }
    }

    /// A value that came as a variable; lists and objects three levels in are only named.
    static func of(_ value: JSONValue) -> String {
        var writer = Writer()
        writer.write(value, depth: 0)
        return writer.finished
    }

    /// A name that a client sent as a string.
    static func cut(_ name: String) -> String {
        var writer = Writer()
        writer.write(name)
        return writer.finished
    }

    /// A type reference, as written.
    static func of(_ type: TypeNode) -> String {
        switch type {
        case .named(let name): name.value
        case .list(let inner, _): "[\(of(inner))]"
        case .nonNull(let inner): "\(of(inner))!"
        }
    }

    /// Levels of a variable's value that are shown.
    private static let depthMax = 2
    /// Items of a list in a variable's value that are shown.
    private static let itemsMax = 10

    /// Collects text until there is more than will be shown.
    struct Writer {
        private var text = ""
        private var room: Int

        init(room: Int = ValueText.scalarsMax) {
            self.room = room
        }

        var isFull: Bool { room < 0 }

        /// Whether the text has 80 characters or more: a line cannot be much longer.
        var isNearlyFull: Bool { room <= ValueText.scalarsMax - 80 }

        /// The text, with three dots when something was cut off.
        var finished: String { isFull ? text + "..." : text }

        mutating func write(_ piece: String) {
            guard !isFull else { return }
            for scalar in piece.unicodeScalars {
                room -= 1
                if isFull { return }
                text.unicodeScalars.append(scalar)
            }
        }

        /// A string between double quotes.
        mutating func writeString(_ string: String) {
            write("\"")
            for scalar in string.unicodeScalars {
                if isFull { return }
                write(Self.escape(scalar))
            }
            write("\"")
        }

        private static func escape(_ scalar: Unicode.Scalar) -> String {
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case "\u{08}": "\\b"
            case "\u{0C}": "\\f"
            case "\u{00}"..."\u{1F}", "\u{7F}":
                "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }

        /// Elements between a pair of brackets, as far as there is room.
        mutating func write<Element>(
            _ elements: some Sequence<Element>, open: String, close: String,
            each: (inout Writer, Element) -> Void
        ) {
            write(open)
            var isFirst = true
            for element in elements {
                if isFull { return }
                if !isFirst { write(", ") }
                isFirst = false
                each(&self, element)
            }
            write(close)
        }

        mutating func write(_ value: Value) {
            switch value.kind {
            case .variable(let name): write("$" + name)
            case .int(let text), .float(let text), .enum(let text): write(text)
            case .string(let string): writeString(string.value)
            case .boolean(let flag): write(flag ? "true" : "false")
            case .null: write("null")
            case .list(let items):
                write(items, open: "[", close: "]") { $0.write($1) }
            case .object(let fields) where fields.isEmpty: write("{}")
            case .object(let fields):
                write(fields, open: "{ ", close: " }") { writer, field in
                    writer.write(field.name.value + ": ")
                    writer.write(field.value)
                }
            }
        }

        mutating func write(_ value: JSONValue, depth: Int) {
            switch value {
            case .null, .bool, .integer, .number: write(value.description)
            // With its fraction even when that is zero: that is what an `ID` minds.
            case .double(let number): write(String(number))
            case .string(let string): writeString(string)
            case .array(let items) where items.isEmpty: write("[]")
            case .object(let members) where members.isEmpty: write("{}")
            case .array where depth > ValueText.depthMax: write("[Array]")
            case .object where depth > ValueText.depthMax: write("[Object]")
            case .array(let items):
                let more = items.count - ValueText.itemsMax
                let end =
                    switch more {
                    case 1: ", ... 1 more item]"
                    case 2...: ", ... \(more) more items]"
                    default: "]"
                    }
                write(items.prefix(ValueText.itemsMax), open: "[", close: end) {
                    $0.write($1, depth: depth + 1)
                }
            case .object(let members):
                write(members, open: "{ ", close: " }") { writer, member in
                    writer.write(member.key + ": ")
                    writer.write(member.value, depth: depth + 1)
                }
            }
        }
    }
}

extension Value {
    /// The literal as JSON, enum values as strings. Nil when a variable stands in it.
    var json: JSONValue? {
        switch kind {
        case .variable: return nil
        case .int(let text), .float(let text): return .number(text)
        case .string(let string): return .string(string.value)
        case .enum(let name): return .string(name)
        case .boolean(let flag): return .bool(flag)
        case .null: return .null
        case .list(let items):
            var elements: [JSONValue] = []
            for item in items {
                guard let element = item.json else { return nil }
                elements.append(element)
            }
            return .array(elements)
        case .object(let fields):
            var members: [JSONValue.Member] = []
            for field in fields {
                guard let value = field.value.json else { return nil }
                members.append(JSONValue.Member(field.name.value, value))
            }
            return .object(members)
        }
    }
}
