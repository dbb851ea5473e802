import NIOCore
import NIOHTTP1

/// A request on its way and the promise of its response.
struct Exchange: Sendable {
    var request: HTTPRequest
    var response: EventLoopPromise<HTTPResponse>
    /// The longest wait for the whole response.
    var limit: Duration
}

/// Sends one request after the other on a connection and puts their responses together.
///
/// Used on its connection's event loop only. A connection on which an answer did not come in time
/// is closed: what comes later belongs to nobody.
final class ExchangeHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    private let host: String
    private var current: Exchange?
    private var response: HTTPResponse?
    private var timeout: Scheduled<Void>?

    init(host: String) { self.host = host }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        guard current == nil else {
            preconditionFailure("A connection carries one request at a time.")
        }
        current = exchange
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: TimeAmount(exchange.limit)) {
            exchange.response.fail(CallFailure.timedOut(exchange.limit))
            channel.close(promise: nil)
        }
        let head = exchange.request.head(host: host)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !exchange.request.body.isEmpty {
            let body = context.channel.allocator.buffer(bytes: exchange.request.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            response = HTTPResponse(
                status: Int(head.status.code), fields: head.headers.map { ($0.name, $0.value) },
                body: [])
        case .body(let bytes): response?.body.append(contentsOf: bytes.readableBytesView)
        case .end:
            guard let response, let current else { return }
            settle()
            current.response.succeed(response)
            if response.field("connection")?.lowercased() == "close" {
                context.close(promise: nil)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("closed by the server")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail("\(error)")
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) { fail("closed") }

    private func fail(_ reason: String) {
        guard let current else { return }
        settle()
        current.response.fail(CallFailure.lost(reason))
    }

    private func settle() {
        timeout?.cancel()
        timeout = nil
        current = nil
        response = nil
    }
}
