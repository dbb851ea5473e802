import SagaAPI
import SagaRuntime

/// Asks what the daemon needs, for `/readyz`.
struct Health: Sendable {
    let store: any Store
    let engine: Engine
    let gate: Gate

    /// The longest that one check may take.
    static let patience: Duration = .seconds(2)

    func report() async -> HealthReport {
        async let database = Self.check("database") {
            try await store.check()
            return "answers"
        }
        async let nats = Self.check("nats") {
            guard let health = await engine.busHealth() else {
                throw StoreError(.unavailable, gate.isWaitingFor ?? "not connected yet")
            }
            guard health.isConnected else { throw StoreError(.unavailable, health.detail) }
            if let waiting = gate.isWaitingFor { throw StoreError(.unavailable, waiting) }
            return health.detail
        }
        return HealthReport(
            database: await database, nats: await nats, views: engine.viewsStatus)
    }

    /// Asks, and waits no longer than that: who asks may not hear that he is cancelled.
    static func check(
        _ name: String, within patience: Duration = patience,
        _ ask: @escaping @Sendable () async throws -> String
    ) async -> HealthReport.Check {
        let (answers, tell) = AsyncStream<HealthReport.Check>.makeStream(
            bufferingPolicy: .bufferingOldest(1))
        let asking = Task {
            do {
                tell.yield(HealthReport.Check(name: name, isUp: true, detail: try await ask()))
            } catch {
                tell.yield(HealthReport.Check(name: name, isUp: false, detail: "\(error)"))
            }
        }
        let waiting = Task {
            try? await Task.sleep(for: patience)
            tell.yield(
                HealthReport.Check(
                    name: name, isUp: false, detail: "no answer within \(patience)"))
        }
        defer {
            asking.cancel()
            waiting.cancel()
        }
        for await answer in answers { return answer }
        return HealthReport.Check(name: name, isUp: false, detail: "not asked")
    }
}
