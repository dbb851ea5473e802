import Glibc

/// Tells systemd how the service stands, over the datagram socket that `NOTIFY_SOCKET` names.
///
/// Sending never waits: a message that the socket cannot take now is refused with an error.
struct SystemdNotifier: Sendable {
    /// How long systemd waits for a sign of life before it kills the service; nil: for ever.
    ///
    /// Send `watchdog()` at least twice in that time, from the loop whose life it is to show.
    let watchdogTimeout: Duration?

    private let address: [UInt8]

    /// Reads the environment; nil where no service supervisor listens.
    ///
    /// - Throws: where `NOTIFY_SOCKET` is no absolute path and no abstract name, or too long.
    init?(environment: [String: String], processID: pid_t = getpid()) throws(NotifyError) {
        guard let name = environment["NOTIFY_SOCKET"], !name.isEmpty else { return nil }
        guard let first = name.utf8.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            name.utf8.count < Self.longestPath
        else {
            throw NotifyError(
                "NOTIFY_SOCKET is `\(name)`; expected an absolute path or @ and an abstract name, "
                    + "shorter than \(Self.longestPath) bytes")
        }
        var address = Array(name.utf8)
        // A zero byte in front makes the name an abstract one; a path ends with one.
        if first == UInt8(ascii: "@") { address[0] = 0 } else { address.append(0) }
        self.address = address
        watchdogTimeout = Self.watchdogTimeout(environment, processID: processID)
    }

    /// The service does its work.
    func ready() throws(NotifyError) { try send("READY=1") }

    /// What the service does now: one line, which `systemctl status` shows.
    func status(_ text: String) throws(NotifyError) {
        try send("STATUS=\(Self.oneLine(text))")
    }

    /// The service begins to stop.
    func stopping() throws(NotifyError) { try send("STOPPING=1") }

    /// The service is alive.
    func watchdog() throws(NotifyError) { try send("WATCHDOG=1") }

    /// Starting or stopping takes longer: systemd waits this long from now for the next message.
    func extendTimeout(_ duration: Duration) throws(NotifyError) {
        let (seconds, attoseconds) = duration.components
        try send("EXTEND_TIMEOUT_USEC=\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)")
    }

    /// The room of `sun_path`.
    private static let longestPath = 108

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 })
    }

    private static func watchdogTimeout(
        _ environment: [String: String], processID: pid_t
    ) -> Duration? {
        if let owner = environment["WATCHDOG_PID"], owner != "\(processID)" { return nil }
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text),
            microseconds > 0
        else { return nil }
        return .microseconds(microseconds)
    }

    private func send(_ message: String) throws(NotifyError) {
        let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw NotifyError.system("opening a socket") }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: address) }
        let pathOffset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0
        let length = socklen_t(pathOffset + address.count)
        let bytes = Array(message.utf8)
        let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
        let sent = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, flags, $0, length)
            }
        }
        guard sent == bytes.count else {
            throw NotifyError.system("sending `\(message)` to NOTIFY_SOCKET")
        }
    }
}

/// A message that did not reach systemd.
struct NotifyError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// With the system's last error.
    fileprivate static func system(_ action: String) -> NotifyError {
        let reason = String(cString: strerror(errno))
        return NotifyError("\(action) failed: \(reason); check NotifyAccess= in the unit")
    }
}
