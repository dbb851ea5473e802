/// One metric with all of its series.
struct Family<Cell: SeriesCell> {
    let help: String
    var series: [LabelSet: Cell] = [:]
    /// Takes what comes for the label sets beyond the bound.
    var overflow: Cell?
}

/// All families, by their kind and then by their name in the text.
struct Families {
    var counters: [String: Family<CounterCell>] = [:]
    var gauges: [String: Family<GaugeCell>] = [:]
    var histograms: [String: Family<HistogramCell>] = [:]

    private var count: Int { counters.count + gauges.count + histograms.count }

    /// The cell of a name and labels, made where it is missing; nil where the bound refuses it.
    mutating func cell<Cell: SeriesCell>(
        _ kind: WritableKeyPath<Families, [String: Family<Cell>]>,
        name: String,
        labels: LabelSet,
        bounds: PrometheusBounds,
        help: @autoclosure () -> String,
        make: (SeriesPlace) -> Cell
    ) -> Cell? {
        let name = freeName(name, for: kind)
        if let found = self[keyPath: kind][name]?.series[labels] { return found }
        var family = self[keyPath: kind][name]
        if family == nil {
            guard count < bounds.families else { return nil }
            family = Family(help: help())
        }
        guard var family else { return nil }
        let cell: Cell
        if family.series.count < bounds.labelSets {
            cell = make(SeriesPlace(name: name, labels: labels))
            family.series[labels] = cell
        } else {
            cell = family.overflow ?? make(SeriesPlace(name: name, labels: .overflow))
            family.overflow = cell
        }
        self[keyPath: kind][name] = family
        return cell
    }

    /// Takes a cell out; a family without series goes with it.
    mutating func remove<Cell: SeriesCell>(
        _ cell: Cell, from kind: WritableKeyPath<Families, [String: Family<Cell>]>
    ) {
        let place = cell.place
        guard self[keyPath: kind][place.name]?.series[place.labels] === cell else { return }
        self[keyPath: kind][place.name]?.series[place.labels] = nil
        guard let family = self[keyPath: kind][place.name] else { return }
        if family.series.isEmpty, family.overflow == nil {
            self[keyPath: kind][place.name] = nil
        }
    }

    /// The name, or one with the kind behind it where another kind of metric has it already.
    private func freeName<Cell: SeriesCell>(
        _ name: String, for kind: WritableKeyPath<Families, [String: Family<Cell>]>
    ) -> String {
        if self[keyPath: kind][name] != nil { return name }
        let isTaken =
            counters[name] != nil || gauges[name] != nil || histograms[name] != nil
        return isTaken ? "\(name)_\(Cell.type)" : name
    }
}

extension Families {
    /// One block of text for each family.
    func blocks() -> [TextBlock] {
        blocks(of: counters) + blocks(of: gauges) + blocks(of: histograms)
    }

    private func blocks<Cell: SeriesCell>(of families: [String: Family<Cell>]) -> [TextBlock] {
        families.map { name, family in
            var block = TextBlock(name: name, help: family.help, type: Cell.type)
            var cells = family.series.sorted { $0.key < $1.key }.map(\.value)
            if let overflow = family.overflow { cells.append(overflow) }
            for cell in cells { cell.write(into: &block) }
            return block
        }
    }
}
