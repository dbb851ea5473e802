import Logging
import NIOCore
import SagaCore
import SagaRuntime
import SagaTestKit
import ServiceLifecycle
import Synchronization

@testable import SagaAPI

/// The time at which everything in these tests happens: 2026-01-02T03:04:05Z.
let noon = Instant("2026-01-02T03:04:05Z")!

/// The identities that the fake door gives out, in order.
func sagaID(_ number: UInt64) -> SagaID { SagaID(high: 0xA, low: number) }

struct FixedClock: SagaClock {
    func now() -> Instant { noon }
    func uptime() -> Duration { .zero }
    func sleep(until instant: Instant) async throws {}
}

/// A clock that stands at noon; whoever sleeps lets something happen, and sleeps no time.
final class WorkingClock: SagaClock {
    private let count = Mutex(0)
    private let work: @Sendable (_ naps: Int) -> Void

    init(work: @escaping @Sendable (_ naps: Int) -> Void) { self.work = work }

    /// How often somebody slept.
    var naps: Int { count.withLock { $0 } }

    func now() -> Instant { noon }
    func uptime() -> Duration { .zero }

    func sleep(until instant: Instant) async throws {
        let naps = count.withLock { count in
            count += 1
            return count
        }
        work(naps)
    }
}

/// What happens when someone waits for a saga.
typealias Waiting = @Sendable (SagaID, Instant) async throws -> Void

/// A door that starts sagas in a ``TableStore`` without running them.
final class FakeDoor: Door {
    let catalog = Catalog()
    let store: TableStore
    private let script = Mutex(Script())

    struct Script {
        var starts: [StartRequest] = []
        var inputs: [Input] = []
        var startProblem: (any Error)?
        var operatorProblem: (any Error)?
        var waiting: Waiting = { _, _ in }
        var keys: [String: SagaID] = [:]
    }

    init(store: TableStore) { self.store = store }

    var starts: [StartRequest] { script.withLock { $0.starts } }
    var inputs: [Input] { script.withLock { $0.inputs } }

    func failStarts(_ problem: any Error) { script.withLock { $0.startProblem = problem } }
    func failActions(_ problem: any Error) { script.withLock { $0.operatorProblem = problem } }
    func whenWaiting(_ waiting: @escaping Waiting) { script.withLock { $0.waiting = waiting } }

    func start(_ request: StartRequest) async throws -> StartedSaga {
        let (problem, number, known) = script.withLock { script in
            script.starts.append(request)
            let known = request.idempotencyKey.flatMap { script.keys[$0] }
            let number = UInt64(script.starts.count)
            if let key = request.idempotencyKey, known == nil { script.keys[key] = sagaID(number) }
            return (script.startProblem, number, known)
        }
        if let problem { throw problem }
        if let known, let record = try await store.load([known]).first {
            return StartedSaga(
                identity: record.identity, document: try Value(json: record.input),
                isRepeated: true)
        }
        let identity = SagaIdentity(
            id: sagaID(number), name: request.definition, definitionVersion: 1,
            key: "o/\(number)")
        var document = request.body
        document.merge(["order_id": .string(identity.key), "status": "Pending"])
        store.put(identity, input: document, state: SagaState(started: identity))
        if catalog.newest(request.definition)?.definition.aggregate != nil {
            store.append("created", document.jsonText, to: identity)
        }
        return StartedSaga(identity: identity, document: document, isRepeated: false)
    }

    func operate(on id: SagaID, _ input: Input) async throws -> SagaRecord {
        let problem = script.withLock { script in
            script.inputs.append(input)
            return script.operatorProblem
        }
        if let problem { throw problem }
        guard let record = try await store.load([id]).first else {
            throw OperatorProblem.unknownSaga(id)
        }
        return record
    }

    func waitForEnd(of id: SagaID, until: Instant) async throws -> SagaRecord? {
        try await script.withLock { $0.waiting }(id, until)
        return try await store.load([id]).first
    }
}

extension SagaState {
    /// The state of a saga that started at noon and has not sent anything.
    init(started identity: SagaIdentity) {
        self.init(identity: identity, input: .null, startedAt: noon)
        version = 1
    }
}

/// Keeps what was logged at `warning` and above.
struct KeptLog: LogHandler {
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let words = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map {
            "\($0.key)=\($0.value)"
        }
        lines.add(([event.message.description] + words).joined(separator: " "))
    }
}

/// The interface over a fake door, and the server when it runs.
struct Rig {
    let store = TableStore()
    let door: FakeDoor
    let letters = InMemoryBus(clock: ManualClock(noon))
    let log = KeptLog.Lines()
    var api: SagaAPI
    var port = 0

    init(
        limits: APILimits = APILimits(),
        health: HealthReport = HealthReport(
            database: .init(name: "database", isUp: true, detail: "PostgreSQL 15"),
            nats: .init(name: "nats", isUp: true, detail: "connected"))
    ) {
        let log = log
        door = FakeDoor(store: store)
        door.catalog.replace(
            entries: Definitions.all.map { .init(definition: $0, hash: [0x0A, 0xFF]) },
            offered: Definitions.all, active: nil)
        api = SagaAPI(
            door: door, store: store, letters: letters, clock: FixedClock(), health: { health },
            metrics: { "up 1\n" }, limits: limits,
            logger: Logger(label: "test") { _ in KeptLog(lines: log) })
    }

    /// Has the interface go by another clock.
    mutating func use(_ clock: any SagaClock) {
        api = SagaAPI(
            door: door, store: store, letters: letters, clock: clock, health: api.health,
            metrics: api.metrics,
            limits: api.limits, logger: api.logger)
    }

    /// Runs the server on a free port while the body runs.
    func serve<Result: Sendable>(
        _ body: (Rig) async throws -> Result
    ) async throws -> Result {
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let service = api.service(host: "127.0.0.1", port: 0) { listening.yield($0) }
        let group = ServiceGroup(
            configuration: .init(
                services: [service],
                logger: Logger(label: "group") { _ in
                    SwiftLogNoOpLogHandler()
                }))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { listening.finish() }
                try await group.run()
            }
            var rig = self
            guard let port = await ports.first(where: { _ in true }) else {
                try await tasks.waitForAll()
                throw CancellationError()
            }
            rig.port = port
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(rig))
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    /// Sends one request over a connection of its own, and reads the response.
    func send(
        _ method: String, _ target: String, _ fields: [String: String] = [:], body: String? = nil
    ) async throws -> RawResponse {
        try await RawConnection.open(port: port) { connection in
            try await connection.send(wire(method, target, fields, body: body))
            return try await connection.response(hasBody: method != "HEAD")
        }
    }

    /// Posts JSON.
    func post(
        _ target: String, _ body: String, _ fields: [String: String] = [:]
    ) async throws -> RawResponse {
        let type = ["Content-Type": "application/json"]
        return try await send("POST", target, type.merging(fields) { $1 }, body: body)
    }
}

/// The definitions of these tests.
enum Definitions {
    /// As the order saga: an intake, an aggregate, two steps.
    static let order = SagaDefinition(
        name: "order", version: 1, summary: "Take the payment, then approve.",
        aggregate: Aggregate(type: "order", stream: "ORDERS"),
        intake: Intake(path: "/api/orders", idMember: "order_id", event: "created"),
        nodes: [
            Node(body: .step(Step(name: "payment", subject: "payments.debit"))),
            Node(body: .step(Step(name: "approval", subject: "reviews.review"))),
        ])
    /// An intake without events.
    static let note = SagaDefinition(
        name: "note", version: 2, intake: Intake(path: "/api/notes"),
        nodes: [Node(body: .step(Step(name: "keep", subject: "notes.keep")))])
    /// No intake.
    static let refund = SagaDefinition(
        name: "refund", version: 1,
        nodes: [Node(body: .step(Step(name: "refund", subject: "payments.refund")))])

    static let all = [order, note, refund]
}
