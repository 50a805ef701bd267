import Bytes
import Glibc
import Store
import Synchronization

/// Counts the work of one operation and says when it must be given up.
///
/// Every loop over rows asks it, those inside filters and orders too: a filter over relations can
/// visit millions of rows for one row of the answer. The clock and the size of the answer are looked
/// at every few hundred visits only.
// One thread at a time uses a meter: whoever starts others gives each a ``child()`` and waits.
final class WorkMeter: @unchecked Sendable {
    /// Why an operation was given up.
    enum Abortion {
        /// More work than the caller's thread should do.
        case overBudget
        case timeout
        case answerTooLarge
        /// Groups, or values to be counted, beyond `EngineLimits`.
        case tooManyGroups
    }

    /// Row visits so far.
    private(set) var rowsVisited = 0
    /// What was done for those rows beyond looking at them, in the time that as many visits take.
    private var extraWork = 0
    /// Rows that rules have walked over and may not have counted.
    private var steps = 0
    /// Row visits of the parts of one operation that began before the present one.
    private var rowsVisitedEarlier = 0
    private(set) var abortion: Abortion?

    /// Until an operation begins there are no limits.
    private var isLimited = false
    private var visitsUntilCheck = Int.max
    private var budget = Int.max
    private var deadline = ContinuousClock.now
    private var output: ByteBuffer?
    private var outputBytesMax = Int.max
    /// What the meters of one operation's threads share.
    private var stop: StopFlag?

    private static let visitsBetweenChecks = 512

    /// Begins a new operation.
    ///
    /// - Parameters:
    ///   - budget: row visits before the operation is `overBudget`.
    ///   - deadline: when it is a `timeout`.
    ///   - answerBytesMax: how much it may append to `output` before it is `answerTooLarge`.
    func begin(
        budget: Int, deadline: ContinuousClock.Instant, output: ByteBuffer, answerBytesMax: Int
    ) {
        rowsVisitedEarlier &+= rowsVisited
        rowsVisited = 0
        extraWork = 0
        steps = 0
        abortion = nil
        isLimited = true
        self.budget = budget
        self.deadline = deadline
        self.output = output
        outputBytesMax = output.count + answerBytesMax
        stop = nil
        visitsUntilCheck = min(budget, Self.visitsBetweenChecks)
    }

    /// Row visits since ``forgetTotal()``, for an operation that begins anew for each of its parts.
    var totalRowsVisited: Int { rowsVisitedEarlier &+ rowsVisited }

    func forgetTotal() { rowsVisitedEarlier = 0 &- rowsVisited }

    /// Counts row visits; answers false when the operation must be given up, and from then on.
    @inline(__always)
    func visit(_ count: Int) -> Bool {
        rowsVisited &+= count
        visitsUntilCheck &-= count
        if _fastPath(visitsUntilCheck > 0) { return true }
        return mayGoOn()
    }

    /// Counts work for a row that takes as long as so many visits, such as a filter of a thousand
    /// parts; answers false when the operation must be given up, and from then on.
    @inline(__always) @discardableResult
    func work(_ visits: Int) -> Bool {
        extraWork &+= visits
        visitsUntilCheck &-= visits
        if _fastPath(visitsUntilCheck > 0) { return true }
        return mayGoOn()
    }

    /// A step over rows that somebody else counts, or forgets to count; answers false when the
    /// operation must be given up. Looks at the clock now and then, and lets a rule take a few
    /// times the budget.
    @inline(__always)
    func step() -> Bool {
        steps &+= 1
        if _fastPath(steps & (Self.visitsBetweenChecks &- 1) != 0) { return abortion == nil }
        return mayStepOn()
    }

    @inline(never)
    private func mayStepOn() -> Bool {
        guard isLimited else { return true }
        if steps / 4 > budget { giveUp(.overBudget) }
        if ContinuousClock.now > deadline { giveUp(.timeout) }
        return abortion == nil
    }

    @inline(never)
    private func mayGoOn() -> Bool {
        if abortion != nil || stop?.isSet == true { return false }
        let work = rowsVisited.addingSaturated(extraWork)
        if work > budget {
            abortion = .overBudget
        } else if let output, output.count > outputBytesMax {
            abortion = .answerTooLarge
        } else if ContinuousClock.now > deadline {
            abortion = .timeout
        } else {
            visitsUntilCheck = min(budget &- work &+ 1, Self.visitsBetweenChecks)
            return true
        }
        stop?.set()
        return false
    }

    /// Gives the operation up, if it is not given up already.
    func giveUp(_ reason: Abortion) {
        guard abortion == nil else { return }
        abortion = reason
        visitsUntilCheck = 0
        stop?.set()
    }

    /// What to say to ``Abortion/tooManyGroups``.
    static func tooManyGroups(_ limits: EngineLimits) -> String {
        "There are more than \(limits.groupsMax) groups, "
            + "or more than \(limits.distinctValuesMax) different values to tell apart."
    }

    static let tooManyGroupsHint = "Narrow the filter, or group by fewer or coarser keys."

    // MARK: Threads

    /// How many threads may work on the operation at once: one when its work is bounded, because
    /// then it runs on an event loop.
    var threads: Int { budget == .max ? Self.processorCount : 1 }

    private static let processorCount = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// A meter for another thread, which counts for itself and stops when one of its siblings does.
    /// The deadline is the same.
    func child() -> WorkMeter {
        let flag = stop ?? StopFlag()
        stop = flag
        let child = WorkMeter()
        child.deadline = deadline
        child.budget = budget
        child.visitsUntilCheck = isLimited ? 0 : .max
        child.stop = flag
        return child
    }

    /// Takes over what its children counted, once they have ended.
    func absorb(_ children: [WorkMeter]) {
        for child in children {
            rowsVisited &+= child.rowsVisited
            extraWork &+= child.extraWork
            if let reason = child.abortion { giveUp(reason) }
        }
        stop = nil
    }
}

/// Says once and for all that the work is to be stopped.
private final class StopFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }
}

/// A version, the meter of the operation that reads it, and what its viewer may see: what filters
/// and orders walk with.
struct MeteredView {
    let version: VersionView
    let meter: WorkMeter
    /// Nil when everything may be seen.
    let guards: RowGuards?

    /// The same for who may see everything.
    var unguarded: MeteredView { MeteredView(version: version, meter: meter, guards: nil) }

    @inline(__always)
    func table(_ id: TableID) -> TableView { version.table(id) }

    @inline(__always)
    func tree(_ id: IndexID) -> TreeView { version.tree(id) }
}
