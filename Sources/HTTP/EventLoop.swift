import CLinux
import Glibc

/// One thread's connections: waits for readiness, moves bytes between sockets and connections,
/// and ends what has taken too long.
///
/// A request costs one read and one write, and a share of one epoll_wait: no registration
/// changes while a socket takes the whole answer, no read only learns that nothing is left.
final class EventLoop {
    /// A place for a connection, used again and again.
    private final class Place {
        let connection: Connection
        var descriptor = Descriptor(-1)
        var generation: UInt32 = 0
        var interest: Poller.Interest = []
        /// Input came while the connection takes none.
        var isInputUnwanted = false
        /// It is in the queue for another turn.
        var isQueued = false

        init(_ connection: Connection) { self.connection = connection }

        var isOpen: Bool { descriptor.raw >= 0 }

        var tag: UInt64 { UInt64(generation) &<< 32 | UInt64(connection.index) }
    }

    /// The tag of the descriptor that wakes the loop; no place has this index.
    private static let wakeTag = UInt64.max

    /// What a loop asks of the scheduler. Reason: a loop has little to do at a time, and clients wait
    /// for it; threads that compute for long lose nothing when it goes first.
    private static let turnNanoseconds: UInt64 = 100_000

    private let context: LoopContext
    private let handler: any RequestHandler
    private let poller: Poller
    private var wheel: DeadlineWheel
    private var places: [Place] = []
    private var freePlaces: [Int] = []
    private var openCount = 0
    private var messages: [Message] = []
    /// Places that had their turn and have requests left, in order; served are those from `turnIndex`
    /// on.
    private var turns: [Int] = []
    private var turnIndex = 0
    private var drainDeadline = UInt64.max

    /// - Parameter epoll: an epoll instance for this loop alone.
    init(_ context: LoopContext, _ handler: any RequestHandler, epoll: consuming Descriptor) {
        self.context = context
        self.handler = handler
        poller = Poller(epoll)
        wheel = DeadlineWheel(now: context.now)
    }

    /// Runs until the loop is told to drain and has done so.
    func run() {
        _ = set_turn_length(EventLoop.turnNanoseconds)
        let wake = context.mailbox.wakeDescriptor.raw
        guard poller.add(wake, .input, tag: EventLoop.wakeTag) else { return }
        while !context.isDraining || (openCount > 0 && context.now < drainDeadline) {
            let count = poller.wait(timeoutMilliseconds: timeoutMilliseconds())
            context.tick()
            for index in 0..<count { act(on: poller.readiness(at: index)) }
            while let due = wheel.popDue(now: context.now) {
                places[due].connection.expire()
                settle(places[due])
            }
            // One at a time, so that whoever has just come waits for one turn and not for all.
            takeTurn()
        }
        for place in places where place.isOpen { close(place) }
        context.mailbox.close()
    }

    private func timeoutMilliseconds() -> Int32 {
        if !turns.isEmpty { return 0 }
        let timeout = wheel.timeoutMilliseconds(now: context.now)
        guard context.isDraining else { return timeout }
        let left = (max(drainDeadline, context.now) &- context.now) / 1_000_000 &+ 1
        let drain = Int32(truncatingIfNeeded: min(left, UInt64(Int32.max)))
        return timeout < 0 ? drain : min(timeout, drain)
    }

    // MARK: Readiness

    private func act(on readiness: Poller.Readiness) {
        if readiness.tag == EventLoop.wakeTag { return takeMessages() }
        let place = places[Int(readiness.tag & 0xFFFF_FFFF)]
        guard place.tag == readiness.tag, place.isOpen else { return }
        if readiness.isOver { return close(place) }
        if readiness.isReadable {
            if place.connection.wantsInput {
                guard receive(place) != nil else { return close(place) }
            } else {
                place.isInputUnwanted = true
            }
        }
        settle(place)
    }

    /// Reads once and handles what has come.
    ///
    /// - Returns: whether anything came, the end included; `nil` when the socket is broken.
    private func receive(_ place: Place) -> Bool? {
        let connection = place.connection
        let count = unsafe Socket.receive(place.descriptor.raw, connection.room())
        if count > 0 {
            context.counters.countReceived(count)
            connection.received(count)
        } else if count == 0 {
            connection.receivedEnd()
        } else {
            connection.releaseUnusedInput()
            return count == Socket.wouldBlock ? false : nil
        }
        connection.process(handler)
        return true
    }

    /// Sends what can be sent, then brings registration and deadline up to date.
    private func settle(_ place: Place) {
        let connection = place.connection
        while connection.pendingByteCount > 0 {
            let bytes = unsafe connection.pendingBytes
            let wanted = bytes.count
            let count = unsafe Socket.send(
                place.descriptor.raw, bytes, isMoreComing: connection.isMorePending)
            if count < 0 {
                guard count == Socket.wouldBlock else { return close(place) }
                break
            }
            context.counters.countSent(count)
            connection.sent(count)
            // A short write means that the socket is full.
            if count < wanted { break }
        }
        if connection.pendingByteCount == 0 {
            if connection.flushed() { Socket.shutdownSending(place.descriptor.raw) }
            if context.isDraining && connection.phase == .idle && !connection.hasPausedInput {
                return close(place)
            }
        }
        if connection.phase == .closed { return close(place) }
        if connection.hasPausedInput { queue(place) }
        renewInterest(place)
        wheel.schedule(connection.index, deadline: connection.deadline)
    }

    /// Registers what is newly wanted at once. Input that is no longer wanted is dropped only when
    /// it comes, so that a short deferral changes nothing.
    private func renewInterest(_ place: Place) {
        let connection = place.connection
        var wanted: Poller.Interest = connection.pendingByteCount > 0 ? .output : []
        if connection.wantsInput { place.isInputUnwanted = false }
        if !place.isInputUnwanted { wanted.insert(.input) }
        guard wanted != place.interest else { return }
        place.interest = wanted
        poller.change(place.descriptor.raw, wanted, tag: place.tag)
    }

    // MARK: Turns

    private func queue(_ place: Place) {
        guard !place.isQueued else { return }
        place.isQueued = true
        turns.append(place.connection.index)
    }

    /// Lets the next of those who wait for another turn have it.
    private func takeTurn() {
        guard turnIndex < turns.count else { return }
        let place = places[turns[turnIndex]]
        turnIndex += 1
        if turnIndex == turns.count {
            turns.removeAll(keepingCapacity: true)
            turnIndex = 0
        } else if turnIndex >= 1024 {
            turns.removeFirst(turnIndex)
            turnIndex = 0
        }
        place.isQueued = false
        guard place.isOpen, place.connection.hasPausedInput else { return }
        place.connection.process(handler)
        settle(place)
    }

    // MARK: Opening and closing

    private func adopt(_ raw: Int32) {
        let index = freePlaces.popLast() ?? places.count
        if index == places.count { places.append(Place(Connection(context, index: index))) }
        let place = places[index]
        place.descriptor = Descriptor(raw)
        place.interest = .input
        place.isInputUnwanted = false
        openCount += 1
        place.connection.open(socket: raw)
        guard poller.add(raw, .input, tag: place.tag) else { return close(place) }
        wheel.schedule(index, deadline: place.connection.deadline)
        if context.isDraining { finishIdle(place) }
    }

    private func close(_ place: Place) {
        place.connection.close()
        if place.connection.endsWithReset { Socket.resetWhenClosed(place.descriptor.raw) }
        wheel.cancel(place.connection.index)
        place.descriptor = Descriptor(-1)
        place.generation &+= 1
        freePlaces.append(place.connection.index)
        openCount -= 1
        context.counters.open.subtract(1, ordering: .relaxed)
    }

    // MARK: Messages

    private func takeMessages() {
        context.mailbox.acknowledge()
        context.mailbox.take(into: &messages)
        for message in messages {
            switch message {
            case .connection(let raw): adopt(raw)
            case .completion(let state, let completion): complete(state, completion)
            case .stream(let state): pump(state)
            case .drain(let deadline): drain(until: deadline)
            }
        }
        messages.removeAll(keepingCapacity: true)
    }

    private func complete(_ state: DeferralState, _ completion: Completion?) {
        let place = places[state.connectionIndex]
        guard place.connection.complete(state, completion) else { return }
        place.connection.process(handler)
        settle(place)
    }

    private func pump(_ state: StreamState) {
        let place = places[state.deferral.connectionIndex]
        guard place.connection.pump(state) else { return }
        place.connection.process(handler)
        settle(place)
    }

    /// Ends silent connections and lets the others finish.
    private func drain(until deadline: UInt64) {
        context.isDraining = true
        drainDeadline = deadline
        for place in places where place.isOpen { finishIdle(place) }
    }

    /// Ends the connection if it is between requests, unless a request has come just now.
    private func finishIdle(_ place: Place) {
        let connection = place.connection
        guard connection.phase == .idle, connection.pendingByteCount == 0,
            !connection.hasPausedInput
        else { return }
        guard receive(place) == true else { return close(place) }
        settle(place)
    }
}
