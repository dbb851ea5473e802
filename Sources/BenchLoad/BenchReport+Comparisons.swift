import LoadClient
import SagaCore

/// What the daemon is compared with: the floor under it, itself with many finished sagas, its peers.
extension BenchReport {
    func addLimit(to table: inout Table) {
        add("beside the floor, in turns: sagad, sagas/s", to: &table) {
            $0.limit.map { Self.each($0.daemon.map(\.perSecond)) }
        }
        add("  the floor, sagas/s", to: &table) {
            $0.limit.map { Self.each($0.floor.map(\.perSecond)) }
        }
        add("  sagad's of the floor's, by the medians, %", to: &table) {
            $0.limit.map { Figures.text(100 * $0.ratio, digits: 0) }
        }
        addCosts(of: "a saga of the last run", to: &table) { $0.limit?.daemon.last?.costs }
        addCosts(of: "a saga of the floor", to: &table) { $0.limit?.floor.last?.costs }
    }

    private static func each(_ numbers: [Double]) -> String {
        numbers.map { Figures.text($0, digits: 0) }.joined(separator: " / ")
    }

    func addGrowth(to table: inout Table) {
        for level in Set(figures.stores.flatMap(\.growth).map(\.finished)).sorted() {
            func run(_ store: StoreFigures) -> GrowthFigures? {
                store.growth.first { $0.finished == level }
            }
            add("with \(level) finished sagas: sagas/s", to: &table) {
                run($0).map { Figures.text($0.saturation.perSecond, digits: 0) }
            }
            add("  of that with the fewest, %", to: &table) { store in
                guard let fewest = store.growth.first, let run = run(store) else { return nil }
                let share = run.saturation.perSecond / fewest.saturation.perSecond
                return Figures.text(100 * share, digits: 0)
            }
            addCosts(of: "a saga", to: &table) { run($0)?.saturation.costs }
            add("  ready after a start, ms", to: &table) {
                run($0).map { Figures.text($0.ready.inMilliseconds, digits: 0) }
            }
            add("  the tables with their indexes", to: &table) {
                run($0).map { Figures.mebibytes($0.bytes) }
            }
        }
    }

    func addPeers(to table: inout Table) {
        add("beside its peers: sagad, sagas/s", to: &table) {
            $0.peers.map { Figures.text($0.daemon.perSecond, digits: 0) }
        }
        var names: [String] = []
        for run in figures.stores.flatMap({ $0.peers?.runs ?? [] }) where !names.contains(run.name)
        {
            names.append(run.name)
        }
        for name in names {
            func run(_ store: StoreFigures) -> PeerRun? {
                store.peers?.runs.first { $0.name == name }
            }
            add("  \(name), sagas/s", to: &table) {
                run($0).map { Figures.text($0.perSecond) }
            }
            add("  sagad is so many times as fast", to: &table) { store in
                guard let peers = store.peers, let run = run(store) else { return nil }
                return Figures.text(peers.daemon.perSecond / run.perSecond)
            }
            addCosts(of: "a saga", to: &table) { run($0)?.costs }
        }
    }

    static func json(_ figures: PeersFigures) -> Value {
        let runs = figures.runs.map { run in
            Value.map(
                Members([
                    ("peer", .string(run.name)), ("sagas", .int(Int64(run.count))),
                    ("seconds", number(run.elapsed.inSeconds)),
                    ("sagas_per_second", number(run.perSecond)),
                    ("times_slower", number(figures.daemon.perSecond / run.perSecond)),
                    ("cpu_us_per_saga", json(run.costs)),
                ]))
        }
        return .map(Members([("sagad", json(figures.daemon)), ("peers", .list(runs))]))
    }
}
