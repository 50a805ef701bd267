import Bytes
import Synchronization

/// What the loops have counted since the start, all loops together.
public struct HTTPCounters: Sendable, Equatable {
    /// Requests handed to a handler.
    public internal(set) var requestCount = 0
    /// Requests refused by this room: bad framing, limits, deadlines.
    public internal(set) var rejectionCount = 0
    /// Connections accepted and given to a loop.
    public internal(set) var acceptedCount = 0
    /// Connections refused because there were too many.
    public internal(set) var refusedCount = 0
    /// Connections open now.
    public internal(set) var openCount = 0
    /// Bytes received and sent.
    public internal(set) var receivedByteCount = 0
    public internal(set) var sentByteCount = 0
}

/// The counters of one loop. Each has one writer, so that counting is a plain load and store;
/// `open` alone has two.
final class LoopCounters: Sendable {
    private let requests = Atomic(0)
    private let rejections = Atomic(0)
    private let receivedBytes = Atomic(0)
    private let sentBytes = Atomic(0)
    private let answers = CounterBlock(count: HTTPAnswerCount.cellCount)
    /// Raised by the acceptor, lowered by the loop.
    let open = Atomic(0)

    func countAnswer(_ method: HTTPMethod, route: UInt8, _ status: HTTPStatus) {
        answers.raise(HTTPAnswerCount.cell(method, route: route, status))
    }

    func addAnswers(to sum: inout [UInt64]) { answers.add(to: &sum) }

    func countRequest() { raise(requests, by: 1) }
    func countRejection() { raise(rejections, by: 1) }
    func countReceived(_ byteCount: Int) { raise(receivedBytes, by: byteCount) }
    func countSent(_ byteCount: Int) { raise(sentBytes, by: byteCount) }

    @inline(__always)
    private func raise(_ counter: borrowing Atomic<Int>, by amount: Int) {
        counter.store(counter.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Adds these counters to a sum.
    func add(to sum: inout HTTPCounters) {
        sum.requestCount &+= requests.load(ordering: .relaxed)
        sum.rejectionCount &+= rejections.load(ordering: .relaxed)
        sum.openCount &+= open.load(ordering: .relaxed)
        sum.receivedByteCount &+= receivedBytes.load(ordering: .relaxed)
        sum.sentByteCount &+= sentBytes.load(ordering: .relaxed)
    }
}

/// How often requests of one method to one route were answered with one status.
public struct HTTPAnswerCount: Sendable, Equatable {
    public let method: HTTPMethod
    /// What the handler has called the path; see ``Exchange/route``.
    public let route: UInt8
    public let status: HTTPStatus
    public let count: UInt64

    /// Routes that are told apart.
    static let routesMax = 16

    private static let methods: [HTTPMethod] = [.get, .post, .head, .options, .other]
    private static let statuses = HTTPStatus.allCases
    /// The place of each status in `statuses`, by its code from 200 on.
    private static let statusPlaces: [UInt8] = {
        let codeMax = statuses.map(\.rawValue).max() ?? 200
        var places = [UInt8](repeating: 0, count: Int(codeMax) - 199)
        for (place, status) in statuses.enumerated() {
            places[Int(status.rawValue) - 200] = UInt8(place)
        }
        return places
    }()

    static let cellCount = methods.count * routesMax * statuses.count

    static func cell(_ method: HTTPMethod, route: UInt8, _ status: HTTPStatus) -> Int {
        let methodPlace =
            switch method {
            case .get: 0
            case .post: 1
            case .head: 2
            case .options: 3
            case .other: 4
            }
        let routePlace = min(Int(route), routesMax - 1)
        return (methodPlace * routesMax + routePlace) * statuses.count
            + Int(statusPlaces[Int(status.rawValue) - 200])
    }

    /// The counts that are not zero.
    static func all(in cells: [UInt64]) -> [HTTPAnswerCount] {
        cells.indices.filter { cells[$0] > 0 }.map { cell in
            let (rest, status) = cell.quotientAndRemainder(dividingBy: statuses.count)
            let (method, route) = rest.quotientAndRemainder(dividingBy: routesMax)
            return HTTPAnswerCount(
                method: methods[method], route: UInt8(route), status: statuses[status],
                count: cells[cell])
        }
    }
}
