/// The upper bounds of a histogram's buckets, rising; what lies above the last is in `+Inf`.
package struct Buckets: Sendable {
    /// The upper bounds, each one included in its bucket.
    package let bounds: [Double]

    /// Makes buckets from bounds in any order.
    package init(_ bounds: [Double]) {
        self.bounds = bounds.sorted()
    }

    /// For durations, in seconds: from half a millisecond to a minute.
    package static let seconds = Buckets([
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ])

    /// For numbers of things: the powers of four up to about a million.
    package static let sizes = Buckets((0...10).map { Double(1 << (2 * $0)) })

    /// The first bucket whose bound is not below the value.
    func index(of value: Double) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
