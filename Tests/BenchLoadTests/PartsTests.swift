import ArgumentParser
import LoadClient
import SagaCore
import Testing

@testable import BenchLoad

@Suite struct `The bench's parts` {
    @Test func `are chosen by their names`() throws {
        #expect(try BenchPart.list("latency,waiting") == [.latency, .waiting])
    }

    @Test(arguments: ["latency,wait", "", ","])
    func `are refused where a name is none`(text: String) {
        #expect(throws: ValidationError.self) { try BenchPart.list(text) }
    }

    @Test(arguments: [
        ["--only", "latencies"], ["--rates", "20,x"], ["--rates", "0"], ["--orders", "0"],
        ["--setting", "lanes"], ["--store", "mysql"],
    ])
    func `are refused with arguments that mean nothing`(arguments: [String]) {
        #expect(throws: (any Error).self) { try BenchCommand.parse(arguments) }
    }
}

@Suite struct `The bench's report of its parts` {
    private static let memory = ProcessFigures(
        cpuSeconds: 1, residentBytes: 50 << 20, peakBytes: 60 << 20)

    private static func saturation(_ sagas: Int, inFlight: Int = 2048) -> SaturationFigures {
        SaturationFigures(
            inFlight: inFlight, sagas: sagas, elapsed: .seconds(2),
            answers: Samples([.milliseconds(3)]),
            costs: [ProcessCost(process: "sagad", microseconds: 100)], lags: Samples([.zero]),
            catchingUp: .zero, memory: memory, load: 1)
    }

    private static func rate(_ rate: Double, milliseconds: Int) -> RateFigures {
        let latencies = Latencies([.milliseconds(milliseconds)])
        return RateFigures(
            rate: rate, sagas: 1, answers: latencies, ends: latencies, events: latencies,
            lags: Samples([.zero]), memory: memory, load: 1)
    }

    private static var store: StoreFigures {
        var store = StoreFigures(kind: .postgresql)
        store.saturations = [saturation(600, inFlight: 16), saturation(2000)]
        store.rates = [rate(20, milliseconds: 1), rate(100, milliseconds: 2)]
        store.rejections = RejectionFigures(
            saturation: saturation(1800), rates: [rate(20, milliseconds: 16)])
        store.intake = IntakeFigures(
            orders: 6000, elapsed: .seconds(2), answers: Latencies([.milliseconds(1)]),
            costs: [ProcessCost(process: "sagad", microseconds: 50)], memory: memory,
            drained: .seconds(3))
        store.daemons = [
            DaemonsFigures(
                daemons: 1, saturation: saturation(2000),
                conflicts: Conflicts(commits: 400, versions: 0, rollbacks: 0)),
            DaemonsFigures(
                daemons: 2, saturation: saturation(1900),
                conflicts: Conflicts(commits: 400, versions: 1, rollbacks: 2)),
        ]
        store.waiting = WaitingFigures(
            sagas: 1000, takenPerSecond: 500, idleBytes: 30 << 20, waitingBytes: 90 << 20,
            restartedBytes: 80 << 20, startedEmpty: .milliseconds(120),
            started: .milliseconds(140), firstEnd: .seconds(1), resumed: .seconds(4))
        return store
    }

    private static let report = BenchReport(
        BenchFigures(
            machine: Machine(
                processor: "p", cores: 2, memory: 1 << 30, kernel: "k", system: "s",
                sync: .milliseconds(1), load: 0), stores: [store]))

    @Test func `has a row for each rate, each number of daemons, and each look at memory`() {
        let lines = Self.report.table.lines
        func row(_ start: String) -> [Substring]? {
            lines.first { $0.hasPrefix(start) }?.split(separator: " ")
        }
        #expect(row("as fast as they are taken")?.last == "1000")
        #expect(row("with 16 on their way")?.last == "300")
        let lowest = row("POST to the last event p50 / p99 / p99.9, ms, at 20")
        #expect(lowest?.suffix(5).first == "1.0")
        #expect(row("  the same, at 100")?.suffix(5).first == "2.0")
        #expect(row("intake alone")?.last == "3000")
        #expect(row("2 daemons")?.last == "950")
        #expect(row("  of one daemon's, %")?.last == "95")
        #expect(lines.contains { $0.hasSuffix("0.25 / 0.50") })
        #expect(lines.contains { $0.hasSuffix("30 MiB / 90 MiB / 80 MiB") })
        #expect(row("  ended a second")?.last == "250")
    }

    @Test func `gives programs what it gives people, and what it gave them before`() {
        let json = Self.report.json["stores"]?.elements?.first
        #expect(json?["saturation"]?["sagas_per_second"]?.whole == 1000)
        #expect(json?["load_steps"]?.elements?.first?["in_flight"]?.whole == 16)
        #expect(json?["fixed_rate"]?["rate"]?.whole == 100)
        #expect(json?["latency"]?.elements?.map { $0["end_ms"]?["p99_9"]?.whole } == [1, 2])
        #expect(json?["rejections"]?["latency"]?.elements?.count == 1)
        #expect(json?["intake"]?["orders_per_second"]?.whole == 3000)
        #expect(json?["daemons"]?.elements?.last?["conflicts_per_commit"] == .double(0.0075))
        #expect(json?["waiting"]?["started_ms"]?.whole == 140)
    }
}
