/// The bounds of the HTTP interface.
package struct APILimits: Sendable {
    /// The most bytes of a request's body; a command made from it must fit a broker's message.
    package var bodyBytes: Int
    /// The most bytes of one header field, and of the request line.
    package var headerFieldBytes: Int
    /// The most bytes of all header fields of a request.
    package var headerListBytes: Int
    /// The most header fields of a request.
    package var headerFields: Int
    /// The longest time that `Prefer: wait` is granted.
    package var wait: Duration
    /// The time after which a connection without traffic is closed.
    package var idle: Duration
    /// The most bytes of a body that are read and thrown away after an early answer, so that the
    /// client gets to see it.
    package var lingerBytes: Int
    /// The longest time for which a body is thrown away after an early answer.
    package var linger: Duration
    /// The most connections at once; further ones wait to be accepted.
    package var connections: Int
    /// The most connections that wait to be accepted.
    package var backlog: Int
    /// The time for which requests may go on after a shutdown was asked for.
    package var shutdown: Duration
    /// The most watchers at once, of one saga or of many; further ones are told to come again.
    package var watchers: Int
    /// The time from one look for changes to the next, for each watcher.
    package var watchPoll: Duration
    /// The longest silence of a watch; a comment breaks it.
    package var watchHeartbeat: Duration
    /// The longest that a watcher may take to receive what was sent; a slower one is cut.
    package var watchPatience: Duration
    /// The most sagas that one watcher of many follows at once.
    package var watchFollowed: Int
    /// The most sagas that are looked through for one page of a list whose filters the store does
    /// not know: `step` and `q`.
    package var listScan: Int
    /// The most sagas of a bulk that are acted upon at once.
    package var bulkAtOnce: Int
    /// The longest that a document is waited for which is to have a version (`min_version`).
    package var documentWait: Duration
    /// The time from one look for that version to the next.
    package var documentPoll: Duration
    /// How long a compensation goes unanswered before it is listed as debt.
    package var debtAfter: Duration
    /// Whether what is settled by hand takes two people.
    package var settlesByTwo: Bool

    /// Limits with these parts.
    package init(
        bodyBytes: Int = 512 * 1024, headerFieldBytes: Int = 16 * 1024,
        headerListBytes: Int = 32 * 1024, headerFields: Int = 100, wait: Duration = .seconds(60),
        idle: Duration = .seconds(120), lingerBytes: Int = 16 * 1024 * 1024,
        linger: Duration = .seconds(5), connections: Int = 4096, backlog: Int = 1024,
        shutdown: Duration = .seconds(10), watchers: Int = 64,
        watchPoll: Duration = .milliseconds(500), watchHeartbeat: Duration = .seconds(15),
        watchPatience: Duration = .seconds(10), watchFollowed: Int = 1000, listScan: Int = 5000,
        bulkAtOnce: Int = 16, documentWait: Duration = .seconds(2),
        documentPoll: Duration = .milliseconds(50), debtAfter: Duration = .seconds(300),
        settlesByTwo: Bool = false
    ) {
        self.bodyBytes = bodyBytes
        self.headerFieldBytes = headerFieldBytes
        self.headerListBytes = headerListBytes
        self.headerFields = headerFields
        self.wait = wait
        self.idle = idle
        self.lingerBytes = lingerBytes
        self.linger = linger
        self.connections = connections
        self.backlog = backlog
        self.shutdown = shutdown
        self.watchers = watchers
        self.watchPoll = watchPoll
        self.watchHeartbeat = watchHeartbeat
        self.watchPatience = watchPatience
        self.watchFollowed = watchFollowed
        self.listScan = listScan
        self.bulkAtOnce = bulkAtOnce
        self.documentWait = documentWait
        self.documentPoll = documentPoll
        self.debtAfter = debtAfter
        self.settlesByTwo = settlesByTwo
    }
}
