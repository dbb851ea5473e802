package import SagaCore

/// The bounds of a coordinator: every queue, batch, wait and retry has one.
package struct CoordinatorLimits: Equatable, Sendable {
    /// The most transitions in one commit; at most ``StoreLimits/batchTransitions``.
    package var batchTransitions = StoreLimits.batchTransitions
    /// The most bytes in one commit.
    package var batchBytes = 4 * 1024 * 1024
    /// How many lanes commit side by side, beside the starter; sagas are divided between them by shard.
    package var lanes = 1
    /// The most inputs that wait in front of a lane, and the most starts in front of the starter.
    package var queue = 8192
    /// The most sagas whose state a daemon keeps in memory.
    package var cache = 16_384
    /// How commands without an answer are sent again.
    package var resend = ResendPolicy()
    /// How far ahead wake-ups are kept in memory; later ones are left to the database.
    package var timerHorizon: Duration = .seconds(60)
    /// How finely wake-ups in memory are timed.
    package var timerTick: Duration = .milliseconds(20)
    /// The time from one look at the database for due sagas to the next.
    package var timerScan: Duration = .seconds(1)
    /// The most sagas taken from one look.
    package var timerBatch = 1000
    /// The most sagas whose open commands are sent again at once, after a start or a loss; others
    /// wait for their wake-ups.
    package var takeOverMax = 256_000
    /// The time from one look at the database for unpublished events to the next.
    package var outboxSweep: Duration = .seconds(1)
    /// The age from which an unpublished event is published again.
    package var outboxAge: Duration = .seconds(5)
    /// The most events taken from one look.
    package var outboxBatch = 512
    /// The longest that a published event waits for its mark in the database.
    package var markDelay: Duration = .milliseconds(50)
    /// How many publishing calls of commands are under way at once, and how many of events.
    package var dispatchers = 4
    /// The most commits whose commands or events go into one publishing call.
    package var dispatchBatch = 512
    /// The most commits whose commands or events wait, before a lane is held back.
    package var dispatchQueue = 4096
    /// How long idempotency keys are kept.
    package var idempotency: Duration = .seconds(24 * 3600)
    /// The time from one sweep of expired idempotency keys to the next.
    package var idempotencySweep: Duration = .seconds(60)
    /// How often an input whose saga changed underneath is decided again at once.
    package var conflictRetries = 8
    /// The first wait after the store was away, doubled up to ``storeRetryMax``.
    package var storeRetry: Duration = .milliseconds(100)
    /// The longest wait after the store was away.
    package var storeRetryMax: Duration = .seconds(2)
    /// The most appended events that wait for the store.
    package var appendQueue = 8192
    /// The most appended events looked after at once; at most ``StoreLimits/batchTransitions``.
    package var appendBatch = StoreLimits.batchTransitions
    /// The longest that a reader of events waits for those that other daemons recorded.
    package var eventPoll: Duration = .seconds(1)
    /// The most events of an aggregate read at once for its new saga, and how many times at most.
    package var earlyPage = 256
    /// See ``earlyPage``.
    package var earlyPages = 16
    /// The time after its start at which a saga looks at its aggregate's events again. By then every
    /// append is stored that was begun without a look at the saga; a store gives up sooner.
    package var lookBack: Duration = .seconds(30)
    /// What a caller is told to wait when too much is queued or the store is away.
    package var retryAfter: Duration = .seconds(1)

    /// The bounds that suit two cores.
    package init() {}
}
