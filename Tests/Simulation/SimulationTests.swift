import Simulation
import Testing

@Suite struct `A simulation` {
    /// How many seeds one test takes; a thousand in all.
    private static let part: UInt64 = 50
    private static let firstSeeds = Array(stride(from: 1, to: 1000, by: Int(part))).map(UInt64.init)

    @Test(arguments: firstSeeds)
    func `keeps every promise, whatever goes wrong, from this seed on`(first: UInt64) {
        for seed in first..<first + Self.part {
            let report = Simulation.run(seed: seed)
            #expect(report.violations.isEmpty, "\(report.failure)")
        }
    }

    @Test(arguments: [1, 17, 500] as [UInt64])
    func `does the same for the same seed`(seed: UInt64) {
        let (first, second) = (Simulation.run(seed: seed), Simulation.run(seed: seed))
        #expect(first.hash == second.hash)
        #expect(first.steps == second.steps)
        #expect(Simulation.run(seed: seed + 1).hash != first.hash)
    }

    @Test func `has every mishap happen, and sagas go both ways`() {
        var sum = SimulationSum()
        for seed in UInt64(1)...40 { sum.add(Simulation.run(seed: seed)) }
        #expect(sum.unmet == [])
        #expect(sum.sagas["completed", default: 0] > 20)
        #expect(sum.sagas["compensated", default: 0] > 20)
    }
}
