import Engine

/// The rules of reports, marketing, jobs and the audit.
enum ReportRules {
    static let mutations: [any MutationRule.Type] = [
        RunJob.self, SaveCampaign.self, StartCampaign.self, PauseCampaign.self,
        CancelCampaign.self, PickCampaignWinner.self, RecordMessageEvent.self,
        SubmitFeedback.self, ResolveFeedback.self,
    ]
    static let fields: [any FieldRule.Type] = [
        ReportRoot.self, ReportSeries.self, ReportTierMatrix.self, ReportCohorts.self,
        ReportRenewals.self, ReportRfm.self, ReportCampaigns.self, CampaignMetrics.self,
        ChapterStats.self, SegmentStats.self, MemberChurn.self, MemberRfm.self, MessageSubject.self,
        MessageBody.self,
    ]
    static let schedule: (any ScheduledRule.Type)? = NightlySchedule.self
    static let observer: (any ChangeObserver.Type)? = AuditObserver.self
}
