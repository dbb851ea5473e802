import NIOCore
import NIOHTTP1
import NIOPosix

/// One keep-alive connection to a server on loopback; one request at a time.
struct HTTPConnection: Sendable {
    /// The longest time that connecting may take.
    private static let connectLimit: TimeAmount = .seconds(5)

    /// The loop of all connections: a thread of its own has time for several times what a daemon
    /// can answer.
    static let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    private let channel: any Channel

    /// Connects.
    static func open(port: Int) async throws(CallFailure) -> HTTPConnection {
        do {
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(connectLimit)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHTTPClientHandlers()
                        try pipeline.addHandler(ExchangeHandler(host: "127.0.0.1:\(port)"))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            return HTTPConnection(channel: channel)
        } catch {
            throw .lost("\(error)")
        }
    }

    private init(channel: any Channel) { self.channel = channel }

    /// Whether requests can be sent.
    var isOpen: Bool { channel.isActive }

    /// Sends a request and waits for its whole response.
    func send(_ request: HTTPRequest, limit: Duration) async throws(CallFailure) -> HTTPResponse {
        let promise = channel.eventLoop.makePromise(of: HTTPResponse.self)
        let exchange = Exchange(request: request, response: promise, limit: limit)
        channel.writeAndFlush(exchange).whenFailure { error in
            promise.fail(CallFailure.lost("\(error)"))
        }
        do {
            return try await promise.futureResult.get()
        } catch let failure as CallFailure {
            throw failure
        } catch {
            throw .lost("\(error)")
        }
    }

    /// Closes without waiting.
    func close() { channel.close(promise: nil) }
}
