import EventStoreRPC
import JetStreamBus
import SagaAPI
import SagaCore
import SagaRuntime

extension Settings {
    /// The coordinator's bounds as the settings have them.
    var coordinatorLimits: CoordinatorLimits {
        var limits = CoordinatorLimits()
        limits.batchTransitions = min(coordinator.batchTransitions, StoreLimits.batchTransitions)
        limits.batchBytes = coordinator.batchBytes
        limits.lanes = coordinator.lanes
        limits.queue = coordinator.queue
        limits.cache = coordinator.cache
        limits.resend = ResendPolicy(initial: coordinator.resend, max: coordinator.resendMax)
        limits.timerHorizon = timers.horizon
        limits.timerScan = timers.scan
        limits.outboxSweep = outbox.sweep
        limits.outboxAge = outbox.age
        limits.appendQueue = events.queue
        limits.eventPoll = events.poll
        limits.idempotency = intakeIdempotency
        return limits
    }

    /// The projector's bounds as the settings have them.
    var viewsLimits: ViewsLimits {
        var limits = ViewsLimits()
        limits.gather = views.gather
        limits.sweep = views.sweep
        limits.cache = views.cache
        limits.behindAfter = views.behindAfter
        return limits
    }

    /// The bounds of looking after streams as the settings have them.
    var streamLimits: StreamLimits {
        var limits = StreamLimits()
        limits.check = streamsCheck
        return limits
    }

    /// The bus's bounds as the settings have them.
    var busLimits: JetStreamBus.Limits {
        var limits = JetStreamBus.Limits()
        limits.publishWindow = bus.publishWindow
        limits.publishTimeout = bus.publishTimeout
        limits.fetchBatch = bus.fetchBatch
        return limits
    }

    /// The HTTP interface's bounds as the settings have them.
    var apiLimits: APILimits {
        APILimits(
            bodyBytes: http.bodyLimit, shutdown: shutdownGrace, debtAfter: debtAfter,
            settlesByTwo: settleTwoPeople)
    }

    /// The gRPC interface's bounds as the settings have them.
    var rpcLimits: RPCLimits {
        RPCLimits(
            messageBytes: grpc.messageLimit, answerBytes: grpc.answerLimit, calls: grpc.calls,
            streams: grpc.streams, shutdown: shutdownGrace)
    }
}
