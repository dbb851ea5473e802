import CoreMetrics
import GRPCCore
import SagaRuntime
import Synchronization
import Testing

@testable import EventStoreRPC

/// The server as a whole.
@Suite(.timeLimit(.minutes(5))) struct `The gRPC server` {
    @Test func `says so where its port is taken`() async throws {
        try await Rig().serve { rig, _ in
            var second = Rig()
            second.port = rig.port
            let fault = await #expect(throws: RPCListenFault.self) {
                try await second.serve { _, _ in }
            }
            let text = "\(fault.map(String.init(describing:)) ?? "")"
            #expect(text.hasPrefix("cannot listen on 127.0.0.1:\(rig.port): "))
            #expect(text.contains("ddress already in use"))
            #expect(text.hasSuffix("stop what listens there, or choose another grpc.listen"))
        }
    }

    @Test func `takes so many connections, and again when one has gone`() async throws {
        try await Rig(limits: RPCLimits(connections: 1)).serve { rig, _ in
            try await rig.connect { first in
                let store = Rig.Store(wrapping: first)
                try await store.append(.order(1))
                let second = await status {
                    try await rig.connect {
                        try await Rig.Store(wrapping: $0).append(.order(2), timeout: .seconds(1))
                    }
                }
                #expect(second != nil)
                try await store.append(.order(3))
            }
            // The server may see the end of the first connection after it sees the next one.
            try await until {
                await status {
                    try await rig.connect {
                        try await Rig.Store(wrapping: $0).append(.order(4))
                    }
                } == nil
            }
            #expect(rig.door.stored.map(\.id) == ["e-1", "e-3", "e-4"])
        }
    }

    @Test func `ends while a call waits for the store, and says so`() async throws {
        try await Rig().serve { rig, stop in
            rig.door.goAway()
            try await rig.connect { client in
                async let found = status { try await Rig.Store(wrapping: client).append(.order()) }
                try await until { rig.door.calls > 0 }
                await stop()
                let end = await found
                #expect(end?.code == .unavailable)
                #expect(end?.message == "the daemon is stopping: connect again")
            }
        }
    }

    @Test func `finishes an append that is in hand when it stops`() async throws {
        try await Rig().serve { rig, stop in
            let (arrived, leave) = (Gate(), Gate())
            rig.door.mishap {
                arrived.open()
                await leave.wait()
            }
            try await rig.connect { client in
                async let answer = Rig.Store(wrapping: client).append(.order())
                await arrived.wait()
                await stop()
                leave.open()
                let isSuccess = try await answer.isSuccess
                #expect(isSuccess)
            }
            #expect(rig.door.stored.count == 1)
        }
    }

    @Test func `times calls by method and status`() async throws {
        let metrics = KeptTimers()
        var rig = Rig()
        rig.rpc.timers = CallTimers(factory: metrics)
        try await rig.withStore { rig, store in
            try await store.append(.order(1))
            try await store.append(.order(2))
            _ = await status { try await store.createEvent(.init()) }
            _ = await status { try await store.getEvents(.init()) }
        }
        #expect(
            metrics.counts == [
                "eventstore.EventStore/CreateEvent OK": 2,
                "eventstore.EventStore/CreateEvent INVALID_ARGUMENT": 1,
                "eventstore.EventStore/GetEvents INVALID_ARGUMENT": 1,
            ])
    }
}

/// Counts what timers record, by method and status.
final class KeptTimers: MetricsFactory {
    private let records = Mutex<[String: Int]>([:])
    var counts: [String: Int] { records.withLock { $0 } }

    private final class Timer: TimerHandler {
        let name: String
        let factory: KeptTimers
        init(name: String, factory: KeptTimers) {
            self.name = name
            self.factory = factory
        }
        func recordNanoseconds(_ duration: Int64) {
            factory.records.withLock { $0[name, default: 0] += 1 }
        }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Timer(name: dimensions.map(\.1).joined(separator: " "), factory: self)
    }
    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        NOOPMetricsHandler.instance
    }
    func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler { NOOPMetricsHandler.instance }
    func destroyTimer(_ handler: any TimerHandler) {}
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
}
