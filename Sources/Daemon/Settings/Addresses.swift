import Glibc

/// Where a server listens.
struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    /// A name or an address; an IPv6 address stands here without its brackets.
    var host: String
    /// 0 lets the system choose a free one.
    var port: Int

    /// Makes an address of its parts.
    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, where an IPv6 address stands in brackets; nil for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard Self.bytes(of: String(host), family: AF_INET6, count: 16) != nil else {
                return nil
            }
        } else if host.contains(where: { ":/@[] ".contains($0) }) {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = Int(port)
    }

    /// Only programs of this machine can reach it.
    var isLoopback: Bool {
        if host == "localhost" { return true }
        if let address = Self.bytes(of: host, family: AF_INET, count: 4) {
            return address[0] == 127
        }
        return Self.bytes(of: host, family: AF_INET6, count: 16)
            == Array(repeating: 0, count: 15) + [1]
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func bytes(of address: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return inet_pton(family, address, &bytes) == 1 ? bytes : nil
    }
}

/// Where the sagas are kept.
enum DatabaseURL: Equatable, Sendable, CustomStringConvertible {
    /// CockroachDB or PostgreSQL, as libpq takes it.
    case postgresql(String)
    /// One SQLite file.
    case sqlite(path: String)

    /// Reads `postgresql://…`, `postgres://…` or `sqlite:PATH`; nil for anything else.
    init?(_ text: String) {
        if text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") {
            self = .postgresql(text)
        } else if text.hasPrefix("sqlite:"), text.utf8.count > "sqlite:".utf8.count,
            !text.hasPrefix("sqlite://"), !text.utf8.contains(0)
        {
            self = .sqlite(path: String(text.dropFirst("sqlite:".count)))
        } else {
            return nil
        }
    }

    /// The whole URL, with its password: for connecting, not for showing.
    var text: String {
        switch self {
        case .postgresql(let text): text
        case .sqlite(let path): "sqlite:\(path)"
        }
    }

    /// The URL without user, password and options.
    var description: String {
        switch self {
        case .sqlite(let path): "sqlite:\(path)"
        case .postgresql(let text): Self.shown(text)
        }
    }

    /// An `@` behind a `?` may belong to a password that was not percent-encoded: nothing is shown.
    private static func shown(_ text: String) -> String {
        let url = text.prefix { $0 != "?" }
        let host = url.lastIndex(of: "@").map { url[url.index(after: $0)...] }
        if host == nil, text.contains("@") { return "postgresql://…" }
        return "postgresql://\(host ?? url.drop { $0 != "/" }.drop { $0 == "/" })"
    }
}

extension SettingKind where Value == ListenAddress {
    /// A host and a port.
    static var listen: SettingKind {
        SettingKind(
            unit: "host:port", expects: "host:port, such as 127.0.0.1:3000",
            one: { (text: String) throws(SettingRefusal) -> ListenAddress in
                guard let value = ListenAddress(text) else {
                    throw SettingRefusal(
                        "is not of that form",
                        advice: "An IPv6 address stands in brackets: [::1]:3000.")
                }
                return value
            },
            write: \.description)
    }
}

extension SettingKind where Value == DatabaseURL {
    /// A database.
    static var database: SettingKind {
        SettingKind(
            unit: "URL", expects: "postgresql://USER@HOST:PORT/DATABASE or sqlite:PATH",
            one: { (text: String) throws(SettingRefusal) -> DatabaseURL in
                guard let value = DatabaseURL(text) else {
                    throw SettingRefusal("begins with neither")
                }
                return value
            },
            write: \.description)
    }
}
