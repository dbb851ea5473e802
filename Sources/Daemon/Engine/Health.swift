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
        async let database = check("database") {
            try await store.check()
            return "answers"
        }
        async let nats = check("nats") {
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

    private func check(
        _ name: String, _ ask: @escaping @Sendable () async throws -> String
    ) async -> HealthReport.Check {
        await withTaskGroup(of: HealthReport.Check.self) { group in
            group.addTask {
                do {
                    return HealthReport.Check(name: name, isUp: true, detail: try await ask())
                } catch {
                    return HealthReport.Check(name: name, isUp: false, detail: "\(error)")
                }
            }
            group.addTask {
                try? await Task.sleep(for: Self.patience)
                return HealthReport.Check(
                    name: name, isUp: false, detail: "no answer within \(Self.patience)")
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? HealthReport.Check(name: name, isUp: false, detail: "not asked")
        }
    }
}
