import LoadClient

/// Something that is killed at a moment drawn before.
package struct Strike: Sendable, Equatable {
    /// What is killed.
    package enum Target: String, Sendable {
        /// `sagad`.
        case daemon
        /// PostgreSQL, as by `pg_ctl restart -m immediate`.
        case database
        /// nats-server.
        case broker
    }

    /// What is killed.
    package var target: Target
    /// After how many answered orders.
    package var afterAnswers: Int
    /// How long after that.
    package var delay: Duration

    /// The longest delay of a kill, in milliseconds.
    private static let longestDelay = 400

    /// Kills of the daemon at any time between the first order and shortly after the last.
    ///
    /// Where two come close, the second one hits the daemon while it starts.
    static func kills(_ count: Int, among orders: Int, seed: UInt64) -> [Strike] {
        var random = SeededGenerator(seed: ~seed)
        let moments = (0..<count).map { _ in Int.random(in: 1...orders, using: &random) }.sorted()
        return moments.map { Strike(target: .daemon, afterAnswers: $0, delay: delay(&random)) }
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
}
