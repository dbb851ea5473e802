import GRDB
import SagaWorker

/// The review participant: rejects orders of blocked restaurants, approves the others.
struct Reviews: Sendable {
    private static let blocked = "blocked"

    func worker(_ file: LedgerFile) -> Worker<CommandTable> {
        var worker = Worker(
            Role.review.takes, takes: Role.review.takes,
            database: CommandTable(file, role: .review))
        worker.on("reviews.review") { command, database in
            try answering {
                let body = try command.decode(ReviewBody.self)
                let restaurant = body.restaurant_id ?? ""
                let isBlocked = restaurant.hasPrefix(Self.blocked)
                let outcome = isBlocked ? "rejected" : "approved"
                try note(outcome, command, body, in: database)
                let reason = "the restaurant \(restaurant) is blocked"
                return isBlocked
                    ? .outcome(outcome, data: ["reason": .string(reason)]) : .outcome(outcome)
            }
        }
        return worker
    }

    private func note(
        _ outcome: String, _ command: Command, _ body: ReviewBody, in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO reviews (command_id, order_id, restaurant_id, outcome)
                VALUES (?, ?, ?, ?)
                """)
        try statement.execute(arguments: [
            command.id, body.order_id, body.restaurant_id ?? "", outcome,
        ])
    }
}

/// The notification participant: notes what would be sent to customers.
struct Notifications: Sendable {
    func worker(_ file: LedgerFile) -> Worker<CommandTable> {
        var worker = Worker(
            Role.notification.takes, takes: Role.notification.takes,
            database: CommandTable(file, role: .notification))
        worker.on("notifications.send") { command, database in
            let statement = try database.cachedStatement(
                sql: "INSERT INTO notifications (command_id, body) VALUES (?, ?)")
            try statement.execute(arguments: [
                command.id, String(decoding: command.body, as: UTF8.self),
            ])
            return .outcome("sent")
        }
        return worker
    }
}
