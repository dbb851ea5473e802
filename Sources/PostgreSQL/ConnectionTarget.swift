import Cpq

/// What a connection URL says, as far as we need it: its hosts, and what must stay secret.
struct ConnectionTarget: Sendable {
    /// One host of the URL; nil leaves the value to the URL or to libpq's default.
    struct Endpoint: Sendable, Equatable {
        var host: String?
        var address: String?
        var port: String?
    }

    /// The hosts in the URL's order, at least one.
    let endpoints: [Endpoint]
    /// `user@host:port/database` for messages.
    let label: String
    /// The URL's own `connect_timeout`.
    let connectTimeout: Duration?
    private let secrets: [String]

    /// Reads a URL; throws `.refused` when libpq cannot.
    init(url: String) throws(PostgresError) {
        let options = try Self.options(of: url)
        endpoints = try Self.endpoints(of: options)
        let hosts = options["host"] ?? options["hostaddr"] ?? "the default host"
        let port = options["port"].map { ":\($0)" } ?? ""
        let database = options["dbname"] ?? ""
        label =
            "\(options["user"] ?? "")@\(hosts)\(port)/\(database.contains("@") ? "…" : database)"
        connectTimeout = options["connect_timeout"].flatMap(Int.init).flatMap {
            $0 > 0 ? .seconds($0) : nil
        }
        // A password in which `/` is not percent-encoded ends up in the database's name.
        let mistaken = options["dbname"].flatMap { $0.contains("@") ? $0 : nil }
        let known = [options["password"], options["sslpassword"], mistaken].compactMap(\.self)
        // A password that is also the user's name cannot be told from it, and hides nothing.
        secrets = known.filter { !$0.isEmpty && $0 != options["user"] }
    }

    /// The text without any of the passwords.
    func withoutSecrets(_ text: String) -> String {
        secrets.reduce(text) {
            $0.split(separator: $1, omittingEmptySubsequences: false)
                .joined(separator: "***")
        }
    }

    private static func options(of url: String) throws(PostgresError) -> [String: String] {
        var problem: UnsafeMutablePointer<CChar>?
        let parsed = PQconninfoParse(url, &problem)
        defer {
            PQconninfoFree(parsed)
            PQfreemem(problem)
        }
        guard let parsed else {
            let reason = problem.map { String(cString: $0) } ?? "out of memory"
            throw PostgresError(
                kind: .refused,
                message: "the database URL cannot be read: \(withoutQuotations(reason)); expected "
                    + "postgresql://user:password@host:port/database?sslmode=verify-full")
        }
        var options: [String: String] = [:]
        var next = parsed
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val {
                options[String(cString: keyword)] = String(cString: value)
            }
            next += 1
        }
        return options
    }

    /// libpq's complaint without the parts of the URL that it quotes: they can hold the password.
    static func withoutQuotations(_ complaint: String) -> String {
        let line = complaint.prefix { $0 != "\n" }
        guard let first = line.firstIndex(of: "\""), let last = line.lastIndex(of: "\"") else {
            return String(line)
        }
        return line[..<first] + "…" + line[line.index(after: last)...]
    }

    private static func endpoints(
        of options: [String: String]
    ) throws(PostgresError) -> [Endpoint] {
        let hosts = list(options["host"])
        let addresses = list(options["hostaddr"])
        let ports = list(options["port"])
        let count = max(hosts.count, addresses.count)
        guard ports.allSatisfy({ $0.isEmpty || UInt16($0) != nil }) else {
            throw PostgresError(
                kind: .refused,
                message: "the port in the database URL is not a number from 0 to 65535; in a "
                    + "password, write @ / : ? # % as %40 %2F %3A %3F %23 %25")
        }
        guard count > 1 else { return [Endpoint()] }
        guard hosts.isEmpty || addresses.isEmpty || hosts.count == addresses.count,
            ports.count <= 1 || ports.count == count
        else {
            throw PostgresError(
                kind: .refused,
                message: "the database URL names \(hosts.count) hosts, \(addresses.count) host "
                    + "addresses and \(ports.count) ports: give one port, or one for each host")
        }
        return (0..<count).map { index in
            Endpoint(
                host: hosts.isEmpty ? nil : hosts[index],
                address: addresses.isEmpty ? nil : addresses[index],
                port: ports.count > 1 ? ports[index] : ports.first)
        }
    }

    private static func list(_ value: String?) -> [String] {
        value?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    }
}
