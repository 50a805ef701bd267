import Engine
import Store

/// Makes or changes many members. Each row stands by itself: one that is wrong is left out whole
/// and reported, the others are written.
struct ImportMembers: MutationRule {
    static let name = "members.import"

    /// As many as one transaction takes in a fraction of a second.
    private static let rowsMax = 10_000

    private let rows: InputField<[InputObject]>
    private let fields: ProfileFields
    private let chapter: InputField<String?>
    private let source: InputField<Channel>
    private let desk: EnrolmentDesk
    private let payload: ResultShape
    private let rejection: ResultShape

    init(_ binder: RuleBinder) {
        rows = binder.input("rows")
        fields = ProfileFields(binder.object("rows"), hasIdentities: true)
        chapter = binder.input("chapterId")
        source = binder.input("source")
        desk = binder.shared()
        payload = binder.output("created", "updated", "rejected")
        rejection = binder.result("ImportRejection", "code", "message", "path")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let rows = call[rows]
        if rows.count > Self.rowsMax {
            throw call.refuse(
                RuleCode.tooLong.code, "At most \(Self.rowsMax) rows are imported at once.",
                at: "rows")
        }
        var home: RowRef?
        if let id = call[chapter] {
            home = try call.row(id, in: desk.profiles.chapters.table, at: "chapterId")
        }
        var created = 0
        var updated = 0
        var rejected: [InputProblem] = []
        for (place, row) in rows.enumerated() {
            try call.visit(1)
            let data = call.data
            let profile = desk.profiles.read(
                fields, row, at: ["rows", String(place)], chapter: home, data)
            if !profile.problems.isEmpty {
                rejected += profile.problems
                continue
            }
            switch target(profile, home, data) {
            case .failure(let problems): rejected += problems.list
            case .success(.known(let member)):
                if try desk.apply(profile, to: member, source: call[source], force: false, call) {
                    updated += 1
                }
            case .success(.new(let home)):
                _ = try desk.enrol(profile, home: home, source: call[source], call)
                created += 1
            }
        }
        call.answer(
            payload, .int(created), .int(updated),
            .list(
                rejected.map { problem in
                    rejection.object(
                        .enum(problem.code), .string(problem.message),
                        .list(problem.path.map { .string($0) }))
                }))
    }

    private enum Target {
        case known(RowRef)
        case new(home: RowRef)
    }

    private struct Problems: Error {
        let list: [InputProblem]
    }

    /// Whom a row is about: who has its number or one of its identities, or somebody new.
    private func target(
        _ profile: Profile, _ home: RowRef?, _ data: DataView
    ) -> Result<Target, Problems> {
        let profiles = desk.profiles
        var known: RowRef?
        switch desk.owner(of: profile, data) {
        case .failure(let problem): return .failure(Problems(list: [problem]))
        case .success(let owner): known = owner
        }
        if let number = profile.memberNo.value,
            let owner = data.find(profiles.members.byNumber, .text(number))
        {
            known = known ?? owner
        }
        if let known, !data.isOpen(profiles.members.table, known) {
            return .failure(
                Problems(list: [
                    InputProblem(
                        code: .uniqueViolation,
                        message: "Another member has the number or an identity.",
                        path: profile.path)
                ]))
        }
        var problems = profiles.conflicts(profile, for: known, data)
        guard let known else {
            problems += desk.missing(profile)
            let own = profile.homeChapter.value ?? home
            if own == nil {
                problems.append(
                    InputProblem(
                        code: .required, message: "A new member needs a home.",
                        path: profile.path + ["homeChapterId"]))
            }
            guard problems.isEmpty, let own else { return .failure(Problems(list: problems)) }
            return .success(.new(home: own))
        }
        do throws(MemberRefusal) {
            try profiles.desk.standing(known, data).check(.edit)
        } catch {
            problems.append(
                InputProblem(
                    code: error.code, message: profiles.desk.message(error, known, data),
                    path: profile.path))
        }
        return problems.isEmpty ? .success(.known(known)) : .failure(Problems(list: problems))
    }
}
