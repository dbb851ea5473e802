import CoreMetrics
import Testing

@testable import Prometheus

/// A registry whose text holds only what the test wrote.
func quietRegistry(
    bounds: PrometheusBounds = PrometheusBounds(), help: [String: String] = [:],
    buckets: [String: Buckets] = [:]
) -> PrometheusRegistry {
    PrometheusRegistry(bounds: bounds, help: help, buckets: buckets, process: { nil })
}

@Suite struct `The text of a registry` {
    @Test func `is empty before anything is counted`() {
        #expect(quietRegistry().text() == "")
    }

    @Test func `lists families by name and series by labels, each with help and type`() {
        let registry = quietRegistry(help: ["sagad.commits": "Batches committed."])
        Meter(label: "sagad.queue", factory: registry).set(7)
        Counter(label: "sagad.commits", dimensions: [("store", "sqlite")], factory: registry)
            .increment(by: 3)
        Counter(label: "sagad.commits", dimensions: [("store", "postgresql")], factory: registry)
            .increment()
        Gauge(label: "sagad.cache.share", factory: registry).record(0.25)

        #expect(
            registry.text() == """
                # HELP sagad_cache_share sagad.cache.share
                # TYPE sagad_cache_share gauge
                sagad_cache_share 0.25
                # HELP sagad_commits_total Batches committed.
                # TYPE sagad_commits_total counter
                sagad_commits_total{store="postgresql"} 1
                sagad_commits_total{store="sqlite"} 3
                # HELP sagad_queue sagad.queue
                # TYPE sagad_queue gauge
                sagad_queue 7

                """)
    }

    @Test func `gives a timer as a histogram in seconds`() {
        let registry = quietRegistry(buckets: ["commit": Buckets([0.01, 0.1, 1])])
        let timer = Timer(
            label: "commit", dimensions: [("store", "sqlite")], factory: registry)
        timer.recordMilliseconds(10)
        timer.recordMilliseconds(50)
        timer.recordSeconds(3)

        #expect(
            registry.text() == """
                # HELP commit_seconds commit
                # TYPE commit_seconds histogram
                commit_seconds_bucket{store="sqlite",le="0.01"} 1
                commit_seconds_bucket{store="sqlite",le="0.1"} 2
                commit_seconds_bucket{store="sqlite",le="1"} 2
                commit_seconds_bucket{store="sqlite",le="+Inf"} 3
                commit_seconds_sum{store="sqlite"} 3.06
                commit_seconds_count{store="sqlite"} 3

                """)
    }

    @Test func `gives a recorder as a histogram of sizes, and in seconds by its name`() {
        let registry = quietRegistry()
        Recorder(label: "batch.size", factory: registry).record(200)
        Recorder(label: "age_seconds", factory: registry).record(0.2)
        let lines = registry.text().split(separator: "\n")

        #expect(lines.contains("batch_size_bucket{le=\"64\"} 0"))
        #expect(lines.contains("batch_size_bucket{le=\"256\"} 1"))
        #expect(lines.contains("batch_size_sum 200"))
        #expect(lines.contains("age_seconds_bucket{le=\"0.1\"} 0"))
        #expect(lines.contains("age_seconds_bucket{le=\"0.25\"} 1"))
    }

    @Test func `adds whole numbers and fractions of one counter`() {
        let registry = quietRegistry()
        Counter(label: "work_total", factory: registry).increment(by: 2)
        FloatingPointCounter(label: "work_total", factory: registry).increment(by: 0.5)

        #expect(registry.text().hasSuffix("\nwork_total 2.5\n"))
    }

    @Test func `moves a meter up and down`() {
        let registry = quietRegistry()
        let meter = Meter(label: "depth", factory: registry)
        meter.set(10)
        meter.increment(by: 2.5)
        meter.decrement(by: 5.0)

        #expect(registry.text().hasSuffix("\ndepth 7.5\n"))
    }

    @Test func `writes what is not finite as the format names it`() {
        let registry = quietRegistry()
        Meter(label: "a", factory: registry).set(Double.infinity)
        Meter(label: "b", factory: registry).set(-Double.infinity)
        Meter(label: "c", factory: registry).set(Double.nan)
        let values = registry.text().split(separator: "\n").filter { !$0.hasPrefix("#") }

        #expect(values == ["a +Inf", "b -Inf", "c NaN"])
    }

    @Test func `starts a counter anew after a reset and drops what is destroyed`() {
        let registry = quietRegistry()
        let kept = Counter(label: "kept", factory: registry)
        kept.increment(by: 5)
        kept.reset()
        kept.increment()
        let gone = Timer(label: "gone", dimensions: [], factory: registry)
        gone.recordSeconds(1)
        gone.destroy()

        #expect(
            registry.text() == """
                # HELP kept_total kept
                # TYPE kept_total counter
                kept_total 1

                """)
    }
}

@Suite struct `Names and labels` {
    @Test(arguments: [
        ("sagad.commit-time µs", "sagad_commit_time__s_total"),
        ("9lives", "_9lives_total"),
        ("", "__total"),
        ("a:b", "a:b_total"),
        ("done_total", "done_total"),
    ])
    func `become what the format allows`(label: String, name: String) {
        #expect(MetricName.counter(label) == name)
    }

    @Test func `are escaped, sorted, each name once, none of them reserved`() {
        let registry = quietRegistry(help: ["odd": "One \\ and\ntwo"])
        let dimensions = [
            ("z", "a\\b"), ("a b", "say \"hi\"\nnow"), ("le", "1"), ("__name__", "x"),
            ("9", "nine"), ("z", "last"),
        ]
        Meter(label: "odd", dimensions: dimensions, factory: registry).set(1)

        #expect(
            registry.text() == #"""
                # HELP odd One \\ and\ntwo
                # TYPE odd gauge
                odd{_9="nine",_name__="x",a_b="say \"hi\"\nnow",le_="1",z="last"} 1

                """#)
    }

    @Test func `are one series whatever the order of the dimensions`() {
        let registry = quietRegistry()
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()

        #expect(registry.text().hasSuffix("\nc_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test func `are cut at the bound, between characters`() {
        let registry = quietRegistry(bounds: PrometheusBounds(labelValueBytes: 5))
        Counter(label: "c", dimensions: [("k", "ab\u{00e9}\u{00e9}")], factory: registry)
            .increment()

        #expect(registry.text().hasSuffix("\nc_total{k=\"ab\u{00e9}\"} 1\n"))
    }

    @Test func `of two kinds of metric with one name are told apart`() {
        let registry = quietRegistry()
        Meter(label: "x", factory: registry).set(1)
        Recorder(label: "x", factory: registry).record(1)
        Recorder(label: "x", factory: registry).record(1)

        #expect(registry.text().contains("\nx 1\n"))
        #expect(registry.text().contains("\nx_histogram_count 2\n"))
    }
}

@Suite struct `A registry with bounds` {
    @Test func `counts label sets beyond the bound in the overflow series`() {
        let registry = quietRegistry(bounds: PrometheusBounds(labelSets: 2))
        for customer in 1...5 {
            Counter(
                label: "orders", dimensions: [("customer", "\(customer)")], factory: registry
            ).increment()
        }
        Counter(label: "orders", dimensions: [("customer", "1")], factory: registry).increment()

        #expect(
            registry.text() == """
                # HELP orders_total orders
                # TYPE orders_total counter
                orders_total{customer="1"} 2
                orders_total{customer="2"} 1
                orders_total{overflow="true"} 3

                """)
    }

    @Test func `says how often it refused a family beyond the bound`() {
        let registry = quietRegistry(bounds: PrometheusBounds(families: 1))
        Counter(label: "a", factory: registry).increment()
        Counter(label: "b", factory: registry).increment()

        #expect(
            registry.text() == """
                # HELP a_total a
                # TYPE a_total counter
                a_total 1
                # HELP prometheus_refused_series_total Requests for a metric that the bound on \
                metrics refused.
                # TYPE prometheus_refused_series_total counter
                prometheus_refused_series_total 1

                """)
    }
}

@Suite struct `A registry under many writers` {
    @Test func `loses no increment and makes each series once`() async {
        let registry = quietRegistry()
        let writers = 8
        let rounds = 2_000
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for round in 0..<rounds {
                        Counter(
                            label: "n", dimensions: [("k", "\(round % 4)")], factory: registry
                        ).increment()
                        FloatingPointCounter(label: "f", factory: registry).increment(by: 0.5)
                        Timer(label: "t", dimensions: [], factory: registry).recordSeconds(1)
                        if writer == 0, round % 100 == 0 { _ = registry.text() }
                    }
                }
            }
        }
        let lines = registry.text().split(separator: "\n")

        for key in 0..<4 {
            #expect(lines.contains("n_total{k=\"\(key)\"} \(writers * rounds / 4)"))
        }
        #expect(lines.contains("f_total \(writers * rounds / 2)"))
        #expect(lines.contains("t_seconds_count \(writers * rounds)"))
        #expect(lines.contains("t_seconds_sum \(writers * rounds)"))
    }
}

@Suite struct `The figures of the process` {
    @Test func `are read from a stat line whose program name holds blanks and brackets`() {
        let figures = ProcessFigures(
            stat: "42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 9 0 1000 "
                + "500000000 2048 18446744073709551615",
            openDescriptors: 12, bootedAt: 1_700_000_000, ticksPerSecond: 100, pageBytes: 4096)

        #expect(
            figures
                == ProcessFigures(
                    residentBytes: 2048 * 4096, cpuSeconds: 2, openDescriptors: 12,
                    startSeconds: 1_700_000_010))
    }

    @Test func `are refused where the line is cut short`() {
        let figures = ProcessFigures(
            stat: "42 (a) S 1 42", openDescriptors: 1, bootedAt: 0, ticksPerSecond: 100,
            pageBytes: 4096)
        #expect(figures == nil)
    }

    @Test func `stand among the other families`() {
        let figures = ProcessFigures(
            residentBytes: 1024, cpuSeconds: 1.5, openDescriptors: 7, startSeconds: 1_700_000_000.25
        )
        let registry = PrometheusRegistry(process: { figures })
        Counter(label: "z", factory: registry).increment()

        #expect(
            registry.text() == """
                # HELP process_cpu_seconds_total CPU time in user and system mode, in seconds.
                # TYPE process_cpu_seconds_total counter
                process_cpu_seconds_total 1.5
                # HELP process_open_fds Open file descriptors.
                # TYPE process_open_fds gauge
                process_open_fds 7
                # HELP process_resident_memory_bytes Resident memory, in bytes.
                # TYPE process_resident_memory_bytes gauge
                process_resident_memory_bytes 1024
                # HELP process_start_time_seconds When the process started, in seconds since 1970.
                # TYPE process_start_time_seconds gauge
                process_start_time_seconds 1700000000.25
                # HELP z_total z
                # TYPE z_total counter
                z_total 1

                """)
    }

    @Test func `of this process are plausible`() throws {
        let figures = try #require(ProcessFigures.ownReader()())
        #expect(figures.residentBytes > 1_000_000)
        #expect(figures.openDescriptors >= 3)
        #expect(figures.startSeconds > 1_600_000_000)
    }

    @Test func `of this process count its descriptors as a listing does`() throws {
        let listed = try #require(ProcessFigures.countEntries("/proc/self/fd"))
        let figures = try #require(ProcessFigures.ownReader()())
        // Other tests open and close some meanwhile.
        #expect(abs(figures.openDescriptors - listed) <= 8)
    }
}
