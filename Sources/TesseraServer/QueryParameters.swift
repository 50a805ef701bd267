import Bytes
import JSON

/// The parameters of a GET request: an empty one is absent, and one that is not known is ignored.
///
/// Source: GraphQL over HTTP, §5.3.
struct QueryParameters {
    /// The document, which is UTF-8; empty when it is only named.
    let query: [UInt8]
    let operationName: String?
    /// JSON: an object or null.
    let variables: [UInt8]?
    /// JSON: an object or null.
    let extensions: [UInt8]?
    /// The name of a document.
    let documentID: String?

    /// What a query string can have wrong.
    enum Problem: Error, Equatable {
        case missingQuery
        case repeated(String)
        case notUTF8(String, offset: Int)
        case notJSON(String, JSONError)
        case notAnObject(String)
        case notBoolean(String)

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
            case .notBoolean(let name): "The parameter \"\(name)\" must be 1 or 0."
            }
        }
    }

    /// - Parameter variables: a JSON object.
    init(query: [UInt8], variables: [UInt8]) {
        self.query = query
        operationName = nil
        self.variables = variables
        extensions = nil
        documentID = nil
    }

    init(_ form: FormFields) throws(Problem) {
        var query: [UInt8]?
        var operationName: [UInt8]?
        var variables: [UInt8]?
        var extensions: [UInt8]?
        var documentID: [UInt8]?
        for field in form.fields {
            let (name, value) = (field.name, field.value)
            switch name {
            case "query": try Self.set(&query, value, name)
            case "operationName": try Self.set(&operationName, value, name)
            case "variables": try Self.set(&variables, value, name)
            case "extensions": try Self.set(&extensions, value, name)
            case "documentId": try Self.set(&documentID, value, name)
            default: continue
            }
        }
        if let variables { try Self.checkObject(variables, "variables") }
        if let extensions { try Self.checkObject(extensions, "extensions") }
        // What only names its document has extensions that do.
        if query == nil, documentID == nil, extensions == nil { throw .missingQuery }
        self.query = query ?? []
        self.extensions = extensions
        self.documentID = documentID.map { String(decoding: $0, as: UTF8.self) }
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
}
