/// Why a write did not last. Nothing of it is visible.
public enum StorageFailure: Error, Equatable, Sendable {
    /// The disk has no room; the store is as before, and later writes may succeed.
    case full(String)
    /// The disk does not do its work. After a failed sync this holds until the next start.
    case unavailable(String)
    /// The writer is about to end.
    case stopping
    /// Too much waits to be written already.
    case busy
}

extension StorageFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .full(let reason), .unavailable(let reason): reason
        case .stopping: "the writer is about to end"
        case .busy: "too much waits to be written already"
        }
    }
}

/// Whether writes are to be expected to succeed.
public enum WriterState: Equatable, Sendable {
    case healthy
    /// The last write found no room.
    case full(String)
    /// The last write failed for another reason, or no more writes are taken until the next start.
    case unavailable(String)
}

/// How much may wait.
public struct WriterLimits: Sendable, Equatable {
    /// Jobs that wait to be run. Reason: a few thousand connections have one each.
    public var queuedJobsMax = 8192
    /// Jobs of one group. Reason: enough to share one sync among all connections that matter.
    public var groupJobsMax = 1024
    /// Bytes of changes of one group before the writer waits for the disk. Reason: about what a
    /// disk writes in a few milliseconds.
    public var groupBytesMax = 4 << 20

    public init() {}
}

/// A piece of work for the writer: any number of transactions, and an answer that waits for them.
public protocol WriteJob: AnyObject, Sendable {
    /// Runs the job's transactions on `group`; nothing else runs on any group meanwhile. What
    /// ``WriteGroup/view`` shows then includes jobs before it that are not durable yet.
    func run(_ group: WriteGroup)

    /// Called once for each job that was taken, in their order, after what the job saw and did is
    /// durable and visible to readers, with the sequence number of that version; or with the
    /// reason why it is not and never will be. It must not wait for anything.
    func finish(_ result: Result<UInt64, StorageFailure>)

    /// Called once for each job after all jobs of its group were finished: what is dearer for each
    /// than for all of them together may wait until then. It must not wait for anything.
    func groupIsFinished()
}

extension WriteJob {
    public func groupIsFinished() {}
}
