import Engine
import Store

/// Somebody who works for the organisation may do what the row of `Staff` says, from the moment it
/// says so: who has left may do nothing any more.
struct StaffViewer: ViewerRule {
    private let staff: RuleTable
    private let role: EnumField<StaffRole>
    private let chapter: RowField<RowRef>
    private let active: RowField<Bool>
    private let chapters: RuleTable

    init(_ binder: RuleBinder) {
        let staff = binder.table("Staff")
        self.staff = staff.table
        role = staff("role")
        chapter = staff("chapter")
        active = staff("active")
        chapters = binder.table("Chapter").table
    }

    /// A credential that names a role or a chapter keeps it; else they are those of the row.
    func completed(_ viewer: Viewer, _ data: DataView) -> Viewer {
        guard let id = viewer.staffID else { return viewer }
        guard let ref = data.ref(id: id, in: staff) else { return viewer.withoutRole }
        let row = data.row(staff, ref)
        guard row[active] else { return viewer.withoutRole }
        return Viewer(
            role: viewer.role.isEmpty ? row[role].accessRole : viewer.role, name: viewer.name,
            memberID: viewer.memberID, staffID: id,
            chapterID: viewer.chapterID ?? data.id(row[chapter], of: chapters))
    }
}

extension Viewer {
    fileprivate var withoutRole: Viewer { Viewer(role: "", name: name) }
}

/// `Staff.role`.
enum StaffRole: String, CaseIterable, SchemaEnum {
    case admin = "ADMIN"
    case manager = "MANAGER"
    case marketer = "MARKETER"
    case cashier = "CASHIER"
    case serviceAgent = "SERVICE_AGENT"
    case developer = "DEVELOPER"
    case readOnly = "READ_ONLY"

    /// The role of access control that somebody with this one has.
    var accessRole: String {
        switch self {
        case .admin: AccessModel.administrator
        case .manager: "manager"
        case .marketer, .cashier, .serviceAgent: "staff"
        case .developer: "developer"
        case .readOnly: "analyst"
        }
    }
}

extension Viewer {
    /// Whether somebody acts for himself or herself, and not for the organisation.
    var isMember: Bool {
        role == "member"
            || memberID != nil && staffID == nil && chapterID == nil
                && role != AccessModel.administrator
    }
}
