import Testing

@testable import Membership

private let now = instant("2026-06-30T12:00:00+08:00")

private func lot(
    _ number: UInt64, _ remaining: Int64, _ expiresAt: String?, _ status: LotStatus = .active
) -> PointsLot {
    PointsLot(
        ref: .row(number), status: status, original: remaining, remaining: remaining, earnedAt: 0,
        activatesAt: status == .pending ? now + 1 : 0, expiresAt: expiresAt.map(instant),
        creation: number)
}

private let account = PointsAccountState(
    totals: PointsTotals(active: 127, pending: 64), lastSeq: 7,
    lots: [
        lot(0, 1, "2026-06-30T00:00:00+08:00"), lot(1, 2, "2026-07-01T00:00:00+08:00"),
        lot(2, 4, "2026-06-30T20:00:00+08:00"), lot(3, 8, "2026-07-08T00:00:00+08:00"),
        lot(4, 16, "2026-07-08T00:00:00.001+08:00"), lot(5, 32, nil), lot(6, 64, nil, .pending),
        lot(7, 64, "2026-07-31T00:00:00+08:00"),
    ])

@Suite struct PointsReadingTests {
    private let program = PointsProgram(calendar: calendar("Asia/Shanghai"))

    @Test(
        arguments: [
            (-1, [] as [String]), (0, ["2026-06-30 6"]), (6, ["2026-06-30 6"]),
            (7, ["2026-06-30 6", "2026-07-07 8"]),
            (8, ["2026-06-30 6", "2026-07-07 8", "2026-07-08 16"]),
            (Int.max, ["2026-06-30 6", "2026-07-07 8", "2026-07-08 16", "2026-07-30 64"]),
        ] as [(Int, [String])])
    func `points that lapse soon are told by the last day on which they can be spent`(
        withinDays: Int, buckets: [String]
    ) throws {
        let reading = try PointsReading(account, program, at: now)
        let told = reading.expiring(withinDays: withinDays).map {
            "\(dayText($0.expiresOn)) \($0.points)"
        }
        #expect(told == buckets)
    }

    @Test(arguments: [
        // What lapsed this morning was not written yet, wherever one asks from.
        ("2026-06-29T23:59:59.999+08:00", Int64(0), Int64(0)),
        ("2026-06-30T00:00:00+08:00", 0, -1), ("2026-06-30T12:00:00+08:00", 0, -1),
        ("2026-06-30T12:00:00.001+08:00", 64, 63), ("2026-06-30T20:00:00+08:00", 64, 59),
        ("2026-08-01T00:00:00+08:00", 64, -31),
    ])
    func `the balance at an instant counts what was due by then`(
        at: String, pending: Int64, change: Int64
    ) throws {
        let reading = try PointsReading(account, program, at: instant(at))
        #expect(try reading.balance(recorded: 127) == 127 + change)
        #expect(reading.totals.balance == 127 + change)
        #expect(reading.totals.pending == 64 - pending)
    }

    @Test func `reading changes nothing`() throws {
        let before = account
        _ = try PointsReading(account, program, at: now + 400 * 86_400_000).totals
        #expect(account == before)
    }
}

@Suite struct PointsAmountTests {
    @Test func `a share is exact, and never traps`() {
        let values: [Int64] = [.min, -1, 0, 1, 2, 3, 7, PointsAmount.max, .max]
        for whole in values {
            for part in values {
                for total in values {
                    let share = PointsAmount.share(of: whole, part: part, total: total)
                    #expect(share >= 0 && share <= max(0, whole))
                    guard whole > 0, part > 0, total > part else { continue }
                    let product = whole.multipliedFullWidth(by: part)
                    let exact = total.dividingFullWidth(product).quotient
                    #expect(share == exact)
                }
            }
        }
        #expect(PointsAmount.share(of: 100, part: 1, total: 3) == 33)
        #expect(PointsAmount.share(of: 100, part: 3, total: 3) == 100)
        #expect(PointsAmount.share(of: 100, part: 0, total: 0) == 100)
    }

    @Test func `sums stop at the largest exact number`() throws {
        let max = PointsAmount.max
        #expect(max == 9_007_199_254_740_991)
        #expect(try PointsAmount.sum(max, 0) == max)
        #expect(try PointsAmount.difference(-max, 0) == -max)
        #expect(throws: PointsFailure.amountOutOfRange) { try PointsAmount.sum(max, 1) }
        #expect(throws: PointsFailure.amountOutOfRange) { try PointsAmount.difference(-max, 1) }
        #expect(throws: PointsFailure.amountOutOfRange) { try PointsAmount.sum(.max, .max) }
        #expect(throws: PointsFailure.amountOutOfRange) { try PointsAmount.product(.max, .min) }
        #expect(throws: PointsFailure.amountOutOfRange) { try PointsAmount.positive(max + 1) }
        #expect(throws: PointsFailure.nonPositiveAmount(0)) { try PointsAmount.positive(0) }
    }
}
