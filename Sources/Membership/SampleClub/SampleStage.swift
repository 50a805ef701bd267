import Bytes
import Engine
import JSON
import Store

/// Where the sample club is played: runs mutations at the times that the play sets.
final class SampleStage {
    private let store: Store
    private let session: MutationSession
    private let output = ByteBuffer(capacity: 4096)
    /// Milliseconds since 1970-01-01T00:00:00Z.
    private(set) var now = SampleDay(year: 2023, month: 1, day: 2).number * dayMilliseconds
    /// User errors so far, by code: a club in which nothing is ever refused would be no club.
    private(set) var refusals: [String: Int] = [:]

    init(_ context: EngineContext) {
        store = context.store
        session = MutationSession(context: context)
    }

    /// The play goes on, never back.
    func advance(to time: Int64) { now = max(now, time) }

    /// Runs a mutation with one field and answers what its payload shows.
    ///
    /// - Parameters:
    ///   - selection: the fields of the payload; user errors are asked for anyway.
    ///   - caller: who does it, as the audit tells it.
    /// - Returns: nil when the rules refused it.
    @discardableResult
    func run(
        _ field: String, _ input: JSONValue, _ selection: String, by caller: String = "staff"
    ) throws(SampleClubError) -> JSONValue? {
        let type = field.prefix(1).uppercased() + field.dropFirst()
        let document =
            "mutation($input:\(type)Input!){r:\(field)(input:$input)"
            + "{\(selection) userErrors{code message}}}"
        let answer = try execute(document, JSONValue.object([.init("input", input)]), caller, field)
        guard let payload = answer["data"]?["r"] else {
            throw .refused(field: field, reason: answer.description)
        }
        guard let error = payload["userErrors"]?.elements?.first else { return payload }
        if case .string(let code)? = error["code"] { refusals[code, default: 0] += 1 }
        return nil
    }

    /// As ``run(_:_:_:by:)``, for what must succeed.
    func require(_ field: String, _ input: JSONValue, _ selection: String)
        throws(SampleClubError) -> JSONValue
    {
        guard let payload = try run(field, input, selection) else {
            throw .refused(field: field, reason: output.makeString())
        }
        return payload
    }

    /// The id of the row that a mutation made.
    func id(_ field: String, _ input: JSONValue, of object: String) throws(SampleClubError)
        -> String
    {
        let payload = try require(field, input, "\(object){id}")
        guard case .string(let id)? = payload[object]?["id"] else {
            throw .refused(field: field, reason: output.makeString())
        }
        return id
    }

    private func execute(
        _ document: String, _ variables: JSONValue, _ caller: String, _ field: String
    ) throws(SampleClubError) -> JSONValue {
        output.removeAll()
        var document = document
        var variables = variables.description
        let time = now
        document.withUTF8 { document in
            variables.withUTF8 { variables in
                guard
                    let request = try? unsafe GraphQLRequest(
                        document: UnsafeRawBufferPointer(document), operationName: nil,
                        variables: UnsafeRawBufferPointer(variables))
                else { return }
                store.write(now: time) { group in
                    _ = session.execute(
                        request, viewer: Viewer(role: AccessModel.administrator, name: caller),
                        in: group, into: output)
                }
            }
        }
        let answer = unsafe output.withUnsafeBytes { try? unsafe JSONValue(parsing: $0) }
        guard let answer, answer["errors"] == nil else {
            throw .refused(field: field, reason: output.makeString())
        }
        return answer
    }
}

/// A time as mutations take it.
func sampleTime(_ milliseconds: Int64) -> JSONValue {
    let text = ByteBuffer(capacity: 32)
    text.appendDateTime(milliseconds)
    return .string(text.makeString())
}

/// A day as mutations take it.
func sampleDate(_ day: Int64) -> JSONValue {
    let text = ByteBuffer(capacity: 16)
    text.appendDate(Int32(day))
    return .string(text.makeString())
}

func sampleMoney(_ minor: Int64, _ currency: String) -> JSONValue {
    ["amountMinor": .integer(minor), "currency": .string(currency)]
}
