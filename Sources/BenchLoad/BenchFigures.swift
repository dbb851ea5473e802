import LoadClient

/// Everything that was measured.
struct BenchFigures: Sendable {
    var machine: Machine
    var stores: [StoreFigures]
}

/// What was measured on one store; nil is what was left out.
struct StoreFigures: Sendable {
    var kind: StoreKind
    var fixedRate: RateFigures?
    var saturation: SaturationFigures?
}

/// Sagas at a fixed rate.
struct RateFigures: Sendable {
    /// Orders per second.
    var rate: Double
    var sagas: Int
    /// Until an order was answered, that is until its saga was durable.
    var answers: Samples
    /// Until the saga's `ended_at`.
    var ends: Samples
    /// Until the saga's last event was in the stream.
    var events: Samples
    var memory: ProcessFigures
    /// The machine's load average of the last minute, at the end.
    var load: Double
}

/// Sagas as fast as they are taken.
struct SaturationFigures: Sendable {
    var sagas: Int
    var elapsed: Duration
    /// Until an order was answered.
    var answers: Samples
    var costs: [ProcessCost]
    var memory: ProcessFigures
    /// The machine's load average of the last minute, at the end.
    var load: Double

    /// Sagas ended per second.
    var perSecond: Double { Double(sagas) / elapsed.inSeconds }
    /// Processor time per saga of all processes, in microseconds.
    var cost: Double { costs.reduce(0) { $0 + $1.microseconds } }
    /// How many processors were busy with these sagas; what is missing, others had.
    var processors: Double { perSecond * cost / 1e6 }
}

/// What a saga costs in one process.
struct ProcessCost: Sendable, Equatable {
    var process: String
    /// Processor time per saga, in microseconds.
    var microseconds: Double
}
