import SagaTestKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct `A store` {
    @Test(arguments: StoreBackend.available, StoreConformance.checks)
    func `keeps the port's promises`(backend: StoreBackend, check: StoreCheck) async throws {
        try await StoreConformance.run(check, on: backend.open)
    }

    @Test(arguments: StoreBackend.available)
    func `makes its tables itself, but not unasked`(backend: StoreBackend) async throws {
        try await StoreConformance.checkFirstMigration(on: backend.open)
    }
}
