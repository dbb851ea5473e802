import Cpq

extension Session {
    /// Connects to one of the URL's hosts, tried in random order, and prepares the session.
    ///
    /// Throws `.refused` at once when a host does not admit us, else the last host's failure.
    static func open(_ settings: ConnectionSettings) throws(PostgresError) -> Session {
        let target = try ConnectionTarget(url: settings.url)
        var failure = PostgresError(kind: .refused, message: "the database URL names no host")
        for endpoint in target.endpoints.shuffled() {
            do {
                let handle = try connect(to: endpoint, of: target, settings)
                let session = Session(adopting: handle, settings: settings)
                let isCockroach = session.parameterStatus("crdb_version") != nil
                _ = try session.run(
                    .script(settings.sessionScript(isCockroach: isCockroach)),
                    reach: .commitsNothing)
                return session
            } catch {
                failure = error.of(statement: "connecting to \(target.label)")
                failure.message = target.withoutSecrets(failure.message)
                if failure.kind == .refused { break }
            }
        }
        throw failure
    }

    private static func connect(
        to endpoint: ConnectionTarget.Endpoint, of target: ConnectionTarget,
        _ settings: ConnectionSettings
    ) throws(PostgresError) -> OpaquePointer {
        let options = options(for: endpoint, settings)
        let started = withCStrings(options.map(\.0)) { keywords in
            withCStrings(options.map(\.1)) { values in
                PQconnectStartParams(keywords, values, 1)
            }
        }
        guard let handle = started else {
            throw PostgresError(kind: .resources, message: "libpq found no memory for a connection")
        }
        // Connection errors carry their code in the text only, and only in the verbose one.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        PQsetNoticeReceiver(handle, ignoreNotice, nil)
        let timeout = target.connectTimeout ?? settings.connectTimeout
        let handshake = shakeHands(handle, within: timeout)
        guard handshake == .done else {
            let failure = connectionFailure(handle, handshake, within: timeout)
            PQfinish(handle)
            throw failure
        }
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        PQsetnonblocking(handle, 1)
        return handle
    }

    /// What goes to libpq: what stands before the URL yields to it, what stands after it does not.
    private static func options(
        for endpoint: ConnectionTarget.Endpoint, _ settings: ConnectionSettings
    ) -> [(String, String)] {
        var options = [
            ("fallback_application_name", settings.applicationName),
            ("gssencmode", "disable"),
            ("keepalives", "1"),
            ("keepalives_idle", "10"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "\(settings.unacknowledgedTimeout.milliseconds)"),
            ("dbname", settings.url),
            ("client_encoding", "UTF8"),
        ]
        if let host = endpoint.host { options.append(("host", host)) }
        if let address = endpoint.address { options.append(("hostaddr", address)) }
        if let port = endpoint.port { options.append(("port", port)) }
        return options
    }

    private enum Handshake {
        case done, failed, late
    }

    private static func shakeHands(_ handle: OpaquePointer, within timeout: Duration) -> Handshake {
        let deadline = Deadline(after: timeout)
        guard PQstatus(handle) != CONNECTION_BAD else { return .failed }
        var step = PGRES_POLLING_WRITING
        while step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING {
            let reading = step == PGRES_POLLING_READING
            let readiness = Socket.wait(
                for: PQsocket(handle), reading: reading, writing: !reading, until: deadline)
            guard case .ready = readiness else { return .late }
            step = PQconnectPoll(handle)
        }
        return step == PGRES_POLLING_OK ? .done : .failed
    }

    private static func connectionFailure(
        _ handle: OpaquePointer, _ handshake: Handshake, within timeout: Duration
    ) -> PostgresError {
        // Until something fails, libpq's text is the beginning of a sentence.
        if handshake == .late {
            return PostgresError(
                kind: .notSent, message: "the server did not finish the handshake in \(timeout)")
        }
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let failure = VerboseFailure(text)
        let needsPassword = PQconnectionNeedsPassword(handle) == 1
        return PostgresError(
            kind: .whileConnecting(sqlstate: failure.sqlstate, needsPassword: needsPassword),
            sqlstate: failure.sqlstate,
            message: failure.message.isEmpty ? "libpq gives no reason" : failure.message)
    }
}

/// A connection error in libpq's verbose words, taken apart.
struct VerboseFailure {
    /// The last code in the text; nil when the server sent none.
    private(set) var sqlstate: String?
    /// The text in one line, without the code and without the server's source lines.
    let message: String

    /// Looks for `SEVERITY:  CODE: message`, in which only the punctuation is the same in every
    /// language.
    init(_ text: String) {
        var found: String?
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        let told = lines.map { line in
            let (code, rest) = Self.separate(line)
            found = code ?? found
            return rest.trimmed
        }
        sqlstate = found
        message = told.joined(separator: "; ")
    }

    private static func separate(_ line: Substring) -> (String?, Substring) {
        let bytes = Array(line.utf8)
        let mark = Array(":  ".utf8)
        for start in bytes.indices where bytes[start...].starts(with: mark) {
            let code = bytes[(start + mark.count)...].prefix(5)
            let after = bytes[(start + mark.count)...].dropFirst(5)
            guard code.count == 5, code.allSatisfy(isCodeByte), after.starts(with: ": ".utf8)
            else { continue }
            let kept = bytes[..<start] + after
            return (
                String(decoding: code, as: UTF8.self), String(decoding: kept, as: UTF8.self)[...]
            )
        }
        return (nil, line)
    }

    private static func isCodeByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}

/// Drops what the server mentions in passing; libpq would print it to the standard error.
private func ignoreNotice(_: UnsafeMutableRawPointer?, _: OpaquePointer?) {}
