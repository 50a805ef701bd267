import Bytes
import Testing

@testable import TesseraServer

struct ProgressTests {
    /// A clock that tests move by hand.
    private final class Clock {
        var milliseconds: UInt64 = 0
    }

    private func progress(
        isTerminal: Bool = true, usesColour: Bool = true, isQuiet: Bool = false,
        _ body: (ProgressLine, Clock) -> Void
    ) -> String {
        let errors = CollectedBytes()
        let clock = Clock()
        let terminal = Terminal(
            isErrorTerminal: isTerminal, usesColour: usesColour, writeOutput: { _ in },
            writeError: { errors.append($0) })
        body(
            ProgressLine(terminal, isQuiet: isQuiet, clock: { clock.milliseconds * 1_000_000 }),
            clock)
        return errors.text
    }

    private func work(_ line: ProgressLine, _ clock: Clock) {
        line.show("members", rows: 1, total: 4_000)
        clock.milliseconds = 100
        line.show("members", rows: 1_000, byteCount: 1_550_000, total: 4_000)
        clock.milliseconds = 199
        line.show("members", rows: 1_500, total: 4_000)
        clock.milliseconds = 200
        line.show("members", rows: 4_000, total: 4_000)
        clock.milliseconds = 1_000
        line.show("tiers", rows: 0)
        clock.milliseconds = 2_000
        line.show("tiers", rows: 5)
        line.clear()
        line.clear()
    }

    @Test func `progress is one line, written at most ten times a second`() {
        let begin = "\r\u{1B}[K"
        #expect(
            progress(work)
                == begin + "members: 1 000 of 4 000 rows (25 %), 1.6 MB, 10 000 rows/s"
                + begin + "members: 4 000 of 4 000 rows (100 %), 20 000 rows/s"
                + begin + "tiers: 0 rows, 0 rows/s" + begin + "tiers: 5 rows, 5 rows/s" + begin)
    }

    @Test func `nobody is shown progress who does not read it`() {
        #expect(progress(isTerminal: false, work) == "")
        #expect(progress(usesColour: false, work) == "")
        #expect(progress(isQuiet: true, work) == "")
        #expect(
            progress { line, clock in
                line.show("members", rows: 5)
                line.clear()
            } == "")
    }

    @Test func `lines of a table are counted, but not inside quotation marks`() {
        func count(_ parts: [String], hasQuotes: Bool) -> [Int] {
            var counter = LineCounter(hasQuotes: hasQuotes)
            for part in parts {
                unsafe Array(part.utf8).withUnsafeBytes { unsafe counter.add($0) }
            }
            return [counter.lineCount, counter.byteCount]
        }
        #expect(count(["a,b\r\n1,\"x\n", "y\"\"\n\"\r\n"], hasQuotes: true) == [2, 17])
        #expect(count(["{\"a\":1}\n{}\n"], hasQuotes: false) == [2, 11])
    }
}
