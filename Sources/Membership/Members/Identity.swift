import Foundation

/// What an identity is.
enum IdentityKind: String, CaseIterable, Sendable {
    case phone = "PHONE"
    case email = "EMAIL"
    case cardNo = "CARD_NO"
    case wechatOpenID = "WECHAT_OPENID"
    case wechatUnionID = "WECHAT_UNIONID"
    case wecomExternalID = "WECOM_EXTERNAL_ID"
    case weiboUID = "WEIBO_UID"
    case appUID = "APP_UID"
    case miniProgramOpenID = "MINIPROGRAM_OPENID"
    case external = "EXTERNAL"
}

/// Why a text is no identity.
enum IdentityRefusal: RuleRefusal {
    /// Nothing but blanks.
    case empty(IdentityKind)
    /// More than ``Identity/bytesMax`` bytes.
    case tooLong(IdentityKind, byteCount: Int)
    /// A control character.
    case control(IdentityKind)
    case phone(PhoneFault)
    case email(EmailFault)

    var code: RuleCode {
        switch self {
        case .empty: .required
        case .tooLong: .tooLong
        case .control, .phone, .email: .invalid
        }
    }
}

/// How identities are compared: I1 holds over the normalised form.
enum Identity {
    /// Longer than any e-mail address may be (254 bytes), and than any key of another system.
    static let bytesMax = 256

    /// The form in which an identity is compared and looked up. Doing it twice is doing it once.
    ///
    /// A phone number is put into E.164; an e-mail address into lower case with its domain in
    /// ASCII; a card number loses its blanks and its full-width forms; anything else is taken as
    /// it is, without the blanks around it.
    ///
    /// - Parameter region: where a phone number without a country's code was written down.
    static func normalized(
        _ text: String, _ kind: IdentityKind, region: PhoneRegion? = nil
    ) throws(IdentityRefusal) -> String {
        let byteCount = text.utf8.count
        guard byteCount <= bytesMax else { throw .tooLong(kind, byteCount: byteCount) }
        let trimmed = trimmed(text)
        guard !trimmed.isEmpty else { throw .empty(kind) }
        switch kind {
        case .phone:
            do throws(PhoneFault) {
                return try PhoneNumber.e164(trimmed, in: region)
            } catch {
                throw .phone(error)
            }
        case .email:
            do throws(EmailFault) {
                return try EmailAddress.normalized(trimmed)
            } catch {
                throw .email(error)
            }
        case .cardNo:
            let folded = trimmed.precomposedStringWithCompatibilityMapping
            return try plain(folded.filter { !$0.isWhitespace }, kind)
        default:
            return try plain(trimmed, kind)
        }
    }

    /// Without blanks and invisible marks at either end.
    static func trimmed(_ text: String) -> String {
        func isBlank(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isWhitespace || scalar.properties.generalCategory == .format
        }
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, isBlank(first) { scalars.removeFirst() }
        while let last = scalars.last, isBlank(last) { scalars.removeLast() }
        return String(scalars)
    }

    private static func plain(
        _ text: String, _ kind: IdentityKind
    ) throws(IdentityRefusal) -> String {
        guard !text.isEmpty else { throw .empty(kind) }
        for scalar in text.unicodeScalars where scalar.properties.generalCategory == .control {
            throw .control(kind)
        }
        return text
    }
}
