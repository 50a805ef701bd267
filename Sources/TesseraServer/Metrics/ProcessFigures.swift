import Glibc

/// What the system says about this process.
struct ProcessFigures: Sendable, Equatable {
    var residentByteCount: Int
    var processorNanoseconds: UInt64
    var openDescriptors: Int
    /// Since 1970-01-01T00:00:00Z.
    var startNanoseconds: UInt64

    init(
        residentByteCount: Int, processorNanoseconds: UInt64, openDescriptors: Int,
        startNanoseconds: UInt64
    ) {
        self.residentByteCount = residentByteCount
        self.processorNanoseconds = processorNanoseconds
        self.openDescriptors = openDescriptors
        self.startNanoseconds = startNanoseconds
    }

    /// As it is now.
    static func now() -> ProcessFigures {
        ProcessFigures(
            residentByteCount: MemoryGuard.residentByteCount,
            processorNanoseconds: processorNanoseconds, openDescriptors: openDescriptors,
            startNanoseconds: startNanoseconds)
    }

    private static var processorNanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    private static var openDescriptors: Int {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // The folder itself and the one above it have entries, and reading takes a descriptor.
        return max(0, count - 3)
    }

    /// The system counts the start in ticks since it began itself.
    /// Source: proc_pid_stat(5), field 22.
    private static let startNanoseconds: UInt64 = {
        guard let stat = text(of: "/proc/self/stat"), let end = stat.lastIndex(of: ")") else {
            return 0
        }
        let fields = stat[end...].split(separator: " ")
        // The name of the program was the second field.
        guard fields.count > 20, let ticks = UInt64(fields[20]) else { return 0 }
        var sinceBoot = timespec()
        var now = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let boot =
            (now.tv_sec - sinceBoot.tv_sec) * 1_000_000_000 + (now.tv_nsec - sinceBoot.tv_nsec)
        let perSecond = UInt64(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return UInt64(clamping: boot) &+ ticks &* (1_000_000_000 / perSecond)
    }()

    private static func text(of path: String) -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = unsafe read(file, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
