import GRPCCore
import SagaCore
import SagaRuntime
import ServiceLifecycle

/// Why a call waits.
private enum Hindrance {
    /// The store is away, in words.
    case storeAway(String)
    /// Too many answers are being put together.
    case readersBusy

    /// The hindrance that an error speaks of; nil for one that waiting does not mend.
    init?(_ error: any Error) {
        switch error {
        case AppendProblem.unavailable(let reason, _): self = .storeAway(reason)
        case let error as StoreError where error.kind == .unavailable:
            self = .storeAway(error.message)
        case is ReadersBusy: self = .readersBusy
        default: return nil
        }
    }

    /// What a call says that waited up to its deadline.
    func failure(_ deadline: CallDeadline) -> RPCError {
        switch (self, deadline.isClients) {
        case (.storeAway(let reason), true):
            RPCError(code: .deadlineExceeded, message: "waited for the store: \(reason)")
        case (.storeAway(let reason), false):
            .unavailable(reason, retryAfter: RPCError.retryAfter)
        case (.readersBusy, _):
            .overloaded("too many answers are being read", retryAfter: RPCError.retryAfter)
        }
    }
}

/// No more answers can be put together now.
struct ReadersBusy: Error {}

extension EventStoreRPC {
    /// When a call with that metadata has to be answered.
    func deadline(of metadata: Metadata) -> CallDeadline {
        CallDeadline(metadata, now: clock.now(), patience: limits.patience)
    }

    /// Tries again while the store is away, up to the deadline, or without end where there is none.
    ///
    /// A call that nobody waits for any more ends, and so does one that waits when the daemon is
    /// stopped.
    func held<Answer>(
        until deadline: CallDeadline?, _ context: ServerContext,
        _ attempt: () async throws -> Answer
    ) async throws -> Answer {
        var wait = limits.retryInitial
        while true {
            let hindrance: Hindrance
            do {
                return try await attempt()
            } catch {
                guard let found = Hindrance(error) else { throw error }
                hindrance = found
            }
            if Task.isShuttingDownGracefully { throw RPCError.stopping }
            let now = clock.now()
            if let deadline, deadline.at <= now { throw hindrance.failure(deadline) }
            if context.cancellation.isCancelled { throw CancellationError() }
            try await clock.sleep(until: min(now + wait, deadline?.at ?? now + wait))
            wait = min(wait * 2, limits.retryMax)
        }
    }

    /// Runs what goes on until the client leaves, its deadline passes, or the daemon is stopped.
    func untilLeft(
        _ context: ServerContext, deadline: CallDeadline,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask { try await context.cancellation.cancelled }
            group.addTask { try await gracefulShutdown() }
            if deadline.isClients {
                group.addTask { try await clock.sleep(until: deadline.at) }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        if Task.isShuttingDownGracefully { throw RPCError.stopping }
        if deadline.isClients, deadline.at <= clock.now() {
            throw RPCError(code: .deadlineExceeded, message: "the call's deadline has passed")
        }
        throw CancellationError()
    }
}
