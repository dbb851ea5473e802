import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import LoadClient
import NIOCore
import NIOPosix

/// Events appended over gRPC: each client has a connection of its own, and appends the next event
/// when the last was answered, that is when it was durable.
struct Appending: Sendable {
    typealias Transport = HTTP2ClientTransport.WrappedChannel

    let rig: Rig
    let clients: Int
    let seconds: Int

    /// How long the appends take that come before any measuring, in seconds.
    static let warmUp = 2
    /// So many events of an aggregate come one after the other.
    private static let eventsPerAggregate = 10
    private static let counter = "sagad_events_appended_total"

    /// Appends for that long; the name keeps the events of several runs apart.
    func run(_ name: String) async throws -> AppendFigures {
        let reader = SagaReader(port: rig.daemon.port)
        let countBefore = Int(try await reader.metric(Self.counter))
        let timesBefore = await rig.processorTimes()
        let start = ContinuousClock.now
        let calls = try await appendAll(name, until: start + .seconds(seconds))
        let elapsed = (calls.map(\.end).max() ?? start) - start
        let timesAfter = await rig.processorTimes()
        let counted = Int(try await reader.metric(Self.counter)) - countBefore
        guard counted == calls.count else {
            throw LaunchFailure(
                description: "\(calls.count) appends were answered, but \(Self.counter) counted "
                    + "\(counted)")
        }
        return AppendFigures(
            clients: clients, events: calls.count, elapsed: elapsed,
            answers: Samples(calls.map(\.duration)),
            costs: ProcessCost.costs(from: timesBefore, to: timesAfter, for: calls.count),
            memory: try await rig.daemonMemory(), load: Machine.load())
    }

    /// One call that was answered.
    private struct Call: Sendable {
        var duration: Duration
        var end: ContinuousClock.Instant
    }

    private func appendAll(
        _ name: String, until end: ContinuousClock.Instant
    ) async throws -> [Call] {
        try await withThrowingTaskGroup(of: [Call].self) { group in
            for client in 0..<clients {
                group.addTask { @Sendable @concurrent in
                    do {
                        return try await append("\(name)-\(client)", until: end)
                    } catch let error as RPCError {
                        throw LaunchFailure(
                            description: "an append was answered \(error.code): \(error.message)")
                    }
                }
            }
            var all: [Call] = []
            for try await part in group { all += part }
            return all
        }
    }

    private func append(
        _ name: String, until end: ContinuousClock.Instant
    ) async throws -> [Call] {
        let transport = try await Transport.wrapping { configure in
            try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: rig.daemon.grpcPort) { configure($0) }
        }
        return try await withGRPCClient(transport: transport) { client in
            var calls: [Call] = []
            while ContinuousClock.now < end {
                let aggregate = "\(name)-\(calls.count / Self.eventsPerAggregate)"
                let event = BenchEvent(id: "\(name):\(calls.count)", aggregate: aggregate)
                let began = ContinuousClock.now
                guard try await AppendCall.make(event, on: client) else {
                    throw LaunchFailure(description: "event \(event.id) was not appended")
                }
                let now = ContinuousClock.now
                calls.append(Call(duration: now - began, end: now))
            }
            return calls
        }
    }
}
