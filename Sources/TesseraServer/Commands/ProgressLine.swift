import Bytes
import Engine

/// A line on standard error that shows how far a long command is: where a person reads it, and only
/// there.
///
/// It is written over itself at most ten times a second, not before the first tenth of a second has
/// passed, and taken away at the end. Who asks for no colours gets no such line, since it takes the
/// same kind of escape sequence.
final class ProgressLine {
    /// Time between two updates.
    private static let pauseNanoseconds: UInt64 = 100_000_000

    private let terminal: Terminal
    private let isWanted: Bool
    private let clock: () -> UInt64
    /// When the present activity began.
    private var start: UInt64
    private var activity = ""
    private var lastUpdate: UInt64
    private var isShown = false

    /// Whether anything would be shown, for callers who would count in vain otherwise.
    var isVisible: Bool { isWanted }

    /// - Parameters:
    ///   - isQuiet: show nothing in any case.
    ///   - clock: nanoseconds that never go back.
    init(
        _ terminal: Terminal, isQuiet: Bool = false,
        clock: @escaping () -> UInt64 = { monotonicNanoseconds() }
    ) {
        self.terminal = terminal
        isWanted = terminal.isErrorTerminal && terminal.usesColour && !isQuiet
        self.clock = clock
        start = clock()
        lastUpdate = start
    }

    func show(_ progress: ImportProgress) {
        if progress.isReading {
            return show(progress.table, rows: progress.lines, restarts: false)
        }
        update("building indexes") { "\(grouped(progress.lines)) rows, building indexes" }
    }

    /// Shows how far something is.
    ///
    /// - Parameters:
    ///   - name: what is worked on; another name begins anew.
    ///   - total: rows that there are, if that is known.
    ///   - restarts: whether rows are counted from 0 for another name.
    func show(
        _ name: String, rows: Int, byteCount: Int? = nil, total: Int? = nil, restarts: Bool = true
    ) {
        update(restarts ? name : "") { [self] in
            var text = "\(name): \(grouped(rows))"
            if let total { text += " of \(grouped(total))" }
            text += " rows"
            if let total, total > 0 { text += " (\(min(100, rows * 100 / total)) %)" }
            if let byteCount { text += ", \(megabytes(byteCount))" }
            let seconds = Double(clock() &- start) / 1e9
            return text + ", \(grouped(seconds > 0 ? Int(Double(rows) / seconds) : 0)) rows/s"
        }
    }

    private func update(_ activity: String, _ text: () -> String) {
        guard isWanted else { return }
        let now = clock()
        if activity != self.activity {
            self.activity = activity
            start = now
        }
        guard now &- lastUpdate >= ProgressLine.pauseNanoseconds else { return }
        lastUpdate = now
        isShown = true
        terminal.noteInPlace("\r\u{1B}[K\(text())")
    }

    /// Takes the line away.
    func clear() {
        if isShown { terminal.noteInPlace("\r\u{1B}[K") }
        isShown = false
    }
}

/// Counts the lines of a table while its bytes pass: line ends inside quotation marks do not count.
struct LineCounter {
    private(set) var byteCount = 0
    private(set) var lineCount = 0
    private var isQuoted = false
    private let hasQuotes: Bool

    /// - Parameter hasQuotes: whether quotation marks can hold line ends, as in CSV.
    init(hasQuotes: Bool) {
        self.hasQuotes = hasQuotes
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        byteCount += bytes.count
        for place in bytes.indices {
            let byte = unsafe bytes[place]
            if byte == 0x0A {
                if !isQuoted { lineCount += 1 }
            } else if hasQuotes && byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            }
        }
    }
}
