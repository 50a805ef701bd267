@testable import Membership
import Testing

@Suite struct ExpiryRuleTests {
    @Test(arguments: [
        // Without rounding: the same time of day, months later.
        (
            "Asia/Shanghai", ExpiryRule.rolling(months: 12, .none), "2026-06-30T12:34:56.789+08:00",
            "2027-06-30T04:34:56.789Z"
        ),
        (
            "Europe/Oslo", .rolling(months: 6, .none), "2026-01-15T12:00:00+01:00",
            "2026-07-15T10:00:00.000Z"
        ),
        // Until the day is over.
        (
            "Asia/Shanghai", .rolling(months: 12, .endOfDay), "2026-06-30T00:00:00+08:00",
            "2027-06-30T16:00:00.000Z"
        ),
        (
            "Asia/Shanghai", .rolling(months: 12, .endOfDay), "2026-06-30T23:59:59+08:00",
            "2027-06-30T16:00:00.000Z"
        ),
        (
            "America/New_York", .rolling(months: 1, .endOfDay), "2026-02-07T22:00:00-05:00",
            "2026-03-08T05:00:00.000Z"
        ),
        // 8 March has 23 hours there, 1 November 25.
        (
            "America/New_York", .rolling(months: 1, .endOfDay), "2026-02-08T22:00:00-05:00",
            "2026-03-09T04:00:00.000Z"
        ),
        (
            "America/New_York", .rolling(months: 1, .endOfDay), "2026-10-01T00:00:00-04:00",
            "2026-11-02T05:00:00.000Z"
        ),
        (
            "Europe/Oslo", .rolling(months: 1, .endOfDay), "2026-02-28T12:00:00+01:00",
            "2026-03-28T23:00:00.000Z"
        ),
        (
            "Europe/Oslo", .rolling(months: 1, .endOfDay), "2026-09-25T12:00:00+02:00",
            "2026-10-25T23:00:00.000Z"
        ),
        // Month ends and leap days.
        (
            "UTC", .rolling(months: 1, .endOfDay), "2026-01-31T12:00:00Z",
            "2026-03-01T00:00:00.000Z"
        ),
        (
            "UTC", .rolling(months: 1, .endOfDay), "2024-01-31T12:00:00Z",
            "2024-03-01T00:00:00.000Z"
        ),
        (
            "UTC", .rolling(months: 12, .endOfDay), "2024-02-29T12:00:00Z",
            "2025-03-01T00:00:00.000Z"
        ),
        (
            "UTC", .rolling(months: 48, .endOfDay), "2024-02-29T12:00:00Z",
            "2028-03-01T00:00:00.000Z"
        ),
        (
            "UTC", .rolling(months: 1, .none), "2026-01-31T12:00:00Z",
            "2026-02-28T12:00:00.000Z"
        ),
        (
            "UTC", .rolling(months: 3, .endOfMonth), "2026-11-30T12:00:00Z",
            "2027-03-01T00:00:00.000Z"
        ),
        (
            "Asia/Shanghai", .rolling(months: 12, .endOfMonth), "2026-06-01T00:00:00+08:00",
            "2027-06-30T16:00:00.000Z"
        ),
        // It is still 31 May in Greenwich, but June in Shanghai, and May in New York.
        (
            "America/New_York", .rolling(months: 12, .endOfMonth), "2026-06-01T00:00:00+08:00",
            "2027-06-01T04:00:00.000Z"
        ),
        (
            "UTC", .rolling(months: 1, .endOfQuarter), "2026-11-30T12:00:00Z",
            "2027-01-01T00:00:00.000Z"
        ),
        (
            "UTC", .rolling(months: 2, .endOfQuarter), "2026-11-30T12:00:00Z",
            "2027-04-01T00:00:00.000Z"
        ),
        (
            "Asia/Shanghai", .rolling(months: 12, .endOfYear), "2026-06-30T12:00:00+08:00",
            "2027-12-31T16:00:00.000Z"
        ),
        // The fixed day.
        (
            "Asia/Shanghai", .calendar(months: 0, .none), "2026-12-31T23:59:59.999+08:00",
            "2026-12-31T16:00:00.000Z"
        ),
        (
            "Asia/Shanghai", .calendar(months: 12, .endOfYear), "2026-01-01T00:00:00+08:00",
            "2027-12-31T16:00:00.000Z"
        ),
        (
            "Asia/Shanghai", .calendar(months: 0, .endOfQuarter), "2026-01-01T00:00:00+08:00",
            "2026-03-31T16:00:00.000Z"
        ),
        (
            "Asia/Shanghai", .calendar(months: 0, .endOfMonth), "2024-02-01T00:00:00+08:00",
            "2024-02-29T16:00:00.000Z"
        ),
        // Samoa had no 30 December 2011: the end of the 29th is that of the 30th.
        (
            "Pacific/Apia", .rolling(months: 1, .endOfDay), "2011-11-29T12:00:00-10:00",
            "2011-12-30T10:00:00.000Z"
        ),
        (
            "Pacific/Apia", .rolling(months: 1, .endOfDay), "2011-11-30T12:00:00-10:00",
            "2011-12-30T10:00:00.000Z"
        ),
        (
            "Pacific/Apia", .calendar(months: 0, .endOfYear), "2011-11-30T12:00:00-10:00",
            "2011-12-31T10:00:00.000Z"
        ),
        // The end of time.
        (
            "UTC", .rolling(months: 12, .endOfYear), "9999-06-30T12:00:00Z",
            "9999-12-31T23:59:59.999Z"
        ),
    ])
    func `points lapse when a day of the program is over`(
        zone: String, rule: ExpiryRule, start: String, moment: String
    ) {
        let found = rule.moment(from: instant(start), in: calendar(zone))
        #expect(found.map(spelled) == moment)
    }

    @Test func `points that never lapse have no moment`() {
        #expect(ExpiryRule.never.moment(from: 0, in: .utc) == nil)
    }

    @Test func `a program's columns make a rule, or none`() {
        typealias Rule = ExpiryRule
        #expect(Rule(policy: "NEVER", months: nil, rounding: .none) == .never)
        #expect(
            Rule(policy: "ROLLING", months: 12, rounding: .endOfMonth)
                == .rolling(months: 12, .endOfMonth))
        #expect(Rule(policy: "ROLLING", months: nil, rounding: .none) == nil)
        #expect(Rule(policy: "INACTIVITY", months: 0, rounding: .none) == nil)
        #expect(
            Rule(policy: "INACTIVITY", months: 6, rounding: .none) == .inactivity(months: 6, .none))
        #expect(
            Rule(policy: "CALENDAR", months: nil, rounding: .none) == .calendar(months: 0, .none))
        #expect(Rule(policy: "CALENDAR", months: -1, rounding: .none) == nil)
        #expect(Rule(policy: "OTHER", months: 1, rounding: .none) == nil)
    }

    /// What is rounded depends on the local day alone, and never lies before what is not.
    @Test func `a rounded moment is the start of a day and never early`() {
        for zone in ["Asia/Shanghai", "Europe/Oslo", "America/New_York", "Pacific/Apia"] {
            let calendar = calendar(zone)
            for number in stride(from: onDay("2011-10-01"), to: onDay("2013-02-01"), by: 1) {
                let start = calendar.start(ofDay: number)
                let end = calendar.end(ofDay: number) - 1
                guard start <= end else { continue }
                for rounding in ExpiryRule.Rounding.allCases where rounding != .none {
                    let rule = ExpiryRule.rolling(months: 1, rounding)
                    let moment = rule.moment(from: start, in: calendar) ?? 0
                    #expect(rule.moment(from: end, in: calendar) == moment)
                    #expect(calendar.start(ofDay: calendar.day(of: moment)) == moment)
                    let exact = ExpiryRule.rolling(months: 1, .none).moment(
                        from: end, in: calendar)
                    #expect(moment >= exact ?? .max)
                }
            }
        }
    }
}
