import GRPCCore
import GRPCProtobuf
import Logging
import SagaRuntime
import ServiceLifecycle

extension RPCError {
    /// The request is not of its form: what was expected, and what was found.
    static func invalid(_ reason: String) -> RPCError {
        RPCError(code: .invalidArgument, message: reason)
    }

    /// Too much is waiting.
    static func overloaded(_ what: String, retryAfter: Duration) -> RPCError {
        hinted(.resourceExhausted, "\(what): try again later", retryAfter: retryAfter)
    }

    /// What the daemon needs is away.
    static func unavailable(_ reason: String, retryAfter: Duration) -> RPCError {
        hinted(.unavailable, reason, retryAfter: retryAfter)
    }

    /// The daemon is being stopped.
    static let stopping = unavailable(
        "the daemon is stopping: connect again", retryAfter: .seconds(1))

    /// How long a client is asked to wait where nothing else is known.
    static let retryAfter: Duration = .seconds(1)

    /// A failure that tells when to try again, in both forms that clients know: the
    /// `google.rpc.RetryInfo` of the status details, and `grpc-retry-pushback-ms`.
    private static func hinted(
        _ code: Code, _ message: String, retryAfter: Duration
    ) -> RPCError {
        let status = GoogleRPCStatus(
            code: code, message: message, details: .retryInfo(delay: retryAfter))
        var metadata = status.rpcErrorMetadata
        let milliseconds = retryAfter / .milliseconds(1)
        metadata.addString(String(Int(milliseconds.rounded(.up))), forKey: "grpc-retry-pushback-ms")
        return RPCError(code: code, message: message, metadata: metadata)
    }

    /// The name of its code in the specification of gRPC, such as `INVALID_ARGUMENT`.
    var codeName: String { Self.codeNames[code.rawValue] }

    /// By number; 0 is `OK`.
    static let codeNames = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
        "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS",
        "UNAUTHENTICATED",
    ]
}

extension EventStoreRPC {
    /// The status that an error is for the caller; what is unexpected is logged, and told by its id
    /// alone.
    func failure(of error: any Error, in method: MethodDescriptor) -> RPCError {
        switch error {
        case let error as RPCError: return error
        case let problem as AppendProblem:
            switch problem {
            case .invalid(let reason): return .invalid(reason)
            case .overloaded(let retryAfter):
                return .overloaded("too many events are waiting", retryAfter: retryAfter)
            case .unavailable(let reason, let retryAfter):
                return .unavailable(reason, retryAfter: retryAfter)
            }
        case let error as StoreError where error.kind == .unavailable:
            return .unavailable(error.message, retryAfter: RPCError.retryAfter)
        case is CancellationError:
            return Task.isShuttingDownGracefully
                ? .stopping : RPCError(code: .cancelled, message: "the call was cancelled")
        default: return unexpected(error, in: method)
        }
    }

    private func unexpected(_ error: any Error, in method: MethodDescriptor) -> RPCError {
        let id = String(UInt64.random(in: .min ... .max), radix: 16)
        logger.error(
            "a call failed",
            metadata: ["id": "\(id)", "method": "\(method)", "error": "\(error)"])
        return RPCError(
            code: .internalError,
            message: "this should not have happened: the daemon's log tells more of \(id)")
    }
}
