import Bytes
import Testing

@testable import Engine

/// Walks over rows that nobody counts.
@Suite struct WorkMeterTests {
    private func steps(budget: Int, deadline: ContinuousClock.Instant) -> (Int, WorkMeter) {
        let meter = WorkMeter()
        meter.begin(
            budget: budget, deadline: deadline, output: ByteBuffer(), answerBytesMax: 1 << 20)
        var steps = 0
        while steps < 1_000_000, meter.step() { steps += 1 }
        return (steps, meter)
    }

    @Test func `they end at a few times the budget`() {
        let (steps, meter) = steps(budget: 1_000, deadline: .now + .seconds(3_600))
        #expect(4_000..<5_000 ~= steps)
        #expect(meter.abortion == .overBudget)
        #expect(!meter.step())
        #expect(!meter.visit(1))
        #expect(meter.rowsVisited <= 1)
    }

    @Test func `they end soon after the deadline`() {
        let (steps, meter) = steps(budget: .max, deadline: .now - .seconds(1))
        #expect(steps < 1_000)
        #expect(meter.abortion == .timeout)
    }

    @Test func `without limits they do not end`() {
        let meter = WorkMeter()
        for _ in 0..<10_000 { #expect(meter.step()) }
    }
}
