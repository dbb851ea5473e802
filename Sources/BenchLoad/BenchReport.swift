import LoadClient
import SagaCore

/// Shows what was measured: a table for people, and a line of JSON.
struct BenchReport {
    let figures: BenchFigures

    init(_ figures: BenchFigures) { self.figures = figures }

    /// Prints both.
    func print(on terminal: Terminal) {
        terminal.line(figures.machine.summary)
        terminal.line()
        for line in table.lines { terminal.line(line) }
        terminal.line()
        terminal.line(json.jsonText)
    }

    /// The table: a column for each store.
    var table: Table {
        var table = Table(
            [""] + figures.stores.map(\.kind.title), [.left] + figures.stores.map { _ in .right })
        addSaturation(to: &table)
        addWindows(to: &table)
        addFixedRate(to: &table)
        addRates(to: &table)
        addRejections(to: &table)
        addIntake(to: &table)
        addDaemons(to: &table)
        addWaiting(to: &table)
        addLimit(to: &table)
        addGrowth(to: &table)
        addPeers(to: &table)
        for place in figures.stores.map(\.appends.count).max().map({ 0..<$0 }) ?? 0..<0 {
            addAppends(place, to: &table)
        }
        add("all views made anew: events/s", to: &table) {
            $0.projection.map { Figures.text($0.perSecond, digits: 0) }
        }
        add("  load average", to: &table) { $0.projection.map { Figures.text($0.load) } }
        return table
    }

    private func addSaturation(to table: inout Table) {
        add("as fast as they are taken: sagas/s", to: &table) {
            $0.saturation.map { Figures.text($0.perSecond, digits: 0) }
        }
        add("  answer to POST p50 / p99, ms", to: &table) {
            $0.saturation.map { Self.pair($0.answers) }
        }
        addCosts(of: "a saga", to: &table) { $0.saturation?.costs }
        add("  processors kept busy by all of these", to: &table) {
            $0.saturation.map { Figures.text($0.processors, digits: 2) }
        }
        add("  the views lag behind p50 / max, ms", to: &table) {
            $0.saturation.map { Self.lag($0.lags) }
        }
        add("  then they have caught up after, s", to: &table) {
            $0.saturation.map { Figures.text($0.catchingUp.inSeconds) }
        }
        add("  memory of sagad now / at most", to: &table) {
            $0.saturation.map { Self.memory($0.memory) }
        }
        add("  load average", to: &table) { $0.saturation.map { Figures.text($0.load) } }
    }

    private func addFixedRate(to table: inout Table) {
        add("at a fixed rate: sagas/s", to: &table) {
            $0.fixedRate.map { Figures.text($0.rate, digits: 0) }
        }
        add("  POST to the end of the saga p50 / p99 / p99.9, ms", to: &table) {
            $0.fixedRate.map { Self.three($0.ends) }
        }
        add("  POST to its last event p50 / p99 / p99.9, ms", to: &table) {
            $0.fixedRate.map { Self.three($0.events) }
        }
        add("  answer to POST p50 / p99 / p99.9, ms", to: &table) {
            $0.fixedRate.map { Self.three($0.answers) }
        }
        add("  the views lag behind p50 / max, ms", to: &table) {
            $0.fixedRate.map { Self.lag($0.lags) }
        }
        add("  memory of sagad now / at most", to: &table) {
            $0.fixedRate.map { Self.memory($0.memory) }
        }
        add("  load average", to: &table) { $0.fixedRate.map { Figures.text($0.load) } }
    }

    private func addAppends(_ place: Int, to table: inout Table) {
        func run(_ store: StoreFigures) -> AppendFigures? {
            place < store.appends.count ? store.appends[place] : nil
        }
        let clients = figures.stores.lazy.compactMap(run).first?.clients ?? 0
        let who = clients == 1 ? "one gRPC client" : "\(clients) gRPC clients"
        add("appended by \(who): events/s", to: &table) {
            run($0).map { Figures.text($0.perSecond, digits: 0) }
        }
        add("  answer to CreateEvent p50 / p99, ms", to: &table) {
            run($0).map { Self.pair($0.answers) }
        }
        addCosts(of: "an event", to: &table) { run($0)?.costs }
        add("  processors kept busy by all of these", to: &table) {
            run($0).map { Figures.text($0.processors, digits: 2) }
        }
        add("  memory of sagad now / at most", to: &table) {
            run($0).map { Self.memory($0.memory) }
        }
        add("  load average", to: &table) { run($0).map { Figures.text($0.load) } }
    }

    /// The processor time of each process, in the order in which the first store that has it names
    /// it, and of all.
    func addCosts(
        of what: String, to table: inout Table, _ costs: (StoreFigures) -> [ProcessCost]?
    ) {
        var names: [String] = []
        for cost in figures.stores.flatMap({ costs($0) ?? [] }) where !names.contains(cost.process)
        {
            names.append(cost.process)
        }
        for name in names {
            add("  CPU of \(name), µs \(what)", to: &table) { store in
                costs(store)?.first { $0.process == name }
                    .map { Figures.text($0.microseconds, digits: 0) }
            }
        }
        add("  CPU in all, µs \(what)", to: &table) { store in
            costs(store).map { Figures.text($0.reduce(0) { $0 + $1.microseconds }, digits: 0) }
        }
    }

    func add(_ name: String, to table: inout Table, _ cell: (StoreFigures) -> String?) {
        let cells = figures.stores.map(cell)
        if cells.contains(where: { $0 != nil }) { table.add([name] + cells.map { $0 ?? "–" }) }
    }

    static func three(_ latencies: Latencies) -> String {
        [0.5, 0.99, 0.999].map { Figures.text(latencies.percentile($0).inMilliseconds) }
            .joined(separator: " / ")
    }

    private static func pair(_ samples: Samples) -> String {
        let middle = Figures.text(samples.percentile(0.5).inMilliseconds)
        return "\(middle) / \(Figures.text(samples.percentile(0.99).inMilliseconds))"
    }

    private static func lag(_ samples: Samples) -> String {
        let middle = Figures.text(samples.percentile(0.5).inMilliseconds, digits: 0)
        return "\(middle) / \(Figures.text(samples.max.inMilliseconds, digits: 0))"
    }

    static func memory(_ figures: ProcessFigures) -> String {
        let peak = Figures.mebibytes(figures.peakBytes)
        return "\(Figures.mebibytes(figures.residentBytes)) / \(peak)"
    }
}
