/// Where a worker gets its commands, and its bounds.
public struct WorkerOptions: Sendable {
    /// NATS servers, comma separated.
    public var servers: String
    /// A NATS credentials file.
    public var credentialsFile: String?
    /// A PEM file with the authorities to trust; switches TLS on.
    public var trustedCertificates: String?
    /// A PEM file with our certificate chain; needs `privateKey`.
    public var certificate: String?
    /// The PEM file of the certificate's key.
    public var privateKey: String?
    /// The stream with the commands.
    public var stream = "SAGA_COMMANDS"
    /// The subjects' beginning in that stream, before the command's name.
    public var subjectPrefix = "saga.command."
    /// The beginning of JetStream's own subjects; with a domain `$JS.<domain>.API`.
    public var jetStreamPrefix = "$JS.API"
    /// The most commands in one transaction, 1 to 1024.
    public var batch = 256
    /// A command that is not acknowledged for this long is delivered again.
    public var ackWait: Duration = .seconds(30)
    /// How long to wait at start for a server and for the stream.
    public var startLimit: Duration = .seconds(600)
    /// The first wait before trying again whatever failed; doubles up to `retryMax`.
    public var retryWait: Duration = .milliseconds(250)
    /// The longest wait before trying again.
    public var retryMax: Duration = .seconds(5)
    /// How long records are kept, at least; the contract says 30 days.
    public var keepRecords: Duration = .seconds(31 * 86_400)
    /// How often records of sent replies are marked while nothing else is written.
    public var housekeeping: Duration = .seconds(5)

    /// Options for these servers, everything else by default.
    public init(servers: String) { self.servers = servers }
}

/// Why a worker stopped by itself.
public enum WorkerFailure: Error, Sendable, Equatable {
    /// The server refused the credentials.
    case credentialsRefused(String)
    /// The options cannot be used: a file that cannot be read, or two handlers for one name.
    case optionsRefused(String)
    /// No server, or no stream, within the start limit.
    case notStarted(String)
    /// The connection was given up, such as after credentials were withdrawn.
    case disconnected(String)
}
