import GRPCCore
import LoadClient
import SagaCore
import SwiftProtobuf
import Testing

@testable import BenchLoad
@testable import EventStoreRPC

@Suite struct `The bench's append` {
    /// Lengths of one byte and of two.
    @Test(arguments: ["e-1", String(repeating: "é", count: 127)])
    func `is written as the generated code reads it`(id: String) throws {
        let event = BenchEvent(id: id, aggregate: "o-1")
        let bytes: [UInt8] = AppendCall.Writer().serialize(event)
        let request = try Eventstore_CreateEventRequest(serializedBytes: bytes)
        let written: [UInt8] = try request.serializedBytes()
        #expect(written == bytes)
        let read = request.event
        #expect(read.eventID == id)
        #expect(read.aggregateID == "o-1")
        #expect(read.stream == "ORDERS")
        #expect(read.eventType == "ORDERS.noted")
        #expect(read.aggregateType == "order")
        #expect(try Value(json: Array(read.eventData.utf8))["by"] == "c-1")
    }

    @Test(arguments: [true, false])
    func `reads whether it succeeded`(isSuccess: Bool) throws {
        let answer = Eventstore_CreateEventResponse.with { $0.isSuccess = isSuccess }
        let bytes: [UInt8] = try answer.serializedBytes()
        #expect(AppendCall.Reader().deserialize(bytes) == isSuccess)
    }
}

@Suite struct `The bench's report` {
    private static let machine = Machine(
        processor: "p", cores: 2, memory: 1 << 30, kernel: "k", system: "s",
        sync: .milliseconds(1), load: 0)

    private static func appends(_ clients: Int, _ events: Int) -> AppendFigures {
        AppendFigures(
            clients: clients, events: events, elapsed: .seconds(2),
            answers: Samples([.milliseconds(3)]),
            costs: [ProcessCost(process: "sagad", microseconds: 100)],
            memory: ProcessFigures(cpuSeconds: 1, residentBytes: 1 << 20, peakBytes: 2 << 20),
            load: 1)
    }

    @Test func `has what was measured of each store, and a dash for what was not`() {
        var postgres = StoreFigures(kind: .postgresql)
        postgres.appends = [Self.appends(1, 200), Self.appends(16, 2000)]
        postgres.projection = ProjectionFigures(events: 900, elapsed: .seconds(3), load: 1)
        let report = BenchReport(
            BenchFigures(machine: Self.machine, stores: [postgres, StoreFigures(kind: .sqlite)]))
        let rows = report.table.lines.map { line in
            line.split(separator: "  ").map { String($0).trimmed }.filter { !$0.isEmpty }
        }
        #expect(rows.contains(["appended by one gRPC client: events/s", "100", "–"]))
        #expect(rows.contains(["appended by 16 gRPC clients: events/s", "1000", "–"]))
        #expect(rows.contains(["all views made anew: events/s", "300", "–"]))
        #expect(!rows.contains { $0.first?.contains("sagas/s") == true })
        let json = report.json["stores"]?.elements
        #expect(json?.first?["appends"]?.elements?.last?["events_per_second"]?.whole == 1000)
        #expect(json?.first?["rebuild"]?["events"]?.whole == 900)
        #expect(json?.last?["appends"] == nil)
    }

    @Test func `divides the processor time of each process by what was done in it`() {
        let costs = ProcessCost.costs(
            from: [("sagad", 1), ("postgres", 2)], to: [("sagad", 1.5), ("postgres", 2)], for: 1000)
        #expect(
            costs == [
                ProcessCost(process: "sagad", microseconds: 500),
                ProcessCost(process: "postgres", microseconds: 0),
            ])
    }
}

extension String {
    /// The text without blanks around it.
    fileprivate var trimmed: String {
        let words = split(separator: " ")
        return words.joined(separator: " ")
    }
}
