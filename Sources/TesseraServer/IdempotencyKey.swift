import HTTP

/// The header `Idempotency-Key` of a mutation.
///
/// Source: draft-ietf-httpapi-idempotency-key-header-07, §2.1: a quoted string. Most clients send
/// the key without quotation marks, which is taken for the same key.
enum IdempotencyKey {
    enum Problem: Error, Equatable {
        case repeated
        case malformed

        var message: String {
            switch self {
            case .repeated: "The header Idempotency-Key stands twice."
            case .malformed:
                "The header Idempotency-Key must have 1 to 128 printable ASCII characters."
            }
        }
    }

    /// Characters of a key. Reason: as in an input's own key.
    static let characterCountMax = 128

    /// The key of a request; nil when it has none.
    static func text(of request: Request) throws(Problem) -> String? {
        guard let value = unsafe request.header("idempotency-key") else { return nil }
        if request.isRepeated("idempotency-key") { throw .repeated }
        return try unsafe text(value)
    }

    static func text(_ value: UnsafeRawBufferPointer) throws(Problem) -> String {
        var bytes = unsafe value[...]
        let mark = UInt8(ascii: "\"")
        if unsafe bytes.count >= 2 && bytes.first == mark && bytes.last == mark {
            unsafe bytes = bytes.dropFirst().dropLast()
        }
        guard unsafe !bytes.isEmpty, unsafe bytes.count <= characterCountMax,
            unsafe bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
        else { throw .malformed }
        return unsafe String(decoding: bytes, as: UTF8.self)
    }
}
