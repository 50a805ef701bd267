import Bytes
import GraphQL
import JSON
import Store

/// What became of mutations that came with a key, so that the same request, sent again, does nothing
/// and gets the same answer.
///
/// A record lies in the same transaction as what the mutation did, and so in the same record of the
/// journal. It holds a fingerprint of the arguments and what the payload showed: ids of rows, numbers
/// and user errors; a replay shows the rows as they are by then.
struct Idempotency {
    let context: EngineContext
    let places: HiddenTables.Places

    /// A key has at most so many characters.
    static let keyLengthMax = 128
    /// Ids of a bulk mutation's rows that a record keeps; of more it keeps none, and a replay shows
    /// only their number. Reason: a record has a bounded size.
    static let rowsKeptMax = 1000
    /// Old records that go with each new one. Reason: more than one, so that they become fewer.
    private static let expiredRemovedMax = 4

    static func accepts(_ key: String) -> Bool {
        (1...keyLengthMax).contains(key.unicodeScalars.count)
    }

    /// The name of a record: the key within its scope.
    ///
    /// - Parameter position: of the root field, for a key that counts for the whole request.
    static func name(_ key: String, _ field: MutationField, position: Int?, caller: String)
        -> String
    {
        let place = position.map { String($0) } ?? "-"
        return "\(field.name)/\(place)/\(caller.utf8.count)/\(caller)/\(key)"
    }

    enum Known {
        case no
        /// Done before; the outcome is filled.
        case replay
        /// The key came with other arguments.
        case otherArguments
    }

    /// Looks for the record of a key and fills the outcome with what it says.
    func look(
        _ name: String, _ fingerprint: String, _ field: MutationField, _ view: VersionView,
        into outcome: inout MutationOutcome
    ) -> Known {
        guard let ref = context.store.row(withID: name, of: places.idempotency, in: view) else {
            return .no
        }
        let row = view.table(places.idempotency).row(ref)
        let column = context.layouts.column(places.idempotency, HiddenTables.fingerprint)
        let isSame = unsafe row.bytes(column).elementsEqual(fingerprint.utf8)
        guard isSame else { return .otherArguments }
        let result = context.layouts.column(places.idempotency, HiddenTables.result)
        guard let json = try? unsafe JSONValue(parsing: row.bytes(result)) else { return .no }
        restore(json, field, view, into: &outcome)
        return .replay
    }

    /// Keeps what a mutation did. Not more than the limit: then the mutation must not be done.
    func keep(
        _ name: String, _ fingerprint: String, _ field: MutationField, _ call: MutationCall,
        _ transaction: Transaction
    ) throws(MutationStop) {
        do throws(StoreError) {
            try removeExpired(transaction)
            let count = transaction.view.table(places.idempotency).count
            guard count < context.limits.idempotencyKeysMax else {
                throw StoreError.tooManyRows(table: places.idempotency)
            }
            let builder = call.builder(places.idempotency)
            builder.set(TableDefinition.idColumn, text: name)
            builder.set(HiddenTables.fingerprint, text: fingerprint)
            let json = ByteBuffer(capacity: 256)
            write(call, field, transaction.view, to: json)
            unsafe json.withUnsafeBytes { unsafe builder.set(HiddenTables.result, bytes: $0) }
            try transaction.insert(places.idempotency, builder)
        } catch {
            throw .failed(
                ArgumentError(
                    "No more idempotency keys can be kept; the oldest are dropped after "
                        + "\(context.limits.idempotencyKeptFor).",
                    hint: "Send the mutation later, or without a key.", code: .storageFull))
        }
    }

    private func removeExpired(_ transaction: Transaction) throws(StoreError) {
        let kept = context.limits.idempotencyKeptFor.components.seconds * 1000
        let column = context.layouts.column(
            places.idempotency, TableDefinition.createdAtColumn)
        for _ in 0..<Self.expiredRemovedMax {
            let view = transaction.view
            var cursor = view.tree(places.idempotencyByTime).cursor(at: .before())
            guard let oldest = cursor.next()?.ref,
                view.table(places.idempotency).row(oldest).int64(column) < transaction.now - kept
            else { return }
            try transaction.delete(places.idempotency, oldest)
        }
    }

    // MARK: Results

    private func write(
        _ call: MutationCall, _ field: MutationField, _ view: VersionView, to json: ByteBuffer
    ) {
        let outcome = call.outcome
        json.append("{\"rows\":[")
        for (place, ref) in outcome.rows.enumerated() {
            if place > 0 { json.append(byte: UInt8(ascii: ",")) }
            if ref == .none {
                json.append("null")
            } else {
                json.appendJSONString(call.publicID(ref, field.objects[place].table, view))
            }
        }
        json.append("],\"count\":")
        json.appendInteger(outcome.count)
        json.append(",\"created\":")
        json.appendJSONBool(outcome.isCreated)
        if let id = outcome.deletedID {
            json.append(",\"deletedId\":")
            json.appendJSONString(id)
        }
        if let affected = outcome.affected, affected.count <= Self.rowsKeptMax {
            json.append(",\"affected\":[")
            for (place, raw) in affected.enumerated() {
                if place > 0 { json.append(byte: UInt8(ascii: ",")) }
                json.appendJSONString(
                    call.publicID(RowRef(rawValue: raw), field.listTable, view))
            }
            json.append("]")
        }
        if field.isRule {
            json.append(",\"payload\":")
            let coding = ResultCoding(context: context, view: view)
            json.append(coding.json(outcome.payload, field.payload).description)
        }
        json.append(",\"errors\":[")
        for (place, error) in outcome.errors.enumerated() {
            if place > 0 { json.append(byte: UInt8(ascii: ",")) }
            let members = [
                JSONValue.Member("code", .string(error.code.name)),
                JSONValue.Member("message", .string(error.message)),
                JSONValue.Member("path", .array(error.path.map { .string($0) })),
                JSONValue.Member("rule", error.rule.map { .string($0) } ?? .null),
            ]
            json.append(JSONValue.object(members).description)
        }
        json.append("]}")
    }

    private func restore(
        _ json: JSONValue, _ field: MutationField, _ view: VersionView,
        into outcome: inout MutationOutcome
    ) {
        func ref(_ id: JSONValue, _ table: TableID) -> RowRef {
            guard case .string(let id) = id else { return .none }
            return context.row(id: id, in: table, view) ?? .none
        }
        for (place, id) in (json["rows"]?.elements ?? []).enumerated()
        where place < outcome.rows.count {
            outcome.rows[place] = ref(id, field.objects[place].table)
        }
        if case .integer(let count)? = json["count"] { outcome.count = Int(count) }
        outcome.isCreated = json["created"] == .bool(true)
        if case .string(let id)? = json["deletedId"] { outcome.deletedID = id }
        outcome.affected = json["affected"]?.elements?
            .map { ref($0, field.listTable) }.filter { $0 != .none }.map(\.rawValue)
        if field.isRule, let payload = json["payload"] {
            outcome.payload = ResultCoding(context: context, view: view)
                .value(payload, field.payload)
        }
        outcome.errors = (json["errors"]?.elements ?? []).compactMap(Self.userError)
        outcome.isReplayed = true
    }

    private static func userError(_ json: JSONValue) -> UserError? {
        guard case .string(let code)? = json["code"],
            case .string(let message)? = json["message"]
        else { return nil }
        let path = (json["path"]?.elements ?? []).compactMap { step -> String? in
            if case .string(let name) = step { name } else { nil }
        }
        var rule: String?
        if case .string(let name)? = json["rule"] { rule = name }
        return UserError(code: ErrorCode(code, ""), message: message, path: path, rule: rule)
    }

    // MARK: Fingerprints

    /// 128 bits over the arguments, the two fields that say nothing about the change left out.
    ///
    /// By names, so that a new field or enum value of the schema leaves it as it is.
    func fingerprint(_ input: [CoercedField], _ field: MutationField) -> String {
        let text = ByteBuffer(capacity: 512)
        let rest = input.filter {
            $0.index != field.clientMutationID && $0.index != field.idempotencyKey
        }
        append(.object(rest), TypeReference(named: field.inputType), text)
        return unsafe text.withUnsafeBytes { bytes in
            let halves = unsafe [
                StableHash.hash(bytes, seed: 0x1DE4_0000_0000_0001),
                StableHash.hash(bytes, seed: 0x1DE4_0000_0000_0002),
            ]
            return halves.map { half in
                let digits = String(half, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }.joined()
        }
    }

    private func append(_ value: CoercedValue, _ type: TypeReference, _ text: ByteBuffer) {
        let schema = context.model.schema
        switch value {
        case .null, .variable: text.append("null")
        case .boolean(let flag): text.appendJSONBool(flag)
        case .int(let number): text.appendInteger(number)
        case .float(let number): text.appendUnsigned(number.bitPattern)
        case .string(let string): text.appendJSONString(string)
        case .enumValue(let place): text.append(schema[type].enumValues[place].name)
        case .list(let items):
            text.append("[")
            for item in items {
                append(item, type.isList ? type.item : type, text)
                text.append(",")
            }
            text.append("]")
        case .object(let fields):
            text.append("{")
            for field in fields {
                let definition = schema[type].inputFields[field.index]
                text.append(definition.name)
                text.append(":")
                append(field.value, definition.type, text)
                text.append(",")
            }
            text.append("}")
        }
    }
}
