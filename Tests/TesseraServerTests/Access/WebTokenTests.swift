import Bytes
import Engine
import Testing

@testable import TesseraServer

let webSecret = (0..<32).map { UInt8($0) }
let otherSecret = (0..<48).map { UInt8(250 - $0 * 5) }

func base64URL(_ bytes: some Sequence<UInt8>) -> String {
    let output = ByteBuffer(capacity: 64)
    unsafe Array(bytes).withUnsafeBytes { unsafe Base64URL.encode($0, to: output) }
    return output.makeString()
}

func base64URL(_ text: String) -> String { base64URL(text.utf8) }

/// A token as whoever has the secret makes it.
func webToken(
    header: String = #"{"alg":"HS256","typ":"JWT"}"#, claims: String, secret: [UInt8] = webSecret
) -> String {
    let message = base64URL(header) + "." + base64URL(claims)
    return message + "." + base64URL(code(message, secret))
}

private func code(_ message: String, _ secret: [UInt8] = webSecret) -> [UInt8] {
    unsafe Array(message.utf8).withUnsafeBytes {
        unsafe SHA256.authenticationCode(of: $0, key: secret)
    }
}

/// The time of all tests here: 1 000 000 s.
private let now: Int64 = 1_000_000_000

private let goodClaims = #"{"role":"admin","sub":"ada","exp":1000600}"#

@Suite struct WebTokenTests {
    private static func keySet(
        _ members: String = "", ids: (String, String) = ("2026-11", "2027-02")
    ) throws -> WebKeySet {
        let text = """
            {"keys":[{"kty":"oct","kid":"\(ids.0)","alg":"HS256","k":"\(base64URL(webSecret))"},
            {"kty":"oct","kid":"\(ids.1)","k":"\(base64URL(otherSecret))"}]\(members)}
            """
        return try WebKeySet(parsing: Array(text.utf8))
    }

    private func refusal(_ token: String, _ keySet: WebKeySet) -> String? {
        switch WebToken.viewer(of: Array(token.utf8), keySet, .builtIn, now: now) {
        case .success: nil
        case .failure(let denial): denial.reason
        }
    }

    private func viewer(
        _ token: String, _ keySet: WebKeySet, now: Int64 = now
    ) -> Result<Viewer, Denial> {
        WebToken.viewer(of: Array(token.utf8), keySet, .builtIn, now: now)
    }

    // MARK: Good ones

    @Test func `the example of the standard has the signature that it says`() throws {
        // Source: RFC 7515, appendix A.1.
        let secret =
            "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
        let token =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
            + "Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        let keySet = try WebKeySet(
            parsing: Array(#"{"keys":[{"kty":"oct","k":"\#(secret)"}]}"#.utf8))
        // Its signature is right, so that what is missed is a role.
        #expect(
            WebToken.viewer(
                of: Array(token.utf8), keySet, .builtIn, now: 1_300_819_379_000)
                == .failure(Denial(WebToken.Refusal.noRole.rawValue)))
    }

    @Test func `a token says who asks`() throws {
        let keySet = try Self.keySet()
        #expect(
            viewer(
                webToken(
                    claims: """
                        {"role":"staff","staff":"staff_7","chapter":"chap_1","member":"mem_9",
                        "sub":"Åse","exp":1000600,"nbf":999999,"iat":999990.5,"aud":"tessera",
                        "jti":"x","scope":["a"]}
                        """), keySet)
                == .success(
                    Viewer(
                        role: "staff", name: "Åse", memberID: "mem_9", staffID: "staff_7",
                        chapterID: "chap_1")))
        #expect(
            viewer(
                webToken(claims: #"{"role":"member","member":"mem_1","exp":1000600}"#), keySet)
                == .success(Viewer(role: "member", name: "member||mem_1|", memberID: "mem_1")))
    }

    @Test func `a token of the staff may leave its role to the row`() throws {
        let keySet = try Self.keySet()
        #expect(
            viewer(webToken(claims: #"{"sub":"ada","staff":"stf_1","exp":1000600}"#), keySet)
                == .success(Viewer(role: "", name: "ada", staffID: "stf_1")))
    }

    @Test func `each key of the set signs`() throws {
        let keySet = try Self.keySet()
        let ada = Result<Viewer, Denial>.success(Viewer(role: "admin", name: "ada"))
        for (secret, id) in [(webSecret, "2026-11"), (otherSecret, "2027-02")] {
            for header in [
                #"{"alg":"HS256"}"#, #"{"alg":"HS256","kid":"\#(id)"}"#,
                #"{"kid":"\#(id)","typ":"at+jwt","alg":"HS256"}"#,
                #"{"typ":"jwt", "alg" : "HS256"}"#,
            ] {
                let token = webToken(header: header, claims: goodClaims, secret: secret)
                #expect(viewer(token, keySet) == ada)
            }
        }
    }

    @Test func `a token counts until thirty seconds after its end`() throws {
        let keySet = try Self.keySet()
        func isGood(_ claims: String) -> Bool {
            let token = webToken(claims: #"{"role":"admin","sub":"ada",\#(claims)}"#)
            return (try? viewer(token, keySet).get()) != nil
        }
        #expect(isGood(#""exp":1000001"#))
        #expect(isGood(#""exp":999970.5"#))
        #expect(!isGood(#""exp":999970"#))
        #expect(!isGood(#""exp":999969"#))
        #expect(isGood(#""exp":1e300"#))
        #expect(isGood(#""exp":1000600,"nbf":1000030"#))
        #expect(!isGood(#""exp":1000600,"nbf":1000030.5"#))
        #expect(isGood(#""exp":1000600,"iat":1000030"#))
        #expect(!isGood(#""exp":1000600,"iat":1000031"#))
    }

    @Test func `a file can name the issuer and the audience`() throws {
        let keySet = try Self.keySet(#","issuer":"https://id.example","audience":"club-api""#)
        func refusal(_ claims: String) -> String? {
            self.refusal(
                webToken(claims: #"{"role":"admin","exp":1000600\#(claims)}"#), keySet)
        }
        let issuer = #","iss":"https://id.example""#
        #expect(refusal(issuer + #","aud":"club-api""#) == nil)
        #expect(refusal(issuer + #","aud":["other","club-api"]"#) == nil)
        #expect(refusal(#","aud":"club-api""#) == WebToken.Refusal.issuer.rawValue)
        #expect(
            refusal(#","aud":"club-api","iss":"https://id.example/""#)
                == WebToken.Refusal.issuer.rawValue)
        #expect(refusal(issuer) == WebToken.Refusal.audience.rawValue)
        #expect(refusal(issuer + #","aud":"tessera""#) == WebToken.Refusal.audience.rawValue)
        #expect(refusal(issuer + #","aud":[]"#) == WebToken.Refusal.audience.rawValue)
        #expect(
            refusal(issuer + #","aud":["club-api",1]"#) == WebToken.Refusal.claimType.rawValue)
    }

    // MARK: Forged ones

    /// What is wrong, the token, and what the log says of it.
    private static let forged: [(String, String, WebToken.Refusal)] = {
        let good = webToken(claims: goodClaims)
        let parts = good.split(separator: ".").map(String.init)
        func head(_ header: String) -> String { webToken(header: header, claims: goodClaims) }
        func says(_ claims: String) -> String { webToken(claims: claims) }
        func text(_ header: String) -> String {
            base64URL(header) + "." + parts[1] + "."
        }
        let publicKey = Array("-----BEGIN PUBLIC KEY-----".utf8)
        return [
            // Form.
            ("nothing", "", .notThreeParts),
            ("dots alone", "..", .notThreeParts),
            ("no signature", parts[0] + "." + parts[1], .notThreeParts),
            ("an empty signature", parts[0] + "." + parts[1] + ".", .notThreeParts),
            ("no header", "." + parts[1] + "." + parts[2], .notThreeParts),
            ("no claims", parts[0] + ".." + parts[2], .notThreeParts),
            ("a fourth part", good + ".e30", .notThreeParts),
            (
                "five parts, as when encrypted", good + "." + parts[1] + "." + parts[2],
                .notThreeParts
            ),
            ("a dot at the end", good + ".", .notThreeParts),
            ("padding", good + "=", .notBase64URL),
            ("padding in the header", parts[0] + "=." + parts[1] + "." + parts[2], .notBase64URL),
            ("a space", parts[0] + " ." + parts[1] + "." + parts[2], .notBase64URL),
            ("a line end", good + "\n", .notBase64URL),
            ("the other alphabet", parts[0] + "." + parts[1] + ".+/" + parts[2], .notBase64URL),
            ("a NUL", good + "\0", .notBase64URL),
            (
                "bits behind the last byte", parts[0] + "." + parts[1] + "." + loosened(parts[2]),
                .notBase64URL
            ),
            ("5000 bytes", says(goodClaims + String(repeating: " ", count: 4000)), .tooLong),
            // Header.
            ("no algorithm, unsigned", text(#"{"alg":"none"}"#) + "AA", .algorithm),
            ("none with a good signature", head(#"{"alg":"none"}"#), .algorithm),
            ("None", head(#"{"alg":"None"}"#), .algorithm),
            ("NONE", head(#"{"alg":"NONE"}"#), .algorithm),
            ("hs256", head(#"{"alg":"hs256"}"#), .algorithm),
            ("HS256 with a space", head(#"{"alg":"HS256 "}"#), .algorithm),
            ("HS384", head(#"{"alg":"HS384"}"#), .algorithm),
            ("HS512", head(#"{"alg":"HS512"}"#), .algorithm),
            ("RS256", head(#"{"alg":"RS256"}"#), .algorithm),
            (
                "RS256 signed with a public key",
                webToken(header: #"{"alg":"RS256"}"#, claims: goodClaims, secret: publicKey),
                .algorithm
            ),
            ("ES256", head(#"{"alg":"ES256"}"#), .algorithm),
            ("no alg", head(#"{"typ":"JWT"}"#), .algorithm),
            ("alg is null", head(#"{"alg":null}"#), .header),
            ("alg is a list", head(#"{"alg":["HS256"]}"#), .header),
            ("alg twice", head(#"{"alg":"none","alg":"HS256"}"#), .header),
            ("alg twice, one escaped", head(#"{"alg":"HS256","\u0061lg":"none"}"#), .header),
            ("header is a list", head(#"["HS256"]"#), .header),
            ("header is not JSON", head(#"{alg:"HS256"}"#), .header),
            ("header with more behind it", head(#"{"alg":"HS256"} {}"#), .header),
            ("header with a mark at its start", head("\u{FEFF}{\"alg\":\"HS256\"}"), .header),
            ("crit", head(#"{"alg":"HS256","crit":["exp"]}"#), .header),
            ("crit as a text", head(#"{"alg":"HS256","crit":"exp"}"#), .unknownHeader),
            (
                "a key of its own",
                head(#"{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}"#), .header
            ),
            ("jku", head(#"{"alg":"HS256","jku":"https://evil.example/keys"}"#), .unknownHeader),
            ("x5u", head(#"{"alg":"HS256","x5u":"https://evil.example/cert"}"#), .unknownHeader),
            ("x5c", head(#"{"alg":"HS256","x5c":["MIIB"]}"#), .header),
            ("b64", head(#"{"alg":"HS256","b64":false}"#), .header),
            ("a nested token", head(#"{"alg":"HS256","cty":"JWT"}"#), .unknownHeader),
            ("zip", head(#"{"alg":"HS256","zip":"DEF"}"#), .unknownHeader),
            ("enc", head(#"{"alg":"HS256","enc":"A128GCM"}"#), .unknownHeader),
            ("another type", head(#"{"alg":"HS256","typ":"JOSE"}"#), .type),
            ("a refresh token", head(#"{"alg":"HS256","typ":"rt+jwt"}"#), .type),
            ("an unknown kid", head(#"{"alg":"HS256","kid":"2025"}"#), .unknownKey),
            ("an empty kid", head(#"{"alg":"HS256","kid":""}"#), .unknownKey),
            ("kid as a path", head(#"{"alg":"HS256","kid":"../../dev/null"}"#), .unknownKey),
            (
                "kid as a path, signed with nothing",
                webToken(
                    header: #"{"alg":"HS256","kid":"/dev/null"}"#, claims: goodClaims, secret: []),
                .unknownKey
            ),
            ("kid with a quote", head(#"{"alg":"HS256","kid":"' OR 1=1 --"}"#), .unknownKey),
            ("kid as a number", head(#"{"alg":"HS256","kid":2026}"#), .header),
            ("kid in another case", head(#"{"alg":"HS256","kid":"2026-11 "}"#), .unknownKey),
            ("the other key's kid", head(#"{"alg":"HS256","kid":"2027-02"}"#), .signature),
            // Signature.
            (
                "signed with nothing", webToken(claims: goodClaims, secret: []), .signature
            ),
            (
                "signed with a word", webToken(claims: goodClaims, secret: Array("secret".utf8)),
                .signature
            ),
            (
                "signed with the secret's text",
                webToken(claims: goodClaims, secret: Array(base64URL(webSecret).utf8)), .signature
            ),
            (
                "signed with half of the secret",
                webToken(claims: goodClaims, secret: Array(webSecret.prefix(16))), .signature
            ),
            (
                "another's signature",
                parts[0] + "." + parts[1] + "." + says("{}").split(separator: ".")[2], .signature
            ),
            (
                "a signature that is cut", parts[0] + "." + parts[1] + "." + parts[2].dropLast(3),
                .signature
            ),
            ("a signature and more", good + "AAAA", .signature),
            (
                "zeros for a signature",
                parts[0] + "." + parts[1] + "." + base64URL([UInt8](repeating: 0, count: 32)),
                .signature
            ),
            (
                "other claims",
                parts[0] + "." + base64URL(#"{"role":"admin","exp":9999999999}"#) + "." + parts[2],
                .signature
            ),
            (
                "another header",
                base64URL(#"{"typ":"JWT","alg":"HS256"}"#) + "." + parts[1] + "." + parts[2],
                .signature
            ),
            // Claims.
            ("claims are a list", says("[]"), .claims),
            ("claims are not JSON", says("role=admin"), .claims),
            ("a claim twice", says(#"{"role":"member","exp":1000600,"role":"admin"}"#), .claims),
            (
                "claims not in UTF-8", webTokenOfBytes([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D]),
                .claims
            ),
            ("claims nested deeply", says(String(repeating: "[", count: 1000)), .claims),
            ("no exp", says(#"{"role":"admin"}"#), .noExpiry),
            ("exp is a text", says(#"{"role":"admin","exp":"1000600"}"#), .claimType),
            ("exp is null", says(#"{"role":"admin","exp":null}"#), .claimType),
            ("exp is true", says(#"{"role":"admin","exp":true}"#), .claimType),
            ("exp is a list", says(#"{"role":"admin","exp":[1000600]}"#), .claimType),
            ("exp is beyond all numbers", says(#"{"role":"admin","exp":1e400}"#), .claimType),
            ("exp has passed", says(#"{"role":"admin","exp":900000}"#), .expired),
            ("exp is 0", says(#"{"role":"admin","exp":0}"#), .expired),
            ("exp is below 0", says(#"{"role":"admin","exp":-1e300}"#), .expired),
            ("nbf is to come", says(#"{"role":"admin","exp":1000600,"nbf":1000500}"#), .notYet),
            ("nbf is a text", says(#"{"role":"admin","exp":1000600,"nbf":"0"}"#), .claimType),
            ("made in the future", says(#"{"role":"admin","exp":1000600,"iat":1000500}"#), .notYet),
            ("iat is a text", says(#"{"role":"admin","exp":1000600,"iat":"now"}"#), .claimType),
            ("no role", says(#"{"exp":1000600,"sub":"ada"}"#), .noRole),
            ("role is a list", says(#"{"role":["admin"],"exp":1000600}"#), .claimType),
            ("role is null", says(#"{"role":null,"exp":1000600}"#), .claimType),
            ("role is empty", says(#"{"role":"","exp":1000600}"#), .claimType),
            ("an unknown role", says(#"{"role":"root","exp":1000600}"#), .unknownRole),
            ("a role in capitals", says(#"{"role":"ADMIN","exp":1000600}"#), .unknownRole),
            ("a role with a space", says(#"{"role":"admin ","exp":1000600}"#), .unknownRole),
            ("a member without an id", says(#"{"role":"member","exp":1000600}"#), .incomplete),
            (
                "a member's id is a number", says(#"{"role":"member","member":7,"exp":1000600}"#),
                .claimType
            ),
            (
                "a member's id with a space",
                says(#"{"role":"member","member":"a b","exp":1000600}"#), .incomplete
            ),
            ("staff of nowhere", says(#"{"role":"staff","exp":1000600}"#), .incomplete),
            ("sub is a number", says(#"{"role":"admin","sub":7,"exp":1000600}"#), .claimType),
            (
                "a sub of 300 bytes",
                says(
                    #"{"role":"admin","sub":"\#(String(repeating: "a", count: 300))","exp":1000600}"#
                ), .claimType
            ),
            ("iss is a number", says(#"{"role":"admin","iss":7,"exp":1000600}"#), .claimType),
            (
                "for another server", says(#"{"role":"admin","aud":"other","exp":1000600}"#),
                .audience
            ),
            ("for nobody", says(#"{"role":"admin","aud":[],"exp":1000600}"#), .audience),
            ("aud is a number", says(#"{"role":"admin","aud":7,"exp":1000600}"#), .claimType),
            (
                "aud in capitals", says(#"{"role":"admin","aud":"Tessera","exp":1000600}"#),
                .audience
            ),
        ]
    }()

    /// The same bytes with bits behind the last of them, which a loose decoder drops.
    private static func loosened(_ signature: String) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        guard let last = signature.last, let place = alphabet.firstIndex(of: last) else {
            return ""
        }
        return signature.dropLast() + String(alphabet[place | 1])
    }

    private static func webTokenOfBytes(_ claims: [UInt8]) -> String {
        let message = base64URL(#"{"alg":"HS256"}"#) + "." + base64URL(claims)
        return message + "." + base64URL(code(message))
    }

    @Test func `forged tokens are refused`() throws {
        let keySet = try Self.keySet()
        #expect(refusal(webToken(claims: goodClaims), keySet) == nil)
        #expect(Self.forged.count >= 45)
        for (name, token, reason) in Self.forged {
            #expect(refusal(token, keySet) == reason.rawValue, "\(name)")
        }
    }

    @Test func `each bit of a token counts`() throws {
        let keySet = try Self.keySet()
        let token = Array(webToken(claims: goodClaims).utf8)
        for place in token.indices {
            for bit in 0..<8 {
                var other = token
                other[place] ^= 1 << bit
                guard case .failure = WebToken.viewer(of: other, keySet, .builtIn, now: now) else {
                    Issue.record("accepted with bit \(bit) of byte \(place) changed")
                    continue
                }
            }
        }
    }

    @Test func `the log names the bearer only of a token whose signature is right`() throws {
        let keySet = try Self.keySet()
        let claims = #"{"role":"admin","sub":"ada","exp":1}"#
        #expect(
            viewer(webToken(claims: claims), keySet)
                == .failure(Denial("expired token", subject: "ada")))
        #expect(
            viewer(webToken(claims: claims, secret: [1]), keySet)
                == .failure(Denial("token signature is wrong")))
    }

    // MARK: Key sets

    @Test func `a key set that cannot be right is refused`() {
        let secret = base64URL(webSecret)
        func key(_ members: String) -> String { #"{"keys":[{\#(members)}]}"# }
        let cases: [(String, WebKeySet.Problem)] = [
            ("[]", .malformed(place: "the file", expected: "an object")),
            ("{}", .malformed(place: "keys", expected: "a list of one key or more")),
            (#"{"keys":[]}"#, .malformed(place: "keys", expected: "a list of one key or more")),
            (#"{"keys":["x"]}"#, .malformed(place: "keys[0]", expected: "an object")),
            (
                key(#""k":"\#(secret)""#),
                .malformed(place: "keys[0].kty", expected: "\"oct\"")
            ),
            (
                key(#""kty":"RSA","n":"AQAB","e":"AQAB""#),
                .malformed(place: "keys[0].kty", expected: "\"oct\"")
            ),
            (
                key(#""kty":"oct","alg":"HS512","k":"\#(secret)""#),
                .malformed(place: "keys[0].alg", expected: "\"HS256\"")
            ),
            (
                key(#""kty":"oct","use":"enc","k":"\#(secret)""#),
                .malformed(place: "keys[0].use", expected: "\"sig\"")
            ),
            (
                key(#""kty":"oct","key_ops":["sign"],"k":"\#(secret)""#),
                .malformed(place: "keys[0].key_ops", expected: "a list with \"verify\"")
            ),
            (
                key(#""kty":"oct","kid":7,"k":"\#(secret)""#),
                .malformed(place: "keys[0].kid", expected: "a text")
            ),
            (
                key(#""kty":"oct","k":"not base64""#),
                .malformed(place: "keys[0].k", expected: "base64url without padding")
            ),
            (
                key(#""kty":"oct","k":"\#(base64URL(webSecret.dropLast()))""#),
                .shortSecret(place: "keys[0].k", byteCount: 31)
            ),
            (
                #"{"keys":[{"kty":"oct","k":"\#(secret)"},{"kty":"oct","k":"\#(secret)"}]}"#,
                .malformed(place: "keys[0].kid", expected: "a text, as there are more keys")
            ),
            (
                #"{"keys":[{"kty":"oct","kid":"a","k":"\#(secret)"},"#
                    + #"{"kty":"oct","kid":"a","k":"\#(secret)"}]}"#,
                .malformed(place: "keys[1].kid", expected: "a text that no other key has")
            ),
            (
                #"{"keys":[{"kty":"oct","k":"\#(secret)"}],"issuer":7}"#,
                .malformed(place: "issuer", expected: "a text")
            ),
        ]
        for (text, problem) in cases {
            #expect(throws: problem, "\(text)") { try WebKeySet(parsing: Array(text.utf8)) }
        }
    }
}
