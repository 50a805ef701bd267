import Dispatch

/// Sees to it that a change of the file that keys are in counts within a second, whoever makes it.
final class AccessWatch: Sendable {
    /// Reason: with the time that a reload takes, well under a second.
    private static let period = DispatchTimeInterval.milliseconds(400)

    // Safe: a source of Dispatch may be cancelled from any thread.
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// - Parameter report: called when the file has changed and cannot be read.
    init(_ authenticator: Authenticator, report: @escaping @Sendable (CommandError) -> Void) {
        let timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + Self.period, repeating: Self.period)
        timer.setEventHandler {
            do throws(CommandError) {
                try authenticator.reloadIfChanged()
            } catch {
                report(error)
            }
        }
        timer.resume()
        unsafe self.timer = timer
    }

    func stop() { unsafe timer.cancel() }
}
