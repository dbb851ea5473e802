import GRPCCore

/// A transport whose calls bring their timeout under another name, so that gRPC leaves it to us.
///
/// gRPC has a task sleep for the whole of it in every call. One that is woken early, because the call
/// has ended, still keeps two kilobytes until its time is over: many calls with long deadlines would
/// take all memory. What waits here knows its deadline; see ``CallDeadline``.
struct OwnTimeouts<Base: ServerTransport>: ServerTransport {
    typealias Bytes = Base.Bytes

    let base: Base

    func configure(context: GRPCServerContext) { base.configure(context: context) }

    func listen(
        streamHandler:
            @escaping @concurrent @Sendable (
                _ stream: RPCStream<Inbound, Outbound>, _ context: ServerContext
            ) async -> Void
    ) async throws {
        try await base.listen { stream, context in
            var stream = stream
            stream.inbound = RPCAsyncSequence(wrapping: stream.inbound.map { Self.renamed($0) })
            await streamHandler(stream, context)
        }
    }

    func beginGracefulShutdown() { base.beginGracefulShutdown() }

    private static func renamed(_ part: RPCRequestPart<Bytes>) -> RPCRequestPart<Bytes> {
        switch part {
        case .metadata(var metadata):
            CallDeadline.rename(in: &metadata)
            return .metadata(metadata)
        case .message: return part
        }
    }
}

extension CallDeadline {
    /// Where gRPC puts a call's timeout, and where it stands in what the services see.
    private static let gRPCName = "grpc-timeout"
    static let name = "sagad-timeout"

    /// Moves the timeout to the other name; what a client sent under that one is dropped.
    static func rename(in metadata: inout Metadata) {
        let timeout = metadata[stringValues: gRPCName].first { _ in true }
        metadata.removeAllValues(forKey: name)
        metadata.removeAllValues(forKey: gRPCName)
        if let timeout { metadata.addString(timeout, forKey: name) }
    }
}
