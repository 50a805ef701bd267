import Bytes

/// Whether terms begin on any day or on a fixed one.
enum PeriodType: String, CaseIterable, Sendable {
    /// From the day of joining.
    case rolling = "ROLLING"
    /// From a fixed day of the year, or from the first of the month.
    case fixed = "FIXED"
}

/// The unit in which a term is measured.
enum DurationUnit: String, CaseIterable, Sendable {
    case day = "DAY"
    case month = "MONTH"
    case year = "YEAR"
    /// Without end.
    case lifetime = "LIFETIME"
    /// A number of visits, without a last day.
    case visit = "VISIT"
}

/// A day of every year, such as 1 July; 29 February is 28 February in common years.
struct FixedDay: Equatable, Sendable {
    /// 1 to 12.
    let month: Int
    /// 1 to 31.
    let day: Int

    /// `nil` if no year has such a day.
    init?(month: Int, day: Int) {
        // 2000 is a leap year: what it lacks, every year lacks.
        guard CivilDate(year: 2000, month: month, day: day) != nil else { return nil }
        self.month = month
        self.day = day
    }

    /// Reads exactly `MM-DD`.
    init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 5, bytes[2] == 0x2D else { return nil }
        var numbers: [Int] = []
        for place in [0, 3] {
            guard 0x30...0x39 ~= bytes[place], 0x30...0x39 ~= bytes[place + 1] else { return nil }
            numbers.append(Int(bytes[place] - 0x30) * 10 + Int(bytes[place + 1] - 0x30))
        }
        self.init(month: numbers[0], day: numbers[1])
    }

    /// Its day number in `year`, which is clamped to 0...9999.
    func dayNumber(inYear year: Int) -> Int32 {
        let year = min(max(year, 0), 9999)
        let day = min(day, CivilDate.dayCount(ofMonth: month, year: year))
        return CivilDate(year: year, month: month, day: day)?.dayNumber ?? CivilDate.dayNumberMin
    }

    /// The latest one on or before `day`.
    func latest(onOrBefore day: Int32) -> Int32 {
        let year = CivilDate(dayNumber: day).year
        let inYear = dayNumber(inYear: year)
        return inYear <= day ? inYear : dayNumber(inYear: year - 1)
    }

    /// The earliest one on or after `day`.
    func earliest(onOrAfter day: Int32) -> Int32 {
        let year = CivilDate(dayNumber: day).year
        let inYear = dayNumber(inYear: year)
        return inYear >= day ? inYear : dayNumber(inYear: year + 1)
    }
}

/// A kind of membership that a chapter sells, as far as the rules of terms ask.
struct MembershipType: Equatable, Sendable {
    /// Which row it is.
    var key: Int64
    /// Which chapter sells it.
    var chapter: Int64
    /// The fee for one term, in minor units.
    var feeMinor: Int64 = 0
    var period: PeriodType = .rolling
    var unit: DurationUnit = .year
    /// Units in a term, from 1.
    var interval: Int = 1
    /// Visits in a term that is measured in visits, from 1.
    var visits: Int?
    /// The day on which fixed terms of years begin.
    var fixedStart: FixedDay?
    /// Who joins on or after this day gets the next term too. Terms of months heed its day alone.
    var rollover: FixedDay?
    /// Days for which a membership counts as new.
    var newDays: Int = 0
    /// Days for which it stays current after its last day.
    var graceDays: Int = 0
    var autoRenew = false
    var requiresApproval = false
    /// How many members may share one; without limit when `nil`.
    var inheritedMax: Int?
    /// Whether it is still sold.
    var isActive = true
    /// Whether a member may hold several of its chapter's at a time.
    var allowsSeveral = false

    /// Whether a membership of this type waits for a payment or for staff before it counts.
    var waitsForActivation: Bool { feeMinor > 0 || requiresApproval }

    /// What contradicts itself in this type; empty when it can be sold.
    var faults: [MembershipTypeFault] {
        var faults: [MembershipTypeFault] = []
        if interval < 1 { faults.append(.intervalNotPositive(interval)) }
        if unit == .visit && (visits ?? 0) < 1 { faults.append(.visitsMissing) }
        if unit != .visit && visits != nil { faults.append(.visitsWithoutUnit) }
        if period == .fixed && unit != .month && unit != .year {
            faults.append(.fixedNeedsMonthsOrYears(unit))
        }
        if period == .fixed && unit == .year && fixedStart == nil {
            faults.append(.fixedStartMissing)
        }
        if period == .rolling && (fixedStart != nil || rollover != nil) {
            faults.append(.fixedDaysWithoutFixedPeriod)
        }
        if feeMinor < 0 { faults.append(.feeNegative(feeMinor)) }
        if newDays < 0 || graceDays < 0 { faults.append(.daysNegative) }
        return faults
    }
}

/// How a membership type contradicts itself.
enum MembershipTypeFault: RuleRefusal {
    case intervalNotPositive(Int)
    case visitsMissing
    case visitsWithoutUnit
    case fixedNeedsMonthsOrYears(DurationUnit)
    case fixedStartMissing
    case fixedDaysWithoutFixedPeriod
    case feeNegative(Int64)
    case daysNegative

    var code: RuleCode { .invalid }
}
