import Logging
import OrderWorkers
import ServiceLifecycle

/// The order participants inside `sagad dev`, with their ledger in the state directory.
struct DevWorkers: Service {
    let settings: Settings
    let natsURL: @Sendable () async throws -> String
    let logger: Logger

    func run() async throws {
        let url = natsURL
        let servers: String
        do {
            servers = try await cancelWhenGracefulShutdown { try await url() }
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
