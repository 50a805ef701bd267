import Bytes
import Glibc

/// One client, as a state machine between bytes in and bytes out. It owns no socket and reads no
/// clock: the loop, or a test, hands in bytes and the time.
///
/// Requests are parsed where they were read, in `block`. Memory comes from the loop's pools when
/// data comes and goes back when none is left: a silent connection is this object alone.
// Safe: `block` is owned by this object while not nil, `capacity` bytes; `start <= end <=
// capacity`, and `start..<end` has been read from the socket.
@safe
final class Connection {
    enum Phase: UInt8 {
        /// Between requests.
        case idle
        /// Some of a request's head is here.
        case head
        /// The head is whole, the body is not.
        case body
        /// A deferred answer is awaited.
        case waiting
        /// A streamed answer has begun and not ended.
        case streaming
        /// The last answer is written but not all sent.
        case closing
        /// All is sent and said; what still comes is dropped.
        case lingering
        /// To be closed.
        case closed
    }

    let context: LoopContext
    /// The place in the loop.
    let index: Int
    private(set) var phase = Phase.idle

    // Input.
    private var block: UnsafeMutableRawPointer?
    private var capacity = 0
    private var start = 0
    private var end = 0
    /// The client has said that it sends no more.
    private var isInputOver = false
    /// Requests may lie in the block that were left alone because too much output waited, or the
    /// turn was over.
    private var isPaused = false
    /// Requests answered in the present turn, and the time when the second was begun.
    private var turnRequestCount = 0
    private var turnStart: UInt64 = 0
    private var request: Request?
    private var leadingLineCount = 0
    private var lingerByteCount = 0

    // Output.
    private var output: ByteBuffer?
    private var sentCount = 0
    private var answerStart = 0
    private(set) var bodyStart = 0
    /// Bytes that the kernel has been given since the connection was opened.
    private var givenByteCount = 0
    /// Of these, what the client had taken when it last made progress, and when that was.
    private var takenByteCount = 0
    private var progressTime: UInt64 = 0
    private var hasLength = false
    private var dropsBody = false

    // The request that is being answered.
    private var method = HTTPMethod.other
    private var route: UInt8 = 0
    private var status = HTTPStatus.ok
    private var isHead = false
    private var isVersion10 = false
    private var keepsAlive = false
    private var pending: DeferralState?
    private var stream: StreamedBody?
    /// The connection is to be reset, because its end would say that the answer is whole.
    private(set) var endsWithReset = false

    private var socket: Int32 = -1

    // Deadlines, in nanoseconds of the monotonic clock.
    private var idleDeadline = UInt64.max
    private var requestDeadline = UInt64.max
    /// When to look whether the client takes its answers; never when it has taken them all.
    private var answerLookTime = UInt64.max
    private var lingerDeadline = UInt64.max

    init(_ context: LoopContext, index: Int) {
        self.context = context
        self.index = index
    }

    deinit {
        releaseMemory()
    }

    /// Begins a new client on this object.
    ///
    /// - Parameter socket: the client's, which is only asked for its address; negative for none.
    func open(socket: Int32 = -1) {
        phase = .idle
        self.socket = socket
        isInputOver = false
        isPaused = false
        endsWithReset = false
        leadingLineCount = 0
        lingerByteCount = 0
        givenByteCount = 0
        takenByteCount = 0
        answerLookTime = .max
        idleDeadline = context.now &+ context.idleNanoseconds
    }

    /// Ends it: gives all memory back and tells a waiting deferral or stream.
    func close() {
        phase = .closed
        if let stream, !stream.isChunked { endsWithReset = true }
        endStream()
        releaseMemory()
    }

    private func releaseMemory() {
        if let request { context.giveBack(request: request) }
        request = nil
        releaseBlock()
        releaseOutput()
    }

    // MARK: What the handler asks

    /// Where the client is; nil when the system does not say.
    var remoteAddress: RemoteAddress? { RemoteAddress(ofPeer: socket) }

    // MARK: What the loop asks

    /// Whether bytes from the socket can be taken now.
    var wantsInput: Bool {
        switch phase {
        case .idle, .head, .body:
            !isInputOver && !isPaused && pendingByteCount <= context.limits.outputPauseBytes
        case .lingering: lingerByteCount <= context.limits.lingerBytesMax
        case .waiting, .streaming, .closing, .closed: false
        }
    }

    /// Bytes that wait to be sent.
    var pendingByteCount: Int { outputRest &+ (stream?.pendingByteCount ?? 0) }

    /// Bytes of `output` that wait to be sent.
    private var outputRest: Int {
        guard let output else { return 0 }
        return output.count &- sentCount
    }

    /// The bytes to send next, not empty while any wait; valid until the connection is touched
    /// again.
    var pendingBytes: UnsafeRawBufferPointer {
        guard let output, outputRest > 0 else {
            return unsafe stream?.pendingBytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return unsafe UnsafeRawBufferPointer(start: output.base + sentCount, count: outputRest)
    }

    /// Whether more bytes follow the ``pendingBytes`` at once.
    var isMorePending: Bool { outputRest > 0 && stream.map { $0.pendingByteCount > 0 } ?? false }

    /// Whether requests lie here that were left alone and can be handled now.
    var hasPausedInput: Bool {
        isPaused && pendingByteCount <= context.limits.outputPauseBytes
    }

    /// When ``expire()`` is due.
    var deadline: UInt64 {
        switch phase {
        case .idle: return min(pendingByteCount > 0 ? .max : idleDeadline, answerLookTime)
        case .head, .body: return min(requestDeadline, answerLookTime)
        case .waiting, .streaming, .closing: return answerLookTime
        case .lingering: return lingerDeadline
        case .closed: return .max
        }
    }

    // MARK: Input

    /// Room for the next read, never empty.
    func room() -> UnsafeMutableRawBufferPointer {
        if let block = unsafe block {
            if end == capacity { unsafe makeRoom(block) }
        } else {
            unsafe block = context.takeBlock()
            capacity = LoopContext.blockByteCount
            start = 0
            end = 0
        }
        guard let block = unsafe block else { preconditionFailure("a block was just taken") }
        return unsafe UnsafeMutableRawBufferPointer(start: block + end, count: capacity &- end)
    }

    /// Moves what is here to the front of the block, or into one twice as large, or as large as the
    /// request says it is. The limits on head and body bound how large a block can get.
    private func makeRoom(_ old: UnsafeMutableRawPointer) {
        let count = end &- start
        if start >= capacity / 2 {
            unsafe old.copyMemory(from: old + start, byteCount: count)
        } else {
            let wanted = request.map { $0.headByteCount &+ $0.contentLength } ?? 0
            let page = LoopContext.pageByteCount
            let byteCount = (max(wanted, capacity &* 2) &+ page &- 1) / page &* page
            let new = unsafe context.takeLargeBlock(byteCount: byteCount)
            unsafe new.copyMemory(from: old + start, byteCount: count)
            unsafe context.giveBack(block: old, byteCount: capacity)
            unsafe block = new
            capacity = byteCount
        }
        start = 0
        end = count
    }

    /// Takes `count` bytes that were put into ``room()``.
    func received(_ count: Int) {
        if phase == .lingering {
            lingerByteCount &+= count
            return
        }
        end &+= count
    }

    /// Takes note that the client sends no more. It may still read.
    func receivedEnd() {
        isInputOver = true
        if phase == .lingering { phase = .closed }
    }

    /// Gives the block back when a read brought nothing.
    func releaseUnusedInput() {
        if start == end && request == nil { releaseBlock() }
    }

    private func releaseBlock() {
        guard let block = unsafe block else { return }
        unsafe context.giveBack(block: block, byteCount: capacity)
        unsafe self.block = nil
        capacity = 0
        start = 0
        end = 0
    }

    // MARK: Requests

    /// Has its turn: handles every request that is whole, in order, until one is deferred, too much
    /// output waits, or others are to have theirs.
    func process(_ handler: any RequestHandler) {
        turnRequestCount = 0
        while true {
            do throws(Rejection) {
                switch phase {
                case .idle: guard try beginRequest() else { return }
                case .head: guard try readHead() else { return }
                case .body: guard try readBody(handler) else { return }
                case .waiting, .streaming:
                    if start == end { releaseBlock() }
                    return
                case .lingering, .closing, .closed:
                    releaseInput()
                    return
                }
            } catch {
                reject(error)
            }
        }
    }

    /// - Returns: false when no request can begin now.
    private func beginRequest() throws(Rejection) -> Bool {
        isPaused =
            pendingByteCount > context.limits.outputPauseBytes || start < end && isTurnOver()
        if isPaused { return false }
        try skipLeadingLines()
        if leadingLineCount > 0 || start < end {
            // Empty lines before a request are part of it as far as time goes.
            idleDeadline = min(idleDeadline, context.now &+ context.requestNanoseconds)
        }
        guard start < end, let block = unsafe block else {
            releaseBlock()
            if isInputOver { phase = pendingByteCount > 0 ? .closing : .closed }
            return false
        }
        if unsafe end &- start == 1 && block.load(fromByteOffset: start, as: UInt8.self) == 0x0D {
            // Perhaps half an empty line.
            if isInputOver { phase = pendingByteCount > 0 ? .closing : .closed }
            return false
        }
        request = context.takeRequest()
        requestDeadline = context.now &+ context.requestNanoseconds
        phase = .head
        return true
    }

    /// Whether this client has had its share of the loop's time. The clock is read only for those
    /// who send several requests at once.
    private func isTurnOver() -> Bool {
        switch turnRequestCount {
        case 0: return false
        case 1:
            turnStart = context.readClock()
            return false
        default: return context.readClock() &- turnStart >= context.turnNanoseconds
        }
    }

    /// Source: RFC 9112 §2.2.
    private func skipLeadingLines() throws(Rejection) {
        guard let block = unsafe block else { return }
        while unsafe end &- start >= 2
            && block.load(fromByteOffset: start, as: UInt8.self) == Byte.carriageReturn
            && block.load(fromByteOffset: start &+ 1, as: UInt8.self) == Byte.lineFeed
        {
            leadingLineCount &+= 1
            guard leadingLineCount <= context.limits.leadingLinesMax else {
                throw Rejection(.badRequest, "There are too many empty lines.")
            }
            start &+= 2
        }
    }

    private func readHead() throws(Rejection) -> Bool {
        guard let request, let block = unsafe block else { return false }
        let bytes = unsafe (block + start).assumingMemoryBound(to: UInt8.self)
        guard
            try unsafe request.parseHead(
                bytes, end &- start, context.classTable, context.limits)
        else { return try awaitMore() }
        guard request.contentLength <= context.limits.bodyBytesMax else {
            throw Rejection(.contentTooLarge, "The body is too large.")
        }
        if request.isChunked { request.beginChunks() }
        phase = .body
        let hasBody = request.isChunked || request.contentLength > 0
        if request.expectsContinue && hasBody && end &- start == request.headByteCount {
            makeOutput().append("HTTP/1.1 100 Continue\r\n\r\n")
        }
        return true
    }

    private func readBody(_ handler: any RequestHandler) throws(Rejection) -> Bool {
        guard let request, let block = unsafe block else { return false }
        let bytes = unsafe (block + start).assumingMemoryBound(to: UInt8.self)
        let count = end &- start
        let requestByteCount: Int
        if request.isChunked {
            guard
                try unsafe request.decodeChunks(bytes, count, context.classTable, context.limits)
            else {
                unsafe end &-= request.closeChunkGap(bytes, count)
                return try awaitMore()
            }
            requestByteCount = request.chunks.read
        } else {
            requestByteCount = request.headByteCount &+ request.contentLength
            guard count >= requestByteCount else { return try awaitMore() }
            request.bodyByteCount = request.contentLength
        }
        unsafe request.base = UnsafePointer(bytes)
        handle(request, handler)
        start &+= requestByteCount
        return true
    }

    private func awaitMore() throws(Rejection) -> Bool {
        if isInputOver { throw Rejection(.badRequest, "The request is not whole.") }
        return false
    }

    private func handle(_ request: Request, _ handler: any RequestHandler) {
        method = request.method
        isHead = method == .head
        isVersion10 = request.version == .http10
        keepsAlive = !request.asksClose && (!isVersion10 || request.asksKeepAlive)
        let exchange = context.exchange
        exchange.attach(self, request, makeOutput())
        handler.handle(request, exchange)
        route = exchange.route
        exchange.detach()
        context.counters.countRequest()
        turnRequestCount &+= 1
        switch exchange.progress {
        case .answered: finishRequest()
        case .deferred: phase = .waiting
        case .waiting, .begun:
            if exchange.progress == .begun { abandonAnswer() }
            writeError(.internalServerError, "The request was not answered.", isLast: false)
            finishRequest()
        }
        self.request = nil
        context.giveBack(request: request)
    }

    /// What follows an answer.
    private func finishRequest() {
        context.counters.countAnswer(method, route: route, status)
        leadingLineCount = 0
        phase = keepsAlive ? .idle : .closing
        idleDeadline = context.now &+ context.idleNanoseconds
    }

    /// Refuses what has come: one answer, and nothing that comes after it is looked at.
    private func reject(_ rejection: Rejection) {
        method = request?.method ?? .other
        isHead = method == .head
        isVersion10 = false
        writeError(rejection.status, rejection.message, isLast: true)
        context.counters.countRejection()
        context.counters.countAnswer(method, route: 0, rejection.status)
        phase = .closing
        releaseInput()
    }

    private func releaseInput() {
        if let request { context.giveBack(request: request) }
        request = nil
        releaseBlock()
    }

    // MARK: Deferred answers

    func deferAnswer(headers: [UInt8]) -> Deferral {
        let state = DeferralState(connectionIndex: index, headers: headers)
        pending = state
        return Deferral(state: state, mailbox: context.mailbox)
    }

    /// Writes the answer to the request that was deferred with `state`.
    ///
    /// - Returns: false when the connection no longer waits for it.
    func complete(_ state: DeferralState, _ completion: Completion?) -> Bool {
        guard phase == .waiting, pending === state else { return false }
        pending = nil
        if let completion {
            beginAnswer(
                completion.status, completion.contentType, isLast: completion.isLast
            ) { output in
                output.append(state.headers)
                if let headers = completion.headers {
                    unsafe headers.withUnsafeBytes { unsafe output.append($0) }
                }
            }
            makeOutput().append(emptying: completion.body)
            endAnswer()
        } else {
            writeError(.internalServerError, "The request was not answered.", isLast: false)
        }
        finishRequest()
        return true
    }

    // MARK: Streamed answers

    /// Takes over what a stream has to send.
    ///
    /// - Returns: false when the connection no longer waits for it.
    func pump(_ state: StreamState) -> Bool {
        if phase == .waiting && pending === state.deferral {
            stream = StreamedBody(state, isChunked: !isVersion10)
            phase = .streaming
            stream?.take()
            beginStream()
        } else if phase == .streaming, let stream, stream.state === state {
            watchAnswer()
            stream.take()
            continueStream()
        } else {
            state.cancel()
            return false
        }
        return true
    }

    private func beginStream() {
        guard let stream else { return }
        let state = stream.state
        if stream.ending == .failed && stream.pendingByteCount == 0 {
            writeError(.internalServerError, "The answer could not be begun.", isLast: false)
            endStream()
            return finishRequest()
        }
        beginAnswer(
            state.status, state.contentType, stream.isChunked ? .chunks : .end, isLast: false
        ) { output in
            output.append(state.deferral.headers)
            output.append(state.headers)
        }
        if dropsBody {
            endStream()
            return finishRequest()
        }
        continueStream()
    }

    /// Writes what stands between two blocks, or what follows the last.
    private func continueStream() {
        guard let stream, !stream.frame(into: makeOutput) else { return }
        guard let ending = stream.ending else { return }
        if ending == .failed {
            endsWithReset = !stream.isChunked
            phase = endsWithReset ? .closed : .closing
            context.counters.countAnswer(method, route: route, status)
            releaseInput()
        } else {
            if stream.isChunked { stream.writeEnd(ending, makeOutput()) }
            finishRequest()
            // Whoever sends the end looks whether requests have come meanwhile.
            isPaused = phase == .idle
        }
        endStream()
    }

    private func endStream() {
        stream?.state.cancel()
        stream = nil
        pending?.isCancelled.store(true, ordering: .relaxed)
        pending = nil
    }

    // MARK: Answers

    /// How the end of a body is told.
    enum Framing {
        case length
        case chunks
        /// By the end of the connection.
        case end
    }

    /// The buffer that answers are written to, taken from the pool when there is none.
    private func makeOutput() -> ByteBuffer {
        if let output { return output }
        let output = context.takeBuffer()
        self.output = output
        sentCount = 0
        watchAnswer()
        return output
    }

    /// Begins to look whether the client takes what it is sent, unless that is being done.
    private func watchAnswer() {
        guard answerLookTime == .max else { return }
        progressTime = context.now
        takenByteCount = givenByteCount
        lookAgain()
    }

    private func lookAgain() {
        answerLookTime = min(
            context.now &+ context.answerLookNanoseconds, progressTime &+ context.answerNanoseconds)
    }

    /// Looks how much of its answers the client has taken, and gives up on one that takes too
    /// little: what it has not taken would stay in memory, ours or the kernel's.
    private func lookAtAnswer() {
        let untaken = Socket.untakenByteCount(socket)
        if untaken &+ pendingByteCount == 0 {
            answerLookTime = .max
            return
        }
        let taken = givenByteCount &- untaken
        if taken &- takenByteCount >= context.limits.answerBytesMin {
            takenByteCount = taken
            progressTime = context.now
        } else if context.now >= progressTime &+ context.answerNanoseconds {
            endsWithReset = true
            phase = .closed
            return
        }
        lookAgain()
    }

    /// Writes status line and headers, with room for a length that is not known yet.
    func beginAnswer(
        _ status: HTTPStatus, _ contentType: StaticString, _ framing: Framing = .length,
        isLast: Bool, _ writeHeaders: (ByteBuffer) -> Void
    ) {
        let output = makeOutput()
        self.status = status
        answerStart = output.count
        output.append(status.line)
        unsafe output.append(context.date)
        output.append(context.headerLines)
        if contentType.utf8CodeUnitCount > 0 && status.allowsBody {
            output.append("Content-Type: ")
            output.append(contentType)
            output.append("\r\n")
        }
        writeHeaders(output)
        if isLast || context.isDraining || framing == .end { keepsAlive = false }
        if !keepsAlive {
            output.append("Connection: close\r\n")
        } else if isVersion10 {
            output.append("Connection: keep-alive\r\n")
        }
        hasLength = status.allowsBody && framing == .length
        dropsBody = isHead || !status.allowsBody
        if hasLength {
            output.append("Content-Length: ")
            output.append(repeating: 0x30, count: Connection.lengthDigitsMax)
            output.append("\r\n")
        } else if status.allowsBody && framing == .chunks {
            output.append("Transfer-Encoding: chunked\r\nTrailer: Tessera-Status\r\n")
        }
        output.append("\r\n")
        bodyStart = output.count
    }

    /// Digits of a length that is not known yet; there is no memory for bodies that need more.
    private static let lengthDigitsMax = 10

    /// Fills in the length.
    func endAnswer() {
        guard let output else { return }
        if hasLength { writeLength(output) }
        if dropsBody { output.truncate(to: bodyStart) }
    }

    /// Writes the digits at the end of the room for them, and closes the gap before them: one space
    /// stands before a value (RFC 9110 §5.6.3).
    private func writeLength(_ output: ByteBuffer) {
        var rest = output.count &- bodyStart
        // The last digit stands before two line ends.
        var place = bodyStart &- 4
        let roomStart = place &- Connection.lengthDigitsMax
        repeat {
            place &-= 1
            let digit = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
            unsafe output.base.storeBytes(of: digit, toByteOffset: place, as: UInt8.self)
            rest /= 10
        } while rest > 0 && place > roomStart
        let gap = place &- roomStart
        if answerStart == sentCount {
            // Nothing waits before this answer: its head moves, which is short.
            unsafe (output.base + answerStart + gap).copyMemory(
                from: output.base + answerStart, byteCount: roomStart &- answerStart)
            sentCount &+= gap
        } else {
            unsafe (output.base + roomStart).copyMemory(
                from: output.base + place, byteCount: output.count &- place)
            output.truncate(to: output.count &- gap)
            bodyStart &-= gap
        }
    }

    func abandonAnswer() {
        output?.truncate(to: answerStart)
    }

    private func writeError(_ status: HTTPStatus, _ message: StaticString, isLast: Bool) {
        unsafe context.withErrorBody(status, message) { contentType, body in
            beginAnswer(status, contentType, isLast: isLast) { _ in }
            unsafe makeOutput().append(body)
            endAnswer()
        }
    }

    // MARK: Output

    /// Takes note that the first `count` of the pending bytes are with the kernel.
    func sent(_ count: Int) {
        guard count > 0 else { return }
        givenByteCount &+= count
        guard let output, outputRest > 0 else {
            if stream?.sent(count) == true { continueStream() }
            return
        }
        sentCount &+= count
        let left = output.count &- sentCount
        if left == 0 {
            releaseOutput()
            return
        }
        if sentCount >= left && sentCount >= LoopContext.blockByteCount {
            unsafe output.base.copyMemory(from: output.base + sentCount, byteCount: left)
            output.truncate(to: left)
            sentCount = 0
        }
    }

    private func releaseOutput() {
        if let output { context.giveBack(buffer: output) }
        output = nil
        sentCount = 0
    }

    /// Takes note that all output is with the kernel.
    ///
    /// - Returns: whether the sending half of the socket is to be shut now, after the last answer.
    func flushed() -> Bool {
        if output?.isEmpty == true { releaseOutput() }
        guard phase == .closing else { return false }
        if isInputOver {
            phase = .closed
            return false
        }
        phase = .lingering
        lingerDeadline = context.now &+ context.lingerNanoseconds
        return true
    }

    // MARK: Time

    /// Acts on a deadline that has passed.
    func expire() {
        if context.now >= answerLookTime && phase != .lingering { lookAtAnswer() }
        guard phase != .closed, context.now >= deadline else { return }
        if (phase == .head || phase == .body) && context.now >= requestDeadline {
            reject(Rejection(.requestTimeout, "The request took too long to arrive."))
        } else {
            phase = .closed
        }
    }
}
