import LoadClient

/// Something that is killed, or deleted, at a moment drawn before.
package struct Strike: Sendable, Equatable {
    /// What is killed, or which stream is deleted.
    package enum Target: String, Sendable {
        /// `sagad`.
        case daemon
        /// PostgreSQL, as by `pg_ctl restart -m immediate`.
        case database
        /// nats-server.
        case broker
        /// The stream of the orders' events.
        case orders = "ORDERS"
        /// The stream of commands.
        case commands = "SAGA_COMMANDS"
        /// The stream of replies.
        case replies = "SAGA_REPLIES"
        /// The stream of dead letters.
        case deadLetters = "SAGA_DEAD"
    }

    /// What is killed, or which stream is deleted.
    package var target: Target
    /// After how many answered orders.
    package var afterAnswers: Int
    /// How long after that.
    package var delay: Duration

    /// The longest delay of a kill, in milliseconds.
    private static let longestDelay = 400
    /// The longest delay of a kill that is to come between storing and publishing, in milliseconds.
    private static let shortDelay = 20

    /// Kills of the daemon at any time between the first order and shortly after the last.
    ///
    /// Where two come close, the second one hits the daemon while it starts.
    static func kills(_ count: Int, among orders: Int, seed: UInt64) -> [Strike] {
        var random = SeededGenerator(seed: ~seed)
        let moments = (0..<count).map { _ in Int.random(in: 1...orders, using: &random) }.sorted()
        return moments.map { Strike(target: .daemon, afterAnswers: $0, delay: delay(&random)) }
    }

    /// Kills of the daemon right after answers, again and again through the load: an answer says that
    /// something is stored, and its publishing follows at once.
    static func gaps(_ count: Int, among orders: Int, seed: UInt64) -> [Strike] {
        var random = SeededGenerator(seed: ~seed)
        return (0..<count).map { place in
            Strike(
                target: .daemon, afterAnswers: max(1, orders * place / max(count, 1)),
                delay: .milliseconds(Int.random(in: 0...shortDelay, using: &random)))
        }
    }

    /// Deletions of every stream: that of the events while orders are posted, and again with the
    /// others when all are answered, that many times.
    static func deletions(_ count: Int, among orders: Int, seed: UInt64) -> [Strike] {
        var random = SeededGenerator(seed: ~seed)
        var strikes = [
            Strike(target: .orders, afterAnswers: max(1, orders / 2), delay: delay(&random))
        ]
        for _ in 0..<count {
            for target in [Target.orders, .commands, .replies, .deadLetters] {
                strikes.append(
                    Strike(target: target, afterAnswers: orders, delay: delay(&random)))
            }
        }
        return strikes
    }

    /// Restarts of each target that often, in equal parts of the load: each has load after it.
    static func restarts(
        of targets: [Target], _ count: Int, among orders: Int, seed: UInt64
    ) -> [Strike] {
        var random = SeededGenerator(seed: ~seed)
        let order = (0..<count).flatMap { _ in targets.shuffled(using: &random) }
        return order.enumerated().map { place, target in
            let part = Double(orders) / Double(order.count)
            let share = Double(place) + Double.random(in: 0.05...0.95, using: &random)
            return Strike(
                target: target, afterAnswers: max(1, Int(part * share)), delay: delay(&random))
        }
    }

    private static func delay(_ random: inout SeededGenerator) -> Duration {
        .milliseconds(Int.random(in: 0...longestDelay, using: &random))
    }
}

/// A strike that was made.
package struct Struck: Sendable {
    /// What was meant.
    package var strike: Strike
    /// When it was made, in microseconds since 1970.
    package var at: Int64
    /// How many orders had been answered then.
    package var answers: Int
    /// How many events were stored and did not lie on the stream, where that was counted.
    package var unpublished: Int?
}
