import Bytes
import Testing

@testable import Membership

struct ExactTests {
    @Test func `sums and products outside of 2^53 - 1 are refused`() {
        #expect(Exact.max == (1 << 53) - 1)
        #expect(Exact.sum(Exact.max, 0) == Exact.max)
        #expect(Exact.sum(Exact.max, 1) == nil)
        #expect(Exact.sum(-Exact.max, -1) == nil)
        #expect(Exact.sum(.max, .max) == nil)
        #expect(Exact.sum(.min, .min) == nil)
        #expect(Exact.product(Exact.max, 1) == Exact.max)
        #expect(Exact.product(Exact.max, 2) == nil)
        #expect(Exact.product(.min, -1) == nil)
        #expect(Exact.checked(.min) == nil)
    }

    @Test func `a share is rounded down and never overflows`() {
        #expect(Exact.share(of: 100, 1, of: 3) == 33)
        #expect(Exact.share(of: 100, 3, of: 3) == 100)
        #expect(Exact.share(of: 100, 9, of: 3) == 100)
        #expect(Exact.share(of: 100, 1, of: 0) == 0)
        #expect(Exact.share(of: -5, 1, of: 2) == 0)
        #expect(Exact.share(of: .max, .max - 1, of: .max) == .max - 1)
        #expect(Exact.share(of: Exact.max, 1, of: 2) == 4_503_599_627_370_495)
    }

    @Test func `parts sum to the whole and never exceed what is left`() {
        #expect(Exact.split(100, by: [1, 1, 1]) == [33, 33, 34])
        #expect(Exact.split(0, by: [1, 2]) == [0, 0])
        #expect(Exact.split(5, by: []) == [])
        #expect(Exact.split(5, by: [0, 0]) == [0, 0])
        #expect(Exact.split(5, by: [.max, 1]) == [0, 0])
        let seed: UInt64 = 0x5B
        var random = SeededRandom(seed: seed)
        for round in 0..<20_000 {
            let most = random.pick([3, 100, 1 << 40])
            var left = (0..<random.number(in: 1...5)).map { _ in Int64(random.number(in: 0...most))
            }
            let first = left
            var given = left.map { _ in Int64(0) }
            // Given back in any steps, it is all given back in the end.
            while let sum = Exact.sum(of: left), sum > 0 {
                let amount =
                    random.chance(percent: 30) ? sum : Int64(random.number(in: 1...Int(sum)))
                let parts = Exact.split(amount, by: left)
                #expect(Exact.sum(of: parts) == amount, "seed \(seed), round \(round)")
                for place in parts.indices {
                    #expect(0...left[place] ~= parts[place], "seed \(seed), round \(round)")
                    left[place] -= parts[place]
                    given[place] += parts[place]
                }
            }
            #expect(given == first, "seed \(seed), round \(round)")
        }
    }
}
