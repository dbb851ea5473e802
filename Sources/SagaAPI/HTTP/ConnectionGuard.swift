import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import SagaCore

/// Watches one connection, between the HTTP codec and the server.
///
/// - A request that is no HTTP gets a problem document instead of an empty answer.
/// - A body that is still coming when its request is answered is thrown away within bounds, then
///   the connection is closed.
/// - `Expect: 100-continue` is answered for bodies within the limit.
///
/// Used on its connection's event loop only.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: APILimits
    /// Requests that began and are not answered.
    private var waiting = 0
    private var isBodyComing = false
    private var unread = 0
    private var closing: Scheduled<Void>?
    private var failure: HTTPParserError?

    init(limits: APILimits) { self.limits = limits }

    func handlerRemoved(context: ChannelHandlerContext) { closing?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        closing?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if waiting == 0 { encourage(head, context) }
            waiting += 1
            isBodyComing = true
        case .body(let bytes):
            if closing != nil {
                unread += bytes.readableBytes
                if unread > limits.lingerBytes { return context.close(promise: nil) }
            }
        case .end:
            isBodyComing = false
            if failure == nil { keepOpen() }
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error as? HTTPParserError ?? failure
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            if let failure, head.status == .badRequest, head.headerFields[.contentLength] == "0" {
                return writeProblem(failure, context, promise)
            }
        case .body: break
        case .end:
            waiting = max(0, waiting - 1)
            if failure != nil || (waiting == 0 && isBodyComing) { closeSoon(context) }
        }
        context.write(data, promise: promise)
    }

    private func encourage(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return }
        let length = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
        guard length <= limits.bodyBytes else { return }
        context.writeAndFlush(
            wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    private func closeSoon(_ context: ChannelHandlerContext) {
        guard closing == nil else { return }
        unread = 0
        let channel = context.channel
        closing = context.eventLoop.scheduleTask(in: TimeAmount(limits.linger)) {
            channel.close(promise: nil)
        }
    }

    private func keepOpen() {
        closing?.cancel()
        closing = nil
    }

    private func writeProblem(
        _ failure: HTTPParserError, _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>?
    ) {
        let problem = Problem(failure)
        let document = problem.document
        var fields = problem.fields
        fields[.connection] = "close"
        fields[.contentLength] = String(document.count)
        let status = HTTPResponse.Status(code: problem.kind.status)
        let head = HTTPResponse(status: status, headerFields: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: document))), promise: promise)
    }
}

extension Problem {
    /// Why the server could not read a request.
    fileprivate init(_ failure: HTTPParserError) {
        switch failure {
        case .headerOverflow:
            self.init(.headersTooLarge, "the request line or the headers are beyond the limits")
        default: self.init(.malformedRequest, "expected HTTP/1.1, found something else: \(failure)")
        }
    }
}
