import Glibc

/// A file that is read from front to back in large blocks.
///
/// The reader above takes lines or records out of `bytes`, moves `position` behind them, and asks
/// for more when there is no whole one left.
// Safe: `base` has `capacity` bytes of which `position..<end` are the file's; both belong to this
// object, and what was handed out is used before the next `fill()`.
@safe
final class InputFile {
    let path: String
    private let descriptor: CInt
    private(set) var base: UnsafeMutableRawPointer
    private var capacity = InputFile.blockByteCount
    /// The first byte that was not taken yet.
    var position = 0
    private(set) var end = 0
    /// Whether the file has no more bytes than those at hand.
    private(set) var isComplete = false

    /// Large enough that system calls do not count, small enough for the processor's cache.
    private static let blockByteCount = 1 << 20

    /// A line is at most this long: four times the largest text that a column can hold.
    static let lineBytesMax = 64 << 20

    init(_ path: String) throws(ImportError) {
        self.path = path
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0, let memory = unsafe malloc(capacity) else {
            throw ImportError(InputFile.problem(path))
        }
        unsafe base = memory
        try fill()
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if end >= mark.count, unsafe memcmp(base, mark, mark.count) == 0 { position = mark.count }
    }

    deinit {
        close(descriptor)
        unsafe free(base)
    }

    /// Reads more behind the bytes at hand, which move to the front of the memory.
    func fill() throws(ImportError) {
        if position > 0 {
            unsafe memmove(base, base + position, end - position)
            end -= position
            position = 0
        }
        if end == capacity {
            capacity *= 2
            guard let memory = unsafe realloc(base, capacity) else { fatalError("out of memory") }
            unsafe base = memory
        }
        while true {
            let count = unsafe read(descriptor, base + end, capacity - end)
            if count > 0 { return end += count }
            if count == 0 { return isComplete = true }
            if errno != EINTR { throw ImportError(InputFile.problem(path)) }
        }
    }

    /// The next line without its line feed; nil at the end of the file.
    func nextLine(number: Int) throws(ImportError) -> UnsafeRawBufferPointer? {
        var searched = 0
        while true {
            let start = unsafe base + position
            if let found = unsafe memchr(start + searched, 0x0A, end - position - searched) {
                let count = unsafe found - start
                position += count + 1
                return unsafe UnsafeRawBufferPointer(start: start, count: count)
            }
            if isComplete {
                guard position < end else { return nil }
                let count = end - position
                position = end
                return unsafe UnsafeRawBufferPointer(start: start, count: count)
            }
            searched = end - position
            guard searched <= InputFile.lineBytesMax else {
                throw ImportError(
                    .lineTooLong(
                        file: path, line: number, byteCountMax: InputFile.lineBytesMax))
            }
            try fill()
        }
    }

    private static func problem(_ path: String) -> ImportProblem {
        .unreadable(path: path, reason: unsafe String(cString: strerror(errno)))
    }
}
