import Engine

/// The rules of reports, marketing, jobs and the audit.
enum ReportRules {
    static let mutations: [any MutationRule.Type] = []
    static let fields: [any FieldRule.Type] = []
    static let observer: (any ChangeObserver.Type)? = nil
}
