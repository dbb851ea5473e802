import Histogram
import LoadClient

/// Latencies as an HdrHistogram: microseconds, three significant digits, up to an hour.
///
/// What is put in is to be counted from the time at which something was meant to be done, so that
/// no delay is left out.
struct Latencies: Sendable {
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: Self.highest, numberOfSignificantValueDigits: .three)

    /// The longest latency that is told apart, in microseconds.
    private static let highest: UInt64 = 3_600_000_000

    /// The latencies given, in any order.
    init(_ latencies: some Sequence<Duration> = []) {
        for latency in latencies { record(latency) }
    }

    /// Adds one; what is below a microsecond counts as one.
    mutating func record(_ latency: Duration) {
        let microseconds = UInt64(Swift.max(latency / .microseconds(1), 1).rounded())
        histogram.record(min(microseconds, Self.highest))
    }

    /// How many there are.
    var count: Int { Int(histogram.totalCount) }

    /// The largest; zero where there is none.
    var max: Duration { count == 0 ? .zero : .microseconds(histogram.max) }

    /// The smallest that is not below that share of all, to three digits; zero where there is none.
    ///
    /// - Parameter share: from 0 to 1, such as 0.999.
    func percentile(_ share: Double) -> Duration {
        count == 0 ? .zero : .microseconds(histogram.valueAtPercentile(share * 100))
    }
}
