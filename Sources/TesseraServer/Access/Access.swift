// Who may come in, and how often.
//
// **In** comes the head of a request: the `Authorization` header, an `Origin`, an address. **Out**
// goes a ``Viewer`` whose credential was verified, or an answer that turns the request away and a
// line in the log that says why.
//
// There are two kinds of credentials. An *access key* (``AccessKey``) is a random token of which
// only the hash is kept, in a file (``KeyFile``) that `tessera key` changes while a server runs. A
// *web token* (``WebToken``) is signed by somebody else with a secret that this server shares
// (``WebKeySet``).
//
// **Invariants.** A client that is turned away learns nothing of why: the answer is the same for an
// unknown key, a wrong secret, one that has expired and one that was revoked, and so is the work.
// Secrets are compared in constant time. No secret, no token and no part of one is ever written
// anywhere but once, by `tessera key create`. Time is the system's, whatever clock the data has.
//
// **Absent on purpose.** No cookies and no sessions, so that no browser sends a credential unasked.
// No passwords. No algorithm but one for web tokens, and no keys that a token brings along.
import Engine

/// Roles, and what a credential must say besides one.
struct AccessRoles: Sendable, Equatable {
    let names: [String]
    /// Whether somebody without a credential may come in.
    var allowsAnonymous = false

    /// Whoever has no credential, where that is allowed.
    static let anonymous = Viewer(role: AccessModel.anonymous, name: "")

    /// The roles of a schema that names none.
    static let builtIn = AccessRoles(
        names: ["admin", "manager", "staff", "analyst", "developer", "member"])

    enum Problem: Error, Equatable {
        case unknownRole
        /// The role stands for one member, who is not named.
        case needsMember
        /// The role stands for a chapter's staff, and neither is named.
        case needsChapterOrStaff
        /// An id that no row can have.
        case malformedID
    }

    /// Bytes of a public id. Reason: keys that schemas choose are shorter.
    private static let idByteCountMax = 100

    /// What is wrong with a bearer; nil when nothing is.
    func problem(with viewer: Viewer) -> Problem? {
        // Without a role it is that of the row of the staff.
        let isNamed = viewer.role.isEmpty ? viewer.staffID != nil : isRole(viewer.role)
        guard isNamed else { return .unknownRole }
        for id in [viewer.memberID, viewer.staffID, viewer.chapterID] {
            if let id, !AccessRoles.isID(id) { return .malformedID }
        }
        switch viewer.role {
        case "member": return viewer.memberID == nil ? .needsMember : nil
        case "staff", "manager":
            return viewer.staffID == nil && viewer.chapterID == nil ? .needsChapterOrStaff : nil
        default: return nil
        }
    }

    private func isRole(_ name: String) -> Bool { names.contains { isSame($0, name) } }

    /// Whether a text can be the public id of a row: visible ASCII.
    private static func isID(_ text: String) -> Bool {
        (1...idByteCountMax).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}

/// Why a credential was not accepted. Meant for the log alone.
struct Denial: Error, Equatable, Sendable {
    let reason: String
    /// What the credential calls its bearer, if it is of a form that has such a name: the id of a
    /// key, whether or not there is one.
    let subject: String?

    init(_ reason: String, subject: String? = nil) {
        self.reason = reason
        self.subject = subject
    }
}

/// Whether two texts are the same bytes. (Two `String`s are also equal when they merely look the
/// same.)
func isSame(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8)
}

extension AccessRoles {
    /// The roles of a model's schema.
    init(_ model: Model) {
        self.init(names: model.access.roles, allowsAnonymous: model.access.allowsAnonymous)
    }
}
