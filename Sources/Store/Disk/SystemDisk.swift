import Glibc

/// A directory of the system's file system.
///
/// Files are made for their owner alone (0600, directories 0700), whatever the umask.
public final class SystemDisk: Disk {
    /// As it was given.
    public let path: String
    private let root: Descriptor

    private static let fileMode: mode_t = 0o600
    private static let directoryMode: mode_t = 0o700

    /// Opens a directory.
    ///
    /// - Parameter create: makes the directory when it does not exist; the one it lies in must.
    public init(path: String, create: Bool) throws(DiskError) {
        self.path = path
        if create {
            let isMade = unsafe mkdir(path, SystemDisk.directoryMode) == 0
            if isMade {
                guard unsafe chmod(path, SystemDisk.directoryMode) == 0 else {
                    throw DiskError(.makeDirectory, path, code: errno)
                }
            } else if errno != EEXIST {
                throw DiskError(.makeDirectory, path, code: errno)
            }
        }
        let number = SystemDisk.retried {
            unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard number >= 0 else { throw DiskError(.open, path, code: errno) }
        root = Descriptor(number)
    }

    public func open(_ name: String, forWriting: Bool) throws(DiskError) -> any DiskFile {
        // Without O_NONBLOCK, a pipe of that name would be waited for.
        let flags = (forWriting ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK
        let number = SystemDisk.retried { unsafe openat(root.number, name, flags) }
        guard number >= 0 else { throw DiskError(.open, name, code: errno) }
        let descriptor = Descriptor(number)
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else {
            throw DiskError(.open, name, code: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return SystemFile(name, descriptor)
        case S_IFDIR: throw DiskError(.open, name, code: EISDIR)
        default: throw DiskError(.open, name, code: ENODEV)
        }
    }

    public func create(_ name: String) throws(DiskError) -> any DiskFile {
        SystemFile(name, try made(name, O_EXCL, .create))
    }

    public func list(_ directory: String) throws(DiskError) -> [String] {
        let number = SystemDisk.retried {
            unsafe openat(
                root.number, SystemDisk.place(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard number >= 0 else { throw DiskError(.list, directory, code: errno) }
        guard let stream = unsafe fdopendir(number) else {
            let code = errno
            close(number)
            throw DiskError(.list, directory, code: code)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(
                    to: CChar.self, capacity: MemoryLayout.size(ofValue: field.pointee)
                ) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw DiskError(.list, directory, code: errno) }
        return names.sorted()
    }

    public func rename(_ name: String, to newName: String) throws(DiskError) {
        guard unsafe renameat(root.number, name, root.number, newName) == 0 else {
            throw DiskError(.rename, name, code: errno)
        }
    }

    public func remove(_ name: String) throws(DiskError) {
        guard unsafe unlinkat(root.number, name, 0) == 0 else {
            throw DiskError(.remove, name, code: errno)
        }
    }

    public func makeDirectory(_ name: String) throws(DiskError) {
        guard unsafe mkdirat(root.number, name, SystemDisk.directoryMode) == 0,
            unsafe fchmodat(root.number, name, SystemDisk.directoryMode, 0) == 0
        else { throw DiskError(.makeDirectory, name, code: errno) }
    }

    public func removeDirectory(_ name: String) throws(DiskError) {
        guard unsafe unlinkat(root.number, name, CInt(AT_REMOVEDIR)) == 0 else {
            throw DiskError(.removeDirectory, name, code: errno)
        }
    }

    public func syncDirectory(_ name: String) throws(DiskError) {
        if name.isEmpty {
            guard SystemDisk.retried({ fsync(root.number) }) == 0 else {
                throw DiskError(.syncDirectory, name, code: errno)
            }
            return
        }
        let number = SystemDisk.retried {
            unsafe openat(root.number, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        guard number >= 0 else { throw DiskError(.syncDirectory, name, code: errno) }
        let directory = Descriptor(number)
        guard SystemDisk.retried({ fsync(directory.number) }) == 0 else {
            throw DiskError(.syncDirectory, name, code: errno)
        }
    }

    public func size(of name: String) throws(DiskError) -> Int? {
        var status = stat()
        guard unsafe fstatat(root.number, name, &status, 0) == 0 else {
            if errno == ENOENT { return nil }
            throw DiskError(.size, name, code: errno)
        }
        return Int(status.st_size)
    }

    public func lock(_ name: String) throws(DiskError) -> any DiskLock {
        let descriptor = try made(name, 0, .lock)
        guard SystemDisk.retried({ flock(descriptor.number, LOCK_EX | LOCK_NB) }) == 0 else {
            throw DiskError(.lock, name, code: errno)
        }
        return SystemLock(descriptor)
    }

    /// Makes a file, or opens the one that is there unless `flags` forbid it.
    private func made(
        _ name: String, _ flags: CInt, _ operation: DiskError.Operation
    ) throws(DiskError) -> Descriptor {
        let number = SystemDisk.retried {
            unsafe openat(
                root.number, name, O_RDWR | O_CREAT | O_CLOEXEC | flags, SystemDisk.fileMode)
        }
        guard number >= 0 else { throw DiskError(operation, name, code: errno) }
        let descriptor = Descriptor(number)
        guard fchmod(number, SystemDisk.fileMode) == 0 else {
            throw DiskError(operation, name, code: errno)
        }
        return descriptor
    }

    private static func place(_ directory: String) -> String {
        directory.isEmpty ? "." : directory
    }

    /// Repeats a call that a signal has interrupted.
    static func retried(_ call: () -> CInt) -> CInt {
        while true {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
    }
}

/// A number of the system that is given back once.
private final class Descriptor: Sendable {
    let number: CInt

    init(_ number: CInt) {
        self.number = number
    }

    deinit {
        close(number)
    }
}

private final class SystemLock: DiskLock {
    private let descriptor: Descriptor

    init(_ descriptor: Descriptor) {
        self.descriptor = descriptor
    }

    deinit {
        // A process that is just being started may still have the descriptor, and with it the lock.
        flock(descriptor.number, LOCK_UN)
    }
}

private final class SystemFile: DiskFile {
    private let name: String
    private let descriptor: Descriptor

    init(_ name: String, _ descriptor: Descriptor) {
        self.name = name
        self.descriptor = descriptor
    }

    func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(DiskError) -> Int {
        guard let base = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = unsafe pread(
                descriptor.number, base + done, buffer.count - done, off_t(offset + done))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw DiskError(.read, name, code: errno)
            }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = unsafe pwrite(
                descriptor.number, base + done, bytes.count - done, off_t(offset + done))
            // A write of nothing would be repeated for ever: there is no room, whatever it says.
            if count <= 0 {
                if count < 0 && errno == EINTR { continue }
                throw DiskError(.write, name, code: count == 0 ? ENOSPC : errno)
            }
            done += count
        }
    }

    func truncate(to byteCount: Int) throws(DiskError) {
        guard SystemDisk.retried({ ftruncate(descriptor.number, off_t(byteCount)) }) == 0 else {
            throw DiskError(.truncate, name, code: errno)
        }
    }

    /// The file's times may be lost, its size is not. An interrupted call counts as failed: what
    /// it has reported once, it need not report again.
    func sync() throws(DiskError) {
        guard fdatasync(descriptor.number) == 0 else {
            throw DiskError(.sync, name, code: errno)
        }
    }

    func size() throws(DiskError) -> Int {
        var status = stat()
        guard unsafe fstat(descriptor.number, &status) == 0 else {
            throw DiskError(.size, name, code: errno)
        }
        return Int(status.st_size)
    }
}
