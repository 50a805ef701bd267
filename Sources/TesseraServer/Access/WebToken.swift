import Bytes
import Engine
import JSON

/// Verifies a signed token that somebody else has made: a JSON Web Token with HMAC-SHA-256.
///
/// One algorithm, which the server and not the token decides on. What this verifier does not know it
/// refuses: a header has `alg`, and perhaps `typ` and `kid`, and nothing else. The signature is
/// looked at before a single claim is.
///
/// Source: RFC 7515 §5.2, RFC 7519 §7.2, RFC 8725 §3.
enum WebToken {
    /// Why a token is refused. Meant for the log alone.
    enum Refusal: String, Error, CaseIterable, Sendable {
        case tooLong = "token too long"
        case notThreeParts = "token is not three parts"
        case notBase64URL = "token is not base64url"
        case header = "token header is not an object of texts"
        case algorithm = "token algorithm is not HS256"
        case unknownHeader = "token header has a member that is not allowed"
        case type = "token type is not JWT"
        case unknownKey = "token names no known key"
        case signature = "token signature is wrong"
        case claims = "token claims are not an object"
        case claimType = "a token claim is of the wrong type"
        case noExpiry = "token has no exp"
        case expired = "expired token"
        case notYet = "token is not valid yet"
        case issuer = "token is from another issuer"
        case audience = "token is for another audience"
        case noRole = "token has no role"
        case unknownRole = "token has an unknown role"
        case incomplete = "token does not say whom its role stands for"
    }

    /// Bytes of a token. Reason: what is needed takes a tenth of that.
    static let byteCountMax = 4096

    /// By how many seconds the clocks of two machines may differ.
    static let leewaySeconds = 30.0

    /// Bytes of a subject. Reason: it stands in logs, and before each of its idempotency keys.
    private static let subjectByteCountMax = 256

    /// Whom a token stands for.
    ///
    /// - Parameter now: milliseconds since 1970-01-01T00:00:00Z.
    static func viewer(
        of token: [UInt8], _ keySet: WebKeySet, _ roles: AccessRoles, now: Int64
    ) -> Result<Viewer, Denial> {
        do throws(Refusal) {
            let claims = try verifiedClaims(of: token, keySet)
            do throws(Refusal) {
                return .success(try viewer(claims, keySet, roles, now: now))
            } catch {
                // The claims are true, so the log can say who it was.
                return .failure(Denial(error.rawValue, subject: subject(claims)))
            }
        } catch {
            return .failure(Denial(error.rawValue))
        }
    }

    // MARK: Signature

    private static func verifiedClaims(
        of token: [UInt8], _ keySet: WebKeySet
    ) throws(Refusal) -> JSONValue {
        guard token.count <= byteCountMax else { throw .tooLong }
        let parts = token.split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { throw .notThreeParts }
        guard let header = decodeBase64URL(parts[0]), let payload = decodeBase64URL(parts[1]),
            let signature = decodeBase64URL(parts[2])
        else { throw .notBase64URL }
        let keyID = try keyID(inHeader: header)
        let message = token.prefix(parts[0].count + 1 + parts[1].count)
        try check(signature, of: Array(message), keySet, keyID)
        guard let claims = try? JSONValue(parsing: payload), claims.members != nil else {
            throw .claims
        }
        return claims
    }

    /// The `kid` of a header that says nothing but what is allowed; nil if it has none.
    private static func keyID(inHeader bytes: [UInt8]) throws(Refusal) -> String? {
        guard let header = try? JSONValue(parsing: bytes), let members = header.members,
            members.allSatisfy({ $0.value.string != nil })
        else { throw .header }
        guard let algorithm = header["alg"]?.string, isSame(algorithm, "HS256") else {
            throw .algorithm
        }
        guard members.allSatisfy({ ["alg", "typ", "kid"].contains($0.key) }) else {
            throw .unknownHeader
        }
        // Source: RFC 7519 §5.1 and RFC 9068 §2.1; case does not count in a media type.
        if let type = header["typ"]?.string {
            guard ["jwt", "at+jwt"].contains(type.lowercased()) else { throw .type }
        }
        return header["kid"]?.string
    }

    /// Compares with all keys that may be meant, and with each in constant time.
    private static func check(
        _ signature: [UInt8], of message: [UInt8], _ keySet: WebKeySet, _ keyID: String?
    ) throws(Refusal) {
        var isKnown = false
        var isRight = false
        for key in keySet.keys {
            if let keyID {
                guard let id = key.id, isSame(id, keyID) else { continue }
            }
            isKnown = true
            let code = unsafe message.withUnsafeBytes {
                unsafe SHA256.authenticationCode(of: $0, key: key.secret)
            }
            if SHA256.areEqual(code, signature) { isRight = true }
        }
        guard isKnown else { throw .unknownKey }
        guard isRight else { throw .signature }
    }

    // MARK: Claims

    private static func viewer(
        _ claims: JSONValue, _ keySet: WebKeySet, _ roles: AccessRoles, now: Int64
    ) throws(Refusal) -> Viewer {
        try checkTimes(claims, seconds: Double(now) / 1000)
        try checkParties(claims, keySet)
        let staff = try text(claims, "staff")
        let named = try text(claims, "role")
        // Without a role it is that of the row of the staff.
        guard let role = named ?? staff.map({ _ in "" }) else { throw .noRole }
        let member = try text(claims, "member")
        let chapter = try text(claims, "chapter")
        let name =
            try text(claims, "sub")
            ?? [role, staff, member, chapter]
            .map { $0 ?? "" }.joined(separator: "|")
        guard name.utf8.count <= subjectByteCountMax else { throw .claimType }
        let viewer = Viewer(
            role: role, name: name, memberID: member, staffID: staff, chapterID: chapter)
        switch roles.problem(with: viewer) {
        case nil: return viewer
        case .unknownRole: throw .unknownRole
        case .needsMember, .needsChapterOrStaff, .malformedID: throw .incomplete
        }
    }

    /// Source: RFC 7519 §4.1.4 to §4.1.6.
    private static func checkTimes(_ claims: JSONValue, seconds now: Double) throws(Refusal) {
        guard let expiry = try number(claims, "exp") else { throw .noExpiry }
        guard now < expiry + leewaySeconds else { throw .expired }
        for name in ["nbf", "iat"] {
            if let start = try number(claims, name), start > now + leewaySeconds { throw .notYet }
        }
    }

    /// Source: RFC 7519 §4.1.1 and §4.1.3.
    private static func checkParties(
        _ claims: JSONValue, _ keySet: WebKeySet
    ) throws(Refusal) {
        let issuer = try text(claims, "iss")
        if let wanted = keySet.issuer {
            guard let issuer, isSame(issuer, wanted) else { throw .issuer }
        }
        guard let audience = claims["aud"] else {
            if keySet.audience != nil { throw .audience }
            return
        }
        let named = (audience.elements ?? [audience]).map(\.string)
        let wanted = keySet.audience ?? WebKeySet.audienceDefault
        guard named.allSatisfy({ $0 != nil }) else { throw .claimType }
        guard named.contains(where: { $0.map { isSame($0, wanted) } == true }) else {
            throw .audience
        }
    }

    /// A claim that is a text if it is there. An empty one names nobody.
    private static func text(_ claims: JSONValue, _ name: String) throws(Refusal) -> String? {
        guard let value = claims[name] else { return nil }
        guard let text = value.string, !text.isEmpty else { throw .claimType }
        return text
    }

    /// A claim that is a number if it is there.
    private static func number(_ claims: JSONValue, _ name: String) throws(Refusal) -> Double? {
        guard let value = claims[name] else { return nil }
        guard let number = value.double else { throw .claimType }
        return number
    }

    private static func subject(_ claims: JSONValue) -> String? {
        claims["sub"]?.string.flatMap { $0.utf8.count <= subjectByteCountMax ? $0 : nil }
    }
}
