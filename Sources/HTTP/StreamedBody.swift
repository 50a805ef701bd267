import Bytes

/// The body of a streamed answer on its connection's side: which bytes go to the kernel next, and
/// what stands between them. Knows no socket and no clock.
///
/// Blocks are sent from where the producer wrote them; only the lines between chunks are written to
/// the connection's output.
final class StreamedBody {
    let state: StreamState
    /// Else the end of the connection is the end of the body.
    let isChunked: Bool
    /// Blocks in order; those before `first` are sent.
    private var blocks: [ByteBuffer] = []
    private var first = 0
    /// Bytes of the block at `first` that are with the kernel.
    private var sentCount = 0
    /// Whether the block at `first` has its chunk line.
    private var isFramed = false
    private var hasChunks = false
    private(set) var ending: StreamState.Ending?
    /// Bytes of all blocks that are here and not with the kernel.
    private(set) var pendingByteCount = 0

    init(_ state: StreamState, isChunked: Bool) {
        self.state = state
        self.isChunked = isChunked
    }

    /// Takes over what the producer has put in.
    func take() {
        let taken = state.take()
        if first == blocks.count {
            blocks.removeAll(keepingCapacity: true)
            first = 0
        }
        for block in taken.blocks {
            pendingByteCount &+= block.count
            blocks.append(block)
        }
        ending = taken.ending
    }

    /// Writes what stands before the block to be sent next, unless that is done.
    ///
    /// - Returns: false when there is no block.
    func frame(into output: () -> ByteBuffer) -> Bool {
        guard first < blocks.count else { return false }
        if !isFramed {
            isFramed = true
            if isChunked { writeChunkLine(blocks[first].count, output()) }
        }
        return true
    }

    /// Source: RFC 9112 §7.1.
    private func writeChunkLine(_ byteCount: Int, _ output: ByteBuffer) {
        if hasChunks { output.append("\r\n") }
        hasChunks = true
        output.append(String(byteCount, radix: 16))
        output.append("\r\n")
    }

    /// The bytes to send once the connection's output is empty.
    var pendingBytes: UnsafeRawBufferPointer {
        guard first < blocks.count, isFramed else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let block = blocks[first]
        return unsafe UnsafeRawBufferPointer(
            start: block.base + sentCount, count: block.count &- sentCount)
    }

    /// Takes note that `count` of the ``pendingBytes`` are with the kernel.
    ///
    /// - Returns: whether the block is done.
    func sent(_ count: Int) -> Bool {
        sentCount &+= count
        pendingByteCount &-= count
        guard sentCount == blocks[first].count else {
            state.release(count, nil)
            return false
        }
        state.release(count, blocks[first])
        first &+= 1
        sentCount = 0
        isFramed = false
        return true
    }

    /// Writes the last chunk and the trailer.
    func writeEnd(_ ending: StreamState.Ending, _ output: ByteBuffer) {
        guard isChunked else { return }
        if hasChunks { output.append("\r\n") }
        output.append("0\r\nTessera-Status: ")
        output.append(ending == .complete ? "ok" : "error")
        output.append("\r\n\r\n")
    }
}
