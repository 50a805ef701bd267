import Engine

/// The rules of a program that decide about points.
public struct PointsProgram: Equatable, Sendable {
    /// A closed program accepts no earning and no redeeming.
    public var isOpen: Bool
    /// The days of its time zone.
    public var calendar: LocalCalendar
    /// Days from earning until points can be spent: they become active when the local day begins
    /// that comes so many days after. With 0 they are active at once.
    public var pendingDays: Int
    public var expiry: ExpiryRule
    public var returnPolicy: ReturnPolicy
    /// Spent points that come back after they would have lapsed lapse at once when 0; otherwise they
    /// are given anew, until so many days after today are over.
    public var restoreGraceDays: Int

    public init(
        isOpen: Bool = true, calendar: LocalCalendar = .utc, pendingDays: Int = 0,
        expiry: ExpiryRule = .never, returnPolicy: ReturnPolicy = .withinBalance,
        restoreGraceDays: Int = 0
    ) {
        self.isOpen = isOpen
        self.calendar = calendar
        self.pendingDays = pendingDays
        self.expiry = expiry
        self.returnPolicy = returnPolicy
        self.restoreGraceDays = restoreGraceDays
    }

    /// When points earned at an instant become active.
    public func activation(ofEarningAt instant: Int64) -> Int64 {
        guard pendingDays > 0 else { return instant }
        let day = LocalCalendar.adding(days: pendingDays, to: calendar.day(of: instant))
        return max(instant, calendar.start(ofDay: day))
    }
}

/// How points for returned goods are taken back.
public enum ReturnPolicy: String, Sendable, CaseIterable {
    /// Only while they are pending; active points stay.
    case onlyPending = "ONLY_PENDING"
    /// From the points that were earned, then from others, never below zero.
    case withinBalance = "WITHIN_BALANCE"
    /// In full; what cannot be taken is owed.
    case allowNegative = "ALLOW_NEGATIVE"
}
