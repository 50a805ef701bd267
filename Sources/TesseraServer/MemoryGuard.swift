import Glibc
import Synchronization

/// Tells when the process has as much memory as it may have, so that writes are refused before the
/// system ends the process.
///
/// Looks at most ten times a second: what is written between two looks is small against the
/// distance that a sensible limit keeps from the machine's memory.
final class MemoryGuard: Sendable {
    private static let nanosecondsBetweenLooks: UInt64 = 100_000_000

    private let byteCountMax: Int?
    private let nextLook = Atomic<UInt64>(0)
    private let exhausted = Atomic(false)

    /// - Parameter byteCountMax: resident memory; nil for no limit.
    init(byteCountMax: Int?) {
        self.byteCountMax = byteCountMax
    }

    /// Whether the limit is reached. Some 30 ns, but for one look.
    var isExhausted: Bool {
        guard let byteCountMax else { return false }
        let now = MemoryGuard.monotonicNanoseconds()
        let due = nextLook.load(ordering: .relaxed)
        if now >= due {
            let next = now &+ MemoryGuard.nanosecondsBetweenLooks
            let (isMine, _) = nextLook.compareExchange(
                expected: due, desired: next, ordering: .relaxed)
            if isMine {
                exhausted.store(
                    MemoryGuard.residentByteCount >= byteCountMax, ordering: .relaxed)
            }
        }
        return exhausted.load(ordering: .relaxed)
    }

    /// Memory that the process has, and the system has given it.
    static var residentByteCount: Int {
        let file = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = unsafe read(file, &text, text.count)
        guard count > 0 else { return 0 }
        let words = text[..<count].split(separator: UInt8(ascii: " "))
        guard words.count > 1, let pages = Int(String(decoding: words[1], as: UTF8.self)) else {
            return 0
        }
        return pages * Int(getpagesize())
    }

    private static func monotonicNanoseconds() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
