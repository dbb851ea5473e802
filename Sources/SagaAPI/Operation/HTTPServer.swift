import EventLoops
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
package import ServiceLifecycle
import Synchronization

extension SagaAPI {
    /// The server on that address, to be run in a service group.
    ///
    /// A graceful shutdown stops accepting, lets running requests end (those that wait for a saga
    /// are answered at once), and closes what is left after `APILimits.shutdown`.
    ///
    /// - Parameters:
    ///   - host: a name or address.
    ///   - port: the port; 0 takes a free one.
    ///   - onListening: called with the port once connections are accepted.
    package func service(
        host: String, port: Int, onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some Service {
        HTTPServer(api: self, host: host, port: port, onListening: onListening)
    }
}

/// Why the server does not run.
package struct ListenFault: Error, Sendable, CustomStringConvertible {
    /// What was expected, what was found, where, and what to do.
    package var description: String
}

/// The server as a service of the daemon.
private struct HTTPServer: Service {
    let api: SagaAPI
    let host: String
    let port: Int
    let onListening: @Sendable (Int) async -> Void
    /// All connections live on one loop, and their requests are answered there: one thread reads
    /// several times what a daemon can decide.
    private let loop = EventLoopGroupProvider.singleton.eventLoopGroup.next()

    func run() async throws {
        let isListening = Atomic(false)
        do {
            try await runUntilShutdown(
                application {
                    isListening.store(true, ordering: .relaxed)
                    await onListening($0)
                })
        } catch {
            if isListening.load(ordering: .relaxed) || Task.isCancelled { throw error }
            throw ListenFault(
                description: "cannot listen on \(host):\(port): \(error): "
                    + "stop what listens there, or choose another http.listen")
        }
    }

    private func application(
        onListening: @escaping @Sendable (Int) async -> Void
    ) -> some ApplicationProtocol {
        Application(
            responder: Responder(api: api),
            server: .http1(configuration: connections),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), backlog: api.limits.backlog,
                availableConnectionsDelegate: .maximum(api.limits.connections, logger: api.logger)),
            onServerRunning: { await onListening($0.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(loop),
            logger: api.logger)
    }

    private var connections: HTTP1Channel.Configuration {
        let limits = api.limits
        return HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(limits: limits)],
            idleTimeout: TimeAmount(limits.idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerFieldBytes,
                maxHeaderListSize: limits.headerListBytes,
                maxHeaderFieldCount: limits.headerFields))
    }

    /// Runs until the server ended by itself, or for `APILimits.shutdown` after a shutdown was
    /// asked for.
    private func runUntilShutdown(_ application: some ApplicationProtocol) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await withTaskExecutorPreference(LoopExecutor(loop)) {
                    try await application.run()
                }
                return true
            }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: api.limits.shutdown)
                return false
            }
            let hasEnded = try await group.next() ?? true
            group.cancelAll()
            if !hasEnded {
                api.logger.warning(
                    "connections were closed before their requests ended",
                    metadata: ["after": "\(api.limits.shutdown)"])
            }
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }
}
