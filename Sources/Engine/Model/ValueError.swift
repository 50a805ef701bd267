import JSON
import Store

/// Why something cannot be stored as a value: what is wrong, and where inside.
public struct ValueError: Error, Sendable, Equatable {
    public enum Step: Sendable, Equatable {
        case field(String)
        case index(Int)
    }

    public enum Fault: Sendable, Equatable {
        /// The text is not JSON.
        case json(JSONError)
        /// Another type was asked for: the end of `expected is …`.
        case expected(String)
        /// Null, or not there, where a value must be.
        case missing
        case unknownField(String)
        case duplicateField(String)
        /// No row of that table has the id.
        case unknownRow(TableID, id: String)
        /// The type's `@constraint` accepts something else: `at least 0`.
        case constraint(String)
        /// More bytes than a column can hold.
        case tooLong
    }

    /// From the whole value to the one that is wrong; empty for the whole value.
    public let path: [Step]
    public let fault: Fault
}

extension ValueError: CustomStringConvertible {
    /// `lines[2].price: expected is a number`
    public var description: String {
        let place = pathText
        return place.isEmpty ? faultText : "\(place): \(faultText)"
    }

    private var pathText: String {
        var text = ""
        for step in path {
            switch step {
            case .field(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    private var faultText: String {
        switch fault {
        case .json(let error): error.description
        case .expected(let what): "expected is \(what)"
        case .missing: "a value is missing"
        case .unknownField(let name): "there is no field \(quoted(name))"
        case .duplicateField(let name): "the field \(quoted(name)) stands twice"
        case .unknownRow(_, let id): "there is no row \(quoted(id))"
        case .constraint(let what): "accepted is \(what)"
        case .tooLong: "the value is too long"
        }
    }
}
