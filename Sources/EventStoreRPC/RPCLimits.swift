/// The bounds of the gRPC interface.
package struct RPCLimits: Sendable {
    /// The most bytes of a request; an event must fit a broker's message.
    package var messageBytes: Int
    /// The most bytes of a request that are received at all: what is larger is cut off without a
    /// word, which clients take for a call that somebody cancelled.
    var receivedBytes: Int { max(4 * 1024 * 1024, 2 * messageBytes) }
    /// The most bytes of one answer of `GetEvents`; clients take 4 MiB where nobody raised it.
    package var answerBytes: Int
    /// The most unary calls in hand at once, those that wait for the store included.
    package var calls: Int
    /// The most streams at once: followers of events, and watchers of health.
    package var streams: Int
    /// The time for which calls may go on after a shutdown was asked for.
    package var shutdown: Duration
    /// How long a call without a deadline is held while the store is away.
    package var patience: Duration
    /// The most answers of `GetEvents` that are put together at once, each up to `answerBytes`;
    /// further calls wait up to their deadline.
    package var readers: Int
    /// The most events read from the store at once, for an answer or for one follower.
    package var pageEvents: Int
    /// The first wait before a held call is tried again; doubled each time up to `retryMax`.
    package var retryInitial: Duration
    /// The longest wait before a held call is tried again.
    package var retryMax: Duration
    /// The longest time from one look for new events to the next, for each follower: other daemons
    /// record events too.
    package var followPoll: Duration
    /// The shortest time from one look for new events to the next.
    package var followPause: Duration
    /// The time from one look at the daemon's readiness to the next, for each watcher of health.
    package var healthPoll: Duration
    /// How long an answer about readiness is given again.
    package var healthFreshness: Duration
    /// The most connections at once; further ones are closed.
    package var connections: Int
    /// The most connections that wait to be accepted.
    package var backlog: Int
    /// The most calls at once on one connection.
    package var callsPerConnection: Int
    /// The time after which a connection without a call is closed.
    package var idle: Duration
    /// The silence after which a client is asked whether it is still there.
    package var keepalive: Duration
    /// How long a client may take to answer that.
    package var keepaliveTimeout: Duration
    /// The shortest time between two such questions from a client.
    package var clientKeepalive: Duration

    /// Limits with these parts.
    package init(
        messageBytes: Int = 512 * 1024, answerBytes: Int = 4 * 1024 * 1024, calls: Int = 1024,
        streams: Int = 256, shutdown: Duration = .seconds(10), patience: Duration = .seconds(30),
        readers: Int = 16, pageEvents: Int = 64, retryInitial: Duration = .milliseconds(20),
        retryMax: Duration = .seconds(1), followPoll: Duration = .seconds(1),
        followPause: Duration = .milliseconds(25), healthPoll: Duration = .seconds(1),
        healthFreshness: Duration = .milliseconds(500), connections: Int = 4096,
        backlog: Int = 1024, callsPerConnection: Int = 256, idle: Duration = .seconds(600),
        keepalive: Duration = .seconds(60), keepaliveTimeout: Duration = .seconds(20),
        clientKeepalive: Duration = .seconds(10)
    ) {
        self.messageBytes = messageBytes
        self.answerBytes = answerBytes
        self.calls = calls
        self.streams = streams
        self.shutdown = shutdown
        self.patience = patience
        self.readers = readers
        self.pageEvents = pageEvents
        self.retryInitial = retryInitial
        self.retryMax = retryMax
        self.followPoll = followPoll
        self.followPause = followPause
        self.healthPoll = healthPoll
        self.healthFreshness = healthFreshness
        self.connections = connections
        self.backlog = backlog
        self.callsPerConnection = callsPerConnection
        self.idle = idle
        self.keepalive = keepalive
        self.keepaliveTimeout = keepaliveTimeout
        self.clientKeepalive = clientKeepalive
    }
}
