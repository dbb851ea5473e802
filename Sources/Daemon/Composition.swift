import CoreMetrics
import EventStoreRPC
import Foundation
import Logging
import OrderWorkers
import Prometheus
import SagaAPI
import SagaCore
import SagaLanguage
import SagaRuntime
import ServiceLifecycle
import UnixSignals

/// Puts the daemon together: the one place that knows every part.
struct Composition {
    private let settings: Settings
    private let environment: [String: String]
    private let logger = Logger(label: "sagad")

    init(_ settings: Settings, _ environment: [String: String]) {
        self.settings = settings
        self.environment = environment
    }

    /// Runs the daemon until it is asked to stop.
    ///
    /// - Throws: ``Exit`` and whatever ends a part for good.
    func run() async throws {
        for warning in settings.warnings { logger.warning("\(warning)") }
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        let catalog = Catalog()
        let shelf = DefinitionShelf(settings, catalog: catalog, logger: logger)
        let security = try TLSFiles.security(settings.grpc.tls)
        let loaded = try shelf.load()
        shelf.offer(loaded)
        if settings.command == .dev { try makeStateDirectory() }
        let parts = try Parts(
            settings: settings, store: StoreChoice.open(settings, logger: logger),
            gate: Gate(catalog: catalog), shelf: shelf, loaded: loaded, registry: registry,
            security: security, notifier: SystemdNotifier(environment: environment), logger: logger)
        try await run(parts.services)
    }

    private func run(_ services: [ServiceGroupConfiguration.ServiceConfiguration]) async throws {
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        configuration.maximumGracefulShutdownDuration = settings.shutdownGrace + .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
        logger.notice("stopped")
    }

    /// The service group's own lines are for developers.
    private var quiet: Logger {
        var quiet = Logger(label: "sagad.services")
        quiet.logLevel = .error
        return quiet
    }

    private func makeStateDirectory() throws(Exit) {
        do {
            try FileManager.default.createDirectory(
                atPath: settings.stateDirectory, withIntermediateDirectories: true)
        } catch {
            throw Exit(
                .usage,
                "state.directory \(settings.stateDirectory) cannot be made: \(error)")
        }
    }
}

/// The daemon's parts and how they hang together.
private struct Parts {
    let settings: Settings
    let store: any Store
    let gate: Gate
    let shelf: DefinitionShelf
    let loaded: [LoadedDefinition]
    let registry: PrometheusRegistry
    let security: ServerSecurity
    let notifier: SystemdNotifier?
    let logger: Logger
    let heartbeat = Heartbeat()

    typealias Entry = ServiceGroupConfiguration.ServiceConfiguration

    /// In the order of starting; they stop in the reverse order, each after the one behind it.
    var services: [Entry] {
        let clock = DatabaseClock(machineTime: .machine)
        let server = natsServer
        let url = natsURL(of: server)
        let faults = faultBoard(clock: clock)
        let engine = Engine(
            settings: settings, store: store, clock: clock, gate: gate, shelf: shelf,
            loaded: loaded, heartbeat: heartbeat, faults: faults, natsURL: url, onReady: onReady,
            logger: logger)
        var services: [any Service] = []
        if let server { services.append(server) }
        if settings.command == .dev, settings.dev.workers {
            services.append(
                DevWorkers(settings: settings, natsURL: url, gate: gate, logger: logger))
        }
        services.append(engine)
        if settings.command == .dev {
            services.append(
                DefinitionWatcher(
                    shelf: shelf, engine: engine, logFormat: settings.log.effectiveFormat,
                    logger: logger))
        }
        if let notifier {
            services.append(
                Supervisor(
                    notifier: notifier, heartbeat: heartbeat, settings: settings, gate: gate,
                    logger: logger))
        }
        let health = Health(store: store, engine: engine, gate: gate)
        services.append(eventStore(health: health, clock: clock))
        services.append(api(health: health, letters: engine, faults: faults, clock: clock))
        return services.map {
            Entry(
                service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup)
        }
    }

    private var natsServer: NATSServer? {
        guard settings.command == .dev, settings.nats.servers.isEmpty else { return nil }
        return NATSServer(
            program: settings.dev.natsServer, stateDirectory: settings.stateDirectory,
            logger: logger)
    }

    private func natsURL(of server: NATSServer?) -> @Sendable () async throws -> String {
        let servers = settings.nats.servers.joined(separator: ",")
        return { if let server { try await server.url() } else { servers } }
    }

    private func eventStore(health: Health, clock: DatabaseClock) -> any Service {
        let store = EventStoreRPC(
            door: gate, clock: clock, isReady: { await health.report().isReady },
            limits: settings.rpcLimits, logger: logger)
        let address = settings.grpc.listen
        return store.service(host: address.host, port: address.port, security: security) { port in
            logger.notice("gRPC listens", metadata: ["address": "\(address.host):\(port)"])
        }
    }

    private func api(
        health: Health, letters: any DeadLetterSource, faults: FaultBoard?, clock: DatabaseClock
    ) -> any Service {
        let api = SagaAPI(
            door: gate, store: store, letters: letters, clock: clock,
            health: { await health.report() },
            metrics: { registry.text() }, faults: faults, limits: settings.apiLimits, logger: logger
        )
        let address = settings.http.listen
        return api.service(host: address.host, port: address.port) { port in
            logger.notice("HTTP listens", metadata: ["address": "\(address.host):\(port)"])
        }
    }

    /// The rules of provoked failures; nil where the settings allow none.
    private func faultBoard(clock: DatabaseClock) -> FaultBoard? {
        guard settings.faults.enabled else { return nil }
        return FaultBoard(
            store: store, catalog: gate.catalog, clock: clock, language: .saga, logger: logger)
    }

    private var onReady: @Sendable () -> Void {
        { [notifier, logger, gate] in
            try? notifier?.ready()
            let names = gate.catalog.offered.map {
                "\($0.definition.name) \($0.definition.version)"
            }
            logger.notice("ready", metadata: ["sagas": "\(names.joined(separator: ", "))"])
            let bytes = StartingPages.handBack()
            logger.debug("handed back what starting needed", metadata: ["bytes": "\(bytes)"])
        }
    }
}

extension Instant {
    /// The machine's time.
    static var machine: Instant {
        Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
    }
}
