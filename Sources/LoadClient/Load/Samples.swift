/// Measured durations, all of them: percentiles are exact.
package struct Samples: Sendable, Equatable {
    private let sorted: [Duration]

    /// The samples given, in any order.
    package init(_ samples: some Sequence<Duration>) { sorted = samples.sorted() }

    /// How many there are.
    package var count: Int { sorted.count }

    /// The largest; zero where there is none.
    package var max: Duration { sorted.last ?? .zero }

    /// The smallest sample that is not below that share of all samples; zero where there is none.
    ///
    /// - Parameter share: from 0 to 1, such as 0.99.
    package func percentile(_ share: Double) -> Duration {
        guard !sorted.isEmpty else { return .zero }
        let rank = (share * Double(sorted.count)).rounded(.up)
        return sorted[min(Swift.max(Int(rank), 1), sorted.count) - 1]
    }
}

extension Duration {
    /// The duration in seconds.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// The duration in milliseconds.
    package var inMilliseconds: Double { inSeconds * 1000 }
}
