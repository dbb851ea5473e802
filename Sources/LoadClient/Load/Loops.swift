import EventLoops
import Synchronization

/// Posts orders over several connections, on the thread that their connections live on.
package struct LoadLoop: Sendable {
    /// The daemons' HTTP ports, among which the connections are dealt out.
    package var ports: [Int]
    /// How many connections post at the same time, each one order after the other.
    package var connections: Int
    /// When an order that is still not answered fails the loop.
    package var deadline: ContinuousClock.Instant

    /// A loop over that many connections to one daemon.
    package init(port: Int, connections: Int, deadline: ContinuousClock.Instant) {
        self.init(ports: [port], connections: connections, deadline: deadline)
    }

    /// A loop over that many connections to several daemons, at least one.
    package init(ports: [Int], connections: Int, deadline: ContinuousClock.Instant) {
        precondition(!ports.isEmpty, "A loop needs a daemon to post to.")
        self.ports = ports
        self.connections = connections
        self.deadline = deadline
    }

    /// Closed loop: each connection posts its next order when the last was answered.
    ///
    /// - Parameters:
    ///   - gate: called before each posting; may hold it back.
    ///   - answered: told how many orders were answered so far; quick, and called by several tasks.
    /// - Returns: the posted orders, in the order given.
    package func closed(
        _ orders: [Order], gate: @escaping @Sendable () async throws -> Void = {},
        answered: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> [PostedOrder] {
        let count = Atomic(0)
        return try await run(orders) { _, order, caller in
            try await gate()
            let posted = try await caller.post(order, until: deadline)
            answered(count.add(1, ordering: .relaxed).newValue)
            return posted
        }
    }

    /// Open loop: orders are meant to be posted at a fixed rate, whatever becomes of the earlier.
    ///
    /// Where all connections wait for answers, later orders are sent late but counted from the time
    /// at which they were meant to be sent: no latency is left out.
    ///
    /// - Parameter rate: orders per second.
    package func open(_ orders: [Order], rate: Double) async throws -> [PostedOrder] {
        let start = ContinuousClock.now
        return try await run(orders) { place, order, caller in
            let intendedAt = start + .seconds(Double(place) / rate)
            try await Task.sleep(until: intendedAt)
            return try await caller.post(order, intendedAt: intendedAt, until: deadline)
        }
    }

    private func run(
        _ orders: [Order],
        _ post: @escaping @concurrent @Sendable (Int, Order, Caller) async throws -> PostedOrder
    ) async throws -> [PostedOrder] {
        try await withTaskExecutorPreference(LoopExecutor(HTTPConnection.loop)) {
            try await runAll(orders, post)
        }
    }

    private func runAll(
        _ orders: [Order],
        _ post: @escaping @concurrent @Sendable (Int, Order, Caller) async throws -> PostedOrder
    ) async throws -> [PostedOrder] {
        let next = Atomic(0)
        return try await withThrowingTaskGroup(of: [(Int, PostedOrder)].self) { group in
            for connection in 0..<min(connections, orders.count) {
                group.addTask { @Sendable @concurrent in
                    let caller = Caller(port: self.ports[connection % self.ports.count])
                    var posted: [(Int, PostedOrder)] = []
                    while true {
                        let place = next.add(1, ordering: .relaxed).oldValue
                        guard place < orders.count else { return posted }
                        posted.append((place, try await post(place, orders[place], caller)))
                    }
                }
            }
            var all: [(Int, PostedOrder)] = []
            for try await part in group { all += part }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
