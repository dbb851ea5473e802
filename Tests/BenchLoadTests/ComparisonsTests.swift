import BenchLimit
import LoadClient
import SagaCore
import Testing

@testable import BenchLoad

@Suite struct `What the daemon is compared with` {
    private static func saturation(_ sagas: Int) -> SaturationFigures {
        SaturationFigures(
            inFlight: 2048, sagas: sagas, elapsed: .seconds(1), answers: Samples([.zero]),
            costs: [ProcessCost(process: "sagad", microseconds: 100)], lags: Samples([.zero]),
            catchingUp: .zero,
            memory: ProcessFigures(cpuSeconds: 0, residentBytes: 0, peakBytes: 0), load: 1)
    }

    private static func floor(_ sagas: Int) throws -> FloorRun {
        try FloorRun(
            Value(
                json: """
                    {"sagas": \(sagas), "seconds": 0.5, "processor_seconds": 0.1, "commits": 40}
                    """), others: [ProcessCost(process: "postgres", microseconds: 7)])
    }

    @Test func `is a floor whose median is its measure, with what each half took`() throws {
        let figures = LimitFigures(
            daemon: [Self.saturation(900), Self.saturation(1500), Self.saturation(1000)],
            floor: [try Self.floor(1000), try Self.floor(500), try Self.floor(1250)])
        #expect(figures.ratio == 0.5)
        #expect(
            figures.floor[0].costs == [
                ProcessCost(process: "the store half", microseconds: 100),
                ProcessCost(process: "postgres", microseconds: 7),
            ])
        #expect(LimitFigures.median([4, 1, 3, 2]) == 2)
        #expect(LimitFigures.median([]) == 0)
    }

    @Test func `is a peer that has completed all of its sagas`() throws {
        let whole: Value = [
            "peer": "p", "sagas": 10, "completed": 10, "seconds": 2, "cpu_us_per_saga": 5.5,
        ]
        let run = try PeerRun(whole, others: [])
        #expect(run.perSecond == 5)
        var members = try #require(whole.members)
        members["completed"] = 9
        #expect(throws: LaunchFailure.self) { try PeerRun(.map(members), others: []) }
    }

    @Test func `stands in the table and in the JSON`() throws {
        var store = StoreFigures(kind: .postgresql)
        store.limit = LimitFigures(daemon: [Self.saturation(600)], floor: [try Self.floor(400)])
        store.growth = [10_000, 1_000_000].map { finished in
            GrowthFigures(
                finished: finished, bytes: 5 << 20, ready: .milliseconds(120),
                saturation: Self.saturation(finished == 10_000 ? 1000 : 900))
        }
        store.peers = PeersFigures(
            daemon: Self.saturation(1000),
            runs: [
                try PeerRun(
                    [
                        "peer": "slow", "sagas": 100, "completed": 100, "seconds": 5,
                        "cpu_us_per_saga": 1,
                    ], others: [])
            ])
        let machine = Machine(
            processor: "p", cores: 2, memory: 1 << 30, kernel: "k", system: "s",
            sync: .milliseconds(1), load: 0)
        let report = BenchReport(BenchFigures(machine: machine, stores: [store]))
        let lines = report.table.lines
        func last(_ start: String) -> Substring? {
            lines.first { $0.hasPrefix(start) }?.split(separator: " ").last
        }
        #expect(last("  sagad's of the floor's") == "75")
        #expect(last("with 1000000 finished sagas") == "900")
        #expect(
            lines.filter { $0.hasPrefix("  of that with the fewest") }.last?.hasSuffix(" 90")
                == true)
        #expect(last("  sagad is so many times as fast") == "50.0")
        let json = report.json["stores"]?.elements?.first
        #expect(json?["limit"]?["ratio"] == .double(0.75))
        #expect(json?["growth"]?.elements?.last?["ready_ms"]?.whole == 120)
        #expect(json?["peers"]?["peers"]?.elements?.first?["times_slower"]?.whole == 50)
    }
}

@Suite struct `The recording of an order` {
    private static let recording = Recording(
        input: Array("{}".utf8),
        rows: (0..<3).map { place in
            Recording.Row(
                place < 2 ? .running : .completed, state: Array("{\"é\":\(place)}".utf8),
                journal: Array("[]".utf8), wakes: place < 2, keepsWakeUp: place == 1,
                event: (type: "ORDERS.e\(place)", body: [0x7B, 0x7D]))
        },
        commands: (0..<2).map { place in
            Recording.Sent(
                subject: "saga.command.\(place)", [("Saga-Id", "1"), ("b", "2")], body: [0x7B])
        },
        events: (0..<3).map { Recording.Sent(subject: "ORDERS.e\($0)", [], body: []) },
        replies: [[0x31], [0x32]], view: Array("{\"a\":1}".utf8))

    @Test func `reads as it was written`() throws {
        let read = try Recording(json: Value(json: Self.recording.json.jsonText))
        #expect(read == Self.recording)
    }

    @Test(arguments: ["input", "rows", "commands", "events", "replies", "view"])
    func `is refused where a part is missing`(member: String) throws {
        var members = try #require(Self.recording.json.members)
        members[member] = nil
        let problem = #expect(throws: RecordingProblem.self) {
            try Recording(json: .map(members))
        }
        #expect(problem?.member == member)
    }

    @Test func `is refused where it has fewer transitions than an order`() throws {
        var short = Self.recording
        short.rows.removeLast()
        short.events.removeLast()
        short.commands.removeLast()
        short.replies.removeLast()
        #expect(throws: RecordingProblem.self) { try Recording(json: short.json) }
    }
}
