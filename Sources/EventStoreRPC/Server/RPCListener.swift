import GRPCNIOTransportHTTP2TransportServices
import NIOCore
import NIOPosix
import NIOSSL

/// Accepts connections, so many at once, and hands them to gRPC.
struct RPCListener: HTTP2ServerTransport.ListenerFactory {
    typealias Transport = HTTP2ServerTransport.Custom<RPCListener>
    typealias Configurator = HTTP2ServerTransport.ConnectionConfigurator

    let host: String
    let port: Int
    let tls: NIOSSLContext?
    let limits: RPCLimits
    let connections: Seats
    let eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

    init(host: String, port: Int, tls: NIOSSLContext?, limits: RPCLimits) {
        self.host = host
        self.port = port
        self.tls = tls
        self.limits = limits
        connections = Seats(limits.connections)
    }

    /// gRPC over these connections.
    var transport: Transport {
        var config = Transport.Config.defaults
        config.rpc.maxRequestPayloadSize = limits.receivedBytes
        config.http2.maxConcurrentStreams = limits.callsPerConnection
        config.connection.maxIdleTime = limits.idle
        config.connection.keepalive.time = limits.keepalive
        config.connection.keepalive.timeout = limits.keepaliveTimeout
        config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls =
            limits.clientKeepalive
        config.connection.keepalive.clientBehavior.allowWithoutCalls = true
        return Transport(listenerFactory: self, config: config)
    }

    func makeListeningChannel(
        listenerConfigurator: HTTP2ServerTransport.ListenerConfigurator,
        connectionConfigurator: Configurator
    ) async throws -> NIOAsyncChannel<Configurator.ConnectionChannel, Never> {
        try await ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: Int32(limits.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { listenerConfigurator.configure(channel: $0) }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: host, port: port) { accept($0, connectionConfigurator) }
    }

    /// One connection more than there may be.
    private struct TooManyConnections: Error {}

    private func accept(
        _ channel: any Channel, _ configurator: Configurator
    ) -> EventLoopFuture<Configurator.ConnectionChannel> {
        guard connections.take() else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(TooManyConnections())
        }
        channel.closeFuture.whenComplete { _ in connections.giveBack() }
        guard let tls else { return configurator.configure(channel: channel, tls: .none) }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
        }.flatMap { configurator.configure(channel: channel, tls: .configured(requireALPN: true)) }
    }
}
