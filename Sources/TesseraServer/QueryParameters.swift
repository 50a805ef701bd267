import Bytes
import JSON

/// The parameters of a GET request, decoded as `application/x-www-form-urlencoded`: `+` is a space,
/// an empty parameter is absent, and one that is not known is ignored.
///
/// Source: GraphQL over HTTP, §5.3; WHATWG URL, §5.1.
struct QueryParameters {
    /// The document, which is UTF-8.
    let query: [UInt8]
    let operationName: String?
    /// JSON: an object or null.
    let variables: [UInt8]?

    /// What a query string can have wrong.
    enum Problem: Error, Equatable {
        case missingQuery
        case repeated(String)
        case notUTF8(String, offset: Int)
        case notJSON(String, JSONError)
        case notAnObject(String)

        var message: String {
            switch self {
            case .missingQuery: "The parameter \"query\" is missing."
            case .repeated(let name): "The parameter \"\(name)\" is given twice."
            case .notUTF8(let name, let offset):
                "The parameter \"\(name)\" is not UTF-8: byte \(offset)."
            case .notJSON(let name, let error):
                "The parameter \"\(name)\" is not JSON: \(error.description)."
            case .notAnObject(let name):
                "The parameter \"\(name)\" must be a JSON object or null."
            }
        }
    }

    /// - Parameter text: the query string without its question mark.
    init(_ text: UnsafeRawBufferPointer) throws(Problem) {
        var query: [UInt8]?
        var operationName: [UInt8]?
        var variables: [UInt8]?
        var extensions: [UInt8]?
        for part in unsafe [UInt8](text).split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let name = String(decoding: Self.decoded(part[..<equals]), as: UTF8.self)
            let value = equals < part.endIndex ? Self.decoded(part[(equals + 1)...]) : []
            if value.isEmpty { continue }
            switch name {
            case "query": try Self.set(&query, value, name)
            case "operationName": try Self.set(&operationName, value, name)
            case "variables": try Self.set(&variables, value, name)
            case "extensions": try Self.set(&extensions, value, name)
            default: continue
            }
        }
        guard let query else { throw .missingQuery }
        if let variables { try Self.checkObject(variables, "variables") }
        if let extensions { try Self.checkObject(extensions, "extensions") }
        self.query = query
        self.operationName = operationName.map { String(decoding: $0, as: UTF8.self) }
        self.variables = variables
    }

    private static func set(
        _ place: inout [UInt8]?, _ value: [UInt8], _ name: String
    ) throws(Problem) {
        if place != nil { throw .repeated(name) }
        if let fault = unsafe value.withUnsafeBytes({ unsafe UTF8Check.firstFault(in: $0) }) {
            throw .notUTF8(name, offset: fault)
        }
        place = value
    }

    private static func checkObject(_ json: [UInt8], _ name: String) throws(Problem) {
        do throws(JSONError) {
            switch try JSONValue(parsing: json) {
            case .object, .null: return
            default: break
            }
        } catch {
            throw .notJSON(name, error)
        }
        throw .notAnObject(name)
    }

    /// A percent sign without two digits behind it stands for itself.
    private static func decoded(_ part: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(part.count)
        var index = part.startIndex
        while index < part.endIndex {
            let byte = part[index]
            if byte == UInt8(ascii: "%"), index + 2 < part.endIndex,
                let high = hexDigit(part[index + 1]), let low = hexDigit(part[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
                continue
            }
            bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            index += 1
        }
        return bytes
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
