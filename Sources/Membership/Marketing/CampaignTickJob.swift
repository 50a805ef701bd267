import Engine
import Store

/// Begins campaigns whose time has come, ends those whose time is over, and sends what the day gives
/// occasion to.
struct CampaignTickJob: Job {
    static let name = JobName.campaignTick

    private let desk: CampaignDesk
    private let conversions: ConversionDesk

    init(_ binder: RuleBinder) {
        desk = binder.shared()
        conversions = binder.shared()
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        var count = 0
        for campaign in desk.campaigns.campaigns(.scheduled, call.data) {
            guard let start = campaign.startsAt, start <= asOf else { continue }
            try desk.begin(campaign.ref, at: asOf, call)
            count += 1
        }
        for status in [CampaignStatus.running, .testing] {
            for campaign in desk.campaigns.campaigns(status, call.data) {
                count += try conversions.stamp(campaign, asOf: asOf, call)
                if let end = campaign.endsAt, end <= asOf {
                    try desk.end(campaign.ref, as: .finished, call)
                    count += 1
                } else {
                    count += try desk.tick(campaign, asOf: asOf, call)
                }
            }
        }
        return count
    }
}
