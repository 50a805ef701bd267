// A club that lives through everything a disk can do to it.
//
// **In** comes a seed. **Out** comes one line: how many steps, starts, crashes and faults went by
// without a finding; or the finding, with the seed and step that lead to it, and exit status 1.
//
// A step is a handful of random transactions, a snapshot, a backup, an injected fault, or an end:
// a clean stop, a kill, a power cut, with another crash during recovery now and then, and the next
// start, sometimes with another schema. After each start the store must be, row for row, what a
// plain model is: everything that was acknowledged is there, what was not is there in whole groups
// or not at all, and `Store.check` finds nothing.
//
// The order of steps and all values follow from the seed. How jobs fall into groups depends on the
// threads, so a finding may need a few runs of its seed to come back.

import Bytes
import Dispatch
import Glibc
import SimulatedDisk
import Store

/// What must not be, and where it happened.
struct Finding: Error {
    let seed: UInt64
    let step: Int
    let message: String
}

struct SimulationSummary: Equatable {
    var steps = 0
    var transactions = 0
    var starts = 0
    var kills = 0
    var powerCuts = 0
    var faults = 0
    var snapshots = 0
    var backups = 0
    var schemaChanges = 0
    var rows = 0

    var line: String {
        "\(steps) steps: \(transactions) jobs, \(starts) starts, \(kills) kills, \(powerCuts) power "
            + "cuts, \(faults) faults, \(snapshots) snapshots, \(backups) backups, "
            + "\(schemaChanges) changes of the schema, \(rows) rows at the end; no finding"
    }
}

/// One life of a club, from an empty disk on.
final class Simulation {
    private let seed: UInt64
    private var chance: SeededRandom
    private var disk = SimulatedDisk()
    private var directory: DataDirectory?
    private var shape = ClubShape()
    /// What was acknowledged.
    private var model = ClubModel()
    /// Jobs since, in order, of which nothing is known.
    private var uncertain: [[ClubModel.Step]] = []
    private var enumeration = ClubShape().definition.tables[0].columns[6].enumNames
    private var hasFaults = false
    private(set) var summary = SimulationSummary()
    private let clock = Guarded<Int64>(1_700_000_000_000)

    init(seed: UInt64) {
        self.seed = seed
        chance = SeededRandom(seed: seed)
    }

    /// Goes through `steps` steps.
    func run(steps: Int) throws {
        try start()
        for _ in 0..<steps {
            summary.steps += 1
            try step()
        }
        disk.mend()
        try restart()
        try expectEqual()
        summary.rows = model.tables.values.reduce(0) { $0 + $1.count }
        try directory?.close(snapshot: true)
        directory = nil
    }

    private func finding(_ message: String) -> Finding {
        Finding(seed: seed, step: summary.steps, message: message)
    }

    // MARK: Steps

    private func step() throws {
        switch chance.below(20) {
        case 0..<11: work()
        case 11..<13: snapshot()
        case 13: try backup()
        case 14..<16: plantFault()
        default: try restart()
        }
    }

    /// Has a few jobs done at once.
    private func work() {
        guard let directory else { return }
        var jobs: [ClubJob] = []
        for _ in 0...chance.below(12) {
            let job = ClubJob(SeededRandom(seed: chance.next()), shape, directory.store)
            if directory.writer.submit(job) { jobs.append(job) }
        }
        summary.transactions += jobs.count
        for job in jobs {
            let (steps, result) = job.wait()
            switch result {
            case .success:
                // What failed before is gone for good: later jobs were built without it.
                uncertain = []
                model.apply(steps)
            case .failure: if !steps.isEmpty { uncertain.append(steps) }
            }
        }
    }

    private func snapshot() {
        guard let directory else { return }
        do {
            try directory.snapshot()
            summary.snapshots += 1
        } catch {}
    }

    /// A copy must hold what was acknowledged.
    private func backup() throws {
        guard let directory, !hasFaults, directory.writer.state == .healthy else { return }
        let target = SimulatedDisk()
        try directory.backup(to: target)
        let copy = try open(target)
        try compare(copy.store, with: [model], "a backup")
        try copy.close(snapshot: false)
        summary.backups += 1
    }

    private func plantFault() {
        let codes: [CInt] = [ENOSPC, EIO]
        let code = codes[chance.below(2)]
        let number = disk.operationCount + 1 + chance.below(30)
        disk.fail(
            operation: number, chance.isOne(in: 2) ? .error(code) : .shortWrite(code),
            isPermanent: chance.isOne(in: 3))
        hasFaults = true
        summary.faults += 1
    }

    // MARK: Ends and starts

    private func restart() throws {
        let way = chance.below(4)
        if way == 0 && !hasFaults {
            try directory?.close(snapshot: chance.isOne(in: 2))
            directory = nil
            disk = disk.kill()
        } else {
            let old = disk
            if way == 1 {
                disk = old.powerCut(seed: chance.next())
                summary.powerCuts += 1
            } else {
                disk = old.kill()
                summary.kills += 1
            }
            // Nothing that the old process still does reaches the disk.
            try? directory?.close(snapshot: false)
            directory = nil
        }
        hasFaults = false
        try start()
    }

    private func start() throws {
        changeShape()
        while chance.isOne(in: 4) {
            // A start that is cut off somewhere.
            disk.fail(
                operation: disk.operationCount + 1 + chance.below(60), .error(EIO),
                isPermanent: true)
            let attempt = try? open(disk)
            disk = chance.isOne(in: 2) ? disk.powerCut(seed: chance.next()) : disk.kill()
            try? attempt?.close(snapshot: false)
            summary.kills += 1
        }
        let opened: DataDirectory
        do { opened = try open(disk) } catch { throw finding("the start failed: \(error)") }
        directory = opened
        summary.starts += 1
        if !opened.report.losses.isEmpty {
            throw finding("something is lost: \(opened.report.losses)")
        }
        try expectEqual()
    }

    private func changeShape() {
        guard chance.isOne(in: 3) else { return }
        var next = shape
        switch chance.below(4) {
        case 0: next.hasPhone.toggle()
        case 1: next.hasLevel = true
        case 2: next.hasCityIndex.toggle()
        default: next.hasTags.toggle()
        }
        if next != shape { summary.schemaChanges += 1 }
        shape = next
    }

    private func open(_ disk: SimulatedDisk) throws -> DataDirectory {
        let clock = clock
        var options = OpenOptions(seed: chance.next()) {
            clock.withLock { time in
                time += 7
                return time
            }
        }
        options.limits.groupJobsMax = 4
        return try DataDirectory.open(
            disk, definition: shape.definition, shardCount: 4, codec: ClubCodec(shape: shape),
            options: options)
    }

    // MARK: Comparing

    private func expectEqual() throws {
        guard let directory else { return }
        let definition = directory.store.definition
        // A group that could not be written is dropped, and later ones are built without it; of
        // those that follow one another, any beginning may have reached the disk.
        var candidates = [model]
        for first in uncertain.indices {
            var next = model
            for steps in uncertain[first...] {
                next.apply(steps)
                candidates.append(next)
            }
        }
        for position in candidates.indices {
            candidates[position].migrate(
                to: definition, enumerations: ["Member": enumeration])
        }
        model = try compare(directory.store, with: candidates, "the store")
        enumeration = definition.tables[0].columns[6].enumNames
        uncertain = []
    }

    /// - Returns: which of the candidates the store is.
    @discardableResult
    private func compare(
        _ store: Store, with candidates: [ClubModel], _ what: String
    ) throws -> ClubModel {
        guard let reader = store.makeReader() else { throw finding("there is no reader") }
        return try reader.withVersion { view in
            let faults = store.check(view)
            guard faults.isEmpty else {
                throw finding("\(what) has faults: \(faults); \(directory?.report.lines ?? [])")
            }
            let found = ClubModel(store, view)
            for candidate in candidates where candidate.withoutEmptyTables == found {
                return candidate
            }
            throw finding(
                "\(what) is none of \(candidates.count) states; the first differs in "
                    + candidates[0].withoutEmptyTables.difference(to: found))
        }
    }
}

/// Does what the command line says, and ends the process when something is found.
func runSimulation(_ arguments: [String]) {
    var seed = UInt64(clamping: time(nil))
    var steps = 300
    var minutes = 0
    var rest = arguments[...]
    while let argument = rest.popFirst() {
        let value = rest.popFirst()
        switch (argument, value.flatMap { UInt64($0) }) {
        case ("--seed", let number?): seed = number
        case ("--steps", let number?): steps = Int(clamping: number)
        case ("--minutes", let number?): minutes = Int(clamping: number)
        default:
            print("Simulation [--seed N] [--steps M] [--minutes K]")
            exit(2)
        }
    }
    let end = time(nil) + 60 * minutes
    var total = 0
    repeat {
        let simulation = Simulation(seed: seed)
        do {
            try simulation.run(steps: steps)
            total += simulation.summary.steps
            print("seed \(seed): \(simulation.summary.line)")
            fflush(nil)
        } catch let finding as Finding {
            print("seed \(finding.seed), step \(finding.step): \(finding.message)")
            print("again with: Simulation --seed \(finding.seed) --steps \(steps)")
            exit(1)
        } catch {
            print("seed \(seed), step \(simulation.summary.steps): \(error)")
            exit(1)
        }
        seed &+= 1
    } while time(nil) < end
    if minutes > 0 { print("\(total) steps without a finding") }
}
