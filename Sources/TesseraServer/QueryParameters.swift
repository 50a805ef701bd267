/// The parameters of a GET request, decoded as `application/x-www-form-urlencoded`: `+` is a space,
/// an empty parameter is absent.
///
/// Source: GraphQL over HTTP, §5.3; WHATWG URL, §5.1.
struct QueryParameters {
    private(set) var query: [UInt8]?
    private(set) var operationName: [UInt8]?
    private(set) var variables: [UInt8]?
    private(set) var extensions: [UInt8]?

    /// What a query string can have wrong.
    enum Problem: Error {
        case repeated(String)

        var message: String {
            switch self {
            case .repeated(let name): "The parameter \"\(name)\" is given twice."
            }
        }
    }

    /// - Parameter text: the query string without its question mark.
    init(_ text: UnsafeRawBufferPointer) throws(Problem) {
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
    }

    private static func set(_ place: inout [UInt8]?, _ value: [UInt8], _ name: String)
        throws(Problem)
    {
        if place != nil { throw .repeated(name) }
        place = value
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
