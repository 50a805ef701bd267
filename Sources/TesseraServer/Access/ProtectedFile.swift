import Glibc

/// A file that others must not be able to read, or to change: it decides who may come in.
enum ProtectedFile {
    enum Problem: Error, Equatable {
        case system(call: String, code: CInt)
        case notAFile
        /// Others may do what they must not; the permission bits.
        case openToOthers(mode: UInt32)
        /// It belongs to another user, who may change it at any time.
        case foreign(owner: UInt32)
        case tooLarge(byteCountMax: Int)
    }

    /// What nobody but the owner may do, except that the owner's group may read. Reason: services
    /// and containers are handed secrets by way of a group.
    private static let forbiddenBits: UInt32 = 0o037

    /// The bytes of a file.
    static func read(_ path: String, byteCountMax: Int) throws(Problem) -> [UInt8] {
        // A pipe without a writer would be waited for.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(call: "open", code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system(call: "fstat", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        let mode = status.st_mode & 0o777
        guard mode & forbiddenBits == 0 else { throw .openToOthers(mode: mode) }
        guard isTrusted(status.st_uid, path) else { throw .foreign(owner: status.st_uid) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe Glibc.read(descriptor, &block, block.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .system(call: "read", code: errno) }
            if count == 0 { return bytes }
            guard bytes.count + count <= byteCountMax else {
                throw .tooLarge(byteCountMax: byteCountMax)
            }
            bytes += block[..<count]
        }
    }

    /// Whether a file may belong to a user: to root, to this one, and to whom root works for, which is
    /// the owner of the folder.
    private static func isTrusted(_ owner: uid_t, _ path: String) -> Bool {
        if owner == 0 || owner == geteuid() { return true }
        return geteuid() == 0 && owner == folderOwner(of: path)?.user
    }

    private static func folderOwner(of path: String) -> (user: uid_t, group: gid_t)? {
        var status = stat()
        guard unsafe stat(folder(of: path), &status) == 0 else { return nil }
        return (status.st_uid, status.st_gid)
    }

    /// Puts bytes in the place of a file, whole or not at all: they are on the disk under another
    /// name before the file's name is theirs.
    static func replace(_ path: String, with bytes: [UInt8]) throws(Problem) {
        let temporary = path + temporarySuffix
        unsafe unlink(temporary)
        let descriptor = unsafe open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(call: "open", code: errno) }
        do throws(Problem) {
            defer { close(descriptor) }
            try write(bytes, to: descriptor)
            // What root does in somebody's folder is done for its owner.
            if geteuid() == 0, let owner = folderOwner(of: path), owner.user != 0 {
                guard fchown(descriptor, owner.user, owner.group) == 0 else {
                    throw .system(call: "fchown", code: errno)
                }
            }
            // Whatever the umask takes away or a file system adds.
            guard fchmod(descriptor, 0o600) == 0 else {
                throw .system(call: "fchmod", code: errno)
            }
            guard fsync(descriptor) == 0 else { throw .system(call: "fsync", code: errno) }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        guard unsafe rename(temporary, path) == 0 else {
            throw .system(call: "rename", code: errno)
        }
        try withFolder(of: path) { folder throws(Problem) in
            guard fsync(folder) == 0 else { throw .system(call: "fsync", code: errno) }
        }
    }

    /// The end of the name of a file that is not finished.
    static let temporarySuffix = ".tmp"

    private static func write(_ bytes: [UInt8], to descriptor: CInt) throws(Problem) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes[offset...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .system(call: "write", code: errno) }
            offset += count
        }
    }

    /// Runs `body` while no other process does the same with a file of this folder.
    static func locking<Result>(
        _ path: String, _ body: () throws(Problem) -> Result
    ) throws(Problem) -> Result {
        try withFolder(of: path) { folder throws(Problem) in
            while flock(folder, LOCK_EX) != 0 {
                guard errno == EINTR else { throw .system(call: "flock", code: errno) }
            }
            // A process that is just being started may keep the descriptor a little longer.
            defer { flock(folder, LOCK_UN) }
            return try body()
        }
    }

    private static func withFolder<Result>(
        of path: String, _ body: (CInt) throws(Problem) -> Result
    ) throws(Problem) -> Result {
        let descriptor = unsafe open(folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(call: "open", code: errno) }
        defer { close(descriptor) }
        return try body(descriptor)
    }

    private static func folder(of path: String) -> String {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }
}

extension ProtectedFile.Problem {
    /// What is wrong, as the end of "FILE: …", and how to mend it.
    func text(_ path: String) -> (message: String, hint: String) {
        switch self {
        case .system(let call, let code):
            let reason = unsafe String(cString: strerror(code))
            return (
                "\(call) failed: \(reason)",
                code == ENOENT
                    ? "there is no such file or folder; look at the path"
                    : "this user must be able to read it, and to write to its folder"
            )
        case .notAFile: return ("it is not a file", "look at the path")
        case .openToOthers(let mode):
            return (
                "others may read or change it (mode \(String(mode, radix: 8)))",
                "chmod 600 \(path)"
            )
        case .foreign(let owner):
            return (
                "another user owns it (user id \(owner)) and could change it",
                "chown it to the user that this runs as, or run this as that user"
            )
        case .tooLarge(let byteCountMax):
            return ("it has more than \(byteCountMax) bytes", "look at the path")
        }
    }
}
