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
                try Self.note(
                    outcome, commandID: command.id, orderID: body.order_id,
                    restaurantID: restaurant, in: database)
                let reason = "the restaurant \(restaurant) is blocked"
                return isBlocked
                    ? .outcome(outcome, data: ["reason": .string(reason)]) : .outcome(outcome)
            }
        }
        return worker
    }

    static func note(
        _ outcome: String, commandID: String, orderID: String, restaurantID: String,
        in database: Database
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO reviews (command_id, order_id, restaurant_id, outcome)
                VALUES (?, ?, ?, ?)
                """)
        try statement.execute(arguments: [commandID, orderID, restaurantID, outcome])
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
