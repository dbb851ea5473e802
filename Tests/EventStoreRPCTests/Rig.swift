import CoreMetrics
import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import SagaCore
import SagaRuntime
import ServiceLifecycle
import SwiftProtobuf
import Synchronization

@testable import EventStoreRPC

/// The services over a fake door, and the server when it runs.
struct Rig {
    typealias Transport = HTTP2ClientTransport.WrappedChannel
    typealias Client = GRPCClient<Transport>
    typealias Store = Eventstore_EventStore.Client<Transport>
    typealias Health = Grpc_Health_V1_Health.Client<Transport>

    let clock = DatabaseClock(machineTime: Instant(microseconds: 1_000_000))
    let door: FakeEventDoor
    let ready = Readable(true)
    var rpc: EventStoreRPC
    var security = ServerSecurity.plaintext
    var port = 0

    init(limits: RPCLimits = RPCLimits(), streams: [String: String] = ["ORDERS": "order"]) {
        door = FakeEventDoor(clock: clock, streams: streams)
        let ready = ready
        rpc = EventStoreRPC(
            door: door, clock: clock, isReady: { ready.value }, limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs the server on a free port while the body runs; the body may end it earlier.
    func serve<Result: Sendable>(
        _ body: (Rig, _ stop: @escaping @Sendable () async -> Void) async throws -> Result
    ) async throws -> Result {
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let service = rpc.service(host: "127.0.0.1", port: port, security: security) {
            listening.yield($0)
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [service],
                logger: Logger(label: "group") { _ in SwiftLogNoOpLogHandler() }))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { listening.finish() }
                try await group.run()
            }
            var rig = self
            guard let port = await ports.first(where: { _ in true }) else {
                try await tasks.waitForAll()
                throw CancellationError()
            }
            rig.port = port
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(
                    try await body(rig) { await group.triggerGracefulShutdown() })
            } catch {
                result = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try result.get()
        }
    }

    /// Opens a connection, and calls the body with a client.
    func connect<Result: Sendable>(
        tls: NIOSSLContext? = nil, _ body: (Client) async throws -> Result
    ) async throws -> Result {
        var config = Transport.Config.defaults
        // What a client takes unread is bounded, so that tests can see what a server holds back.
        config.http2.targetWindowSize = 65_535
        let transport = try await Transport.wrapping(config: config) { configure in
            try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let tls else { return }
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                    }.flatMap { configure(channel) }
                }
        }
        return try await withGRPCClient(transport: transport) { try await body($0) }
    }

    /// Runs the server, connects, and calls the body with a client of the event store.
    func withStore<Result: Sendable>(
        _ body: (Rig, Store) async throws -> Result
    ) async throws -> Result {
        try await serve { rig, _ in
            try await rig.connect { try await body(rig, Store(wrapping: $0)) }
        }
    }
}

/// A value that a test changes while others read it.
final class Readable<Value: Sendable>: Sendable {
    private let current: Mutex<Value>
    init(_ value: Value) { current = Mutex(value) }
    var value: Value {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}

/// Something that happens once, for which others wait.
struct Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    init() { (stream, continuation) = AsyncStream.makeStream() }
    func open() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}

/// The status that a call ended with; nil where it succeeded.
func status<Result>(_ call: () async throws -> Result) async -> RPCError? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? RPCError ?? RPCError(code: .unknown, message: "\(error)")
    }
}

extension Eventstore_Event {
    /// An event that is well formed.
    static func order(_ number: Int = 1, of aggregate: String = "o-1") -> Eventstore_Event {
        .with {
            $0.eventID = "e-\(number)"
            $0.eventType = "ORDERS.created"
            $0.aggregateID = aggregate
            $0.aggregateType = "order"
            $0.eventData = #"{"amount": 1.50}"#
            $0.stream = "ORDERS"
        }
    }
}

extension Rig.Store {
    /// Appends an event.
    @discardableResult
    func append(
        _ event: Eventstore_Event, timeout: Duration? = nil
    ) async throws -> Eventstore_CreateEventResponse {
        var options = CallOptions.defaults
        options.timeout = timeout
        return try await createEvent(.with { $0.event = event }, options: options)
    }

    /// The ids of the events that match.
    func ids(event: String = "", aggregate: String = "") async throws -> [String] {
        try await getEvents(.with { ($0.eventID, $0.aggregateID) = (event, aggregate) })
            .events.map(\.eventID)
    }
}

/// Waits until something is so; each look costs a turn of the executor.
func until(_ isSo: () async -> Bool) async throws {
    while await !isSo() {
        try Task.checkCancellation()
        await Task.yield()
    }
}
