import LoadClient
import SagaCore

/// The line for programs.
extension BenchReport {
    var json: Value {
        .map(
            Members([
                ("machine", machine), ("stores", .list(figures.stores.map(Self.json))),
                ("counted_by", .string("sagad_sagas_ended_total")),
            ]))
    }

    private var machine: Value {
        let machine = figures.machine
        return .map(
            Members([
                ("processor", .string(machine.processor)), ("cores", .int(Int64(machine.cores))),
                ("memory_bytes", .int(machine.memory)), ("system", .string(machine.system)),
                ("kernel", .string(machine.kernel)),
                ("fdatasync_ms", Self.number(machine.sync.inMilliseconds)),
                ("load_before", Self.number(machine.load)),
            ]))
    }

    private static func json(_ store: StoreFigures) -> Value {
        var members = Members([("store", .string(store.kind.rawValue))])
        members["saturation"] = store.saturation.map(json)
        if store.saturations.count > 1 {
            members["load_steps"] = .list(store.saturations.dropLast().map(json))
        }
        members["fixed_rate"] = store.fixedRate.map(json)
        if !store.rates.isEmpty { members["latency"] = .list(store.rates.map(json)) }
        members["rejections"] = store.rejections.map(json)
        members["intake"] = store.intake.map(json)
        if !store.daemons.isEmpty { members["daemons"] = .list(store.daemons.map(json)) }
        members["waiting"] = store.waiting.map(json)
        members["limit"] = store.limit.map(json)
        members["peers"] = store.peers.map(json)
        if !store.growth.isEmpty { members["growth"] = .list(store.growth.map(json)) }
        if !store.appends.isEmpty { members["appends"] = .list(store.appends.map(json)) }
        members["rebuild"] = store.projection.map(json)
        return .map(members)
    }

    static func json(_ figures: SaturationFigures) -> Value {
        .map(
            Members([
                ("in_flight", .int(Int64(figures.inFlight))),
                ("sagas", .int(Int64(figures.sagas))),
                ("seconds", number(figures.elapsed.inSeconds)),
                ("sagas_per_second", number(figures.perSecond)),
                ("answer_ms", json(figures.answers)),
                ("cpu_us_per_saga", json(figures.costs)),
                ("cpu_us_per_saga_all", number(figures.cost)),
                ("processors_busy", number(figures.processors)),
                ("views_lag_ms", json(figures.lags)),
                ("views_caught_up_after_seconds", number(figures.catchingUp.inSeconds)),
                ("sagad_rss_bytes", .int(figures.memory.residentBytes)),
                ("sagad_rss_peak_bytes", .int(figures.memory.peakBytes)),
                ("load", number(figures.load)),
            ]))
    }

    static func json(_ figures: RateFigures) -> Value {
        .map(
            Members([
                ("rate", number(figures.rate)), ("sagas", .int(Int64(figures.sagas))),
                ("end_ms", json(figures.ends)), ("last_event_ms", json(figures.events)),
                ("answer_ms", json(figures.answers)), ("views_lag_ms", json(figures.lags)),
                ("sagad_rss_bytes", .int(figures.memory.residentBytes)),
                ("load", number(figures.load)),
            ]))
    }

    private static func json(_ figures: AppendFigures) -> Value {
        .map(
            Members([
                ("clients", .int(Int64(figures.clients))),
                ("events", .int(Int64(figures.events))),
                ("seconds", number(figures.elapsed.inSeconds)),
                ("events_per_second", number(figures.perSecond)),
                ("answer_ms", json(figures.answers)),
                ("cpu_us_per_event", json(figures.costs)),
                ("cpu_us_per_event_all", number(figures.cost)),
                ("processors_busy", number(figures.processors)),
                ("sagad_rss_bytes", .int(figures.memory.residentBytes)),
                ("sagad_rss_peak_bytes", .int(figures.memory.peakBytes)),
                ("load", number(figures.load)),
            ]))
    }

    private static func json(_ figures: ProjectionFigures) -> Value {
        .map(
            Members([
                ("events", .int(Int64(figures.events))),
                ("seconds", number(figures.elapsed.inSeconds)),
                ("events_per_second", number(figures.perSecond)),
                ("load", number(figures.load)),
            ]))
    }

    static func json(_ costs: [ProcessCost]) -> Value {
        .map(Members(costs.map { ($0.process, number($0.microseconds)) }))
    }

    private static func json(_ samples: Samples) -> Value {
        .map(
            Members([
                ("p50", number(samples.percentile(0.5).inMilliseconds)),
                ("p99", number(samples.percentile(0.99).inMilliseconds)),
                ("max", number(samples.max.inMilliseconds)),
            ]))
    }

    static func json(_ latencies: Latencies) -> Value {
        .map(
            Members([
                ("count", .int(Int64(latencies.count))),
                ("p50", number(latencies.percentile(0.5).inMilliseconds)),
                ("p90", number(latencies.percentile(0.9).inMilliseconds)),
                ("p99", number(latencies.percentile(0.99).inMilliseconds)),
                ("p99_9", number(latencies.percentile(0.999).inMilliseconds)),
                ("max", number(latencies.max.inMilliseconds)),
            ]))
    }

    /// A number with three digits behind the point.
    static func number(_ number: Double) -> Value {
        .double((number * 1000).rounded() / 1000)
    }
}
