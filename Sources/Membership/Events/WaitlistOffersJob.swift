import Engine
import Store

/// Lets go of offers that are over, and offers free seats to those who wait.
///
/// The clock does the first by itself before each answer, and each mutation the second; the job
/// finds what neither saw, such as rows that were imported.
struct WaitlistOffersJob: Job {
    static let name = JobName.waitlistOffers

    private let desk: RegistrationDesk

    init(_ binder: RuleBinder) {
        desk = binder.shared()
    }

    func run(asOf: Int64, _ call: RuleCall) throws(MutationStop) -> Int {
        var count = 0
        for status in [EventStatus.published, .registrationClosed] {
            let open = call.data.rows(desk.events.byStatus, desk.events.status.part(status))
            for event in open {
                try call.visit(1)
                // Offers made for a moment that has passed would be over at once.
                count += try desk.settle(event, promoting: true, call)
            }
        }
        return count
    }
}
