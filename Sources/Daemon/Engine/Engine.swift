import Foundation
import JetStreamBus
import Logging
import NATS
import SagaCore
import SagaLanguage
import SagaRuntime
import ServiceLifecycle
import Synchronization

/// Brings up what sagas need, then runs them: waits for the database and the broker as long as they
/// take, says so once, and goes on when they come.
final class Engine: Service {
    private let settings: Settings
    private let store: any Store
    private let clock: DatabaseClock
    private let gate: Gate
    private let shelf: DefinitionShelf
    private let logger: Logger
    private let heartbeat: Heartbeat
    private let faults: FaultBoard?
    private let natsURL: @Sendable () async throws -> String
    private let onReady: @Sendable () -> Void
    private let bus = Mutex<JetStreamBus?>(nil)
    private let projector = Mutex<Projector?>(nil)
    private let loaded: [LoadedDefinition]

    /// The first wait between two tries, doubled up to ``retryMax``.
    private static let retry: Duration = .milliseconds(200)
    private static let retryMax: Duration = .seconds(5)

    init(
        settings: Settings, store: any Store, clock: DatabaseClock, gate: Gate,
        shelf: DefinitionShelf, loaded: [LoadedDefinition], heartbeat: Heartbeat,
        faults: FaultBoard?,
        natsURL: @escaping @Sendable () async throws -> String,
        onReady: @escaping @Sendable () -> Void, logger: Logger
    ) {
        self.settings = settings
        self.store = store
        self.clock = clock
        self.gate = gate
        self.shelf = shelf
        self.loaded = loaded
        self.heartbeat = heartbeat
        self.faults = faults
        self.natsURL = natsURL
        self.onReady = onReady
        self.logger = logger
    }

    func run() async throws {
        let prepared = try await withGracefulCancellation { try await self.prepare() }
        guard let bus = prepared else { return await store.close() }
        let leaseholder = Leaseholder(
            store: store, clock: clock, host: Self.hostName, keepsViews: settings.views.enabled,
            logger: logger)
        let projector = makeProjector(bus, leaseholder)
        let keeper = makeKeeper(bus)
        let stage = FaultStage(store: store, bus: bus, board: faults, clock: clock)
        let coordinator = Coordinator(
            store: stage.store, bus: stage.bus, clock: clock, catalog: gate.catalog,
            limits: settings.coordinatorLimits, logger: logger, heartbeat: heartbeat,
            leaseholder: leaseholder, faults: faults,
            onPublished: {
                projector?.note(published: $0)
                keeper.note(published: $0)
            })
        gate.open(coordinator)
        onReady()
        try await withThrowingTaskGroup { group in
            group.addTask { await self.keepTime() }
            group.addTask { await self.reportConnection(of: bus) }
            group.addTask { await bus.keepUp() }
            group.addTask { await stage.run() }
            group.addTask { await self.debtWatch(leaseholder).run() }
            group.addTask {
                await keeper.run(resend: { await coordinator.sendOpenCommandsAgain() })
            }
            try await work(coordinator, projector)
            group.cancelAll()
        }
        gate.close()
        await bus.close()
        await store.close()
    }

    /// Runs the coordinator until it stops, and until its last events are in the views.
    private func work(_ coordinator: Coordinator, _ projector: Projector?) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let projector { group.addTask { await projector.run() } }
            try await coordinator.run()
            projector?.close()
            try await group.waitForAll()
        }
    }

    /// The machine's name, as other daemons are told it.
    private static var hostName: String {
        let name = ProcessInfo.processInfo.hostName
        return name.isEmpty ? "localhost" : name
    }

    private func debtWatch(_ leaseholder: Leaseholder) -> DebtWatch {
        let reader = DebtReader(store: store, clock: clock, after: settings.debtAfter)
        return DebtWatch(
            reader: reader, clock: clock, isOurs: { leaseholder.holds(0) }, logger: logger)
    }

    private func makeKeeper(_ bus: JetStreamBus) -> StreamKeeper {
        let catalog = gate.catalog
        return StreamKeeper(
            store: store, bus: bus, clock: clock, aggregates: { catalog.streams },
            limits: settings.streamLimits, logger: logger)
    }

    private func makeProjector(_ bus: JetStreamBus, _ leaseholder: Leaseholder) -> Projector? {
        guard settings.views.enabled else { return nil }
        let catalog = gate.catalog
        let projector = Projector(
            store: store, bus: bus, clock: clock, streams: { catalog.streams },
            isSweeper: { leaseholder.sweepsViews }, limits: settings.viewsLimits, logger: logger)
        self.projector.withLock { $0 = projector }
        return projector
    }

    /// How the views stand; nil before the daemon was ready once.
    var viewsStatus: ViewsStatus? {
        guard settings.views.enabled else { return ViewsStatus(state: .off, lag: .zero) }
        return projector.withLock { $0 }?.status
    }

    /// Whether the broker answers; nil while no connection was made yet.
    func busHealth() async -> BusHealth? { await bus.withLock { $0 }?.health() }

    /// Takes changed definitions into use: records them, and makes the streams they need.
    func adopt(_ loaded: [LoadedDefinition]) async throws {
        try await shelf.register(loaded, in: store)
        try await bus.withLock { $0 }?.prepare(streams: gate.catalog.streams)
    }

    private func prepare() async throws -> JetStreamBus {
        try await untilDone("the database") { try await self.prepareStore() }
        try await untilDone("the database") {
            try await self.shelf.register(self.loaded, in: self.store)
        }
        try await untilDone("the database") { try await self.setFaults() }
        let bus = try await untilDone("the broker") { try await self.connect() }
        try await untilDone("the broker") {
            try await bus.prepare(streams: self.gate.catalog.streams)
        }
        self.bus.withLock { $0 = bus }
        return bus
    }

    /// Checks the tables, and makes them where they are missing.
    private func prepareStore() async throws {
        do {
            try await store.check()
        } catch let fault as StoreError where fault.kind == .schema {
            logger.notice("the tables are made or brought up to date")
            try await store.migrate()
            try await store.check()
        }
        try await clock.measure { try await self.store.now() }
    }

    /// Sets the rules of the settings' file, where failures may be provoked.
    private func setFaults() async throws {
        guard let faults, let file = settings.faults.file else { return }
        try await FaultFile.set(file, on: faults)
    }

    private func connect() async throws -> JetStreamBus {
        var options = ConnectionOptions(servers: try await natsURL(), name: "sagad")
        options.sendAsap = false
        return try await JetStreamBus.connect(
            options, limits: settings.busLimits, logger: logger)
    }

    /// Repeats a step until it is done; what is refused for good ends the daemon.
    private func untilDone<Result: Sendable>(
        _ what: String, _ step: () async throws -> Result
    ) async throws -> Result {
        var wait = Self.retry
        var hasSaidSo = false
        while true {
            do {
                let result = try await step()
                if hasSaidSo { logger.notice("\(what) answers") }
                return result
            } catch let exit as Exit {
                throw exit
            } catch let cancelled as CancellationError {
                throw cancelled
            } catch {
                try Self.giveUpIfRefused(error)
                gate.wait(for: "\(what) does not answer: \(error)")
                if !hasSaidSo {
                    logger.warning(
                        "waiting for \(what)", metadata: ["problem": "\(error)"])
                }
                hasSaidSo = true
                try await Task.sleep(for: wait)
                wait = min(wait * 2, Self.retryMax)
            }
        }
    }

    private static func giveUpIfRefused(_ error: any Error) throws(Exit) {
        if let fault = error as? StoreError {
            switch fault.kind {
            case .refused, .schema: throw Exit(.refused, fault.message)
            case .unavailable, .unexpected: return
            }
        }
        if let fault = error as? BusError {
            switch fault.kind {
            case .refused, .conflict: throw Exit(.refused, fault.message)
            case .unavailable, .unexpected: return
            }
        }
    }

    private func keepTime() async {
        while (try? await Task.sleep(for: DatabaseClock.measureEvery)) != nil {
            try? await clock.measure { try await self.store.now() }
        }
    }

    private func reportConnection(of bus: JetStreamBus) async {
        for await event in bus.events() {
            switch event {
            case .disconnected: logger.warning("the broker is away; work waits until it answers")
            case .reconnected: logger.notice("the broker answers again")
            case .trouble(let problem):
                logger.warning("the broker complains", metadata: ["problem": "\(problem)"])
            case .closed: return
            }
        }
    }
}

/// Runs a task that a graceful shutdown cancels; nil where it was cancelled.
private func withGracefulCancellation<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result? {
    do {
        return try await cancelWhenGracefulShutdown(body)
    } catch is CancellationError {
        return nil
    }
}

extension Engine: DeadLetterSource {
    func deadLetters(before number: UInt64?, limit: Int) async throws -> DeadLetterPage {
        try await connected.deadLetters(before: number, limit: limit)
    }

    func sendBack(deadLetter number: UInt64) async throws -> DeadLetterRecord? {
        let letter = try await connected.sendBack(deadLetter: number)
        if let letter {
            logger.notice(
                "a dead letter was sent back",
                metadata: ["id": "\(number)", "subject": "\(letter.subject)"])
        }
        return letter
    }

    /// The bus once it is connected.
    private var connected: JetStreamBus {
        get throws(BusError) {
            guard let bus = bus.withLock({ $0 }) else {
                throw BusError(.unavailable, gate.isWaitingFor ?? "the broker is not connected yet")
            }
            return bus
        }
    }
}
