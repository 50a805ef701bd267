// Sends requests at a fixed rate, whatever the answers take: an open loop.
//
// **In** come a body and a rate. **Out** goes a line of figures. The n-th request is due n/rate
// seconds after the start; its time counts from that moment, not from when it was sent, so that a
// server that stalls is charged for every request that had to wait. Closed loops, which wait with
// it, do not see that.
//
// **Absent on purpose.** No TLS, no pipelining, no redirects; answers are judged by their status
// and their first bytes alone.
import Glibc
import Synchronization

/// What is sent, how often and where to.
struct LoadPlan: Sendable {
    var port: UInt16 = 8080
    /// Requests a second.
    var rate = 1000
    /// Requests that can be under way at the same time.
    var connections = 32
    var seconds = 10.0
    /// In which `{{member}}` stands for a number from 1 to ``members``, `{{number}}` for the
    /// number of the request.
    var body = ""
    var members = 1
    /// What every answer's body must begin with.
    var prefix = "{\"data\":"
}

/// One run of a plan.
final class Load: Sendable {
    private let plan: LoadPlan
    private let next = Atomic<Int>(0)
    private let results = Mutex(Results())

    private struct Results: Sendable {
        var microseconds: [UInt32] = []
        var failureCount = 0
    }

    init(_ plan: LoadPlan) {
        self.plan = plan
    }

    /// Runs the plan and prints what came of it: requests, failures, and microseconds at the 50th,
    /// 95th, 99th and 99.9th percentile and at most.
    func run() {
        let start = monotonicNanoseconds() + 50_000_000
        var threads: [pthread_t] = []
        for number in 0..<plan.connections {
            if let thread = LoadThread.start({ [self] in work(number, start) }) {
                threads.append(thread)
            }
        }
        for thread in threads { _ = pthread_join(thread, nil) }
        let results = results.withLock { $0 }
        let sorted = results.microseconds.sorted()
        func percentile(_ share: Double) -> UInt32 {
            sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
        print(
            "RESULT", sorted.count, results.failureCount, percentile(0.5), percentile(0.95),
            percentile(0.99), percentile(0.999), sorted.last ?? 0)
    }

    private func work(_ number: Int, _ start: UInt64) {
        var connection = LoadConnection(port: plan.port)
        var chance = SystemRandomNumberGenerator()
        let total = Int(Double(plan.rate) * plan.seconds)
        let template = LoadTemplate(plan.body)
        var request: [UInt8] = []
        var microseconds: [UInt32] = []
        var failureCount = 0
        let prefix = Array(plan.prefix.utf8)
        while true {
            let ticket = next.wrappingAdd(1, ordering: .relaxed).oldValue
            if ticket >= total { break }
            let due = start + UInt64(Double(ticket) / Double(plan.rate) * 1e9)
            template.write(
                member: Int.random(in: 1...plan.members, using: &chance), number: ticket,
                to: &request)
            sleepUntil(due)
            if connection.ask(request, prefix) {
                let time = (monotonicNanoseconds() &- due) / 1000
                microseconds.append(UInt32(clamping: time))
            } else {
                failureCount += 1
                connection = LoadConnection(port: plan.port)
            }
        }
        results.withLock { results in
            results.microseconds += microseconds
            results.failureCount += failureCount
        }
    }
}

/// A request whose body has places for numbers. It is taken apart once: what sends requests shares
/// the processors with what is measured.
struct LoadTemplate {
    private enum Part {
        case text([UInt8])
        case member
        case number
    }

    private var parts: [Part] = []

    init(_ body: String) {
        var rest = body[...]
        var text: [UInt8] = []
        while let first = rest.first {
            var part: Part?
            for (name, place) in [("{{member}}", Part.member), ("{{number}}", Part.number)]
            where rest.hasPrefix(name) {
                part = place
                rest.removeFirst(name.count)
            }
            if let part {
                parts += [.text(text), part]
                text = []
            } else {
                text += String(first).utf8
                rest.removeFirst()
            }
        }
        parts.append(.text(text))
    }

    /// Writes a whole request over what was in `bytes`.
    func write(member: Int, number: Int, to bytes: inout [UInt8]) {
        let numbers = [Array("\(member)".utf8), Array("\(number)".utf8)]
        var byteCount = 0
        for part in parts {
            switch part {
            case .text(let text): byteCount += text.count
            case .member: byteCount += numbers[0].count
            case .number: byteCount += numbers[1].count
            }
        }
        bytes.removeAll(keepingCapacity: true)
        bytes += LoadTemplate.head
        bytes += "\(byteCount)\r\n\r\n".utf8
        for part in parts {
            switch part {
            case .text(let text): bytes += text
            case .member: bytes += numbers[0]
            case .number: bytes += numbers[1]
            }
        }
    }

    private static let head = Array(
        ("POST /graphql HTTP/1.1\r\nHost: load\r\nContent-Type: application/json\r\n"
            + "Content-Length: ").utf8)
}

/// A connection that is kept.
struct LoadConnection: ~Copyable {
    private let descriptor: CInt
    private var room = [UInt8](repeating: 0, count: 1 << 16)

    init(port: UInt16) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var one: CInt = 1
        unsafe setsockopt(
            descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one,
            socklen_t(MemoryLayout<CInt>.size))
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, length)
            }
        }
    }

    deinit {
        close(descriptor)
    }

    /// Sends a request and waits for its answer; false when that is none with data.
    mutating func ask(_ bytes: [UInt8], _ prefix: [UInt8]) -> Bool {
        guard unsafe send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else {
            return false
        }
        var answer: [UInt8] = []
        var end = Int.max
        var bodyStart = 0
        while answer.count < end {
            let count = unsafe recv(descriptor, &room, room.count, 0)
            guard count > 0 else { return false }
            answer += room[..<count]
            if bodyStart == 0, let headEnd = LoadConnection.headEnd(answer) {
                bodyStart = headEnd
                guard let length = LoadConnection.contentLength(answer[..<bodyStart]) else {
                    return false
                }
                end = bodyStart + length
            }
        }
        return answer.starts(with: "HTTP/1.1 200 ".utf8)
            && answer[bodyStart...].starts(with: prefix)
    }

    /// Behind the empty line.
    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for end in 4...bytes.count
        where bytes[end - 1] == 0x0A && bytes[end - 2] == 0x0D && bytes[end - 3] == 0x0A {
            return end
        }
        return nil
    }

    private static func contentLength(_ head: ArraySlice<UInt8>) -> Int? {
        let name = Array("\r\ncontent-length:".utf8)
        for start in head.indices.dropLast(name.count) {
            let end = start + name.count
            guard zip(head[start..<end], name).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else {
                continue
            }
            let line = head[end...].prefix { $0 != 0x0D }
            return line.reduce(0) { sum, byte in
                byte == 0x20 ? sum : 10 * sum + Int(byte) - 0x30
            }
        }
        return nil
    }
}

/// A thread that is joined.
enum LoadThread {
    private final class Body {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    static func start(_ run: @escaping @Sendable () -> Void) -> pthread_t? {
        let body = unsafe Unmanaged.passRetained(Body(run))
        var handle = pthread_t()
        let status = unsafe pthread_create(
            &handle, nil,
            { raw in
                guard let raw = unsafe raw else { return nil }
                unsafe Unmanaged<Body>.fromOpaque(raw).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        return status == 0 ? handle : nil
    }
}

func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

func sleepUntil(_ nanoseconds: UInt64) {
    var time = timespec(
        tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    while unsafe clock_nanosleep(CLOCK_MONOTONIC, CInt(TIMER_ABSTIME), &time, nil) == EINTR {}
}

/// Reads the arguments and runs the plan.
func runLoad(_ arguments: [String]) -> CInt {
    var plan = LoadPlan()
    var rest = arguments[...]
    while let flag = rest.popFirst(), let value = rest.popFirst() {
        switch flag {
        case "--port": plan.port = UInt16(value) ?? 0
        case "--rate": plan.rate = Int(value) ?? 0
        case "--connections": plan.connections = Int(value) ?? 0
        case "--seconds": plan.seconds = Double(value) ?? 0
        case "--members": plan.members = Int(value) ?? 0
        case "--body": plan.body = value
        case "--prefix": plan.prefix = value
        default: plan.rate = 0
        }
    }
    guard plan.port > 0, plan.rate > 0, plan.connections > 0, plan.seconds > 0, plan.members > 0,
        !plan.body.isEmpty
    else {
        print(
            "usage: Load --port N --rate N --body JSON [--connections N] [--seconds N] "
                + "[--members N] [--prefix TEXT]")
        return 2
    }
    signal(SIGPIPE, SIG_IGN)
    Load(plan).run()
    return 0
}
