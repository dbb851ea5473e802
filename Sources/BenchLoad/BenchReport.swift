import LoadClient
import SagaCore

/// Shows what was measured: a table for people, and a line of JSON.
struct BenchReport {
    private let figures: BenchFigures

    init(_ figures: BenchFigures) { self.figures = figures }

    /// Prints both.
    func print(on terminal: Terminal) {
        terminal.line(figures.machine.summary)
        terminal.line()
        for line in table.lines { terminal.line(line) }
        terminal.line()
        terminal.line(json.jsonText)
    }

    // MARK: For people

    var table: Table {
        var table = Table(
            [""] + figures.stores.map(\.kind.title), [.left] + figures.stores.map { _ in .right })
        func add(_ name: String, _ cell: (StoreFigures) -> String?) {
            let cells = figures.stores.map(cell)
            if cells.contains(where: { $0 != nil }) { table.add([name] + cells.map { $0 ?? "–" }) }
        }
        add("as fast as they are taken: sagas/s") {
            $0.saturation.map { Figures.text($0.perSecond, digits: 0) }
        }
        add("  answer to POST p50 / p99, ms") { $0.saturation.map { Self.pair($0.answers) } }
        for process in processes {
            add("  CPU of \(process), µs a saga") { store in
                store.saturation?.costs.first { $0.process == process }
                    .map { Figures.text($0.microseconds, digits: 0) }
            }
        }
        add("  CPU in all, µs a saga") {
            $0.saturation.map { Figures.text($0.cost, digits: 0) }
        }
        add("  processors kept busy by all of these") {
            $0.saturation.map { Figures.text($0.processors, digits: 2) }
        }
        add("  memory of sagad now / at most") { $0.saturation.map { Self.memory($0.memory) } }
        add("  load average") { $0.saturation.map { Figures.text($0.load) } }
        add("at a fixed rate: sagas/s") {
            $0.fixedRate.map { Figures.text($0.rate, digits: 0) }
        }
        add("  POST to the end of the saga p50 / p99, ms") {
            $0.fixedRate.map { Self.pair($0.ends) }
        }
        add("  POST to its last event p50 / p99, ms") { $0.fixedRate.map { Self.pair($0.events) } }
        add("  answer to POST p50 / p99, ms") { $0.fixedRate.map { Self.pair($0.answers) } }
        add("  memory of sagad now / at most") { $0.fixedRate.map { Self.memory($0.memory) } }
        add("  load average") { $0.fixedRate.map { Figures.text($0.load) } }
        return table
    }

    /// The processes in the order in which the first store that has them names them.
    private var processes: [String] {
        var names: [String] = []
        for cost in figures.stores.flatMap({ $0.saturation?.costs ?? [] })
        where !names.contains(cost.process) {
            names.append(cost.process)
        }
        return names
    }

    private static func pair(_ samples: Samples) -> String {
        let middle = Figures.text(samples.percentile(0.5).inMilliseconds)
        return "\(middle) / \(Figures.text(samples.percentile(0.99).inMilliseconds))"
    }

    private static func memory(_ figures: ProcessFigures) -> String {
        let peak = Figures.mebibytes(figures.peakBytes)
        return "\(Figures.mebibytes(figures.residentBytes)) / \(peak)"
    }

    // MARK: For programs

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
        members["fixed_rate"] = store.fixedRate.map(json)
        return .map(members)
    }

    private static func json(_ figures: SaturationFigures) -> Value {
        let costs = figures.costs.map { ($0.process, number($0.microseconds)) }
        return .map(
            Members([
                ("sagas", .int(Int64(figures.sagas))),
                ("seconds", number(figures.elapsed.inSeconds)),
                ("sagas_per_second", number(figures.perSecond)),
                ("answer_ms", json(figures.answers)),
                ("cpu_us_per_saga", .map(Members(costs))),
                ("cpu_us_per_saga_all", number(figures.cost)),
                ("processors_busy", number(figures.processors)),
                ("sagad_rss_bytes", .int(figures.memory.residentBytes)),
                ("sagad_rss_peak_bytes", .int(figures.memory.peakBytes)),
                ("load", number(figures.load)),
            ]))
    }

    private static func json(_ figures: RateFigures) -> Value {
        .map(
            Members([
                ("rate", number(figures.rate)), ("sagas", .int(Int64(figures.sagas))),
                ("end_ms", json(figures.ends)), ("last_event_ms", json(figures.events)),
                ("answer_ms", json(figures.answers)),
                ("sagad_rss_bytes", .int(figures.memory.residentBytes)),
                ("load", number(figures.load)),
            ]))
    }

    private static func json(_ samples: Samples) -> Value {
        .map(
            Members([
                ("p50", number(samples.percentile(0.5).inMilliseconds)),
                ("p99", number(samples.percentile(0.99).inMilliseconds)),
                ("max", number(samples.max.inMilliseconds)),
            ]))
    }

    /// A number with three digits behind the point.
    private static func number(_ number: Double) -> Value {
        .double((number * 1000).rounded() / 1000)
    }
}
