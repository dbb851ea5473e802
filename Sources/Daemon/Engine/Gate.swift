import SagaCore
import SagaRuntime
import Synchronization

/// The door before and after the coordinator stands behind it: while the daemon is not ready,
/// callers are told to come again.
final class Gate: Door {
    let catalog: Catalog
    private let coordinator = Mutex<Coordinator?>(nil)
    private let waitingFor = Mutex("the daemon is starting")

    init(catalog: Catalog) { self.catalog = catalog }

    func open(_ coordinator: Coordinator) { self.coordinator.withLock { $0 = coordinator } }

    func close() { coordinator.withLock { $0 = nil } }

    /// Says in words what the daemon waits for.
    func wait(for what: String) { waitingFor.withLock { $0 = what } }

    /// What the daemon waits for; nil once it is ready.
    var isWaitingFor: String? {
        current == nil ? waitingFor.withLock { $0 } : nil
    }

    /// The coordinator, once there is one.
    var current: Coordinator? { coordinator.withLock { $0 } }

    /// How long a caller is asked to wait for a daemon that is not ready.
    static let retryAfter: Duration = .seconds(2)

    func start(_ request: StartRequest) async throws -> StartedSaga {
        guard let coordinator = current else {
            throw StartProblem.unavailable(
                waitingFor.withLock { $0 }, retryAfter: Self.retryAfter)
        }
        return try await coordinator.start(request)
    }

    func operate(on id: SagaID, _ input: Input) async throws -> SagaRecord {
        guard let coordinator = current else {
            throw OperatorProblem.unavailable(
                waitingFor.withLock { $0 }, retryAfter: Self.retryAfter)
        }
        return try await coordinator.operate(on: id, input)
    }

    func waitForEnd(of id: SagaID, until: Instant) async throws -> SagaRecord? {
        guard let coordinator = current else { return nil }
        return try await coordinator.waitForEnd(of: id, until: until)
    }
}
