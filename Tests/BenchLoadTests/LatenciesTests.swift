import LoadClient
import Testing

@testable import BenchLoad

@Suite struct `The latencies of the bench` {
    @Test func `are told to three digits, however long they are`() {
        let latencies = Latencies((1...100_000).map { .microseconds($0 * 10) })
        #expect(latencies.count == 100_000)
        for (share, exact) in [(0.5, 500.0), (0.9, 900), (0.99, 990), (0.999, 999)] {
            let found = latencies.percentile(share).inMilliseconds
            #expect(abs(found - exact) / exact < 0.001)
        }
        #expect(abs(latencies.max.inMilliseconds - 1000) < 1)
    }

    @Test func `of one that was late by a second show it at the very end only`() {
        var latencies = Latencies(repeatElement(.milliseconds(5), count: 1999))
        latencies.record(.seconds(1))
        #expect(latencies.percentile(0.99).inMilliseconds < 5.01)
        #expect(latencies.percentile(0.999).inMilliseconds < 5.01)
        #expect(latencies.percentile(1).inMilliseconds > 999)
    }

    @Test func `hold what is shorter than a microsecond and longer than an hour`() {
        let latencies = Latencies([.nanoseconds(1), .seconds(2 * 3600)])
        #expect(latencies.count == 2)
        #expect(latencies.percentile(0.5) == .microseconds(1))
        #expect(latencies.max.inSeconds > 3500)
    }

    @Test func `are nothing where there are none`() {
        #expect(Latencies().percentile(0.99) == .zero)
        #expect(Latencies().max == .zero)
    }
}
