import Bytes
import JSON

/// The secrets that web tokens may be signed with, and what tokens must say: the file of
/// `--auth jwt-hs256:FILE`.
///
///     {
///       "keys": [
///         {"kty": "oct", "kid": "2026-11", "alg": "HS256", "k": "<base64url, 32 bytes or more>"}
///       ],
///       "issuer": "https://login.club.example",
///       "audience": "club-api"
///     }
///
/// Several keys are for the time in which one follows another. `issuer` and `audience` may be left
/// out.
///
/// Source: RFC 7517 §5 and RFC 7518 §6.4.
struct WebKeySet: Equatable, Sendable {
    struct Key: Equatable, Sendable {
        /// What tokens call it; nil if the set has one key alone.
        let id: String?
        let secret: [UInt8]
    }

    let keys: [Key]
    /// Who must have made a token, if that is to be looked at.
    let issuer: String?
    /// Whom a token must be for, if it says so; and if this is not nil, it must.
    let audience: String?

    /// The audience of a server whose file names none.
    static let audienceDefault = "tessera"

    /// Bytes of a secret. Reason: a shorter one is easier to guess than the hash is long.
    ///
    /// Source: RFC 7518 §3.2.
    static let secretByteCountMin = 32

    private static let byteCountMax = 1 << 20

    enum Problem: Error, Equatable {
        case file(ProtectedFile.Problem)
        case json(JSONError, line: Int, column: Int)
        /// `keys[1].kty`, and what stands there in a good file.
        case malformed(place: String, expected: String)
        case shortSecret(place: String, byteCount: Int)
    }

    static func read(_ path: String) throws(Problem) -> WebKeySet {
        let bytes: [UInt8]
        do throws(ProtectedFile.Problem) {
            bytes = try ProtectedFile.read(path, byteCountMax: byteCountMax)
        } catch {
            throw .file(error)
        }
        return try WebKeySet(parsing: bytes)
    }

    init(parsing bytes: [UInt8]) throws(Problem) {
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue(parsing: bytes)
        } catch {
            let (line, column) = KeyFileContents.place(of: error.offset, in: bytes)
            throw .json(error, line: line, column: column)
        }
        guard json.members != nil else {
            throw .malformed(place: "the file", expected: "an object")
        }
        guard let elements = json["keys"]?.elements, !elements.isEmpty else {
            throw .malformed(place: "keys", expected: "a list of one key or more")
        }
        var keys: [Key] = []
        for (index, element) in elements.enumerated() {
            let place = "keys[\(index)]"
            let key = try Key(element, place: place)
            if key.id == nil && elements.count > 1 {
                throw .malformed(place: place + ".kid", expected: "a text, as there are more keys")
            }
            if let id = key.id, keys.contains(where: { $0.id.map { isSame($0, id) } == true }) {
                throw .malformed(place: place + ".kid", expected: "a text that no other key has")
            }
            keys.append(key)
        }
        self.keys = keys
        issuer = try WebKeySet.text(json, "issuer")
        audience = try WebKeySet.text(json, "audience")
    }

    private static func text(_ json: JSONValue, _ name: String) throws(Problem) -> String? {
        guard let value = json[name] else { return nil }
        guard let text = value.string, !text.isEmpty else {
            throw .malformed(place: name, expected: "a text")
        }
        return text
    }
}

extension WebKeySet.Key {
    fileprivate init(_ json: JSONValue, place: String) throws(WebKeySet.Problem) {
        guard json.members != nil else { throw .malformed(place: place, expected: "an object") }
        func check(_ name: String, _ wanted: String) throws(WebKeySet.Problem) {
            guard let text = json[name]?.string, isSame(text, wanted) else {
                throw .malformed(place: "\(place).\(name)", expected: "\"\(wanted)\"")
            }
        }
        try check("kty", "oct")
        // A key that says what it is for must say this.
        if json["alg"] != nil { try check("alg", "HS256") }
        if json["use"] != nil { try check("use", "sig") }
        if let operations = json["key_ops"] {
            guard operations.elements?.contains(.string("verify")) == true else {
                throw .malformed(place: "\(place).key_ops", expected: "a list with \"verify\"")
            }
        }
        if let kid = json["kid"] {
            guard let text = kid.string, !text.isEmpty else {
                throw .malformed(place: "\(place).kid", expected: "a text")
            }
            id = text
        } else {
            id = nil
        }
        guard let text = json["k"]?.string, let secret = decodeBase64URL(Array(text.utf8)) else {
            throw .malformed(place: "\(place).k", expected: "base64url without padding")
        }
        guard secret.count >= WebKeySet.secretByteCountMin else {
            throw .shortSecret(place: "\(place).k", byteCount: secret.count)
        }
        self.secret = secret
    }
}

/// The bytes of a text; nil when it is not base64url without padding.
func decodeBase64URL(_ text: some Sequence<UInt8>) -> [UInt8]? {
    unsafe Array(text).withUnsafeBytes { unsafe Base64URL.decode($0) }
}

extension WebKeySet.Problem {
    /// What is wrong, and how to mend it.
    func commandError(_ path: String) -> CommandError {
        let example = #"{"keys":[{"kty":"oct","kid":"2026-11","alg":"HS256","k":"…"}]}"#
        switch self {
        case .file(let problem):
            let (message, hint) = problem.text(path)
            return CommandError(.usage, "\(path): \(message)", hint: hint)
        case .json(let error, let line, let column):
            return CommandError(
                .usage, "\(path):\(line):\(column): \(error.reason.text)",
                hint: "it is a JSON web key set, as in \(example)")
        case .malformed(let place, let expected):
            return CommandError(
                .usage, "\(path): \(place) must be \(expected)", hint: "as in \(example)")
        case .shortSecret(let place, let byteCount):
            return CommandError(
                .usage, "\(path): \(place) has \(byteCount) bytes, and so could be guessed",
                hint: "it takes \(WebKeySet.secretByteCountMin) random bytes or more: "
                    + "openssl rand 32 | basenc --base64url | tr -d =")
        }
    }
}
