import Bytes
import Testing

@testable import Membership

struct StageTests {
    private let day = onDay("2026-06-30")

    @Test func `a stage follows from the days since joining and since the last activity`() {
        func stage(joined: Int32, active: Int32? = nil, returned: Int32? = nil) -> LifecycleStage {
            LifecycleFacts(
                joined: day - joined, lastActive: active.map { day - $0 },
                returned: returned.map { day - $0 }
            ).stage(on: day)
        }
        #expect(stage(joined: 0) == .registered)
        #expect(stage(joined: 30) == .registered)
        #expect(stage(joined: 31) == .dormant)
        #expect(stage(joined: 90) == .dormant)
        #expect(stage(joined: 91) == .churned)
        #expect(stage(joined: 5, active: 0) == .active)
        #expect(stage(joined: 500, active: 30) == .active)
        #expect(stage(joined: 500, active: 31) == .dormant)
        #expect(stage(joined: 500, active: 90) == .dormant)
        #expect(stage(joined: 500, active: 91) == .churned)
        #expect(stage(joined: 500, active: 0, returned: 30) == .wonBack)
        #expect(stage(joined: 500, active: 0, returned: 31) == .active)
        #expect(stage(joined: 500, active: 40, returned: 45) == .dormant)
        var lapsed = LifecycleFacts(joined: day, lastActive: day)
        lapsed.isLapsed = true
        #expect(lapsed.stage(on: day) == .churned)
    }

    @Test func `a return is an activity after the member had been gone`() {
        func returned(_ days: [Int32]) -> Int32? {
            LifecycleFacts.returned(days, joined: 0)
        }
        #expect(returned([]) == nil)
        #expect(returned([5, 95]) == nil)
        #expect(returned([5, 96]) == 96)
        #expect(returned([91, 100, 300, 310]) == 300)
    }

    @Test func `the next change of a stage is the first day with another one`() {
        let seed: UInt64 = 0x57A
        var random = SeededRandom(seed: seed)
        for round in 0..<2_000 {
            let joined = day - Int32(random.number(in: 0...200))
            var facts = LifecycleFacts(joined: joined)
            if random.chance(percent: 70) {
                facts.lastActive = min(joined + Int32(random.number(in: 0...200)), day)
            }
            if random.chance(percent: 40) { facts.returned = facts.lastActive }
            facts.isLapsed = random.chance(percent: 10)
            let rules = LifecycleRules(
                registeredDays: random.number(in: 0...40), activeDays: random.number(in: 0...40),
                dormantDays: random.number(in: 40...90), wonBackDays: random.number(in: 0...40))
            let naive = (day + 1...day + 500).first {
                facts.stage(on: $0, rules) != facts.stage(on: day, rules)
            }
            #expect(
                facts.nextChange(after: day, rules) == naive, "seed \(seed), round \(round)")
        }
    }

    @Test func `without orders enough, what is usual comes from the member's like`() {
        var facts = ChurnFacts(orderDays: [0, 10], lastActive: day)
        #expect(ChurnSignal.expectedInterval(facts) == nil)
        facts.usualInterval = 12.5
        #expect(ChurnSignal.expectedInterval(facts) == 12.5)
        facts.orderDays = [30, 0, 10]
        #expect(ChurnSignal.expectedInterval(facts) == 15)
        // Of the eleven gaps the first does not count.
        facts.orderDays = [0, 1_000, 1_001, 1_003, 1_006, 1_010, 1_015, 1_021, 1_028, 1_036, 1_045]
        #expect(ChurnSignal.expectedInterval(facts) == 5)
    }

    @Test func `the churn warning is the sum of its reasons`() {
        var facts = ChurnFacts(orderDays: [0, 10, 20], lastActive: day, lastLogin: day)
        var signal = ChurnSignal(facts, on: day)
        #expect(signal == ChurnSignal(facts, on: day))
        #expect(signal.scoreBps == 0)
        #expect(signal.reasons == [])
        #expect(signal.risk == .low)

        facts.lastActive = day - 15
        signal = ChurnSignal(facts, on: day)
        #expect(signal.score == 0.3)
        #expect(signal.reasons == [.quietForLong(days: 15, expectedDays: 10)])

        facts.lastLogin = day - 31
        signal = ChurnSignal(facts, on: day)
        #expect(signal.score == 0.5)
        #expect(signal.risk == .medium)

        facts.hasOpenComplaint = true
        facts.lastScore = GivenScore(score: 6, day: day - 90)
        facts.membershipEnd = day + 30
        signal = ChurnSignal(facts, on: day)
        #expect(signal.score == 0.7)
        #expect(signal.risk == .high)
        #expect(
            signal.reasons == [
                .quietForLong(days: 15, expectedDays: 10), .noLogin(days: 31), .openComplaint,
                .lowScore(6), .membershipEnds(inDays: 30),
            ])
        facts.lastActive = day - 300
        #expect(ChurnSignal(facts, on: day).scoreBps == 10_000)
    }

    @Test func `what is too old or too far away does not count`() {
        var facts = ChurnFacts(lastActive: day + 5, lastLogin: day - 30)
        facts.lastScore = GivenScore(score: 0, day: day - 91)
        facts.membershipEnd = day + 31
        var signal = ChurnSignal(facts, on: day)
        #expect(signal.scoreBps == 0)
        #expect(signal.daysInactive == 0)
        facts.membershipEnd = day - 1
        facts.lastScore = GivenScore(score: 7, day: day)
        #expect(ChurnSignal(facts, on: day).scoreBps == 0)
        facts.membershipEnd = day
        facts.autoRenews = true
        #expect(ChurnSignal(facts, on: day).scoreBps == 0)
        facts.autoRenews = false
        facts.lastLogin = nil
        signal = ChurnSignal(facts, on: day)
        #expect(signal.reasons == [.noLogin(days: nil), .membershipEnds(inDays: 0)])
        // Several orders on one day make no interval of nothing.
        facts = ChurnFacts(orderDays: [7, 7, 7], lastActive: day - 3, lastLogin: day)
        #expect(ChurnSignal(facts, on: day).scoreBps == 6_000)
    }

    @Test func `scores are fifths of the rank, the same for equal values`() {
        #expect(RfmScore.fifths([]) == [])
        #expect(RfmScore.fifths([7]) == [3])
        #expect(RfmScore.fifths([10, 30, 20, 50, 40]) == [1, 3, 2, 5, 4])
        #expect(RfmScore.fifths([1, 1, 1, 1]) == [3, 3, 3, 3])
        #expect(RfmScore.fifths([1, 1, 1, 1, 9]) == [2, 2, 2, 2, 5])
        #expect(RfmScore.fifths((1...10).map { $0 }) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        let seed: UInt64 = 0xF5
        var random = SeededRandom(seed: seed)
        for round in 0..<500 {
            let values = (0..<random.number(in: 1...60)).map { _ in Int64(random.number(in: 0...20))
            }
            let naive = values.map { value in
                let below = values.count { $0 < value }
                let equal = values.count { $0 == value }
                let rank = (Double(below) + Double(equal) / 2) / Double(values.count)
                return min(max(Int((5 * rank - 1e-9).rounded(.up)), 1), 5)
            }
            #expect(RfmScore.fifths(values) == naive, "seed \(seed), round \(round)")
        }
    }

    @Test func `the last order is best when it is recent`() {
        let scores = RfmScore.scores(
            (1...5).map {
                RfmInput(
                    member: $0, recencyDays: Int($0) * 10, frequency: Int($0),
                    monetaryMinor: 100 * $0)
            })
        #expect(scores.map(\.code) == ["511", "422", "333", "244", "155"])
        #expect(scores.map(\.label) == [.new, .regular, .regular, .atRisk, .atRisk])
        let labels: [(RfmScore, RfmLabel)] = [
            (RfmScore(r: 5, f: 5, m: 5), .champion), (RfmScore(r: 5, f: 5, m: 4), .champion),
            (RfmScore(r: 5, f: 4, m: 5), .champion), (RfmScore(r: 5, f: 4, m: 4), .regular),
            (RfmScore(r: 2, f: 4, m: 4), .atRisk), (RfmScore(r: 3, f: 4, m: 4), .regular),
            (RfmScore(r: 1, f: 1, m: 2), .hibernating), (RfmScore(r: 1, f: 1, m: 3), .regular),
            (RfmScore(r: 4, f: 1, m: 5), .new),
        ]
        for (score, label) in labels { #expect(score.label == label, "\(score.code)") }
    }
}
