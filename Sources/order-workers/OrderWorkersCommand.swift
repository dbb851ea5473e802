import ArgumentParser
import Glibc
import Logging
import OrderWorkers
import SagaWorker
import ServiceLifecycle
import UnixSignals

/// Runs the payment, review and notification participants of the order saga.
@main
struct OrderWorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order-workers",
        abstract: "Runs the payment, review and notification participants of the order saga.",
        discussion: """
            Each option may also come from the environment, as ORDER_WORKERS_ and its name, such \
            as ORDER_WORKERS_CARD_LIMIT; options win.

            Exit status: 0 ended as asked, 1 failed while running, 2 wrong usage, 3 the NATS \
            server refused the credentials.
            """)

    @Option(help: "NATS servers, comma separated. Default: nats://127.0.0.1:4222")
    var natsUrl: String?

    @Option(help: "The SQLite file, made where it is missing. Default: order-workers.sqlite")
    var database: String?

    @Option(help: "Run only payment, review or notification.")
    var only: String?

    @Option(help: "A debit above this is declined. Default: 1000.00")
    var cardLimit: String?

    static func main() async {
        do {
            var command = try parse()
            try command.validate()
            try await command.run()
        } catch WorkerFailure.credentialsRefused(let reason) {
            end("the NATS server refused the credentials: \(reason)", status: 3)
        } catch {
            let code = exitCode(for: error)
            if code == .success || code == .validationFailure {
                end(fullMessage(for: error), status: code == .success ? 0 : 2)
            }
            end("\(error)", status: 1)
        }
    }

    func run() async throws {
        let settings = try settings()
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let logger = Logger(label: "order-workers")
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [OrderParticipants(settings, logger: logger)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }

    private func settings() throws -> OrderSettings {
        let url = natsUrl ?? Self.environment("NATS_URL") ?? "nats://127.0.0.1:4222"
        let file = database ?? Self.environment("DATABASE") ?? "order-workers.sqlite"
        var settings = OrderSettings(servers: url, database: file)
        if let only = only ?? Self.environment("ONLY") {
            guard let role = Role(rawValue: only) else {
                let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("'\(only)' is no participant; there are \(roles).")
            }
            settings.roles = [role]
        }
        if let limit = cardLimit ?? Self.environment("CARD_LIMIT") {
            guard let amount = OrderSettings.minorUnits(limit) else {
                throw ValidationError("'\(limit)' is no amount of money, such as 1000.00.")
            }
            settings.cardLimit = amount
        }
        return settings
    }

    private static func environment(_ name: String) -> String? {
        getenv("ORDER_WORKERS_\(name)").map { String(cString: $0) }
    }

    private static func end(_ message: String, status: Int32) -> Never {
        let text = message + "\n"
        _ = text.withCString { write(status == 0 ? 1 : 2, $0, strlen($0)) }
        Glibc.exit(status)
    }
}
