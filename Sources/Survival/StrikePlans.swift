import FaultyWire
import LoadClient

/// When what is struck, as a seed determines it.
extension Strike {
    /// The longest delay of a kill, in milliseconds.
    private static let longestDelay = 400
    /// The longest delay of a kill that is to come between storing and publishing, in milliseconds.
    private static let shortDelay = 20

    /// Where a strike that lasts comes in its part of the load: the rest is posted meanwhile.
    private static let firstHalf = 0.05...0.5

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
        rightAfterAnswers(.daemon, count, among: orders, seed: seed)
    }

    private static func rightAfterAnswers(
        _ target: Target, _ count: Int, among orders: Int, seed: UInt64
    ) -> [Strike] {
        var random = SeededGenerator(seed: ~seed)
        return (0..<count).map { place in
            Strike(
                target: target, afterAnswers: max(1, orders * place / max(count, 1)),
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
    ///
    /// - Parameter within: where in its part of the load each comes, from 0 to 1.
    static func restarts(
        of targets: [Target], _ count: Int, within: ClosedRange<Double> = 0.05...0.95,
        among orders: Int, seed: UInt64
    ) -> [Strike] {
        var random = SeededGenerator(seed: ~seed)
        let order = (0..<count).flatMap { _ in targets.shuffled(using: &random) }
        return order.enumerated().map { place, target in
            let part = Double(orders) / Double(order.count)
            let share = Double(place) + Double.random(in: within, using: &random)
            return Strike(
                target: target, afterAnswers: max(1, Int(part * share)), delay: delay(&random))
        }
    }

    /// Terminations of all connections, in equal parts of the load.
    static func disconnects(_ count: Int, among orders: Int, seed: UInt64) -> [Strike] {
        rightAfterAnswers(.sessions, count, among: orders, seed: seed)
    }

    /// Faults of the wire at any time; of ten one lets a commit wait until nobody waits for it any
    /// more, which takes long.
    static func cuts(_ count: Int, among orders: Int, seed: UInt64) -> [Strike] {
        var random = SeededGenerator(seed: ~seed)
        let moments = (0..<count).map { _ in Int.random(in: 1...orders, using: &random) }.sorted()
        return moments.enumerated().map { place, moment in
            let faults = place % stallEvery == stallEvery / 2 ? stalls : swiftFaults
            return Strike(
                target: .wire, afterAnswers: moment, delay: .zero,
                fault: faults.randomElement(using: &random))
        }
    }

    private static let stallEvery = 10
    private static let stalls: [WireProxy.Fault] = [.stallBefore, .stallAfter]
    private static let swiftFaults: [WireProxy.Fault] = [
        .cutBefore, .cutAfter, .refuse("40001"), .refuse("40003"), .commitAndRefuse("40003"),
    ]

    /// Standstills of one daemon after the other, each in a part of the load of its own.
    static func stops(
        _ count: Int, of daemons: Int, lasting: Duration, among orders: Int, seed: UInt64
    ) -> [Strike] {
        let strikes = restarts(
            of: [.standstill], count, within: firstHalf, among: orders, seed: seed)
        return strikes.enumerated().map { place, made in
            var strike = made
            strike.daemon = place % daemons
            strike.lasting = lasting
            return strike
        }
    }

    /// Kills of either of two daemons, which is started again at once; the last one stays away while
    /// the other goes on.
    static func pairs(
        _ count: Int, away: Duration, among orders: Int, seed: UInt64
    ) -> [Strike] {
        var random = SeededGenerator(seed: seed)
        var strikes = restarts(of: [.daemon], count, among: orders, seed: seed)
        for place in strikes.indices {
            strikes[place].daemon = Int.random(in: 0...1, using: &random)
        }
        if !strikes.isEmpty {
            strikes[strikes.count - 1].lasting = away
            strikes[strikes.count - 1].delay = .zero
        }
        return strikes
    }

    /// Full disks, in equal parts of the load.
    static func fills(
        _ count: Int, lasting: Duration, among orders: Int, seed: UInt64
    ) -> [Strike] {
        let strikes = restarts(
            of: [.disk], count, within: firstHalf, among: orders, seed: seed)
        return strikes.map { made in
            var strike = made
            strike.lasting = lasting
            return strike
        }
    }

    private static func delay(_ random: inout SeededGenerator) -> Duration {
        .milliseconds(Int.random(in: 0...longestDelay, using: &random))
    }
}
