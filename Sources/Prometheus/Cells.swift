import CoreMetrics
import Synchronization

/// Where a series stands in the text.
struct SeriesPlace: Sendable {
    let name: String
    let labels: LabelSet
}

/// The values behind one series, which also is the handler that swift-metrics writes to.
protocol SeriesCell: AnyObject, Sendable {
    /// The word behind `# TYPE name`.
    static var type: String { get }
    var place: SeriesPlace { get }
    func write(into block: inout TextBlock)
}

/// A sum that only grows, in whole numbers and in fractions.
final class CounterCell: SeriesCell, CounterHandler, FloatingPointCounterHandler {
    static let type = "counter"
    let place: SeriesPlace
    private let whole = Atomic<Int64>(0)
    private let fraction = AtomicDouble()

    init(place: SeriesPlace) { self.place = place }

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        whole.wrappingAdd(amount, ordering: .relaxed)
    }

    func increment(by amount: Double) {
        guard amount.isFinite, amount > 0 else { return }
        fraction.add(amount)
    }

    func reset() {
        whole.store(0, ordering: .relaxed)
        fraction.store(0)
    }

    func write(into block: inout TextBlock) {
        let count = whole.load(ordering: .relaxed)
        let rest = fraction.load()
        let value = rest == 0 ? "\(count)" : TextBlock.number(Double(count) + rest)
        block.add(labels: place.labels, value: value)
    }
}

/// A value that goes up and down.
final class GaugeCell: SeriesCell, MeterHandler, RecorderHandler {
    static let type = "gauge"
    let place: SeriesPlace
    private let value = AtomicDouble()

    init(place: SeriesPlace) { self.place = place }

    func set(_ value: Int64) { self.value.store(Double(value)) }
    func set(_ value: Double) { self.value.store(value) }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func increment(by amount: Double) {
        guard amount.isFinite else { return }
        value.add(amount)
    }

    func decrement(by amount: Double) { increment(by: -amount) }

    func write(into block: inout TextBlock) {
        block.add(labels: place.labels, value: TextBlock.number(value.load()))
    }
}

/// How many recorded values lie under each bound, and their sum.
final class HistogramCell: SeriesCell, RecorderHandler, TimerHandler {
    static let type = "histogram"
    private static let nanosecondsPerSecond = 1e9

    private struct State {
        /// One count for each bucket, and one for what lies above the last bound.
        var counts: [Int]
        var sum = 0.0
    }

    let place: SeriesPlace
    private let buckets: Buckets
    private let state: Mutex<State>

    init(place: SeriesPlace, buckets: Buckets) {
        self.place = place
        self.buckets = buckets
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.bounds.count + 1)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let index = buckets.index(of: value)
        state.withLock {
            $0.counts[index] += 1
            $0.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) / Self.nanosecondsPerSecond)
    }

    func write(into block: inout TextBlock) {
        let now = state.withLock { $0 }
        var running = 0
        for (bound, count) in zip(buckets.bounds, now.counts) {
            running += count
            let labels = place.labels.adding(bound: TextBlock.number(bound))
            block.add(suffix: "_bucket", labels: labels, value: "\(running)")
        }
        running += now.counts.last ?? 0
        let last = place.labels.adding(bound: "+Inf")
        block.add(suffix: "_bucket", labels: last, value: "\(running)")
        block.add(suffix: "_sum", labels: place.labels, value: TextBlock.number(now.sum))
        block.add(suffix: "_count", labels: place.labels, value: "\(running)")
    }
}

/// A floating-point number that several threads add to.
struct AtomicDouble: ~Copyable, Sendable {
    private let bits = Atomic<UInt64>(0)

    func load() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (done, seen) = bits.weakCompareExchange(
                expected: old, desired: new, ordering: .relaxed)
            if done { return }
            old = seen
        }
    }
}
