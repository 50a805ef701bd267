import Engine
import Store

/// An identity that an input gives a member.
struct NewIdentity: Equatable, Sendable {
    var kind: IdentityKind
    var value: String
    var normalized: String
    /// Of the identity in the input.
    var path: [String]
}

/// What an input says about a member.
struct Profile: Sendable {
    var memberNo = Given<String>.absent
    var kind = Given<MemberKind>.absent
    var name = Given<String>.absent
    var gender = Given<Gender>.absent
    var birthday = Given<Int32>.absent
    var homeChapter = Given<RowRef>.absent
    var preferences = Given<JSONMembers>.absent
    var attributes = Given<JSONMembers>.absent
    var identities: [NewIdentity] = []
    var problems: [InputProblem] = []
    /// Of the input object.
    var path: [String] = []
}

/// The fields of `IdentityInput`.
struct IdentityFields: Sendable {
    let kind: InputField<IdentityKind>
    let value: InputField<String>

    init(_ binder: InputBinder) {
        kind = binder.input("kind")
        value = binder.input("value")
    }
}

/// The fields of `MemberInput` and `MemberChanges`.
struct ProfileFields: Sendable {
    /// Longer than any name on a passport.
    static let nameMax = 200
    static let memberNoLengths = 4...32
    /// As many as there are kinds, twice over.
    static let identitiesMax = 20

    let memberNo: InputField<String?>
    let kind: InputField<MemberKind?>
    let name: InputField<String?>
    let gender: InputField<Gender?>
    let birthday: InputField<Int32?>
    let homeChapter: InputField<String?>
    let preferences: InputField<JSONDocument?>
    let attributes: InputField<JSONDocument?>
    private let identities: InputField<[InputObject]?>?
    private let identity: IdentityFields?

    /// - Parameter hasIdentities: whether the input has a list of them.
    init(_ binder: InputBinder, hasIdentities: Bool) {
        memberNo = binder.input("memberNo")
        kind = binder.input("kind")
        name = binder.input("name")
        gender = binder.input("gender")
        birthday = binder.input("birthday")
        homeChapter = binder.input("homeChapterId")
        preferences = binder.input("preferences")
        attributes = binder.input("attributes")
        identities = hasIdentities ? binder.input("identities") : nil
        identity = hasIdentities ? IdentityFields(binder.object("identities")) : nil
    }

    /// Reads an input and notes what is wrong with its values by themselves.
    ///
    /// - Parameters:
    ///   - path: of the input object.
    ///   - today: no birthday lies beyond it.
    ///   - region: of a chapter; where phone numbers without a country's code are from.
    func read(
        _ input: InputObject, at path: [String], _ chapters: RuleTable, _ data: DataView,
        today: Int32, region: (RowRef?) -> PhoneRegion?
    ) -> Profile {
        var profile = Profile()
        profile.path = path
        profile.memberNo = input.given(memberNo)
        profile.kind = input.given(kind)
        profile.name = input.given(name)
        profile.gender = input.given(gender)
        profile.birthday = input.given(birthday)
        func note(_ code: RuleCode, _ message: String, _ field: String) {
            profile.problems.append(
                InputProblem(code: code, message: message, path: path + [field]))
        }
        if let number = profile.memberNo.value {
            let count = number.unicodeScalars.count
            if count > Self.memberNoLengths.upperBound {
                note(.tooLong, "A member's number has at most 32 characters.", "memberNo")
            } else if count < Self.memberNoLengths.lowerBound {
                note(.invalid, "A member's number has at least 4 characters.", "memberNo")
            }
        }
        if let name = profile.name.value {
            let trimmed = Identity.trimmed(name)
            profile.name = .value(trimmed)
            if trimmed.isEmpty { note(.required, "A name must be given.", "name") }
            if trimmed.unicodeScalars.count > Self.nameMax {
                note(.tooLong, "A name has at most \(Self.nameMax) characters.", "name")
            }
        }
        if let day = profile.birthday.value, day > today {
            note(.invalid, "Nobody is born after today.", "birthday")
        }
        switch input.given(homeChapter) {
        case .absent: break
        case .null: profile.homeChapter = .null
        case .value(let id):
            if let chapter = data.ref(id: id, in: chapters) {
                profile.homeChapter = .value(chapter)
            } else {
                note(.notFound, "No chapter has the id \(JSONMembers.quoted(id)).", "homeChapterId")
            }
        }
        profile.preferences = members(input.given(preferences)) {
            note(.invalid, "Preferences are an object.", "preferences")
        }
        profile.attributes = members(input.given(attributes)) {
            note(.invalid, "Attributes are an object.", "attributes")
        }
        readIdentities(input, &profile, region(profile.homeChapter.value))
        return profile
    }

    private func members(_ given: Given<JSONDocument>, _ refuse: () -> Void) -> Given<JSONMembers> {
        switch given {
        case .absent: return .absent
        case .null: return .null
        case .value(let json):
            if let members = JSONMembers(json.text) { return .value(members) }
            refuse()
            return .absent
        }
    }

    private func readIdentities(
        _ input: InputObject, _ profile: inout Profile, _ region: PhoneRegion?
    ) {
        guard let identities, let identity, let given = input[identities] else { return }
        let path = profile.path + ["identities"]
        if given.count > Self.identitiesMax {
            profile.problems.append(
                InputProblem(
                    code: .invalid,
                    message: "A member has at most \(Self.identitiesMax) identities at once.",
                    path: path))
            return
        }
        for (place, object) in given.enumerated() {
            let path = path + [String(place)]
            switch identity.read(object, at: path, region) {
            case .success(let new):
                let isKnown = profile.identities.contains {
                    $0.kind == new.kind && $0.normalized == new.normalized
                }
                if !isKnown { profile.identities.append(new) }
            case .failure(let problem): profile.problems.append(problem)
            }
        }
    }
}

extension InputProblem: Error {}

extension InputProblem {
    /// Whose it is stays untold.
    static let identityTaken = "Another member has this identity."
}

extension IdentityFields {
    /// - Parameter path: of the input object.
    func read(
        _ input: InputObject, at path: [String], _ region: PhoneRegion?
    ) -> Result<NewIdentity, InputProblem> {
        let (kind, value) = (input[kind], input[value])
        do throws(IdentityRefusal) {
            let normalized = try Identity.normalized(value, kind, region: region)
            return .success(
                NewIdentity(
                    kind: kind, value: Identity.trimmed(value), normalized: normalized, path: path)
            )
        } catch {
            return .failure(
                InputProblem(code: error.code, message: error.message, path: path + ["value"]))
        }
    }
}

extension IdentityRefusal {
    /// What is wrong, for the person who typed it; the value itself is not repeated.
    var message: String {
        switch self {
        case .empty: "The identity is empty."
        case .tooLong(_, let count):
            "The identity has \(count) bytes; \(Identity.bytesMax) are the most."
        case .control: "The identity has a control character."
        case .phone(let fault): fault.message
        case .email(let fault): fault.message
        }
    }
}

extension PhoneFault {
    fileprivate var message: String {
        switch self {
        case .character: "A phone number has no such character."
        case .misplacedPlus: "In a phone number a plus stands at the beginning only."
        case .digitCount(let count): "No phone number has \(count) digits."
        case .notOfRegion(let region, let count):
            "No phone number of \(region) has \(count) digits."
        case .countryCode: "No country's code begins with 0."
        case .regionMissing: "The phone number has no country's code: write it as +47 …."
        }
    }
}

extension EmailFault {
    fileprivate var message: String {
        switch self {
        case .shape: "An e-mail address has something on both sides of an @."
        case .tooLong: "The e-mail address is too long."
        case .character: "An e-mail address has no such character there."
        case .label: "The domain of the e-mail address is misspelt."
        case .domainWithoutDot: "The domain of the e-mail address has no dot."
        }
    }
}
