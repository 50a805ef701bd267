import Engine
import Store

/// `runJob`: one job, or all in the order of the night, day by day since the run before.
struct RunJob: MutationRule {
    static let name = "job.run"

    private let jobs: [(name: JobName, job: any Job)]
    private let runs: JobRunTable
    private let job: InputField<JobName?>
    private let asOf: InputField<Int64>
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        runs = binder.shared()
        job = binder.input("job")
        asOf = binder.input("asOf")
        payload = binder.output("runs", "processed")
        jobs = NightlyOrder.bound(binder)
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let end = call[asOf]
        let wanted = call[job]
        let chosen = jobs.filter { wanted == nil || $0.name == wanted }
        var plan: [(moment: Int64, place: Int)] = []
        var answered: [RowRef] = []
        for (place, entry) in chosen.enumerated() {
            let last = runs.last(of: entry.name, call.data)
            if let last, last.asOf >= end {
                guard let same = runs.find(entry.name, asOf: end, call.data) else {
                    throw call.refuse(
                        .invalid,
                        "\(entry.name.rawValue) ran as of a later moment already.", at: "asOf")
                }
                // I24: the same run again is the same answer.
                answered.append(same)
                continue
            }
            guard let moments = NightlyOrder.moments(after: last?.asOf, upTo: end) else {
                throw call.refuse(
                    .invalid,
                    "\(entry.name.rawValue) ran more than \(NightlyOrder.daysMax) days before: "
                        + "catch up in several steps.", at: "asOf")
            }
            plan += moments.map { ($0, place) }
        }
        plan.sort { ($0.moment, $0.place) < ($1.moment, $1.place) }
        var processed = answered.reduce(0) { $0 + call.data.row(runs.table, $1)[runs.processed] }
        for step in plan {
            let (name, job) = chosen[step.place]
            let count = try job.run(asOf: step.moment, call)
            processed += count
            answered.append(
                try runs.note(name, asOf: step.moment, processed: count, call))
        }
        call.answer(payload, .rows(answered), .int(processed))
    }
}

/// The runs of jobs so far.
struct JobRunTable: BoundTables {
    let table: RuleTable
    let job: EnumField<JobName>
    let asOf: RowField<Int64>
    let processed: RowField<Int>
    private let byJobAndMoment: RuleKey
    private let ofJob: RuleIndex

    init(_ binder: RuleBinder) {
        let row = binder.table("JobRun")
        table = row.table
        job = row("job")
        asOf = row("asOf")
        processed = row("processed")
        byJobAndMoment = row.key("job", "asOf")
        ofJob = row.index(["job"], ordered: "asOf")
    }

    /// Remembers a run.
    @discardableResult
    func note(_ name: JobName, asOf moment: Int64, processed count: Int, _ call: RuleCall)
        throws(MutationStop) -> RowRef
    {
        try call.insert(table) { row in
            row[job] = name
            row[asOf] = moment
            row[processed] = count
        }
    }

    /// The latest run of a job.
    func last(of name: JobName, _ data: DataView) -> (ref: RowRef, asOf: Int64)? {
        data.rows(ofJob, job.part(name), reversed: true, limit: 1).first.map {
            ($0, data.row(table, $0)[asOf])
        }
    }

    func find(_ name: JobName, asOf moment: Int64, _ data: DataView) -> RowRef? {
        data.find(byJobAndMoment, job.part(name), .int(moment))
    }
}
