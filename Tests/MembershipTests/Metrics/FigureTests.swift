import Bytes
import Testing

@testable import Membership

struct FigureTests {
    @Test func `a rate of nothing is not 0`() {
        #expect(Ratio(0, 0).value == nil)
        #expect(Ratio(0, 4).value == 0)
        #expect(Ratio(1, 4).value == 0.25)
        #expect(Ratio(1, 4).rest == Ratio(3, 4))
        #expect(Ratio(0, 0).rest.value == nil)
    }

    private let year = MembershipType(key: 1, chapter: 1, feeMinor: 10, graceDays: 30)

    /// Bought on 15 March 2025 and, unless `nil`, renewed on the other days.
    private func holding(_ renewals: (String, Int)..., terms: Int = 1) throws -> Holding {
        let day = onDay("2025-03-15")
        var holding = try Holding.applied(for: year, on: day, count: terms)
            .activated(on: day, payment: 1)
        for (place, renewal) in renewals.enumerated() {
            holding = try holding.renewed(
                renewal.1, on: onDay(renewal.0), payment: Int64(place + 2))
        }
        return holding
    }

    @Test func `4_3 a renewal is one that follows at once and is paid in grace`() throws {
        let period = onDay("2026-01-01")..<onDay("2027-01-01")
        let today = onDay("2026-06-30")
        func renewals(_ holdings: Holding...) -> Ratio {
            Renewals(holdings, in: period, on: today).all
        }
        #expect(renewals(try holding()) == Ratio(0, 1))
        #expect(renewals(try holding(("2025-12-01", 1))) == Ratio(1, 1))
        #expect(renewals(try holding(("2026-04-13", 1))) == Ratio(1, 1))
        // Back after the grace is not renewed.
        #expect(renewals(try holding(("2026-04-14", 1))) == Ratio(0, 1))
        // Two years at once are not due after the first.
        #expect(renewals(try holding(terms: 2)) == Ratio(0, 0))
        // Renewed on the very day it was bought, it is.
        #expect(renewals(try holding(("2025-03-15", 1))) == Ratio(1, 1))
        var dead = try holding()
        dead.isDeceased = true
        #expect(renewals(dead) == Ratio(0, 0))
        let life = MembershipType(key: 2, chapter: 1, unit: .lifetime)
        #expect(renewals(try Holding.applied(for: life, on: today)) == Ratio(0, 0))
        var bigger = year
        bigger.key = 5
        let upgraded = try holding().renewed(into: bigger, on: onDay("2026-03-01"), payment: 2)
        #expect(renewals(upgraded, try holding()) == Ratio(1, 2))
    }

    @Test func `4_3 days given back after a pause move the day on which it is due`() throws {
        let paused = try holding().suspended(on: onDay("2025-06-01"), until: nil)
            .resumed(on: onDay("2025-07-01"))
        #expect(paused.dates.end == onDay("2026-04-13"))
        func due(_ from: String, _ to: String) -> Ratio {
            Renewals([paused], in: onDay(from)..<onDay(to), on: onDay("2026-06-30")).all
        }
        #expect(due("2026-03-01", "2026-04-01") == Ratio(0, 0))
        #expect(due("2026-04-13", "2026-04-14") == Ratio(0, 1))
    }

    @Test func `4_4 the first year is the end of what was bought first`() throws {
        let holdings = [
            try holding(("2026-03-01", 1), ("2027-03-01", 1)), try holding(),
        ]
        let first = Renewals(
            holdings, in: onDay("2026-01-01")..<onDay("2027-01-01"), on: onDay("2028-01-01"))
        #expect(first.firstYear == Ratio(1, 2))
        #expect(first.byStatus == [.current: Ratio(1, 1), .expired: Ratio(0, 1)])
        let second = Renewals(
            holdings, in: onDay("2027-01-01")..<onDay("2028-01-01"), on: onDay("2028-01-01"))
        #expect(second.all == Ratio(1, 1))
        #expect(second.firstYear == Ratio(0, 0))
    }

    @Test func `4_9 the tier matrix tells who went where`() {
        var matrix = TierMatrix()
        matrix.add(from: .tier(1), to: .tier(2))
        matrix.add(from: .tier(1), to: .tier(1))
        matrix.add(from: .tier(1), to: .left)
        matrix.add(from: .tier(1), to: .none)
        matrix.add(from: .none, to: .tier(1))
        #expect(matrix.cell(from: .tier(1), to: .tier(2)) == Ratio(1, 4))
        #expect(matrix.cell(from: .tier(2), to: .tier(1)) == Ratio(0, 0))
    }

    @Test func `4_10 a cohort is told interval by interval, the open one left out`() {
        var cohorts = Cohorts(by: .month)
        cohorts.add(member: 1, joined: onDay("2026-01-05"))
        cohorts.add(member: 2, joined: onDay("2026-01-31"))
        cohorts.add(member: 2, joined: onDay("2026-03-31"))
        cohorts.add(member: 3, joined: onDay("2026-03-01"))
        cohorts.addActivity(of: 1, on: onDay("2026-01-06"))
        cohorts.addActivity(of: 1, on: onDay("2026-03-31"))
        cohorts.addActivity(of: 2, on: onDay("2026-03-01"))
        cohorts.addActivity(of: 3, on: onDay("2026-03-01"))
        #expect(
            cohorts.rows(on: onDay("2026-03-31")) == [
                CohortRow(
                    start: onDay("2026-01-01"), size: 2, retained: [Ratio(1, 2), Ratio(0, 2)]),
                CohortRow(start: onDay("2026-03-01"), size: 1, retained: []),
            ])
        #expect(
            cohorts.rows(on: onDay("2026-04-01")).map(\.retained) == [
                [Ratio(1, 2), Ratio(0, 2), Ratio(2, 2)], [Ratio(1, 1)],
            ])
    }

    @Test func `intervals follow each other without a gap`() {
        for interval in ReportInterval.allCases {
            for day in onDay("1965-01-01")...onDay("1973-01-01") {
                let index = interval.index(of: day)
                let start = interval.start(of: index)
                let next = interval.start(of: index + 1)
                let isRight =
                    start <= day && day < next && interval.index(of: start) == index
                    && interval.index(of: next - 1) == index
                #expect(isRight, "\(interval) \(dayText(day))")
            }
        }
        #expect(
            ReportInterval.week.start(of: ReportInterval.week.index(of: onDay("2026-07-05")))
                == onDay("2026-06-29"))
        for interval in ReportInterval.allCases {
            #expect(interval.start(of: .max) <= CivilDate.dayNumberMax)
            #expect(interval.start(of: .min) >= CivilDate.dayNumberMin)
        }
    }

    @Test func `4_11 those who said 7 or 8 count as answers alone`() {
        let answers = Satisfaction([10, 9, 9, 8, 7, 6, 0, 11, -1])
        #expect(answers.nps == Ratio(1, 7))
        #expect(Satisfaction().nps.value == nil)
        #expect(Satisfaction([0, 1]).nps.value == -1)
        let stars = Satisfaction([5, 4, 3, 1, 0])
        #expect(stars.csat == Ratio(2, 4))
    }

    @Test func `answers are on their scale`() throws {
        func error(_ kind: FeedbackKind, _ score: Int?) -> FeedbackRefusal? {
            do throws(FeedbackRefusal) {
                try kind.check(score: score)
                return nil
            } catch {
                return error
            }
        }
        #expect(error(.nps, 0) == nil && error(.nps, 10) == nil)
        #expect(error(.nps, 11) == .scoreOutOfRange(11, 0...10))
        #expect(error(.csat, 0) == .scoreOutOfRange(0, 1...5))
        #expect(error(.csat, nil) == .scoreMissing)
        #expect(error(.complaint, nil) == nil)
        #expect(error(.complaint, 3) == .scoreWithoutScale)
    }

    @Test func `4_16 and 4_17 what points cost is told, or not at all`() {
        #expect(PointsFigures.redemption(spent: 80, issued: 100).rest == Ratio(20, 100))
        #expect(PointsFigures.liability(outstanding: 1_001, rate: 0.5, unitCostMinor: 1) == 501)
        #expect(PointsFigures.liability(outstanding: 10, rate: 7, unitCostMinor: 2) == 20)
        #expect(PointsFigures.liability(outstanding: 10, rate: .nan, unitCostMinor: 2) == nil)
        #expect(
            PointsFigures.liability(outstanding: .max, rate: 1, unitCostMinor: .max) == nil)
    }

    @Test func `the median is in the middle`() {
        #expect(Median.of([]) == nil)
        #expect(Median.of([3]) == 3)
        #expect(Median.of([9, 1]) == 5)
        #expect(Median.of([9, 1, 2]) == 2)
        #expect(Median.of([.min, .max]) != nil)
    }
}
