import Glibc
import LoadClient
import NATS
import SagaCore

/// Orders at a fixed rate, whatever becomes of the earlier ones: how long a saga takes.
///
/// Everything is counted from the time at which an order was meant to be posted, so that no delay
/// is left out. Whether a saga has ended is read afterwards, from the store and from the stream of
/// domain events: neither costs anything while it is measured. Only the lag of the views is asked
/// for meanwhile. All clocks are this machine's.
struct FixedRate: Sendable {
    let rig: Rig
    let rate: Double
    let seconds: Int
    /// The share of orders that are rejected after the debit, from 0 to 1.
    var rejected = 0.02

    /// Enough that none waits for another's answer, up to a quarter of a second.
    private var connections: Int { max(64, Int(rate / 4)) }
    private static let stream = "ORDERS"
    private static let lastEvents: Set<String> = ["ORDERS.approved", "ORDERS.rejected"]

    /// Posts the orders, waits for the end of all sagas, and reads when each one was.
    func run(seed: UInt64) async throws -> RateFigures {
        let count = Int((rate * Double(seconds)).rounded())
        let orders = OrderMix(declined: 0.02, rejected: rejected, seed: seed).orders(count)
        let connection = try await Connection.connect(
            ConnectionOptions(servers: rig.broker.url, name: "sagad-bench"))
        let jetStream = JetStream(connection)
        let first = try await lastSequence(jetStream) + 1
        let offset = WallClock.offset()
        let loop = LoadLoop(
            port: rig.daemon.port, connections: connections, deadline: .now + Rig.patience)
        let reader = SagaReader(port: rig.daemon.port)
        let (posted, lags) = try await LagWatch(reader: SagaReader(port: rig.daemon.port)).during {
            try await loop.open(orders, rate: rate)
        }
        try await eventually(within: Rig.patience, "all sagas have ended") {
            try await reader.isQuiet()
        }
        let intended = Dictionary(
            uniqueKeysWithValues: posted.map { ($0.sagaID, offset.instant(of: $0.intendedAt)) })
        let figures = RateFigures(
            rate: rate, sagas: count,
            answers: Latencies(posted.map { $0.answeredAt - $0.intendedAt }),
            ends: try await ends(reader, intended),
            events: try await events(connection, from: first, intended), lags: lags,
            memory: try await rig.daemonMemory(), load: Machine.load())
        await connection.close()
        return figures
    }

    /// The time until `ended_at`: when the last decision was taken, just before its commit.
    private func ends(
        _ reader: SagaReader, _ intended: [String: Instant]
    ) async throws -> Latencies {
        var latencies = Latencies()
        for saga in try await reader.sagas(of: "order", newest: intended.count) {
            guard let id = saga["id"]?.text, let start = intended[id] else { continue }
            guard let end = saga["ended_at"]?.text.flatMap({ Instant($0) }) else {
                throw LaunchFailure(description: "expected that saga \(id) has ended: \(saga)")
            }
            latencies.record(end - start)
        }
        return try checked(latencies, intended, "sagas in the list")
    }

    /// The time until the last domain event was in the stream, where others see it.
    private func events(
        _ connection: Connection, from first: UInt64, _ intended: [String: Instant]
    ) async throws -> Latencies {
        var latencies = Latencies()
        try await StreamReading(connection, stream: Self.stream).each(from: first) { delivery in
            guard Self.lastEvents.contains(delivery.subject),
                let start = delivery.header("Saga-Id").flatMap({ intended[$0] })
            else { return }
            latencies.record(Instant(microseconds: delivery.storedAt / 1000) - start)
        }
        return try checked(latencies, intended, "last events in the stream")
    }

    private func lastSequence(_ jetStream: JetStream) async throws -> UInt64 {
        try await jetStream.stream(Self.stream)?.contents.lastSequence ?? 0
    }

    private func checked(
        _ latencies: Latencies, _ intended: [String: Instant], _ what: String
    ) throws -> Latencies {
        guard latencies.count == intended.count else {
            throw LaunchFailure(
                description: "expected \(intended.count) \(what), found \(latencies.count)")
        }
        return latencies
    }
}

/// What the machine's time is at an instant of the clock that postings are timed with.
private struct WallClock {
    private let reference: ContinuousClock.Instant
    private let wall: Instant

    /// Compares both clocks now.
    static func offset() -> WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        let reference = ContinuousClock.now
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        return WallClock(reference: reference, wall: Instant(microseconds: microseconds))
    }

    func instant(of moment: ContinuousClock.Instant) -> Instant {
        wall + (moment - reference)
    }
}
