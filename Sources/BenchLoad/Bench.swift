import LoadClient

/// The parts of the bench in their order, each store on servers of its own.
struct Bench: Sendable {
    let parts: Set<BenchPart>
    /// Orders per second, the lowest first.
    let rates: [Double]
    /// How long the lower rates take, in seconds.
    let seconds: Int
    let orders: Int
    let connections: Int
    let inFlight: Int
    let intakeOrders: Int
    /// How many sagas wait for a day.
    let waiting: Int
    /// How often daemon and floor take turns.
    let rounds: Int
    /// How many finished sagas there are in the tables, the fewest first.
    let grown: [Int]
    let peers: Peers.Setup
    let appendClients: Int
    let appendSeconds: Int
    let settings: [(name: String, value: String)]
    let programs: Programs

    /// The share of reviews that are rejected where many are.
    static let manyRejected = 0.2
    /// Rates up to this take the whole time, others half of it.
    private static let lowRate = 100.0
    /// How many sagas are on their way at most, in the steps before the last one.
    private static let windows = [16, 128]
    /// So much smaller are these steps.
    private static let windowShare = 8

    /// Measures on one store.
    func run(_ kind: StoreKind) async throws -> StoreFigures {
        let plan = Rig.Plan(kind: kind, settings: settings, programs: programs)
        var figures = StoreFigures(kind: kind)
        if !parts.isSubset(of: [.waiting, .limit, .growth, .peers]) {
            figures = try await Stage.run("bench-\(kind.rawValue)") { stage in
                try await measure(try await Rig.start(plan, on: stage))
            }
        }
        try await measureApart(plan, into: &figures)
        return figures
    }

    /// The parts that have a database and a broker of their own.
    private func measureApart(
        _ plan: Rig.Plan, into figures: inout StoreFigures
    ) async throws {
        // How transactions are isolated changes nothing of it: once on PostgreSQL is enough.
        if plan.kind != .postgresqlSerializable || parts == [.waiting], starts(.waiting) {
            let part = Waiting(plan: plan, sagas: waiting, connections: connections)
            figures.waiting = try await Stage.run("bench-waiting") { stage in
                try await part.run(on: stage, seed: 9)
            }
        }
        if starts(.limit) {
            let recording = try await OrderRecorder(programs: programs).record()
            let part = Limit(
                plan: plan, orders: orders, rounds: rounds, connections: connections,
                inFlight: inFlight)
            figures.limit = try await Stage.run("bench-limit") { stage in
                try await part.run(recording, on: stage)
            }
        }
        if plan.kind.isShared, starts(.growth) {
            let part = Growth(
                plan: plan, levels: grown, orders: orders, connections: connections,
                inFlight: inFlight)
            figures.growth = try await Stage.run("bench-growth") { try await part.run(on: $0) }
        }
        if plan.kind.isShared, starts(.peers) {
            let part = Peers(
                plan: plan, setup: peers, orders: orders, connections: connections,
                inFlight: inFlight)
            figures.peers = try await Stage.run("bench-peers") { try await part.run(on: $0) }
        }
    }

    private func measure(_ rig: Rig) async throws -> StoreFigures {
        var figures = StoreFigures(kind: rig.kind)
        try await saturation(rig, orders: Saturation.warmUp).run(seed: 1)
        if starts(.latency) { figures.rates = try await atRates(rig, seed: 20) }
        if starts(.saturation) { figures.saturations = try await withWindows(rig) }
        if starts(.rejections) { figures.rejections = try await rejections(rig) }
        if starts(.intake) {
            figures.intake = try await Intake(
                rig: rig, orders: intakeOrders, connections: connections
            ).run(seed: 4)
        }
        if rig.kind.isShared, starts(.daemons) {
            figures.daemons = try await ManyDaemons(
                rig: rig, orders: orders / 2, connections: connections, inFlight: inFlight
            ).run(seed: 50)
        }
        if starts(.appends) { figures.appends = try await appends(rig) }
        if starts(.rebuild) { figures.projection = try await Projection(rig: rig).run() }
        return figures
    }

    private func starts(_ part: BenchPart) -> Bool {
        guard parts.contains(part) else { return false }
        tell(part)
        return true
    }

    private func tell(_ part: BenchPart) { Terminal.complain("  \(part.rawValue)") }

    private func saturation(_ rig: Rig, orders: Int, inFlight: Int? = nil) -> Saturation {
        Saturation(
            rig: rig, orders: orders, connections: connections,
            inFlight: inFlight ?? self.inFlight)
    }

    private func withWindows(_ rig: Rig) async throws -> [SaturationFigures] {
        var all: [SaturationFigures] = []
        for (place, window) in Self.windows.filter({ $0 < inFlight }).enumerated() {
            let step = saturation(rig, orders: max(1, orders / Self.windowShare), inFlight: window)
            all.append(try await step.run(seed: 30 + UInt64(place)))
        }
        return all + [try await saturation(rig, orders: orders).run(seed: 3)]
    }

    private func atRates(
        _ rig: Rig, seed: UInt64, rejected: Double = 0.02
    ) async throws -> [RateFigures] {
        var all: [RateFigures] = []
        for (place, rate) in rates.enumerated() {
            let seconds = rate > Self.lowRate ? max(1, seconds / 2) : seconds
            let part = FixedRate(rig: rig, rate: rate, seconds: seconds, rejected: rejected)
            all.append(try await part.run(seed: seed + UInt64(place)))
        }
        return all
    }

    private func rejections(_ rig: Rig) async throws -> RejectionFigures {
        let rates = try await atRates(rig, seed: 40, rejected: Self.manyRejected)
        var saturation = saturation(rig, orders: max(1, orders / 2))
        saturation.rejected = Self.manyRejected
        return RejectionFigures(saturation: try await saturation.run(seed: 60), rates: rates)
    }

    private func appends(_ rig: Rig) async throws -> [AppendFigures] {
        let (alone, together) = (1, appendClients)
        _ = try await Appending(rig: rig, clients: together, seconds: Appending.warmUp).run("warm")
        return [
            try await Appending(rig: rig, clients: alone, seconds: appendSeconds).run("alone"),
            try await Appending(rig: rig, clients: together, seconds: appendSeconds).run(
                "together"),
        ]
    }
}
