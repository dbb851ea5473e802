import SagaTestKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct `A bus in memory` {
    @Test(arguments: BusConformance.checks)
    func `keeps the port's promises`(check: BusCheck) async throws {
        try await BusConformance.run(check) { BusUnderTest.inMemory() }
    }
}
