import TestBroker
import Testing

@testable import NATS

/// The two connections lead to two servers, of which only the main one has a stream: what goes out on
/// the other is refused.
@Suite(
    .serialized, .enabled(if: NATSServer.binary != nil, "there is no nats-server"),
    .timeLimit(.minutes(5)))
struct `A publisher with a connection for few messages` {
    private let main: NATSServer
    private let other: NATSServer
    private let connection: Connection
    private let publisher: Publisher
    /// Long enough for a busy machine; no test waits it out.
    private static let timeout: Duration = .seconds(60)

    init() async throws {
        main = try await NATSServer()
        other = try await NATSServer()
        connection = try await Self.connect(main)
        try await JetStream(connection).createStream(
            StreamConfiguration(name: "T", subjects: ["t.>"]))
        var options = Publisher.Options()
        options.promptAtMost = 4
        options.timeout = Self.timeout
        publisher = try await Publisher(
            connection, prompt: Self.connect(other), options: options)
    }

    private static func connect(_ server: NATSServer) async throws -> Connection {
        try await Connection.connect(ConnectionOptions(servers: server.url, name: "test"))
    }

    private func messages(_ count: Int) -> [Message] {
        (0..<count).map { Message(subject: "t.a", payload: Array("\($0)".utf8)) }
    }

    private func stored(_ numbers: ClosedRange<UInt64>) -> [PublishOutcome] {
        numbers.map { .stored(stream: "T", sequence: $0, duplicate: false) }
    }

    @Test func `sends few on it, and more on the main one`() async throws {
        for outcome in await publisher.publish(batch: messages(4)) {
            guard case .refused(503, _) = outcome else {
                Issue.record("expected a refusal by the other server, found \(outcome)")
                continue
            }
        }
        #expect(await publisher.publish(batch: messages(5)) == stored(1...5))
    }

    @Test func `makes it for itself`() async throws {
        let traced = try await NATSServer(arguments: ["-V"])
        let connection = try await Self.connect(traced)
        try await JetStream(connection).createStream(
            StreamConfiguration(name: "T", subjects: ["t.>"]))
        var options = Publisher.Options()
        options.promptAtMost = 4
        let own = try await Publisher(connection, options: options)
        #expect(await own.publish(batch: messages(1)) == stored(1...1))
        #expect(try traced.log.contains("\"test (prompt)\""))
    }

    @Test func `sends few on the main one while others are under way there`() async throws {
        main.hold()
        async let many = publisher.publish(batch: messages(20))
        #expect(try await eventually { publisher.underWay == 20 })
        async let few = publisher.publish(batch: messages(1))
        #expect(try await eventually { publisher.underWay == 21 })
        main.letGo()
        #expect(await many == stored(1...20))
        #expect(await few == stored(21...21))
    }

    @Test func `gives up what went out on it when it is lost, and then does without`() async throws
    {
        other.hold()
        async let lost = publisher.publish(batch: messages(2))
        #expect(try await eventually { publisher.underWay == 2 })
        other.kill()
        #expect(await lost == Array(repeating: .unknown("the server was lost"), count: 2))
        #expect(await publisher.publish(batch: messages(1)) == stored(1...1))
    }
}
