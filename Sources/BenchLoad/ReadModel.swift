import LoadClient
import NATS

/// Samples how far the views lag behind while something else goes on.
struct LagWatch: Sendable {
    let reader: SagaReader

    /// The time from one look at `/readyz` to the next.
    static let look: Duration = .milliseconds(200)

    /// Does something; answers what it answers, and the lags meanwhile.
    func during<Result: Sendable>(
        _ body: () async throws -> Result
    ) async throws -> (Result, Samples) {
        let reader = reader
        let sampling = Task { @concurrent in
            var lags: [Duration] = []
            while !Task.isCancelled {
                do {
                    lags.append(try await reader.viewsLag())
                    try await Task.sleep(for: Self.look)
                } catch {
                    if !Task.isCancelled { throw error }
                }
            }
            return lags
        }
        defer { sampling.cancel() }
        let result = try await body()
        sampling.cancel()
        return (result, Samples(try await sampling.value))
    }

    /// Waits until nothing lags at two looks in a row; answers how long that took.
    func awaitNone() async throws -> Duration {
        let start = ContinuousClock.now
        var looks = 0
        try await eventually(within: Rig.patience, pause: Self.look, "the views have caught up") {
            looks = try await reader.viewsLag() == .zero ? looks + 1 : 0
            return looks == 2
        }
        return ContinuousClock.now - start
    }
}

/// How fast views are made of what the event store holds: `sagad rebuild-views`, which reads every
/// event, folds it and writes the views, beside a daemon with nothing else to do.
struct Projection: Sendable {
    let rig: Rig

    private static let stream = "ORDERS"

    /// Waits until the projector has nothing to do, then rebuilds all views.
    func run() async throws -> ProjectionFigures {
        _ = try await LagWatch(reader: SagaReader(port: rig.daemon.port)).awaitNone()
        let connection = try await Connection.connect(
            ConnectionOptions(servers: rig.broker.url, name: "sagad-bench"))
        let stream = try await JetStream(connection).stream(Self.stream)
        await connection.close()
        let start = ContinuousClock.now
        try await rig.rebuildViews()
        return ProjectionFigures(
            events: Int(stream?.contents.lastSequence ?? 0), elapsed: ContinuousClock.now - start,
            load: Machine.load())
    }
}
