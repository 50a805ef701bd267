import Engine

/// Runs all jobs by itself, once for each night, at two o'clock UTC; after a time without a server,
/// one night at each call until all are caught up with.
struct NightlySchedule: ScheduledRule {
    private let jobs: [(name: JobName, job: any Job)]
    private let runs: JobRunTable

    init(_ binder: RuleBinder) {
        runs = binder.shared()
        jobs = NightlyOrder.bound(binder)
    }

    func isDue(_ data: DataView) -> Bool {
        jobs.contains { outstanding($0.name, data) != nil }
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let nights = jobs.map { outstanding($0.name, call.data) }
        guard let night = nights.compactMap({ $0 }).min() else { return }
        for (entry, due) in zip(jobs, nights) where due == night {
            let count = try entry.job.run(asOf: night, call)
            try runs.note(entry.name, asOf: night, processed: count, call)
        }
    }

    /// The first night for which a job has not run; a job that never ran begins with the last one.
    private func outstanding(_ name: JobName, _ data: DataView) -> Int64? {
        NightlyOrder.night(after: runs.last(of: name, data)?.asOf, upTo: data.now)
    }
}
