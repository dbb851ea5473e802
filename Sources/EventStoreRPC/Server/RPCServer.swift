import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import Logging
package import ServiceLifecycle
import Synchronization

extension EventStoreRPC {
    /// The server on that address, to be run in a service group.
    ///
    /// A graceful shutdown stops accepting, lets calls end (those that follow events or wait for
    /// the store are answered `UNAVAILABLE` at once), and closes what is left after
    /// `RPCLimits.shutdown`.
    ///
    /// - Parameters:
    ///   - host: a name or address.
    ///   - port: the port; 0 takes a free one.
    ///   - onListening: called with the port once connections are accepted.
    package func service(
        host: String, port: Int, security: ServerSecurity,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some Service {
        RPCServer(rpc: self, host: host, port: port, security: security, onListening: onListening)
    }
}

/// Why the server does not run.
package struct RPCListenFault: Error, Sendable, CustomStringConvertible {
    /// What was expected, what was found, where, and what to do.
    package var description: String
}

/// The server as a service of the daemon.
private struct RPCServer: Service {
    let rpc: EventStoreRPC
    let host: String
    let port: Int
    let security: ServerSecurity
    let onListening: @Sendable (Int) async -> Void

    func run() async throws {
        let listener = RPCListener(
            host: host, port: port, tls: try security.context, limits: rpc.limits)
        let server = GRPCServer(
            transport: OwnTimeouts(base: listener.transport),
            services: [EventStoreService(rpc: rpc), HealthService(rpc: rpc)],
            interceptors: [CallInterceptor(rpc: rpc)])
        let isListening = Atomic(false)
        do {
            try await run(server) {
                isListening.store(true, ordering: .relaxed)
                await onListening($0)
            }
        } catch {
            if isListening.load(ordering: .relaxed) || Task.isCancelled { throw error }
            let cause = (error as? RuntimeError)?.cause ?? error
            throw RPCListenFault(
                description: "cannot listen on \(host):\(port): \(cause): stop what listens there, "
                    + "or choose another grpc.listen")
        }
    }

    /// What a task of the running server came to.
    private enum End { case served, listening, impatient }

    /// Runs until the server ended by itself, or for `RPCLimits.shutdown` after a shutdown was
    /// asked for.
    private func run(
        _ server: GRPCServer<OwnTimeouts<RPCListener.Transport>>,
        onListening: @escaping @Sendable (Int) async -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask {
                try await server.serve()
                return .served
            }
            group.addTask {
                // There is none where `serve` throws.
                if let address = await server.transport.base.listeningAddress {
                    await onListening(address.ipv4?.port ?? address.ipv6?.port ?? port)
                }
                return .listening
            }
            group.addTask {
                try await gracefulShutdown()
                server.beginGracefulShutdown()
                try await Task.sleep(for: rpc.limits.shutdown)
                return .impatient
            }
            loop: while let end = try await group.next() {
                switch end {
                case .listening: continue
                case .served: break loop
                case .impatient:
                    rpc.logger.warning(
                        "gRPC connections were closed before their calls ended",
                        metadata: ["after": "\(rpc.limits.shutdown)"])
                    break loop
                }
            }
            group.cancelAll()
            while await group.nextResult() != nil {}
        }
    }
}
