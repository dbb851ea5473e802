/// How to reach the servers, and the bounds of waiting for them.
package struct ConnectionOptions: Sendable {
    /// Comma separated: `nats://[user:password@ or token@]host:port`, or `tls://…`.
    package var servers: String
    /// The name shown by the server's monitoring.
    package var name: String
    /// The longest wait for one server to accept a connection.
    package var connectTimeout: Duration = .seconds(2)
    /// The first wait before trying the whole list again after a loss; doubles up to `reconnectMax`.
    package var reconnectWait: Duration = .milliseconds(250)
    /// The longest wait between two rounds over the list; rounds never end by themselves.
    package var reconnectMax: Duration = .seconds(2)
    /// How often a quiet server is asked whether it is there; after two silences it is left.
    package var pingInterval: Duration = .seconds(10)
    /// The longest one write to the socket may block.
    package var writeDeadline: Duration = .seconds(5)
    /// How long `close()` waits for what was published and delivered.
    package var drainTimeout: Duration = .seconds(5)
    /// A credentials file (user JWT and seed).
    package var credentialsFile: String?
    /// A PEM file with the authorities to trust; switches TLS on.
    package var trustedCertificates: String?
    /// A PEM file with our certificate chain; needs `privateKey`.
    package var certificate: String?
    /// The PEM file of the certificate's key.
    package var privateKey: String?
    /// The first token of reply subjects; permissions may demand a special one.
    package var inboxPrefix = "_INBOX"
    /// Writes each message to the socket at once: lower latency, twice the processor time in bulk.
    package var sendAsap = false

    /// Options for these servers, everything else by default.
    package init(servers: String, name: String) {
        self.servers = servers
        self.name = name
    }
}

/// What happens to a connection after it was made.
package enum ConnectionEvent: Sendable, Equatable {
    /// The server is lost; the library tries to reconnect for as long as the connection lives.
    case disconnected
    /// A server is there again; subscriptions were renewed.
    case reconnected
    /// No more traffic will flow: closed by us, or credentials were refused on reconnecting.
    case closed
    /// The library reports an error beside the normal course, such as a permission violation.
    case trouble(String)
}
