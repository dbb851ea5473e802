package import Logging
import SagaWorker
import ServiceLifecycle

/// The order participants as one service: they run until a graceful shutdown or cancellation.
package struct OrderParticipants: Service {
    /// The commands that they take.
    package static let subjects: Set = [
        "payments.debit", "payments.void", "payments.status", "payments.refund",
        "payments.void_refund", "reviews.review", "notifications.send",
    ]

    private let settings: OrderSettings
    private let logger: Logger

    /// Participants that open their file when they are run.
    package init(_ settings: OrderSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Runs the participants chosen by the settings.
    ///
    /// - Throws: what the first of them throws, or why the file cannot be opened.
    package func run() async throws {
        let file = try LedgerFile(path: settings.database)
        let workers = Role.allCases.filter(settings.roles.contains).map { worker($0, file) }
        let (settings, logger) = (settings, logger)
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for worker in workers {
                    group.addTask { try await worker.run(settings.worker, logger: logger) }
                }
                try await group.waitForAll()
            }
        }
    }

    private func worker(_ role: Role, _ file: LedgerFile) -> Worker<CommandTable> {
        switch role {
        case .payment:
            Payments(cardLimit: settings.cardLimit, refundLimit: settings.refundLimit)
                .worker(file)
        case .review: Reviews().worker(file)
        case .notification: Notifications().worker(file)
        }
    }
}
