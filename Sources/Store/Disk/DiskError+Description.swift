import Glibc

extension DiskError {
    /// No room is left, or none for this user, or the file may not grow.
    public var isFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }

    /// This user may not do that.
    public var isDenied: Bool { code == EACCES || code == EPERM || code == EROFS }

    /// There is no file or directory of that name.
    public var isMissing: Bool { code == ENOENT }

    /// There is one of that name already.
    public var isExisting: Bool { code == EEXIST }

    /// The content is gone, or something else than a file has its name. Neither more rights nor
    /// more resources would help.
    public var isUnreadable: Bool {
        switch operation {
        case .read: true
        case .open, .list: [EIO, EISDIR, ENOTDIR, ELOOP, ENODEV].contains(code)
        default: false
        }
    }

    /// Another process, or another lock of this one, holds the lock.
    public var isLocked: Bool { operation == .lock && code == EWOULDBLOCK }
}

extension DiskError: CustomStringConvertible {
    /// `write journal-0000000001.log: No space left on device`
    public var description: String {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "\(operation.rawValue) \(name.isEmpty ? "the data directory" : name): \(reason)"
    }
}
