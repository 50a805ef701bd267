import Bytes
import Engine
import Testing

@testable import TesseraServer

/// Random numbers that are the same each time.
struct FixedNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 31
    }
}

/// A key for tests, and its token.
func makeKey(
    _ seed: UInt64, role: String = "admin", member: String? = nil, staff: String? = nil,
    expiresAt: Int64? = nil, revokedAt: Int64? = nil
) -> (key: AccessKey, token: String) {
    var numbers = FixedNumbers(state: seed)
    let (id, token) = AccessToken.make(using: &numbers)
    let key = AccessKey(
        viewer: Viewer(role: role, name: id, memberID: member, staffID: staff), name: nil,
        tokenHash: SHA256.digest(of: Array(token.utf8)), createdAt: 1_000,
        expiresAt: expiresAt, revokedAt: revokedAt)
    return (key, token)
}

@Suite struct AccessKeyTests {
    @Test func `a token is one word of sixty characters, with the key's id in it`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let (id, token) = AccessToken.make(using: &generator)
            #expect(token.utf8.count == 60)
            #expect(token.hasPrefix("tsk_" + id + "_"))
            #expect(token.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) })
            #expect(AccessToken.id(in: Array(token.utf8)) == id)
            #expect(AccessToken.isID(id))
        }
    }

    @Test func `no two tokens are the same`() {
        var generator = SystemRandomNumberGenerator()
        let tokens = (0..<500).map { _ in AccessToken.make(using: &generator) }
        #expect(Set(tokens.map(\.id)).count == 500)
        #expect(Set(tokens.map(\.token)).count == 500)
    }

    @Test func `a secret's text holds all of its bytes`() {
        let zeros = [UInt8](repeating: 0, count: 32)
        #expect(AccessToken.secretText(zeros) == String(repeating: "0", count: 43))
        #expect(
            AccessToken.secretText(zeros.dropLast() + [61]) == String(repeating: "0", count: 42)
                + "z")
        #expect(
            AccessToken.secretText(zeros.dropLast() + [62]) == String(repeating: "0", count: 41)
                + "10")
        for place in 0..<32 {
            for bit in 0..<8 {
                var bytes = zeros
                bytes[place] = 1 << bit
                #expect(number(AccessToken.secretText(bytes)) == bytes)
            }
        }
    }

    /// The bytes that a text to the base 62 stands for.
    private func number(_ text: String) -> [UInt8] {
        let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var bytes = [UInt8](repeating: 0, count: 32)
        for digit in text.utf8 {
            var carry = alphabet.firstIndex(of: digit) ?? 0
            for place in bytes.indices.reversed() {
                carry += Int(bytes[place]) * 62
                bytes[place] = UInt8(carry & 255)
                carry >>= 8
            }
        }
        return bytes
    }

    @Test func `a token of another form has no id`() {
        let token = makeKey(1).token
        let bytes = Array(token.utf8)
        #expect(AccessToken.id(in: bytes) != nil)
        #expect(AccessToken.id(in: []) == nil)
        #expect(AccessToken.id(in: bytes + [0x30]) == nil)
        #expect(AccessToken.id(in: Array(bytes.dropLast())) == nil)
        #expect(AccessToken.id(in: Array(token.uppercased().utf8)) == nil)
        for place in bytes.indices {
            for byte in [UInt8(0), 0x0A, 0x20, 0x2D, 0x7F, 0xFF] {
                var other = bytes
                other[place] = byte
                #expect(AccessToken.id(in: other) == nil)
            }
        }
    }

    @Test func `a ring knows whom a token stands for`() {
        let (key, token) = makeKey(1, role: "staff", staff: "staff_7")
        let ring = KeyRing([makeKey(2).key, key])
        #expect(ring.count == 2)
        #expect(
            ring.viewer(of: Array(token.utf8), now: 2_000)
                == .success(Viewer(role: "staff", name: key.id, staffID: "staff_7")))
    }

    @Test func `a ring refuses what is unknown, wrong, expired or revoked`() {
        let good = makeKey(1)
        let expired = makeKey(2, expiresAt: 2_000)
        let revoked = makeKey(3, revokedAt: 1_500)
        let ring = KeyRing([good.key, expired.key, revoked.key])
        func refusal(_ token: String, now: Int64 = 2_000) -> Denial? {
            switch ring.viewer(of: Array(token.utf8), now: now) {
            case .success: nil
            case .failure(let denial): denial
            }
        }
        let unknown = makeKey(4)
        #expect(refusal(unknown.token) == Denial("unknown key", subject: unknown.key.id))
        #expect(refusal(expired.token) == Denial("expired key", subject: expired.key.id))
        #expect(refusal(expired.token, now: 1_999) == nil)
        #expect(refusal(revoked.token) == Denial("revoked key", subject: revoked.key.id))
        #expect(refusal("admin") == Denial("not an access key"))
        // One key's id with another one's secret.
        let mixed = good.token.prefix(17) + expired.token.dropFirst(17)
        #expect(refusal(String(mixed)) == Denial("wrong secret", subject: good.key.id))
        // Who has no right secret does not learn in the log's words that the key was revoked.
        let stale = revoked.token.dropLast() + (revoked.token.hasSuffix("a") ? "b" : "a")
        #expect(refusal(String(stale)) == Denial("wrong secret", subject: revoked.key.id))
    }

    @Test func `each bit of a token counts`() {
        let (key, token) = makeKey(5)
        let ring = KeyRing([key])
        for place in 0..<60 {
            for bit in 0..<8 {
                var bytes = Array(token.utf8)
                bytes[place] ^= 1 << bit
                guard case .failure = ring.viewer(of: bytes, now: 2_000) else {
                    Issue.record("accepted with bit \(bit) of byte \(place) changed")
                    continue
                }
            }
        }
    }

    @Test func `roles say whom they stand for`() {
        let roles = AccessRoles.builtIn
        func problem(
            _ role: String, member: String? = nil, staff: String? = nil, chapter: String? = nil
        ) -> AccessRoles.Problem? {
            roles.problem(
                with: Viewer(
                    role: role, name: "x", memberID: member, staffID: staff, chapterID: chapter))
        }
        for role in ["admin", "analyst", "developer"] { #expect(problem(role) == nil) }
        #expect(problem("owner") == .unknownRole)
        #expect(problem("Admin") == .unknownRole)
        #expect(problem("") == .unknownRole)
        #expect(problem("member") == .needsMember)
        #expect(problem("member", staff: "staff_1") == .needsMember)
        #expect(problem("member", member: "mem_1") == nil)
        #expect(problem("staff") == .needsChapterOrStaff)
        #expect(problem("manager", member: "mem_1") == .needsChapterOrStaff)
        #expect(problem("staff", staff: "staff_1") == nil)
        #expect(problem("manager", chapter: "chap_1") == nil)
        for id in ["", "mem 1", "mem_\n", "mem_é", String(repeating: "x", count: 101)] {
            #expect(problem("member", member: id) == .malformedID)
        }
    }
}
