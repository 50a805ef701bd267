import Bytes
import Engine
import JSON

/// The road of a request without its sockets: the bytes of a body in, the bytes of an answer out.
final class RequestRoad {
    private let session: Session
    private let output = ByteBuffer(capacity: 1 << 20)

    init(_ context: EngineContext) throws(BenchError) {
        guard let session = Session(context: context) else {
            throw BenchError("the store has no reader left")
        }
        self.session = session
    }

    /// Answers a request.
    /// - Returns: the bytes of the answer.
    @inline(__always)
    func answer(_ body: UnsafeRawBufferPointer, viewer: Viewer = .unrestricted) -> Int {
        output.removeAll()
        guard let request = try? unsafe GraphQLRequest(jsonBody: body),
            case .data = session.execute(request, viewer: viewer, into: output), isData
        else { fatalError("no data: \(output.makeString().prefix(500))") }
        return output.count
    }

    /// Whether the answer begins with data: errors would come first.
    private var isData: Bool {
        unsafe output.count > 7 && output.base.loadUnaligned(as: UInt64.self) == RequestRoad.data
    }

    /// `{"data":`
    private static let data: UInt64 = 0x3A22_6174_6164_227B

    /// The answer as a tree, for what comes before the measuring.
    func value(_ query: String, _ variables: String) throws -> JSONValue {
        let bodies = Bodies()
        bodies.append(query, variables)
        _ = unsafe answer(bodies[0])
        return try JSONValue(parsing: output.makeString())
    }
}

/// Bodies of requests, one behind the other.
// Safe: `starts` are offsets into `bytes`, which grows only before the first body is handed out.
@safe
final class Bodies {
    private let bytes = ByteBuffer(capacity: 1 << 20)
    private var starts = [0]

    func append(_ query: String, _ variables: String = "{}") {
        bytes.append("{\"query\":")
        bytes.appendJSONString(query)
        bytes.append(",\"variables\":")
        bytes.append(variables)
        bytes.append("}")
        starts.append(bytes.count)
    }

    var count: Int { starts.count - 1 }

    /// A body by its number; after the last comes the first again.
    @inline(__always)
    subscript(_ number: Int) -> UnsafeRawBufferPointer {
        let place = number % count
        return unsafe UnsafeRawBufferPointer(
            start: bytes.base + starts[place], count: starts[place + 1] - starts[place])
    }

    /// Writes a number in place of the eight digits at an offset in the only body.
    func write(_ number: Int, at offset: Int) {
        var rest = number
        for place in (0..<8).reversed() {
            unsafe bytes.base.storeBytes(
                of: UInt8(48 + rest % 10), toByteOffset: offset + place, as: UInt8.self)
            rest /= 10
        }
    }

    /// Where a text begins in the only body.
    func offset(of text: String) -> Int? {
        let wanted = Array(text.utf8)
        let all = bytes.bytes
        return all.indices.first { all[$0...].starts(with: wanted) }
    }
}
