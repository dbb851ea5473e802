import LoadClient
import SagaCore

/// The parts beside the load itself, for programs.
extension BenchReport {
    static func json(_ figures: RejectionFigures) -> Value {
        .map(
            Members([
                ("saturation", json(figures.saturation)),
                ("latency", .list(figures.rates.map(json))),
            ]))
    }

    static func json(_ figures: IntakeFigures) -> Value {
        .map(
            Members([
                ("orders", .int(Int64(figures.orders))),
                ("seconds", number(figures.elapsed.inSeconds)),
                ("orders_per_second", number(figures.perSecond)),
                ("answer_ms", json(figures.answers)),
                ("cpu_us_per_order", json(figures.costs)),
                ("cpu_us_per_order_all", number(figures.cost)),
                ("sagad_rss_bytes", .int(figures.memory.residentBytes)),
                ("drained_after_seconds", number(figures.drained.inSeconds)),
            ]))
    }

    static func json(_ figures: DaemonsFigures) -> Value {
        .map(
            Members([
                ("daemons", .int(Int64(figures.daemons))),
                ("saturation", json(figures.saturation)),
                ("commits", .int(Int64(figures.conflicts.commits))),
                ("version_conflicts", .int(Int64(figures.conflicts.versions))),
                ("rollbacks", .int(Int64(figures.conflicts.rollbacks))),
                ("conflicts_per_commit", .double(figures.conflicts.share)),
            ]))
    }

    static func json(_ figures: WaitingFigures) -> Value {
        .map(
            Members([
                ("sagas", .int(Int64(figures.sagas))),
                ("taken_per_second", number(figures.takenPerSecond)),
                ("idle_rss_bytes", .int(figures.idleBytes)),
                ("waiting_rss_bytes", .int(figures.waitingBytes)),
                ("restarted_rss_bytes", .int(figures.restartedBytes)),
                ("started_empty_ms", number(figures.startedEmpty.inMilliseconds)),
                ("started_ms", number(figures.started.inMilliseconds)),
                ("first_end_seconds", number(figures.firstEnd.inSeconds)),
                ("resumed_seconds", number(figures.resumed.inSeconds)),
                ("resumed_per_second", number(figures.resumedPerSecond)),
            ]))
    }

    static func json(_ figures: LimitFigures) -> Value {
        .map(
            Members([
                ("ratio", number(figures.ratio)),
                ("sagad", .list(figures.daemon.map(json))),
                ("floor", .list(figures.floor.map(json))),
            ]))
    }

    private static func json(_ run: FloorRun) -> Value {
        .map(
            Members([
                ("sagas", .int(Int64(run.count))), ("seconds", number(run.elapsed.inSeconds)),
                ("sagas_per_second", number(run.perSecond)),
                ("commits", .int(Int64(run.commits))), ("cpu_us_per_saga", json(run.costs)),
                ("cpu_us_per_saga_all", number(run.cost)),
            ]))
    }

    static func json(_ figures: GrowthFigures) -> Value {
        .map(
            Members([
                ("finished", .int(Int64(figures.finished))), ("bytes", .int(figures.bytes)),
                ("ready_ms", number(figures.ready.inMilliseconds)),
                ("saturation", json(figures.saturation)),
            ]))
    }
}
