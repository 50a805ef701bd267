import Bytes
import Glibc

/// What all connections of one loop share: limits, the present time, and memory that goes from
/// request to request. Used on the loop's thread only; holds no connection.
// Safe: `dateLine` is owned by this object, `dateLineByteCount` bytes; blocks in the pool belong
// to nobody else.
@safe
final class LoopContext {
    let loopIndex: Int
    let limits: HTTPLimits
    let requestNanoseconds: UInt64
    let answerNanoseconds: UInt64
    let answerLookNanoseconds: UInt64
    let idleNanoseconds: UInt64
    let turnNanoseconds: UInt64
    let lingerNanoseconds: UInt64

    let mailbox: Mailbox
    let counters: LoopCounters
    let exchange: Exchange

    /// The monotonic time of this wake-up, in nanoseconds.
    private(set) var now: UInt64 = 0
    /// Whether answers say `Connection: close`.
    var isDraining = false

    private let clock: any HTTPClock
    private let errorBody: @Sendable (HTTPStatus, StaticString, ByteBuffer) -> StaticString
    /// Lines that every answer bears.
    let headerLines: StaticString
    private let classes = ByteClasses()
    private let scratch = ByteBuffer(capacity: 256)
    private var dateExpiry: UInt64 = 0
    private let dateLine: UnsafeMutableRawPointer

    private var blocks: [UnsafeMutableRawPointer] = unsafe []
    private var buffers: [ByteBuffer] = []
    private var requests: [Request] = []

    /// Bytes of a block of input: one read takes this many, most requests fit whole.
    static let blockByteCount = 16 * 1024
    /// What the sizes of larger blocks are multiples of.
    static let pageByteCount = 4096
    /// Bytes of an output buffer at first: an ordinary answer with its head.
    static let bufferByteCount = 8 * 1024
    /// An output buffer grown beyond this is not kept.
    static let bufferByteCountMax = 256 * 1024
    /// Blocks, buffers and requests kept of each kind. A loop needs as many as connections are in
    /// the middle of a request or an answer at the same time, seldom more than a few.
    static let pooledMax = 64
    /// `Date: Sun, 06 Nov 1994 08:49:37 GMT` and the line end.
    static let dateLineByteCount = 37

    init(_ configuration: HTTPConfiguration, index: Int, mailbox: Mailbox, counters: LoopCounters) {
        loopIndex = index
        limits = configuration.limits
        requestNanoseconds = limits.requestTimeout.nanoseconds
        answerNanoseconds = limits.answerTimeout.nanoseconds
        answerLookNanoseconds = limits.answerLookInterval.nanoseconds
        idleNanoseconds = limits.idleTimeout.nanoseconds
        turnNanoseconds = limits.turnTime.nanoseconds
        lingerNanoseconds = limits.lingerTimeout.nanoseconds
        self.mailbox = mailbox
        self.counters = counters
        exchange = Exchange(loopIndex: index, proxies: configuration.trustedProxies)
        clock = configuration.clock
        errorBody = configuration.errorBody
        headerLines = configuration.headerLines
        unsafe dateLine = .allocate(byteCount: LoopContext.dateLineByteCount, alignment: 1)
        tick()
    }

    deinit {
        unsafe dateLine.deallocate()
        while let block = unsafe blocks.popLast() { unsafe block.deallocate() }
    }

    /// The table of byte classes.
    var classTable: UnsafePointer<UInt8> { unsafe UnsafePointer(classes.table) }

    // MARK: Time

    /// Reads the clock, once per wake-up.
    func tick() {
        now = clock.monotonicNanoseconds()
        if now >= dateExpiry { renewDate() }
    }

    /// The present time, where that of the wake-up is too old.
    func readClock() -> UInt64 { clock.monotonicNanoseconds() }

    /// The `Date` header as a line.
    var date: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: dateLine, count: LoopContext.dateLineByteCount)
    }

    /// Source: RFC 9110 §5.6.7.
    private func renewDate() {
        let wall = clock.wallNanoseconds()
        dateExpiry = now &+ (1_000_000_000 &- wall % 1_000_000_000)
        let seconds = Int(truncatingIfNeeded: wall / 1_000_000_000)
        let dayNumber = seconds / 86_400
        let second = seconds % 86_400
        let date = CivilDate(dayNumber: Int32(truncatingIfNeeded: dayNumber))
        // 1970-01-01 was a Thursday, the first name of this list.
        let dayNames: StaticString = "ThuFriSatSunMonTueWed"
        let monthNames: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
        var offset = 0
        func put(_ text: StaticString, from: Int = 0, count: Int) {
            text.withUTF8Buffer { text in
                for index in from..<from &+ count {
                    unsafe dateLine.storeBytes(
                        of: text[index], toByteOffset: offset, as: UInt8.self)
                    offset &+= 1
                }
            }
        }
        func put(_ number: Int, digits: Int) {
            var rest = number
            for place in stride(from: digits &- 1, through: 0, by: -1) {
                let digit = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
                unsafe dateLine.storeBytes(of: digit, toByteOffset: offset &+ place, as: UInt8.self)
                rest /= 10
            }
            offset &+= digits
        }
        put("Date: ", count: 6)
        put(dayNames, from: dayNumber % 7 * 3, count: 3)
        put(", ", count: 2)
        put(date.day, digits: 2)
        put(" ", count: 1)
        put(monthNames, from: (date.month &- 1) * 3, count: 3)
        put(" ", count: 1)
        put(date.year, digits: 4)
        put(" ", count: 1)
        put(second / 3600, digits: 2)
        put(":", count: 1)
        put(second / 60 % 60, digits: 2)
        put(":", count: 1)
        put(second % 60, digits: 2)
        put(" GMT\r\n", count: 6)
    }

    // MARK: Answers of the room's own

    /// Calls `body` with content type and bytes of an error answer.
    func withErrorBody(
        _ status: HTTPStatus, _ message: StaticString,
        _ body: (StaticString, UnsafeRawBufferPointer) -> Void
    ) {
        scratch.removeAll()
        let contentType = errorBody(status, message, scratch)
        unsafe scratch.withUnsafeBytes { unsafe body(contentType, $0) }
        scratch.removeAll(keepingAtMost: 4096)
    }

    // MARK: Memory

    /// A block of ``blockByteCount`` bytes.
    func takeBlock() -> UnsafeMutableRawPointer {
        unsafe blocks.popLast() ?? .allocate(byteCount: LoopContext.blockByteCount, alignment: 16)
    }

    /// A block of more than ``blockByteCount`` bytes, a multiple of ``pageByteCount``.
    ///
    /// It comes from the system and goes back to it at once: the allocator would keep what a few
    /// hundred slow clients with large bodies had taken. What is not written to takes no memory.
    func takeLargeBlock(byteCount: Int) -> UnsafeMutableRawPointer {
        let block = unsafe mmap(
            nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let block = unsafe block, unsafe block != MAP_FAILED else {
            preconditionFailure("there is no memory left")
        }
        return unsafe block
    }

    /// Takes a block back.
    func giveBack(block: UnsafeMutableRawPointer, byteCount: Int) {
        if byteCount != LoopContext.blockByteCount {
            unsafe munmap(block, byteCount)
        } else if unsafe blocks.count < LoopContext.pooledMax {
            unsafe blocks.append(block)
        } else {
            unsafe block.deallocate()
        }
    }

    func takeBuffer() -> ByteBuffer {
        buffers.popLast() ?? ByteBuffer(capacity: LoopContext.bufferByteCount)
    }

    func giveBack(buffer: ByteBuffer) {
        guard buffer.capacity <= LoopContext.bufferByteCountMax,
            buffers.count < LoopContext.pooledMax
        else { return }
        buffer.removeAll()
        buffers.append(buffer)
    }

    func takeRequest() -> Request {
        requests.popLast() ?? Request(fieldCountMax: limits.headerCountMax)
    }

    func giveBack(request: Request) {
        guard requests.count < LoopContext.pooledMax else { return }
        request.reset()
        requests.append(request)
    }
}
