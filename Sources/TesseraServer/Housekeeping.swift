import Dispatch

/// Lets the writer do, once a minute, what nobody asks for: settle the rows that have become due, and
/// the work that the rules have scheduled. It also has the log of denials say what it left out.
///
/// A query never waits for the minute: rows that are due are settled before it is answered.
final class Housekeeping: Sendable {
    private static let period = DispatchTimeInterval.seconds(60)

    // Safe: a source of Dispatch may be cancelled from any thread.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// Begins at once, which brings the data up to date after a time without a server.
    init(_ writes: WriteRoad, _ denials: DenialLog) {
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now(), repeating: Self.period)
        timer.setEventHandler {
            writes.keepHouse()
            denials.flush()
        }
        timer.resume()
        unsafe self.timer = timer
    }

    func stop() { unsafe timer.cancel() }
}
