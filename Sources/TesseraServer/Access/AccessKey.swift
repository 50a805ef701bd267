import Bytes
import Engine
import Synchronization

/// What is kept of an access key: everything but the key itself.
struct AccessKey: Equatable, Sendable {
    /// Whom the key stands for; its name is the key's id.
    let viewer: Viewer
    /// What people call the key.
    let name: String?
    /// SHA-256 of the whole token.
    let tokenHash: [UInt8]
    /// Milliseconds since 1970-01-01T00:00:00Z, as all times here.
    let createdAt: Int64
    /// From then on the key is not accepted; nil for never.
    let expiresAt: Int64?
    /// Since then the key is not accepted.
    var revokedAt: Int64?

    var id: String { viewer.name }

    /// How the key stands at a time.
    enum Standing: String, Sendable {
        case valid, expired, revoked
    }

    func standing(at now: Int64) -> Standing {
        if revokedAt != nil { return .revoked }
        if let expiresAt, now >= expiresAt { return .expired }
        return .valid
    }
}

/// The secret that whoever has a key shows: `tsk_`, twelve characters that name the key, `_`, and 43
/// that nobody can guess.
///
/// Letters, digits and underscores: a double click takes the whole of it. The beginning is fixed so
/// that tools which look for secrets in repositories can find it.
enum AccessToken {
    static let prefix = "tsk_"
    static let idCharacterCount = 12
    /// Random bytes of a secret, which none can go through.
    static let secretByteCount = 32
    /// Digits to the base 62 that hold them: 62⁴³ > 2²⁵⁶.
    static let secretCharacterCount = 43
    static let characterCount = prefix.utf8.count + idCharacterCount + 1 + secretCharacterCount

    /// Without letters that are taken for digits. 32 of them, so that all are as likely.
    private static let idAlphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private static let secretAlphabet = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// A new token.
    ///
    /// - Parameter generator: must be one whose numbers nobody can foresee.
    static func make(
        using generator: inout some RandomNumberGenerator
    ) -> (id: String, token: String) {
        let id = (0..<idCharacterCount).map { _ in
            idAlphabet[Int(truncatingIfNeeded: generator.next()) & 31]
        }
        let bytes = (0..<secretByteCount).map { _ in
            UInt8(truncatingIfNeeded: generator.next())
        }
        let text = String(decoding: id, as: UTF8.self)
        return (text, prefix + text + "_" + secretText(bytes))
    }

    /// Bytes as a number to the base 62.
    static func secretText(_ bytes: [UInt8]) -> String {
        var number = bytes
        var digits = [UInt8](repeating: secretAlphabet[0], count: secretCharacterCount)
        for place in digits.indices.reversed() {
            var rest = 0
            for index in number.indices {
                let value = rest << 8 | Int(number[index])
                number[index] = UInt8(truncatingIfNeeded: value / secretAlphabet.count)
                rest = value % secretAlphabet.count
            }
            digits[place] = secretAlphabet[rest]
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The id in a token of the right form; nil for any other text.
    static func id(in token: [UInt8]) -> String? {
        guard token.count == characterCount, token.starts(with: prefix.utf8) else { return nil }
        let rest = token.dropFirst(prefix.utf8.count)
        let id = rest.prefix(idCharacterCount)
        let end = rest.dropFirst(idCharacterCount)
        guard id.allSatisfy(idAlphabet.contains), end.first == UInt8(ascii: "_"),
            end.dropFirst().allSatisfy(secretAlphabet.contains)
        else { return nil }
        return String(decoding: id, as: UTF8.self)
    }

    /// Whether a text has the form of a key's id.
    static func isID(_ text: String) -> Bool {
        text.utf8.count == idCharacterCount && text.utf8.allSatisfy(idAlphabet.contains)
    }
}

/// The keys that a server accepts.
struct KeyRing: Sendable {
    /// A key, and when it was last accepted.
    private struct Held: Sendable {
        let key: AccessKey
        let use: KeyUse
    }

    private let keys: [String: Held]

    /// The hash that an unknown key's token is compared with. No token has it.
    private static let noHash = [UInt8](repeating: 0, count: SHA256.digestByteCount)

    init(_ keys: [AccessKey]) {
        self.keys = Dictionary(keys.map { ($0.id, Held(key: $0, use: KeyUse())) }) { first, _ in
            first
        }
    }

    /// The same keys, with the uses that an earlier ring has noted.
    init(_ ring: KeyRing, after earlier: KeyRing) {
        keys = ring.keys.mapValues { held in
            Held(key: held.key, use: earlier.keys[held.key.id]?.use ?? held.use)
        }
    }

    var count: Int { keys.count }

    /// When each key was last accepted, in milliseconds since 1970-01-01T00:00:00Z; without those
    /// that never were.
    var lastUses: [String: Int64] { keys.compactMapValues { $0.use.time } }

    /// Whom a token stands for at a time.
    ///
    /// The token is hashed and compared whether or not there is such a key and whether or not it is
    /// still good, so that the time tells nothing.
    func viewer(of token: [UInt8], now: Int64) -> Result<Viewer, Denial> {
        guard let id = AccessToken.id(in: token) else {
            return .failure(Denial("not an access key"))
        }
        let held = keys[id]
        let key = held?.key
        let isRight = SHA256.areEqual(
            SHA256.digest(of: token), key?.tokenHash ?? KeyRing.noHash)
        let standing = key?.standing(at: now) ?? .valid
        guard let key else { return .failure(Denial("unknown key", subject: id)) }
        guard isRight else { return .failure(Denial("wrong secret", subject: id)) }
        switch standing {
        case .valid:
            held?.use.note(now)
            return .success(key.viewer)
        case .expired: return .failure(Denial("expired key", subject: id))
        case .revoked: return .failure(Denial("revoked key", subject: id))
        }
    }
}

/// When a key was last accepted; from any thread.
private final class KeyUse: Sendable {
    private let milliseconds = Atomic<Int64>(0)

    /// Nil for never.
    var time: Int64? {
        let time = milliseconds.load(ordering: .relaxed)
        return time == 0 ? nil : time
    }

    func note(_ now: Int64) { milliseconds.store(now, ordering: .relaxed) }
}
