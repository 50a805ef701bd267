import Testing

@testable import Simulation

/// The simulation of `Tests/Simulation`, for a moment; run by itself it goes on as long as asked.
struct SimulationTests {
    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `a club survives crashes, faults and changes of its schema`(seed: UInt64) throws {
        let simulation = Simulation(seed: seed)
        do { try simulation.run(steps: 60) } catch let finding as Finding {
            Issue.record("seed \(seed), step \(finding.step): \(finding.message)")
        }
        #expect(simulation.summary.steps == 60)
    }
}
