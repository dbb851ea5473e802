import LoadClient

/// Everything that was measured.
struct BenchFigures: Sendable {
    var machine: Machine
    var stores: [StoreFigures]
}

/// What was measured on one store; nil is what was left out.
struct StoreFigures: Sendable {
    var kind: StoreKind
    /// Sagas at fixed rates, the lowest first.
    var rates: [RateFigures] = []
    /// Sagas as fast as they are taken, with more and more on their way.
    var saturations: [SaturationFigures] = []
    var rejections: RejectionFigures?
    var intake: IntakeFigures?
    /// The same load on one daemon and on several.
    var daemons: [DaemonsFigures] = []
    var waiting: WaitingFigures?
    var limit: LimitFigures?
    /// The load with more and more finished sagas in the tables.
    var growth: [GrowthFigures] = []
    var peers: PeersFigures?
    /// Events appended over gRPC, once for each number of clients.
    var appends: [AppendFigures] = []
    var projection: ProjectionFigures?

    /// With the most sagas on their way.
    var saturation: SaturationFigures? { saturations.last }
    /// At the rate that the bar for latencies is set at.
    var fixedRate: RateFigures? { rates.first { $0.rate == RateFigures.plain } }
}

/// Sagas at a fixed rate.
struct RateFigures: Sendable {
    /// The rate whose figures have rows of their own.
    static let plain = 100.0

    /// Orders per second.
    var rate: Double
    var sagas: Int
    /// Until an order was answered, that is until its saga was durable.
    var answers: Latencies
    /// Until the saga's `ended_at`.
    var ends: Latencies
    /// Until the saga's last event was in the stream.
    var events: Latencies
    /// How far the views lagged behind meanwhile.
    var lags: Samples
    var memory: ProcessFigures
    /// The machine's load average of the last minute, at the end.
    var load: Double
}

/// Sagas as fast as they are taken.
struct SaturationFigures: Sendable {
    /// The most sagas that were on their way.
    var inFlight: Int
    var sagas: Int
    var elapsed: Duration
    /// Until an order was answered.
    var answers: Samples
    var costs: [ProcessCost]
    /// How far the views lagged behind until the last saga had ended.
    var lags: Samples
    /// From then until they had caught up.
    var catchingUp: Duration
    var memory: ProcessFigures
    /// The machine's load average of the last minute, at the end.
    var load: Double
}

extension SaturationFigures: Throughput {
    var count: Int { sagas }
}

/// Events as fast as clients of the event store append them.
struct AppendFigures: Sendable {
    /// How many appended at the same time, each one event after the other.
    var clients: Int
    var events: Int
    var elapsed: Duration
    /// Until an append was answered, that is until the event was durable.
    var answers: Samples
    var costs: [ProcessCost]
    var memory: ProcessFigures
    /// The machine's load average of the last minute, at the end.
    var load: Double
}

extension AppendFigures: Throughput {
    var count: Int { events }
}

/// So many of something in so much time, and what each took of the processors.
protocol Throughput {
    /// How many there were.
    var count: Int { get }
    var elapsed: Duration { get }
    /// What each took of the processes.
    var costs: [ProcessCost] { get }
}

extension Throughput {
    /// How many came in a second.
    var perSecond: Double { Double(count) / elapsed.inSeconds }
    /// Processor time of all processes for each, in microseconds.
    var cost: Double { costs.reduce(0) { $0 + $1.microseconds } }
    /// How many processors were busy with these; what is missing, others had.
    var processors: Double { perSecond * cost / 1e6 }
}

/// Views made anew of all events.
struct ProjectionFigures: Sendable {
    var events: Int
    /// From the start of the program to its end.
    var elapsed: Duration
    /// The machine's load average of the last minute, at the end.
    var load: Double

    /// Events folded per second.
    var perSecond: Double { Double(events) / elapsed.inSeconds }
}

/// What a saga, or an event, costs in one process.
struct ProcessCost: Sendable, Equatable {
    var process: String
    /// Processor time for each, in microseconds.
    var microseconds: Double

    /// The costs of so many between two looks at the processor times, in seconds.
    static func costs(
        from before: [(process: String, seconds: Double)],
        to after: [(process: String, seconds: Double)], for count: Int
    ) -> [ProcessCost] {
        zip(before, after).map { before, after in
            ProcessCost(
                process: before.process,
                microseconds: (after.seconds - before.seconds) * 1e6 / Double(max(count, 1)))
        }
    }
}
