/// Who asks: what a credential says of its bearer, once it has been verified.
///
/// The conditions of `@allow(where:)` name its parts as `$viewer.memberId`, `$viewer.staffId` and
/// `$viewer.chapterId`.
public struct Viewer: Sendable, Hashable {
    /// One of the schema's roles.
    public let role: String
    /// Public ids of the rows that the bearer stands for.
    public let memberID: String?
    public let staffID: String?
    public let chapterID: String?
    /// What the audit and the log call the bearer: a key's id, a token's subject. Idempotency keys
    /// are kept apart by it.
    public let name: String

    public init(
        role: String, name: String, memberID: String? = nil, staffID: String? = nil,
        chapterID: String? = nil
    ) {
        self.role = role
        self.name = name
        self.memberID = memberID
        self.staffID = staffID
        self.chapterID = chapterID
    }

    /// Keeps apart what belongs to different bearers, also where they share a name.
    var scope: String {
        if role == AccessModel.administrator { return name }
        return [name, role, memberID ?? "", staffID ?? "", chapterID ?? ""]
            .joined(separator: "\u{0}")
    }

    /// Everything is allowed: commands on a data directory, and servers without access control.
    public static let unrestricted = Viewer(role: "admin", name: "")
}
