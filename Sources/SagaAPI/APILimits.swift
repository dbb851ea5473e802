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

    /// Limits with these parts.
    package init(
        bodyBytes: Int = 512 * 1024, headerFieldBytes: Int = 16 * 1024,
        headerListBytes: Int = 32 * 1024, headerFields: Int = 100, wait: Duration = .seconds(60),
        idle: Duration = .seconds(120), lingerBytes: Int = 16 * 1024 * 1024,
        linger: Duration = .seconds(5), connections: Int = 4096, backlog: Int = 1024,
        shutdown: Duration = .seconds(10)
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
    }
}
