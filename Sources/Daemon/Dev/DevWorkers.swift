import Logging
import OrderWorkers
import ServiceLifecycle

/// The order participants inside `sagad dev`, with their ledger in the state directory.
struct DevWorkers: Service {
    let settings: Settings
    let natsURL: @Sendable () async throws -> String
    let gate: Gate
    let logger: Logger

    /// The time from one look whether the streams are made to the next.
    private static let look: Duration = .milliseconds(50)

    func run() async throws {
        let url = natsURL
        let servers: String
        do {
            // A consumer that nats-server before 2.9.15 makes while its stream is being made may
            // stay mute for good: the daemon's streams come first.
            servers = try await cancelWhenGracefulShutdown {
                while gate.isWaitingFor != nil { try await Task.sleep(for: Self.look) }
                return try await url()
            }
        } catch is CancellationError {
            return
        }
        var quiet = Logger(label: "order-workers")
        quiet.logLevel = max(logger.logLevel, .notice)
        let orders = OrderSettings(
            servers: servers, database: "\(settings.stateDirectory)/workers.db")
        try await OrderParticipants(orders, logger: quiet).run()
    }
}
