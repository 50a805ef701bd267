import Engine
import Store

/// `report.renewals`: memberships that came to their end, by where they stand now.
struct ReportRenewals: FieldRule {
    static let name = "report.renewals"

    private let scopes: ScopeDesk
    private let renewals: RenewalFigures
    private let types: MembershipTypeTable
    private let period: PeriodInput
    private let type: InputField<String?>
    private let chapter: InputField<String?>
    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        scopes = binder.shared()
        renewals = binder.shared()
        types = binder.shared()
        period = PeriodInput(binder)
        type = binder.input("typeId")
        chapter = binder.input("chapterId")
        shape = binder.output("status", "due", "renewed", "rate")
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue {
        let scope = try scopes.scope(
            chapter: try read.row(read[chapter], in: scopes.chapters, at: "chapterId"), read)
        let time = period.timeline(read, scope.calendar)
        let type = try read.row(read[type], in: types.table, at: "typeId")
        let found = try renewals.renewals(in: [time.days(of: 0)], type: type, scope, read)[0]
        return .list(
            MembershipStatus.allCases.compactMap { status in
                found.byStatus[status].map { ratio in
                    shape.object(
                        .enum(status), .int(ratio.denominator), .int(ratio.numerator),
                        .double(ratio.value))
                }
            })
    }
}
