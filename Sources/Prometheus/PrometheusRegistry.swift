package import CoreMetrics
import Synchronization

/// The metrics of this process, kept for Prometheus to read as text.
///
/// Bootstrap swift-metrics with it once; every label that the code uses then becomes a family here.
/// The same label with the same dimensions is one series, however often it is made.
///
/// - Counters end in `_total`; timers are histograms in seconds and end in `_seconds`.
/// - Recorders are histograms, gauges (a recorder that does not aggregate) and meters are gauges.
/// - A label set beyond the bound of its family counts in the family's `overflow` series.
package final class PrometheusRegistry: Sendable {
    /// The value of the `Content-Type` header that belongs to `text()`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let bounds: PrometheusBounds
    private let help: [String: String]
    private let buckets: [String: Buckets]
    private let process: @Sendable () -> ProcessFigures?
    private let families = Mutex(Families())
    private let refused = Atomic<Int>(0)

    /// Makes an empty registry.
    ///
    /// - Parameters:
    ///   - bounds: how much the registry keeps at most.
    ///   - help: what a metric means, by its swift-metrics label; a label stands in where none is.
    ///   - buckets: the buckets of recorders and timers, by label, where the usual ones do not fit.
    ///   - process: reads the figures of the process; nil leaves them out of the text.
    package init(
        bounds: PrometheusBounds = PrometheusBounds(),
        help: [String: String] = [:],
        buckets: [String: Buckets] = [:],
        process: @escaping @Sendable () -> ProcessFigures? = ProcessFigures.ownReader()
    ) {
        self.bounds = bounds
        self.help = help
        self.buckets = buckets
        self.process = process
    }

    /// Everything now, in the text exposition format 0.0.4, sorted by name and then by labels.
    package func text() -> String {
        let now = families.withLock { $0 }
        var blocks = now.blocks()
        let refusals = refused.load(ordering: .relaxed)
        if refusals > 0 {
            let name = "prometheus_refused_series_total"
            let help = "Requests for a metric that the bound on metrics refused."
            blocks.append(
                TextBlock(name: name, help: help, type: "counter", value: "\(refusals)"))
        }
        if let figures = process() {
            blocks += figures.blocks()
        }
        return blocks.sorted { $0.name < $1.name }.map(\.text).joined()
    }

    private func cell<Cell: SeriesCell>(
        _ kind: WritableKeyPath<Families, [String: Family<Cell>]>,
        label: String,
        name: String,
        dimensions: [(String, String)],
        make: (SeriesPlace) -> Cell
    ) -> Cell {
        let labels = LabelSet(dimensions, valueLimit: bounds.labelValueBytes)
        let found = families.withLock { families in
            families.cell(
                kind, name: name, labels: labels, bounds: bounds,
                help: help[label] ?? label, make: make)
        }
        if let found { return found }
        refused.add(1, ordering: .relaxed)
        return make(SeriesPlace(name: name, labels: labels))
    }

    private func histogram(
        label: String, name: String, dimensions: [(String, String)], usual: Buckets
    ) -> HistogramCell {
        let bounds = buckets[label] ?? usual
        return cell(\.histograms, label: label, name: name, dimensions: dimensions) {
            HistogramCell(place: $0, buckets: bounds)
        }
    }

    private func counter(label: String, dimensions: [(String, String)]) -> CounterCell {
        let name = MetricName.counter(label)
        return cell(\.counters, label: label, name: name, dimensions: dimensions) {
            CounterCell(place: $0)
        }
    }

    private func gauge(label: String, dimensions: [(String, String)]) -> GaugeCell {
        let name = MetricName.plain(label)
        return cell(\.gauges, label: label, name: name, dimensions: dimensions) {
            GaugeCell(place: $0)
        }
    }

    private func remove<Cell: SeriesCell>(
        _ cell: Cell?, from kind: WritableKeyPath<Families, [String: Family<Cell>]>
    ) {
        guard let cell else { return }
        families.withLock { $0.remove(cell, from: kind) }
    }
}

extension PrometheusRegistry: MetricsFactory {
    /// The counter of this label and these dimensions.
    package func makeCounter(
        label: String, dimensions: [(String, String)]
    ) -> any CounterHandler {
        counter(label: label, dimensions: dimensions)
    }

    /// The counter of this label and these dimensions; it takes fractions too.
    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label: label, dimensions: dimensions)
    }

    /// The gauge of this label and these dimensions.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label: label, dimensions: dimensions)
    }

    /// The histogram of this label and these dimensions, or the gauge where it does not aggregate.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return gauge(label: label, dimensions: dimensions) }
        let name = MetricName.plain(label)
        let usual = name.hasSuffix("_seconds") ? Buckets.seconds : Buckets.sizes
        return histogram(label: label, name: name, dimensions: dimensions, usual: usual)
    }

    /// The histogram in seconds of this label and these dimensions.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(
            label: label, name: MetricName.timer(label), dimensions: dimensions, usual: .seconds)
    }

    /// Leaves the counter out of the text from now on.
    package func destroyCounter(_ handler: any CounterHandler) {
        remove(handler as? CounterCell, from: \.counters)
    }

    /// Leaves the counter out of the text from now on.
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        remove(handler as? CounterCell, from: \.counters)
    }

    /// Leaves the gauge out of the text from now on.
    package func destroyMeter(_ handler: any MeterHandler) {
        remove(handler as? GaugeCell, from: \.gauges)
    }

    /// Leaves the histogram or gauge out of the text from now on.
    package func destroyRecorder(_ handler: any RecorderHandler) {
        remove(handler as? GaugeCell, from: \.gauges)
        remove(handler as? HistogramCell, from: \.histograms)
    }

    /// Leaves the histogram out of the text from now on.
    package func destroyTimer(_ handler: any TimerHandler) {
        remove(handler as? HistogramCell, from: \.histograms)
    }
}

/// How much a registry keeps at most.
package struct PrometheusBounds: Sendable {
    /// The most families; series of a further one count nowhere.
    package var families: Int
    /// The most label sets in one family; further ones count in its `overflow` series.
    package var labelSets: Int
    /// The longest label value, in bytes of UTF-8; a longer one is cut.
    package var labelValueBytes: Int

    /// Makes bounds; the usual ones keep the text under some hundred kilobytes.
    package init(families: Int = 500, labelSets: Int = 200, labelValueBytes: Int = 128) {
        self.families = families
        self.labelSets = labelSets
        self.labelValueBytes = labelValueBytes
    }
}
