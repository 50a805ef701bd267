import Engine

/// The rules of reports, marketing, jobs and the audit.
enum ReportRules {
    static let mutations: [any MutationRule.Type] = [
        RunJob.self, SaveCampaign.self, StartCampaign.self, PauseCampaign.self,
        CancelCampaign.self, PickCampaignWinner.self, RecordMessageEvent.self,
        SubmitFeedback.self, ResolveFeedback.self,
    ]
    static let fields: [any FieldRule.Type] = []
    static let observer: (any ChangeObserver.Type)? = AuditObserver.self
}
