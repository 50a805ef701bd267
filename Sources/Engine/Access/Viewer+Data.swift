import Store

/// What the data says against the bearer of a credential.
public enum ViewerProblem: Equatable, Sendable {
    /// There is no such row.
    case unknownRow(table: String, id: String)
    /// The row of the staff gives no role, most often because somebody has left.
    case noRole(staffID: String)
}

extension EngineContext {
    /// A viewer with all that the data says of it: where somebody works, and as what.
    public func completed(_ viewer: Viewer, _ view: VersionView) -> Viewer {
        guard viewer != .unrestricted, let rule = rules.viewers else { return viewer }
        return rule.completed(
            viewer, DataView(version: view, now: clock(), context: self, guards: nil))
    }

    /// Whether a viewer's role may be told how the server is: its metrics, as well as its schema.
    public func mayOperate(_ viewer: Viewer, _ view: VersionView) -> Bool {
        AccessModel.operatingRoles.contains(completed(viewer, view).role)
    }

    /// What of a viewer does not agree with the data, as far as the schema has the tables `Member`,
    /// `Staff` and `Chapter`; nil when nothing does not.
    public func problem(with viewer: Viewer, _ view: VersionView) -> ViewerProblem? {
        let ids = [
            ("Member", viewer.memberID), ("Staff", viewer.staffID), ("Chapter", viewer.chapterID),
        ]
        for case (let name, let id?) in ids {
            guard let table = model.tables.first(where: { $0.name == name }) else { continue }
            if row(id: id, in: table.id, view) == nil {
                return .unknownRow(table: table.plural, id: id)
            }
        }
        guard let staffID = viewer.staffID, completed(viewer, view).role.isEmpty else {
            return nil
        }
        return .noRole(staffID: staffID)
    }
}
