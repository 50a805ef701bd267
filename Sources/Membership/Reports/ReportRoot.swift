import Engine
import Store

/// `Query.report`: the root of figures, which are fields of it.
struct ReportRoot: FieldRule {
    static let name = "report"

    private let shape: ResultShape

    init(_ binder: RuleBinder) {
        shape = binder.output()
    }

    func value(_ read: FieldRead) throws(FieldStop) -> RuleValue { shape.object() }
}

extension FieldRead {
    /// The row of a table that an argument means.
    ///
    /// - Parameter field: for the message.
    func row(
        _ id: String?, in table: RuleTable, at field: String
    ) throws(FieldStop) -> RowRef? {
        guard let id else { return nil }
        guard let ref = data.ref(id: id, in: table) else {
            throw .refused("\(field): no row has the id \(id)")
        }
        return ref
    }
}
