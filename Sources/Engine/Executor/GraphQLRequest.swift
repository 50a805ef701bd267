import Bytes
import JSON

/// One GraphQL request as it came in, its parts still where they lie in the request's bytes.
// Safe: the maker of a request keeps the bytes until the request has been answered.
@safe
public struct GraphQLRequest {
    /// The document; inside JSON with its escapes. Empty when the request only names one.
    let document: UnsafeRawBufferPointer
    /// The name of a document that the server may know.
    let reference: DocumentReference?
    let documentHasEscapes: Bool
    /// Nil when the request names no operation.
    let operationName: OperationName?
    /// A JSON object or null.
    let variables: UnsafeRawBufferPointer?

    /// Whether the request names a document that the server may know.
    public var namesDocument: Bool { reference != nil }

    /// - Parameters:
    ///   - document: the text itself; empty for one that is named.
    ///   - operationName: nil or empty when there is one operation.
    ///   - variables: JSON, checked here.
    ///   - extensions: JSON, of which `persistedQuery` is read.
    ///   - documentID: the name of a document, `sha256:…` or any other.
    public init(
        document: UnsafeRawBufferPointer, operationName: String? = nil,
        variables: UnsafeRawBufferPointer? = nil, extensions: UnsafeRawBufferPointer? = nil,
        documentID: String? = nil
    ) throws(RequestProblem) {
        if let documentID {
            reference = DocumentReference(.identifier, documentID)
        } else if let extensions = unsafe extensions {
            reference = unsafe Self.reference(extensions)
        } else {
            reference = nil
        }
        if let variables = unsafe variables { try unsafe Self.check(variables, "variables") }
        if let fault = unsafe UTF8Check.firstFault(in: document) {
            throw .notUTF8(offset: fault)
        }
        unsafe self.document = unsafe document
        documentHasEscapes = false
        if let operationName, !operationName.isEmpty {
            self.operationName = .text(operationName)
        } else {
            self.operationName = nil
        }
        unsafe self.variables = unsafe variables
    }

    /// A copy of the variables; nil when there are none.
    public var variablesJSON: [UInt8]? {
        guard let variables = unsafe variables else { return nil }
        return unsafe Array(variables)
    }

    /// Reads the JSON body of a POST request. Members that are not known are ignored.
    ///
    /// Source: GraphQL over HTTP, §5.4.
    public init(jsonBody body: UnsafeRawBufferPointer) throws(RequestProblem) {
        var reader = unsafe JSONReader(body)
        var parts = Parts()
        do {
            try unsafe parts.read(&reader, of: body)
        } catch let problem as RequestProblem {
            throw problem
        } catch let error as JSONError {
            throw .json(error)
        } catch {
            throw .query
        }
        if let documentID = parts.documentID {
            reference = DocumentReference(.identifier, documentID.makeString())
        } else if let extensions = unsafe parts.extensions {
            reference = unsafe Self.reference(extensions)
        } else {
            reference = nil
        }
        if parts.document == nil, reference == nil { throw .query }
        unsafe self.document =
            unsafe parts.document?.raw ?? UnsafeRawBufferPointer(start: nil, count: 0)
        documentHasEscapes = parts.document?.hasEscapes ?? false
        operationName = parts.operationName.map { .json($0) }
        unsafe variables = unsafe parts.variables
    }

    /// What `extensions.persistedQuery` names; nil when there is none.
    private static func reference(_ extensions: UnsafeRawBufferPointer) -> DocumentReference? {
        var reader = unsafe JSONReader(extensions)
        var version: Int64?
        var hash: JSONText?
        do throws(JSONError) {
            guard try reader.peekKind() == .object else { return nil }
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard key.matches("persistedQuery"), try reader.peekKind() == .object else {
                    try reader.skipValue()
                    continue
                }
                try reader.beginObject()
                while let member = try reader.nextKey() {
                    if member.matches("version"), try reader.peekKind() == .number {
                        version = try reader.readNumber().int64
                    } else if member.matches("sha256Hash"), try reader.peekKind() == .string {
                        hash = try reader.readString()
                    } else {
                        try reader.skipValue()
                    }
                }
            }
        } catch {
            return nil
        }
        return hash.flatMap {
            DocumentReference(.automatic(version: version), $0.makeString())
        }
    }

    private static func check(_ json: UnsafeRawBufferPointer, _ name: String) throws(RequestProblem)
    {
        var reader = unsafe JSONReader(json)
        do throws(JSONError) {
            let kind = try reader.peekKind()
            try reader.passUnambiguousValue()
            try reader.finish()
            if kind == .object || kind == .null { return }
        } catch {
            throw .json(error)
        }
        throw .variables
    }

    /// The name of an operation, as the request carries it.
    enum OperationName {
        case text(String)
        case json(JSONText)

        var string: String {
            switch self {
            case .text(let text): text
            case .json(let text): text.makeString()
            }
        }

        func matches(_ name: String) -> Bool {
            switch self {
            case .text(let text): text == name
            case .json(let text): text.matches(name)
            }
        }
    }

    /// The members of a body as they are met.
    // Safe: as the request they become.
    @safe
    private struct Parts {
        var document: JSONText?
        var operationName: JSONText?
        var variables: UnsafeRawBufferPointer?
        var extensions: UnsafeRawBufferPointer?
        var documentID: JSONText?

        private enum Member: UInt8 {
            case query = 1
            case operationName = 2
            case variables = 4
            case extensions = 8
            case documentID = 16

            init?(_ key: JSONText) {
                if key.matches("query") {
                    self = .query
                } else if key.matches("variables") {
                    self = .variables
                } else if key.matches("operationName") {
                    self = .operationName
                } else if key.matches("extensions") {
                    self = .extensions
                } else if key.matches("documentId") {
                    self = .documentID
                } else {
                    return nil
                }
            }
        }

        mutating func read(_ reader: inout JSONReader, of body: UnsafeRawBufferPointer) throws {
            guard try reader.peekKind() == .object else { throw RequestProblem.notAnObject }
            var seen: UInt8 = 0
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard let member = Member(key) else {
                    try reader.skipValue()
                    continue
                }
                if seen & member.rawValue != 0 { throw reader.duplicate(key) }
                seen |= member.rawValue
                switch member {
                case .query:
                    // A client that names its document may say that it has no text.
                    if reader.takeNull() { continue }
                    guard try reader.peekKind() == .string else { throw RequestProblem.query }
                    document = try reader.readString()
                case .operationName:
                    if reader.takeNull() { continue }
                    guard try reader.peekKind() == .string else {
                        throw RequestProblem.operationName
                    }
                    let name = try reader.readString()
                    if name.rawByteCount > 0 { operationName = name }
                case .variables:
                    if reader.takeNull() { continue }
                    guard try reader.peekKind() == .object else { throw RequestProblem.variables }
                    let start = reader.offset
                    try reader.passUnambiguousValue()
                    unsafe variables = UnsafeRawBufferPointer(
                        rebasing: body[start..<reader.offset])
                case .extensions:
                    if reader.takeNull() { continue }
                    guard try reader.peekKind() == .object else {
                        throw RequestProblem.extensions
                    }
                    let start = reader.offset
                    try reader.passUnambiguousValue()
                    unsafe extensions = UnsafeRawBufferPointer(
                        rebasing: body[start..<reader.offset])
                case .documentID:
                    if reader.takeNull() { continue }
                    guard try reader.peekKind() == .string else {
                        throw RequestProblem.documentID
                    }
                    documentID = try reader.readString()
                }
            }
            try reader.finish()
        }
    }
}

/// Why something is not a GraphQL request at all; nothing of it was executed.
public enum RequestProblem: Error, Equatable, Sendable {
    case json(JSONError)
    case notUTF8(offset: Int)
    case notAnObject
    case query
    case operationName
    case variables
    case extensions
    case documentID

    public var message: String {
        switch self {
        case .json(let error): "The body is not JSON: \(error.description)."
        case .notUTF8(let offset): "The document is not UTF-8: byte \(offset)."
        case .notAnObject: "The body must be a JSON object with the member \"query\"."
        case .query: "The member \"query\" is missing or not a string."
        case .operationName: "The member \"operationName\" must be a string or null."
        case .variables: "The member \"variables\" must be an object or null."
        case .documentID: "The member \"documentId\" must be a string or null."
        case .extensions: "The member \"extensions\" must be an object or null."
        }
    }
}

extension JSONReader {
    /// Passes one value of any kind, in which no object may have a key twice, nor a number be beyond
    /// all doubles: which of the two counts, or what it is, would be anybody's guess. The usual few
    /// keys cost no memory.
    fileprivate mutating func passUnambiguousValue() throws(JSONError) {
        switch try peekKind() {
        case .object:
            var few = InlineArray<8, JSONText?>(repeating: nil)
            var count = 0
            var many = JSONKeySet()
            try beginObject()
            while let key = try nextKey() {
                for place in 0..<min(count, few.count) {
                    if let other = few[place], other.isSame(as: key) { throw duplicate(key) }
                }
                if count < few.count {
                    few[count] = key
                } else if !many.insert(key) {
                    throw duplicate(key)
                }
                count += 1
                try passUnambiguousValue()
            }
        case .array:
            try beginArray()
            while try nextElement() { try passUnambiguousValue() }
        case .number:
            let number = try readNumber()
            if number.double == nil {
                throw JSONError(offset: offset &- number.count, reason: .numberOutOfRange)
            }
        case .string, .boolean, .null: try skipValue()
        }
    }
}

extension JSONText {
    /// Whether the string is `text`, byte for byte.
    func matches(_ text: String) -> Bool {
        if hasEscapes { return makeString() == text }
        guard rawByteCount == text.utf8.count else { return false }
        return unsafe raw.elementsEqual(text.utf8)
    }
}
